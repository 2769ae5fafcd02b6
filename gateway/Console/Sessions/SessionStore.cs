using System.Security.Cryptography;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Gateway.Console.Sessions;

/// <summary>
/// Sessions in Redis: the browser holds a random id only, tokens never reach it. What Redis loses ends with a new
/// sign-in. Source: architecture 12.
/// </summary>
internal sealed class SessionStore(IConnectionMultiplexer redis, IDataProtectionProvider protection, TimeProvider clock)
    : ITicketStore
{
    // How the framework's cookie names the session it stands for.
    private const string IdClaim = "Microsoft.AspNetCore.Authentication.Cookies-SessionId";

    private readonly IDataProtector _protector = protection.CreateProtector("session");

    public async Task<string> StoreAsync(AuthenticationTicket ticket)
    {
        var id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        await RenewAsync(id, ticket);
        return id;
    }

    public Task RenewAsync(string key, AuthenticationTicket ticket)
    {
        var life = (ticket.Properties.ExpiresUtc ?? clock.GetUtcNow()) - clock.GetUtcNow();
        return life <= TimeSpan.Zero ? RemoveAsync(key) : redis.GetDatabase().StringSetAsync(
            KeyOf(key), _protector.Protect(TicketSerializer.Default.Serialize(ticket)), life);
    }

    public async Task<AuthenticationTicket?> RetrieveAsync(string key)
    {
        byte[]? bytes = await redis.GetDatabase().StringGetAsync(KeyOf(key));
        if (bytes is null) return null;
        try
        {
            return TicketSerializer.Default.Deserialize(_protector.Unprotect(bytes));
        }
        catch (CryptographicException)
        {
            return null; // written under keys that are gone: the person signs in again
        }
    }

    public Task RemoveAsync(string key) => redis.GetDatabase().KeyDeleteAsync(KeyOf(key));

    /// <summary>
    /// Ends the session a browser brought to its sign-in and takes the cookie off the request. The framework would
    /// otherwise put the new ticket under the old id, and whoever planted that id would be signed in as well.
    /// </summary>
    public async Task LeaveAsync(HttpContext http)
    {
        var cookie = http.RequestServices.GetRequiredService<IOptionsMonitor<CookieAuthenticationOptions>>()
            .Get(CookieAuthenticationDefaults.AuthenticationScheme);
        var name = cookie.Cookie.Name!;
        if (cookie.CookieManager.GetRequestCookie(http, name) is not { } value) return;
        if (cookie.TicketDataFormat.Unprotect(value)?.Principal.FindFirst(IdClaim)?.Value is { } id)
            await RemoveAsync(id);
        http.Request.Headers.Cookie = string.Join("; ", http.Request.Cookies.Where(c => c.Key != name)
            .Select(c => $"{c.Key}={Uri.EscapeDataString(c.Value)}"));
    }

    // A hash, so that whoever lists Redis cannot take a session over.
    private static string KeyOf(string id) =>
        $"gateway:v1:session:{Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.ASCII.GetBytes(id)))}";
}
