using static Microsoft.Playwright.Assertions;

namespace Console.Tests;

/// <summary>The member's own page on a phone, and the officers' answers.</summary>
public sealed class MemberPageTests(ConsoleFixture fixture)
{
    [Fact]
    public async Task A_member_sees_case_contacts_and_who_looked_and_asks_for_a_correction()
    {
        var data = await PeopleData.CreateAsync(fixture, "MP1");
        var id = await data.MemberAsync(60_000, "测试壬", PeopleData.Probe);
        await data.AwayAsync(id, PeopleData.Probe);
        var clerk = fixture.As("committee-clerk", data.CommitteePath);
        (await clerk.PostAsync($"/api/v1/members/{id}/reveal", new { reason = PeopleData.Probe })).Ok.ToString();
        await using var visit = await fixture.VisitAsync("member", data.BranchPath, id, width: 390);
        var page = visit.Page;
        await page.GotoAsync("/me");
        await Expect(page.Locator("h1")).ToContainTextAsync("测试壬，您好");
        await Expect(page.Locator("header").First).ToContainTextAsync("测试村党支部MP1");
        await Expect(page.Locator(".mycase")).ToContainTextAsync("等流入地接收");
        await Expect(page.Locator("a[href^='tel:']").First).ToHaveAttributeAsync("href", "tel:03595550217");
        await Expect(page.Locator("#h-see")).ToBeVisibleAsync();
        await Expect(page.Locator("section[aria-labelledby=h-see]")).ToContainTextAsync($"事由：{PeopleData.Probe}");
        await page.LookAsync("me");
        await page.SetViewportSizeAsync(390, 844);
        await page.Locator(".quicklinks a").First.ClickAsync();
        await Expect(page.Locator("#about")).ToHaveValueAsync("employer");
        await page.LookAsync("me-report");
        await page.SetViewportSizeAsync(390, 844);
        await page.Locator("#text").FillAsync(PeopleData.Probe);
        await page.Locator("main .btn--primary").ClickAsync();
        await page.AtAsync("**/me?sent=1");
        await Expect(page.Locator("section[aria-labelledby=h-asked]")).ToContainTextAsync(PeopleData.Probe);
        await page.LookAsync("me-asked");

        await using (var office = await fixture.VisitAsync("branch-secretary", data.BranchPath))
        {
            await office.Page.GotoAsync("/requests");
            await Expect(office.Page.Locator("[data-rows] > li")).ToContainTextAsync(PeopleData.Probe);
            await office.Page.LookAsync("requests");
            await office.Page.SetViewportSizeAsync(1440, 900);
            await office.Page.Locator("[data-rows] .btn").ClickAsync();
            await office.Page.Locator("#outcome").SelectOptionAsync("done");
            await office.Page.Locator("#answer").FillAsync($"已改 {PeopleData.Probe}");
            await office.Page.LookAsync("requests-answer");
            await office.Page.SetViewportSizeAsync(1440, 900);
            await office.Page.Locator("form .btn--primary").ClickAsync();
            await Expect(office.Page.Locator(".state[data-kind=empty]")).ToBeVisibleAsync();
            await office.Page.LookAsync("requests-empty");
        }
        await page.GotoAsync("/me");
        await Expect(page.Locator("section[aria-labelledby=h-asked]")).ToContainTextAsync($"已改 {PeopleData.Probe}");
        await page.GotoAsync("/me/looks");
        await Expect(page.Locator("section.panel li").First).ToContainTextAsync("测试");
        await page.LookAsync("me-looks");
        await Expect(page.Locator("img")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task A_member_at_home_is_told_so_and_sees_nobody_elses_archive()
    {
        var data = await PeopleData.CreateAsync(fixture, "MP2");
        var (id, other) = (await data.MemberAsync(61_000, "测试癸"), await data.MemberAsync(61_001, "测试子"));
        await using var visit = await fixture.VisitAsync("member", data.BranchPath, id, width: 390);
        var page = visit.Page;
        await page.GotoAsync("/me");
        await Expect(page.Locator(".mycase")).ToContainTextAsync("您没有登记外出");
        await page.LookAsync("me-at-home");
        await page.GotoAsync("/me/report?kind=correction");
        await page.LookAsync("me-correction");
        await page.GotoAsync($"/members/{other}");
        await Expect(page.Locator(".state[data-kind=denied]")).ToBeVisibleAsync();
        await page.GotoAsync("/requests");
        await Expect(page.Locator(".state[data-kind=denied]")).ToBeVisibleAsync();
        await page.LookAsync("requests-denied");
    }

    [Fact]
    public async Task An_empty_request_comes_back_with_the_message_beside_the_field()
    {
        var data = await PeopleData.CreateAsync(fixture, "MP3");
        var id = await data.MemberAsync(62_000);
        await using var visit = await fixture.VisitAsync("member", data.BranchPath, id, width: 390);
        var page = visit.Page;
        await page.GotoAsync("/me/report?about=other");
        await page.Locator("#text").FillAsync("   ");
        await page.Locator("main .btn--primary").ClickAsync();
        await Expect(page.Locator("#text-e")).ToContainTextAsync("必填");
        await page.LookAsync("me-report-refused");
    }
}
