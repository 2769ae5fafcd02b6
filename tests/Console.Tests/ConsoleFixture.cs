using System.Globalization;
using System.Security.Cryptography;
using Gateway;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
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

    /// <summary>Looks behind row-level security.</summary>
    public NpgsqlDataSource Behind { get; private set; } = null!;

    public IServiceProvider Registry => _registry.Services;

    public IServiceProvider Gateway => _gateway.Services;

    /// <summary>Address of the console.</summary>
    public string Address => _gateway.Urls.First();

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
        _gateway = GatewayHost.Build([], b => Configure(b, new()
        {
            ["Services:registry"] = _registry.Urls.First(),
            ["Services:exchange"] = "http://127.0.0.1:1",
            ["Services:identity"] = "http://127.0.0.1:1",
            ["Redis:Configuration"] = redis.Configuration(),
            ["Console:PublicUrl"] = "http://127.0.0.1/",
            ["Console:ClientSecret"] = "a-secret-of-the-tests",
            ["Console:Demo"] = "true",
            ["Gateway:TokenRequestsMax"] = "0",
            ["Gateway:AddressRequestsMax"] = "0",
        }));
        await _gateway.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _gateway.DisposeAsync();
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
    public async Task<string> SessionAsync(string role, string org = County, Guid? member = null,
        DateTimeOffset? secondFactorAt = null)
    {
        await using var scope = _gateway.Services.CreateAsyncScope();
        var cookie = scope.ServiceProvider
            .GetRequiredService<IOptionsMonitor<CookieAuthenticationOptions>>()
            .Get(CookieAuthenticationDefaults.AuthenticationScheme);
        var now = DateTimeOffset.UtcNow;
        var token = _tokens.For(org, role, member, secondFactorAt: secondFactorAt);
        var properties = new AuthenticationProperties { IssuedUtc = now, ExpiresUtc = now.AddMinutes(30) };
        properties.SetString("began", now.ToString("O", CultureInfo.InvariantCulture));
        properties.StoreTokens(
        [
            new() { Name = "access_token", Value = token },
            new() { Name = "expires_at", Value = now.AddHours(1).ToString("O", CultureInfo.InvariantCulture) },
        ]);
        var ticket = new AuthenticationTicket(global::Gateway.Console.Sessions.Person.Of(token), properties,
            CookieAuthenticationDefaults.AuthenticationScheme);
        var id = await cookie.SessionStore!.StoreAsync(ticket);
        var key = new AuthenticationTicket(new(new System.Security.Claims.ClaimsIdentity(
            [new("Microsoft.AspNetCore.Authentication.Cookies-SessionId", id)], cookie.ClaimsIssuer)), null,
            CookieAuthenticationDefaults.AuthenticationScheme);
        return cookie.TicketDataFormat.Protect(key);
    }

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
