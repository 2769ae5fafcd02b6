using static Microsoft.Playwright.Assertions;

namespace Console.Tests;

/// <summary>Going out and coming in: found, typed, kept, refused beside the field, applied.</summary>
public sealed class WizardTests(ConsoleFixture fixture)
{
    [Fact]
    public async Task A_departure_is_registered_from_finding_the_member_to_the_case()
    {
        var data = await PeopleData.CreateAsync(fixture, "W1");
        var id = await data.MemberAsync(50_000, "测试戊己");
        await using var visit = await fixture.VisitAsync("branch-secretary", data.BranchPath);
        var page = visit.Page;
        await page.GotoAsync("/going-out");
        await Expect(page.Locator(".state[data-kind=empty]")).ToBeVisibleAsync();
        await page.LookAsync("going-out-empty");
        await page.SetViewportSizeAsync(1440, 900);
        await page.Locator("main .btn--primary").ClickAsync();
        await page.Locator("#words").FillAsync("测试戊己");
        await Expect(page.Locator("[data-fragment] li")).ToHaveCountAsync(1);
        await page.LookAsync("going-out-find");
        await page.Locator("[data-fragment] a").ClickAsync();
        await Expect(page.Locator("#departsOn")).ToBeVisibleAsync();
        await page.LookAsync("going-out-new");

        await page.Locator("#province").SelectOptionAsync("140000");
        await page.Locator("#city").SelectOptionAsync("140100");
        await page.Locator("#hostRegion").SelectOptionAsync("140105");
        await page.Locator("#reason").SelectOptionAsync("1");
        await page.Locator("#departsOn").FillAsync("2026-03-02");
        await page.Locator("#plannedReturnOn").FillAsync("2026-03-01");
        await page.Locator("#employer").FillAsync(PeopleData.Probe);
        await page.Locator("main .btn--primary").ClickAsync();
        await Expect(page.Locator(".error-summary")).ToContainTextAsync("计划返回日期早于外出日期");
        await Expect(page.Locator("#hostRegion")).ToHaveValueAsync("140105");
        await Expect(page.Locator("#employer")).ToHaveValueAsync(PeopleData.Probe);
        await page.LookAsync("going-out-refused");
        await page.Locator("#plannedReturnOn").FillAsync("");
        await page.Locator("main .btn--primary").ClickAsync();
        await page.AtAsync("**/cases/*");

        var made = (await fixture.As("committee-clerk").GetAsync($"/api/v1/members/{id}/cases")).Ok;
        Assert.Equal(1, made.GetProperty("cases").GetArrayLength());
        await page.GotoAsync("/going-out?show=approve");
        await Expect(page.Locator("tbody tr")).ToHaveCountAsync(1);
        await Expect(page.Locator("tbody .chip")).ToContainTextAsync("待办");
        await page.LookAsync("going-out");
        await page.GotoAsync($"/going-out/new?member={id}");
        await Expect(page.Locator(".banner[data-kind=warn]")).ToContainTextAsync("已登记外出");
        await page.LookAsync("going-out-already");
    }

    [Fact]
    public async Task A_place_is_found_without_a_script_as_well()
    {
        var data = await PeopleData.CreateAsync(fixture, "W2");
        var id = await data.MemberAsync(51_000);
        await using var visit = await fixture.VisitAsync("branch-secretary", data.BranchPath);
        var page = visit.Page;
        await page.RouteAsync("**/assets/*.js*", r => r.AbortAsync());
        await page.GotoAsync("/going-out/new");
        await page.Locator("#words").FillAsync("13900051000");
        await page.Locator("form.filters button").ClickAsync();
        await page.Locator("[data-fragment] a").ClickAsync();
        await page.Locator("#departsOn").FillAsync("2026-03-02");
        await page.Locator("#placeWords").FillAsync("小店");
        await page.Locator("button[value=places]").ClickAsync();
        await Expect(page.Locator("#hostRegion")).ToHaveValueAsync("140105");
        await Expect(page.Locator("#departsOn")).ToHaveValueAsync("2026-03-02");
        await page.Locator("#reason").SelectOptionAsync("1");
        await page.Locator("main .btn--primary").ClickAsync();
        await page.AtAsync("**/cases/*");
    }

    [Fact]
    public async Task A_host_registers_on_a_phone_and_the_check_digit_is_explained()
    {
        var data = await PeopleData.CreateAsync(fixture, "W3");
        await using var visit = await fixture.VisitAsync("committee-clerk", data.CommitteePath, width: 390);
        var page = visit.Page;
        await page.GotoAsync("/coming-in");
        await Expect(page.Locator(".state[data-kind=empty]")).ToBeVisibleAsync();
        await page.LookAsync("coming-in-empty");
        await page.SetViewportSizeAsync(390, 844);
        await page.GotoAsync("/coming-in/new");
        await page.LookAsync("coming-in-new");
        await page.SetViewportSizeAsync(390, 844);
        await page.Locator("#documentShown").SelectOptionAsync("NON");
        await page.Locator("#name").FillAsync("测试庚");
        await page.Locator("#idNumber").FillAsync(PeopleData.IdNumber(52_000)[..17]);
        await page.Locator("#idNumber").BlurAsync();
        await Expect(page.Locator("[data-check-for=idNumber]")).ToContainTextAsync("身份号码要18位，现在是17位");
        await page.Locator("#phone").FillAsync("1900000420");
        await page.Locator("#phone").BlurAsync();
        await Expect(page.Locator("[data-check-for=phone]")).ToContainTextAsync("手机号要11位，现在是10位");
        await page.Locator("#placeWords").FillAsync("140105");
        await Expect(page.Locator("#homeRegion")).ToHaveValueAsync("140105");
        await page.Locator("#employer").FillAsync(PeopleData.Probe);
        await page.Locator("#residence").FillAsync(PeopleData.Probe);
        await page.Locator("main .btn--primary").ClickAsync();
        await Expect(page.Locator("#idNumber-e")).ToContainTextAsync("现在是17位");
        await page.LookAsync("coming-in-refused");
        await page.SetViewportSizeAsync(390, 844);
        await page.Locator("#idNumber").FillAsync(PeopleData.IdNumber(52_000));
        await page.Locator("#phone").FillAsync("13900052000");
        await page.Locator("main .btn--primary").ClickAsync();
        await page.AtAsync("**/cases/*");
        await page.GotoAsync("/coming-in");
        await Expect(page.Locator("tbody tr")).ToContainTextAsync("测试庚");
        await page.LookAsync("coming-in");
    }

    [Fact]
    public async Task What_was_typed_survives_the_end_of_a_session_but_no_identity_number()
    {
        var data = await PeopleData.CreateAsync(fixture, "W4");
        await using var visit = await fixture.VisitAsync("committee-clerk", data.CommitteePath, width: 390);
        var page = visit.Page;
        await page.GotoAsync("/coming-in/new");
        await page.Locator("#name").FillAsync("测试辛");
        await page.Locator("#idNumber").FillAsync(PeopleData.IdNumber(53_000));
        await page.Locator("#phone").FillAsync("13900053000");
        await page.Locator("#residence").FillAsync("槐树街九号");
        await page.Locator("#employer").FillAsync(PeopleData.Probe);
        await page.Locator("#province").SelectOptionAsync("140000");
        await page.Locator("#city").SelectOptionAsync("140100");
        await page.Locator("#homeRegion").SelectOptionAsync("140105");
        await page.WaitForFunctionAsync("() => Object.values(sessionStorage).some(v => v.includes('140105'))");
        var kept = await page.EvaluateAsync<string>("JSON.stringify(sessionStorage)");
        foreach (var word in new[] { PeopleData.IdNumber(53_000), "13900053000", "槐树街九号" })
            Assert.DoesNotContain(word, kept, StringComparison.Ordinal);

        // The session ends; whoever comes back is asked to sign in, does so and returns to the same address.
        await page.Context.ClearCookiesAsync();
        Assert.Equal(401, (await page.APIRequest.GetAsync($"{fixture.Address}/session")).Status);
        await page.Context.AddCookiesAsync([new()
        {
            Name = "session", Value = await fixture.SessionAsync("committee-clerk", data.CommitteePath),
            Domain = "localhost", Path = "/", HttpOnly = true,
        }]);
        await page.GotoAsync("/coming-in/new");
        await Expect(page.Locator("#name")).ToHaveValueAsync("测试辛");
        await Expect(page.Locator("#employer")).ToHaveValueAsync(PeopleData.Probe);
        await Expect(page.Locator("#homeRegion")).ToHaveValueAsync("140105");
        await Expect(page.Locator("#idNumber")).ToHaveValueAsync("");
        await page.LookAsync("coming-in-back");
        // Somebody else at the same machine sees nothing of it, and signing out forgets it.
        await page.Context.AddCookiesAsync([new()
        {
            Name = "session", Value = await fixture.SessionAsync("committee-clerk"), Domain = "localhost", Path = "/",
            HttpOnly = true,
        }]);
        await page.GotoAsync("/coming-in/new");
        await Expect(page.Locator("#name")).ToHaveValueAsync("");
        await page.GotoAsync("/");
        await page.Locator("details.menu summary").Last.ClickAsync();
        await page.Locator("form[action='/sign-out'] button").ClickAsync();
        await page.AtAsync("**/sign-in**");
        Assert.Equal("{}", await page.EvaluateAsync<string>("JSON.stringify(sessionStorage)"));
    }

    [Fact]
    public async Task Whoever_may_not_register_is_told_so()
    {
        await using var visit = await fixture.VisitAsync("supervisor");
        await visit.Page.GotoAsync("/coming-in/new");
        await Expect(visit.Page.Locator(".state[data-kind=denied]")).ToBeVisibleAsync();
        await visit.Page.LookAsync("coming-in-denied");
    }
}
