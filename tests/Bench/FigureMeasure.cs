namespace Bench;

/// <summary>
/// Statistics through the gateway over a million members and 120,000 cases with both cards here, in counties of the
/// size they have at 5 million: of a county and of all. Raw limit: one count of the same rows, without security.
/// </summary>
internal static class FigureMeasure
{
    private const int Members = 1_000_000, Cases = 120_000, Counties = 20, Calls = 5;

    public static async Task RunAsync()
    {
        await using var node = await RegistryNode.StartAsync();
        await FillAsync(node, "held", Members);
        await FillAsync(node, "home", Cases);
        await FillAsync(node, "host", Cases);
        await node.SettleAsync();
        Say.Line($"{Members} members, {Cases} cases, {Counties} counties");
        foreach (var (name, org, goal) in new[] { ("county", RegistryNode.County, 1), ("province", "140000/", 5) })
        {
            using var client = node.Client("analyst", org);
            foreach (var (what, path) in new[] { ("today", "figures"), ("as of a past day", "figures?on=2026-01-31"),
                ("list of the mobile", "figures/list?figure=mobile"),
                ("list of the held", "figures/list?figure=headcount") })
            {
                var full = await Say.EachAsync(Calls, async _ => await client.GetByteArrayAsync($"/api/v1/{path}"));
                Say.Line($"{name}, {what}: p50 {full.At(0.5):F0} ms, worst {full[^1]:F0} ms (goal {goal} s)");
            }
            var raw = await Say.EachAsync(Calls, async _ =>
            {
                await using var command = node.Source.CreateCommand(
                    $"select side, count(*) from figure_span where path >= '{org}' and path < '{org}~' group by 1");
                await command.ExecuteNonQueryAsync();
            });
            Say.Line($"  raw SQL, counting the same rows: {raw.At(0.5):F0} ms");
        }
    }

    // As triggers would have left it: loaded county by county, a tenth of the rows superseded by another one.
    private static async Task FillAsync(RegistryNode node, string side, int rows)
    {
        await using var command = node.Source.CreateCommand($"""
            insert into figure_span (side, subject_id, person_id, path, region, other_region, leg, distance, occupation,
                                     sector, education, reason, began_on, from_on, recorded_at, superseded_at)
            select '{side}', gen_random_uuid(), null, '140000/' || left(county, 4) || '00/' || county || '/T' || i % 15
                       || '/B' || i % 500 || '/', county, '', 1, i % 7, 'o' || i % 40, 's' || i % 10, 'e' || i % 18,
                   'r' || i % 8,
                   date '2020-01-01' + i % 2200, date '2020-01-01' + i % 2200, timestamptz '2026-06-01',
                   case when i % 11 = 0 then timestamptz '2026-06-02' end
            from (select i, '14' || lpad((i / {rows / Counties} / 10 + 9)::text, 2, '0')
                            || lpad((i / {rows / Counties} % 10 + 21)::text, 2, '0') as county
                  from generate_series(0, {rows} - 1) i) r
            """);
        command.CommandTimeout = 1200;
        await command.ExecuteNonQueryAsync();
    }
}
