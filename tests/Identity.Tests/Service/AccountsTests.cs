using System.Text.Json;
using System.Text.RegularExpressions;
using Platform.Testing;

namespace Identity.Tests.Service;

/// <summary>Accounts, grants and delegations over the API, and what they do to signing in.</summary>
public sealed partial class AccountsTests(IdentityFixture identity) : IClassFixture<IdentityFixture>
{
    private const string County = IdentityFixture.County;

    private static string Name() => $"n-{Guid.NewGuid():n}"[..20];

    private async Task<(Guid Id, string UserName, string Code)> OpenAsync(string org = County)
    {
        var name = Name();
        var reply = await identity.As("system-administrator", org).PostAsync("/api/v1/accounts",
            new { name = "演示人员", path = org, userName = name });
        return (reply.Ok.GetProperty("account").GetProperty("id").GetGuid(), name, reply.String("code")!);
    }

    private Task<Reply> GrantAsync(Guid account, string role, string path = County, DateOnly? until = null) =>
        identity.As("security-administrator", path).PostAsync("/api/v1/grants",
            new { accountId = account, path, role, untilOn = until });

    /// <summary>From the code to recovery codes; the person can sign in afterwards.</summary>
    private async Task<(Person Person, Answer Last)> ActivateAsync(Browser browser, Guid id, string user, string code)
    {
        var person = new Person(id, user, "correct horse battery", County);
        var page = await browser.OpenAsync("/identity/activate");
        page = await browser.SubmitAsync(page, "/identity/activate", ("user", user), ("code", code));
        Assert.True(page.Shows("again"), page.Body);
        page = await browser.SubmitAsync(page, "/identity/password", ("password", person.Password),
            ("again", person.Password));
        var secret = SecretPattern().Match(page.Body).Groups[1].Value;
        Assert.Contains("<path fill=\"#000\"", page.Body, StringComparison.Ordinal);
        var digits = Identity.Service.SignIn.Totp.Code(
            Identity.Service.SignIn.Totp.FromBase32(secret), identity.Clock.GetUtcNow());
        return (person, await browser.SubmitAsync(page, "/identity/second-factor", ("code", digits)));
    }

    [Fact]
    public async Task A_new_account_is_activated_once_with_password_and_second_factor()
    {
        var (id, user, code) = await OpenAsync();
        await GrantAsync(id, "committee-clerk");
        using var browser = new Browser(identity);
        var (person, last) = await ActivateAsync(browser, id, user, code.ToLowerInvariant());
        var codes = CodePattern().Matches(last.Body).Select(m => m.Groups[1].Value).ToList();
        Assert.Equal(10, codes.Distinct().Count());
        var end = await browser.SubmitAsync(last, "/identity/continue");
        Assert.Equal("/", end.Location);
        Assert.StartsWith(Browser.Callback, (await browser.OpenAsync(browser.AuthorizeUrl())).Location,
            StringComparison.Ordinal);

        using var again = new Browser(identity);
        var page = await again.OpenAsync("/identity/activate");
        page = await again.SubmitAsync(page, "/identity/activate", ("user", user), ("code", code));
        Assert.Equal(422, page.Status);

        // A recovery code stands in for the generator, once.
        foreach (var status in (int[])[302, 422])
        {
            using var lost = new Browser(identity);
            page = await lost.OpenAsync(lost.AuthorizeUrl());
            page = await lost.SubmitAsync(page, "/identity/sign-in", ("user", user), ("password", person.Password));
            Assert.Equal(status, (await lost.SubmitAsync(page, "/identity/code", ("code", codes[3]))).Status);
        }
    }

    [Fact]
    public async Task A_code_ends_after_seven_days_and_another_takes_its_place()
    {
        var (id, user, code) = await OpenAsync();
        identity.Clock.Advance(TimeSpan.FromDays(7));
        using var browser = new Browser(identity);
        var page = await browser.OpenAsync("/identity/activate");
        Assert.Equal(422,
            (await browser.SubmitAsync(page, "/identity/activate", ("user", user), ("code", code))).Status);
        var next = await identity.As("system-administrator").PostAsync($"/api/v1/accounts/{id}/code");
        await ActivateAsync(browser, id, user, next.String("code")!);
        Assert.Equal("ACCOUNT_ACTIVE",
            (await identity.As("system-administrator").PostAsync($"/api/v1/accounts/{id}/code")).Code);
    }

    [Fact]
    public async Task The_code_is_shown_once_even_when_the_command_is_repeated()
    {
        var (name, key) = (Name(), Guid.CreateVersion7());
        var (api, body) = (identity.As("system-administrator"), new { name = "演示", path = County, userName = name });
        Assert.NotNull((await api.PostAsync("/api/v1/accounts", body, key)).String("code"));
        var repeat = await api.PostAsync("/api/v1/accounts", body, key);
        Assert.Equal(JsonValueKind.Null, repeat.Ok.GetProperty("code").ValueKind);
        Assert.Equal("ACCOUNT_USER_NAME_TAKEN", (await api.PostAsync("/api/v1/accounts", body)).Code);
        // Also when the other one is out of sight.
        Assert.Equal("ACCOUNT_USER_NAME_TAKEN", (await identity.As("system-administrator", IdentityFixture.OtherCounty)
            .PostAsync("/api/v1/accounts", new { name = "演示", path = IdentityFixture.OtherCounty, userName = name }))
            .Code);
    }

    [Fact]
    public async Task A_member_activates_with_the_certificate_number_and_acts_for_the_own_record_only()
    {
        var member = Guid.NewGuid();
        var certificate = $"晋-{Random.Shared.Next():D10}";
        var clerk = identity.As("branch-secretary", County + "B1/");
        var opened = await clerk.PostAsync("/api/v1/accounts",
            new { name = "演示党员", path = County + "B1/", memberId = member, certificateNumber = certificate });
        Assert.Equal(0, await identity.CountAsync(
            $"select count(*) from account a where a::text like '%{certificate}%'"));
        Assert.Equal("ACCOUNT_MEMBER_HAS_ONE", (await clerk.PostAsync("/api/v1/accounts",
            new { name = "演示党员", path = County + "B1/", memberId = member, certificateNumber = "x" })).Code);
        using var browser = new Browser(identity);
        var id = opened.Ok.GetProperty("account").GetProperty("id").GetGuid();
        var (_, last) = await ActivateAsync(browser, id, certificate, opened.String("code")!);
        await browser.SubmitAsync(last, "/identity/continue");
        var (_, tokens) = await browser.ExchangeAsync(await browser.OpenAsync(browser.AuthorizeUrl()));
        var claims = Tokens.Claims(tokens.GetProperty("access_token").GetString()!);
        Assert.Equal(member, claims.GetProperty("member").GetGuid());
        Assert.Equal(["member"], claims.GetProperty("roles").EnumerateArray().Select(r => r.GetString()));
    }

    [Fact]
    public async Task A_member_account_that_holds_an_office_gets_its_code_from_whoever_keeps_accounts_alone()
    {
        var secretary = identity.As("branch-secretary", County + "B1/");
        var opened = await secretary.PostAsync("/api/v1/accounts", new
        {
            name = "演示党员", path = County + "B1/", memberId = Guid.NewGuid(),
            certificateNumber = $"晋-{Random.Shared.Next():D10}",
        });
        var id = opened.Ok.GetProperty("account").GetProperty("id").GetGuid();
        Assert.NotNull((await secretary.PostAsync($"/api/v1/accounts/{id}/code")).String("code"));
        (await GrantAsync(id, "committee-clerk")).Ok.ToString();
        Assert.Equal("ROLE_NOT_ALLOWED", (await secretary.PostAsync($"/api/v1/accounts/{id}/code")).Code);
        Assert.NotNull((await identity.As("system-administrator").PostAsync($"/api/v1/accounts/{id}/code"))
            .String("code"));
    }

    [Fact]
    public async Task The_three_administrators_are_three_accounts_wherever_their_roles_are_granted()
    {
        var (id, _, _) = await OpenAsync();
        (await GrantAsync(id, "system-administrator")).Ok.ToString();
        Assert.Equal("ADMINISTRATORS_APART", (await GrantAsync(id, "auditor")).Code);
        Assert.Equal("ADMINISTRATORS_APART", (await identity.As("security-administrator", IdentityFixture.Province)
            .PostAsync("/api/v1/grants", new { accountId = id, path = IdentityFixture.Province, role = "auditor" }))
            .Code);
        Assert.Equal("ADMINISTRATOR_HOLDS_NO_OFFICE", (await GrantAsync(id, "committee-clerk")).Code);
        Assert.Equal("ROLE_NOT_ALLOWED", (await identity.As("system-administrator").PostAsync("/api/v1/grants",
            new { accountId = id, path = County, role = "analyst" })).Code);
        Assert.Equal("GRANT_TO_ONESELF", (await identity.As("security-administrator", County, id).PostAsync(
            "/api/v1/grants", new { accountId = id, path = County, role = "analyst" })).Code);
    }

    [Fact]
    public async Task Two_administrators_roles_granted_at_the_same_moment_do_not_both_stand()
    {
        var (id, _, _) = await OpenAsync();
        var all = await Task.WhenAll(RoleNames.Administrators.Select(r => GrantAsync(id, r)));
        Assert.Single(all, r => r.Status == 200);
        Assert.Equal(2, all.Count(r => r.Code == "ADMINISTRATORS_APART"));
    }

    [Fact]
    public async Task Everybody_keeps_to_the_own_part_of_the_tree_and_role()
    {
        var (id, _, _) = await OpenAsync();
        var grant = (await GrantAsync(id, "analyst")).Id();
        var elsewhere = IdentityFixture.OtherCounty;
        foreach (var role in (string[])["system-administrator", "security-administrator", "auditor"])
        {
            var far = identity.As(role, elsewhere);
            Assert.Equal(404, (await far.GetAsync($"/api/v1/accounts/{id}")).Status);
            Assert.Empty((await far.GetAsync($"/api/v1/grants?accountId={id}")).Ok.EnumerateArray());
            Assert.DoesNotContain(id.ToString(), (await far.GetAsync("/api/v1/accounts?size=200")).Text,
                StringComparison.Ordinal);
        }
        var (keeper, granter) =
            (identity.As("system-administrator", elsewhere), identity.As("security-administrator", elsewhere));
        var reason = new { reason = "演示" };
        Assert.Equal(404, (await keeper.PostAsync($"/api/v1/accounts/{id}/close", reason)).Status);
        Assert.Equal(404, (await keeper.PostAsync($"/api/v1/accounts/{id}/move", new { path = elsewhere })).Status);
        Assert.Equal(404, (await granter.PostAsync($"/api/v1/accounts/{id}/reset", reason)).Status);
        Assert.Equal(404, (await granter.PostAsync($"/api/v1/grants/{grant}/withdraw", reason)).Status);
        Assert.Equal("OUT_OF_SCOPE", (await granter.PostAsync("/api/v1/grants",
            new { accountId = id, path = County, role = "analyst" })).Code);
        Assert.Equal("OUT_OF_SCOPE", (await keeper.PostAsync("/api/v1/accounts",
            new { name = "演示", path = County, userName = Name() })).Code);
        Assert.Equal("OUT_OF_SCOPE", (await identity.As("system-administrator").PostAsync(
            $"/api/v1/accounts/{id}/move", new { path = elsewhere })).Code);
        foreach (var role in RoleNames.Grantable.Except(["system-administrator"]))
        {
            Assert.Equal("ROLE_NOT_ALLOWED", (await identity.As(role).PostAsync($"/api/v1/accounts/{id}/close", reason))
                .Code);
            Assert.Equal("ROLE_NOT_ALLOWED", (await identity.As(role).PostAsync("/api/v1/accounts",
                new { name = "演示", path = County, userName = Name() })).Code);
        }
        foreach (var role in RoleNames.Grantable.Except(["security-administrator"]))
        {
            Assert.Equal("ROLE_NOT_ALLOWED", (await identity.As(role).PostAsync($"/api/v1/accounts/{id}/reset", reason))
                .Code);
        }
        foreach (var role in RoleNames.Grantable.Except(["auditor"]))
            Assert.Equal("ROLE_NOT_ALLOWED", (await identity.As(role).GetAsync($"/api/v1/accounts/{id}/trail")).Code);
        var trail = await identity.As("auditor").GetAsync($"/api/v1/accounts/{id}/trail");
        Assert.Contains("AccountCreated", trail.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_deputy_acts_for_and_on_behalf_of_the_holder_until_it_ends()
    {
        var secretary = await identity.PersonAsync("committee-clerk");
        var deputy = await identity.PersonAsync("analyst", County + "B2/");
        using var mine = new Browser(identity);
        var (_, tokens) = await mine.ExchangeAsync(await mine.SignInAsync(secretary));
        var api = new Api(identity.Address, tokens.GetProperty("access_token").GetString());
        var grant = (await api.GetAsync("/api/v1/grants/mine")).Ok[0].GetProperty("id").GetGuid();
        var today = DateOnly.FromDateTime(identity.Clock.GetUtcNow().AddHours(8).DateTime);
        var given = await api.PostAsync($"/api/v1/grants/{grant}/delegations",
            new { deputy = deputy.UserName, untilOn = today.AddDays(2), reason = "出差" });
        Assert.Equal(secretary.Id, given.Ok.GetProperty("fromAccount").GetGuid());

        using var browser = new Browser(identity);
        var page = await browser.SignInAsync(deputy);
        Assert.True(page.Shows("offices"));
        Assert.Contains("代 演示人员", page.Body, StringComparison.Ordinal);
        var callback = await browser.SubmitAsync(page, "/identity/office", ("office", $"deputy:{given.Id()}"));
        var (_, deputed) = await browser.ExchangeAsync(callback);
        var claims = Tokens.Claims(deputed.GetProperty("access_token").GetString()!);
        Assert.Equal((deputy.Id.ToString(), County, $"演示人员 {County}"), (claims.GetProperty("sub").GetString(),
            claims.GetProperty("org").GetString(), claims.GetProperty("obo").GetString()));
        Assert.Equal(["committee-clerk"], claims.GetProperty("roles").EnumerateArray().Select(r => r.GetString()));

        // What is lent is not lent on.
        var lent = new Api(identity.Address, deputed.GetProperty("access_token").GetString());
        Assert.Equal("ROLE_NOT_ALLOWED", (await lent.PostAsync($"/api/v1/grants/{grant}/delegations",
            new { deputy = secretary.UserName, untilOn = today.AddDays(1), reason = "x" })).Code);

        var back = await api.PostAsync($"/api/v1/grants/delegations/{given.Id()}/withdraw", new { reason = "回来了" });
        Assert.Equal(200, back.Status);
        Assert.Equal(400, (await browser.RefreshAsync(deputed.GetProperty("refresh_token").GetString()!)).Status);
        var next = await browser.OpenAsync(browser.AuthorizeUrl());
        Assert.DoesNotContain("deputy:", next.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_delegation_and_a_dated_grant_end_by_themselves()
    {
        var today = DateOnly.FromDateTime(identity.Clock.GetUtcNow().AddHours(8).DateTime);
        var clerk = await identity.PersonAsync("committee-clerk");
        (await GrantAsync(clerk.Id, "supervisor", County, today)).Ok.ToString();
        using var browser = new Browser(identity);
        var (_, both) = await browser.ExchangeAsync(await browser.SignInAsync(clerk));
        Assert.Equal(["committee-clerk", "supervisor"], Roles(both));
        identity.Clock.Advance(TimeSpan.FromHours(24));
        using var later = new Browser(identity);
        var (_, one) = await later.ExchangeAsync(await later.SignInAsync(clerk));
        Assert.Equal(["committee-clerk"], Roles(one));

        static IEnumerable<string?> Roles(JsonElement tokens) => Tokens
            .Claims(tokens.GetProperty("access_token").GetString()!).GetProperty("roles").EnumerateArray()
            .Select(r => r.GetString());
    }

    [Fact]
    public async Task Withdrawing_closing_and_setting_back_end_what_runs()
    {
        var reason = new { reason = "演示" };
        foreach (var (role, act) in ((string, Func<Person, Guid, string>)[])[
            ("security-administrator", (_, grant) => $"/api/v1/grants/{grant}/withdraw"),
            ("system-administrator", (p, _) => $"/api/v1/accounts/{p.Id}/close"),
            ("security-administrator", (p, _) => $"/api/v1/accounts/{p.Id}/reset")])
        {
            var clerk = await identity.PersonAsync("committee-clerk");
            using var browser = new Browser(identity);
            var (_, tokens) = await browser.ExchangeAsync(await browser.SignInAsync(clerk));
            var grant = (await identity.As("auditor").GetAsync($"/api/v1/grants?accountId={clerk.Id}")).Ok[0]
                .GetProperty("id").GetGuid();
            var done = await identity.As(role).PostAsync(act(clerk, grant), reason);
            Assert.True(done.Status == 200, done.Text);
            Assert.Equal(400, (await browser.RefreshAsync(tokens.GetProperty("refresh_token").GetString()!)).Status);
            Assert.Null((await browser.OpenAsync(browser.AuthorizeUrl())).Location);
        }
    }

    [Fact]
    public async Task After_a_reset_the_old_password_is_void_and_the_new_code_starts_again()
    {
        var clerk = await identity.PersonAsync("committee-clerk");
        var reset = await identity.As("security-administrator").PostAsync($"/api/v1/accounts/{clerk.Id}/reset",
            new { reason = "手机遗失" });
        using var browser = new Browser(identity);
        var page = await browser.OpenAsync("/identity/sign-in");
        Assert.Equal(422, (await browser.SubmitAsync(page, "/identity/sign-in", ("user", clerk.UserName),
            ("password", clerk.Password))).Status);
        var (_, last) = await ActivateAsync(browser, clerk.Id, clerk.UserName, reset.String("code")!);
        Assert.Equal("/", (await browser.SubmitAsync(last, "/identity/continue")).Location);
        Assert.Equal(1, await identity.CountAsync($"select count(*) from credential where id = '{clerk.Id}'"));
    }

    [GeneratedRegex("id=\"secret\" readonly[^>]* value=\"([A-Z2-7]+)\"")]
    private static partial Regex SecretPattern();

    [GeneratedRegex("<li><code>([A-Z0-9-]+)</code></li>")]
    private static partial Regex CodePattern();
}
