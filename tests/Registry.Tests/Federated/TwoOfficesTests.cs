using Platform.Testing;
using static Registry.Tests.Federated.Journey;
using static Registry.Tests.Federated.TierFederation;

namespace Registry.Tests.Federated;

/// <summary>What two offices in different nodes do for a member, and what a city learns from departments.</summary>
[Collection(TierCollection.Name)]
public sealed class TwoOfficesTests(TierFederation tiers)
{
    [Fact, Trait("mechanism", "M-195")]
    public async Task Who_is_placed_by_certificate_letter_keeps_vote_and_election_at_the_branch_at_home()
    {
        var (home, host) = (await tiers.FoundAsync(Home, "BRA"), await tiers.FoundAsync(Host, "BRA"));
        var member = await tiers.MemberAsync(Home, home);
        var stays = await tiers.MemberAsync(Home, home);
        await tiers.MemberAsync(Home, home, "probationary");
        var own = await tiers.MemberAsync(Host, host);
        var journey = await NoticedAsync(tiers, Home, Host, who: member);
        await journey.AdmitAsync(host, document: "LET");
        var roll = (await tiers.At(Host, "committee-clerk").GetAsync($"/api/v1/organisations/{host}/electors")).Ok;
        Assert.Equal(own.Id, Assert.Single(roll.GetProperty("electors").EnumerateArray()).GetProperty("memberId")
            .GetGuid());
        var guest = Assert.Single(roll.GetProperty("withoutVote").EnumerateArray());
        Assert.Equal((journey.Card, "LET", Home), (guest.GetProperty("cardId").GetGuid(), Text(guest, "documentShown"),
            Text(guest, "votesIn")));
        var atHome = (await tiers.At(Home, "committee-clerk").GetAsync($"/api/v1/organisations/{home}/electors")).Ok;
        Assert.Equal([(member.Id, Host), (stays.Id, null)], atHome.GetProperty("electors").EnumerateArray()
            .Select(e => (e.GetProperty("memberId").GetGuid(), Text(e, "awayIn"))));
        Assert.Empty(atHome.GetProperty("withoutVote").EnumerateArray());
    }

    [Fact, Trait("mechanism", "M-151")]
    public async Task The_liaison_officer_at_home_passes_on_what_those_who_arrived_report_and_the_host_knows_them_all()
    {
        var reports = new List<(Journey Journey, string Site)>();
        foreach (var site in new[] { "甲工地", "乙工地" })
        {
            var journey = await NoticedAsync(tiers, Home, Host);
            await journey.StepAsync("change", new { employer = site, residence = $"{site}宿舍" }, "liaison-officer");
            reports.Add((journey, site));
        }
        foreach (var (journey, site) in reports)
        {
            var card = await journey.AtHostAsync("noticed", c => Text(c.GetProperty("facts"), "employer") == site);
            Assert.Equal($"{site}宿舍", Text(card.GetProperty("facts"), "residence"));
        }
    }

    [Fact, Trait("mechanism", "M-084")]
    public async Task Who_a_screening_finds_gone_without_report_is_notified_to_the_host_and_managed_from_both_sides()
    {
        var branch = await tiers.FoundAsync(Home, "BRA");
        var gone = await tiers.MemberAsync(Home, branch);
        var clerk = tiers.At(Home, "committee-clerk");
        var screening = (await clerk.PostAsync("/api/v1/screenings", new
        {
            organisationId = branch, name = "春节排查", kind = "members", fromOn = "2026-02-01", untilOn = "2026-02-28",
        })).Id();
        var sheet = (await clerk.PostAsync($"/api/v1/screenings/{screening}/sheet",
            new { branchId = branch, reason = "入户排查" })).Body;
        Assert.Equal(200, (await clerk.UploadAsync($"/api/v1/screenings/{screening}/results?branchId={branch}",
            FilledSheet.Fill(sheet, (4, "H", "已外出"), (4, "I", "太原")))).Status);
        var found = Assert.Single((await clerk.GetAsync($"/api/v1/screenings/{screening}/findings?outcome=moved")).Ok
            .GetProperty("items").EnumerateArray());
        Assert.Equal((gone.Id, "太原"), (found.GetProperty("memberId").GetGuid(), Text(found, "whereTo")));

        var journey = await NoticedAsync(tiers, Home, Host, who: gone);
        await journey.AdmitAsync();
        await journey.HostStepAsync("feedback", new { text = "已参加组织生活", on = "2026-04-01" });
        var home = await journey.AtHomeAsync(c => Text(c, "lastFeedbackOn") == "2026-04-01");
        Assert.Equal(("matched", "已参加组织生活"), (Text(home, "agreement"), Text(home, "lastFeedback")));
        Assert.Equal("家乡联系人", Text(home, "contactPerson"));
    }

    [Fact, Trait("mechanism", "M-009"), Trait("mechanism", "M-281")]
    public async Task A_city_puts_what_departments_know_beside_its_register_to_find_its_true_base_number()
    {
        var admin = tiers.At("141000", "tier-administrator", City);
        var city = await TopAsync(admin, "141000", "测试市委");
        // Members of another city's district come into two counties of this city.
        foreach (var county in new[] { Home, Neighbour, Neighbour }) await AdmittedAsync(tiers, Host, county);
        var today = DateOnly.FromDateTime(DateTime.UtcNow.AddHours(8));
        var clerk = tiers.At("141000", "committee-clerk", City);
        async Task<System.Text.Json.JsonElement> BaseAsync() =>
            (await clerk.GetAsync($"/api/v1/organisations/{city}/base-number")).Ok;
        var registered = (await BaseAsync()).GetProperty("registered").GetInt64();
        Assert.True(registered >= 3);
        foreach (var (department, members) in new[]
            { ("PSB", registered + 40), ("LSS", registered - 1), ("PSB", registered + 12) })
        {
            (await clerk.PostAsync($"/api/v1/organisations/{city}/department-returns",
                new { department, onDay = today, members })).Id();
        }
        var compared = await BaseAsync();
        Assert.Equal([("LSS", -1L), ("PSB", 12L)], compared.GetProperty("departments").EnumerateArray()
            .Select(d => (Text(d, "department")!, d.GetProperty("difference").GetInt64())));
        var silent = compared.GetProperty("silent").EnumerateArray().Select(d => d.GetString()).ToList();
        Assert.Contains("AIC", silent);
        Assert.DoesNotContain("PSB", silent);
    }
}
