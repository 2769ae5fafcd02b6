using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Console.Tests;

/// <summary>Merging, splitting and correcting a date: what will happen is seen before it is confirmed.</summary>
public sealed class ReorganisationTests(ConsoleFixture fixture)
{
    private const string Probe = "<img src=x onerror=alert(1)>村党支部";

    [Fact]
    public async Task A_small_branch_goes_up_in_its_neighbour_after_a_look()
    {
        var place = await Place.CreateAsync(fixture, "M1", "南山镇党委");
        var small = await place.BranchAsync(fixture, "M1A", Probe);
        var large = await place.BranchAsync(fixture, "M1B", "南山村党支部");
        await Place.MemberAsync(fixture, small, 78001, "测试甲");
        await Place.MemberAsync(fixture, large, 78002, "测试乙");
        await using var visit = await fixture.VisitAsync("tier-administrator", place.Path);
        var page = visit.Page;
        await page.GotoAsync($"/organisations/{small}");
        await page.Locator(".banner", new() { HasText = "正式党员不足" }).GetByRole(AriaRole.Link).ClickAsync();
        await page.GetByRole(AriaRole.Radio, new() { Name = "并入所选组织" }).CheckAsync();
        await page.GetByLabel("生效日期").FillAsync("2200-01-01");
        await page.GetByLabel("理由").FillAsync("人数不足");
        await page.GetByRole(AriaRole.Button, new() { Name = "先看结果" }).ClickAsync();
        await Expect(page.GetByText("请选择组织").First).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Checkbox, new() { Name = "南山村党支部" }).CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "先看结果" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("不得晚于今天");
        await page.LookAsync("merge-wrong");
        await page.GetByLabel("生效日期").FillAsync(Today);
        await page.GetByRole(AriaRole.Button, new() { Name = "先看结果" }).ClickAsync();
        var row = page.GetByRole(AriaRole.Table).GetByRole(AriaRole.Row).Filter(new() { HasText = Probe });
        await Expect(row).ToContainTextAsync("转到 南山镇党委 › 南山村党支部");
        await Expect(row.GetByRole(AriaRole.Cell).Nth(2)).ToContainTextAsync("1"); // one member
        // Nothing has happened yet.
        Assert.Equal(200, (await fixture.As("tier-administrator").GetAsync($"/api/v1/organisations/{small}")).Status);
        await page.LookAsync("merge-preview");
        await page.GetByRole(AriaRole.Button, new() { Name = "确认合并1个组织" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "南山村党支部" })).ToBeVisibleAsync();
        await Expect(page.Locator(".tile", new() { HasText = "在册党员" })).ToContainTextAsync("2");
    }

    [Fact]
    public async Task A_large_branch_is_split_and_what_changed_after_the_look_is_looked_at_again()
    {
        var place = await Place.CreateAsync(fixture, "M2", "北山镇党委");
        var branch = await place.BranchAsync(fixture, "M2A", "北山村党支部");
        for (var i = 0; i < 4; i++) await Place.MemberAsync(fixture, branch, 78101 + i, $"测试{"丙丁戊己"[i]}");
        await using var visit = await fixture.VisitAsync("tier-administrator", place.Path);
        var page = visit.Page;
        await page.GotoAsync($"/organisations/{branch}/split");
        await page.Locator("#name0").FillAsync(Probe);
        await page.Locator("#code0").FillAsync("M2N");
        foreach (var name in new[] { "测试丙", "测试丁" })
            await page.GetByLabel(name).SelectOptionAsync("0");
        await page.GetByLabel("生效日期").FillAsync(Today);
        await page.GetByLabel("理由").FillAsync("人数多，分开便于活动");
        await page.GetByRole(AriaRole.Button, new() { Name = "先看结果" }).ClickAsync();
        var table = page.GetByRole(AriaRole.Table);
        await Expect(table.GetByRole(AriaRole.Row).Filter(new() { HasText = Probe }).GetByRole(AriaRole.Cell).Nth(2))
            .ToContainTextAsync("2");
        await page.LookAsync("split-preview");
        await page.GetByLabel("测试戊").SelectOptionAsync("0");
        await page.GetByRole(AriaRole.Button, new() { Name = "确认分设1个组织" }).ClickAsync();
        await Expect(page.GetByText("内容在查看后又改过")).ToBeVisibleAsync();
        await Expect(table.GetByRole(AriaRole.Row).Filter(new() { HasText = Probe }).GetByRole(AriaRole.Cell).Nth(2))
            .ToContainTextAsync("3");
        await page.GetByRole(AriaRole.Button, new() { Name = "确认分设1个组织" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Table)
            .GetByRole(AriaRole.Link, new() { Name = Probe, Exact = true })).ToBeVisibleAsync();
        await page.GotoAsync($"/organisations/{branch}");
        await Expect(page.Locator(".tile", new() { HasText = "在册党员" })).ToContainTextAsync("1");
    }

    [Fact]
    public async Task A_wrong_date_of_the_history_is_chosen_and_corrected()
    {
        var place = await Place.CreateAsync(fixture, "M3", "中山镇党委");
        var branch = await place.BranchAsync(fixture, "M3A", "中山村党支部");
        await fixture.As("tier-administrator").PatchAsync($"/api/v1/organisations/{branch}",
            new { name = Probe, on = "2024-05-01" });
        await using var visit = await fixture.VisitAsync("tier-administrator", place.Path);
        var page = visit.Page;
        await page.GotoAsync($"/organisations/{branch}/facts");
        await page.GetByRole(AriaRole.Link, new() { Name = "更正日期" }).ClickAsync();
        await page.LookAsync("correct-date-choose");
        await page.GetByRole(AriaRole.Link, new() { Name = "更名" }).Last.ClickAsync();
        await Expect(page.GetByText($"只更正{Probe}自己的这个日期")).ToBeVisibleAsync();
        await page.GetByLabel("正确的日期").FillAsync("2019-05-01"); // before it was founded
        await page.GetByLabel("理由").FillAsync("文件日期抄错");
        await page.GetByRole(AriaRole.Button, new() { Name = "更正2024年5月1日" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToBeVisibleAsync();
        await page.LookAsync("correct-date-wrong");
        await page.GetByLabel("正确的日期").FillAsync("2023-05-01");
        await page.GetByRole(AriaRole.Button, new() { Name = "更正2024年5月1日" }).ClickAsync();
        await Expect(page.Locator(".log").GetByText("2023年5月1日")).ToBeVisibleAsync();
    }

    private static string Today => $"{DateTime.UtcNow.AddHours(8):yyyy-MM-dd}";
}
