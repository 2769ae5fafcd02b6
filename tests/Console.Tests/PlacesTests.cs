using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Console.Tests;

/// <summary>The service network: published places with telephones for everybody, and who lacks one.</summary>
public sealed class PlacesTests(ConsoleFixture fixture)
{
    private const string Probe = "<img src=x onerror=alert(1)>服务站";

    [Fact, Trait("mechanism", "M-040"), Trait("mechanism", "M-157")]
    public async Task A_member_finds_every_published_place_of_the_node_and_calls_it()
    {
        var data = await PeopleData.CreateAsync(fixture, "PL1");
        var member = await data.MemberAsync(71_000, "测试场所");
        var other = await Place.CreateAsync(fixture, "PL2", "场所镇党委");
        await OpenAsync(data.Committee, "服务中心PL1", "CEN", "county");
        await OpenAsync(other.Town, Probe, "STA", "township");
        await OpenAsync(other.Town, "内部场所PL2", "MFP", "township", published: false);
        await using var visit = await fixture.VisitAsync("member", data.BranchPath, member, width: 390);
        var page = visit.Page;
        await page.GotoAsync("/me");
        await page.Locator("section[aria-labelledby=h-org] a.more").ClickAsync();
        await page.AtAsync("**/places");
        await page.GetByLabel("场所类型").SelectOptionAsync("STA");
        await page.GetByRole(AriaRole.Button, new() { Name = "筛选" }).ClickAsync();
        var row = page.GetByRole(AriaRole.Row).Filter(new() { HasText = Probe });
        await Expect(row).ToContainTextAsync("工作日8:00至18:00");
        await Expect(row).ToContainTextAsync("值班员甲");
        await Expect(page.GetByText("服务中心PL1")).ToHaveCountAsync(0);
        var call = row.GetByRole(AriaRole.Link);
        await Expect(call).ToHaveAttributeAsync("href", "tel:03575550101");
        Assert.True((await call.BoundingBoxAsync())!.Height >= 44);
        await page.LookAsync("places-member");

        await page.GotoAsync("/places?tier=county&type=CEN&county=141022");
        await Expect(page.GetByRole(AriaRole.Row).Filter(new() { HasText = "服务中心PL1" })).ToBeVisibleAsync();
        await page.GotoAsync("/places?type=MFP");
        await Expect(page.GetByText("内部场所PL2")).ToHaveCountAsync(0);
        await page.GotoAsync("/places?county=141034");
        await Expect(page.Locator(".state[data-kind=empty]")).ToBeVisibleAsync();
        await page.LookAsync("places-none");
        await page.GetByRole(AriaRole.Link, new() { Name = "全部场所" }).ClickAsync();
        await Expect(page.Locator("main tbody tr").First).ToBeVisibleAsync();
        await Expect(page.Locator("img")).ToHaveCountAsync(0);
        Assert.Equal(0, await page.Locator("#h-missing").CountAsync());
    }

    [Fact, Trait("mechanism", "M-059"), Trait("mechanism", "M-060")]
    public async Task An_officer_sees_who_lacks_a_place_and_opens_one()
    {
        var place = await Place.CreateAsync(fixture, "PL3", "网络镇党委");
        var (with, without) = (await place.BranchAsync(fixture, "PL3A", "有点村党支部"),
            await place.BranchAsync(fixture, "PL3B", "无点村党支部"));
        await OpenAsync(with, "村服务点PL3", "POI", "village");
        await OpenAsync(place.Town, "内部场所PL3", "RHM", "township", published: false);
        await using var visit = await fixture.VisitAsync("committee-clerk", place.Path);
        var page = visit.Page;
        await page.GotoAsync("/organisations");
        await page.GetByRole(AriaRole.Link, new() { Name = "场所", Exact = true }).ClickAsync();
        await page.AtAsync("**/places");
        var lacking = page.Locator("section[aria-labelledby=h-missing]");
        await Expect(lacking.GetByRole(AriaRole.Link, new() { Name = "无点村党支部", Exact = true })).ToBeVisibleAsync();
        await Expect(lacking.GetByText("有点村党支部")).ToHaveCountAsync(0);
        await page.LookAsync("places");
        await page.SetViewportSizeAsync(1440, 900);
        await page.GotoAsync("/places?type=RHM");
        await Expect(page.GetByRole(AriaRole.Row).Filter(new() { HasText = "内部场所PL3" })).ToContainTextAsync("不公布");
        await Expect(lacking).ToContainTextAsync("没有红色家园的下级党组织");
        await Expect(lacking.Locator("li")).ToHaveCountAsync(2);
        await page.GotoAsync("/places?tier=village");
        await lacking.Locator("a.btn", new() { HasText = "登记场所：无点村党支部" }).ClickAsync();
        await page.AtAsync($"**/organisations/{without}/facilities");
        await OpenAsync(without, "新服务点PL3", "POI", "village");
        await page.GotoAsync($"/organisations/{place.Town}");
        await page.GetByRole(AriaRole.Link, new() { Name = "全部场所" }).ClickAsync();
        await page.AtAsync($"**/places?of={place.Town}");
        await Expect(lacking).ToContainTextAsync("直接下级党组织都有");
    }

    [Fact]
    public async Task Places_go_on_page_after_page_and_a_branch_lacks_nothing_below()
    {
        var place = await Place.CreateAsync(fixture, "PL4");
        await place.BranchAsync(fixture, "PL4A", "末级村党支部");
        for (var i = 0; i < 21; i++) await OpenAsync(place.Town, $"网上活动室{i}", "NET", "prefecture");
        await using var visit = await fixture.VisitAsync("branch-secretary", $"{place.Path}PL4A/");
        var page = visit.Page;
        await page.GotoAsync("/places?type=NET");
        await Expect(page.Locator("main tbody tr")).ToHaveCountAsync(20);
        await Expect(page.Locator("#h-missing")).ToHaveCountAsync(0);
        await page.Locator("a[rel=next]").ClickAsync();
        await Expect(page.Locator("main tbody tr")).ToHaveCountAsync(1);
        await page.LookAsync("places-last-page");
    }

    [Fact]
    public async Task Who_runs_the_node_has_no_business_there()
    {
        await using var visit = await fixture.VisitAsync("operator");
        Assert.Equal(403, (await visit.Page.GotoAsync("/places"))!.Status);
        await Expect(visit.Page.Locator("main .state[data-kind=denied]")).ToBeVisibleAsync();
        await visit.Page.LookAsync("places-denied");
    }

    private async Task OpenAsync(Guid organisation, string name, string type, string tier, bool published = true) =>
        (await fixture.As("committee-clerk").PostAsync("/api/v1/facilities", new
        {
            organisationId = organisation, type, tier, name, address = "示例路1号", division = "141022100",
            phone = "0357-5550101", opening = "工作日8:00至18:00", onDuty = "值班员甲", published,
        })).Id();
}
