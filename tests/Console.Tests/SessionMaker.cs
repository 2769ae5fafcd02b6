using System.Globalization;
using System.Security.Claims;
using Gateway.Console.Sessions;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Gateway.Testing;

/// <summary>Puts a session where signing in puts it, with a token of the test's issuer.</summary>
internal static class SessionMaker
{
    /// <param name="age">How long ago it was last renewed; past a quarter of an hour the next page renews it.</param>
    /// <returns>The value of the cookie <c>session</c>.</returns>
    public static async Task<string> MakeAsync(IServiceProvider gateway, string token, TimeSpan age = default)
    {
        var cookie = gateway.GetRequiredService<IOptionsMonitor<CookieAuthenticationOptions>>()
            .Get(CookieAuthenticationDefaults.AuthenticationScheme);
        var now = DateTimeOffset.UtcNow;
        var renewed = now - age;
        var properties = new AuthenticationProperties { IssuedUtc = renewed, ExpiresUtc = renewed.AddMinutes(30) };
        properties.SetString("began", now.ToString("O", CultureInfo.InvariantCulture));
        properties.StoreTokens(
        [
            new() { Name = "access_token", Value = token },
            new() { Name = "expires_at", Value = now.AddHours(1).ToString("O", CultureInfo.InvariantCulture) },
        ]);
        var id = await cookie.SessionStore!.StoreAsync(new(Person.Of(token), properties,
            CookieAuthenticationDefaults.AuthenticationScheme));
        var key = new ClaimsIdentity([new("Microsoft.AspNetCore.Authentication.Cookies-SessionId", id)],
            cookie.ClaimsIssuer);
        return cookie.TicketDataFormat.Protect(
            new(new(key), null, CookieAuthenticationDefaults.AuthenticationScheme));
    }
}
