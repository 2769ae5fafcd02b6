using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Console.Tests;

/// <summary>A case: both sides on one sheet, every step as a form, who did what, nothing overwritten.</summary>
public sealed class CaseTests(ConsoleFixture fixture)
{
    private const string Probe = "<img src=x onerror=alert(1)>";

    [Fact]
    public async Task Home_takes_a_member_out_by_the_book_and_lands_back_on_the_case_after_each_step()
    {
        var counties = await new TwoCounties(fixture, "KA").FoundAsync();
        var id = await counties.AppliedAsync("测试乙");
        await using var visit = await fixture.VisitAsync("committee-clerk", counties.Township);
        var page = visit.Page;
        await page.GotoAsync($"/cases/{id}");
        await Expect(page.Locator(".nextstep")).ToContainTextAsync("轮到我方：审批外出");
        await page.LookAsync("case-applied");
        await page.ClickAsync(".nextstep .btn--primary");
        await page.ClickAsync("#step button[type=submit]");
        await DoneAsync(page, "已批准");
        await page.ClickAsync(".nextstep .btn--primary");
        await page.LookAsync("case-prepare");
        await page.FillAsync("#talkOn", "2026-05-20");
        await page.FillAsync("#educatedOn", "2026-05-21");
        await page.FillAsync("#contactPerson", Probe);
        await page.ClickAsync("#step button[type=submit]");
        await DoneAsync(page, "活动证编号已发");
        await Expect(page.Locator(".compare")).ToContainTextAsync(Probe);
        await page.ClickAsync(".nextstep .btn--primary");
        await page.ClickAsync("#step button[type=submit]");
        await DoneAsync(page, "发往");
        // The exchange is away: the paper waits, and the page says so.
        await Expect(page.Locator(".exchange [data-kind=message]").First).ToContainTextAsync("待发");
        await Expect(page.Locator(".nextstep")).ToContainTextAsync("等对方");
        await page.LookAsync("case-notified");
    }

    [Fact]
    public async Task An_incoming_member_is_admitted_with_the_keyboard_alone_in_eight_steps()
    {
        var counties = await new TwoCounties(fixture, "KB").FoundAsync();
        var id = await counties.NotifiedAsync("测试键盘");
        await using var visit = await fixture.VisitAsync("committee-clerk", TwoCounties.HostCounty);
        var (page, steps) = (visit.Page, 0);
        await page.GotoAsync("/");
        steps++; // G T: to do
        await page.Keyboard.PressAsync("g");
        await page.Keyboard.PressAsync("t");
        await page.AtAsync("**/?list=todo");
        steps++; // J to the row
        while (!await page.EvaluateAsync<bool>($"document.activeElement.getAttribute('href') === '/cases/{id}'"))
            await page.Keyboard.PressAsync("j");
        steps++; // A: the row's own action opens the form; the first branch has the focus, none is chosen
        await page.Keyboard.PressAsync("a");
        await page.AtAsync($"**/cases/{id}?do=admit");
        await Expect(page.Locator("input[name=branchId]").First).ToBeFocusedAsync();
        await Expect(page.Locator("input[name=branchId]:checked")).ToHaveCountAsync(0);
        steps++; // the branch
        await page.Keyboard.PressAsync("Space");
        steps++; // to the document
        await page.Keyboard.PressAsync("Tab");
        steps++; // the certificate was shown
        await page.Keyboard.PressAsync("Space");
        steps++; // the page's primary action
        await page.Keyboard.PressAsync("Control+Enter");
        await DoneAsync(page, "已编入党支部");
        Assert.True(steps <= 8, $"{steps} steps");
        await Expect(page.Locator(".route__side[data-side=host]")).ToContainTextAsync("云仓物流党支部KB");
    }

    [Fact]
    public async Task The_host_sees_reasons_chooses_freely_and_is_told_what_is_missing()
    {
        var counties = await new TwoCounties(fixture, "KC").FoundAsync();
        var id = await counties.NotifiedAsync("测试丙");
        await using var visit = await fixture.VisitAsync("committee-clerk", TwoCounties.HostCounty);
        var page = visit.Page;
        await page.GotoAsync($"/cases/{id}?do=admit");
        await Expect(page.Locator(".choice").Filter(new() { HasText = "云仓物流党支部KC" })).ToContainTextAsync("建议");
        await page.LookAsync("case-admit");
        await page.ClickAsync("#step form[data-draft] button[type=submit]");
        await Expect(page.Locator(".error-summary a")).ToHaveCountAsync(2);
        await page.LookAsync("case-admit-refused");
        // Somebody else's branch by name: then a reason is needed.
        await page.FillAsync("#branch", "流动党员党支部KC");
        await page.Keyboard.PressAsync("Enter");
        await page.AtAsync("**branch=**");
        await page.Locator(".choice").Filter(new() { HasText = "流动党员党支部KC" }).Locator("input").CheckAsync();
        await page.Locator("input[name=documentShown][value=LET]").CheckAsync();
        await page.FillAsync("#phone", "13900001111");
        await page.ClickAsync("#step form[data-draft] button[type=submit]");
        await DoneAsync(page, "已编入党支部");
        await Expect(page.Locator("tr[data-state=differs]")).ToHaveCountAsync(1);
        await page.LookAsync("case-host-admitted");
    }

    [Fact]
    public async Task Differences_are_settled_field_by_field_and_nothing_is_chosen_beforehand()
    {
        var counties = await new TwoCounties(fixture, "KD").FoundAsync();
        var id = await counties.AdmittedAsync("测试丁", "13988887777", Probe);
        await using var visit = await fixture.VisitAsync("committee-clerk", counties.Township);
        var page = visit.Page;
        await page.GotoAsync($"/cases/{id}");
        await Expect(page.Locator("tr[data-state=differs] mark")).ToHaveCountAsync(4);
        await page.LookAsync("case-differs");
        await page.ClickAsync(".nextstep .btn--primary");
        await Expect(page.Locator(".compare input:checked")).ToHaveCountAsync(0);
        await page.ClickAsync("#step button[type=submit]");
        await Expect(page.Locator(".error-summary a")).ToHaveCountAsync(2);
        await page.LookAsync("case-differs-refused");
        await page.Keyboard.PressAsync("Tab");
        foreach (var field in (string[])["phone", "employer"])
        {
            await page.FocusAsync($"input[name=choice-{field}] >> nth=0");
            await page.Keyboard.PressAsync("2");
        }
        await page.ClickAsync("#step button[type=submit]");
        await DoneAsync(page, "已采用对方登记");
        await Expect(page.Locator("tr[data-state=differs]")).ToHaveCountAsync(0);
        await Expect(page.Locator("h1")).ToContainTextAsync("双方一致");
        await page.LookAsync("case-matched");
    }

    [Fact]
    public async Task A_lost_race_shows_who_changed_what_and_overwrites_nothing()
    {
        var counties = await new TwoCounties(fixture, "KE").FoundAsync();
        var id = await counties.AdmittedAsync("测试戊", "13988886666");
        await using var visit = await fixture.VisitAsync("committee-clerk", counties.Township);
        var page = visit.Page;
        await page.GotoAsync($"/cases/{id}?do=change&side=home");
        await page.FillAsync("#employer", "我填的单位");
        await TwoCounties.StepAsync(fixture.As("branch-secretary", counties.HomeBranchPath),
            $"outbound-cases/{id}/change", new { employer = "支书先改的单位" });
        await page.ClickAsync("#step button[type=submit]");
        await Expect(page.Locator(".banner[data-kind=warn]")).ToContainTextAsync("branch-secretary：更正登记");
        await Expect(page.Locator("#employer")).ToHaveValueAsync("我填的单位");
        await Expect(page.Locator(".compare")).ToContainTextAsync("支书先改的单位");
        await page.LookAsync("case-changed");
        // Having seen it, the person decides again.
        await page.ClickAsync("#step button[type=submit]");
        await DoneAsync(page, "已更正");
        await Expect(page.Locator(".compare")).ToContainTextAsync("我填的单位");
    }

    [Fact]
    public async Task Each_side_is_offered_the_steps_of_its_state_and_role_and_no_other()
    {
        var counties = await new TwoCounties(fixture, "KF").FoundAsync();
        var id = await counties.AdmittedAsync("测试己");
        Assert.Equal(["更正我方登记", "登记再次流动", "登记返乡", "认定失去联系"],
            await OfferedAsync("committee-clerk", counties.Township, id));
        Assert.Equal(["更正我方登记", "登记再次流动", "登记返乡"], await OfferedAsync("branch-secretary", counties.HomeBranchPath, id));
        Assert.Equal([], await OfferedAsync("supervisor", counties.Township, id));
        Assert.Equal(["接收，编入党支部", "向流出地反馈情况", "更正我方登记", "登记离开", "认定失去联系"],
            await OfferedAsync("committee-clerk", TwoCounties.HostCounty, id));
    }

    [Fact]
    public async Task Contact_is_lost_with_evidence_and_regained_and_the_member_returns()
    {
        var counties = await new TwoCounties(fixture, "KG").FoundAsync();
        var id = await counties.AdmittedAsync("测试庚");
        await using var visit = await fixture.VisitAsync("committee-clerk", counties.Township);
        var page = visit.Page;
        await page.GotoAsync($"/cases/{id}?do=lostContact&side=home");
        await page.SelectOptionAsync("#reason", "4");
        await page.FillAsync("#lastContactOn", "2026-08-01");
        await page.FillAsync("#attempts", $"电话三次无人接听\n{Probe}");
        await page.LookAsync("case-lost-form");
        await page.ClickAsync("#step button[type=submit]");
        await DoneAsync(page, "已认定失去联系");
        await Expect(page.Locator("#h-lost")).ToBeVisibleAsync();
        await Expect(page.GetByText(Probe)).ToBeVisibleAsync();
        await page.LookAsync("case-lost");
        await page.GotoAsync($"/cases/{id}?do=search");
        await page.ClickAsync("#step button[type=submit]");
        await DoneAsync(page, "已恢复联系");
        await page.GotoAsync($"/cases/{id}?do=recordReturn");
        await page.CheckAsync("input[name=certificateInspected]");
        await page.ClickAsync("#step button[type=submit]");
        await DoneAsync(page, "个案办结");
        await page.LookAsync("case-returned");
    }

    [Fact]
    public async Task The_host_feeds_back_and_both_sides_read_it()
    {
        var counties = await new TwoCounties(fixture, "KH").FoundAsync();
        var id = await counties.AdmittedAsync("测试辛");
        await using (var host = await fixture.VisitAsync("committee-clerk", TwoCounties.HostCounty))
        {
            await host.Page.GotoAsync($"/cases/{id}?do=feedback");
            await host.Page.FillAsync("#text", $"参加组织生活三次 {Probe}");
            await host.Page.ClickAsync("#step button[type=submit]");
            await DoneAsync(host.Page, "反馈发往");
        }
        await counties.CarryAsync(id);
        await using var home = await fixture.VisitAsync("committee-clerk", counties.Township);
        await home.Page.GotoAsync($"/cases/{id}");
        var paper = home.Page.Locator(".exchange [data-kind=message][data-dir=home]").First;
        await Expect(paper).ToContainTextAsync($"参加组织生活三次 {Probe}");
        await Expect(paper).ToContainTextAsync("已收到，已记入登记卡");
    }

    [Fact]
    public async Task A_remark_is_read_on_both_sides_with_its_office_and_time()
    {
        var counties = await new TwoCounties(fixture, "KL").FoundAsync();
        var id = await counties.AdmittedAsync("测试丑");
        await using var home = await fixture.VisitAsync("committee-clerk", counties.Township);
        await home.Page.GotoAsync($"/cases/{id}");
        await home.Page.Keyboard.PressAsync("c");
        await Expect(home.Page.Locator("#say")).ToBeFocusedAsync();
        await home.Page.FillAsync("#say", $"先核对电话 {Probe}");
        await home.Page.Keyboard.PressAsync("Control+Enter");
        await DoneAsync(home.Page, "留言发往襄汾县");
        await Expect(home.Page.Locator(".note-row")).ToContainTextAsync("待发");
        // What was sent is not offered again as something unfinished.
        await Expect(home.Page.Locator("#say")).ToHaveValueAsync("");
        await home.Page.LookAsync("case-remark");
        await counties.CarryAsync(id);
        await using var host = await fixture.VisitAsync("committee-clerk", TwoCounties.HostCounty);
        await host.Page.GotoAsync($"/cases/{id}");
        await Expect(host.Page.Locator(".note-row")).ToContainTextAsync($"先核对电话 {Probe}");
        await Expect(host.Page.Locator(".note-row .log__meta")).ToContainTextAsync("流出地柳林镇党委KL");
    }

    [Fact]
    public async Task Home_confirms_who_a_host_asked_about()
    {
        var counties = await new TwoCounties(fixture, "KI").FoundAsync();
        var member = await counties.MemberAsync("测试壬");
        var number = (await fixture.As("committee-clerk").PostAsync($"/api/v1/members/{member}/reveal",
            new { reason = "核对" })).String("idNumber");
        var id = (await counties.HostClerk.PostAsync("/api/v1/inbound-cases", new
        {
            homeRegion = "141022", hostRegion = "141023", name = "测试壬", idNumber = number,
            arrivedOn = "2026-07-01", documentShown = "NON",
        })).Id("caseId");
        await counties.CarryAsync(id);
        await using var visit = await fixture.VisitAsync("committee-clerk", counties.Township);
        var page = visit.Page;
        await page.GotoAsync($"/cases/{id}?do=confirmIdentity");
        await page.LookAsync("case-confirm");
        await page.ClickAsync("#step button[type=submit]");
        await DoneAsync(page, "身份已确认");
        await counties.CarryAsync(id);
        await using var host = await fixture.VisitAsync("committee-clerk", TwoCounties.HostCounty);
        await host.Page.GotoAsync($"/cases/{id}");
        await Expect(host.Page.Locator(".nextstep")).ToContainTextAsync("轮到我方：接收流入");
        await host.Page.LookAsync("case-host-first");
    }

    [Fact]
    public async Task Who_is_no_party_is_not_told_whether_the_case_exists()
    {
        var counties = await new TwoCounties(fixture, "KJ").FoundAsync();
        var id = await counties.AppliedAsync("测试癸");
        await using var visit = await fixture.VisitAsync("committee-clerk", $"{ConsoleFixture.County}OTHER/");
        foreach (var asked in (Guid[])[id, Guid.CreateVersion7()])
        {
            var answer = await visit.Page.GotoAsync($"/cases/{asked}");
            Assert.Equal(403, answer!.Status);
            await Expect(visit.Page.Locator(".state[data-kind=denied]")).ToBeVisibleAsync();
        }
        await visit.Page.LookAsync("case-denied");
    }

    [Fact]
    public async Task A_tier_above_sees_both_cards_of_its_two_counties()
    {
        var counties = await new TwoCounties(fixture, "KK").FoundAsync();
        var id = await counties.AdmittedAsync("测试子", "13988885555");
        await using var visit = await fixture.VisitAsync("committee-clerk", "140000/141000/");
        await visit.Page.GotoAsync($"/cases/{id}");
        await Expect(visit.Page.Locator("tr[data-state=differs]")).ToHaveCountAsync(1);
        await visit.Page.LookAsync("case-both");
    }

    private async Task<List<string>> OfferedAsync(string role, string org, Guid id)
    {
        await using var visit = await fixture.VisitAsync(role, org);
        await visit.Page.GotoAsync($"/cases/{id}");
        await Expect(visit.Page.Locator(".nextstep")).ToBeVisibleAsync();
        var offered = await visit.Page.Locator(".page-head .menu__panel a").AllTextContentsAsync();
        return [.. offered.Select(t => t.Trim())];
    }

    private static async Task DoneAsync(IPage page, string words) =>
        await Expect(page.Locator(".banner[data-kind=ok]")).ToContainTextAsync(words);
}
