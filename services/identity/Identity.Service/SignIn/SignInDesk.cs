using Identity.Service.Pages;
using Identity.Service.Persistence;
using Platform.Hosting;

namespace Identity.Service.SignIn;

/// <summary>From a name and a password, or a passkey, to a session for one office.</summary>
internal sealed class SignInDesk(IdentityDb db, Credentials credentials, Sessions sessions, Offices offices,
    Cookies cookies, CallerContext context, TimeProvider clock)
{
    public const string Start = "/identity/sign-in";

    public static IResult ShowSignIn(HttpContext http) => SignInPages.Show<SignInPage>(http);

    public async Task<IResult> SignInAsync(HttpContext http)
    {
        var form = http.Request.Form;
        var (user, password) = (form["user"].ToString(), form["password"].ToString());
        var found = user.Length is > 0 and <= 100 && password.Length is > 0 and <= PasswordRule.LengthMax
            ? await credentials.CheckPasswordAsync(user, password, http.RequestAborted) : null;
        if (found is not { } right) return SignInPages.Show<SignInPage>(http, "signin.refused", ("User", user));
        Act(right.Account);
        return await NextAsync(http, new(right.Account.Id, Password: true));
    }

    public IResult ShowCode(HttpContext http) => cookies.Pending(http) is { Password: true, SecondAt: null }
        ? SignInPages.Show<CodePage>(http, null, ("Action", "/identity/code"), ("Title", "code.title"))
        : Again(http);

    public async Task<IResult> CodeAsync(HttpContext http)
    {
        if (cookies.Pending(http) is not { Password: true, SecondAt: null } pending
            || await credentials.OfAsync(pending.Account, http.RequestAborted) is not { } credential)
            return Again(http);
        var method = await credentials.CheckCodeAsync(credential, Code(http), http.RequestAborted);
        return method is null
            ? SignInPages.Show<CodePage>(http, "code.refused", ("Action", "/identity/code"), ("Title", "code.title"))
            : await NextAsync(http, pending with { SecondAt = clock.GetUtcNow(), Methods = $"pwd {method} mfa" });
    }

    public async Task<IResult> ShowStepUpAsync(HttpContext http) =>
        await sessions.CurrentAsync(http, http.RequestAborted) is null ? Again(http)
        : SignInPages.Show<CodePage>(http, null, ("Action", "/identity/step-up"), ("Title", "stepup.title"));

    public async Task<IResult> StepUpAsync(HttpContext http)
    {
        if (await sessions.CurrentAsync(http, http.RequestAborted) is not { } current
            || await credentials.OfAsync(current.Account.Id, http.RequestAborted) is not { } credential)
            return Again(http);
        Act(current.Account);
        if (await credentials.CheckCodeAsync(credential, Code(http), http.RequestAborted) is not { } method)
        {
            return SignInPages.Show<CodePage>(http, "code.refused", ("Action", "/identity/step-up"),
                ("Title", "stepup.title"));
        }
        return await StepUpAsync(http, current, $"pwd {method} mfa");
    }

    /// <summary>The second factor was shown again.</summary>
    public async Task<IResult> StepUpAsync(HttpContext http, SignedIn current, string methods)
    {
        (current.Session.SecondFactorAt, current.Session.Methods) = (clock.GetUtcNow(), methods);
        await credentials.RecordAsync(current.Account, "SteppedUp", http.RequestAborted);
        return Results.Redirect(SignInPages.BackOf(http));
    }

    public async Task<IResult> ShowOfficesAsync(HttpContext http)
    {
        if (await sessions.CurrentAsync(http, http.RequestAborted) is not { } current) return Again(http);
        var choices = new List<OfficeChoice>();
        foreach (var office in await offices.OfAsync(current.Account, http.RequestAborted))
            choices.Add(new(office, await offices.OnBehalfOfAsync(office, http.RequestAborted)));
        return choices.Count == 0 ? NoOffice(http)
            : SignInPages.Show<OfficePage>(http, null, ("Choices", choices), ("Current", current.Session.Office));
    }

    public async Task<IResult> ChooseOfficeAsync(HttpContext http)
    {
        if (await sessions.CurrentAsync(http, http.RequestAborted) is not { } current) return Again(http);
        var key = http.Request.Form["office"].ToString();
        if (await offices.FindAsync(current.Account, key, http.RequestAborted) is null)
            return await ShowOfficesAsync(http);
        Act(current.Account);
        current.Session.Office = key;
        await credentials.RecordAsync(current.Account, "OfficeChosen", http.RequestAborted);
        return Results.Redirect(SignInPages.BackOf(http));
    }

    public async Task<IResult> ContinueAsync(HttpContext http) =>
        cookies.Pending(http) is { } pending ? await NextAsync(http, pending)
        : await sessions.CurrentAsync(http, http.RequestAborted) is null ? Again(http)
        : Results.Redirect(SignInPages.BackOf(http));

    public static IResult ShowSignOut(HttpContext http) => SignInPages.Show<SignOutPage>(http);

    public async Task<IResult> SignOutAsync(HttpContext http)
    {
        cookies.Delete(http, "pending");
        if (await sessions.CurrentAsync(http, http.RequestAborted) is { } current)
        {
            Act(current.Account);
            sessions.End(http, current.Session);
            await credentials.RecordAsync(current.Account, "SignedOut", http.RequestAborted);
        }
        return Results.Redirect("/");
    }

    /// <summary>The next thing that is missing, or a session when nothing is.</summary>
    public async Task<IResult> NextAsync(HttpContext http, Pending pending)
    {
        var ct = http.RequestAborted;
        var account = await db.Accounts.FindAsync([pending.Account], ct);
        var credential = await credentials.OfAsync(pending.Account, ct);
        if (account is null or { Status: AccountStatus.Closed }) return Again(http);
        cookies.SetPending(http, pending);
        cookies.Delete(http, "session"); // Whoever was signed in here before is not who signs in now.
        if (pending.Activation is not null) return To("/identity/password", http);
        if (credential is null || account.Status != AccountStatus.Active) return Again(http);
        var hasSecond = credential.TotpSecret is not null || await credentials.HasPasskeyAsync(account.Id, ct);
        if (hasSecond && pending.SecondAt is null) return To("/identity/code", http);
        if (credential.MustChangePassword && pending.Password) return To("/identity/password", http);
        if (pending.SecondAt is not { } secondAt) return To("/identity/second-factor", http);
        Act(account);
        return await StartAsync(http, account, secondAt, pending.Methods);
    }

    private async Task<IResult> StartAsync(
        HttpContext http, Account account, DateTimeOffset secondAt, string methods)
    {
        var choices = await offices.OfAsync(account, http.RequestAborted);
        if (choices.Length == 0)
        {
            cookies.Delete(http, "pending");
            return NoOffice(http);
        }
        sessions.Start(http, account.Id, secondAt, methods, choices.Length == 1 ? choices[0].Key : "");
        await credentials.RecordAsync(account, "SignedIn", http.RequestAborted);
        return choices.Length == 1 ? Results.Redirect(SignInPages.BackOf(http)) : To("/identity/office", http);
    }

    /// <summary>From here on the trail names the holder.</summary>
    public void Act(Account account) =>
        context.Current = Caller.Service with { Subject = account.Id, Name = account.Name };

    public static IResult To(string page, HttpContext http) =>
        Results.Redirect(page + QueryString.Create("back", SignInPages.BackOf(http)));

    public static IResult Again(HttpContext http) => To(Start, http);

    private static IResult NoOffice(HttpContext http) =>
        SignInPages.Show<Message>(http, "office.none", ("Title", "office.title"));

    private static string Code(HttpContext http)
    {
        var code = http.Request.Form["code"].ToString();
        return code.Length <= 40 ? code : "";
    }
}

/// <summary>One line of the page of offices.</summary>
public sealed record OfficeChoice(Office Office, string? OnBehalfOf);
