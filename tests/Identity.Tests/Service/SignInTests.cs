using System.Text.RegularExpressions;

namespace Identity.Tests.Service;

/// <summary>What an attacker tries at the sign-in pages.</summary>
public sealed partial class SignInTests(IdentityFixture identity) : IClassFixture<IdentityFixture>
{
    private const string SignIn = "/identity/sign-in";

    private static async Task<Answer> TryAsync(Browser browser, string user, string password) =>
        await browser.PostAsync(await browser.GetAsync(SignIn), SignIn, ("user", user), ("password", password));

    [Fact]
    public async Task Five_wrong_passwords_lock_the_account_for_a_quarter_of_an_hour()
    {
        var clerk = await identity.PersonAsync("committee-clerk");
        using var browser = new Browser(identity);
        for (var i = 0; i < 5; i++) Assert.Equal(422, (await TryAsync(browser, clerk.UserName, $"wrong {i}")).Status);
        Assert.Equal(422, (await TryAsync(browser, clerk.UserName, clerk.Password)).Status);
        identity.Clock.Advance(TimeSpan.FromMinutes(14));
        Assert.Equal(422, (await TryAsync(browser, clerk.UserName, clerk.Password)).Status);
        identity.Clock.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(302, (await TryAsync(browser, clerk.UserName, clerk.Password)).Status);
    }

    [Fact]
    public async Task Passwords_sent_at_the_same_moment_do_not_slip_through_together()
    {
        var clerk = await identity.PersonAsync("committee-clerk");
        using var browser = new Browser(identity);
        var page = await browser.GetAsync(SignIn);
        await Task.WhenAll(Enumerable.Range(0, 12).Select(i =>
            browser.PostAsync(page, SignIn, ("user", clerk.UserName), ("password", $"wrong {i}"))));
        Assert.Equal(5, await identity.CountAsync(
            $"select count(*) from audit where subject_id = '{clerk.Id}' and action = 'PasswordRefused'"));
        Assert.Equal(7, await identity.CountAsync(
            $"select count(*) from audit where subject_id = '{clerk.Id}' and action = 'PasswordNotLookedAt'"));
    }

    [Fact]
    public async Task A_name_that_does_not_exist_is_answered_like_one_that_does()
    {
        var clerk = await identity.PersonAsync("committee-clerk");
        using var browser = new Browser(identity);
        string Shape(Answer answer, string name) =>
            TokenPattern().Replace(answer.Body, "").Replace(name, "NAME", StringComparison.Ordinal);
        var (known, unknown) = (await TryAsync(browser, clerk.UserName, "wrong"),
            await TryAsync(browser, "nobody-at-all", "wrong"));
        Assert.Equal(Shape(known, clerk.UserName), Shape(unknown, "nobody-at-all"));
        Assert.Equal(known.Status, unknown.Status);
        // Locked looks the same again, for both.
        for (var i = 0; i < 5; i++)
        {
            known = await TryAsync(browser, clerk.UserName, "wrong");
            unknown = await TryAsync(browser, "nobody-at-all", "wrong");
        }
        Assert.Equal(Shape(known, clerk.UserName), Shape(unknown, "nobody-at-all"));
    }

    [Fact]
    public async Task A_name_that_does_not_exist_takes_as_long_as_one_that_does()
    {
        using var browser = new Browser(identity);
        var page = await browser.GetAsync(SignIn);
        var people = new List<Person>();
        for (var i = 0; i < 5; i++) people.Add(await identity.PersonAsync("analyst"));
        var (known, unknown) = (new List<double>(), new List<double>());
        for (var i = 0; i < 20; i++)
        {
            known.Add(await TimeAsync(people[i % 5].UserName));
            unknown.Add(await TimeAsync($"nobody-{i % 5}"));
        }
        // The hash takes tens of milliseconds; without it an unknown name would be answered several times faster.
        Assert.InRange(unknown.Order().ElementAt(10) / known.Order().ElementAt(10), 0.5, 2);

        async Task<double> TimeAsync(string user)
        {
            var start = TimeProvider.System.GetTimestamp();
            await browser.PostAsync(page, SignIn, ("user", user), ("password", "wrong"));
            return TimeProvider.System.GetElapsedTime(start).TotalMilliseconds;
        }
    }

    [Theory]
    [InlineData("https://evil.example/")]
    [InlineData("//evil.example/")]
    [InlineData("/\\evil.example")]
    public async Task Nobody_is_sent_to_another_site_afterwards(string back)
    {
        var clerk = await identity.PersonAsync("committee-clerk");
        using var browser = new Browser(identity);
        var page = await browser.GetAsync($"{SignIn}?back={Uri.EscapeDataString(back)}");
        Assert.DoesNotContain("evil", page.Body, StringComparison.Ordinal);
        page = await browser.SubmitAsync(page, SignIn, ("user", clerk.UserName), ("password", clerk.Password),
            ("back", back));
        var end = await browser.SubmitAsync(page, "/identity/code",
            ("code", clerk.CodeAt(identity.Clock.GetUtcNow())), ("back", back));
        Assert.Equal("/", end.Location);
    }

    [Fact]
    public async Task A_form_without_its_token_or_from_another_browser_changes_nothing()
    {
        var clerk = await identity.PersonAsync("committee-clerk");
        using var browser = new Browser(identity);
        using var other = new Browser(identity);
        KeyValuePair<string, string>[] typed = [new("user", clerk.UserName), new("password", clerk.Password)];
        foreach (var path in (string[])[SignIn, "/identity/code", "/identity/step-up", "/identity/office",
            "/identity/continue", "/identity/sign-out", "/identity/activate", "/identity/password",
            "/identity/second-factor", "/identity/passkey", "/identity/passkey/question", "/identity/passkey/offer",
            "/identity/passkey/add", "/identity/passkey/remove", "/identity/recovery"])
        {
            Assert.Contains("页面已过期", (await browser.PostRawAsync(path, typed)).Body, StringComparison.Ordinal);
        }
        var page = await browser.GetAsync(SignIn);
        await other.GetAsync(SignIn);
        var answer = await other.PostAsync(page, SignIn, ("user", clerk.UserName), ("password", clerk.Password));
        Assert.Contains("页面已过期", answer.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cookie_planted_before_is_worth_nothing_after_somebody_signed_in()
    {
        var clerk = await identity.PersonAsync("committee-clerk");
        using var victim = new Browser(identity);
        victim.Jar["identity-session"] = "planted";
        await victim.SignInAsync(clerk);
        Assert.NotEqual("planted", victim.Jar["identity-session"]);
        var before = victim.Jar["identity-session"];
        using var attacker = new Browser(identity);
        attacker.Jar["identity-session"] = "planted";
        Assert.True((await attacker.OpenAsync(attacker.AuthorizeUrl())).Shows("password"));
        // Signing in once more gives another ticket.
        identity.Clock.Advance(TimeSpan.FromMinutes(1));
        await victim.SignInAsync(clerk, "&prompt=login");
        Assert.NotEqual(before, victim.Jar["identity-session"]);
    }

    [Fact]
    public async Task Cookies_are_unreadable_to_scripts_and_pages_carry_the_policy()
    {
        var clerk = await identity.PersonAsync("committee-clerk");
        using var browser = new Browser(identity);
        var page = await browser.GetAsync(SignIn);
        var policy = page.Headers["Content-Security-Policy"];
        foreach (var part in (string[])["default-src 'none'", "script-src 'self'", "form-action 'self'",
            "frame-ancestors 'none'", "base-uri 'none'"]) Assert.Contains(part, policy, StringComparison.Ordinal);
        Assert.DoesNotContain("style=", page.Body, StringComparison.Ordinal);
        Assert.DoesNotMatch("<script(?! type=\"module\" src=)", page.Body);
        Assert.DoesNotMatch(" on[a-z]+=\"", page.Body);
        Assert.Contains("/assets/tokens.css", page.Body, StringComparison.Ordinal);
        await browser.PostAsync(page, SignIn, ("user", clerk.UserName), ("password", clerk.Password));
        Assert.NotEmpty(browser.SetCookies);
        Assert.All(browser.SetCookies, c => Assert.True(c.Contains("httponly", StringComparison.OrdinalIgnoreCase)
            && c.Contains("samesite=lax", StringComparison.OrdinalIgnoreCase), c));
        Assert.Contains("navigator.credentials", (await browser.GetAsync("/identity/passkey.js")).Body,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_password_alone_opens_nothing_and_a_code_is_good_once()
    {
        var clerk = await identity.PersonAsync("committee-clerk");
        using var browser = new Browser(identity);
        var page = await browser.OpenAsync(browser.AuthorizeUrl());
        page = await browser.SubmitAsync(page, SignIn, ("user", clerk.UserName), ("password", clerk.Password));
        Assert.True((await browser.OpenAsync(browser.AuthorizeUrl())).Shows("password"));
        Assert.True((await browser.OpenAsync("/identity/second-factor")).Shows("password")); // none beside the first
        var code = clerk.CodeAt(identity.Clock.GetUtcNow());
        await browser.SubmitAsync(page, "/identity/code", ("code", code));
        using var other = new Browser(identity);
        page = await other.OpenAsync(other.AuthorizeUrl());
        page = await other.SubmitAsync(page, SignIn, ("user", clerk.UserName), ("password", clerk.Password));
        page = await other.SubmitAsync(page, "/identity/code", ("code", code));
        Assert.Equal(422, page.Status);
        for (var i = 0; i < 5; i++) page = await other.SubmitAsync(page, "/identity/code", ("code", "000000"));
        identity.Clock.Advance(TimeSpan.FromMinutes(2));
        page = await other.SubmitAsync(page, "/identity/code", ("code", clerk.CodeAt(identity.Clock.GetUtcNow())));
        Assert.Equal(422, page.Status); // locked
    }

    [Fact]
    public async Task A_password_given_by_somebody_else_is_changed_before_anything_else()
    {
        var clerk = new Person(
            Guid.NewGuid(), $"u-{Guid.NewGuid():n}"[..20], "given by the office", IdentityFixture.County);
        await identity.FoundAsync(new Identity.Service.Founding.FirstAccount(clerk.Id, clerk.UserName, "演示人员",
            clerk.Org, "committee-clerk", clerk.Password, clerk.Secret, MustChangePassword: true));
        using var browser = new Browser(identity);
        var page = await browser.SignInAsync(clerk);
        Assert.True(page.Shows("again"));
        Assert.True((await browser.OpenAsync(browser.AuthorizeUrl())).Shows("user")); // no session yet
        foreach (var (password, again) in ((string, string)[])[("short", "short"), ("passwordpassword",
            "passwordpassword"), ("春眠不觉晓处处闻啼鸟夜来", "another one here")])
        {
            page = await browser.SubmitAsync(page, "/identity/password", ("password", password), ("again", again));
            Assert.Equal(422, page.Status);
        }
        const string fresh = "春眠不觉晓处处闻啼鸟夜来";
        page = await browser.SubmitAsync(page, "/identity/password", ("password", fresh), ("again", fresh));
        Assert.StartsWith(Browser.Callback, page.Location, StringComparison.Ordinal);
        identity.Clock.Advance(TimeSpan.FromMinutes(2));
        using var next = new Browser(identity);
        Assert.StartsWith(Browser.Callback, (await next.SignInAsync(clerk with { Password = fresh })).Location,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://platform.example", "__Host-identity-session", true)]
    [InlineData("http://127.0.0.1:18999", "identity-session", false)]
    public void Over_https_cookies_are_bound_to_the_host(string address, string name, bool secure)
    {
        var http = new Microsoft.AspNetCore.Http.DefaultHttpContext();
        var cookies = new Identity.Service.SignIn.Cookies(
            new Microsoft.AspNetCore.DataProtection.EphemeralDataProtectionProvider(),
            new Identity.Service.IdentityOptions { PublicUrl = address });
        cookies.SetSession(http, "x");
        var line = http.Response.Headers.SetCookie.ToString();
        Assert.StartsWith($"{name}=x; path=/", line, StringComparison.Ordinal);
        Assert.Equal(secure, line.Contains("secure", StringComparison.Ordinal));
        Assert.DoesNotContain("domain", line, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Pages_speak_the_language_that_was_asked_for()
    {
        using var browser = new Browser(identity);
        Assert.Contains("lang=\"zh-CN\"", (await browser.GetAsync(SignIn)).Body, StringComparison.Ordinal);
        browser.AcceptLanguage = "en-GB";
        Assert.Contains("Sign in with a passkey", (await browser.GetAsync(SignIn)).Body, StringComparison.Ordinal);
        Assert.Contains("用通行密钥登录", (await browser.GetAsync(SignIn + "?language=zh")).Body, StringComparison.Ordinal);
        Assert.Contains("用通行密钥登录", (await browser.GetAsync(SignIn)).Body, StringComparison.Ordinal);
    }

    [GeneratedRegex("name=\"__RequestVerificationToken\" value=\"[^\"]*\"")]
    private static partial Regex TokenPattern();
}
