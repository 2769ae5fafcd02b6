using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Gateway.Console.Sessions;

/// <summary>
/// Keeps the token of a session fresh: shortly before it ends it is renewed at the provider, by one request at a time.
/// A refused renewal ends the session.
/// </summary>
internal sealed class SessionTokens(IOptionsMonitor<OpenIdConnectOptions> provider, IOptions<ConsoleOptions> options,
    IConnectionMultiplexer redis, TimeProvider clock) : CookieAuthenticationEvents
{
    private static readonly TimeSpan Early = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan RenewalMax = TimeSpan.FromSeconds(15);

    private sealed record Renewed(
        [property: JsonPropertyName("access_token")] string AccessToken,
        [property: JsonPropertyName("refresh_token")] string? RefreshToken,
        [property: JsonPropertyName("expires_in")] int ExpiresIn);

    public override Task SigningIn(CookieSigningInContext context)
    {
        context.Properties.SetString("began", clock.GetUtcNow().ToString("O", CultureInfo.InvariantCulture));
        return Task.CompletedTask;
    }

    // A script that asks for something small is told, not led to a sign-in page it cannot show.
    public override Task RedirectToLogin(RedirectContext<CookieAuthenticationOptions> context)
    {
        if (context.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.Ordinal))
            context.Response.Redirect(context.RedirectUri);
        else
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        return Task.CompletedTask;
    }

    public override async Task ValidatePrincipal(CookieValidatePrincipalContext context)
    {
        var properties = context.Properties;
        if (Instant(properties.GetString("began")) is not { } began
            || clock.GetUtcNow() - began > TimeSpan.FromHours(options.Value.SessionHours))
        {
            await EndAsync(context);
            return;
        }
        var ends = Instant(properties.GetTokenValue("expires_at"));
        if (ends is null || ends - clock.GetUtcNow() > Early) return;
        await RenewAsync(context, ends.Value);
    }

    private async Task RenewAsync(CookieValidatePrincipalContext context, DateTimeOffset ends)
    {
        var refresh = context.Properties.GetTokenValue("refresh_token");
        // Requests of one page come together: the others go on with the token as long as it lasts.
        var turn = $"gateway:v1:renewal:{Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(
            System.Text.Encoding.ASCII.GetBytes(refresh ?? "")))}";
        var mine = refresh is not null
            && await redis.GetDatabase().StringSetAsync(turn, "1", RenewalMax, When.NotExists);
        var renewed = mine ? await AskAsync(refresh!, context.HttpContext.RequestAborted) : null;
        if (renewed is null)
        {
            if (ends > clock.GetUtcNow()) return;
            // Whoever came second may ask again with what the first one gets; the session stays.
            if (mine) await EndAsync(context);
            else context.RejectPrincipal();
            return;
        }
        context.ReplacePrincipal(Person.Of(renewed.AccessToken));
        context.Properties.UpdateTokenValue("access_token", renewed.AccessToken);
        if (renewed.RefreshToken is { } next) context.Properties.UpdateTokenValue("refresh_token", next);
        context.Properties.UpdateTokenValue("expires_at", clock.GetUtcNow().AddSeconds(renewed.ExpiresIn)
            .ToString("O", CultureInfo.InvariantCulture));
        context.ShouldRenew = true;
    }

    private async Task<Renewed?> AskAsync(string refresh, CancellationToken ct)
    {
        var oidc = provider.Get(OpenIdConnectDefaults.AuthenticationScheme);
        var endpoints = await oidc.ConfigurationManager!.GetConfigurationAsync(ct);
        using var body = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["grant_type"] = "refresh_token",
            ["refresh_token"] = refresh,
            ["client_id"] = oidc.ClientId!,
            ["client_secret"] = oidc.ClientSecret!,
        });
        try
        {
            using var answer = await oidc.Backchannel.PostAsync(endpoints.TokenEndpoint, body, ct);
            return answer.IsSuccessStatusCode ? await answer.Content.ReadFromJsonAsync<Renewed>(ct) : null;
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    private static async Task EndAsync(CookieValidatePrincipalContext context)
    {
        context.RejectPrincipal();
        await context.HttpContext.SignOutAsync(CookieAuthenticationDefaults.AuthenticationScheme);
    }

    internal static DateTimeOffset? Instant(string? text) => DateTimeOffset.TryParse(
        text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? at : null;
}
