using System.Security.Cryptography;
using Gateway;
using Gateway.Testing;
using Identity.Service;
using Identity.Service.SignIn;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using Platform.CommandLine.Infrastructure;
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

    private const string Nowhere = "http://127.0.0.1:1";
    private const string ConsoleSecret = "a-secret-of-the-tests";

    private readonly TestTokens _tokens = new("140000.141022");
    private readonly int _port = FreePorts.Take();
    private readonly SemaphoreSlim _founding = new(1);
    private readonly Dictionary<string, Guid> _tops = [];
    private TestDatabase _database = null!;
    private TestDatabase _accounts = null!;
    private WebApplication _identity = null!;
    private WebApplication _registry = null!;
    private WebApplication _gateway = null!;
    private WebApplication _away = null!;

    /// <summary>Looks behind row-level security.</summary>
    public NpgsqlDataSource Behind { get; private set; } = null!;

    public IServiceProvider Registry => _registry.Services;

    public IServiceProvider Gateway => _gateway.Services;

    /// <summary>What people type; a name, because passkeys belong to names.</summary>
    public string PublicUrl => $"http://localhost:{_port}";

    /// <summary>Address of the console.</summary>
    public string Address => PublicUrl;

    /// <summary>A console of the same sessions whose services do not answer.</summary>
    public string AwayAddress => _away.Urls.First();

    public async ValueTask InitializeAsync()
    {
        _database = await TestDatabase.CreateAsync("registry", migrated: typeof(RegistryHost).Assembly);
        Behind = NpgsqlDataSource.Create(_database.Superuser);
        _registry = RegistryHost.Build([], b => Configure(b, new()
        {
            ["ConnectionStrings:registry"] = _database.App,
            ["Rabbit:Uri"] = "amqp://guest:guest@127.0.0.1:1/",
            ["Services:exchange"] = "http://127.0.0.1:1",
        }));
        await _registry.StartAsync();
        await StartIdentityAsync();
        _gateway = await GatewayAsync(_registry.Urls.First(), Nowhere, _identity.Urls.First(),
            $"http://127.0.0.1:{_port}");
        _away = await GatewayAsync(Nowhere, Nowhere, Nowhere, "http://127.0.0.1:0");
    }

    /// <summary>Public key of the tokens of these tests.</summary>
    public string PublicKey => _tokens.PublicKey;

    private async Task StartIdentityAsync()
    {
        _accounts = await TestDatabase.CreateAsync("identity", migrated: typeof(IdentityHost).Assembly);
        _identity = IdentityHost.Build([], b => Configure(b, new()
        {
            ["ConnectionStrings:identity"] = _accounts.App,
            ["Node:Name"] = "翼城县",
            ["Token:PrivateKey"] = _tokens.PrivateKey,
            ["Identity:PublicUrl"] = PublicUrl,
            ["Identity:ConsoleSecret"] = ConsoleSecret,
            ["Identity:AccessTokenMinutes"] = "1", // so short that every click renews it
        }));
        await _identity.StartAsync();
    }

    /// <summary>A gateway of the same node over the same registry and sessions; the caller disposes it.</summary>
    /// <param name="exchange">Address of the node's exchange.</param>
    public Task<WebApplication> GatewayAsync(string exchange) =>
        GatewayAsync(_registry.Urls.First(), exchange, Nowhere, "http://127.0.0.1:0");

    private async Task<WebApplication> GatewayAsync(string registry, string exchange, string identity, string url)
    {
        var redis = await Servers.RedisAsync();
        var gateway = GatewayHost.Build([], b => Configure(b, new()
        {
            ["Listen"] = url,
            ["Services:registry"] = registry,
            ["Services:exchange"] = exchange,
            ["Services:identity"] = identity,
            ["Redis:Configuration"] = redis.Configuration(),
            ["Console:PublicUrl"] = PublicUrl,
            ["Console:ClientSecret"] = ConsoleSecret,
            ["Console:Demo"] = "true",
            ["Gateway:TokenRequestsMax"] = "0",
            ["Gateway:AddressRequestsMax"] = "0",
        }));
        await gateway.StartAsync();
        return gateway;
    }

    public async ValueTask DisposeAsync()
    {
        await _gateway.DisposeAsync();
        await _away.DisposeAsync();
        await _identity.DisposeAsync();
        await _accounts.DisposeAsync();
        await _registry.DisposeAsync();
        await Behind.DisposeAsync();
        await _database.DisposeAsync();
        _tokens.Dispose();
        _founding.Dispose();
    }

    /// <summary>The registry's own API, to prepare what a page shows.</summary>
    public Api As(string role, string org = County, Guid? member = null) =>
        new(_registry.Urls.First(), _tokens.For(org, role, member));

    /// <summary>A session as after signing in: the value of its cookie.</summary>
    /// <param name="secondFactorAt">When the second factor was shown; null: long ago.</param>
    public Task<string> SessionAsync(string role, string org = County, Guid? member = null,
        DateTimeOffset? secondFactorAt = null, TimeSpan age = default) =>
        SessionMaker.MakeAsync(_gateway.Services, _tokens.For(org, role, member,
            secondFactorAt: secondFactorAt ?? DateTimeOffset.UtcNow.AddDays(-1)), age);

    /// <summary>An account that signs in with these, opened as the demo's are.</summary>
    public async Task<Somebody> SomebodyAsync(string role, string org = County)
    {
        var id = Guid.NewGuid();
        var somebody = new Somebody(id, $"u-{id:n}"[..20], "correct horse battery", Totp.Base32(
            SHA256.HashData(id.ToByteArray())[..20]));
        await using var scope = _identity.Services.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<CallerContext>().Current = Caller.Service;
        await scope.ServiceProvider.GetRequiredService<Founding>().RunAsync(System.Text.Json.JsonSerializer.Serialize(
            new[] { new Founding.FirstAccount(id, somebody.UserName, "演示人员", org, role, somebody.Password,
                somebody.TotpSecret) }, System.Text.Json.JsonSerializerOptions.Web), default);
        return somebody;
    }

    /// <summary>
    /// The top organisation of a county, as old as any test needs it; whichever class asks first has it founded.
    /// </summary>
    public async Task<Guid> TopAsync(string region = Region)
    {
        await _founding.WaitAsync();
        try
        {
            if (_tops.TryGetValue(region, out var id)) return id;
            var admin = As("tier-administrator", $"140000/141000/{region}/");
            var made = await admin.PostAsync("/api/v1/organisations", new
            {
                code = region, name = $"测试县委{region}", type = "GCM", region, foundedOn = "2020-01-01",
            });
            // A roster that was loaded first has founded it.
            return _tops[region] = made.Code != "ORGANISATION_EXISTS" ? made.Id()
                : (await admin.GetAsync("/api/v1/organisations")).Ok.GetProperty("items")[0].GetProperty("id")
                    .GetGuid();
        }
        finally
        {
            _founding.Release();
        }
    }

    private void Configure(WebApplicationBuilder builder, Dictionary<string, string?> settings)
    {
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(settings);
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Services:Key"] = "a-service-key-of-the-tests",
            ["Node:Path"] = "140000.141022",
            ["Node:Parent"] = "140000",
            ["Node:Regions"] = "141022,141023",
            ["Token:PublicKey"] = _tokens.PublicKey,
            ["Keys:Field"] = Convert.ToBase64String(SHA256.HashData("field"u8)),
            ["Keys:Blind"] = Convert.ToBase64String(SHA256.HashData("blind"u8)),
        });
        builder.WebHost.UseSetting("urls", settings.GetValueOrDefault("Listen") ?? "http://127.0.0.1:0");
    }
}

/// <summary>Somebody who can sign in.</summary>
public sealed record Somebody(Guid Id, string UserName, string Password, string TotpSecret)
{
    /// <summary>What the code generator shows.</summary>
    public string Code(int stepsAhead = 0) =>
        Totp.Code(Totp.FromBase32(TotpSecret), DateTimeOffset.UtcNow.AddSeconds(30 * stepsAhead));
}
