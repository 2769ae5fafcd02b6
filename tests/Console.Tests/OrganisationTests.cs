using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Console.Tests;

/// <summary>The tree by command line, place and industry, the page of an organisation, and changing it.</summary>
public sealed class OrganisationTests(ConsoleFixture fixture)
{
    private const string Probe = "<img src=x onerror=alert(1)>党支部";

    [Fact]
    public async Task The_tree_is_worked_by_keyboard_and_shows_what_needs_attention()
    {
        var place = await Place.CreateAsync(fixture, "T1", "柳林镇党委");
        var branch = await place.BranchAsync(fixture, "T1A", "河西村党支部");
        await place.BranchAsync(fixture, "T1B", "梨园村党支部");
        await place.BranchAsync(fixture, "T1C", Probe);
        await Place.MemberAsync(fixture, branch, 71001, "测试甲");
        await using var visit = await fixture.VisitAsync("tier-administrator", place.Path);
        var page = visit.Page;
        await page.GotoAsync("/organisations");
        var tree = page.GetByRole(AriaRole.Tree);
        await Expect(tree.GetByRole(AriaRole.Treeitem)).ToHaveCountAsync(4);
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "柳林镇党委" })).ToBeVisibleAsync();
        // A branch with one member: too few, no secretary; said beside the node.
        await Expect(Item(page, "河西村党支部")).ToContainTextAsync("正式党员不足");
        await Expect(Item(page, "河西村党支部")).ToContainTextAsync("1人");
        await Expect(Item(page, Probe)).ToBeVisibleAsync();
        await page.LookAsync("organisations");

        await Item(page, "柳林镇党委").FocusAsync();
        await page.Keyboard.PressAsync("ArrowLeft");
        await Expect(tree.GetByRole(AriaRole.Treeitem)).ToHaveCountAsync(1);
        await page.Keyboard.PressAsync("ArrowRight");
        await Expect(tree.GetByRole(AriaRole.Treeitem)).ToHaveCountAsync(4);
        await page.Keyboard.PressAsync("End");
        await Expect(Item(page, Probe)).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("l");
        await Expect(Item(page, "柳林镇党委")).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("l");
        await Expect(Item(page, "梨园村党支部")).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("ArrowUp");
        await Expect(Item(page, "河西村党支部")).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("ArrowLeft");
        await Expect(Item(page, "柳林镇党委")).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("h");
        await page.Keyboard.PressAsync("Enter");
        await page.AtAsync($"**/organisations/{branch}");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "河西村党支部" })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_level_of_a_thousand_is_read_in_parts_and_what_is_far_down_is_shown()
    {
        var place = await Place.CreateAsync(fixture, "T2", "千村镇党委");
        await place.FillAsync(fixture, 1000);
        await using var visit = await fixture.VisitAsync("analyst", place.Path);
        var page = visit.Page;
        await page.GotoAsync("/organisations");
        var items = page.GetByRole(AriaRole.Treeitem);
        await Expect(items).ToHaveCountAsync(102); // the township, a hundred, and the row for the rest
        await Expect(page.GetByRole(AriaRole.Treeitem, new() { Name = "还有900个" })).ToBeVisibleAsync();
        await Expect(Item(page, "第1村党支部")).ToHaveAttributeAsync("aria-setsize", "1000");
        await page.LookAsync("organisations-thousand");
        await page.GetByRole(AriaRole.Treeitem, new() { Name = "还有900个" }).ClickAsync();
        await Expect(items).ToHaveCountAsync(202);
        await Expect(Item(page, "第101村党支部")).ToBeFocusedAsync();

        await using var command = fixture.Behind.CreateCommand(
            $"select id from organisation where path = '{place.Path}V00777/'");
        var far = (Guid)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
        await page.GotoAsync($"/organisations/{far}");
        await Expect(Item(page, "第777村党支部")).ToHaveAttributeAsync("aria-selected", "true");
    }

    [Fact]
    public async Task Without_the_script_every_row_is_a_link_and_search_is_answered_by_the_server()
    {
        var place = await Place.CreateAsync(fixture, "T3", "北关街道党工委");
        var branch = await place.BranchAsync(fixture, "T3A", "青年路社区党支部");
        await using var visit = await fixture.VisitAsync("branch-secretary", place.Path, script: false);
        var page = visit.Page;
        await page.GotoAsync("/organisations");
        await page.GetByRole(AriaRole.Treeitem, new() { Name = "青年路社区党支部" }).ClickAsync();
        await Expect(page).ToHaveURLAsync($"{fixture.Address}/organisations/{branch}");
        await page.GetByRole(AriaRole.Searchbox, new() { Name = "查找组织" }).FillAsync("北关");
        await page.GetByRole(AriaRole.Button, new() { Name = "查找组织" }).ClickAsync();
        await page.GetByRole(AriaRole.List, new() { Name = "找到的组织" }).GetByRole(AriaRole.Link).ClickAsync();
        await Expect(page).ToHaveURLAsync($"{fixture.Address}/organisations/{place.Town}");
        // Nobody but the tier's administrator changes organisations.
        await Expect(page.GetByText("变更组织")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task An_organisation_is_founded_renamed_moved_and_dissolved_and_its_past_stays()
    {
        var place = await Place.CreateAsync(fixture, "T4", "石桥镇党委");
        var other = await place.BranchAsync(fixture, "T4G", "工业园党总支", "GBR");
        await using var visit = await fixture.VisitAsync("tier-administrator", place.Path);
        var page = visit.Page;
        await page.GotoAsync($"/organisations/{place.Town}");
        await page.GetByRole(AriaRole.Link, new() { Name = "新设下级" }).ClickAsync();
        await page.LookAsync("organisation-new");
        await page.GetByLabel("名称").FillAsync(Probe);
        await page.GetByLabel("代码").FillAsync("不是代码");
        await page.GetByLabel("类型").SelectOptionAsync("BRA");
        await page.GetByLabel("建立日期").FillAsync("2021-05-01");
        await page.GetByLabel("正式党员人数").FillAsync("2");
        await page.GetByRole(AriaRole.Button, new() { Name = "建立组织" }).ClickAsync();
        await Expect(page.Locator(".lines li", new() { HasText = "3 名以上" }).GetByText("不符合")).ToBeVisibleAsync();
        await page.LookAsync("organisation-new-advice");
        await page.GetByRole(AriaRole.Button, new() { Name = "仍要建立" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToBeVisibleAsync();
        await Expect(page.GetByLabel("名称")).ToHaveValueAsync(Probe);
        await page.LookAsync("organisation-new-wrong");
        await page.GetByLabel("代码").FillAsync("T4N");
        await page.GetByRole(AriaRole.Button, new() { Name = "仍要建立" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = Probe })).ToBeVisibleAsync();

        await page.GotoAsync($"{page.Url}/change?do=rename");
        await page.GetByLabel("新名称").FillAsync("石桥村党支部");
        await page.GetByLabel("生效日期").FillAsync("2023-07-01");
        await page.GetByLabel("理由").FillAsync("村名变更");
        await page.GetByRole(AriaRole.Button, new() { Name = "更名" }).ClickAsync();
        await Expect(page.GetByText($"由“{Probe}”更名为“石桥村党支部”")).ToBeVisibleAsync();
        await page.LookAsync("organisation-history");

        await page.GetByRole(AriaRole.Link, new() { Name = "变更组织" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "改隶属" }).ClickAsync();
        await page.GetByLabel("新的上级组织").FillAsync("没有这个组织");
        await page.GetByLabel("生效日期").FillAsync("2024-01-01");
        await page.GetByLabel("理由").FillAsync("园区归口管理");
        await page.GetByRole(AriaRole.Button, new() { Name = "改隶属" }).ClickAsync();
        await Expect(page.GetByText("没有找到这个组织")).ToBeVisibleAsync();
        await page.LookAsync("organisation-move");
        await page.GetByLabel("新的上级组织").FillAsync("T4G");
        await page.GetByRole(AriaRole.Button, new() { Name = "改隶属" }).ClickAsync();
        await Expect(page.Locator(".log")).ToContainTextAsync("园区归口管理");

        // As of a day before, it has the old name and the old superior.
        await page.GotoAsync($"/organisations/{other}?asOf=2022-01-01");
        await Expect(page.GetByText("没有下级组织")).ToBeVisibleAsync();
        await page.GotoAsync($"/organisations/{other}");
        await page.GetByRole(AriaRole.Table)
            .GetByRole(AriaRole.Link, new() { Name = "石桥村党支部", Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "变更组织" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "撤销", Exact = true }).ClickAsync();
        await page.GetByLabel("生效日期").FillAsync("2025-01-01");
        await page.GetByLabel("理由").FillAsync("并入园区");
        await page.GetByRole(AriaRole.Button, new() { Name = "撤销这个组织" }).ClickAsync();
        await Expect(page.GetByText("起已撤销")).ToBeVisibleAsync();
        await page.LookAsync("organisation-dissolved");
    }

    [Fact]
    public async Task The_number_of_members_is_their_list()
    {
        var place = await Place.CreateAsync(fixture, "T5", "云台乡党委");
        var branch = await place.BranchAsync(fixture, "T5A", "云台村党支部");
        for (var i = 0; i < 3; i++) await Place.MemberAsync(fixture, branch, 75001 + i, $"测试{"甲乙丙"[i]}");
        await using var visit = await fixture.VisitAsync("committee-clerk", place.Path);
        var page = visit.Page;
        await page.GotoAsync($"/organisations/{place.Town}");
        await page.Locator(".tile", new() { HasText = "在册党员" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Row)).ToHaveCountAsync(4);
        await Expect(page.GetByText("共3条")).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Row).GetByText("云台村党支部")).ToHaveCountAsync(3);
        await page.LookAsync("organisation-members");
        await page.GotoAsync($"/organisations/{place.Town}/members?asOf=2021-01-01");
        await Expect(page.GetByText("这一天没有在册党员")).ToBeVisibleAsync();
        await page.LookAsync("organisation-members-empty");
    }

    [Fact]
    public async Task By_place_by_industry_and_by_alarm_lead_to_the_same_organisations()
    {
        var place = await Place.CreateAsync(fixture, "T6", "南岭乡党委");
        var branch = await place.BranchAsync(fixture, "T6A", "南岭市场党支部");
        var admin = fixture.As("tier-administrator");
        var said = await admin.PatchAsync($"/api/v1/organisations/{branch}",
            new { division = "141022104", sector = "CAT" });
        Assert.Equal(200, said.Status);
        await using var visit = await fixture.VisitAsync("supervisor", place.Path);
        var page = visit.Page;
        await page.GotoAsync("/organisations/by-place");
        await Expect(page.GetByRole(AriaRole.Tree)).ToBeVisibleAsync();
        await page.LookAsync("organisations-by-place");
        await page.GotoAsync("/organisations/by-place?division=141022104");
        await Expect(page.GetByRole(AriaRole.Table).GetByText("南岭市场党支部")).ToBeVisibleAsync();
        await page.LookAsync("organisations-of-place");
        await page.GotoAsync("/organisations/by-sector");
        await page.GetByRole(AriaRole.Treeitem).First.ClickAsync();
        await Expect(page.GetByRole(AriaRole.Table).GetByText("南岭市场党支部")).ToBeVisibleAsync();
        await page.LookAsync("organisations-by-sector");
        // Before the place was told nothing stood in it: the same trees as of that day, and the day goes along.
        await page.GotoAsync("/organisations/by-place?division=141022");
        await page.GetByLabel("看哪一天").FillAsync("2022-01-01");
        await page.GetByRole(AriaRole.Button, new() { Name = "查看", Exact = true }).ClickAsync();
        await page.AtAsync("**/organisations/by-place?division=141022&asOf=2022-01-01");
        await Expect(page.GetByText("2022年1月1日的样子")).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Table).GetByText("南岭市场党支部")).ToHaveCountAsync(0);
        await page.LookAsync("organisations-by-place-then");
        await page.GetByRole(AriaRole.Link, new() { Name = "行业", Exact = true }).ClickAsync();
        await page.AtAsync("**/organisations/by-sector?asOf=2022-01-01");
        await page.GoBackAsync();
        await page.GetByRole(AriaRole.Table).GetByRole(AriaRole.Link, new() { Name = "南岭乡党委" }).ClickAsync();
        await page.AtAsync($"**/organisations/{place.Town}?asOf=2022-01-01");
        await page.GotoAsync("/organisations/by-place?asOf=2019-01-01");
        await Expect(page.Locator(".state[data-kind=empty]")).ToBeVisibleAsync();
        await page.GotoAsync("/organisations/alarms?kind=tooFewMembers");
        await Expect(page.GetByRole(AriaRole.Table).GetByText("南岭市场党支部")).ToBeVisibleAsync();
        await page.LookAsync("organisations-alarms");
        await page.GotoAsync("/organisations/alarms?kind=tooManyUnits");
        await Expect(page.GetByText("没有提醒")).ToBeVisibleAsync();
        await page.LookAsync("organisations-no-alarms");
    }

    [Fact]
    public async Task Outside_the_own_part_nothing_is_told()
    {
        var place = await Place.CreateAsync(fixture, "T7", "上庄乡党委");
        await using var visit = await fixture.VisitAsync("committee-clerk", "140000/141000/141022/T7X/");
        var page = visit.Page;
        await page.GotoAsync($"/organisations/{place.Town}");
        await Expect(page.Locator(".state[data-kind=denied]")).ToBeVisibleAsync();
        await Expect(page.GetByText("上庄乡党委")).ToHaveCountAsync(0);
        await page.LookAsync("organisation-denied");
        await page.GotoAsync("/organisations");
        await Expect(page.GetByText("还没有组织")).ToBeVisibleAsync();
        await page.LookAsync("organisations-empty");
    }

    private static ILocator Item(IPage page, string name) =>
        page.Locator("[role=treeitem]")
            .Filter(new() { Has = page.Locator(".tree__name", new() { HasTextString = name }) });
}
