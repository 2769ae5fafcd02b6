using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Console.Tests;

/// <summary>Outposts: where one is possible, proposing it, and the county's answer.</summary>
public sealed class OutpostTests(ConsoleFixture fixture)
{
    private const string Probe = "<img src=x onerror=alert(1)>电厂";

    [Fact]
    public async Task The_form_for_new_organisations_offers_no_outpost_and_the_page_of_a_committee_leads_to_the_road()
    {
        var place = await Place.CreateAsync(fixture, "O1", "石门镇党委");
        await using var visit = await fixture.VisitAsync("tier-administrator", place.Path);
        var page = visit.Page;
        await page.GotoAsync($"/organisations/{place.Town}/new");
        await Expect(page.Locator("#type option[value=BRA]")).ToHaveCountAsync(1);
        foreach (var type in new[] { "OWC", "OGB", "OBR" })
            await Expect(page.Locator($"#type option[value={type}]")).ToHaveCountAsync(0);
        await page.GotoAsync($"/organisations/{place.Town}");
        await page.GetByRole(AriaRole.Link, new() { Name = "提出驻外党组织" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "提出驻外党组织" })).ToBeVisibleAsync();
        // Without a place of members already counted, the county is asked for.
        await Expect(page.Locator("#hostRegion-group")).ToBeVisibleAsync();
        await page.LookAsync("outpost-new-anywhere");
    }

    [Fact]
    public async Task Where_three_are_out_a_clerk_proposes_and_the_county_approves()
    {
        var place = await Place.CreateAsync(fixture, "O2", "水峪镇党委");
        var branch = await place.BranchAsync(fixture, "O2A", "水峪村党支部");
        for (var i = 0; i < 3; i++) await AwayAsync(place, branch, 79001 + i, $"测试{"甲乙丙"[i]}", Probe);
        await using var visit = await fixture.VisitAsync("committee-clerk", place.Path);
        var page = visit.Page;
        await page.GotoAsync("/organisations/outposts");
        await Expect(page.GetByText("没有等待审批的申请")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "可设立" }).ClickAsync();
        var row = page.GetByRole(AriaRole.Row).Filter(new() { HasText = "水峪镇党委" });
        await Expect(row).ToContainTextAsync("小店区");
        await page.LookAsync("outposts-possible");
        await row.GetByRole(AriaRole.Link, new() { Name = "提出设立" }).ClickAsync();
        await Expect(page.GetByText("测试乙")).ToBeVisibleAsync();
        await Expect(page.GetByLabel("从业地点")).ToHaveValueAsync(Probe);
        await page.GetByLabel("名称").FillAsync("水峪镇驻太原党支部");
        await page.GetByLabel("代码").FillAsync("O2O");
        await page.GetByLabel("组建方式").SelectOptionAsync("ATT");
        await page.GetByRole(AriaRole.Button, new() { Name = "报县级党委审批" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("须选 1 至 3 项");
        await page.LookAsync("outpost-new-advantages");
        await page.GetByLabel("乡情纽带").CheckAsync();
        await page.GetByLabel("理由说明").FillAsync("同村务工，由原支部书记带队");
        await page.GetByRole(AriaRole.Button, new() { Name = "报县级党委审批" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("依托");
        await Expect(page.GetByLabel("乡情纽带")).ToBeCheckedAsync();
        await page.LookAsync("outpost-new");
        await page.GetByLabel("组建方式").SelectOptionAsync("IND");
        await page.GetByRole(AriaRole.Button, new() { Name = "报县级党委审批" }).ClickAsync();
        await Expect(page.GetByText("须由县级以上的另一人审批")).ToBeVisibleAsync();
        await Expect(page.GetByText("同村务工，由原支部书记带队")).ToBeVisibleAsync();
        await page.LookAsync("outpost-own");

        await using var county = await fixture.VisitAsync("committee-clerk");
        page = county.Page;
        await page.GotoAsync("/organisations/outposts");
        await Expect(page.Locator(".rail").GetByRole(AriaRole.Link, new() { Name = "驻外党组织" })).ToBeVisibleAsync();
        await page.LookAsync("outposts-waiting");
        await page.GetByRole(AriaRole.Row).Filter(new() { HasText = "水峪镇驻太原党支部" })
            .GetByRole(AriaRole.Link, new() { Name = "审批" }).ClickAsync();
        await page.LookAsync("outpost-decide");
        await page.GetByLabel("批准文号").FillAsync("县委批复〔2026〕3号");
        await page.GetByRole(AriaRole.Button, new() { Name = "批准设立" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "水峪镇驻太原党支部" })).ToBeVisibleAsync();
        // The order of the book was kept: nothing says that an approval is missing.
        await Expect(page.GetByText("未登记批准")).ToHaveCountAsync(0);
        await page.GotoAsync("/organisations/outposts?status=approved");
        await Expect(page.GetByRole(AriaRole.Table)
            .GetByRole(AriaRole.Link, new() { Name = "水峪镇驻太原党支部", Exact = true })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task The_county_refuses_with_a_reason_that_the_committee_reads()
    {
        var place = await Place.CreateAsync(fixture, "O3", "河口镇党委");
        var proposed = (await fixture.As("committee-clerk", place.Path).PostAsync("/api/v1/outposts", new
        {
            committeeId = place.Town, hostRegion = "140105", code = "O3O", name = Probe, type = "OBR", mode = "IND",
            workplace = "厂", advantages = (string[])["SRC"],
        })).Id();
        await using var visit = await fixture.VisitAsync("tier-administrator");
        var page = visit.Page;
        await page.GotoAsync($"/organisations/outposts/{proposed}");
        await page.GetByLabel("理由").FillAsync("人数不足，请先联合组建");
        await page.GetByRole(AriaRole.Button, new() { Name = "不予批准" }).ClickAsync();
        await Expect(page.GetByText("人数不足，请先联合组建")).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "批准设立" })).ToHaveCountAsync(0);
        await page.LookAsync("outpost-refused");
        await using var below = await fixture.VisitAsync("analyst", place.Path);
        await below.Page.GotoAsync("/organisations/outposts?status=refused");
        await Expect(below.Page.GetByRole(AriaRole.Table)
            .GetByRole(AriaRole.Link, new() { Name = Probe, Exact = true })).ToBeVisibleAsync();
        await Expect(below.Page.GetByText("可设立")).ToHaveCountAsync(0); // that list shows cases
    }

    private async Task AwayAsync(Place place, Guid branch, int number, string name, string employer)
    {
        var member = await Place.MemberAsync(fixture, branch, number, name);
        var secretary = fixture.As("branch-secretary", place.Path);
        var id = (await secretary.PostAsync("/api/v1/outbound-cases", new
        {
            memberId = member, hostRegion = "140105", reason = "1", departsOn = "2026-01-05", employer,
        })).Id("caseId");
        var clerk = fixture.As("committee-clerk");
        (await clerk.PostAsync($"/api/v1/outbound-cases/{id}/approve")).Id("caseId");
        (await clerk.PostAsync($"/api/v1/outbound-cases/{id}/prepare",
            new { talkOn = "2026-01-02", educatedOn = "2026-01-02", contactPerson = "乙" })).Id("caseId");
        (await clerk.PostAsync($"/api/v1/outbound-cases/{id}/notify")).Id("caseId");
    }
}
