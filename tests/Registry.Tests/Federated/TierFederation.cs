using System.Security.Cryptography;
using System.Text;
using Exchange.Service;
using Exchange.Service.Trust;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using Platform.CommandLine.Topologies;
using Platform.Testing;
using Registry.Service;
using Registry.Tests.Service;

namespace Registry.Tests.Federated;

/// <summary>All tests of the tiers share one federation; they take turns.</summary>
[CollectionDefinition(Name)]
public sealed class TierCollection : ICollectionFixture<TierFederation>
{
    public const string Name = "tiers";
}

/// <summary>
/// Three tiers with real PostgreSQL, a real broker, real exchanges and registries: a province that serves its capital's
/// districts itself, a city that hosts two counties, and a county of that city with its own node.
/// </summary>
public sealed class TierFederation : IAsyncLifetime
{
    /// <summary>Counties in the city's node.</summary>
    public const string Home = "141022", Neighbour = "141023";

    /// <summary>A county of the same city with its own node.</summary>
    public const string OwnNode = "141024";

    /// <summary>Districts of another city, served by the province.</summary>
    public const string Host = "140105", Third = "140106";

    public const string Province = "140000/", City = "140000/141000/";

    private readonly Dictionary<string, TierNode> _nodes = [];
    private readonly Dictionary<string, Place> _places = [];
    private int _members = 1000;

    public async ValueTask InitializeAsync()
    {
        var topology = Servers.OnFreePorts(Tree(), "registry-");
        var access = new RabbitAccess(user => $"secret-{user}");
        var broker = (await Servers.BrokersAsync(topology, access)).Values.Single();
        var fingerprint = "";
        foreach (var node in topology.Nodes)
        {
            var made = await TierNode.StartAsync(node, topology, broker.Port, fingerprint);
            if (fingerprint.Length == 0) fingerprint = made.Fingerprint;
            _nodes.Add(node.Path, made);
        }
        await EventuallyAsync("every node knows every other", () => Task.FromResult(
            _nodes.Values.All(n => _nodes.Keys.All(n.Knows))));
        foreach (var region in new[] { Home, Neighbour, OwnNode, Host, Third })
            _places.Add(region, await SeedAsync(region));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes.Values.Reverse()) await node.DisposeAsync();
    }

    /// <summary>The node that serves a region, or the tier with that code.</summary>
    public TierNode NodeOf(string region) => region switch
    {
        Home or Neighbour or "141000" => _nodes["140000.141000"],
        OwnNode => _nodes["140000.141000.141024"],
        _ => _nodes["140000"],
    };

    /// <summary>Speaks as a role of the region's top organisation, or of <paramref name="org"/>.</summary>
    public Api At(string region, string role, string? org = null) =>
        NodeOf(region).As(role, org ?? Registry.Organisations.Regions.PathOf(region));

    /// <summary>What stands in a region from the start.</summary>
    public Place PlaceOf(string region) => _places[region];

    /// <summary>An organisation founded below <paramref name="parent"/>.</summary>
    public async Task<Guid> FoundAsync(string region, string type, Guid? parent = null, object? more = null)
    {
        var code = $"{type}{Interlocked.Increment(ref _members)}";
        var body = new Dictionary<string, object?>
        {
            ["code"] = code, ["name"] = $"测试{code}", ["type"] = type,
            ["parentId"] = parent ?? PlaceOf(region).Committee,
        };
        foreach (var property in more?.GetType().GetProperties() ?? []) body[property.Name] = property.GetValue(more);
        return (await At(region, "tier-administrator").PostAsync("/api/v1/organisations", body)).Id();
    }

    /// <summary>An outpost proposed by its grassroots committee and approved by the county.</summary>
    public async Task<Guid> OutpostAsync(string region, string type, Guid committee, string host, string workplace,
        string? reliesOn = null)
    {
        var code = $"{type}{Interlocked.Increment(ref _members)}";
        var proposed = await At(region, "committee-clerk").PostAsync("/api/v1/outposts", new
        {
            committeeId = committee, hostRegion = host, code, name = $"测试{code}", type,
            mode = reliesOn is null ? "IND" : "ATT", workplace, reliesOn,
            advantages = (string[])["SRC"],
        });
        return (await At(region, "tier-administrator").PostAsync($"/api/v1/outposts/{proposed.Id()}/approve",
            new { document = "县委批复" })).Id("organisationId");
    }

    /// <summary>A new member of a branch.</summary>
    public async Task<(Guid Id, string IdNumber)> MemberAsync(string region, Guid? branch = null,
        string standing = "full")
    {
        var number = Interlocked.Increment(ref _members);
        var id = await At(region, "committee-clerk").PostAsync("/api/v1/members", new
        {
            branchId = branch ?? PlaceOf(region).Branch, name = "测试甲", idNumber = Seeded.IdNumber(number), standing,
            phone = $"139{number:D8}",
        });
        return (id.Id(), Seeded.IdNumber(number));
    }

    /// <summary>The top organisation of a tier, founded by whoever asks first.</summary>
    public static async Task<Guid> TopAsync(Api admin, string region, string name)
    {
        var made = await admin.PostAsync("/api/v1/organisations", new { code = region, name, type = "GCM", region });
        return made.Code is null ? made.Id() : (await admin.GetAsync($"/api/v1/organisations?search={name}")).Ok
            .GetProperty("items")[0].GetProperty("id").GetGuid();
    }

    /// <summary>Waits for a fact, with a limit.</summary>
    public static async Task EventuallyAsync(string fact, Func<Task<bool>> holds, int seconds = 60)
    {
        var until = DateTime.UtcNow.AddSeconds(seconds);
        while (!await holds())
        {
            Assert.True(DateTime.UtcNow < until, $"Not within {seconds} s: {fact}");
            await Task.Delay(50);
        }
    }

    private async Task<Place> SeedAsync(string region)
    {
        var admin = At(region, "tier-administrator");
        async Task<Guid> FoundAsync(string code, string type, Guid? parent) =>
            (await admin.PostAsync("/api/v1/organisations", parent is null
                ? new { code, name = $"{region}{code}", type, region }
                : new { code, name = $"{region}{code}", type, parentId = parent })).Id();
        var top = await FoundAsync(region, "GCM", null);
        var committee = await FoundAsync("C1", "GCM", top);
        return new(top, committee, await FoundAsync("B1", "BRA", committee),
            await FoundAsync("M1", "TBR", committee));
    }

    private static Topology Tree() => new()
    {
        Name = "registry-tests",
        PostgresPort = 0,
        RedisPort = 0,
        EpmdPort = 0,
        Brokers = [new("tiers", 0)],
        Nodes =
        [
            Node("140000", null, Tier.Province, "14"),
            Node("140000.141000", "140000", Tier.City, "1410"),
            Node("140000.141000.141024", "140000.141000", Tier.County, "141024"),
        ],
    };

    private static Node Node(string path, string? parent, Tier tier, params string[] regions) => new()
    {
        Path = path,
        NameZh = path,
        NameEn = path,
        Tier = tier,
        Regions = regions,
        Parent = parent,
        Mode = NodeMode.Services,
        Broker = "tiers",
        BasePort = 0,
    };
}

/// <summary>The region's top, a grassroots committee, an ordinary branch and a branch for mobile members.</summary>
public sealed record Place(Guid Top, Guid Committee, Guid Branch, Guid MobileBranch);

/// <summary>A registry and an exchange with their databases, in this process, on loopback ports.</summary>
public sealed class TierNode : IAsyncDisposable
{
    private const string Key = "a-service-key-of-the-tests";
    private readonly Node _node;
    private readonly TestTokens _tokens;
    private readonly string _secret = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));
    private TestDatabase _registryData = null!, _exchangeData = null!;
    private WebApplication _registry = null!, _exchange = null!;
    private string _rabbit = "";

    private TierNode(Node node) => (_node, _tokens) = (node, new TestTokens(node.Path));

    public string Fingerprint => _exchange.Services.GetRequiredService<Keyring>().Fingerprint;

    /// <summary>Of the registry.</summary>
    public IServiceProvider Services => _registry.Services;

    public static async Task<TierNode> StartAsync(Node node, Topology tree, int broker, string root)
    {
        var user = RabbitDefinitions.NodeUser(node);
        var made = new TierNode(node)
        {
            _rabbit = $"amqp://{user}:secret-{user}@127.0.0.1:{broker}/{node.Code}",
            _registryData = await TestDatabase.CreateAsync("registry", migrated: typeof(RegistryHost).Assembly),
            _exchangeData = await TestDatabase.CreateAsync("exchange", migrated: typeof(ExchangeHost).Assembly),
        };
        made._exchange = ExchangeHost.Build(made.ExchangeArguments(tree, root), b => b.Logging.ClearProviders());
        await made._exchange.StartAsync();
        made._registry = made.Build(made._exchange.Urls.First());
        await made._registry.StartAsync();
        return made;
    }

    public bool Knows(string path) =>
        _exchange.Services.GetRequiredService<NodeDirectory>().Bundle.Find(path) is not null;

    /// <summary>A client that speaks as <paramref name="role"/> of <paramref name="org"/>.</summary>
    public Api As(string role, string org) => new(Address, TokenOf(role, org));

    /// <summary>Of the registry.</summary>
    public string Address => _registry.Urls.First();

    /// <summary>A token of a role of an organisation.</summary>
    public string TokenOf(string role, string org) => _tokens.For(org, role);

    /// <summary>Asks a registry over the same database whose clock is <paramref name="by"/> ahead.</summary>
    public async Task<Reply> LaterAsync(TimeSpan by, string role, string org, string path)
    {
        await using var later = Build("http://127.0.0.1:1", new AheadClock(by));
        await later.StartAsync();
        return await new Api(later.Urls.First(), _tokens.For(org, role)).GetAsync(path);
    }

    /// <summary>Everything the register says of members it says of earlier days too.</summary>
    public async Task HeldSinceAsync(DateOnly day)
    {
        await using var source = NpgsqlDataSource.Create(_registryData.Superuser);
        foreach (var table in new[] { "organisation_spell", "membership_spell" })
        {
            await using var command = source.CreateCommand($"update {table} set from_on = $1 where from_on > $1");
            command.Parameters.Add(new() { Value = day });
            await command.ExecuteNonQueryAsync();
        }
    }

    /// <summary>A connection to the registry's database that looks behind row-level security.</summary>
    public async Task<NpgsqlConnection> OpenAsync()
    {
        var connection = new NpgsqlConnection(_registryData.Superuser);
        await connection.OpenAsync();
        return connection;
    }

    /// <summary>A number of the registry's database, past row-level security.</summary>
    public async Task<long> CountAsync(string sql)
    {
        await using var source = NpgsqlDataSource.Create(_registryData.Superuser);
        await using var command = source.CreateCommand(sql);
        return Convert.ToInt64(await command.ExecuteScalarAsync(), System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>Whether a statement of the registry that looks like <paramref name="statement"/> waits for another.
    /// </summary>
    public async Task<bool> WaitsAsync(string statement) => await CountAsync(
        "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' "
        + $"and query ilike '{statement}'") > 0;

    /// <summary>Messages that were refused, here or over there: code and detail.</summary>
    public async Task<string> DeskAsync()
    {
        await using var source = NpgsqlDataSource.Create(_exchangeData.Superuser);
        await using var command = source.CreateCommand(
            "select coalesce(string_agg(side || ' ' || code || ' ' || coalesce(detail, ''), '; '), '') from desk_item");
        return (string)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>An operator has seen to everything on the desk.</summary>
    public async Task ClearDeskAsync()
    {
        await using var source = NpgsqlDataSource.Create(_exchangeData.Superuser);
        await using var command = source.CreateCommand("delete from desk_item");
        await command.ExecuteNonQueryAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _registry.DisposeAsync();
        await _exchange.DisposeAsync();
        await _registryData.DisposeAsync();
        await _exchangeData.DisposeAsync();
        _tokens.Dispose();
    }

    private WebApplication Build(string exchange, TimeProvider? clock = null) => RegistryHost.Build([], b =>
    {
        b.Logging.ClearProviders();
        if (clock is not null) b.Services.AddSingleton(clock);
        b.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["ConnectionStrings:registry"] = _registryData.App,
            ["Rabbit:Uri"] = _rabbit,
            ["Services:exchange"] = exchange,
            ["Services:Key"] = Key,
            ["Node:Path"] = _node.Path,
            ["Node:Parent"] = _node.Parent ?? "",
            ["Node:Regions"] = string.Join(',', _node.Regions),
            ["Token:PublicKey"] = _tokens.PublicKey,
            ["Keys:Field"] = _secret,
            ["Keys:Blind"] = _secret,
        });
        b.WebHost.UseSetting("urls", "http://127.0.0.1:0");
    });

    private string[] ExchangeArguments(Topology tree, string root) =>
    [
        "--Urls=http://127.0.0.1:0", $"--Services:Key={Key}", $"--ConnectionStrings:exchange={_exchangeData.App}",
        $"--Rabbit:Uri={_rabbit}", $"--Node:Path={_node.Path}", $"--Node:Name={_node.Path}",
        $"--Node:Regions={string.Join(',', _node.Regions)}", $"--Node:Parent={_node.Parent}",
        $"--Token:PublicKey={_tokens.PublicKey}", $"--Keys:Field={_secret}", $"--Keys:Blind={_secret}",
        $"--Exchange:RootFingerprint={root}", $"--Exchange:EnrolmentCode={Code(_node.Path)}",
        "--Exchange:EnrolmentInterval=00:00:00.5", "--Exchange:BundleInterval=00:00:01",
        "--Exchange:TickInterval=00:00:00.2",
        .. tree.Nodes.Where(n => n.Parent == _node.Path).Select(n => $"--Exchange:EnrolmentCodes:{n.Path}="
            + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Code(n.Path))))),
    ];

    private static string Code(string path) => $"one-time-code-of-{path}";
}
