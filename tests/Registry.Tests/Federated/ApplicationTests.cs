using System.Text.Json;
using static Registry.Tests.Federated.Journey;
using static Registry.Tests.Federated.TierFederation;

namespace Registry.Tests.Federated;

/// <summary>The steps before a member leaves, and what each side owes next, over HTTP.</summary>
[Collection(TierCollection.Name)]
public sealed class ApplicationTests(TierFederation tiers)
{
    [Fact, Trait("mechanism", "M-102")]
    public async Task Who_recorded_the_application_may_not_approve_it_and_another_officer_may()
    {
        var member = await tiers.MemberAsync(Home);
        var clerk = tiers.At(Home, "committee-clerk");
        var id = (await clerk.PostAsync("/api/v1/outbound-cases",
            new { memberId = member.Id, hostRegion = Host, reason = "1", departsOn = "2026-03-01" })).Id("caseId");
        var own = await clerk.PostAsync($"/api/v1/outbound-cases/{id}/approve");
        Assert.Equal((403, "CASE_SAME_PERSON"), (own.Status, own.Code));
        Assert.Contains("审批", own.Text, StringComparison.Ordinal);
        var superior = await tiers.At(Home, "committee-clerk", City).PostAsync($"/api/v1/outbound-cases/{id}/approve");
        Assert.Equal("approved", superior.String("status"));
    }

    [Fact, Trait("mechanism", "M-102"), Trait("mechanism", "M-103")]
    public async Task A_refused_application_is_over_and_the_member_may_apply_again()
    {
        var member = await tiers.MemberAsync(Home);
        var first = new Journey(tiers, Home, member.Id);
        await first.ApplyAsync(Host);
        var second = await tiers.At(Home, "branch-secretary").PostAsync("/api/v1/outbound-cases",
            new { memberId = member.Id, hostRegion = Third, reason = "1", departsOn = "2026-03-01" });
        Assert.Equal("CASE_ALREADY_OPEN", second.Code);
        var refused = await first.StepAsync("refuse", new { why = "支部换届在即" });
        Assert.Equal(("refused", "settled", ""), (Text(refused, "status"), Text(refused, "agreement"),
            Text(refused, "nextStep")));
        await new Journey(tiers, Home, member.Id).ApplyAsync(Third, new { occupation = "瓦工", residence = "乙路2号" });
    }

    [Fact, Trait("mechanism", "M-117")]
    public async Task The_card_says_from_which_day_on_six_months_away_make_the_member_mobile()
    {
        var journey = new Journey(tiers, Home, (await tiers.MemberAsync(Home)).Id);
        await journey.ApplyAsync(Host, new { departsOn = "2026-08-31" });
        Assert.Equal("2027-02-28", Text(await journey.HomeAsync(), "mobileOn"));
    }

    [Fact, Trait("mechanism", "M-105"), Trait("mechanism", "M-119")]
    public async Task Certificates_carry_county_year_and_a_serial_that_skips_and_repeats_nothing()
    {
        var prepared = new { talkOn = "2026-02-20", educatedOn = "2026-02-21", contactPerson = "家乡联系人" };
        var numbers = new List<string>();
        var members = new List<Guid>();
        for (var i = 0; i < 3; i++)
        {
            var member = await tiers.MemberAsync(Neighbour);
            var journey = new Journey(tiers, Neighbour, member.Id);
            await journey.ApplyAsync(Host);
            await journey.StepAsync("approve");
            var key = Guid.CreateVersion7();
            var path = $"/api/v1/outbound-cases/{journey.Case}/prepare";
            var clerk = tiers.At(Neighbour, "committee-clerk");
            var issued = (await clerk.PostAsync(path, prepared, key)).Ok.GetProperty("facts");
            var repeated = (await clerk.PostAsync(path, prepared, key)).Ok.GetProperty("facts");
            Assert.Equal(Text(issued, "certificateNumber"), Text(repeated, "certificateNumber"));
            numbers.Add(Text(issued, "certificateNumber")!);
            members.Add(member.Id);
        }
        Assert.All(numbers, n => Assert.StartsWith($"{Neighbour}{DateTime.UtcNow.AddHours(8):yyyy}", n,
            StringComparison.Ordinal));
        var serials = numbers.Select(n => int.Parse(n[10..16], System.Globalization.CultureInfo.InvariantCulture))
            .ToList();
        Assert.Equal([serials[0], serials[0] + 1, serials[0] + 2], serials);
        var found = (await tiers.At(Neighbour, "committee-clerk").PostAsync("/api/v1/search",
            new { words = numbers[1] })).Ok.GetProperty("members");
        Assert.Equal(members[1], found.GetProperty("items").EnumerateArray().Single().GetProperty("member")
            .GetProperty("id").GetGuid());
    }

    [Fact, Trait("mechanism", "M-066"), Trait("mechanism", "M-067")]
    public async Task Each_side_has_a_list_of_what_it_owes_next()
    {
        var journey = new Journey(tiers, Home, (await tiers.MemberAsync(Home)).Id);
        await journey.ApplyAsync(Host);
        Assert.Equal("approve", await OwedAsync(Home, "home", journey));
        await journey.StepAsync("approve");
        Assert.Equal("prepare", await OwedAsync(Home, "home", journey));
        await journey.StepAsync("prepare",
            new { talkOn = "2026-02-20", educatedOn = "2026-02-21", contactPerson = "家乡联系人" });
        Assert.Equal("notify", await OwedAsync(Home, "home", journey));
        Assert.Null(await OwedAsync(Host, "host", journey));
        await journey.StepAsync("notify");
        await journey.AtHostAsync("noticed");
        Assert.Equal("admit", await OwedAsync(Host, "host", journey));
        Assert.Null(await OwedAsync(Home, "home", journey));
        await journey.AdmitAsync();
        Assert.Null(await OwedAsync(Host, "host", journey));
    }

    [Fact, Trait("mechanism", "M-111")]
    public async Task A_move_within_the_county_is_a_case_of_its_own_kind_and_counted_apart()
    {
        var before = await TallyAsync();
        var journey = await AdmittedAsync(tiers, Home, Home);
        Assert.Equal("matched", Text(await journey.HomeAsync(), "agreement"));
        await EventuallyAsync("the county counts it", async () => await TallyAsync() is var now
            && (now.Within, now.Out, now.In) == (before.Within + 1, before.Out, before.In));
    }

    [Fact, Trait("mechanism", "M-116")]
    public async Task A_probationary_member_who_seeks_work_without_an_organisation_is_a_case_and_finds_a_branch()
    {
        var member = await tiers.MemberAsync(Home, standing: "probationary");
        var journey = await NoticedAsync(tiers, Home, Third, new { reason = "8" }, member);
        Assert.Equal("8", Text(await journey.HomeAsync(), "reason"));
        var card = await journey.AtHostAsync("noticed");
        Assert.Equal(("probationary", ""), (Text(card.GetProperty("facts"), "standing"),
            Text(card.GetProperty("facts"), "employer")));
        var best = (await journey.HostClerk.GetAsync($"/api/v1/inbound-cases/{journey.Card}/placements")).Ok[0];
        Assert.Equal(tiers.PlaceOf(Third).MobileBranch, best.GetProperty("branch").GetProperty("id").GetGuid());
        await journey.AdmitAsync(best.GetProperty("branch").GetProperty("id").GetGuid());
    }

    private async Task<string?> OwedAsync(string region, string by, Journey of)
    {
        // A county sees what it owes whatever the agreement: what is not yet under way counts as settled.
        var lines = (await tiers.At(region, "committee-clerk").GetAsync($"/api/v1/reconciliation?nextBy={by}&side={by}"
            + "&size=200&agreement=settled&agreement=homeOnly&agreement=hostOnly&agreement=differs&agreement=matched"))
            .Ok.GetProperty("items").EnumerateArray().Where(l => l.GetProperty("caseId").GetGuid() == of.Case).ToList();
        return lines.Count == 0 ? null : Text(lines.Single(), "nextStep");
    }

    private async Task<(int Within, int Out, int In)> TallyAsync()
    {
        var tally = (await tiers.At(Home, "analyst").GetAsync("/api/v1/overview")).Ok.GetProperty("tallies")
            .EnumerateArray().FirstOrDefault(t => Text(t, "region") == Home);
        return tally.ValueKind == JsonValueKind.Undefined ? default : (tally.GetProperty("within").GetInt32(),
            tally.GetProperty("out").GetInt32(), tally.GetProperty("in").GetInt32());
    }
}
