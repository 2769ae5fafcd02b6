using System.Net;
using Gateway.Console;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Platform.Hosting;

namespace Gateway;

/// <summary>
/// The only door from outside (网关): JSON over HTTP/1.1 in, HTTP/2 to the services. Tokens pass through; the services
/// check them. gRPC, readiness and metrics of the services have no route here.
/// </summary>
public static class GatewayHost
{
    /// <summary>How a process runs this service.</summary>
    public static ServiceTarget Target { get; } =
        new("gateway", Build, typeof(GatewayHost).Assembly, HasDatabase: false);

    /// <summary>Composes the host.</summary>
    public static WebApplication Build(string[] args, Action<WebApplicationBuilder>? adjust = null)
    {
        var builder = PlatformHost.CreateBuilder(args, "gateway");
        builder.Logging.AddFilter("Yarp", LogLevel.None); // Forwarding says the same without stack traces
        adjust?.Invoke(builder);
        var services = builder.Services;
        var section = builder.Configuration.GetSection("Gateway");
        services.AddOptions<GatewayOptions>().Bind(section).ValidateDataAnnotations().ValidateOnStart();
        var options = section.Get<GatewayOptions>() ?? new();
        Listen(builder, options);
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(new Backends(builder.Configuration));
        services.AddSingleton<OpenApiDocuments>();
        services.AddHttpForwarder();
        services.AddRateLimits(options);
        services.AddExceptionHandler<ProblemHandler>();
        services.AddProblemDetails();
        services.ConfigureHttpJsonOptions(o => PlatformHost.UseStrictJson(o.SerializerOptions));
        if (ConsoleHost.IsWanted(builder.Configuration))
        {
            services.AddConsole(builder.Configuration, p => new(
                p.GetRequiredService<Backends>().Client, p.GetRequiredService<Backends>().AddressOf));
        }
        foreach (var name in Backends.Names)
        {
            services.AddHealthChecks().Add(new(name,
                p => new ServiceCheck(p.GetRequiredService<Backends>(), name), HealthStatus.Unhealthy, ["ready"]));
        }
        var app = builder.Build();
        Use(app, options);
        return app;
    }

    private static void Listen(WebApplicationBuilder builder, GatewayOptions options) =>
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.ConfigureEndpointDefaults(e => e.Protocols = HttpProtocols.Http1);
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = PlatformHost.BodyBytesMax;
            kestrel.Limits.MaxConcurrentConnections = options.ConnectionsMax;
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
        });

    private static void Use(WebApplication app, GatewayOptions options)
    {
        if (options.TrustedProxies.Length > 0) app.UseForwardedHeaders(Forwarded(options.TrustedProxies));
        app.Use(AddSecurityHeadersAsync);
        app.UseExceptionHandler();
        app.UseStatusCodePages(Tokens.WriteBareStatusAsync);
        app.UseRateLimiter();
        app.MapServices();
        if (ConsoleHost.IsWanted(app.Configuration)) app.UseConsole();
        app.MapHealthChecks("/live", new() { Predicate = _ => false });
        app.MapHealthChecks("/ready", new()
        {
            Predicate = c => c.Tags.Contains("ready"),
            ResponseWriter = PlatformHost.WriteHealthAsync,
        });
        MapDocument(app, "/openapi/v1.json", null);
        foreach (var service in Backends.Names) MapDocument(app, $"/openapi/{service}.json", service);
    }

    private static void MapDocument(WebApplication app, string path, string? service) => app.MapGet(path,
        async (OpenApiDocuments documents, CancellationToken ct) =>
            Results.Text(await documents.GetAsync(service, ct), "application/json"));

    private static ForwardedHeadersOptions Forwarded(string proxies)
    {
        var forwarded = new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.XForwardedFor };
        forwarded.KnownIPNetworks.Clear();
        forwarded.KnownProxies.Clear();
        foreach (var proxy in proxies.Split(',', StringSplitOptions.TrimEntries))
            forwarded.KnownProxies.Add(IPAddress.Parse(proxy));
        return forwarded;
    }

    // Set when the response starts, so that problems carry them too; what a service said itself stays.
    private static Task AddSecurityHeadersAsync(HttpContext http, RequestDelegate next)
    {
        http.Response.OnStarting(static state =>
        {
            var headers = ((HttpContext)state).Response.Headers;
            headers.Remove("Server");
            headers.XContentTypeOptions = "nosniff";
            headers.XFrameOptions = "DENY";
            headers["Referrer-Policy"] = "no-referrer";
            headers.TryAdd("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
            headers.TryAdd("Cache-Control", "no-store");
            return Task.CompletedTask;
        }, http);
        return next(http);
    }
}
