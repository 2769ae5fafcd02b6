using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Console.Tests;

/// <summary>Who is in a class or special group, with the count, each opening the archive.</summary>
public sealed class ClassListTests(ConsoleFixture fixture)
{
    [Fact, Trait("mechanism", "M-092"), Trait("mechanism", "M-116")]
    public async Task A_class_lists_its_people_with_the_count_and_opens_the_archive()
    {
        var data = await PeopleData.CreateAsync(fixture, "CL1");
        var (rich, poor) = (await data.MemberAsync(69_000, "青年甲"), await data.MemberAsync(69_001, "青年乙"));
        await ClassAsync(data, rich, "class", "YOU", PeopleData.Probe, "RIC");
        await ClassAsync(data, poor, "class", "YOU", "", "POO");
        await ClassAsync(data, poor, "group", "HAR", "结对帮扶中");
        await using var visit = await fixture.VisitAsync("committee-clerk", data.CommitteePath);
        var page = visit.Page;
        await page.GotoAsync("/members");
        await page.GetByRole(AriaRole.Link, new() { Name = "分类名单" }).ClickAsync();
        await page.AtAsync("**/members/classes");
        await page.LookAsync("classes-choose");
        await page.SetViewportSizeAsync(1440, 900);
        await page.GetByRole(AriaRole.Link, new() { Name = "青年党员", Exact = true }).ClickAsync();
        await Expect(page.Locator("#h-list + .note")).ToHaveTextAsync("2人");
        var row = page.GetByRole(AriaRole.Row).Filter(new() { HasText = "青年甲" });
        await Expect(row).ToContainTextAsync(PeopleData.Probe);
        await Expect(row).ToContainTextAsync("测试村党支部CL1");
        await Expect(row).ToContainTextAsync("按富裕、中等、贫困分层管理");
        await page.LookAsync("classes-young");
        await page.SetViewportSizeAsync(1440, 900);
        await page.GetByRole(AriaRole.Link, new() { Name = "贫困", Exact = true }).ClickAsync();
        await Expect(page.Locator("#h-list + .note")).ToHaveTextAsync("1人");
        await Expect(page.Locator("main tbody tr")).ToContainTextAsync("青年乙");
        await page.GotoAsync("/members/classes?group=HAR");
        await Expect(page.Locator("main tbody tr")).ToContainTextAsync("结对帮扶中");
        await page.Locator("a.name", new() { HasText = "青年乙" }).ClickAsync();
        await page.AtAsync($"**/members/{poor}/classes");
        await page.GotoAsync("/members/classes?group=ABR");
        await Expect(page.Locator(".state[data-kind=empty]")).ToBeVisibleAsync();
        await page.LookAsync("classes-empty");
        await Expect(page.Locator("img")).ToHaveCountAsync(0);
        var trail = (await fixture.As("tier-administrator").GetAsync($"/api/v1/members/{poor}/trail")).Ok.ToString();
        Assert.Contains("ListShown", trail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_list_goes_on_page_after_page_with_one_count()
    {
        var data = await PeopleData.CreateAsync(fixture, "CL2");
        for (var i = 0; i < 21; i++)
            await ClassAsync(data, await data.MemberAsync(74_000 + i, "老龄甲"), "class", "ELD");
        await using var visit = await fixture.VisitAsync("branch-secretary", data.BranchPath);
        var page = visit.Page;
        await page.GotoAsync("/members/classes?class=ELD");
        await Expect(page.Locator("main tbody tr")).ToHaveCountAsync(20);
        await page.Locator("a[rel=next]").ClickAsync();
        await Expect(page.Locator("main tbody tr")).ToHaveCountAsync(1);
        await Expect(page.Locator("#h-list + .note")).ToHaveTextAsync("21人");
    }

    [Fact]
    public async Task Who_sees_no_archives_is_denied_and_another_county_lists_nobody()
    {
        var data = await PeopleData.CreateAsync(fixture, "CL3");
        await ClassAsync(data, await data.MemberAsync(75_000, "回归甲"), "group", "REL");
        await using (var analyst = await fixture.VisitAsync("analyst", data.CommitteePath))
        {
            foreach (var path in (string[])["/members/classes", "/members/classes?group=REL"])
            {
                Assert.Equal(403, (await analyst.Page.GotoAsync(path))!.Status);
                await Expect(analyst.Page.Locator("main .state[data-kind=denied]")).ToBeVisibleAsync();
            }
            await analyst.Page.LookAsync("classes-denied");
        }
        await using var stranger = await fixture.VisitAsync("committee-clerk", "140000/141000/141023/");
        await stranger.Page.GotoAsync("/members/classes?group=REL");
        await Expect(stranger.Page.Locator(".state[data-kind=empty]")).ToBeVisibleAsync();
        await Expect(stranger.Page.Locator("#h-list + .note")).ToHaveTextAsync("0人");
    }

    private static async Task ClassAsync(PeopleData data, Guid member, string axis, string code, string note = "",
        string? tier = null) => (await data.Fixture.As("committee-clerk", data.CommitteePath).PostAsync(
            $"/api/v1/members/{member}/classifications", new { axis, code, fromOn = "2026-01-01", note, tier })).Id();
}
