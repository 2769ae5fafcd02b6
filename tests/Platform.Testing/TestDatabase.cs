using Platform.CommandLine.Infrastructure;

namespace Platform.Testing;

/// <summary>
/// A fresh, empty database with an owner login (migrates) and an app login (works), dropped when disposed.
/// </summary>
public sealed class TestDatabase : IAsyncDisposable
{
    private static readonly Login OwnerLogin = new("test_owner", "owner");
    private static readonly Login AppLogin = new("test_app", "app");

    private static readonly SemaphoreSlim OneAtATime = new(1, 1); // Two fixtures must not both create the logins.

    private TestDatabase(PostgresServer server, string name) => (Server, Name) = (server, name);

    public PostgresServer Server { get; }

    public string Name { get; }

    /// <summary>For migrations; member of platform_owner.</summary>
    public string Owner => Server.ConnectionString(Name, OwnerLogin.User, OwnerLogin.Password);

    /// <summary>For the service; member of platform_app.</summary>
    public string App => Server.ConnectionString(Name, AppLogin.User, AppLogin.Password);

    /// <summary>For looking behind row-level security in a test.</summary>
    public string Superuser => Server.ConnectionString(Name);

    /// <param name="service">Begins the name of the database, for people who look.</param>
    /// <param name="durable">True puts it on the server with fsync.</param>
    public static async Task<TestDatabase> CreateAsync(string service, bool durable = false)
    {
        var server = await (durable ? Servers.DurablePostgresAsync() : Servers.PostgresAsync());
        var name = $"{service}_{Guid.NewGuid():n}";
        await OneAtATime.WaitAsync();
        try
        {
            await Databases.CreateLoginsAsync(server, OwnerLogin, AppLogin);
            await Databases.CreateAsync(server, name, OwnerLogin, AppLogin);
        }
        finally
        {
            OneAtATime.Release();
        }
        return new TestDatabase(server, name);
    }

    public async ValueTask DisposeAsync() => await Databases.DropAsync(Server, Name);
}
