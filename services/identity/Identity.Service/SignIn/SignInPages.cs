using Identity.Service.Pages;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Identity.Service.SignIn;

/// <summary>What every page is made with.</summary>
/// <param name="Back">Where to go when it is done: an address of this site, path and query.</param>
/// <param name="Error">Key of the words that say what went wrong; null when nothing did.</param>
public sealed record PageModel(Words W, string Csrf, string Back, string Node, string? Error);

/// <summary>The pages of signing in: rendered here, no circuit, one small script for passkeys.</summary>
internal static class SignInPages
{
    // form-action also holds for where a form's answer redirects to: everything stays on this origin.
    private const string Csp = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; "
        + "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

    public static void MapSignIn(this RouteGroupBuilder pages)
    {
        pages.AddEndpointFilter(GuardAsync);
        pages.MapGet("/passkey.js", () => Results.Stream(
            typeof(SignInPages).Assembly.GetManifestResourceStream("passkey.js")!, "text/javascript"));
        pages.MapGet("/sign-in", SignInDesk.ShowSignIn);
        pages.MapPost("/sign-in", (SignInDesk desk, HttpContext http) => desk.SignInAsync(http));
        pages.MapGet("/code", (SignInDesk desk, HttpContext http) => desk.ShowCode(http));
        pages.MapPost("/code", (SignInDesk desk, HttpContext http) => desk.CodeAsync(http));
        pages.MapGet("/step-up", (SignInDesk desk, HttpContext http) => desk.ShowStepUpAsync(http));
        pages.MapPost("/step-up", (SignInDesk desk, HttpContext http) => desk.StepUpAsync(http));
        pages.MapGet("/office", (SignInDesk desk, HttpContext http) => desk.ShowOfficesAsync(http));
        pages.MapPost("/office", (SignInDesk desk, HttpContext http) => desk.ChooseOfficeAsync(http));
        pages.MapPost("/continue", (SignInDesk desk, HttpContext http) => desk.ContinueAsync(http));
        pages.MapGet("/sign-out", SignInDesk.ShowSignOut);
        pages.MapPost("/sign-out", (SignInDesk desk, HttpContext http) => desk.SignOutAsync(http));
        pages.MapGet("/activate", EnrolDesk.ShowActivate);
        pages.MapPost("/activate", (EnrolDesk desk, HttpContext http) => desk.ActivateAsync(http));
        pages.MapGet("/password", (EnrolDesk desk, HttpContext http) => desk.ShowPasswordAsync(http));
        pages.MapPost("/password", (EnrolDesk desk, HttpContext http) => desk.PasswordAsync(http));
        pages.MapGet("/second-factor", (EnrolDesk desk, HttpContext http) => desk.ShowSecondFactorAsync(http));
        pages.MapPost("/second-factor", (EnrolDesk desk, HttpContext http) => desk.SecondFactorAsync(http));
        pages.MapPost("/passkey/question", (PasskeyDesk desk, HttpContext http) => desk.AskAsync(http));
        pages.MapPost("/passkey/offer", (PasskeyDesk desk, HttpContext http) => desk.OfferAsync(http));
        pages.MapPost("/passkey", (PasskeyDesk desk, HttpContext http) => desk.SignInAsync(http));
        pages.MapPost("/passkey/add", (PasskeyDesk desk, HttpContext http) => desk.AddAsync(http));
        pages.MapPost("/passkey/remove", (PasskeyDesk desk, HttpContext http) => desk.RemoveAsync(http));
        pages.MapGet("/security", (PasskeyDesk desk, HttpContext http) => desk.ShowSecurityAsync(http));
        pages.MapPost("/recovery", (PasskeyDesk desk, HttpContext http) => desk.RecoveryAsync(http));
    }

    /// <summary>A page.</summary>
    /// <param name="error">Key of the words that say what went wrong; null when nothing did.</param>
    public static IResult Show<T>(HttpContext http, string? error = null, params (string Name, object? Value)[] more)
        where T : IComponent
    {
        var services = http.RequestServices;
        var words = WordsOf(http);
        var csrf = services.GetRequiredService<IAntiforgery>().GetAndStoreTokens(http).RequestToken!;
        var node = services.GetRequiredService<IConfiguration>()["Node:Name"] ?? "";
        var parameters = more.ToDictionary(m => m.Name, m => m.Value);
        parameters["M"] = new PageModel(words, csrf, BackOf(http), node, error);
        return new RazorComponentResult<T>(parameters)
        {
            StatusCode = error is null ? StatusCodes.Status200OK : StatusCodes.Status422UnprocessableEntity,
        };
    }

    /// <summary>Says why OpenIddict turned a request down when there is nowhere safe to send the browser back
    /// to.</summary>
    public static IResult Refused(HttpContext http, string errorCode) => Show<Message>(http, "request.refused",
        ("Title", "request.title"), ("Detail", errorCode));

    /// <summary>Where to go afterwards: only ever an address of this site.</summary>
    public static string BackOf(HttpContext http)
    {
        var back = http.Request.HasFormContentType ? http.Request.Form["back"].ToString()
            : http.Request.Query["back"].ToString();
        return IsLocal(back) ? back : "/";
    }

    /// <summary>A path of this site; nothing that a browser reads as another host.</summary>
    public static bool IsLocal(string? address) => address is { Length: > 0 and <= 4000 } && address[0] == '/'
        && (address.Length == 1 || address[1] is not ('/' or '\\')) && !address.Any(char.IsControl)
        && !address.Contains('\\', StringComparison.Ordinal);

    private static Words WordsOf(HttpContext http)
    {
        var cookies = http.RequestServices.GetRequiredService<Cookies>();
        var asked = http.Request.Query["language"].ToString();
        if (asked is "zh" or "en") cookies.SetLanguage(http, asked);
        var language = asked is "zh" or "en" ? asked : cookies.Language(http)
            ?? (http.Request.Headers.AcceptLanguage.ToString().StartsWith("en", StringComparison.OrdinalIgnoreCase)
                ? "en" : "zh");
        return language == "en" ? Words.English : Words.Chinese;
    }

    // Every form carries a token of its own cookie; other sites cannot know it.
    private static async ValueTask<object?> GuardAsync(
        EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        http.Response.Headers.ContentSecurityPolicy = Csp;
        http.Response.Headers.CacheControl = "no-store";
        http.Response.Headers.XContentTypeOptions = "nosniff";
        if (HttpMethods.IsPost(http.Request.Method))
        {
            if (http.Request.HasFormContentType) await http.Request.ReadFormAsync(http.RequestAborted);
            var antiforgery = http.RequestServices.GetRequiredService<IAntiforgery>();
            if (!await antiforgery.IsRequestValidAsync(http))
                return Show<Message>(http, "form.stale", ("Title", "form.title"));
        }
        return await next(context);
    }
}
