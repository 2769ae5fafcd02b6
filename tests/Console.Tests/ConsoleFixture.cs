using System.Security.Cryptography;
using Gateway;
using Gateway.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Npgsql;
using Platform.Hosting;
using Platform.Testing;
using Registry.Service;

[assembly: AssemblyFixture(typeof(Console.Tests.ConsoleFixture))]

namespace Console.Tests;

/// <summary>
/// A county's registry and gateway with the console, real PostgreSQL and Redis. Sessions are put where signing in puts
/// them; signing in itself is tried with the whole federation (EndToEnd.Tests).
/// </summary>
public sealed class ConsoleFixture : IAsyncLifetime
{
    public const string County = "140000/141000/141022/";
    public const string Region = "141022";

    private readonly TestTokens _tokens = new("140000.141022");
    private TestDatabase _database = null!;
    private WebApplication _registry = null!;
    private WebApplication _gateway = null!;
    private WebApplication _away = null!;

    /// <summary>Looks behind row-level security.</summary>
    public NpgsqlDataSource Behind { get; private set; } = null!;

    public IServiceProvider Registry => _registry.Services;

    public IServiceProvider Gateway => _gateway.Services;

    /// <summary>Address of the console.</summary>
    public string Address => _gateway.Urls.First();

    /// <summary>A console of the same sessions whose services do not answer.</summary>
    public string AwayAddress => _away.Urls.First();

    public async ValueTask InitializeAsync()
    {
        _database = await TestDatabase.CreateAsync("registry");
        Migrations.Run(_database.Owner, typeof(RegistryHost).Assembly);
        Behind = NpgsqlDataSource.Create(_database.Superuser);
        _registry = RegistryHost.Build([], b => Configure(b, new()
        {
            ["ConnectionStrings:registry"] = _database.App,
            ["Rabbit:Uri"] = "amqp://guest:guest@127.0.0.1:1/",
            ["Services:exchange"] = "http://127.0.0.1:1",
        }));
        await _registry.StartAsync();
        var redis = await Servers.RedisAsync();
        _gateway = await GatewayAsync(redis.Configuration(), _registry.Urls.First());
        _away = await GatewayAsync(redis.Configuration(), "http://127.0.0.1:1");
    }

    private async Task<WebApplication> GatewayAsync(string redis, string registry)
    {
        var app = GatewayHost.Build([], b => Configure(b, new()
        {
            ["Services:registry"] = registry,
            ["Services:exchange"] = "http://127.0.0.1:1",
            ["Services:identity"] = "http://127.0.0.1:1",
            ["Redis:Configuration"] = redis,
            ["Console:PublicUrl"] = "http://127.0.0.1/",
            ["Console:ClientSecret"] = "a-secret-of-the-tests",
            ["Console:Demo"] = "true",
            ["Gateway:TokenRequestsMax"] = "0",
            ["Gateway:AddressRequestsMax"] = "0",
        }));
        await app.StartAsync();
        return app;
    }

    public async ValueTask DisposeAsync()
    {
        await _gateway.DisposeAsync();
        await _away.DisposeAsync();
        await _registry.DisposeAsync();
        await Behind.DisposeAsync();
        await _database.DisposeAsync();
        _tokens.Dispose();
    }

    /// <summary>The registry's own API, as <paramref name="role"/> of <paramref name="org"/>: to prepare what a page shows.</summary>
    public Api As(string role, string org = County, Guid? member = null) =>
        new(_registry.Urls.First(), _tokens.For(org, role, member));

    /// <summary>A session as after signing in: the value of its cookie.</summary>
    /// <param name="secondFactorAt">When the second factor was shown; null: long ago.</param>
    public Task<string> SessionAsync(string role, string org = County, Guid? member = null,
        DateTimeOffset? secondFactorAt = null) =>
        SessionMaker.MakeAsync(_gateway.Services, _tokens.For(org, role, member,
            secondFactorAt: secondFactorAt ?? DateTimeOffset.UtcNow.AddDays(-1)));

    private void Configure(WebApplicationBuilder builder, Dictionary<string, string?> settings)
    {
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(settings);
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Urls"] = "http://127.0.0.1:0",
            ["Services:Key"] = "a-service-key-of-the-tests",
            ["Node:Path"] = "140000.141022",
            ["Node:Parent"] = "140000",
            ["Node:Regions"] = "141022,141023",
            ["Token:PublicKey"] = _tokens.PublicKey,
            ["Keys:Field"] = Convert.ToBase64String(SHA256.HashData("field"u8)),
            ["Keys:Blind"] = Convert.ToBase64String(SHA256.HashData("blind"u8)),
        });
        builder.WebHost.UseSetting("urls", "http://127.0.0.1:0");
    }
}
