using static Microsoft.Playwright.Assertions;

namespace Console.Tests;

/// <summary>Members: filters kept and shared, the register handed out, what the paper card asks for.</summary>
public sealed class RegisterTests(ConsoleFixture fixture)
{
    [Fact]
    public async Task A_filter_of_the_members_is_kept_and_shared_with_the_branches()
    {
        var data = await PeopleData.CreateAsync(fixture, "GR1");
        await data.MemberAsync(73_000, "名册甲");
        await using (var visit = await fixture.VisitAsync("committee-clerk", data.CommitteePath))
        {
            var page = visit.Page;
            await page.GotoAsync($"/members?show=full&branch={data.Branch}");
            await page.Locator("details.fold summary").ClickAsync();
            await page.Locator("#name").FillAsync("13900073000");
            await page.Locator("details.fold form.filters .btn").ClickAsync();
            await Expect(page.Locator("details.fold .error-summary")).ToContainTextAsync("连续数字");
            await page.Locator("#name").FillAsync($"东村 {PeopleData.Probe}");
            await page.Locator("details.fold [name=shared]").CheckAsync();
            await page.Locator("details.fold form.filters .btn").ClickAsync();
            await Expect(page.Locator("nav[data-tabs] a[aria-current]")).ToContainTextAsync($"东村 {PeopleData.Probe}");
            await page.LookAsync("members-kept");
        }
        await using var branch = await fixture.VisitAsync("branch-secretary", data.BranchPath);
        await branch.Page.GotoAsync("/members");
        await branch.Page.Locator("nav[data-tabs] a", new() { HasText = "东村" }).ClickAsync();
        await branch.Page.AtAsync($"**/members?show=full&branch={data.Branch}");
        await Expect(branch.Page.Locator("tbody tr")).ToContainTextAsync("名册甲");
        await Expect(branch.Page.Locator("img")).ToHaveCountAsync(0);
        // What somebody else shares is not deleted by who only sees it.
        await Expect(branch.Page.Locator("details.fold [value=delete]")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task The_register_is_handed_out_with_a_reason_after_a_second_factor()
    {
        var data = await PeopleData.CreateAsync(fixture, "GR2");
        await data.MemberAsync(73_100, "名册乙");
        await using (var early = await fixture.VisitAsync("committee-clerk", data.CommitteePath))
        {
            await early.Page.GotoAsync("/members?export=1");
            await Expect(early.Page.Locator("[aria-labelledby=h-export] a[href^='/step-up']")).ToBeVisibleAsync();
            await Expect(early.Page.Locator("form[action='/members/export']")).ToHaveCountAsync(0);
        }
        await using var visit = await fixture.VisitAsync("committee-clerk", data.CommitteePath,
            secondFactorAt: DateTimeOffset.UtcNow);
        var page = visit.Page;
        await page.GotoAsync($"/members?show=full&branch={data.Branch}");
        await page.Locator("a[href$='export=1']").ClickAsync();
        await Expect(page.Locator("[aria-labelledby=h-export]")).ToContainTextAsync("测试村党支部GR2，正式党员");
        await page.LookAsync("members-export");
        await page.SetViewportSizeAsync(1440, 900);
        await page.Locator("#reason").FillAsync("换届选举用");
        await page.Locator("#format").SelectOptionAsync("csv");
        var masked = await FileAsync(page);
        Assert.Contains("名册乙", masked, StringComparison.Ordinal);
        Assert.DoesNotContain(PeopleData.IdNumber(73_100), masked, StringComparison.Ordinal);
        await page.Locator("[name=reveal]").CheckAsync();
        Assert.Contains(PeopleData.IdNumber(73_100), await FileAsync(page), StringComparison.Ordinal);
        await using var behind = fixture.Behind.CreateCommand(
            "select count(*) from audit where action = 'RevealedInExport' and reason = '换届选举用'");
        Assert.True((long)(await behind.ExecuteScalarAsync())! > 0);
        await page.GotoAsync("/members?show=probationary&export=1");
        await page.Locator("#reason").FillAsync("换届选举用");
        await page.Locator("#format").SelectOptionAsync("csv");
        Assert.DoesNotContain("名册乙", await FileAsync(page), StringComparison.Ordinal);

        // Who keeps no archives does not get whole numbers, whatever is posted.
        await using var supervisor = await fixture.VisitAsync("supervisor", data.CommitteePath,
            secondFactorAt: DateTimeOffset.UtcNow);
        await supervisor.Page.GotoAsync("/members?export=1");
        await Expect(supervisor.Page.Locator("[name=reveal]")).ToHaveCountAsync(0);
        await supervisor.Page.Locator("#reason").FillAsync("检查");
        await supervisor.Page.EvaluateAsync("document.querySelector('form[action=\"/members/export\"]')"
            + ".insertAdjacentHTML('beforeend', '<input type=hidden name=reveal value=true>')");
        await supervisor.Page.Locator("form[action='/members/export'] .btn--primary").ClickAsync();
        await Expect(supervisor.Page.Locator("main .banner[data-kind=danger]")).ToBeVisibleAsync();
    }

    [Fact, Trait("mechanism", "M-124")]
    public async Task What_the_paper_card_asks_for_is_typed_once_and_printed()
    {
        var data = await PeopleData.CreateAsync(fixture, "GR3");
        var id = await data.MemberAsync(73_200, "登记甲");
        var away = await data.AwayAsync(id);
        await using var visit = await fixture.VisitAsync("branch-secretary", data.BranchPath);
        var page = visit.Page;
        await page.GotoAsync($"/members/{id}/card");
        await page.Locator("a[href$='/detail']").ClickAsync();
        await page.LookAsync("card-detail");
        await page.SetViewportSizeAsync(1440, 900);
        await page.Locator("#familyContact").FillAsync($"配偶 {PeopleData.Probe}");
        await page.Locator("#duesPaidTo").FillAsync("2026年2月");
        await page.Locator("#letterNumber").FillAsync("〔2026〕7号");
        await page.EvaluateAsync("document.querySelector('#employerHasOrganisation').maxLength = 99");
        await page.Locator("#employerHasOrganisation").FillAsync("不清楚不清楚不清楚不清楚");
        await page.Locator("main .btn--primary").ClickAsync();
        await Expect(page.Locator(".error-summary")).ToContainTextAsync("10");
        await Expect(page.Locator("#duesPaidTo")).ToHaveValueAsync("2026年2月");
        await page.Locator("#employerHasOrganisation").FillAsync("无");
        await page.Locator("main .btn--primary").ClickAsync();
        await page.AtAsync($"**/card/home/{away}");
        foreach (var text in new[] { $"配偶 {PeopleData.Probe}", "2026年2月", "〔2026〕7号" })
            await Expect(page.Locator(".formcard")).ToContainTextAsync(text);
        await page.LookAsync("card-filled");
        await page.SetViewportSizeAsync(1440, 900);
        // What the other half of the paper asks for is not lost by writing this half again.
        await using var clerk = await fixture.VisitAsync("committee-clerk", data.CommitteePath);
        await clerk.Page.GotoAsync($"/cases/{away}");
        await clerk.Page.Locator("a[href='/cards/home/" + away + "']").ClickAsync();
        await clerk.Page.Locator("a[href$='/detail']").ClickAsync();
        await Expect(clerk.Page.Locator("#familyContact")).ToHaveValueAsync($"配偶 {PeopleData.Probe}");
        await clerk.Page.Locator("#returnNote").FillAsync("证已查验");
        await clerk.Page.Locator("main .btn--primary").ClickAsync();
        await Expect(clerk.Page.Locator(".formcard")).ToContainTextAsync("证已查验");
        await Expect(clerk.Page.Locator(".formcard")).ToContainTextAsync("〔2026〕7号");
        await Expect(page.Locator("img")).ToHaveCountAsync(0);
    }

    [Fact, Trait("mechanism", "M-125")]
    public async Task The_host_fills_in_and_prints_the_card_of_somebody_who_came()
    {
        await fixture.TopAsync("141023");
        var clerk = fixture.As("committee-clerk", "140000/141000/141023/");
        var made = (await clerk.PostAsync("/api/v1/inbound-cases", new
        {
            homeRegion = "140105", hostRegion = "141023", name = "外来丁", idNumber = PeopleData.IdNumber(73_300),
            arrivedOn = "2026-03-01", documentShown = "NON",
        })).Ok;
        var @case = made.GetProperty("caseId").GetGuid();
        await using var visit = await fixture.VisitAsync("committee-clerk", "140000/141000/141023/");
        var page = visit.Page;
        await page.GotoAsync($"/cases/{@case}");
        await page.LookAsync("case-with-card");
        await page.SetViewportSizeAsync(1440, 900);
        await page.Locator("a[href^='/cards/host/']").ClickAsync();
        await Expect(page.Locator(".formcard")).ToContainTextAsync("流动党员外来登记卡");
        await page.Locator("a[href$='/detail']").ClickAsync();
        await page.Locator("#needs").FillAsync($"住房 {PeopleData.Probe}");
        await page.Locator("#verification").FillAsync("与来函一致");
        await page.LookAsync("card-detail-host");
        await page.SetViewportSizeAsync(1440, 900);
        await page.Locator("main .btn--primary").ClickAsync();
        await Expect(page.Locator(".formcard")).ToContainTextAsync($"住房 {PeopleData.Probe}");
        await Expect(page.Locator(".formcard")).ToContainTextAsync("与来函一致");
        await Expect(page.Locator("img")).ToHaveCountAsync(0);
    }

    private static async Task<string> FileAsync(Microsoft.Playwright.IPage page)
    {
        var download = await page.RunAndWaitForDownloadAsync(() =>
            page.Locator("form[action='/members/export'] .btn--primary").ClickAsync());
        return await File.ReadAllTextAsync(await download.PathAsync());
    }
}
