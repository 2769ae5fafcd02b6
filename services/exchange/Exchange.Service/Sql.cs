using Npgsql;
using NpgsqlTypes;

namespace Exchange.Service;

/// <summary>Short forms for the batches of this service: positional parameters, one statement for many rows.</summary>
internal static class Sql
{
    public static NpgsqlCommand Command(NpgsqlConnection connection, string text, params ReadOnlySpan<object?> values)
    {
        var command = new NpgsqlCommand(text, connection);
        foreach (var value in values) command.Parameters.Add(Parameter(value));
        return command;
    }

    public static async Task<int> RunAsync(
        NpgsqlConnection connection, string text, CancellationToken ct, params object?[] values)
    {
        await using var command = Command(connection, text, values);
        return await command.ExecuteNonQueryAsync(ct);
    }

    public static async Task<T?> ScalarAsync<T>(
        NpgsqlConnection connection, string text, CancellationToken ct, params object?[] values)
    {
        await using var command = Command(connection, text, values);
        return await command.ExecuteScalarAsync(ct) is T value ? value : default;
    }

    public static async Task<List<T>> ListAsync<T>(
        NpgsqlConnection connection, string text, Func<NpgsqlDataReader, T> read,
        CancellationToken ct, params object?[] values)
    {
        await using var command = Command(connection, text, values);
        return await ListAsync(command, read, ct);
    }

    public static async Task<List<T>> ListAsync<T>(
        NpgsqlCommand command, Func<NpgsqlDataReader, T> read, CancellationToken ct)
    {
        var rows = new List<T>();
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct)) rows.Add(read(reader));
        return rows;
    }

    public static string? Text(this NpgsqlDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : reader.GetString(column);

    public static byte[] Bytes(this NpgsqlDataReader reader, int column) => reader.GetFieldValue<byte[]>(column);

    public static DateTimeOffset? Instant(this NpgsqlDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : reader.GetFieldValue<DateTimeOffset>(column);

    public static Digest Digest(this NpgsqlDataReader reader, int column) =>
        Exchange.Digest.Read(reader.GetFieldValue<byte[]>(column)) ?? Exchange.Digest.Zero;

    private static NpgsqlParameter Parameter(object? value) => value switch
    {
        null => new() { Value = DBNull.Value },
        string?[] texts => new() { Value = texts, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text },
        long?[] numbers => new() { Value = numbers, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bigint },
        _ => new() { Value = value },
    };
}
