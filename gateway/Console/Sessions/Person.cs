using System.Globalization;
using System.Security.Claims;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.IdentityModel.JsonWebTokens;
using Platform.Hosting;

namespace Gateway.Console.Sessions;

/// <summary>Who works at the console: what the access token says, so that pages and services see the same.</summary>
public static class Person
{
    private static readonly string[] Kept =
        ["sub", "name", "org", "roles", "member", "obo", "auth_time", "mfa_at"];

    /// <summary>The claims of a token that came straight from the provider.</summary>
    internal static ClaimsPrincipal Of(string accessToken)
    {
        var token = new JsonWebTokenHandler().ReadJsonWebToken(accessToken);
        return new(new ClaimsIdentity(token.Claims.Where(c => Kept.Contains(c.Type)),
            CookieAuthenticationDefaults.AuthenticationScheme, "name", "roles"));
    }

    /// <summary>When the second factor was last shown; null when the session has none.</summary>
    public static DateTimeOffset? SecondFactorAt(this ClaimsPrincipal user) =>
        long.TryParse(user.FindFirstValue("mfa_at"), CultureInfo.InvariantCulture, out var seconds)
            ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null;

    /// <summary>True while the second factor counts for what is sensitive.</summary>
    public static bool HasFreshSecondFactor(this ClaimsPrincipal user, DateTimeOffset now, ConsoleOptions options) =>
        user.SecondFactorAt() is { } at && now - at <= TimeSpan.FromMinutes(options.StepUpMinutes);

    /// <summary>True for one of the roles.</summary>
    public static bool Has(this Caller caller, params ReadOnlySpan<string> roles)
    {
        foreach (var role in roles)
        {
            if (caller.Roles.Contains(role)) return true;
        }
        return false;
    }
}
