using System.Buffers.Text;
using Identity.Service.Pages;
using Identity.Service.Persistence;
using Microsoft.EntityFrameworkCore;

namespace Identity.Service.SignIn;

/// <summary>Signing in with a passkey, and the holder's own page of keys and codes.</summary>
internal sealed class PasskeyDesk(IdentityDb db, Credentials credentials, Passkeys passkeys, Sessions sessions,
    SignInDesk signIn, Cookies cookies, TimeProvider clock)
{
    private const string Methods = "hwk user mfa";
    private const string Security = "/identity/security";

    // Changing what one signs in with asks for a second factor that was shown just now.
    private static readonly TimeSpan Fresh = TimeSpan.FromMinutes(10);

    public async Task<IResult> AskAsync(HttpContext http) =>
        Results.Text(await passkeys.AskAsync(http), "application/json");

    /// <summary>A passkey is both factors: what one has, and the finger or number that unlocks it.</summary>
    public async Task<IResult> SignInAsync(HttpContext http)
    {
        var answer = http.Request.Form["credential"].ToString();
        var current = await sessions.CurrentAsync(http, http.RequestAborted);
        if (await passkeys.CheckAsync(http, answer) is not { } credential)
        {
            return current is null ? SignInPages.Show<SignInPage>(http, "passkey.refused")
                : SignInPages.Show<CodePage>(http, "passkey.refused", ("Action", "/identity/step-up"),
                    ("Title", "stepup.title"));
        }
        if (http.Request.Form["stepup"] == "1" && current is not null)
        {
            if (current.Account.Id != credential.Id) return SignInDesk.Again(http);
            signIn.Act(current.Account);
            return await signIn.StepUpAsync(http, current, Methods);
        }
        return await signIn.NextAsync(http,
            new(credential.Id, Password: false, SecondAt: clock.GetUtcNow(), Methods: Methods));
    }

    public async Task<IResult> OfferAsync(HttpContext http) => await WhoAsync(http) is { } who
        ? Results.Text(await passkeys.OfferAsync(http, who.Account), "application/json")
        : Results.StatusCode(StatusCodes.Status403Forbidden);

    public async Task<IResult> AddAsync(HttpContext http)
    {
        var ct = http.RequestAborted;
        if (await WhoAsync(http) is not { } who
            || await credentials.OfAsync(who.Account.Id, ct) is not { } credential) return SignInDesk.Again(http);
        var name = http.Request.Form["name"].ToString().Trim();
        name = name.Length is > 0 and <= 50 && !name.Any(char.IsControl) ? name : who.Account.UserName;
        if (!await passkeys.AddAsync(http, credential, http.Request.Form["credential"].ToString(), name))
        {
            return who.Pending is null ? await ShowAsync(http, who.Account, "passkey.refused")
                : SignInDesk.To("/identity/second-factor", http);
        }
        signIn.Act(who.Account);
        await credentials.RecordAsync(who.Account, "PasskeyAdded", ct);
        if (who.Pending is null) return Results.Redirect(Security);
        var pending = who.Pending with { Totp = null, SecondAt = clock.GetUtcNow(), Methods = "pwd hwk mfa" };
        return await signIn.NextAsync(http, pending);
    }

    public async Task<IResult> RemoveAsync(HttpContext http)
    {
        var ct = http.RequestAborted;
        if (await WhoAsync(http) is not { Pending: null } who
            || await credentials.OfAsync(who.Account.Id, ct) is not { } credential) return SignInDesk.Again(http);
        var text = http.Request.Form["id"].ToString();
        var all = await passkeys.ListAsync(credential);
        if (all.Count == 1 && credential.TotpSecret is null)
            return await ShowAsync(http, who.Account, "passkey.last");
        if (all.FirstOrDefault(p => Base64Url.EncodeToString(p.CredentialId) == text) is { } found)
        {
            signIn.Act(who.Account);
            await passkeys.RemoveAsync(credential, found.CredentialId);
            await credentials.RecordAsync(who.Account, "PasskeyRemoved", ct);
        }
        return Results.Redirect(Security);
    }

    public async Task<IResult> RecoveryAsync(HttpContext http)
    {
        var ct = http.RequestAborted;
        if (await WhoAsync(http) is not { Pending: null } who
            || await credentials.OfAsync(who.Account.Id, ct) is not { } credential) return SignInDesk.Again(http);
        var codes = credentials.NewRecoveryCodes(credential);
        signIn.Act(who.Account);
        db.RecordRead("account", who.Account.Id, who.Account.Path, "RecoveryCodesMade");
        await credentials.SaveAsync(credential, ct);
        return SignInPages.Show<RecoveryPage>(http, null, ("Codes", codes));
    }

    public async Task<IResult> ShowSecurityAsync(HttpContext http)
    {
        if (await sessions.CurrentAsync(http, http.RequestAborted) is not { } current)
            return Results.Redirect(SignInDesk.Start + QueryString.Create("back", Security));
        return await WhoAsync(http) is null
            ? Results.Redirect("/identity/step-up" + QueryString.Create("back", Security))
            : await ShowAsync(http, current.Account, null);
    }

    private async Task<IResult> ShowAsync(HttpContext http, Account account, string? error)
    {
        var credential = (await credentials.OfAsync(account.Id, http.RequestAborted))!;
        return SignInPages.Show<SecurityPage>(http, error, ("Account", account),
            ("Keys", await passkeys.ListAsync(credential)), ("CodesLeft", credential.RecoveryHashes.Count));
    }

    /// <summary>Who may change keys now: signed in with a fresh second factor, or enrolling the first.</summary>
    private async Task<(Account Account, Pending? Pending)?> WhoAsync(HttpContext http)
    {
        var ct = http.RequestAborted;
        if (await sessions.CurrentAsync(http, ct) is { } current)
            return clock.GetUtcNow() - current.Session.SecondFactorAt < Fresh ? (current.Account, null) : null;
        var pending = cookies.Pending(http);
        if (pending is not { Password: true, SecondAt: null, Activation: null }) return null;
        var account = await db.Accounts.SingleAsync(a => a.Id == pending.Account, ct);
        var has = await credentials.OfAsync(account.Id, ct) is { TotpSecret: not null }
            || await credentials.HasPasskeyAsync(account.Id, ct);
        return has || account.Status != AccountStatus.Active ? null : (account, pending);
    }
}
