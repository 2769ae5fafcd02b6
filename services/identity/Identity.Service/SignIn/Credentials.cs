using Identity.Service.Persistence;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Platform.Hosting;

namespace Identity.Service.SignIn;

/// <summary>Passwords, codes and recovery codes: whether they are right, and new ones.</summary>
internal sealed class Credentials(IdentityDb db, AttemptBook attempts, IPasswordHasher<Credential> hasher,
    FieldCipher cipher, TimeProvider clock)
{
    private const int RecoveryCount = 10;
    private const string TotpPurpose = "totp";

    // For names that do not exist, so that the answer takes the same time; nobody knows what it is the hash of.
    private static readonly Lazy<string> Nobody = new(() =>
        new PasswordHasher<Credential>().HashPassword(new(), Guid.NewGuid().ToString()));

    /// <summary>
    /// The account whose password this is. Null for every other outcome alike: no such name, wrong password, not
    /// active, too many wrong answers. All of them do the same work.
    /// </summary>
    /// <param name="identifier">User name or certificate number.</param>
    public async Task<(Account Account, Credential Credential)?> CheckPasswordAsync(
        string identifier, string password, CancellationToken ct)
    {
        var account = await FindAsync(identifier, ct);
        var question = $"password\n{account?.Id.ToString() ?? Normal(identifier)}";
        var open = await attempts.BookAsync(question, ct);
        var id = account is { Status: AccountStatus.Active } ? account.Id : Guid.Empty;
        var credential = await db.Credentials.SingleOrDefaultAsync(c => c.Id == id, ct);
        var hash = credential?.PasswordHash ?? Nobody.Value;
        var right = hasher.VerifyHashedPassword(credential ?? new(), hash, password)
            != PasswordVerificationResult.Failed;
        if (!open || !right || account is null || credential is null)
        {
            await RecordAsync(account, open ? "PasswordRefused" : "PasswordNotLookedAt", ct);
            return null;
        }
        await attempts.ClearAsync(question, ct);
        return (account, credential);
    }

    /// <summary>True when the password of a known account is right; counts wrong ones.</summary>
    public async Task<bool> IsPasswordAsync(Credential credential, string password, CancellationToken ct)
    {
        var question = $"password\n{credential.Id}";
        if (!await attempts.BookAsync(question, ct) || credential.PasswordHash is null
            || hasher.VerifyHashedPassword(credential, credential.PasswordHash, password)
                == PasswordVerificationResult.Failed) return false;
        await attempts.ClearAsync(question, ct);
        return true;
    }

    /// <summary>
    /// How a code proves the account's second factor: "otp" (generator) or "kba" (recovery code, spent by it). Null
    /// when it does not. Saved.
    /// </summary>
    public async Task<string?> CheckCodeAsync(Credential credential, string code, CancellationToken ct)
    {
        var question = $"code\n{credential.Id}";
        if (!await attempts.BookAsync(question, ct)) return null;
        var digits = string.Concat(code.Where(c => !char.IsWhiteSpace(c) && c != '-'));
        string? method = null;
        if (digits.Length == 6 && credential.TotpSecret is { } secret
            && Totp.Verify(cipher.Decrypt(secret, TotpPurpose), digits, clock.GetUtcNow(), credential.TotpStep) is
            { } step)
        {
            credential.TotpStep = step;
            method = "otp";
        }
        else if (digits.Length == 10)
        {
            var hash = OneTimeCodes.RecoveryHash(cipher, credential.Id, digits);
            var left = credential.RecoveryHashes.Where(h => !h.AsSpan().SequenceEqual(hash)).ToList();
            if (left.Count < credential.RecoveryHashes.Count) method = "kba";
            credential.RecoveryHashes = left;
        }
        var account = await db.Accounts.SingleAsync(a => a.Id == credential.Id, ct);
        if (method is null)
        {
            await RecordAsync(account, "CodeRefused", ct);
            return null;
        }
        await SaveAsync(credential, ct); // Two uses of one code race here; the second finds another stamp.
        await attempts.ClearAsync(question, ct);
        return method;
    }

    /// <summary>The account of a user name or certificate number that is not closed; null when there is
    /// none.</summary>
    public async Task<Account?> FindAsync(string identifier, CancellationToken ct)
    {
        var (name, certificate) = (Normal(identifier), db.CertificateIndex(identifier));
        return await db.Accounts.Where(a => a.UserName == name || a.CertificateIndex == certificate)
            .Where(a => a.Status != AccountStatus.Closed).OrderBy(a => a.UserName != name).FirstOrDefaultAsync(ct);
    }

    public Task<Credential?> OfAsync(Guid account, CancellationToken ct) =>
        db.Credentials.SingleOrDefaultAsync(c => c.Id == account, ct);

    /// <summary>The credential of an account, made when there is none yet; saved by the caller.</summary>
    public async Task<Credential> EnsureAsync(Account account, CancellationToken ct)
    {
        if (await OfAsync(account.Id, ct) is { } credential) return credential;
        credential = new Credential
        {
            Id = account.Id,
            UserName = account.UserName,
            NormalizedUserName = account.UserName.ToUpperInvariant(),
            SecurityStamp = Guid.NewGuid().ToString(), // Its library insists; sessions end by their rows instead.
        };
        db.Add(credential);
        return credential;
    }

    public void SetPassword(Credential credential, string password, bool mustChange = false)
    {
        credential.PasswordHash = hasher.HashPassword(credential, password);
        credential.MustChangePassword = mustChange;
    }

    public void SetTotp(Credential credential, byte[] secret, long usedStep = 0) =>
        (credential.TotpSecret, credential.TotpStep) = (cipher.Encrypt(secret, TotpPurpose), usedStep);

    /// <summary>New recovery codes in place of the old ones; shown once.</summary>
    public IReadOnlyList<string> NewRecoveryCodes(Credential credential)
    {
        var codes = Enumerable.Range(0, RecoveryCount).Select(_ => OneTimeCodes.NewRecovery()).ToList();
        credential.RecoveryHashes = [.. codes.Select(c => OneTimeCodes.RecoveryHash(cipher, credential.Id, c))];
        return codes;
    }

    /// <summary>Voids everything the holder knows and carries.</summary>
    public async Task VoidAsync(Guid account, CancellationToken ct)
    {
        await db.Set<IdentityUserPasskey<Guid>>().Where(p => p.UserId == account).ExecuteDeleteAsync(ct);
        await db.Credentials.Where(c => c.Id == account).ExecuteDeleteAsync(ct);
    }

    public Task<bool> HasPasskeyAsync(Guid account, CancellationToken ct) =>
        db.Set<IdentityUserPasskey<Guid>>().AnyAsync(p => p.UserId == account, ct);

    /// <summary>Saves with a new stamp: of two changes at once one fails.</summary>
    public Task SaveAsync(Credential credential, CancellationToken ct)
    {
        credential.ConcurrencyStamp = Guid.NewGuid().ToString();
        return db.SaveChangesAsync(ct);
    }

    /// <summary>A line of the trail about signing in; for names that do not exist too, so that time tells
    /// nothing.</summary>
    public Task RecordAsync(Account? account, string what, CancellationToken ct)
    {
        db.RecordRead("account", account?.Id ?? Guid.Empty, account?.Path ?? "", what);
        return db.SaveChangesAsync(ct);
    }

    private static string Normal(string identifier) => identifier.Trim().ToLowerInvariant();
}
