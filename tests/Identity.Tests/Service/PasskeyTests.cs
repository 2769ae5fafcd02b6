using System.Text.Json;

namespace Identity.Tests.Service;

/// <summary>Passkeys, with an authenticator in software in place of the browser's.</summary>
public sealed class PasskeyTests(IdentityFixture identity) : IClassFixture<IdentityFixture>
{
    private async Task<(Person Person, SoftKey Key)> EnrolledAsync()
    {
        var clerk = await identity.PersonAsync("committee-clerk");
        var key = new SoftKey();
        using var browser = new Browser(identity);
        await browser.SignInAsync(clerk);
        var page = await browser.OpenAsync("/identity/security");
        var offer = await browser.PostAsync(page, "/identity/passkey/add", ("ask", "1"));
        Assert.Equal(422, offer.Status); // no answer of an authenticator
        var options = await AskAsync(browser, page, "offer");
        page = await browser.SubmitAsync(page, "/identity/passkey/add", ("credential", key.Create(options)),
            ("name", "甲号钥匙"));
        Assert.Contains("甲号钥匙", page.Body, StringComparison.Ordinal);
        return (clerk, key);
    }

    private static async Task<string> AskAsync(Browser browser, Answer page, string what)
    {
        var token = System.Text.RegularExpressions.Regex.Match(
            page.Body, "name=\"__RequestVerificationToken\" value=\"([^\"]+)\"").Groups[1].Value;
        var answer = await browser.PostRawAsync($"/identity/passkey/{what}",
            [new("__RequestVerificationToken", System.Web.HttpUtility.HtmlDecode(token))]);
        Assert.Equal(200, answer.Status);
        return answer.Body;
    }

    private static async Task<Answer> SignInAsync(Browser browser, SoftKey key)
    {
        var page = await browser.OpenAsync(browser.AuthorizeUrl());
        var options = await AskAsync(browser, page, "question");
        return await browser.SubmitAsync(page, "/identity/passkey", ("credential", key.Get(options)));
    }

    [Fact]
    public async Task A_passkey_signs_in_alone_and_counts_as_both_factors()
    {
        var (person, key) = await EnrolledAsync();
        using var own = key;
        using var browser = new Browser(identity);
        var (status, tokens) = await browser.ExchangeAsync(await SignInAsync(browser, key));
        Assert.True(status == 200, tokens.ToString());
        var claims = Tokens.Claims(tokens.GetProperty("access_token").GetString()!);
        Assert.Equal(person.Id, claims.GetProperty("sub").GetGuid());
        Assert.Equal(["hwk", "user", "mfa"], claims.GetProperty("amr").EnumerateArray().Select(r => r.GetString()));

        identity.Clock.Advance(TimeSpan.FromMinutes(3));
        var page = await browser.OpenAsync(browser.AuthorizeUrl("&acr_values=step-up"));
        var options = await AskAsync(browser, page, "question");
        var (_, again) = await browser.ExchangeAsync(
            await browser.SubmitAsync(page, "/identity/passkey", ("credential", key.Get(options))));
        Assert.True(MfaAt(again) >= MfaAt(tokens) + 170);
    }

    [Fact]
    public async Task An_answer_of_another_site_without_verification_or_shown_twice_is_refused()
    {
        var (_, key) = await EnrolledAsync();
        using var own = key;
        using var browser = new Browser(identity);
        key.Origin = "https://evil.example";
        Assert.Equal(422, (await SignInAsync(browser, key)).Status);
        (key.Origin, key.Verifies) = (IdentityFixture.PublicUrl, false);
        Assert.Equal(422, (await SignInAsync(browser, key)).Status);
        key.Verifies = true;
        var page = await browser.OpenAsync(browser.AuthorizeUrl());
        var answer = key.Get(await AskAsync(browser, page, "question"));
        Assert.Equal(302, (await browser.PostAsync(page, "/identity/passkey", ("credential", answer))).Status);
        browser.Jar.Remove("identity-session");
        Assert.Equal(422, (await browser.PostAsync(page, "/identity/passkey", ("credential", answer))).Status);
        using var stranger = new SoftKey();
        Assert.Equal(422, (await SignInAsync(browser, stranger)).Status);
    }

    [Fact]
    public async Task A_removed_passkey_opens_nothing()
    {
        var (person, key) = await EnrolledAsync();
        using var own = key;
        using var browser = new Browser(identity);
        identity.Clock.Advance(TimeSpan.FromMinutes(2)); // the generator's next code
        await browser.SignInAsync(person);
        var page = await browser.OpenAsync("/identity/security");
        page = await browser.SubmitAsync(page, "/identity/passkey/remove");
        Assert.DoesNotContain("甲号钥匙", page.Body, StringComparison.Ordinal);
        using var other = new Browser(identity);
        Assert.Equal(422, (await SignInAsync(other, key)).Status);
    }

    [Fact]
    public async Task Keys_are_changed_only_with_a_fresh_second_factor()
    {
        var clerk = await identity.PersonAsync("committee-clerk");
        using var browser = new Browser(identity);
        await browser.SignInAsync(clerk);
        var page = await browser.OpenAsync("/identity/security");
        Assert.True(page.Shows("passkey-add"));
        identity.Clock.Advance(TimeSpan.FromMinutes(11));
        Assert.True((await browser.OpenAsync("/identity/security")).Shows("code"));
        Assert.StartsWith("/identity/sign-in",
            (await browser.PostAsync(page, "/identity/recovery")).Location, StringComparison.Ordinal);
    }

    private static long MfaAt(JsonElement tokens) =>
        Tokens.Claims(tokens.GetProperty("access_token").GetString()!).GetProperty("mfa_at").GetInt64();
}
