using Bench.Data;

namespace Bench;

/// <summary>
/// First pages at 200,000 cases through the gateway. Raw limit: the SQL of the same page on the same connection string,
/// read to its last row.
/// </summary>
internal static class ListMeasure
{
    private const int Cases = 200_000, Calls = 300;

    public static async Task RunAsync()
    {
        await using var node = await RegistryNode.StartAsync();
        await node.FillAsync(DataPlan.Of(Cases, Cases, 4000, RegistryNode.Region));
        using (var client = node.Client("committee-clerk"))
        {
            var road = await Say.EachAsync(Calls, async _ => (await client.GetAsync("/api/v1/nothing")).Dispose());
            Say.Line($"the road alone (gateway, token, no such address): p50 {road.At(0.5):F2} ms");
        }
        await PageAsync(node, "reconciliation", "committee-clerk", "/api/v1/reconciliation", """
            select * from reconciliation where agreement in ('Matched', 'HomeOnly', 'HostOnly', 'Differs')
              and own_path >= '140000/141000/141022/' and own_path < '140000/141000/141022/~'
            order by since, id limit 51
            """, trail: true);
        await PageAsync(node, "home only, mine, 30 days", "committee-clerk",
            "/api/v1/reconciliation?agreement=homeOnly&nextBy=host&olderThanDays=30", """
            select * from reconciliation where agreement = 'HomeOnly' and next_by = 'Host'
              and own_path >= '140000/141000/141022/' and own_path < '140000/141000/141022/~'
              and since < now() - interval '30 days' order by since, id limit 51
            """, trail: true);
        await PageAsync(node, "mirrors past the limit", "analyst", "/api/v1/mirrors?pastLimit=true", """
            select * from case_mirror where agreement in ('HomeOnly', 'HostOnly') and home_region <> host_region
              and common_path >= '140000/141000/141022/' and common_path < '140000/141000/141022/~'
              and since < now() - interval '30 days' order by since, id limit 51
            """);
        await PageAsync(node, "overview", "analyst", "/api/v1/overview", """
            select home_region, host_region, agreement, count(*) from case_mirror
            where common_path >= '140000/141000/141022/' and common_path < '140000/141000/141022/~'
            group by 1, 2, 3
            """);
    }

    private static Task PageAsync(RegistryNode node, string name, string role, string path, string sql,
        bool trail = false) =>
        Compared.RunAsync(node, name, role, RegistryNode.County, Calls, _ => path, _ => sql, trail);
}
