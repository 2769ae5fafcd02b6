using System.Globalization;
using Bench.Data;

namespace Bench;

/// <summary>
/// Statistics through the gateway over a million members and 120,000 cases, in counties of the size they have at
/// 5 million: of a county and of all. Raw limit: one count of the same rows, without security.
/// </summary>
internal static class FigureMeasure
{
    private const int Members = 1_000_000, Cases = 120_000, Counties = 20, Calls = 5;

    public static async Task RunAsync()
    {
        await using var node = await RegistryNode.StartAsync();
        var plan = DataPlan.Of(Members, Cases, Members / 50, countiesMax: Counties);
        await node.FillAsync(plan);
        await RunAsync(node, plan, Calls);
    }

    /// <summary>Each county in turn, then the province.</summary>
    public static async Task RunAsync(RegistryNode node, DataPlan plan, int calls)
    {
        var past = plan.Today.AddDays(-300).ToString("O", CultureInfo.InvariantCulture);
        foreach (var (name, goal) in new[] { ("county", 1), ("province", 5) })
        {
            string Of(int call) => name == "county" ? $"region={plan.Counties[call % plan.Counties.Count]}&" : "";
            using var client = node.Client("analyst", "140000/");
            foreach (var (what, path, query) in new[] { ("today", "figures", ""),
                ("as of a past day", "figures", $"on={past}"),
                ("list of the mobile", "figures/list", "figure=mobile"),
                ("list of the held", "figures/list", "figure=headcount") })
            {
                var full = await Say.EachAsync(calls, async call =>
                    await client.GetByteArrayAsync($"/api/v1/{path}?{Of(call)}{query}"));
                Say.Line($"{name}, {what}: p50 {full.At(0.5):F0} ms, worst {full[^1]:F0} ms (goal {goal} s)");
            }
            var org = name == "county" ? Registry.Organisations.Regions.PathOf(plan.Counties[0]) : "140000/";
            var raw = await Say.EachAsync(calls, async _ =>
            {
                await using var command = node.Source.CreateCommand(
                    $"select side, count(*) from figure_span where path >= '{org}' and path < '{org}~' group by 1");
                await command.ExecuteNonQueryAsync();
            });
            Say.Line($"  raw SQL, counting the same rows: {raw.At(0.5):F0} ms");
        }
    }
}
