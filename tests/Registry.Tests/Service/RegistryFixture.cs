using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Npgsql;
using Platform.Testing;
using Registry.Service;

namespace Registry.Tests.Service;

/// <summary>
/// A real registry on a loopback port with a real database; broker and exchange are away and stay away.
/// </summary>
public sealed class RegistryFixture : IAsyncLifetime
{
    public const string County = "140000/141000/141022/";
    public const string Region = "141022";

    private readonly TestTokens _tokens = new("140000.141022");
    private TestDatabase _database = null!;
    private WebApplication _app = null!;

    /// <summary>Looks behind row-level security.</summary>
    public NpgsqlDataSource Behind { get; private set; } = null!;

    public IServiceProvider Services => _app.Services;

    public string Address => _app.Urls.First();

    public TestDatabase Database => _database;

    public async ValueTask InitializeAsync()
    {
        _database = await TestDatabase.CreateAsync("registry", migrated: typeof(RegistryHost).Assembly);
        Behind = NpgsqlDataSource.Create(_database.Superuser);
        _app = RegistryHost.Build([], Configure);
        await _app.StartAsync();
    }

    /// <summary>
    /// What every host of these tests is told; a test may change the caller with <paramref name="builder"/>.
    /// </summary>
    public void Configure(WebApplicationBuilder builder)
    {
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Urls"] = "http://127.0.0.1:0",
            ["ConnectionStrings:registry"] = _database.App,
            ["Rabbit:Uri"] = "amqp://guest:guest@127.0.0.1:1/",
            ["Services:exchange"] = "http://127.0.0.1:1",
            ["Services:Key"] = "a-service-key-of-the-tests",
            ["Node:Path"] = "140000.141022",
            ["Node:Parent"] = "140000",
            ["Node:Regions"] = "141022,141023",
            ["Registry:RosterBytesMax"] = $"{20 << 20}",
            ["Registry:RosterRowsMax"] = "5000",
            ["Registry:QualityPause"] = "00:00:01",
            ["Token:PublicKey"] = _tokens.PublicKey,
            ["Keys:Field"] = Convert.ToBase64String(SHA256.HashData("field"u8)),
            ["Keys:Blind"] = Convert.ToBase64String(SHA256.HashData("blind"u8)),
        });
        builder.WebHost.UseSetting("urls", "http://127.0.0.1:0");
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        await Behind.DisposeAsync();
        await _database.DisposeAsync();
        _tokens.Dispose();
    }

    /// <summary>A client that speaks as <paramref name="role"/> of <paramref name="org"/>.</summary>
    public Api As(string role, string org = County, Guid? member = null, DateTimeOffset? secondFactorAt = null) =>
        new(_app.Urls.First(), _tokens.For(org, role, member, secondFactorAt: secondFactorAt));

    /// <summary>The same at another host over the same database.</summary>
    public Api At(WebApplication app, string role, string org = County) =>
        new(app.Urls.First(), _tokens.For(org, role));

    public async Task<long> CountAsync(string sql)
    {
        await using var command = Behind.CreateCommand(sql);
        return Convert.ToInt64(await command.ExecuteScalarAsync(), System.Globalization.CultureInfo.InvariantCulture);
    }
}
