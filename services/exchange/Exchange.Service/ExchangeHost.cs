using Exchange.Service.Capabilities;
using Exchange.Service.Streams;
using Exchange.Service.Transport;
using Exchange.Service.Trust;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using Npgsql;
using Platform.Hosting;

namespace Exchange.Service;

/// <summary>Composes the exchange (交换): called by its own Program, by the all-in-one host and by tests.</summary>
public static partial class ExchangeHost
{
    /// <summary>How a process runs this service.</summary>
    public static ServiceTarget Target { get; } = new(
        "exchange", Build, typeof(ExchangeHost).Assembly, HasDatabase: true);

    public static WebApplication Build(string[] args, Action<WebApplicationBuilder>? adjust = null)
    {
        var builder = PlatformHost.CreateBuilder(args, "exchange");
        builder.ListenHttp2();
        // A full batch of full payloads must fit.
        builder.WebHost.ConfigureKestrel(k => k.Limits.MaxRequestBodySize = MessageMax);
        builder.AddPlatform();
        adjust?.Invoke(builder);
        builder.AddDatabase<ExchangeDb>("exchange");
        Add(builder.Services, builder.Configuration);
        var app = builder.Build();
        app.UsePlatform();
        app.MapGrpcService<ExchangeGrpc>().RequireAuthorization(Tokens.ServicePolicy);
        DeskEndpoints.Map(app);
        OperatorEndpoints.Map(app);
        return app;
    }

    /// <summary>The verb <c>exchange-fingerprint</c>: what children pin; makes the key when there is none
    /// yet.</summary>
    public static async Task<int> PrintFingerprintAsync(string[] args)
    {
        await using var app = Build(args);
        var keyring = app.Services.GetRequiredService<Keyring>();
        await keyring.LoadAsync(CancellationToken.None);
        Console.WriteLine(keyring.Fingerprint);
        return 0;
    }

    private const int MessageMax = 64 * 1024 * 1024;

    private static void Add(IServiceCollection services, ConfigurationManager configuration)
    {
        services.AddOptions<ExchangeOptions>().Bind(configuration.GetSection("Exchange")).ValidateDataAnnotations()
            .ValidateOnStart();
        services.AddSingleton(p => p.GetRequiredService<IOptions<ExchangeOptions>>().Value);
        services.AddSingleton(NodeIdentity.From(configuration));
        services.AddSingleton<Signals>().AddSingleton<Broker>().AddSingleton<Keyring>().AddSingleton<Sealer>()
            .AddSingleton<NodeDirectory>().AddSingleton<Enrolment>().AddSingleton<OutgoingLedger>()
                .AddSingleton<ReceiptBook>()
            .AddSingleton<ContentCheck>().AddSingleton<TakeIn>().AddSingleton<Answers>().AddSingleton<Controls>()
            .AddSingleton<Backlog>().AddSingleton<SendMessages>().AddSingleton<ReadArrivals>()
                .AddSingleton<SettleArrival>().AddSingleton<MessageOutcomes>()
            .AddSingleton<LedgerExport>().AddSingleton<ControlSender>();
        services.AddGrpc(o => o.MaxReceiveMessageSize = MessageMax);
        services.AddHostedService<Opening>();
        services.AddHostedService(p => p.GetRequiredService<ControlSender>());
        services.AddHostedService<Receiver>();
        services.AddHostedService<Relay>();
        services.AddHostedService<Schedule>();
        services.AddHealthChecks().AddCheck<BrokerCheck>("broker", tags: ["ready"]);
    }

    /// <summary>Keys and directory are there before anything else runs; waits a while for a database that starts with
    /// us.</summary>
    private sealed partial class Opening(
        Keyring keyring, NodeDirectory directory, NodeIdentity node, Enrolment enrolment, TimeProvider clock,
            ILogger<Opening> logger)
        : IHostedService
    {
        public async Task StartAsync(CancellationToken cancellationToken)
        {
            for (var attempt = 1; ; attempt++)
            {
                try
                {
                    await keyring.LoadAsync(cancellationToken);
                    await directory.LoadAsync(cancellationToken);
                    if (node.IsRoot) await enrolment.CertifyRootAsync(cancellationToken);
                    return;
                }
                catch (NpgsqlException e) when (attempt < 60)
                {
                    LogWaiting(logger, e.GetType().Name);
                    await Task.Delay(TimeSpan.FromSeconds(1), clock, cancellationToken);
                }
            }
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        [LoggerMessage(3080, LogLevel.Warning, "Waiting for the database: {ExceptionCode}")]
        private static partial void LogWaiting(ILogger logger, string exceptionCode);
    }

    private sealed class BrokerCheck(Broker broker) : IHealthCheck
    {
        public Task<HealthCheckResult> CheckHealthAsync(
            HealthCheckContext context, CancellationToken cancellationToken = default) =>
            Task.FromResult(broker.Connected ? HealthCheckResult.Healthy()
                : HealthCheckResult.Unhealthy("no connection"));
    }
}
