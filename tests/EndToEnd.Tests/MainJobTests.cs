using System.Text.Json;
using Platform.Seeds;
using static EndToEnd.Tests.DemoFederation;

namespace EndToEnd.Tests;

/// <summary>
/// The main job on real servers: a roster with wrong rows goes in, members go out from one county to another through
/// the province hub, most are admitted, some turn up first at the host, some are never answered, and all three nodes
/// say so.
/// </summary>
[Collection(DemoCollection.Name)]
public sealed class MainJobTests(DemoFederation demo)
{
    private const int Members = 1000, Wrong = 60, Noticed = 170, Admitted = 150, HostFirst = 30;
    private const string Unanswered = "20";

    [Fact]
    [Trait("mechanism", "M-080"), Trait("mechanism", "M-076"), Trait("mechanism", "M-109"), Trait("mechanism", "M-110")]
    [Trait("mechanism", "M-272"), Trait("mechanism", "M-286"), Trait("mechanism", "M-087"), Trait("mechanism", "M-085")]
    [Trait("mechanism", "M-124"), Trait("mechanism", "M-125"), Trait("mechanism", "M-138")]
    public async Task Two_hundred_members_go_out_and_the_lists_of_three_nodes_say_exactly_who_answered()
    {
        var branch = await demo.MobileBranchAsync(Host);
        await demo.MobileBranchAsync(Home);
        var before = await StandAsync();
        var members = await LoadRosterAsync();
        Assert.Equal(Members - Wrong, members.Count);
        await SendOutAsync(members[..Noticed], Host);
        var worklist = await WorklistAsync(Noticed);
        await Parallel.ForEachAsync(worklist[..Admitted], Four, async (card, ct) =>
            await AdmitAsync(Host, card, branch));
        await TurnUpAtHostAsync(members[Noticed..(Noticed + HostFirst)], branch);

        await EventuallyAsync("home knows every answer", async () =>
            (await CountAsync(Home, "matched")) == before.Matched + Admitted + HostFirst
                && (await CountAsync(Home, "homeOnly")) == Noticed - Admitted);
        Assert.Equal(before.Matched + Admitted + HostFirst, await CountAsync(Host, "matched"));
        Assert.Equal(Noticed - Admitted, await CountAsync(Host, "homeOnly"));
        await EventuallyAsync("the province sees the same", async () => await TallyAsync(Home) is { } t
            && (t.Out, t.Matched, t.HomeOnly, t.HostOnly) == (before.Out + Noticed + HostFirst,
                before.Matched + Admitted + HostFirst, Noticed - Admitted, 0));
        var host = (await TallyAsync(Host))!;
        Assert.Equal((before.Out + Noticed + HostFirst, 0), (host.In, host.Out));
        await ProvinceListHasNoNamesAsync();
        await TheTraceCrossesAsync();
        await FeedbackAndReturnAsync();
        await TwoRegionsOfOneNodeAsync();
    }

    private static ParallelOptions Four => new() { MaxDegreeOfParallelism = 4 };

    /// <summary>What other tests left behind, all of it matched; once the province counts it too.</summary>
    private async Task<Tally> StandAsync()
    {
        var matched = await CountAsync(Home, "matched");
        var stand = new Tally(0, 0, 0, 0, 0);
        await EventuallyAsync("the province counts what was there before", async () =>
            (stand = await TallyAsync(Home) ?? stand).Matched == matched);
        return stand;
    }

    private async Task<List<Guid>> LoadRosterAsync()
    {
        var before = await MembersAsync();
        var made = RosterMaker.Make(new(Home, Members, Wrong, Seed: 7, []), SeedFolder.Find());
        var clerk = demo.At(Home, "committee-clerk");
        var dry = (await clerk.UploadAsync($"/api/v1/rosters?region={Home}&fileName=r.xlsx&dryRun=true", made.File)).Ok;
        Assert.Equal((Members - Wrong, Wrong),
            (dry.GetProperty("membersAccepted").GetInt32(), dry.GetProperty("refused").GetInt32()));
        var found = dry.GetProperty("problems").EnumerateArray()
            .Where(p => !p.GetProperty("warningOnly").GetBoolean())
            .Select(p => (p.GetProperty("row").GetInt32(), p.GetProperty("rule").GetString()!)).ToHashSet();
        Assert.All(made.Expected, e => Assert.Contains((e.Row, e.Rule), found));
        var load = await clerk.UploadAsync($"/api/v1/rosters?region={Home}&fileName=r.xlsx", made.File);
        Assert.Equal(200, (await clerk.GetAsync($"/api/v1/rosters/{load.Id("loadId")}/errors")).Status);
        return [.. (await MembersAsync()).Except(before)];
    }

    private async Task<List<Guid>> MembersAsync()
    {
        var (clerk, ids) = (demo.At(Home, "committee-clerk"), new List<Guid>());
        for (string? after = null; ;)
        {
            var page = (await clerk.GetAsync($"/api/v1/members?size=200{(after is null ? "" : $"&after={after}")}")).Ok;
            ids.AddRange(page.GetProperty("items").EnumerateArray().Select(m => m.GetProperty("id").GetGuid()));
            if ((after = page.GetProperty("next").GetString()) is null) return ids;
        }
    }

    private Task SendOutAsync(IEnumerable<Guid> members, string to, string from = Home)
    {
        var secretary = demo.At(from, "branch-secretary");
        var clerk = demo.At(from, "committee-clerk");
        return Parallel.ForEachAsync(members, Four, async (member, ct) =>
        {
            var id = (await secretary.PostAsync("/api/v1/outbound-cases", new
            {
                memberId = member, hostRegion = to, reason = "1", departsOn = "2026-03-01", employer = "建筑公司",
            })).Id("caseId");
            _ = (await clerk.PostAsync($"/api/v1/outbound-cases/{id}/approve")).Ok;
            _ = (await secretary.PostAsync($"/api/v1/outbound-cases/{id}/prepare",
                new { talkOn = "2026-02-20", educatedOn = "2026-02-21", contactPerson = "联系人" })).Ok;
            _ = (await secretary.PostAsync($"/api/v1/outbound-cases/{id}/notify")).Ok;
        });
    }

    private async Task<List<Guid>> WorklistAsync(int count, string region = Host)
    {
        var cards = new List<Guid>();
        await EventuallyAsync($"{count} notices are on the worklist", async () =>
        {
            var page = (await demo.At(region, "committee-clerk")
                .GetAsync("/api/v1/reconciliation?side=host&nextStep=admit&nextBy=host&size=200")).Ok;
            cards = [.. page.GetProperty("items").EnumerateArray().Select(r => r.GetProperty("cardId").GetGuid())];
            return cards.Count == count;
        });
        return cards;
    }

    private async Task AdmitAsync(string region, Guid card, Guid branch)
    {
        var clerk = demo.At(region, "committee-clerk");
        var best = (await clerk.GetAsync($"/api/v1/inbound-cases/{card}/placements")).Ok[0];
        Assert.Equal(branch, best.GetProperty("branch").GetProperty("id").GetGuid());
        _ = (await clerk.PostAsync($"/api/v1/inbound-cases/{card}/admit", new
        {
            branchId = branch, placementReason = best.GetProperty("reasonZh").GetString(), documentShown = "CRT",
            on = "2026-03-05", hostContact = "接收联系人",
        })).Ok;
    }

    private async Task TurnUpAtHostAsync(IEnumerable<Guid> members, Guid branch)
    {
        var (host, home) = (demo.At(Host, "committee-clerk"), demo.At(Home, "committee-clerk"));
        await Parallel.ForEachAsync(members, Four, async (member, ct) =>
        {
            var person = (await home.PostAsync($"/api/v1/members/{member}/reveal", new { reason = "核对" })).Ok;
            var shown = (await home.GetAsync($"/api/v1/members/{member}")).Ok;
            var card = (await host.PostAsync("/api/v1/inbound-cases", new
            {
                homeRegion = Home, hostRegion = Host, name = shown.GetProperty("name").GetString(),
                idNumber = person.GetProperty("idNumber").GetString(), phone = person.GetProperty("phone").GetString(),
                standing = shown.GetProperty("standing").GetString(), arrivedOn = "2026-03-02", documentShown = "NON",
            })).Id();
            await EventuallyAsync("home is asked", async () =>
                (await home.GetAsync($"/api/v1/cases/{card}")).Status == 200);
            _ = (await home.PostAsync($"/api/v1/outbound-cases/{card}/confirm-identity", new { })).Ok;
            await EventuallyAsync("the host hears", async () => (await host.GetAsync($"/api/v1/cases/{card}")).Ok
                .GetProperty("host")[0].GetProperty("status").GetString() == "confirmed");
            await AdmitAsync(Host, card, branch);
        });
    }

    private async Task<int> CountAsync(string region, string agreement)
    {
        var clerk = demo.At(region, "committee-clerk");
        var count = 0;
        for (string? after = null; ;)
        {
            var page = (await clerk.GetAsync(
                $"/api/v1/reconciliation?agreement={agreement}&size=200{(after is null ? "" : $"&after={after}")}")).Ok;
            count += page.GetProperty("items").GetArrayLength();
            if ((after = page.GetProperty("next").GetString()) is null) return count;
        }
    }

    private sealed record Tally(int Out, int In, int Matched, int HomeOnly, int HostOnly);

    private async Task<Tally?> TallyAsync(string region)
    {
        var overview = (await demo.At(Hub, "analyst", "140000/").GetAsync("/api/v1/overview")).Ok;
        // R-120: nobody is counted where they only pass by.
        Assert.Equal(0, overview.GetProperty("headcount").GetInt64());
        var found = overview.GetProperty("tallies").EnumerateArray()
            .FirstOrDefault(t => t.GetProperty("region").GetString() == region);
        if (found.ValueKind == JsonValueKind.Undefined) return null;
        int Of(string name) => found.GetProperty(name).GetInt32();
        return new(Of("out"), Of("in"), Of("matched"), Of("homeOnly"), Of("hostOnly"));
    }

    private async Task ProvinceListHasNoNamesAsync()
    {
        var reply = await demo.At(Hub, "analyst", "140000/").GetAsync("/api/v1/mirrors?agreement=homeOnly&size=200");
        Assert.Equal(Unanswered,
            reply.Ok.GetProperty("items").GetArrayLength().ToString(System.Globalization.CultureInfo.InvariantCulture));
        Assert.All(reply.Ok.GetProperty("items").EnumerateArray(), m =>
            Assert.Equal("host", m.GetProperty("missingSide").GetString()));
        Assert.DoesNotContain("name", reply.Text, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>One trace from the clerk's request in one county to what it did in the other.</summary>
    private async Task TheTraceCrossesAsync()
    {
        var matched =
            (await demo.At(Host, "committee-clerk").GetAsync("/api/v1/reconciliation?agreement=homeOnly&size=1")).Ok
            .GetProperty("items")[0];
        var (caseId, card) = (matched.GetProperty("caseId").GetGuid(), matched.GetProperty("cardId").GetGuid());
        var sent = await TraceAsync(Home, caseId, "HostNotified");
        Assert.Equal(sent, await TraceAsync(Host, card, "NoticeArrived"));
    }

    private async Task<string?> TraceAsync(string region, Guid subject, string action) =>
        (await demo.At(region, "auditor").GetAsync($"/api/v1/cases/{subject}/trail")).Ok.GetProperty("items")
            .EnumerateArray()
            .Single(t => t.GetProperty("action").GetString() == action).GetProperty("traceId").GetString();

    /// <summary>Feedback reaches home, a change of employer is followed, the return closes both sides.</summary>
    private async Task FeedbackAndReturnAsync()
    {
        var (host, home) = (demo.At(Host, "committee-clerk"), demo.At(Home, "committee-clerk"));
        var line = (await host.GetAsync("/api/v1/reconciliation?agreement=matched&size=1")).Ok.GetProperty("items")[0];
        var (caseId, card) = (line.GetProperty("caseId").GetGuid(), line.GetProperty("cardId").GetGuid());
        _ = (await host.PostAsync($"/api/v1/inbound-cases/{card}/feedback",
            new { text = "在岗，表现良好", on = "2026-04-01" })).Ok;
        _ = (await host.PostAsync($"/api/v1/inbound-cases/{card}/change", new { employer = "新公司" })).Ok;
        await EventuallyAsync("home follows", async () =>
        {
            var side = (await home.GetAsync($"/api/v1/cases/{caseId}")).Ok.GetProperty("home");
            return side.GetProperty("lastFeedbackOn").GetString() == "2026-04-01"
                && side.GetProperty("facts").GetProperty("employer").GetString() == "新公司"
                && side.GetProperty("agreement").GetString() == "matched";
        });
        _ = (await home.PostAsync($"/api/v1/outbound-cases/{caseId}/return",
            new { on = "2026-10-01", talkOn = "2026-10-02", certificateInspected = true })).Ok;
        await EventuallyAsync("the host's card is closed", async () =>
            (await host.GetAsync($"/api/v1/cases/{caseId}")).Ok
            .GetProperty("host")[0].GetProperty("status").GetString() == "left");
    }

    /// <summary>Two regions of one node take the same path, minus the broker.</summary>
    private async Task TwoRegionsOfOneNodeAsync()
    {
        var (own, branch) = (await demo.MobileBranchAsync(Host), await demo.MobileBranchAsync(OtherHost));
        var member = (await demo.At(Host, "committee-clerk").PostAsync("/api/v1/members", new
        {
            branchId = own, name = "测试丁", idNumber = "11010519491231002X", standing = "full",
        })).Id();
        await SendOutAsync([member], OtherHost, from: Host);
        var card = Assert.Single(await WorklistAsync(1, OtherHost));
        await AdmitAsync(OtherHost, card, branch);
        await EventuallyAsync("both sides agree", async () =>
            (await demo.At(Host, "committee-clerk").GetAsync("/api/v1/reconciliation?agreement=matched&side=home")).Ok
                .GetProperty("items").GetArrayLength() == 1);
    }
}
