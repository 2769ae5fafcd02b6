using System.Text.Json.Nodes;
using Identity.Service.SignIn;
using Microsoft.Playwright;

namespace Console.Tests;

/// <summary>Signing in as people do: pages of identity, sessions of the gateway, one address.</summary>
public sealed class SignInTests(ConsoleFixture fixture)
{
    [Fact]
    public async Task A_clerk_signs_in_with_password_and_code_and_lands_where_the_way_led()
    {
        var clerk = await fixture.SomebodyAsync("committee-clerk");
        await using var visit = await fixture.VisitAsync(null);
        await visit.Page.GotoAsync("/?list=overdue");
        await visit.Page.AtAsync("**/identity/sign-in**");
        await visit.Page.LookAsync("sign-in");
        await SignInAsync(visit.Page, clerk);
        await visit.Page.AtAsync("**/?list=overdue");
        await Assertions.Expect(visit.Page.Locator(".queue[aria-current]")).ToContainTextAsync("超期");
        var cookies = (await visit.Page.Context.CookiesAsync()).Where(c => c.Name == "session").ToList();
        Assert.True(Assert.Single(cookies).HttpOnly);
        await visit.Page.ClickAsync("details.menu--end > summary");
        await visit.Page.ClickAsync("form[action='/sign-out'] button");
        await visit.Page.GotoAsync("/");
        await visit.Page.AtAsync("**/identity/sign-in**");
    }

    [Fact]
    public async Task A_wrong_password_and_an_unknown_name_are_told_the_same()
    {
        var clerk = await fixture.SomebodyAsync("committee-clerk");
        List<string> told = [];
        foreach (var (name, password) in ((string, string)[])[(clerk.UserName, "wrong"), ("nobody-here", "wrong")])
        {
            await using var visit = await fixture.VisitAsync(null);
            await visit.Page.GotoAsync("/");
            await visit.Page.FillAsync("#user", name);
            await visit.Page.FillAsync("#password", password);
            await visit.Page.ClickAsync("#submit");
            told.Add(await visit.Page.Locator("[role=alert]").First.InnerTextAsync());
        }
        Assert.Equal(told[0], told[1]);
    }

    [Fact]
    public async Task The_second_factor_is_asked_once_more_and_leads_back_to_the_page()
    {
        var clerk = await fixture.SomebodyAsync("committee-clerk");
        await using var visit = await fixture.VisitAsync(null);
        await visit.Page.GotoAsync("/");
        await SignInAsync(visit.Page, clerk);
        await Assertions.Expect(visit.Page.Locator("h1")).ToHaveTextAsync("工作台");
        // Each of these renews the token at identity; the session goes on without a word.
        foreach (var list in (string[])["waiting", "soon", "overdue"])
        {
            await visit.Page.GotoAsync($"/?list={list}");
            await Assertions.Expect(visit.Page.Locator("h1")).ToHaveTextAsync("工作台");
        }
        await visit.Page.GotoAsync("/step-up?to=%2F%3Flist%3Dsoon");
        await visit.Page.LookAsync("step-up");
        await visit.Page.FillAsync("#code", clerk.Code(stepsAhead: 1));
        await visit.Page.ClickAsync("#submit");
        await visit.Page.AtAsync("**/?list=soon");
    }

    [Fact]
    public async Task Signing_in_leaves_the_session_a_browser_brought_along()
    {
        // Somebody else's good session lies in the browser before its owner signs in.
        var planted = await fixture.SessionAsync("auditor");
        var clerk = await fixture.SomebodyAsync("committee-clerk");
        await using var visit = await fixture.VisitAsync("auditor");
        await visit.Page.Context.AddCookiesAsync([new()
        {
            Name = "session", Value = planted, Domain = "localhost", Path = "/", HttpOnly = true,
        }]);
        await visit.Page.GotoAsync("/sign-in?to=%2F");
        await SignInAsync(visit.Page, clerk);
        await Assertions.Expect(visit.Page.Locator("h1")).ToHaveTextAsync("工作台");
        using var stranger = new HttpClient(new HttpClientHandler { UseCookies = false, AllowAutoRedirect = false });
        stranger.DefaultRequestHeaders.Add("Cookie", $"session={planted}");
        Assert.Equal(401, (int)(await stranger.GetAsync(fixture.Address + "/session")).StatusCode);
    }

    [Fact]
    public async Task A_passkey_is_made_once_and_opens_the_console_without_a_password()
    {
        var clerk = await fixture.SomebodyAsync("committee-clerk");
        await using var visit = await fixture.VisitAsync(null);
        await AuthenticatorAsync(visit.Page);
        await visit.Page.GotoAsync("/");
        await SignInAsync(visit.Page, clerk);
        await Assertions.Expect(visit.Page.Locator("h1")).ToHaveTextAsync("工作台");
        await visit.Page.GotoAsync("/identity/security");
        await visit.Page.LookAsync("security");
        await visit.Page.FillAsync("#name", "办公室电脑");
        await visit.Page.ClickAsync("#passkey-add");
        await Assertions.Expect(visit.Page.Locator("#passkeys li")).ToHaveCountAsync(1);
        await visit.Page.Context.ClearCookiesAsync();
        await visit.Page.GotoAsync("/");
        await visit.Page.ClickAsync("#passkey");
        await Assertions.Expect(visit.Page.Locator("h1")).ToHaveTextAsync("工作台");
    }

    [Fact]
    public async Task A_member_is_given_an_account_and_opens_it_on_a_phone_with_certificate_and_code()
    {
        const string Certificate = "晋LD141022000001";
        var data = await PeopleData.CreateAsync(fixture, "KS");
        var member = await data.MemberAsync(47_500, "测试本人");
        await using var office = await fixture.VisitAsync("branch-secretary", data.BranchPath);
        await office.Page.GotoAsync($"/members/{member}/account");
        await office.Page.LookAsync("person-account");
        await office.Page.FillAsync("#certificateNumber", Certificate);
        await office.Page.ClickAsync("form[data-draft=account] button");
        var code = await office.Page.InnerTextAsync("#one-time-code");
        await office.Page.LookAsync("person-account-code");

        await using var visit = await fixture.VisitAsync(null, width: 390);
        var page = visit.Page;
        await page.GotoAsync("/");
        await page.ClickAsync("a[href*='/identity/activate']");
        await page.FillAsync("#user", Certificate);
        await page.FillAsync("#code", code);
        await page.ClickAsync("#submit");
        await page.FillAsync("#password", "correct horse battery");
        await page.FillAsync("#again", "correct horse battery");
        await page.ClickAsync("#submit");
        var secret = Totp.FromBase32(await page.InputValueAsync("#secret"));
        await page.FillAsync("#code", Totp.Code(secret, DateTimeOffset.UtcNow));
        await page.ClickAsync("#factor-form #submit");
        await Assertions.Expect(page.Locator("#recovery li")).ToHaveCountAsync(10);
        await page.ClickAsync("#submit");
        await page.WaitForURLAsync(url => !url.Contains("/identity/", StringComparison.Ordinal));
        await page.GotoAsync("/me");
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("测试本人");
        await office.Page.GotoAsync($"/members/{member}/account");
        await Assertions.Expect(office.Page.Locator("#h-account ~ .chip")).ToHaveTextAsync("在用");
    }

    [Fact]
    public async Task Whoever_opens_accounts_grants_nothing_and_whoever_grants_opens_none()
    {
        await using (var visit = await SignedInAsync("system-administrator"))
        {
            await visit.Page.GotoAsync("/accounts");
            await visit.Page.FillAsync("#name", "<b>测试经办</b>");
            await visit.Page.FillAsync("#userName", "ce-shi");
            await visit.Page.ClickAsync("form[data-draft=open] button");
            await Assertions.Expect(visit.Page.Locator("#one-time-code")).Not.ToBeEmptyAsync();
            await visit.Page.LookAsync("accounts");
            await visit.Page.ClickAsync("a.name:has-text('测试经办')");
            await Assertions.Expect(visit.Page.Locator("h1")).ToContainTextAsync("<b>测试经办</b>");
            await Assertions.Expect(visit.Page.Locator("#role")).ToHaveCountAsync(0);
            await visit.Page.LookAsync("account-system");
        }
        await using (var visit = await SignedInAsync("security-administrator"))
        {
            await visit.Page.GotoAsync("/accounts");
            await Assertions.Expect(visit.Page.Locator("#userName")).ToHaveCountAsync(0);
            await visit.Page.ClickAsync("a.name:has-text('测试经办')");
            await visit.Page.SelectOptionAsync("#role", "branch-secretary");
            await visit.Page.ClickAsync("#h-give >> xpath=../.. >> button[type=submit]");
            await Assertions.Expect(visit.Page.Locator(".lines li")).ToContainTextAsync("支部书记");
            await visit.Page.LookAsync("account-security");
        }
        await using (var clerk = await SignedInAsync("committee-clerk"))
        {
            await clerk.Page.GotoAsync("/accounts");
            await Assertions.Expect(clerk.Page.Locator(".state[data-kind=denied]")).ToBeVisibleAsync();
            await clerk.Page.LookAsync("accounts-denied");
            await clerk.Page.GotoAsync("/deputies");
            await clerk.Page.LookAsync("deputies-empty");
        }
    }

    private async Task<Visit> SignedInAsync(string role)
    {
        var somebody = await fixture.SomebodyAsync(role);
        var visit = await fixture.VisitAsync(null);
        await visit.Page.GotoAsync("/accounts");
        await SignInAsync(visit.Page, somebody);
        return visit;
    }

    private static async Task SignInAsync(IPage page, Somebody somebody)
    {
        await page.FillAsync("#user", somebody.UserName);
        await page.FillAsync("#password", somebody.Password);
        await page.ClickAsync("#submit");
        await page.FillAsync("#code", somebody.Code());
        await page.ClickAsync("#submit");
        await page.WaitForURLAsync(url => !url.Contains("/identity/", StringComparison.Ordinal));
    }

    // An authenticator as a telephone or a laptop has one, in software.
    private static async Task AuthenticatorAsync(IPage page)
    {
        var devtools = await page.Context.NewCDPSessionAsync(page);
        await devtools.SendAsync("WebAuthn.enable");
        await devtools.SendAsync("WebAuthn.addVirtualAuthenticator", new Dictionary<string, object>
        {
            ["options"] = new JsonObject
            {
                ["protocol"] = "ctap2", ["transport"] = "internal", ["hasResidentKey"] = true,
                ["hasUserVerification"] = true, ["isUserVerified"] = true, ["automaticPresenceSimulation"] = true,
            },
        });
    }
}
