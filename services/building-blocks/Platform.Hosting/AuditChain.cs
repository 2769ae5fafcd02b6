using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Platform.Hosting;

/// <summary>
/// Chains audit rows: each sealed row's hash covers the previous hash and the row, so that a changed, removed or
/// inserted row breaks every later one. Rows are sealed within about a second of the change, in one place, so that
/// writers never wait for each other; a load seals its own just before it commits. Source: P5, R-171.
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
        var (position, hash) = await HeadAsync(connection, ct);
        var row = new ArrayBufferWriter<byte>(1024);
        var (ids, positions, hashes) = (new List<Guid>(), new List<long>(), new List<byte[]>());
        var sql = $"select {Columns} from audit where position is null order by id limit {limit}";
        await using (var select = new NpgsqlCommand(sql, connection))
        await using (var reader = await select.ExecuteReaderAsync(ct))
        {
            while (await reader.ReadAsync(ct))
            {
                hash = HashOf(row, ++position, hash, reader);
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
        await MoveAsync(connection, position, hash, ct);
        await transaction.CommitAsync(ct);
        return ids.Count;
    }

    /// <summary>
    /// Chains rows that are about to be inserted in the transaction that is open on the connection: for loads, whose
    /// rows would each be written twice otherwise. Keeps the end of the chain locked until the commit, which must
    /// follow at once, and nothing else may be waited for in between.
    /// </summary>
    internal static async Task SealAsync(NpgsqlConnection connection, SetWrite.TableRows rows, CancellationToken ct)
    {
        var (position, hash) = await HeadAsync(connection, ct);
        var columns = Columns.Split(',', StringSplitOptions.TrimEntries).Select(rows.ValuesOf).ToArray();
        var (positions, hashes) = (rows.ValuesOf("position"), rows.ValuesOf("hash"));
        var row = new ArrayBufferWriter<byte>(1024);
        for (var i = 0; i < positions.Length; i++)
        {
            Begin(row, ++position, hash);
            foreach (var column in columns) Append(row, column.GetValue(i));
            hash = SHA256.HashData(row.WrittenSpan);
            positions.SetValue(position, i);
            hashes.SetValue(hash, i);
        }
        await MoveAsync(connection, position, hash, ct);
    }

    private static async Task<(long Position, byte[] Hash)> HeadAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        await using var head = new NpgsqlCommand("select position, hash from audit_head for update", connection);
        await using var reader = await head.ExecuteReaderAsync(ct);
        await reader.ReadAsync(ct);
        return (reader.GetInt64(0), reader.GetFieldValue<byte[]>(1));
    }

    private static async Task MoveAsync(NpgsqlConnection connection, long position, byte[] hash, CancellationToken ct)
    {
        await using var move = new NpgsqlCommand("update audit_head set position = $1, hash = $2", connection)
        { Parameters = { new() { Value = position }, new() { Value = hash } } };
        await move.ExecuteNonQueryAsync(ct);
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
        var (expected, hash, row) = (0L, new byte[32], new ArrayBufferWriter<byte>(1024));
        var sql = $"select {Columns}, position, hash from audit where position is not null order by position";
        await using (var select = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 })
        await using (var reader = await select.ExecuteReaderAsync(ct))
        {
            while (await reader.ReadAsync(ct))
            {
                var found = reader.GetInt64(14);
                if (found != ++expected) return $"Position {expected} is missing; the next one present is {found}.";
                hash = HashOf(row, expected, hash, reader);
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

    private static byte[] HashOf(ArrayBufferWriter<byte> row, long position, byte[] previous, NpgsqlDataReader reader)
    {
        Begin(row, position, previous);
        for (var i = 0; i < 14; i++) Append(row, reader.IsDBNull(i) ? null : reader.GetFieldValue<object>(i));
        return SHA256.HashData(row.WrittenSpan);
    }

    private static void Begin(ArrayBufferWriter<byte> row, long position, byte[] previous)
    {
        row.ResetWrittenCount();
        row.Write(previous);
        AppendNumber(row, position);
    }

    // Every column is written with its length, -1 for none, so that no two different rows share one encoding.
    private static void Append(ArrayBufferWriter<byte> row, object? column)
    {
        switch (column)
        {
            case null:
                AppendNumber(row, -1);
                break;
            case Guid id:
                AppendNumber(row, 16);
                id.TryWriteBytes(row.GetSpan(16), bigEndian: true, out _);
                row.Advance(16);
                break;
            case DateTime at:
                AppendInstant(row, at);
                break;
            case DateTimeOffset at:
                AppendInstant(row, at.UtcDateTime);
                break;
            case string text:
                AppendNumber(row, Encoding.UTF8.GetByteCount(text));
                Encoding.UTF8.GetBytes(text, row);
                break;
            case byte[] bytes:
                AppendNumber(row, bytes.Length);
                row.Write(bytes);
                break;
            default:
                throw new InvalidOperationException($"A column has type {column.GetType().Name}.");
        }
    }

    private static void AppendNumber(ArrayBufferWriter<byte> row, long number)
    {
        BinaryPrimitives.WriteInt64BigEndian(row.GetSpan(8), number);
        row.Advance(8);
    }

    // As it comes back from the database, which keeps microseconds.
    private static void AppendInstant(ArrayBufferWriter<byte> row, DateTime at)
    {
        Span<byte> text = stackalloc byte[40];
        at.ToUniversalTime().AddTicks(-(at.Ticks % TimeSpan.TicksPerMicrosecond))
            .TryFormat(text, out var length, "O", CultureInfo.InvariantCulture);
        AppendNumber(row, length);
        row.Write(text[..length]);
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
