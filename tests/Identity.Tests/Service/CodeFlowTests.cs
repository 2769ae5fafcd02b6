using System.Text.Json;
using Platform.Testing;

namespace Identity.Tests.Service;

/// <summary>From the console's redirect to tokens that the services take, and on until the session ends.</summary>
public sealed class CodeFlowTests(IdentityFixture identity) : IClassFixture<IdentityFixture>
{
    [Fact]
    public async Task The_discovery_document_names_public_addresses_under_one_prefix()
    {
        using var browser = new Browser(identity);
        var answer = await browser.GetAsync("/identity/.well-known/openid-configuration");
        var json = JsonSerializer.Deserialize<JsonElement>(answer.Body);
        var root = IdentityFixture.PublicUrl + "/identity/";
        Assert.Equal(root, json.GetProperty("issuer").GetString());
        foreach (var name in (string[])
            ["authorization_endpoint", "token_endpoint", "end_session_endpoint", "jwks_uri"])
            Assert.StartsWith(root, json.GetProperty(name).GetString(), StringComparison.Ordinal);
        Assert.Equal(["query"],
            json.GetProperty("response_modes_supported").EnumerateArray().Select(e => e.GetString()));
        Assert.Equal(["S256"],
            json.GetProperty("code_challenge_methods_supported").EnumerateArray().Select(e => e.GetString()));
        var keys = await browser.GetAsync("/identity/.well-known/jwks");
        Assert.Contains("\"P-256\"", keys.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_clerk_signs_in_with_password_and_code_and_gets_a_token_that_the_services_take()
    {
        var clerk = await identity.PersonAsync("committee-clerk");
        using var browser = new Browser(identity);
        var page = await browser.OpenAsync(browser.AuthorizeUrl());
        Assert.True(page.Shows("user") && page.Shows("password") && page.Shows("passkey"));
        page = await browser.SubmitAsync(page, "/identity/sign-in", ("user", clerk.UserName),
            ("password", clerk.Password));
        Assert.True(page.Shows("code"));
        var callback = await browser.SubmitAsync(page, "/identity/code",
            ("code", clerk.CodeAt(identity.Clock.GetUtcNow())));
        var (status, json) = await browser.ExchangeAsync(callback);
        Assert.True(status == 200, json.ToString());
        Assert.InRange(json.GetProperty("expires_in").GetInt32(), 590, 600);

        var claims = Tokens.Claims(json.GetProperty("access_token").GetString()!);
        Assert.Equal("urn:platform:node:140000.141022", claims.GetProperty("iss").GetString());
        Assert.Equal("platform", claims.GetProperty("aud").GetString());
        Assert.Equal(clerk.Id.ToString(), claims.GetProperty("sub").GetString());
        Assert.Equal("演示人员", claims.GetProperty("name").GetString());
        Assert.Equal(clerk.Org, claims.GetProperty("org").GetString());
        Assert.Equal(["committee-clerk"], claims.GetProperty("roles").EnumerateArray().Select(r => r.GetString()));
        Assert.Equal(["pwd", "otp", "mfa"], claims.GetProperty("amr").EnumerateArray().Select(r => r.GetString()));
        var now = identity.Clock.GetUtcNow().ToUnixTimeSeconds();
        Assert.InRange(claims.GetProperty("mfa_at").GetInt64(), now - 60, now);
        Assert.InRange(claims.GetProperty("auth_time").GetInt64(), now - 60, now);
        var id = Tokens.Claims(json.GetProperty("id_token").GetString()!);
        Assert.Equal(IdentityFixture.PublicUrl + "/identity/", id.GetProperty("iss").GetString());
        Assert.Equal("console", id.GetProperty("aud").GetString());
        Assert.Equal("n1", id.GetProperty("nonce").GetString());

        var api = new Api(identity.Address, json.GetProperty("access_token").GetString());
        var mine = Assert.Single((await api.GetAsync("/api/v1/grants/mine")).Ok.EnumerateArray());
        Assert.Equal("committee-clerk", mine.GetProperty("role").GetString());
    }

    [Fact]
    public async Task A_refresh_token_works_once_and_its_second_use_ends_the_whole_line()
    {
        var clerk = await identity.PersonAsync("committee-clerk");
        using var browser = new Browser(identity);
        var (_, first) = await browser.ExchangeAsync(await browser.SignInAsync(clerk));
        var one = first.GetProperty("refresh_token").GetString()!;
        var (status, second) = await browser.RefreshAsync(one);
        Assert.Equal(200, status);
        var two = second.GetProperty("refresh_token").GetString()!;
        Assert.NotEqual(one, two);
        Assert.Equal(400, (await browser.RefreshAsync(one)).Status);
        Assert.Equal(400, (await browser.RefreshAsync(two)).Status);
    }

    [Fact]
    public async Task A_second_request_needs_no_form_and_step_up_asks_for_the_code_only()
    {
        var clerk = await identity.PersonAsync("committee-clerk");
        using var browser = new Browser(identity);
        var (_, first) = await browser.ExchangeAsync(await browser.SignInAsync(clerk));
        Assert.Equal(200, (await browser.ExchangeAsync(await browser.OpenAsync(browser.AuthorizeUrl()))).Status);

        identity.Clock.Advance(TimeSpan.FromMinutes(5));
        var page = await browser.OpenAsync(browser.AuthorizeUrl("&acr_values=step-up"));
        Assert.True(page.Shows("code") && !page.Shows("password"));
        var callback = await browser.SubmitAsync(page, "/identity/step-up",
            ("code", clerk.CodeAt(identity.Clock.GetUtcNow())));
        var (_, again) = await browser.ExchangeAsync(callback);
        Assert.True(MfaAt(again) >= MfaAt(first) + 290);

        identity.Clock.Advance(TimeSpan.FromMinutes(5));
        Assert.True((await browser.OpenAsync(browser.AuthorizeUrl("&max_age=60"))).Shows("code"));
        Assert.StartsWith(Browser.Callback, (await browser.OpenAsync(browser.AuthorizeUrl("&max_age=3600"))).Location,
            StringComparison.Ordinal);
        Assert.True((await browser.OpenAsync(browser.AuthorizeUrl("&prompt=login"))).Shows("password"));
    }

    [Fact]
    public async Task Signing_out_ends_the_session_and_its_refresh_tokens()
    {
        var clerk = await identity.PersonAsync("committee-clerk");
        using var browser = new Browser(identity);
        var (_, tokens) = await browser.ExchangeAsync(await browser.SignInAsync(clerk));
        var hint = tokens.GetProperty("id_token").GetString();
        var after = $"{IdentityFixture.PublicUrl}/signout-callback-oidc";
        var kept = new Dictionary<string, string>(browser.Jar);
        var bare = await browser.GetAsync("/identity/connect/logout?client_id=console");
        Assert.Equal("/identity/sign-out", bare.Location);
        var answer = await browser.GetAsync("/identity/connect/logout?id_token_hint=" + hint
            + "&state=s&post_logout_redirect_uri=" + Uri.EscapeDataString(after));
        Assert.StartsWith(after, answer.Location, StringComparison.Ordinal);
        foreach (var (name, value) in kept) browser.Jar[name] = value; // the stolen cookie
        Assert.True((await browser.OpenAsync(browser.AuthorizeUrl())).Shows("password"));
        Assert.Equal(400, (await browser.RefreshAsync(tokens.GetProperty("refresh_token").GetString()!)).Status);
    }

    [Theory]
    [InlineData("&prompt=none", "login_required")]
    [InlineData("&response_mode=form_post", "invalid_request")]
    [InlineData("&code_challenge=", null)]
    public async Task What_cannot_be_answered_says_so(string more, string? error)
    {
        using var browser = new Browser(identity);
        var answer = await browser.OpenAsync(browser.AuthorizeUrl(more));
        if (error is not null) Assert.Contains($"{error}", answer.Location ?? answer.Body, StringComparison.Ordinal);
        Assert.DoesNotContain("code=", answer.Location ?? "", StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_the_console_at_its_own_address_is_answered()
    {
        using var browser = new Browser(identity);
        foreach (var bad in (string[])[
            browser.AuthorizeUrl().Replace("client_id=console", "client_id=other", StringComparison.Ordinal),
            browser.AuthorizeUrl().Replace("signin-oidc", "elsewhere", StringComparison.Ordinal)])
        {
            var answer = await browser.GetAsync(bad);
            Assert.Null(answer.Location);
            Assert.Equal(422, answer.Status);
            Assert.Contains("无法登录", answer.Body, StringComparison.Ordinal);
        }
    }

    private static long MfaAt(JsonElement tokens) =>
        Tokens.Claims(tokens.GetProperty("access_token").GetString()!).GetProperty("mfa_at").GetInt64();
}
