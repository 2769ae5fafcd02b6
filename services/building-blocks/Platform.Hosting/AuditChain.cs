using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Platform.Hosting;

/// <summary>
/// Chains audit rows: each sealed row's hash covers the previous hash and the row, so that a changed, removed or
/// inserted row breaks every later one. Rows are sealed within about a second of the change, in one place, so that
/// writers never wait for each other. Source: P5, R-171.
/// </summary>
public static class AuditChain
{
    private const string Columns = """
        id, at, actor, actor_name, actor_org, on_behalf_of, subject_kind, subject_id, subject_path, action, reason,
        command_id, body, trace_id
        """;

    /// <summary>Seals up to <paramref name="limit"/> unsealed rows; returns how many.</summary>
    public static async Task<int> SealAsync(NpgsqlDataSource source, int limit, CancellationToken ct)
    {
        await using var connection = await source.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        await SetServiceScopeAsync(connection, ct);
        long position;
        byte[] hash;
        await using (var head = new NpgsqlCommand("select position, hash from audit_head for update", connection))
        await using (var reader = await head.ExecuteReaderAsync(ct))
        {
            await reader.ReadAsync(ct);
            (position, hash) = (reader.GetInt64(0), reader.GetFieldValue<byte[]>(1));
        }
        var (ids, positions, hashes) = (new List<Guid>(), new List<long>(), new List<byte[]>());
        var sql = $"select {Columns} from audit where position is null order by id limit {limit}";
        await using (var select = new NpgsqlCommand(sql, connection))
        await using (var reader = await select.ExecuteReaderAsync(ct))
        {
            while (await reader.ReadAsync(ct))
            {
                hash = HashOf(++position, hash, reader);
                ids.Add(reader.GetGuid(0));
                positions.Add(position);
                hashes.Add(hash);
            }
        }
        if (ids.Count == 0) return 0;
        await using var update = new NpgsqlCommand("""
            update audit set position = s.position, hash = s.hash
            from unnest($1, $2, $3) as s(id, position, hash) where audit.id = s.id
            """, connection)
        { Parameters = { new() { Value = ids }, new() { Value = positions }, new() { Value = hashes } } };
        await update.ExecuteNonQueryAsync(ct);
        await using var move = new NpgsqlCommand("update audit_head set position = $1, hash = $2", connection)
        { Parameters = { new() { Value = position }, new() { Value = hash } } };
        await move.ExecuteNonQueryAsync(ct);
        await transaction.CommitAsync(ct);
        return ids.Count;
    }

    /// <summary>
    /// Recomputes the chain. Null when it holds; else one sentence naming the first position at fault.
    /// </summary>
    public static async Task<string?> VerifyAsync(NpgsqlDataSource source, CancellationToken ct)
    {
        await using var connection = await source.OpenConnectionAsync(ct);
        await using var transaction = await connection
            .BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, ct);
        await SetServiceScopeAsync(connection, ct);
        var (expected, hash) = (0L, new byte[32]);
        var sql = $"select {Columns}, position, hash from audit where position is not null order by position";
        await using (var select = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 })
        await using (var reader = await select.ExecuteReaderAsync(ct))
        {
            while (await reader.ReadAsync(ct))
            {
                var found = reader.GetInt64(14);
                if (found != ++expected) return $"Position {expected} is missing; the next one present is {found}.";
                hash = HashOf(expected, hash, reader);
                if (!hash.AsSpan().SequenceEqual(reader.GetFieldValue<byte[]>(15)))
                    return $"Position {expected} (row {reader.GetGuid(0)}) was changed after it was sealed.";
            }
        }
        await using var head = new NpgsqlCommand("select position, hash from audit_head", connection);
        await using var last = await head.ExecuteReaderAsync(ct);
        await last.ReadAsync(ct);
        return last.GetInt64(0) == expected && last.GetFieldValue<byte[]>(1).AsSpan().SequenceEqual(hash) ? null
            : $"The chain ends at position {expected}, its head says {last.GetInt64(0)}: rows at the end are missing.";
    }

    private static async Task SetServiceScopeAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        await using var scope = new NpgsqlCommand("select set_config('platform.scope', '*', true)", connection);
        await scope.ExecuteNonQueryAsync(ct);
    }

    // Every column is written with a presence byte and a length, so that no two different rows share one encoding.
    private static byte[] HashOf(long position, byte[] previous, NpgsqlDataReader row)
    {
        using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        sha.AppendData(previous);
        Span<byte> number = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(number, position);
        sha.AppendData(number);
        for (var i = 0; i < 14; i++)
        {
            byte[]? value = row.IsDBNull(i) ? null : row.GetFieldValue<object>(i) switch
            {
                Guid id => id.ToByteArray(bigEndian: true),
                DateTime at => Encoding.ASCII.GetBytes(at.ToUniversalTime().ToString("O")),
                string text => Encoding.UTF8.GetBytes(text),
                byte[] bytes => bytes,
                var other => throw new InvalidOperationException($"Column {i} has type {other.GetType().Name}."),
            };
            BinaryPrimitives.WriteInt64BigEndian(number, value?.Length ?? -1);
            sha.AppendData(number);
            if (value is not null) sha.AppendData(value);
        }
        return sha.GetHashAndReset();
    }
}

/// <summary>Seals new audit rows about once a second.</summary>
public sealed partial class AuditSealer(NpgsqlDataSource source, ILogger<AuditSealer> logger) : BackgroundService
{
    private const int BatchCount = 2000;
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (await AuditChain.SealAsync(source, BatchCount, stoppingToken) < BatchCount)
                    await Task.Delay(Idle, stoppingToken);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailed(logger, e.GetType().Name);
                await Task.Delay(Idle, stoppingToken);
            }
        }
    }

    [LoggerMessage(1020, LogLevel.Warning, "Audit rows could not be sealed now: {ExceptionCode}")]
    private static partial void LogFailed(ILogger logger, string exceptionCode);
}
