using System.Text.Json;
using Identity.Service.Capabilities;
using Identity.Service.Persistence;
using Identity.Service.SignIn;
using Microsoft.EntityFrameworkCore;
using Platform.Hosting;

namespace Identity.Service;

/// <summary>
/// The first accounts of a node, before there is anybody who could open them: verb <c>identity-accounts</c> with a
/// file. Accounts that are there already stay as they are.
/// </summary>
internal sealed class Founding(IdentityDb db, Credentials credentials, HeldRoles beyond, FieldCipher cipher,
    TimeProvider clock)
{
    /// <param name="Password">Given for demonstrations; without one the account waits for its holder with a
    /// code.</param>
    /// <param name="TotpSecret">Base 32; only together with a password.</param>
    /// <param name="MustChangePassword">Whoever wrote the file knows the password: the holder changes it at the first
    /// sign-in.</param>
    public sealed record FirstAccount(Guid Id, string UserName, string Name, string Path, string Role,
        string? Password = null, string? TotpSecret = null, bool MustChangePassword = false);

    /// <returns>One-time codes by user name, of accounts without a password.</returns>
    public async Task<IReadOnlyList<(string UserName, string Code)>> RunAsync(string json, CancellationToken ct)
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web);
        PlatformHost.UseStrictJson(options);
        var codes = new List<(string, string)>();
        foreach (var first in JsonSerializer.Deserialize<List<FirstAccount>>(json, options)!)
        {
            if (await db.Accounts.AnyAsync(a => a.Id == first.Id, ct)) continue;
            var code = AccountsApi.NewCode(cipher, clock);
            await using var transaction = await db.Database.BeginTransactionAsync(ct);
            var account = await OpenAsync(first, code.Kept, ct);
            if (first.Password is null) codes.Add((first.UserName, code.Shown));
            else await ActivateAsync(account, code.Kept, first, ct);
            await transaction.CommitAsync(ct);
        }
        return codes;
    }

    private async Task<Account> OpenAsync(FirstAccount first, OneTimeCode code, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var account = new Account
        {
            Id = first.Id,
            UserName = first.UserName,
            Name = first.Name,
            Path = first.Path,
            CodeHash = code.Hash,
            CodeUntil = code.Until,
            CreatedAt = now,
        };
        if (!AccountDecider.IsUserName(first.UserName) || !Caller.IsPath(first.Path))
            throw new ArgumentException($"Account {first.Id}: user name or path is malformed.");
        var (name, member) = await beyond.TakenAsync(account, ct);
        var opened = await db.CommitAsync(Guid.CreateVersion7(now), account.Id,
            AccountChange.Of(a => AccountDecider.Create(a, account, name, member)), ct);
        var grant = new Grant
        {
            Id = Guid.CreateVersion7(now),
            AccountId = account.Id,
            Path = first.Path,
            Role = first.Role,
            FromOn = Today.In(clock),
        };
        await db.CommitAsync(Guid.CreateVersion7(now), grant.Id,
            AccountChange.OfGrant(g => GrantDecider.Give(g, grant, opened, [], Guid.Empty)), ct);
        return opened;
    }

    private async Task ActivateAsync(Account account, OneTimeCode code, FirstAccount first, CancellationToken ct)
    {
        await db.CommitAsync(Guid.CreateVersion7(clock.GetUtcNow()), account.Id,
            AccountChange.Of(a => AccountDecider.Activate(a, code.Hash, clock.GetUtcNow())), ct);
        var credential = await credentials.EnsureAsync(account, ct);
        credentials.SetPassword(credential, first.Password!, first.MustChangePassword);
        if (first.TotpSecret is { } secret) credentials.SetTotp(credential, Totp.FromBase32(secret));
        await credentials.SaveAsync(credential, ct);
    }
}
