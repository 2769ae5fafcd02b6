using System.Collections.Concurrent;
using System.Globalization;
using Platform.CommandLine.Infrastructure;
using Platform.CommandLine.Topologies;

namespace Platform.Testing;

/// <summary>
/// Real servers for tests: started once per test process when first asked for, on free ports, in a temporary folder.
/// A watchdog ends
/// them and removes the folder when the test process ends, however it ends.
/// </summary>
public static class Servers
{
    private static readonly Lazy<string> Home = new(MakeHome);
    private static readonly Lazy<EpmdServer> Epmd = new(() => new EpmdServer(RunFolder, FreePorts.Take()));
    private static readonly Lazy<Task<PostgresServer>> Fast = new(() => StartPostgresAsync("postgres", durable: false));
    private static readonly Lazy<Task<PostgresServer>> Durable =
        new(() => StartPostgresAsync("durable", durable: true));
    private static readonly Lazy<Task<RedisServer>> TheRedis = new(StartRedisAsync);
    private static readonly ConcurrentDictionary<string, Lazy<Task<RabbitServer>>> Brokers = new();

    /// <summary>Of this test process; others may walk through it, only the servers' users read their parts.</summary>
    public static string Folder => Home.Value;

    private static string RunFolder => Path.Combine(Folder, "run");

    /// <summary>PostgreSQL without fsync, for everything but durability.</summary>
    public static Task<PostgresServer> PostgresAsync() => Fast.Value;

    /// <summary>A second PostgreSQL with fsync, for tests that kill it.</summary>
    public static Task<PostgresServer> DurablePostgresAsync() => Durable.Value;

    public static Task<RedisServer> RedisAsync() => TheRedis.Value;

    /// <summary>A broker of that name, shared by everybody in this process who asks for the same name.</summary>
    public static Task<RabbitServer> BrokerAsync(string name = "broker") => Brokers.GetOrAdd(
        name, n => new(() => StartBrokerAsync(n, FreePorts.TakeRun(4)))).Value;

    /// <summary>Starts the topology's brokers at once on the ports it names and gives each its definitions.</summary>
    public static async Task<IReadOnlyDictionary<string, RabbitServer>> BrokersAsync(
        Topology topology, RabbitAccess access)
    {
        var servers = await Task.WhenAll(topology.Brokers.Select(b => Brokers.GetOrAdd(
            b.Name, n => new(() => StartBrokerAsync(n, b.BasePort))).Value));
        await Task.WhenAll(servers.Zip(topology.Brokers).Select(x => x.First.Management.ImportAsync(
            RabbitDefinitions.ToJson(RabbitDefinitions.For(topology, x.Second, access)))));
        return servers.ToDictionary(s => s.Name);
    }

    /// <summary>
    /// The same federation on free ports, its brokers named with the prefix so that several fit in one process.
    /// </summary>
    public static Topology OnFreePorts(Topology topology, string prefix) => topology with
    {
        Brokers = [.. topology.Brokers.Select(b => new Broker(prefix + b.Name, FreePorts.TakeRun(4)))],
        Nodes =
        [
            .. topology.Nodes.Select(n => n with
            {
                Broker = prefix + n.Broker,
                BasePort = FreePorts.TakeRun(1 + Node.Services.Length),
            }),
        ],
    };

    private static async Task<PostgresServer> StartPostgresAsync(string name, bool durable)
    {
        var server =
            new PostgresServer(new PostgresSettings(Path.Combine(Folder, name), RunFolder, FreePorts.Take(), "postgres")
        {
            Name = name,
            Durable = durable,
        });
        await server.StartAsync();
        await server.WaitReadyAsync();
        await Databases.CreateGroupsAsync(server);
        return server;
    }

    private static async Task<RedisServer> StartRedisAsync()
    {
        var server =
            new RedisServer(new RedisSettings(Path.Combine(Folder, "redis"), RunFolder, FreePorts.Take(), "redis"));
        await server.StartAsync();
        await server.WaitReadyAsync();
        return server;
    }

    private static async Task<RabbitServer> StartBrokerAsync(string name, int basePort)
    {
        var ports = new Broker(name, basePort);
        var server =
            new RabbitServer(new RabbitSettings(name, Path.Combine(Folder, "rabbit-" + name), RunFolder, "admin")
        {
            AmqpPort = ports.AmqpPort,
            ManagementPort = ports.ManagementPort,
            DistributionPort = ports.DistributionPort,
        }, Epmd.Value);
        await server.StartAsync();
        await server.WaitReadyAsync();
        return server;
    }

    private static string MakeHome()
    {
        var id = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        var home = Path.Combine(Path.GetTempPath(), $"platform-test-{id}-{Guid.NewGuid().ToString("n")[..6]}");
        Directory.CreateDirectory(Path.Combine(home, "run"));
        Directory.CreateDirectory(Path.Combine(home, "watchdog"));
        // Waits for us to be gone, whatever the reason; pid files name process groups.
        const string watch = """
            tail --pid="$1" -f /dev/null
            for signal in QUIT KILL; do
              for file in $(find "$2" -path '*/run/*.pid'); do
                kill -s $signal -- "-$(sed 's/.*"Pid":\([0-9]*\).*/\1/' "$file")" 2>/dev/null
              done
              sleep 0.5
            done
            rm -rf "$2"
            """;
        new Daemon(
            new DaemonSpec("watchdog", Path.Combine(home, "watchdog"), "/bin/sh", ["-c", watch, "watchdog", id, home])
        {
            WorkingDirectory = "/",
        }).Start();
        return home;
    }
}
