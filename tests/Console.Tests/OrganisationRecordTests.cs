using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Console.Tests;

/// <summary>Whoever sees an alarm can clear it: details, officers, terms and places of service.</summary>
public sealed class OrganisationRecordTests(ConsoleFixture fixture)
{
    private const string Probe = "<img src=x onerror=alert(1)>";

    [Fact]
    public async Task Details_and_the_three_lacks_are_changed_and_the_alarm_goes()
    {
        var place = await Place.CreateAsync(fixture, "R1", "平川镇党委");
        var branch = await place.BranchAsync(fixture, "R1A", "平川村党支部");
        await fixture.As("tier-administrator").PatchAsync($"/api/v1/organisations/{branch}",
            new { lacksVenue = true, lacksFunds = true });
        await using var visit = await fixture.VisitAsync("tier-administrator", place.Path);
        var page = visit.Page;
        await page.GotoAsync($"/organisations/{branch}");
        await page.LookAsync("organisation-alarms");
        await page.Locator(".banner", new() { HasText = "缺活动场所" }).GetByRole(AriaRole.Link).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Checkbox, new() { Name = "缺活动场所" })).ToBeCheckedAsync();
        await page.GetByLabel("书记或联系人").FillAsync(Probe);
        await page.GetByLabel("联系电话").FillAsync("0357-4921234");
        await page.GetByLabel("行业").SelectOptionAsync("CON");
        await page.GetByLabel("所在地").FillAsync("14102");
        await page.GetByRole(AriaRole.Checkbox, new() { Name = "缺活动场所" }).UncheckAsync();
        await page.GetByRole(AriaRole.Checkbox, new() { Name = "缺活动经费" }).UncheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "保存" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Checkbox, new() { Name = "缺活动场所" })).Not.ToBeCheckedAsync();
        await page.LookAsync("organisation-facts");
        await page.GetByLabel("所在地").FillAsync("141022104");
        await page.GetByRole(AriaRole.Button, new() { Name = "保存" }).ClickAsync();
        await Expect(page.Locator(".kv").GetByText(Probe)).ToBeVisibleAsync();
        await Expect(page.GetByText("缺活动场所")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task A_secretary_is_appointed_and_ended_and_an_election_recorded()
    {
        var place = await Place.CreateAsync(fixture, "R2", "东关镇党委");
        var branch = await place.BranchAsync(fixture, "R2A", "东关村党支部");
        await Place.MemberAsync(fixture, branch, 77001, "测试庚");
        await using var visit = await fixture.VisitAsync("committee-clerk", place.Path);
        var page = visit.Page;
        await page.GotoAsync($"/organisations/{branch}");
        await page.Locator(".banner", new() { HasText = "书记空缺" }).GetByRole(AriaRole.Link).ClickAsync();
        await Expect(page.GetByText("没有在任职务的记录")).ToBeVisibleAsync();
        await page.LookAsync("posts-empty");
        await page.GetByLabel("职务", new() { Exact = true }).SelectOptionAsync("role:SEC");
        await page.GetByLabel("姓名").FillAsync("测试庚");
        await page.GetByLabel("任职日期").FillAsync("2026-01-01");
        await page.GetByRole(AriaRole.Button, new() { Name = "任命" }).ClickAsync();
        await Expect(page.GetByText("请选一个")).ToBeVisibleAsync();
        await page.LookAsync("posts-which");
        await page.GetByRole(AriaRole.Radio, new() { Name = "测试庚" }).CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "任命" }).ClickAsync();
        await Expect(page.Locator("#h-posts + .note")).ToHaveTextAsync("1人");
        await page.GetByLabel("职务", new() { Exact = true }).SelectOptionAsync("role:COM");
        await page.GetByLabel("姓名").FillAsync(Probe);
        await page.GetByRole(AriaRole.Button, new() { Name = "任命" }).ClickAsync();
        await Expect(page.GetByText(Probe).First).ToBeVisibleAsync();
        await page.GetByLabel("换届日期").FillAsync("2025-03-01");
        await page.GetByRole(AriaRole.Button, new() { Name = "登记换届" }).ClickAsync();
        await Expect(page.GetByText("3年，到2028年3月1日")).ToBeVisibleAsync();
        await page.GetByLabel("提前或延期的月数").FillAsync("13");
        await page.GetByLabel("批准单位和文号").FillAsync("县委组织部");
        await page.GetByRole(AriaRole.Button, new() { Name = "登记批准" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToBeVisibleAsync();
        await page.LookAsync("posts");
        await page.GetByLabel("提前或延期的月数").FillAsync("6");
        await page.GetByRole(AriaRole.Button, new() { Name = "登记批准" }).ClickAsync();
        await Expect(page.GetByText("3年，到2028年9月1日")).ToBeVisibleAsync();
        await page.GotoAsync($"/organisations/{branch}");
        await Expect(page.GetByText("书记空缺")).ToHaveCountAsync(0);

        await page.GotoAsync($"/organisations/{branch}/posts");
        await page.Locator("li", new() { HasText = "测试庚" }).Locator("summary").ClickAsync();
        await page.Locator("details[open]").GetByLabel("理由").FillAsync("期满");
        await page.GetByRole(AriaRole.Button, new() { Name = "免去这项职务" }).ClickAsync();
        await Expect(page.Locator("#h-posts + .note")).ToHaveTextAsync("1人");
        await page.GotoAsync($"/organisations/{branch}");
        await Expect(page.Locator(".banner", new() { HasText = "书记空缺" })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_place_of_service_is_opened_amended_and_closed()
    {
        var place = await Place.CreateAsync(fixture, "R3", "西关镇党委");
        await using var visit = await fixture.VisitAsync("committee-clerk", place.Path);
        var page = visit.Page;
        await page.GotoAsync($"/organisations/{place.Town}");
        await page.GetByRole(AriaRole.Link, new() { Name = "登记场所" }).ClickAsync();
        await page.GetByLabel("场所类型").SelectOptionAsync("CEN");
        await page.GetByLabel("层级").SelectOptionAsync("township");
        await page.GetByLabel("名称").FillAsync($"{Probe}服务中心");
        await page.GetByLabel("地址").FillAsync("人民路1号");
        await page.GetByLabel("服务时间").FillAsync("工作日8:00至18:00");
        await page.GetByLabel("值班人员").FillAsync("赵某");
        await page.GetByRole(AriaRole.Button, new() { Name = "登记这个场所" }).ClickAsync();
        await Expect(page.GetByText("须有服务电话").First).ToBeVisibleAsync(); // published places have one
        await page.LookAsync("facility-new");
        await page.GetByLabel("服务电话").FillAsync("0357-4921235");
        await page.GetByRole(AriaRole.Button, new() { Name = "登记这个场所" }).ClickAsync();
        await page.Locator(".lines a", new() { HasText = "修改" }).ClickAsync();
        await page.GetByLabel("值班人员").FillAsync("钱某");
        await page.LookAsync("facility-amend");
        await page.GetByRole(AriaRole.Button, new() { Name = "保存" }).ClickAsync();
        await Expect(page.GetByText("值班钱某")).ToBeVisibleAsync();
        await page.Locator(".lines a", new() { HasText = "修改" }).ClickAsync();
        await page.GetByLabel("理由").FillAsync("撤并");
        await page.GetByRole(AriaRole.Button, new() { Name = "停止服务" }).ClickAsync();
        await Expect(page.GetByText("还没有登记服务场所")).ToBeVisibleAsync();
    }
}
