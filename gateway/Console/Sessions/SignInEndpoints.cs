using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Localization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Platform.Hosting;
using Platform.Kernel;

namespace Gateway.Console.Sessions;

/// <summary>Signing in and out, the second factor once more, the language: what is no page.</summary>
internal static class SignInEndpoints
{
    private static readonly string[] Languages = ["zh-CN", "en"];
    private static readonly Problem ProviderAway = new(ProblemKind.Unavailable, "SIGN_IN_UNAVAILABLE",
        "Signing in is not possible now; what you typed is kept in this browser. Try again shortly.",
        "现在无法登录，已填的内容仍在这台设备上，请稍后再试。");

    private static readonly string[] Looks = ["theme", "density", "keys"];

    public static void MapSignIn(this IEndpointRouteBuilder app)
    {
        app.MapGet("/sign-in", (string? to, HttpContext http) => ChallengeAsync(Local(to), false, http))
            .AllowAnonymous();
        app.MapGet("/step-up", (string? to, HttpContext http) => ChallengeAsync(Local(to), true, http))
            .AllowAnonymous();
        app.MapPost("/sign-out", SignOutAsync).AllowAnonymous();
        // Answers 401 instead of a redirect, so that a page can say that the session is over and keep its text.
        app.MapGet("/session", (HttpContext http) => http.User.Identity?.IsAuthenticated == true
            ? Results.NoContent() : Results.Unauthorized()).AllowAnonymous();
        app.MapGet("/language", ChooseLanguage).AllowAnonymous();
        app.MapPost("/look", ChooseLookAsync);
    }

    /// <summary>Only addresses of this console: nobody is sent elsewhere after signing in.</summary>
    internal static string Local(string? to) =>
        to is ['/', not ('/' or '\\'), ..] && !to.Any(c => c is '\\' || char.IsControl(c)) ? to : "/";

    private static async Task<IResult> ChallengeAsync(string to, bool stepUp, HttpContext http)
    {
        // Cookies belong to a name: whoever came to 127.0.0.1 goes on at localhost. Elsewhere a proxy decides on names,
        // and one that does not pass them on would send a browser round in circles.
        var home = new Uri(http.RequestServices.GetRequiredService<IOptions<ConsoleOptions>>().Value.PublicUrl);
        if (home.IsLoopback && http.Request.Host.Value != home.Authority)
            return Results.Redirect(new Uri(home, http.Request.Path + http.Request.QueryString).ToString());
        try
        {
            await http.RequestServices.GetRequiredService<IOptionsMonitor<OpenIdConnectOptions>>()
                .Get(OpenIdConnectDefaults.AuthenticationScheme).ConfigurationManager!
                .GetConfigurationAsync(http.RequestAborted);
        }
        catch (Exception e) when (e is InvalidOperationException or IOException or HttpRequestException)
        {
            throw new ProblemException(ProviderAway);
        }
        var properties = new AuthenticationProperties { RedirectUri = to };
        if (stepUp) properties.SetParameter("acr_values", "step-up");
        return Results.Challenge(properties, [OpenIdConnectDefaults.AuthenticationScheme]);
    }

    private static async Task<IResult> SignOutAsync(HttpContext http, IAntiforgery antiforgery)
    {
        if (!await antiforgery.IsRequestValidAsync(http)) return Results.BadRequest();
        return Results.SignOut(new() { RedirectUri = "/" },
            [CookieAuthenticationDefaults.AuthenticationScheme, OpenIdConnectDefaults.AuthenticationScheme]);
    }

    private static IResult ChooseLanguage(string? code, string? to, HttpContext http)
    {
        if (Languages.Contains(code))
        {
            http.Response.Cookies.Append("language", CookieRequestCultureProvider.MakeCookieValue(new(code!)),
                Kept(http));
        }
        return Results.LocalRedirect(Local(to));
    }

    private static async Task<IResult> ChooseLookAsync([FromForm] string name, [FromForm] string value,
        [FromForm] string? to, HttpContext http, IAntiforgery antiforgery)
    {
        if (!await antiforgery.IsRequestValidAsync(http)) return Results.BadRequest();
        if (Looks.Contains(name) && value is "light" or "dark" or "auto" or "compact" or "standard" or "on" or "off")
            http.Response.Cookies.Append(name, value, Kept(http));
        return Results.LocalRedirect(Local(to));
    }

    private static CookieOptions Kept(HttpContext http) => new()
    {
        HttpOnly = true,
        Secure = http.Request.IsHttps,
        SameSite = SameSiteMode.Lax,
        MaxAge = TimeSpan.FromDays(365),
        IsEssential = true,
    };
}
