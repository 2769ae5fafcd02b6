using System.Security.Cryptography;
using Identity.Service;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using Platform.Hosting;
using Platform.Testing;

namespace Identity.Tests.Service;

/// <summary>A real identity service on a loopback port with a real database; its clock can be moved.</summary>
public sealed class IdentityFixture : IAsyncLifetime
{
    public const string Province = "140000/";
    public const string County = "140000/141000/141022/";
    public const string OtherCounty = "140000/140100/140105/";
    public const string PublicUrl = "http://127.0.0.1:18999";
    public const string Secret = "the-console-secret-of-the-tests";
    public const string NodePath = "140000.141022";

    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private TestDatabase _database = null!;
    private WebApplication _app = null!;

    public string PublicKey => _key.ExportSubjectPublicKeyInfoPem();

    public NpgsqlDataSource Behind { get; private set; } = null!;

    public IServiceProvider Services => _app.Services;

    public string Address => _app.Urls.First();

    /// <summary>What the service takes for now: the machine's time and what tests added.</summary>
    public MovedClock Clock { get; } = new();

    public async ValueTask InitializeAsync()
    {
        _database = await TestDatabase.CreateAsync("identity", migrated: typeof(IdentityHost).Assembly);
        Behind = NpgsqlDataSource.Create(_database.Superuser);
        _app = IdentityHost.Build([], Configure);
        await _app.StartAsync();
        while (await CountAsync("select count(*) from openiddict_application") == 0)
            await Task.Yield(); // Registered in the background within the first moments.
    }

    public void Configure(WebApplicationBuilder builder)
    {
        builder.Logging.ClearProviders();
        if (Environment.GetEnvironmentVariable("IDENTITY_TEST_LOG") == "1") builder.Logging.AddConsole();
        builder.Services.AddSingleton<TimeProvider>(Clock);
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["ConnectionStrings:identity"] = _database.App,
            ["Services:Key"] = "a-service-key-of-the-tests",
            ["Node:Path"] = NodePath,
            ["Node:Name"] = "翼城县",
            ["Token:PublicKey"] = PublicKey,
            ["Token:PrivateKey"] = _key.ExportPkcs8PrivateKeyPem(),
            ["Identity:PublicUrl"] = PublicUrl,
            ["Identity:ConsoleSecret"] = Secret,
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
        _key.Dispose();
    }

    /// <summary>The API as somebody with a token of the node.</summary>
    public Api As(string role, string org = County, Guid? subject = null, string? obo = null) =>
        new(Address, Tokens.Sign(_key, NodePath, org, role, subject, obo));

    /// <summary>An active account with one role, a password and a code generator.</summary>
    public async Task<Person> PersonAsync(string role, string org = County, string? password = null)
    {
        var person = new Person(
            Guid.NewGuid(), $"u-{Guid.NewGuid():n}"[..20], password ?? "correct horse battery", org);
        await FoundAsync(new Founding.FirstAccount(person.Id, person.UserName, "演示人员", org, role, person.Password,
            person.Secret));
        return person;
    }

    internal async Task<IReadOnlyList<(string UserName, string Code)>> FoundAsync(params Founding.FirstAccount[] first)
    {
        await using var scope = Services.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<CallerContext>().Current = Caller.Service;
        return await scope.ServiceProvider.GetRequiredService<Founding>()
            .RunAsync(System.Text.Json.JsonSerializer.Serialize(first, System.Text.Json.JsonSerializerOptions.Web),
                TestContext.Current.CancellationToken);
    }

    public async Task<long> CountAsync(string sql)
    {
        await using var command = Behind.CreateCommand(sql);
        return Convert.ToInt64(await command.ExecuteScalarAsync(), System.Globalization.CultureInfo.InvariantCulture);
    }
}

/// <summary>Somebody who can sign in.</summary>
public sealed record Person(Guid Id, string UserName, string Password, string Org)
{
    /// <summary>Base 32.</summary>
    public string Secret { get; } =
        Identity.Service.SignIn.Totp.Base32(SHA256.HashData(Id.ToByteArray())[..20]);

    public string CodeAt(DateTimeOffset at) =>
        Identity.Service.SignIn.Totp.Code(Identity.Service.SignIn.Totp.FromBase32(Secret), at);
}

/// <summary>Goes with the machine's clock, and ahead of it by what a test says.</summary>
public sealed class MovedClock : TimeProvider
{
    private long _ahead;

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow().AddTicks(Interlocked.Read(ref _ahead));

    public void Advance(TimeSpan by) => Interlocked.Add(ref _ahead, by.Ticks);
}
