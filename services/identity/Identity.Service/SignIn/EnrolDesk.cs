using Identity.Service.Pages;
using Identity.Service.Persistence;
using Microsoft.EntityFrameworkCore;
using Platform.Hosting;
using Platform.Kernel;

namespace Identity.Service.SignIn;

/// <summary>Activation, choosing a password, enrolling a code generator.</summary>
internal sealed class EnrolDesk(IdentityDb db, Credentials credentials, Sessions sessions, SignInDesk signIn,
    Cookies cookies, AttemptBook attempts, FieldCipher cipher, IdentityOptions options, TimeProvider clock)
{
    public static IResult ShowActivate(HttpContext http) => SignInPages.Show<ActivatePage>(http);

    /// <summary>Looks at the one-time code; it is spent when the password is chosen.</summary>
    public async Task<IResult> ActivateAsync(HttpContext http)
    {
        var ct = http.RequestAborted;
        var (user, code) = (http.Request.Form["user"].ToString(), http.Request.Form["code"].ToString());
        if (user.Length is 0 or > 100 || code.Length is 0 or > 40) return RefuseCode(http, user);
        var account = await credentials.FindAsync(user, ct);
        var question = $"activation\n{account?.Id.ToString() ?? user.Trim().ToLowerInvariant()}";
        var open = await attempts.BookAsync(question, ct);
        var hash = OneTimeCodes.ActivationHash(cipher, code);
        var fits = AccountDecider.Activate(account, hash, clock.GetUtcNow()).Problem is null;
        if (!open || !fits || account is null)
        {
            await credentials.RecordAsync(account, "ActivationRefused", ct);
            return RefuseCode(http, user);
        }
        await attempts.ClearAsync(question, ct);
        return await signIn.NextAsync(http, new(account.Id, Password: true, Activation: hash));
    }

    public async Task<IResult> ShowPasswordAsync(HttpContext http) => cookies.Pending(http) is { Password: true } p
        ? SignInPages.Show<PasswordPage>(http, null, ("AsksOld", false), ("Activation", p.Activation is not null))
        : await sessions.CurrentAsync(http, http.RequestAborted) is null ? SignInDesk.Again(http)
        : SignInPages.Show<PasswordPage>(http, null, ("AsksOld", true));

    public async Task<IResult> PasswordAsync(HttpContext http)
    {
        var ct = http.RequestAborted;
        var pending = cookies.Pending(http);
        var current = pending is null ? await sessions.CurrentAsync(http, ct) : null;
        if (pending is not { Password: true } && current is null) return SignInDesk.Again(http);
        var account = current?.Account ?? await db.Accounts.SingleAsync(a => a.Id == pending!.Account, ct);
        var (password, again) = (http.Request.Form["password"].ToString(), http.Request.Form["again"].ToString());
        var fault = PasswordRule.Check(password, account.UserName);
        var error = fault != PasswordFault.None ? $"password.{fault}" : password != again ? "password.again" : null;
        if (error is null && current is not null) error = await CheckOldAsync(http, account, ct);
        if (error is not null)
        {
            return SignInPages.Show<PasswordPage>(http, error, ("AsksOld", current is not null),
                ("Activation", pending?.Activation is not null));
        }
        signIn.Act(account);
        if (pending is { Activation: { } code }) return await SetFirstAsync(http, account, code, password, pending);
        return await ChangeAsync(http, account, password, pending, current);
    }

    public async Task<IResult> ShowSecondFactorAsync(HttpContext http)
    {
        if (cookies.Pending(http) is not { Password: true, SecondAt: null, Activation: null } pending
            || await HasSecondAsync(pending.Account, http.RequestAborted)) return SignInDesk.Again(http);
        var secret = pending.Totp ?? Totp.NewSecret();
        cookies.SetPending(http, pending with { Totp = secret });
        return await ShowAsync(http, pending.Account, secret, null);
    }

    public async Task<IResult> SecondFactorAsync(HttpContext http)
    {
        var ct = http.RequestAborted;
        if (cookies.Pending(http) is not { Password: true, SecondAt: null, Totp: { } secret } pending
            || await HasSecondAsync(pending.Account, ct)
            || await credentials.OfAsync(pending.Account, ct) is not { } credential) return SignInDesk.Again(http);
        var now = clock.GetUtcNow();
        var digits = string.Concat(http.Request.Form["code"].ToString().Where(c => !char.IsWhiteSpace(c)));
        if (Totp.Verify(secret, digits, now, 0) is not { } step)
            return await ShowAsync(http, pending.Account, secret, "code.refused");
        credentials.SetTotp(credential, secret, step);
        var codes = credentials.NewRecoveryCodes(credential);
        var account = await db.Accounts.SingleAsync(a => a.Id == pending.Account, ct);
        signIn.Act(account);
        db.RecordRead("account", account.Id, account.Path, "SecondFactorEnrolled");
        await credentials.SaveAsync(credential, ct);
        cookies.SetPending(http, pending with { Totp = null, SecondAt = now, Methods = "pwd otp mfa" });
        return SignInPages.Show<RecoveryPage>(http, null, ("Codes", codes));
    }

    private async Task<IResult> SetFirstAsync(
        HttpContext http, Account account, byte[] code, string password, Pending pending)
    {
        var ct = http.RequestAborted;
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        try
        {
            await db.CommitAsync(Guid.CreateVersion7(clock.GetUtcNow()), account.Id, AccountChange.Of(
                a => AccountDecider.Activate(a, code, clock.GetUtcNow())), ct);
        }
        catch (ProblemException e) when (e.Problem.Kind == ProblemKind.Forbidden)
        {
            return RefuseCode(http, ""); // Somebody else used it while this page was open.
        }
        await credentials.VoidAsync(account.Id, ct); // What was there before the account was set back.
        await sessions.EndAllAsync(account.Id, null, ct);
        var credential = await credentials.EnsureAsync(account, ct);
        credentials.SetPassword(credential, password);
        await credentials.SaveAsync(credential, ct);
        await transaction.CommitAsync(ct);
        return await signIn.NextAsync(http, pending with { Activation = null });
    }

    private async Task<IResult> ChangeAsync(
        HttpContext http, Account account, string password, Pending? pending, SignedIn? current)
    {
        var ct = http.RequestAborted;
        if (await credentials.OfAsync(account.Id, ct) is not { } credential) return SignInDesk.Again(http);
        if (pending is not null && (!credential.MustChangePassword
            || (pending.SecondAt is null && await HasSecondAsync(account.Id, ct)))) return SignInDesk.Again(http);
        credentials.SetPassword(credential, password);
        db.RecordRead("account", account.Id, account.Path, "PasswordChanged");
        await credentials.SaveAsync(credential, ct);
        await sessions.EndAllAsync(account.Id, current?.Session.Id, ct);
        return pending is not null ? await signIn.NextAsync(http, pending)
            : Results.Redirect("/identity/security");
    }

    private async Task<string?> CheckOldAsync(HttpContext http, Account account, CancellationToken ct)
    {
        var old = http.Request.Form["old"].ToString();
        return await credentials.OfAsync(account.Id, ct) is { } credential && old.Length <= PasswordRule.LengthMax
            && await credentials.IsPasswordAsync(credential, old, ct) ? null : "password.old";
    }

    // A second factor is added before there is one, never beside one: that takes a security administrator.
    private async Task<bool> HasSecondAsync(Guid account, CancellationToken ct) =>
        await credentials.OfAsync(account, ct) is { TotpSecret: not null }
        || await credentials.HasPasskeyAsync(account, ct);

    private async Task<IResult> ShowAsync(HttpContext http, Guid id, byte[] secret, string? error)
    {
        var account = await db.Accounts.SingleAsync(a => a.Id == id, http.RequestAborted);
        var text = Totp.Base32(secret);
        var name = Uri.EscapeDataString($"{options.Public.Host}:{account.UserName}");
        var address = $"otpauth://totp/{name}?secret={text}&issuer={Uri.EscapeDataString(options.Public.Host)}";
        return SignInPages.Show<SecondFactorPage>(http, error, ("Secret", text), ("Address", address));
    }

    private static IResult RefuseCode(HttpContext http, string user) =>
        SignInPages.Show<ActivatePage>(http, "activate.refused", ("User", user));
}
