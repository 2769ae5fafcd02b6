using System.Security.Cryptography;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.DataProtection;
using StackExchange.Redis;

namespace Gateway.Console.Sessions;

/// <summary>
/// Sessions in Redis: the browser holds a random id only, tokens never reach it. What Redis loses ends with a new
/// sign-in. Source: architecture 12.
/// </summary>
internal sealed class SessionStore(IConnectionMultiplexer redis, IDataProtectionProvider protection, TimeProvider clock)
    : ITicketStore
{
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

    // A hash, so that whoever lists Redis cannot take a session over.
    private static string KeyOf(string id) =>
        $"gateway:v1:session:{Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.ASCII.GetBytes(id)))}";
}
