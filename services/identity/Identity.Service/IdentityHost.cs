using System.Text.Encodings.Web;
using System.Text.Unicode;
using Identity.Service.Capabilities;
using Identity.Service.Persistence;
using Identity.Service.Protocol;
using Identity.Service.SignIn;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Identity.EntityFrameworkCore;
using Platform.Hosting;

namespace Identity.Service;

/// <summary>
/// Composes identity (身份): accounts, who may do what, and signing in. Called by its own Program, by the all-in-one
/// host and by tests.
/// </summary>
public static class IdentityHost
{
    /// <summary>How a process runs this service.</summary>
    public static ServiceTarget Target { get; } =
        new("identity", Build, typeof(IdentityHost).Assembly, HasDatabase: true);

    /// <summary>The whole composition, top to bottom.</summary>
    public static WebApplication Build(string[] args, Action<WebApplicationBuilder>? adjust = null)
    {
        var builder = PlatformHost.CreateBuilder(args, "identity");
        builder.Logging.AddFilter("OpenIddict", LogLevel.Warning) // It would log requests with all their parameters.
            .AddFilter("Microsoft.AspNetCore.Antiforgery", LogLevel.Error)
            .AddFilter("Microsoft.AspNetCore.DataProtection", LogLevel.Error); // The key store encrypts, not the keys.
        adjust?.Invoke(builder);
        builder.ListenHttp2();
        builder.AddPlatform();
        builder.AddDatabase<IdentityDb>("identity");
        var options = Valid(builder.Configuration.GetSection("Identity").Get<IdentityOptions>() ?? new());
        builder.Services.AddSingleton(options);
        AddSignIn(builder.Services, options);
        builder.Services.AddOidc(builder.Configuration, options);
        builder.Services.AddScoped<HeldRoles>();
        builder.Services.AddScoped<Founding>();
        builder.Services.AddHostedService<Tidying>();
        builder.Services.AddSingleton<ClientState>();
        builder.Services.AddHealthChecks().AddCheck<ClientState>("client", tags: ["ready"]);

        var app = builder.Build();
        app.Use((http, next) => EnterAsync(http, options, next));
        app.UsePlatform();
        var pages = app.MapGroup($"/{OidcSetup.Prefix}").AllowAnonymous().ExcludeFromDescription();
        pages.MapGroup("").MapOidc();
        pages.MapGroup("").MapSignIn();
        var api = app.MapGroup("/api/v1");
        api.MapAccounts();
        api.MapGrants();
        api.MapDelegations();
        return app;
    }

    /// <summary>
    /// The verb <c>identity-accounts --file FILE</c>: opens the first accounts of a node and prints the one-time codes
    /// of those that have no password yet.
    /// </summary>
    public static async Task<int> FoundAsync(string[] args)
    {
        await using var app = Build(args);
        var file = app.Configuration["file"] ?? throw new ArgumentException("Name the accounts: --file FILE.");
        await using var scope = app.Services.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<CallerContext>().Current = Caller.Service;
        var codes = await scope.ServiceProvider.GetRequiredService<Founding>()
            .RunAsync(await File.ReadAllTextAsync(file), CancellationToken.None);
        foreach (var (userName, code) in codes) Console.WriteLine($"{userName} {code}");
        return 0;
    }

    private static void AddSignIn(IServiceCollection services, IdentityOptions options)
    {
        services.AddDataProtection().SetApplicationName("identity");
        services.AddSingleton<KeyStore>();
        services.AddOptions<KeyManagementOptions>().Configure<KeyStore>((o, store) => o.XmlRepository = store);
        services.AddSingleton<Cookies>().AddSingleton<AttemptBook>();
        services.AddAntiforgery(o =>
        {
            o.Cookie.Name = options.Secure ? "__Host-identity-form" : "identity-form";
            o.Cookie.SecurePolicy = options.Secure ? CookieSecurePolicy.Always : CookieSecurePolicy.None;
            o.Cookie.Path = "/";
            o.Cookie.SameSite = SameSiteMode.Lax;
            o.HeaderName = "X-Form-Token";
            o.SuppressXFrameOptionsHeader = true; // The policy of the pages says it.
        });
        services.AddRazorComponents();
        services.AddSingleton(HtmlEncoder.Create(UnicodeRanges.All));
        services.AddIdentityCore<Credential>();
        services.AddScoped<IUserStore<Credential>, UserOnlyStore<Credential, IdentityDb, Guid>>();
        services.AddScoped<IPasskeyHandler<Credential>, PasskeyHandler<Credential>>();
        services.Configure<IdentityPasskeyOptions>(o =>
        {
            o.ServerDomain = options.Public.Host;
            o.UserVerificationRequirement = "required"; // It counts as two factors.
            o.ResidentKeyRequirement = "required"; // It is the first button; nobody types a name for it.
            o.ValidateOrigin = context => ValueTask.FromResult(!context.CrossOrigin
                && context.Origin == options.Public.GetLeftPart(UriPartial.Authority));
        });
        services.AddScoped<Credentials>().AddScoped<Passkeys>().AddScoped<Sessions>().AddScoped<Offices>()
            .AddScoped<SignInDesk>().AddScoped<EnrolDesk>().AddScoped<PasskeyDesk>();
    }

    /// <summary>
    /// Behind the gateway the service is called by its own name; to browsers and in documents it has the public one.
    /// The sign-in pages act for the service itself until they know who is there.
    /// </summary>
    private static Task EnterAsync(HttpContext http, IdentityOptions options, RequestDelegate next)
    {
        http.Request.Scheme = options.Public.Scheme;
        http.Request.Host = new(options.Public.Authority);
        if (http.Request.Path.StartsWithSegments($"/{OidcSetup.Prefix}"))
            http.RequestServices.GetRequiredService<CallerContext>().Current = Caller.Service;
        return next(http);
    }

    private static IdentityOptions Valid(IdentityOptions options)
    {
        System.ComponentModel.DataAnnotations.Validator
            .ValidateObject(options, new(options), validateAllProperties: true);
        return options.Secure || options.Loopback ? options
            : throw new InvalidOperationException("Identity:PublicUrl must be https, or http on loopback.");
    }
}
