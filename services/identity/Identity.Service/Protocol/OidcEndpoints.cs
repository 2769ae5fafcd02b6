using System.Security.Claims;
using Identity.Service.Persistence;
using Identity.Service.SignIn;
using Microsoft.AspNetCore;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.Extensions.Primitives;
using OpenIddict.Abstractions;
using OpenIddict.Server.AspNetCore;
using Platform.Hosting;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Identity.Service.Protocol;

/// <summary>What OpenIddict leaves to us: who is asked, and what a token says.</summary>
internal static class OidcEndpoints
{
    private const string Scheme = OpenIddictServerAspNetCoreDefaults.AuthenticationScheme;
    private const string SessionClaim = "sid", OfficeClaim = "office";

    public static void MapOidc(this IEndpointRouteBuilder pages)
    {
        pages.MapGet("/connect/authorize", AuthorizeAsync);
        pages.MapPost("/connect/token", ExchangeAsync);
        pages.MapGet("/connect/logout", EndAsync);
    }

    private static async Task<IResult> AuthorizeAsync(HttpContext http, Sessions sessions, Offices offices,
        IdentityDb db, TimeProvider clock, CancellationToken ct)
    {
        if (http.Features.Get<OpenIddictServerAspNetCoreFeature>()?.Transaction?.Response is { Error: { } error })
            return SignInPages.Refused(http, error);
        var request = http.GetOpenIddictServerRequest()!;
        var current = await sessions.CurrentAsync(http, ct);
        var silent = request.HasPromptValue(PromptValues.None);
        if (current is null || request.HasPromptValue(PromptValues.Login))
            return silent ? Refuse(Errors.LoginRequired) : Send("/identity/sign-in", http);
        if (IsStepUp(request, current.Session, clock.GetUtcNow()))
            return silent ? Refuse(Errors.LoginRequired) : Send("/identity/step-up", http);
        var office = await offices.FindAsync(current.Account, current.Session.Office, ct);
        if (office is null || request.HasPromptValue(PromptValues.SelectAccount))
            return silent ? Refuse(Errors.InteractionRequired) : Send("/identity/office", http);
        var principal = await PrincipalAsync(current, office, offices, request.GetScopes(), ct);
        db.RecordRead("account", current.Account.Id, current.Account.Path, "TokenIssued");
        await db.SaveChangesAsync(ct);
        return Results.SignIn(principal, null, Scheme);
    }

    private static async Task<IResult> ExchangeAsync(HttpContext http, Sessions sessions, Offices offices,
        CancellationToken ct)
    {
        var before = (await http.AuthenticateAsync(Scheme)).Principal;
        var current = Guid.TryParse(before?.GetClaim(SessionClaim), out var id)
            ? await sessions.FindAsync(id, ct) : null;
        var office = current is null ? null
            : await offices.FindAsync(current.Account, before!.GetClaim(OfficeClaim) ?? "", ct);
        if (current is null || office is null) return Refuse(Errors.InvalidGrant);
        var now = await PrincipalAsync(current, office, offices, before!.GetScopes(), ct);
        return Results.SignIn(now, null, Scheme);
    }

    /// <summary>Signs out when the hint is of this session; else a page asks, so that no other site can.</summary>
    private static async Task<IResult> EndAsync(HttpContext http, Sessions sessions, IdentityDb db,
        CancellationToken ct)
    {
        if (http.Features.Get<OpenIddictServerAspNetCoreFeature>()?.Transaction?.Response is { Error: { } error })
            return SignInPages.Refused(http, error);
        var hint = (await http.AuthenticateAsync(Scheme)).Principal?.GetClaim(SessionClaim);
        var current = await sessions.CurrentAsync(http, ct);
        if (current is not null && hint != current.Session.Id.ToString())
            return Results.Redirect("/identity/sign-out");
        if (current is not null)
        {
            sessions.End(http, current.Session);
            db.RecordRead("account", current.Account.Id, current.Account.Path, "SignedOut");
            await db.SaveChangesAsync(ct);
        }
        return Results.SignOut(new() { RedirectUri = "/" }, [Scheme]);
    }

    private static bool IsStepUp(OpenIddictRequest request, Session session, DateTimeOffset now) =>
        request.HasAcrValue(OidcSetup.StepUp)
        || (request.MaxAge is { } age && now - session.SecondFactorAt > TimeSpan.FromSeconds(age));

    // Back to the same request without what the page does, or it would be asked for ever.
    private static IResult Send(string page, HttpContext http)
    {
        var query = http.Request.Query.Where(q => q.Key is not (Parameters.Prompt or Parameters.AcrValues));
        var back = http.Request.Path + new QueryBuilder(
            query.Select(q => new KeyValuePair<string, StringValues>(q.Key, q.Value))).ToString();
        return Results.Redirect(page + QueryString.Create("back", back));
    }

    private static IResult Refuse(string error) => Results.Forbid(new AuthenticationProperties(
        new Dictionary<string, string?> { [OpenIddictServerAspNetCoreConstants.Properties.Error] = error }), [Scheme]);

    private static async Task<ClaimsPrincipal> PrincipalAsync(SignedIn current, Office office, Offices offices,
        IEnumerable<string> scopes, CancellationToken ct)
    {
        var (session, account) = (current.Session, current.Account);
        var identity = new ClaimsIdentity("identity", Claims.Name, "roles");
        var shown = session.SecondFactorAt.ToUnixTimeSeconds();
        identity.SetClaim(Claims.Subject, account.Id.ToString())
            .SetClaim(Claims.Name, account.Name)
            .SetClaim("org", office.Path)
            .SetClaims("roles", office.Roles)
            .SetClaim(Claims.AuthenticationTime, shown)
            .SetClaim("mfa_at", shown)
            .SetClaims(Claims.AuthenticationMethodReference, [.. session.Methods.Split(' ')])
            .SetClaim(SessionClaim, session.Id.ToString())
            .SetClaim(OfficeClaim, office.Key);
        if (office.MemberId is { } member) identity.SetClaim("member", member.ToString());
        if (await offices.OnBehalfOfAsync(office, ct) is { } principal) identity.SetClaim("obo", principal);
        identity.SetScopes(scopes);
        identity.SetResources(Tokens.Audience);
        identity.SetDestinations(static claim => claim.Type switch
        {
            OfficeClaim => [],
            SessionClaim => [Destinations.IdentityToken],
            "member" => [Destinations.AccessToken],
            _ => [Destinations.AccessToken, Destinations.IdentityToken],
        });
        return new(identity);
    }
}
