using System.Text.Json;
using System.Text.Json.Serialization;
using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Platform.Hosting;

/// <summary>
/// What every service host has in common, in the order it is needed. Service hosts call these and add their own.
/// </summary>
public static class PlatformHost
{
    /// <summary>Largest request body unless an endpoint says otherwise, bytes.</summary>
    public const long BodyBytesMax = 1024 * 1024;

    /// <summary>
    /// Largest uploaded file, bytes: the one number for the gateway, the endpoint and the reader of rosters.
    /// </summary>
    public const int UploadBytesMax = 512 * 1024 * 1024;

    /// <summary>Largest filled-in sheet of one branch, bytes: some 5,000 rows, read in memory.</summary>
    public const int SheetBytesMax = 8 * 1024 * 1024;

    /// <summary>
    /// Starts a host's configuration: defaults, then <c>--config file.json</c> (section <c>common</c>, then the section
    /// named like the service), then the environment, then the command line; there too a setting may be meant for one
    /// service only: <c>registry__Urls</c>, <c>--registry:Urls</c>.
    /// </summary>
    public static WebApplicationBuilder CreateBuilder(string[] args, string service)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ApplicationName = service });
        builder.Configuration.Sources.Clear();
        var line = new ConfigurationBuilder().AddCommandLine(args).Build();
        if (line["config"] is { } file)
        {
            var sections = new ConfigurationBuilder().AddJsonFile(Path.GetFullPath(file), optional: false).Build();
            builder.Configuration.AddInMemoryCollection(Flat(sections, "common"));
            builder.Configuration.AddInMemoryCollection(Flat(sections, service));
        }
        builder.Configuration.AddEnvironmentVariables().AddCommandLine(args);
        builder.Configuration.AddInMemoryCollection(Flat(builder.Configuration, service));
        Sidecar.AddSecrets(builder.Configuration);
        if (builder.Configuration["Urls"] is { } urls) builder.WebHost.UseUrls(urls.Split(';'));
        builder.Logging.ClearProviders().AddFilter("Microsoft", LogLevel.Warning)
            .AddFilter("Microsoft.AspNetCore.Diagnostics", LogLevel.None) // ProblemHandler logs without the message
            .AddFilter("MassTransit", LogLevel.Warning).AddFilter("Yarp", LogLevel.Warning)
            .AddFilter("Grpc", LogLevel.Warning).AddJsonConsole();
        return builder;
    }

    /// <summary>Cleartext HTTP/2 for gRPC and JSON alike; the gateway is the only door from outside.</summary>
    public static void ListenHttp2(this WebApplicationBuilder builder) => builder.WebHost.ConfigureKestrel(kestrel =>
    {
        kestrel.ConfigureEndpointDefaults(e => e.Protocols = HttpProtocols.Http2);
        kestrel.Limits.MaxRequestBodySize = BodyBytesMax;
        kestrel.AddServerHeader = false;
    });

    /// <summary>Clock, cipher, caller, tokens, problems, JSON rules, health.</summary>
    public static void AddPlatform(this WebApplicationBuilder builder)
    {
        var (services, configuration) = (builder.Services, builder.Configuration);
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(new FieldCipher(configuration["Keys:Field"], configuration["Keys:Blind"]));
        services.TryAddScoped<CallerContext>();
        services.AddScoped<DbContextServices>();
        services.AddGrpc(o => o.Interceptors.Add<ProblemInterceptor>());
        services.AddExceptionHandler<ProblemHandler>();
        services.AddProblemDetails();
        services.AddTokens(configuration);
        services.AddHealthChecks();
        services.ConfigureHttpJsonOptions(o => UseStrictJson(o.SerializerOptions));
        // A request that cannot be read is answered with its field, not with an empty 400.
        services.Configure<RouteHandlerOptions>(o => o.ThrowOnBadRequest = true);
        services.AddOpenApi();
    }

    /// <summary>camelCase, enums as words, unknown fields refused, no null where none is declared.</summary>
    public static void UseStrictJson(JsonSerializerOptions json)
    {
        json.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
        json.RespectNullableAnnotations = true;
        json.RespectRequiredConstructorParameters = true;
        json.AllowDuplicateProperties = false;
        json.MaxDepth = 16;
        json.Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping;
        json.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false));
    }

    /// <summary>
    /// The service's database with scope on every connection, its outbox to the bus and its audit chain.
    /// </summary>
    public static void AddDatabase<TDb>(this WebApplicationBuilder builder, string service) where TDb : PlatformDb
    {
        var connection = builder.Configuration.GetConnectionString(service)
            ?? throw new InvalidOperationException($"ConnectionStrings:{service} is not set.");
        var source = new NpgsqlDataSourceBuilder(connection).Build();
        builder.Services.AddSingleton(source);
        builder.Services.AddSingleton(_ => new ScopedReads(connection));
        builder.Services.AddDbContext<TDb>(options => options.UseNpgsql(source)
            .UseSnakeCaseNamingConvention()
            .ReplaceService<IModelCacheKeyFactory, CipherModelKey>()
            .AddInterceptors(new ScopeInterceptor()), optionsLifetime: ServiceLifetime.Singleton);
        builder.Services.AddHostedService<AuditSealer>();
        builder.Services.AddHealthChecks().AddCheck("database", new DatabaseCheck(source), tags: ["ready"]);
    }

    /// <summary>MassTransit on the node's broker; publishes the facts of the outbox's bus lane.</summary>
    public static void AddBus<TDb>(this WebApplicationBuilder builder, string service, BusFacts facts,
        Action<IBusRegistrationConfigurator>? consumers = null) where TDb : PlatformDb
    {
        var broker = builder.Configuration["Rabbit:Uri"]
            ?? throw new InvalidOperationException("Rabbit:Uri is not set.");
        builder.Services.AddSingleton(facts);
        builder.Services.AddHostedService<BusPump<TDb>>();
        builder.Services.AddMassTransit(bus =>
        {
            bus.DisableUsageTelemetry(); // 8.5 would report home by default.
            bus.SetEndpointNameFormatter(new KebabCaseEndpointNameFormatter(service, false));
            consumers?.Invoke(bus);
            bus.UsingRabbitMq((context, rabbit) =>
            {
                rabbit.Host(new Uri(broker));
                rabbit.UseMessageRetry(r => r.Exponential(5, TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(10),
                    TimeSpan.FromMilliseconds(200)));
                rabbit.ConfigureEndpoints(context);
            });
        });
    }

    /// <summary>Problems, tokens, caller, health and OpenAPI on the built application.</summary>
    public static void UsePlatform(this WebApplication app)
    {
        Telemetry.ListenForTraceIds();
        app.UseExceptionHandler();
        app.UseStatusCodePages(Tokens.WriteBareStatusAsync);
        app.UseAuthentication();
        app.UseAuthorization();
        app.UseCaller();
        app.MapHealthChecks("/live", new HealthCheckOptions { Predicate = _ => false }).AllowAnonymous();
        app.MapHealthChecks("/ready", new HealthCheckOptions
        {
            Predicate = c => c.Tags.Contains("ready"),
            ResponseWriter = WriteHealthAsync,
        }).AllowAnonymous();
        app.MapOpenApi("/openapi/v1.json").AllowAnonymous();
    }

    /// <summary>Body of readiness answers: the overall word and one word per check.</summary>
    public static Task WriteHealthAsync(HttpContext http, HealthReport report) => http.Response.WriteAsJsonAsync(new
    {
        status = report.Status.ToString(),
        checks = report.Entries.ToDictionary(e => e.Key, e => e.Value.Status.ToString()),
    });

    private static Dictionary<string, string?> Flat(IConfiguration sections, string name) => sections.GetSection(name)
        .AsEnumerable(makePathsRelative: true).Where(p => p.Value is not null).ToDictionary(p => p.Key, p => p.Value);

    // Converters hold the node's cipher, so a model belongs to one cipher, not to the process.
    private sealed class CipherModelKey : IModelCacheKeyFactory
    {
        public object Create(DbContext context, bool designTime) =>
            (context.GetType(), (context as PlatformDb)?.ModelKey, designTime);
    }

    private sealed class DatabaseCheck(NpgsqlDataSource source) : IHealthCheck
    {
        public async Task<HealthCheckResult> CheckHealthAsync(
            HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            try
            {
                await using var command = source.CreateCommand("select 1");
                command.CommandTimeout = 3;
                await command.ExecuteScalarAsync(cancellationToken);
                return HealthCheckResult.Healthy();
            }
            catch (NpgsqlException e)
            {
                return HealthCheckResult.Unhealthy(e.GetType().Name);
            }
        }
    }
}
