using Npgsql;

namespace Platform.Hosting;

/// <summary>
/// The reads that people wait for most: the caller's scope and the statement go to PostgreSQL in one round trip and one
/// transaction, behind the same row-level security as everything else. Its connections are its own: nothing but such
/// reads goes over them, so they keep nothing that would have to be reset, and stay warm. Source: P4.
/// </summary>
/// <param name="connection">The service's connection string.</param>
public sealed class ScopedReads(string connection) : IAsyncDisposable
{
    // Path and member id end with the transaction, and so does the choice of plan.
    private const string ScopeSql = "select set_config('platform.scope', $1, true), "
        + "set_config('platform.member', $2, true), set_config('plan_cache_mode', $3, true)";

    // Parsed and rewritten once: more statements than the lists have combinations of filters that people use.
    private const int StatementsMax = 100;

    private readonly NpgsqlDataSource _source = NpgsqlDataSource.Create(
        new NpgsqlConnectionStringBuilder(connection) { NoResetOnClose = true, MaxAutoPrepare = StatementsMax });

    /// <summary>The rows of one statement, as far as the caller may see them.</summary>
    /// <param name="caller">For whom; decides what row-level security lets through.</param>
    /// <param name="query">One statement with positional parameters.</param>
    /// <param name="row">Reads the row the reader stands on.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <param name="onePlan">One plan serves every value well, as of those by primary key: it is made once.</param>
    public async Task<List<T>> ReadAsync<T>(Caller caller, NpgsqlBatchCommand query, Func<NpgsqlDataReader, T> row,
        CancellationToken ct, bool onePlan = false)
    {
        await using var connection = await _source.OpenConnectionAsync(ct);
        await using var batch = connection.CreateBatch();
        batch.BatchCommands.Add(new(ScopeSql)
        {
            Parameters =
            {
                new NpgsqlParameter<string> { TypedValue = ScopeInterceptor.Scope(caller) },
                new NpgsqlParameter<string> { TypedValue = caller.MemberId?.ToString() ?? "" },
                new NpgsqlParameter<string> { TypedValue = onePlan ? "force_generic_plan" : "force_custom_plan" },
            },
        });
        batch.BatchCommands.Add(query);
        await using var reader = await batch.ExecuteReaderAsync(ct);
        await reader.NextResultAsync(ct);
        var rows = new List<T>();
        while (await reader.ReadAsync(ct)) rows.Add(row(reader));
        return rows;
    }

    public ValueTask DisposeAsync() => _source.DisposeAsync();
}
