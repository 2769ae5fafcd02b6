using Npgsql;

namespace Platform.Hosting;

/// <summary>
/// The reads that people wait for most: the caller's scope and the statement go to PostgreSQL in one round trip and one
/// transaction, behind the same row-level security as everything else. Source: P4.
/// </summary>
public static class ScopedRead
{
    /// <summary>The rows of one statement, as far as the caller may see them.</summary>
    /// <param name="source">The service's database.</param>
    /// <param name="caller">For whom; decides what row-level security lets through.</param>
    /// <param name="query">One statement with positional parameters.</param>
    /// <param name="row">Reads the row the reader stands on.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <param name="prepare">Kept by the connection: parsed and planned once. Only for statements that one plan serves
    /// well enough for every value, such as those by primary key.</param>
    public static async Task<List<T>> ReadAsync<T>(this NpgsqlDataSource source, Caller caller,
        NpgsqlBatchCommand query, Func<NpgsqlDataReader, T> row, CancellationToken ct, bool prepare = false)
    {
        await using var connection = await source.OpenConnectionAsync(ct);
        await using var batch = connection.CreateBatch();
        batch.BatchCommands.Add(new(ScopeInterceptor.LocalSql)
        {
            Parameters =
            {
                new NpgsqlParameter<string> { TypedValue = ScopeInterceptor.Scope(caller) },
                new NpgsqlParameter<string> { TypedValue = caller.MemberId?.ToString() ?? "" },
            },
        });
        batch.BatchCommands.Add(query);
        if (prepare) await batch.PrepareAsync(ct);
        await using var reader = await batch.ExecuteReaderAsync(ct);
        await reader.NextResultAsync(ct);
        var rows = new List<T>();
        while (await reader.ReadAsync(ct)) rows.Add(row(reader));
        return rows;
    }
}
