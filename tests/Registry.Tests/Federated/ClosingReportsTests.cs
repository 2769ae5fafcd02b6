using System.Text.Json;
using static Registry.Tests.Federated.TierFederation;

namespace Registry.Tests.Federated;

/// <summary>Closings climb tier by tier: each tier publishes its table and knows who has not reported.</summary>
[Collection(TierCollection.Name)]
public sealed class ClosingReportsTests(TierFederation tiers)
{
    [Fact, Trait("mechanism", "M-272"), Trait("mechanism", "M-273")]
    public async Task A_countys_closing_reaches_city_and_province_which_publish_it_and_name_who_is_missing()
    {
        foreach (var region in new[] { OwnNode, OwnNode, Home }) await tiers.MemberAsync(region);
        foreach (var region in new[] { OwnNode, Home })
            await tiers.NodeOf(region).HeldSinceAsync(new(2026, 3, 10));
        var own = await CloseAsync(OwnNode, "2026-03-01");
        var home = await CloseAsync(Home, "2026-03-01");
        Assert.True(Headcount(own) > 1 && Headcount(home) > 0);
        foreach (var (tier, scope) in new[] { ("141000", City), ("140000", Province) })
        {
            await EventuallyAsync($"{tier} has both closings", async () =>
                (await TableAsync(tier, scope)).GetProperty("rows").GetArrayLength() == 2);
            var table = await TableAsync(tier, scope);
            Assert.Equal([Hash(home), Hash(own)], table.GetProperty("rows").EnumerateArray().Select(Hash));
            Assert.Equal(Headcount(own) + Headcount(home), table.GetProperty("total").GetProperty("headcount")
                .GetInt64());
            var missing = table.GetProperty("missing").EnumerateArray().Select(m => m.GetProperty("path").GetString())
                .ToList();
            Assert.Contains($"{City}{Neighbour}/", missing);
            Assert.DoesNotContain($"{City}{OwnNode}/", missing);
            Assert.Equal(scope == Province, missing.Contains("140000/140100/140105/"));
        }
        var workbook = await tiers.NodeOf("140000").As("analyst", Province).PostAsync("/api/v1/exports/published-table",
            new { reason = "发布月报", month = "2026-03", tier = 2, format = "csv" });
        var all = Headcount(own) + Headcount(home);
        var lines = workbook.Text.Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Contains("本乡本土流动", lines[0], StringComparison.Ordinal);
        Assert.Equal(4, lines.Length);
        Assert.Contains($"合计,0,{all},0,{all},", lines[3].Replace("—", "0",
            StringComparison.Ordinal), StringComparison.Ordinal);
        var refused = await tiers.NodeOf("140000").As("analyst", Province)
            .GetAsync($"/api/v1/closings/{own.GetProperty("id").GetGuid()}/list?figure=headcount");
        Assert.Equal("CLOSING_KEPT_ELSEWHERE", refused.Code);

        var amended = await CloseAsync(OwnNode, "2026-03-01", "三月更正");
        await EventuallyAsync("the province publishes the amended one", async () =>
            (await TableAsync("140000", Province)).GetProperty("rows").EnumerateArray()
                .Any(r => Hash(r) == Hash(amended)));
        var history = (await tiers.NodeOf("140000").As("auditor", Province)
            .GetAsync($"/api/v1/closings?region={OwnNode}")).Ok;
        Assert.Equal([Hash(own), Hash(amended)], history.GetProperty("closings").EnumerateArray().Select(Hash));
        Assert.Empty(history.GetProperty("chainBreaks").EnumerateArray());
        foreach (var node in new[] { "140000", "141000", OwnNode })
            Assert.Equal("", await tiers.NodeOf(node).DeskAsync());
    }

    private async Task<JsonElement> CloseAsync(string region, string month, string? reason = null) =>
        (await tiers.At(region, "committee-clerk").PostAsync("/api/v1/closings",
            new { organisationId = tiers.PlaceOf(region).Top, month, reason })).Ok;

    private async Task<JsonElement> TableAsync(string tier, string scope) => (await tiers.NodeOf(tier)
        .As("analyst", scope).GetAsync("/api/v1/published-tables?month=2026-03&tier=2")).Ok;

    private static string Hash(JsonElement closing) => closing.GetProperty("hash").GetString()!;

    private static long Headcount(JsonElement closing) => closing.GetProperty("headcount").GetInt64();
}
