using Identity.Service.Persistence;
using Microsoft.AspNetCore.Identity;

namespace Identity.Service.SignIn;

/// <summary>
/// Passkeys (通行密钥): ASP.NET Core Identity checks them, our cookie carries what it must remember in between.
/// </summary>
internal sealed class Passkeys(
    IPasskeyHandler<Credential> handler, UserManager<Credential> users, Cookies cookies)
{
    /// <summary>Most passkeys of one account.</summary>
    public const int OwnMax = 10;

    /// <summary>Question for the authenticator, JSON; any passkey of this site may answer.</summary>
    public async Task<string> AskAsync(HttpContext http)
    {
        var options = await handler.MakeRequestOptionsAsync(null, http);
        cookies.SetPasskey(http, options.AssertionState ?? "");
        return options.RequestOptionsJson;
    }

    /// <summary>Whose passkey answered; null when the answer does not hold.</summary>
    public async Task<Credential?> CheckAsync(HttpContext http, string credentialJson)
    {
        if (cookies.TakePasskey(http) is not { } state) return null;
        var result = await handler.PerformAssertionAsync(new()
        {
            HttpContext = http,
            CredentialJson = credentialJson,
            AssertionState = state,
        });
        if (!result.Succeeded) return null;
        await users.AddOrUpdatePasskeyAsync(result.User, result.Passkey); // keeps its counter
        return result.User;
    }

    /// <summary>Question for making a passkey, JSON.</summary>
    public async Task<string> OfferAsync(HttpContext http, Account account)
    {
        var options = await handler.MakeCreationOptionsAsync(
            new() { Id = account.Id.ToString(), Name = account.UserName, DisplayName = account.Name }, http);
        cookies.SetPasskey(http, options.AttestationState ?? "");
        return options.CreationOptionsJson;
    }

    /// <summary>Adds the passkey that was made; false when the answer does not hold or there are too many.</summary>
    public async Task<bool> AddAsync(HttpContext http, Credential credential, string credentialJson, string name)
    {
        if (cookies.TakePasskey(http) is not { } state) return false;
        var result = await handler.PerformAttestationAsync(new()
        {
            HttpContext = http,
            CredentialJson = credentialJson,
            AttestationState = state,
        });
        if (!result.Succeeded || result.UserEntity.Id != credential.Id.ToString()) return false;
        if ((await users.GetPasskeysAsync(credential)).Count >= OwnMax) return false;
        result.Passkey.Name = name;
        return (await users.AddOrUpdatePasskeyAsync(credential, result.Passkey)).Succeeded;
    }

    public Task<IList<UserPasskeyInfo>> ListAsync(Credential credential) => users.GetPasskeysAsync(credential);

    public Task RemoveAsync(Credential credential, byte[] id) => users.RemovePasskeyAsync(credential, id);
}
