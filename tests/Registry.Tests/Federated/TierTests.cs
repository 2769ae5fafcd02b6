using System.Text.Json;
using Google.Protobuf;
using Microsoft.Extensions.DependencyInjection;
using Platform.Hosting;
using Registry.Service;
using Registry.Service.Capabilities;
using static Registry.Tests.Federated.Journey;
using static Registry.Tests.Federated.TierFederation;
using V1 = Platform.Contracts.Registry.V1;

namespace Registry.Tests.Federated;

/// <summary>What the tiers above see by themselves: who has not done his part, how long, how many.</summary>
[Collection(TierCollection.Name)]
public sealed class TierTests(TierFederation tiers)
{
    private static readonly TimeSpan PastTheLimit = TimeSpan.FromDays(31);

    [Fact, Trait("mechanism", "M-002"), Trait("mechanism", "M-110")]
    public async Task A_case_between_two_counties_of_a_city_comes_to_the_city_when_one_side_stays_silent()
    {
        var silent = await NoticedAsync(tiers, Home, Neighbour);
        var answered = await AdmittedAsync(tiers, Home, Neighbour);
        await EventuallyAsync("the city has both reports", async () => await LineAsync(TimeSpan.Zero, City, silent.Case)
            is not null && (await LineAsync(TimeSpan.Zero, City, answered.Case, "matched")) is not null);
        Assert.Null(await LineAsync(TimeSpan.Zero, City, silent.Case, pastLimit: true));

        var late = await LineAsync(PastTheLimit, City, silent.Case, pastLimit: true);
        Assert.Equal(("homeOnly", "host", true, 31), (Text(late!.Value, "agreement"), Text(late.Value, "missingSide"),
            late.Value.GetProperty("pastLimit").GetBoolean(), late.Value.GetProperty("ageDays").GetInt32()));
        Assert.Null(await LineAsync(PastTheLimit, City, answered.Case, pastLimit: true));
        // Each county alone sees its own cards, not what the tier above coordinates.
        Assert.Null(await LineAsync(PastTheLimit, $"{City}{Home}/", silent.Case, pastLimit: true));
    }

    [Fact, Trait("mechanism", "M-002"), Trait("mechanism", "M-110")]
    public async Task A_case_between_two_cities_comes_to_the_province_and_names_the_side_that_owes()
    {
        var member = await tiers.MemberAsync(OwnNode);
        var journey = new Journey(tiers, OwnNode, member.Id);
        await journey.TurnUpAsync(Host, member.IdNumber);
        await EventuallyAsync("the province has the host's report", async () =>
            await LineAsync(TimeSpan.Zero, Province, journey.Case, "hostOnly") is not null);
        var late = await LineAsync(PastTheLimit, Province, journey.Case, pastLimit: true);
        Assert.Equal(("hostOnly", "home"), (Text(late!.Value, "agreement"), Text(late.Value, "missingSide")));
        Assert.Null(await LineAsync(PastTheLimit, City, journey.Case, pastLimit: true));
    }

    [Fact]
    public async Task The_city_knows_how_many_members_its_counties_hold_and_how_many_are_on_the_move()
    {
        await AdmittedAsync(tiers, Neighbour, Home);
        async Task<JsonElement> OverviewAsync(string scope) =>
            (await tiers.NodeOf(Home).As("analyst", scope).GetAsync("/api/v1/overview")).Ok;
        long Held(JsonElement overview) => overview.GetProperty("headcount").GetInt64();
        await EventuallyAsync("the city counts it", async () => (await OverviewAsync(City)).GetProperty("tallies")
            .EnumerateArray().Any(t => Text(t, "region") == Neighbour && t.GetProperty("out").GetInt32() > 0
                && t.GetProperty("matched").GetInt32() > 0));
        var city = await OverviewAsync(City);
        Assert.True(Held(city) > 0);
        Assert.Equal(Held(await OverviewAsync($"{City}{Home}/")) + Held(await OverviewAsync($"{City}{Neighbour}/")),
            Held(city));
        // Each count opens its list.
        var tally = city.GetProperty("tallies").EnumerateArray().Single(t => Text(t, "region") == Neighbour);
        var list = (await tiers.NodeOf(Home).As("analyst", City).GetAsync(
            $"{Text(tally, "list")}&agreement=matched&size=200")).Ok.GetProperty("items").GetArrayLength();
        Assert.Equal(tally.GetProperty("matched").GetInt32(), list);
    }

    [Fact, Trait("mechanism", "M-147")]
    public async Task Above_both_sides_it_is_listed_and_counted_whom_a_host_turned_away_and_whom_it_left_unanswered()
    {
        var before = await UnansweredAsync();
        var silent = await NoticedAsync(tiers, Home, Third);
        var refused = await NoticedAsync(tiers, Home, Third);
        await refused.HostStepAsync("not-found", new { why = "电话不通，查无此人" });
        var answered = await AdmittedAsync(tiers, Home, Third);
        await EventuallyAsync("the province has all reports", async () =>
            await LineAsync(TimeSpan.Zero, Province, answered.Case, "matched") is not null
            && await LineAsync(TimeSpan.Zero, Province, refused.Case, "homeOnly") is { } r
            && Text(r, "hostStatus") == "notFound" && Text(r, "homeStatus") == "notFound");
        Assert.Equal("noticed", Text((await LineAsync(TimeSpan.Zero, Province, silent.Case, "homeOnly"))!.Value,
            "hostStatus"));
        Assert.Equal(before + 2, await UnansweredAsync());
    }

    [Fact]
    public async Task A_region_may_not_report_for_the_other_side()
    {
        await using var scope = tiers.NodeOf("140000").Services.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<CallerContext>().Current = Caller.Service;
        var report = new V1.SideReport
        {
            CaseId = Guid.CreateVersion7().ToString(), Leg = 1, HomeRegion = Home, HostRegion = Host, IsHome = false,
            Status = "Admitted", Stands = true, Open = true, Version = 1, At = "2026-03-01T00:00:00Z",
        };
        var refused = await Assert.ThrowsAsync<ProblemException>(() => scope.ServiceProvider
            .GetRequiredService<ApplyArrival>().RunAsync(new()
            {
                MessageId = Guid.CreateVersion7().ToString(), FromRegion = Home, Type = CaseWire.ReportType,
                Payload = report.ToByteString(),
            }, TestContext.Current.CancellationToken));
        Assert.Equal("CASE_WRONG_SPEAKER", refused.Problem.Code);
    }

    [Fact, Trait("mechanism", "M-288"), Trait("mechanism", "M-272")]
    public async Task What_a_county_registers_climbs_tier_by_tier_and_each_tier_counts_it()
    {
        var before = await TallyAsync("140000", Province, OwnNode);
        await AdmittedAsync(tiers, OwnNode, Host);
        await EventuallyAsync("the province counts it", async () => (await TallyAsync("140000", Province, OwnNode))
            is var now && (now.Out, now.Matched) == (before.Out + 1, before.Matched + 1));
        var inside = await AdmittedAsync(tiers, OwnNode, Home);
        foreach (var (tier, scope) in new[] { ("141000", City), ("140000", Province) })
        {
            await EventuallyAsync($"{tier} lists the case inside the city", async () =>
                await LineAsync(TimeSpan.Zero, scope, inside.Case, "matched", tier: tier) is not null);
        }
        foreach (var node in new[] { "140000", "141000", OwnNode })
            Assert.Equal("", await tiers.NodeOf(node).DeskAsync());
    }

    /// <summary>The case's line in the list of a tier, asked some time later; null when it is not there.</summary>
    private async Task<JsonElement?> LineAsync(TimeSpan later, string scope, Guid of, string? agreement = null,
        bool pastLimit = false, string? tier = null)
    {
        var node = tiers.NodeOf(tier ?? (scope == Province ? "140000" : "141000"));
        var query = $"/api/v1/mirrors?size=200{(pastLimit ? "&pastLimit=true" : "")}"
            + (agreement is null ? "" : $"&agreement={agreement}");
        var reply = later == TimeSpan.Zero ? await node.As("supervisor", scope).GetAsync(query)
            : await node.LaterAsync(later, "supervisor", scope, query);
        var lines = reply.Ok.GetProperty("items").EnumerateArray().Where(l => l.GetProperty("caseId").GetGuid() == of)
            .ToList();
        return lines.Count == 0 ? null : lines[0];
    }

    private async Task<int> UnansweredAsync() =>
        (await tiers.NodeOf("140000").As("supervisor", Province)
            .GetAsync($"/api/v1/mirrors?region={Third}&side=host&agreement=homeOnly&size=200")).Ok
            .GetProperty("items").GetArrayLength();

    private async Task<(int Out, int Matched)> TallyAsync(string tier, string scope, string region)
    {
        var tally = (await tiers.NodeOf(tier).As("analyst", scope).GetAsync("/api/v1/overview")).Ok
            .GetProperty("tallies").EnumerateArray().FirstOrDefault(t => Text(t, "region") == region);
        return tally.ValueKind == JsonValueKind.Undefined ? default
            : (tally.GetProperty("out").GetInt32(), tally.GetProperty("matched").GetInt32());
    }
}
