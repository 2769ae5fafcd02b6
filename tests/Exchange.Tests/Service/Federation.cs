using System.Security.Cryptography;
using System.Text;
using Platform.CommandLine.Topologies;
using Platform.Testing;
using Xunit;

[assembly: AssemblyFixture(typeof(Exchange.Tests.Service.Federation))]

namespace Exchange.Tests.Service;

/// <summary>
/// A province hub, two counties, and three more places in the tree: for a node that joins late, for one that is
/// revoked, and for one played by the test itself.
/// Real PostgreSQL, a real broker with a vhost each, real shovels.
/// </summary>
public sealed class Federation : IAsyncLifetime
{
    public const string HubPath = "140000", APath = "140000.141022", BPath = "140000.140105",
        LatePath = "140000.140700",
        ScriptedPath = "140000.140181", LeavingPath = "140000.140800";

    private readonly SemaphoreSlim _one = new(1);
    private bool _started;

    /// <summary>Databases with fsync and no logs: what a measure wants.</summary>
    public bool ForMeasure { get; init; }

    public ExchangeNode Hub { get; private set; } = null!;
    public ExchangeNode A { get; private set; } = null!;
    public ExchangeNode B { get; private set; } = null!;
    public ExchangeNode Late { get; private set; } = null!;
    public Topology Topology { get; private set; } = null!;
    public Platform.CommandLine.Infrastructure.RabbitServer Broker { get; private set; } = null!;
    public string Fingerprint { get; private set; } = "";

    public static string Code(string path) => $"one-time-code-of-{path}";

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    /// <summary>Starts everything the first time a test asks; pure tests never wait for servers.</summary>
    public async Task<Federation> StartedAsync()
    {
        await _one.WaitAsync();
        try
        {
            if (_started) return this;
            Topology = Servers.OnFreePorts(Tree(), "exchange-");
            var access = new RabbitAccess(user => $"secret-{user}");
            Broker = (await Servers.BrokersAsync(Topology, access)).Values.Single();
            Hub = await CreateAsync(HubPath);
            Fingerprint = await Hub.StartAsync();
            A = await CreateAsync(APath);
            B = await CreateAsync(BPath);
            Late = await CreateAsync(LatePath);
            await A.StartAsync();
            await B.StartAsync();
            await Eventually.TrueAsync(
                async () => await A.KnowsAsync(BPath) && await B.KnowsAsync(APath) && await Hub.KnowsAsync(BPath),
                "the nodes enrol and know each other");
            _started = true;
            return this;
        }
        finally { _one.Release(); }
    }

    public string Uri(string path)
    {
        var node = Topology.NodeAt(path);
        var user = RabbitDefinitions.NodeUser(node);
        return $"amqp://{user}:secret-{user}@127.0.0.1:{Broker.Port}/{node.Code}";
    }

    public async ValueTask DisposeAsync()
    {
        if (!_started) return;
        foreach (var node in new[] { A, B, Late, Hub }) await node.DisposeAsync();
    }

    private Task<ExchangeNode> CreateAsync(string path) => ExchangeNode.CreateAsync(this, path);

    private static Topology Tree() => new()
    {
        Name = "exchange-tests",
        PostgresPort = 0,
        RedisPort = 0,
        EpmdPort = 0,
        Brokers = [new("one", 0)],
        Nodes =
        [
            Node(HubPath, null, "14"),
            Node(APath, HubPath, "141022"),
            Node(BPath, HubPath, "140105", "140106"),
            Node(LatePath, HubPath, "140700"),
            Node(ScriptedPath, HubPath, "140181"),
            Node(LeavingPath, HubPath, "140800"),
        ],
    };

    private static Node Node(string path, string? parent, params string[] regions) => new()
    {
        Path = path,
        NameZh = path,
        NameEn = path,
        Tier = parent is null ? Tier.Province : Tier.County,
        Regions = regions,
        Parent = parent,
        Mode = NodeMode.Services,
        Broker = "one",
        BasePort = 0,
    };

    /// <summary>What the hub is told of its children's one-time codes.</summary>
    public static IEnumerable<string> EnrolmentCodes() => new[]
    {
        APath, BPath, LatePath, ScriptedPath, LeavingPath,
    }.Select(path =>
        $"--Exchange:EnrolmentCodes:{path}="
            + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Code(path)))));
}

/// <summary>Waits for facts, with a limit.</summary>
public static class Eventually
{
    public static async Task TrueAsync(Func<Task<bool>> fact, string what, int seconds = 40)
    {
        var until = DateTime.UtcNow.AddSeconds(seconds);
        while (!await fact())
        {
            Assert.True(DateTime.UtcNow < until, $"not within {seconds} s: {what}");
            await Task.Delay(50);
        }
    }
}
