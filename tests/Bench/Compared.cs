using Npgsql;

namespace Bench;

/// <summary>A list through the gateway beside the SQL of its page, each read to the last row.</summary>
internal static class Compared
{
    /// <param name="path">Of call number so and so: different nodes and words.</param>
    /// <param name="sql">The SQL of the same page; behind row-level security.</param>
    /// <param name="trail">The page shows names: its SQL also writes a line in the trail for each of the fifty.</param>
    public static async Task RunAsync(RegistryNode node, string name, string role, string org, int calls,
        Func<int, string> path, Func<int, string> sql, bool trail = false)
    {
        using var client = node.Client(role, org);
        string Page(int call) => trail ? WithTrail(sql(call)) : sql(call);
        var each = await Say.InTurnAsync(calls,
            i => client.GetByteArrayAsync(path(i)),
            i => RawAsync(node.Source, Page(i)),
            i => RawAsync(node.Service, Page(i), org),
            i => trail ? RawAsync(node.Source, sql(i)) : Task.CompletedTask);
        var (full, raw, told, alone) = (each[0], each[1], each[2], each[3]);
        Say.Line($"{name}: p50 {full.At(0.5):F2} ms, p95 {full.At(0.95):F2} ms");
        Say.Line($"  raw SQL {raw.At(0.5):F2} and {raw.At(0.95):F2} ms; ratio {full.At(0.5) / raw.At(0.5):F1} "
            + $"(goal 3); under row-level security {told.At(0.5):F2} and {told.At(0.95):F2} ms; ratio "
            + $"{full.At(0.5) / told.At(0.5):F1}");
        if (trail) Say.Line($"  without its lines in the trail {alone.At(0.5):F2} and {alone.At(0.95):F2} ms");
    }

    // One round trip, read to its end; with a scope the service's own role is told it first.
    private static async Task RawAsync(NpgsqlDataSource source, string sql, string? scope = null)
    {
        await using var batch = source.CreateBatch();
        if (scope is not null)
        {
            batch.BatchCommands.Add(new("select set_config('platform.scope', $1, true)")
            {
                Parameters = { new() { Value = scope } },
            });
        }
        batch.BatchCommands.Add(new(sql));
        await using var reader = await batch.ExecuteReaderAsync();
        if (scope is not null) await reader.NextResultAsync();
        while (await reader.ReadAsync()) reader.GetValue(0);
    }

    private static string WithTrail(string sql) => $"""
        with page as ({sql}),
        noted as (
            insert into audit (id, at, actor, actor_name, actor_org, trace_id, subject_kind, subject_id, subject_path,
                               action)
            select (lpad(to_hex((extract(epoch from clock_timestamp()) * 1000)::bigint), 12, '0')
                    || substr(md5(random()::text), 1, 20))::uuid, now(), gen_random_uuid(), 'bench', '140000/', 'trace',
                   'outbound-card', id, '140000/141000/141022/', 'ListShown' from page limit 50)
        select * from page
        """;
}
