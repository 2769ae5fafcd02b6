using Gateway.Console.Layout;
using Gateway.Console.Node;
using Gateway.Console.Parts;
using Gateway.Console.Sessions;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Localization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using StackExchange.Redis;

namespace Gateway.Console;

/// <summary>
/// The console (工作台): pages rendered at the gateway, with a session of its own. The services see the person's token
/// and decide; a page decides nothing.
/// </summary>
public static class ConsoleHost
{
    /// <summary>
    /// No inline style or script, nothing from elsewhere, no frame. Source: docs/decisions.md, OWASP ASVS 14.4.
    /// </summary>
    public const string ContentPolicy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:;"
        + " connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

    private static readonly string[] Languages = ["zh-CN", "en"];

    /// <summary>True when the configuration asks for a console.</summary>
    public static bool IsWanted(IConfiguration configuration) =>
        !string.IsNullOrEmpty(configuration["Console:PublicUrl"]);

    /// <summary>The session a browser shows, unchecked; null when it shows none.</summary>
    public static string? SessionOf(HttpRequest request) =>
        request.Cookies["__Host-session"] ?? request.Cookies["session"];

    /// <summary>Largest file that is passed on, bytes: the gateway's own limit.</summary>
    internal static int UploadBytesMax(IConfiguration configuration) =>
        configuration.GetValue("Gateway:UploadBytesMax", Platform.Hosting.PlatformHost.UploadBytesMax);

    /// <param name="services">The gateway's.</param>
    /// <param name="configuration">Sections <c>Console</c>, <c>Redis</c> and <c>Services</c>.</param>
    /// <param name="client">Reaches the services; gives a service's address by its name.</param>
    public static void AddConsole(this IServiceCollection services, IConfiguration configuration,
        Func<IServiceProvider, NodeRoads> client)
    {
        var section = configuration.GetSection("Console");
        services.AddOptions<ConsoleOptions>().Bind(section).ValidateDataAnnotations().ValidateOnStart();
        var options = section.Get<ConsoleOptions>()!;
        var redis = ConnectionMultiplexer.Connect(configuration["Redis:Configuration"]
            ?? throw new InvalidOperationException("Redis:Configuration is not set; sessions are kept there."));
        services.AddSingleton<IConnectionMultiplexer>(redis);
        services.AddDataProtection().SetApplicationName("gateway")
            .PersistKeysToStackExchangeRedis(redis, "gateway:v1:keys");
        services.AddSingleton(client);
        services.AddMemoryCache();
        services.AddScoped<NodeApi>();
        services.AddScoped<Reference>();
        services.AddScoped<Office>();
        services.AddScoped<Queues>();
        services.AddScoped<Palette>();
        services.AddScoped<Exports>();
        services.AddScoped<SheetTraffic>();
        services.AddScoped<Say>();
        services.AddScoped<OrganisationTree>();
        services.AddScoped<OrganisationReader>();
        services.AddHttpContextAccessor();
        services.AddLocalization();
        services.AddResponseCompression(o => o.EnableForHttps = true);
        services.AddRazorComponents();
        services.AddCascadingAuthenticationState();
        AddSessions(services, options);
        services.AddAntiforgery(o =>
        {
            o.Cookie.Name = CookieName("guard", options);
            o.Cookie.SecurePolicy = Secure(options);
            o.Cookie.SameSite = SameSiteMode.Strict;
        });
    }

    /// <summary>Pages and files; everything under <c>/api</c> stays as it is.</summary>
    public static void UseConsole(this WebApplication app)
    {
        app.UseWhen(IsConsole, console =>
        {
            console.UseResponseCompression();
            console.Use(AddHeadersAsync);
            console.UseRequestLocalization(Localization());
            console.Use(KnowPersonAsync);
        });
        app.UseAuthorization();
        app.UseAntiforgery();
        app.MapFiles();
        app.MapSignIn();
        Palette.Map(app);
        CountsEndpoint.Map(app);
        OrganisationTree.Map(app);
        RosterTraffic.Map(app, UploadBytesMax(app.Configuration));
        SheetTraffic.Map(app);
        Exports.Map(app);
        Pages.Members.PeopleEndpoints.Map(app);
        app.MapRazorComponents<Document>().RequireAuthorization();
        app.Map("/api/{**rest}", () => Results.NotFound()); // programs are not shown a page
        app.MapFallback(() => new RazorComponentResult<Document> { StatusCode = StatusCodes.Status404NotFound })
            .RequireAuthorization();
    }

    private static bool IsConsole(HttpContext http) => !http.Request.Path.StartsWithSegments("/api")
        && !http.Request.Path.StartsWithSegments("/identity");

    private static Task AddHeadersAsync(HttpContext http, RequestDelegate next)
    {
        http.Response.Headers.ContentSecurityPolicy = ContentPolicy;
        return next(http);
    }

    // The host would do this for every request by itself. Here only pages read a session and renew it: a file that
    // caches may keep must not carry the cookie of one, and the programming interface knows nothing but tokens.
    private static async Task KnowPersonAsync(HttpContext http, RequestDelegate next)
    {
        if (!http.Request.Path.StartsWithSegments("/assets"))
        {
            var known = await http.AuthenticateAsync(CookieAuthenticationDefaults.AuthenticationScheme);
            if (known.Principal is { } person) http.User = person;
        }
        await next(http);
    }

    private static RequestLocalizationOptions Localization()
    {
        var options = new RequestLocalizationOptions().SetDefaultCulture(Languages[0])
            .AddSupportedCultures(Languages).AddSupportedUICultures(Languages);
        // The language is chosen, not guessed: Chinese office machines often ask for English.
        options.RequestCultureProviders = [new CookieRequestCultureProvider { CookieName = "language" }];
        return options;
    }

    private static void AddSessions(IServiceCollection services, ConsoleOptions options)
    {
        services.AddSingleton<SessionStore>();
        services.AddScoped<SessionTokens>();
        const string Kept = CookieAuthenticationDefaults.AuthenticationScheme;
        services.AddAuthentication(o => o.DefaultChallengeScheme = o.DefaultForbidScheme = Kept).AddCookie(o =>
        {
            (o.LoginPath, o.ReturnUrlParameter) = ("/sign-in", "to");
            o.Cookie.Name = CookieName("session", options);
            o.Cookie.SameSite = SameSiteMode.Lax;
            o.Cookie.SecurePolicy = Secure(options);
            o.ExpireTimeSpan = TimeSpan.FromMinutes(options.IdleMinutes);
            o.SlidingExpiration = true;
            o.EventsType = typeof(SessionTokens);
        }).AddOpenIdConnect(o => SetProvider(o, options));
        services.AddOptions<CookieAuthenticationOptions>(CookieAuthenticationDefaults.AuthenticationScheme)
            .Configure<SessionStore>((cookie, store) => cookie.SessionStore = store);
        services.AddOptions<OpenIdConnectOptions>(OpenIdConnectDefaults.AuthenticationScheme)
            .Configure<NodeRoads>((oidc, roads) =>
            {
                if (options.Authority.Length == 0)
                    oidc.BackchannelHttpHandler = new InnerRoad(roads, new(options.PublicUrl));
            });
        services.AddAuthorization();
    }

    private static void SetProvider(OpenIdConnectOptions oidc, ConsoleOptions options)
    {
        oidc.Authority = options.Authority.Length > 0 ? options.Authority
            : options.PublicUrl.TrimEnd('/') + "/identity/";
        oidc.RequireHttpsMetadata = oidc.Authority.StartsWith("https:", StringComparison.Ordinal);
        (oidc.ClientId, oidc.ClientSecret) = (options.ClientId, options.ClientSecret);
        oidc.ResponseType = OpenIdConnectResponseType.Code;
        oidc.ResponseMode = OpenIdConnectResponseMode.Query;
        oidc.SignInScheme = oidc.SignOutScheme = CookieAuthenticationDefaults.AuthenticationScheme;
        oidc.UsePkce = true;
        oidc.SaveTokens = true;
        oidc.MapInboundClaims = false;
        oidc.DisableTelemetry = true;
        oidc.GetClaimsFromUserInfoEndpoint = false;
        oidc.Scope.Clear();
        foreach (var scope in (string[])["openid", "profile", "offline_access"]) oidc.Scope.Add(scope);
        foreach (var cookie in (CookieBuilder[])[oidc.CorrelationCookie, oidc.NonceCookie])
        {
            cookie.SameSite = SameSiteMode.Lax;
            cookie.SecurePolicy = Secure(options);
        }
        oidc.Events.OnRedirectToIdentityProvider = context =>
        {
            // Behind a proxy the request names another scheme or host than people type.
            context.ProtocolMessage.RedirectUri = options.PublicUrl.TrimEnd('/') + oidc.CallbackPath;
            if (context.Properties.GetParameter<string>("acr_values") is { } acr)
                context.ProtocolMessage.AcrValues = acr;
            return Task.CompletedTask;
        };
        oidc.Events.OnAuthorizationCodeReceived = context =>
        {
            context.TokenEndpointRequest!.RedirectUri = options.PublicUrl.TrimEnd('/') + oidc.CallbackPath;
            return Task.CompletedTask;
        };
        oidc.Events.OnRedirectToIdentityProviderForSignOut = context =>
        {
            context.ProtocolMessage.PostLogoutRedirectUri =
                options.PublicUrl.TrimEnd('/') + oidc.SignedOutCallbackPath;
            return Task.CompletedTask;
        };
        oidc.Events.OnTokenValidated = context =>
        {
            context.Principal = Person.Of(context.TokenEndpointResponse!.AccessToken);
            return Task.CompletedTask;
        };
        oidc.Events.OnTicketReceived = context =>
            context.HttpContext.RequestServices.GetRequiredService<SessionStore>().LeaveAsync(context.HttpContext);
        oidc.Events.OnRemoteFailure = context =>
        {
            // A stale sign-in page, a back button: start again rather than show a stack.
            context.Response.Redirect("/");
            context.HandleResponse();
            return Task.CompletedTask;
        };
    }

    private static string CookieName(string name, ConsoleOptions options) =>
        options.PublicUrl.StartsWith("https:", StringComparison.Ordinal) ? "__Host-" + name : name;

    private static CookieSecurePolicy Secure(ConsoleOptions options) =>
        options.PublicUrl.StartsWith("https:", StringComparison.Ordinal)
            ? CookieSecurePolicy.Always : CookieSecurePolicy.SameAsRequest;
}
