using System.Security.Cryptography;
using Bench.Data;
using Gateway;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using Platform.CommandLine.Infrastructure;
using Platform.Hosting;
using Platform.Testing;
using Registry.Organisations;
using Registry.Service;
using Registry.Service.Capabilities;
using Registry.Service.Persistence;

namespace Bench;

/// <summary>
/// A registry behind its gateway over a database with fsync, in this process; broker and exchange are away.
/// </summary>
internal sealed class RegistryNode : IAsyncDisposable
{
    public const string Region = "141022", County = "140000/141000/141022/";

    private readonly TestTokens _tokens = new("140000.141022");
    private readonly TestDatabase _database;
    private readonly WebApplication _registry, _gateway;
    private readonly string _address = FreeAddress();

    private RegistryNode(TestDatabase database, string redis)
    {
        _database = database;
        Source = NpgsqlDataSource.Create(database.Superuser);
        Service = NpgsqlDataSource.Create(database.App);
        _registry = RegistryHost.Build([], Configure);
        Address = FreeAddress();
        _gateway = GatewayHost.Build([], b => Quiet(b, Address, new()
        {
            ["Services:exchange"] = "http://127.0.0.1:1",
            ["Services:identity"] = "http://127.0.0.1:1",
            ["Services:registry"] = _address,
            ["Redis:Configuration"] = redis,
            ["Console:PublicUrl"] = redis.Length > 0 ? Address : "",
            ["Console:ClientSecret"] = "a-secret-of-the-bench",
            ["Gateway:TokenRequestsMax"] = "0",
            ["Gateway:AddressRequestsMax"] = "0",
        }));
    }

    /// <summary>Behind row-level security: the raw limit.</summary>
    public NpgsqlDataSource Source { get; }

    /// <summary>As the service itself, under row-level security; sees nothing until it is told a scope.</summary>
    public NpgsqlDataSource Service { get; }

    /// <summary>What the service itself is given.</summary>
    public string App => _database.App;

    public string Address { get; }

    /// <param name="console">With its pages; sessions are kept in a real Redis.</param>
    public static async Task<RegistryNode> StartAsync(bool console = false)
    {
        var database = await TestDatabase.CreateAsync("registry", durable: true,
            migrated: typeof(RegistryHost).Assembly);
        var redis = console ? (await Servers.RedisAsync()).Configuration() : "";
        var node = new RegistryNode(database, redis);
        await node._registry.StartAsync();
        await node._gateway.StartAsync();
        return node;
    }

    /// <summary>Fills the database by a plan and says how long it took.</summary>
    public Task FillAsync(DataPlan plan) =>
        new DataSet(plan, _registry.Services, _database.Superuser).FillAsync(Say.Line);

    /// <summary>Scores every archive there is, the way the service does in the background.</summary>
    public async Task ScoreAsync(DateOnly today)
    {
        await using (var due = Source.CreateCommand("insert into quality_due (branch_id) select id from organisation"))
            await due.ExecuteNonQueryAsync();
        while (true)
        {
            await using var scope = _registry.Services.CreateAsyncScope();
            scope.ServiceProvider.GetRequiredService<CallerContext>().Current = Caller.Service;
            var db = scope.ServiceProvider.GetRequiredService<RegistryDb>();
            if (await BranchScores.TakeAsync(db, null, PeopleLimits.QualityBranchesMax, today, default) == 0) return;
        }
    }

    /// <summary>Processor time that the database server has used so far, backends that ended included.</summary>
    public TimeSpan ServerTime()
    {
        // /proc/pid/stat behind the name: user and system time in hundredths of a second, then those of ended children.
        long Of(int pid, int from) => File.ReadAllText($"/proc/{pid}/stat").Split(") ")[^1].Split(' ')
            .Skip(from).Take(2).Sum(long.Parse);
        var server = _database.Server.Pid!.Value;
        return TimeSpan.FromMilliseconds(10 * (Of(server, 13) + ProcFs.Tree(server).Sum(pid => Of(pid, 11))));
    }

    public string Token(string role, string org = County) => _tokens.For(org, role);

    /// <summary>The cookie of somebody signed in at the console.</summary>
    public Task<string> SessionAsync(string role, string org) =>
        Gateway.Testing.SessionMaker.MakeAsync(_gateway.Services, Token(role, org));

    public HttpClient Client(string role, string org = County) => new()
    {
        BaseAddress = new(Address),
        DefaultRequestHeaders = { Authorization = new("Bearer", Token(role, org)) },
    };

    /// <summary>Adds in batches, through the same model as the service, so that derived columns are right.</summary>
    public async Task AddAsync<T>(IEnumerable<T> rows) where T : class
    {
        foreach (var batch in rows.Chunk(2000))
        {
            await using var scope = _registry.Services.CreateAsyncScope();
            scope.ServiceProvider.GetRequiredService<CallerContext>().Current = Caller.Service;
            var db = scope.ServiceProvider.GetRequiredService<RegistryDb>();
            db.AddRange(batch.AsEnumerable<object>());
            await db.SaveChangesAsync();
        }
    }

    /// <summary>The county's top and one branch.</summary>
    public async Task<Organisation> BranchAsync()
    {
        var top = new Organisation
        {
            Id = Guid.CreateVersion7(),
            Code = Region,
            Path = County,
            Region = Region,
            Name = "测试县委",
            Type = "GCM",
            FoundedOn = new(2026, 1, 1),
            Since = new(2026, 1, 1),
        };
        var branch = top with
        {
            Id = Guid.CreateVersion7(),
            Code = "B1",
            Path = $"{County}B1/",
            ParentId = top.Id,
            Name = "测试支部",
            Type = "BRA",
        };
        await AddAsync([top, branch]);
        return branch;
    }

    /// <summary>Fresh statistics and no pending vacuum work in the middle of a measure.</summary>
    public async Task SettleAsync()
    {
        await using var command = Source.CreateCommand("vacuum analyze");
        command.CommandTimeout = 600;
        await command.ExecuteNonQueryAsync();
    }

    private void Configure(WebApplicationBuilder builder) => Quiet(builder, _address, new()
    {
        ["ConnectionStrings:registry"] = _database.App,
        ["Rabbit:Uri"] = "amqp://guest:guest@127.0.0.1:1/",
        ["Services:exchange"] = "http://127.0.0.1:1",
        ["Services:Key"] = "a-service-key-of-the-bench",
        ["Node:Path"] = "140000.141022",
        ["Node:Parent"] = "140000",
        ["Node:Regions"] = Region,
        ["Token:PublicKey"] = _tokens.PublicKey,
        // Works when it is measured, not beside another measure.
        ["Registry:QualityPause"] = "10.00:00:00",
        ["Keys:Field"] = Convert.ToBase64String(SHA256.HashData("field"u8)),
        ["Keys:Blind"] = Convert.ToBase64String(SHA256.HashData("blind"u8)),
    });

    private static string FreeAddress() => $"http://127.0.0.1:{FreePorts.Take()}";

    private static void Quiet(WebApplicationBuilder builder, string url, Dictionary<string, string?> settings)
    {
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(settings);
        builder.WebHost.UseSetting("urls", url);
    }

    public async ValueTask DisposeAsync()
    {
        await _gateway.DisposeAsync();
        await _registry.DisposeAsync();
        await Source.DisposeAsync();
        await Service.DisposeAsync();
        await _database.DisposeAsync();
        _tokens.Dispose();
    }
}
