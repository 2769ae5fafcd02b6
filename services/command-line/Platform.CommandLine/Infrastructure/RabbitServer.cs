using System.Globalization;
using System.Security.Cryptography;

namespace Platform.CommandLine.Infrastructure;

/// <summary>Erlang's name server for our brokers, on its own port, run by us so that we can end it by pid.</summary>
public sealed class EpmdServer(string runFolder, int port)
{
    public const string Binary = "/usr/bin/epmd";
    private readonly Lock _gate = new();
    private Task _starting = Task.CompletedTask;

    public int Port => port;

    public Daemon Process { get; } = new(
        new DaemonSpec("epmd", runFolder, Binary, ["-address", "127.0.0.1", "-port", $"{port}"])
        {
            User = Users.For("rabbitmq"),
            WorkingDirectory = "/",
        });

    /// <summary>Starts it and waits until it listens. May be called by several brokers at once.</summary>
    public Task StartAsync(CancellationToken cancel = default)
    {
        lock (_gate)
        {
            return _starting = _starting.IsCompleted ? StartOnceAsync(cancel) : _starting;
        }
    }

    public Task StopAsync() => Process.StopAsync(TimeSpan.FromSeconds(5));

    private async Task StartOnceAsync(CancellationToken cancel)
    {
        if (!Process.IsRunning)
        {
            await Ports.DemandFreeAsync("epmd", [port], cancel);
            Process.Start();
            await Process.WaitReadyAsync(c => FreePorts.AnswersAsync(port, c), TimeSpan.FromSeconds(10), cancel);
        }
    }
}

/// <summary>Where and how a private RabbitMQ broker runs.</summary>
/// <param name="Name">Short name; the Erlang node is <c>NAME@localhost</c>, so it must be unique per epmd.</param>
/// <param name="AdminPassword">Of the user <c>admin</c>, made at the first start.</param>
public sealed record RabbitSettings(string Name, string Folder, string RunFolder, string AdminPassword)
{
    public required int AmqpPort { get; init; }

    public required int ManagementPort { get; init; }

    public required int DistributionPort { get; init; }

    /// <summary>Null leaves the Prometheus plugin off.</summary>
    public int? PrometheusPort { get; init; }

    public int MemoryMaxMb { get; init; } = 1024;
}

/// <summary>A private RabbitMQ 3.10 on loopback with management and shovels.</summary>
public sealed class RabbitServer(RabbitSettings settings, EpmdServer epmd)
{
    public const string Binary = "/usr/lib/rabbitmq/bin/rabbitmq-server";
    private readonly string? _user = Users.For("rabbitmq");
    private Daemon? _daemon;
    private RabbitManagement? _management;

    public RabbitSettings Settings => settings;

    public string Name => settings.Name;

    public int Port => settings.AmqpPort;

    /// <summary>The pid of the whole broker; null when it does not run.</summary>
    public int? Pid => Process.Pid;

    public EpmdServer Epmd => epmd;

    public RabbitManagement Management => _management ??= new(settings.ManagementPort, "admin", settings.AdminPassword);

    public Daemon Process => _daemon ??= new Daemon(
        new DaemonSpec($"rabbit-{settings.Name}", settings.RunFolder, Binary, [])
        {
            User = _user,
            WorkingDirectory = settings.Folder,
            Environment = ServerEnvironment(),
        });

    /// <summary>As the broker's administrator, in its default vhost unless another is named.</summary>
    public string Uri(string vhost = "%2F") =>
        string.Create(CultureInfo.InvariantCulture, $"amqp://admin:{settings.AdminPassword}@127.0.0.1:{Port}/{vhost}");

    public async Task StartAsync(CancellationToken cancel = default)
    {
        if (Process.IsRunning)
        {
            return;
        }

        List<int> ports = [settings.AmqpPort, settings.ManagementPort, settings.DistributionPort];
        ports.AddRange(settings.PrometheusPort is { } prometheus ? [prometheus] : []);
        await Ports.DemandFreeAsync(Process.Spec.Name, ports, cancel);
        await Task.Run(Configure, cancel);
        await epmd.StartAsync(cancel);
        Process.Start();
    }

    /// <summary>Ready means: takes AMQP connections and the management API answers.</summary>
    public Task WaitReadyAsync(TimeSpan? limit = null, CancellationToken cancel = default) =>
        Process.WaitReadyAsync(AnswersAsync, limit ?? TimeSpan.FromSeconds(90), cancel);

    public async Task<bool> AnswersAsync(CancellationToken cancel = default) =>
        await FreePorts.AnswersAsync(Port, cancel)
        && await Management.AnswersAsync(cancel);

    /// <summary>Graceful; the wrapper script hands the signal to the Erlang machine and waits for it.</summary>
    public Task StopAsync() => Process.StopAsync(TimeSpan.FromSeconds(40));

    /// <summary>Kill -9 of the broker; epmd lives on, as it would.</summary>
    /// <remarks>
    /// RabbitMQ 3.10 writes the name of a new quorum queue to disk half a second after it was declared. Killed within
    /// that time it
    /// comes back with a queue that has no leader and never answers: wait for the queue's statistics before killing.
    /// </remarks>
    public Task KillAsync() => Process.KillAsync();

    private string At(string name) => Path.Combine(settings.Folder, name);

    private void Configure()
    {
        foreach (var folder in (string[])["", "mnesia", "log", "schema", "generated"])
        {
            Directory.CreateDirectory(At(folder));
        }

        var metrics = settings.PrometheusPort is null ? "" : ",rabbitmq_prometheus";
        File.WriteAllText(
            At("enabled_plugins"), $"[rabbitmq_management,rabbitmq_shovel,rabbitmq_shovel_management{metrics}].\n");
        File.WriteAllText(At("inetrc"), "{file,hosts,\"/etc/hosts\"}.\n{lookup,[file]}.\n");
        File.WriteAllText(At("advanced.config"), Configuration());
        if (!File.Exists(At(".erlang.cookie")))
        {
            File.WriteAllText(At(".erlang.cookie"), RandomNumberGenerator.GetHexString(40));
            File.SetUnixFileMode(At(".erlang.cookie"), UnixFileMode.UserRead);
        }

        Users.MakePrivate(settings.Folder, _user);
    }

    /// <summary>Erlang terms, not rabbitmq.conf: translating that one costs a third of the start.</summary>
    private string Configuration()
    {
        var memory = Text(settings.MemoryMaxMb) + "000000";
        return string.Join('\n',
            "[{rabbit, [",
            $"  {{tcp_listeners, [{{\"127.0.0.1\", {Text(settings.AmqpPort)}}}]}},",
            "  {default_user, <<\"admin\">>},",
            $"  {{default_pass, <<\"{settings.AdminPassword}\">>}},",
            $"  {{vm_memory_high_watermark, {{absolute, {memory}}}}},",
            "  {disk_free_limit, {absolute, 512000000}},",
            "  {log, [{file, [{level, info}]}, {console, [{enabled, false}]}]}]}",
            Web("rabbitmq_management", settings.ManagementPort),
            settings.PrometheusPort is { } port ? Web("rabbitmq_prometheus", port) : "",
            "].\n");
    }

    private static string Web(string plugin, int port) =>
        $",{{{plugin}, [{{tcp_config, [{{ip, \"127.0.0.1\"}}, {{port, {Text(port)}}}]}}]}}";

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private Dictionary<string, string> ServerEnvironment()
    {
        return new Dictionary<string, string>
        {
            ["RABBITMQ_NODENAME"] = $"{settings.Name}@localhost",
            ["RABBITMQ_NODE_PORT"] = Text(settings.AmqpPort),
            ["RABBITMQ_NODE_IP_ADDRESS"] = "127.0.0.1",
            ["RABBITMQ_DIST_PORT"] = Text(settings.DistributionPort),
            ["RABBITMQ_MNESIA_BASE"] = At("mnesia"),
            ["RABBITMQ_LOG_BASE"] = At("log"),
            ["RABBITMQ_PID_FILE"] = At("pid"),
            ["RABBITMQ_ENABLED_PLUGINS_FILE"] = At("enabled_plugins"),
            ["RABBITMQ_CONFIG_FILE"] = At("none"),
            ["RABBITMQ_ADVANCED_CONFIG_FILE"] = At("advanced.config"),
            ["RABBITMQ_CONF_ENV_FILE"] = "/dev/null",
            ["RABBITMQ_GENERATED_CONFIG_DIR"] = At("generated"),
            ["RABBITMQ_SCHEMA_DIR"] = At("schema"),
            ["ERL_EPMD_PORT"] = Text(epmd.Port),
            ["ERL_EPMD_ADDRESS"] = "127.0.0.1",
            ["ERL_INETRC"] = At("inetrc"),
            // No busy waiting of idle schedulers, and the distribution port on loopback like everything else.
            ["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] =
                "-kernel inet_dist_use_interface {127,0,0,1} +sbwt none +sbwtdcpu none +sbwtdio none",
        };
    }
}
