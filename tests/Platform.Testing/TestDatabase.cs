using System.Collections.Concurrent;
using System.Reflection;
using Npgsql;
using Platform.CommandLine.Infrastructure;
using Platform.Hosting;

namespace Platform.Testing;

/// <summary>
/// A fresh database, empty or with the tables of a service, with an owner login (migrates) and an app login (works),
/// dropped when disposed.
/// </summary>
public sealed class TestDatabase : IAsyncDisposable
{
    private static readonly Login OwnerLogin = new("test_owner", "owner");
    private static readonly Login AppLogin = new("test_app", "app");

    private static readonly SemaphoreSlim OneAtATime = new(1, 1); // Two fixtures must not both create the logins.

    private static readonly ConcurrentDictionary<(Assembly, bool), Lazy<Task<string>>> Templates = new();

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
    /// <param name="migrated">The service whose migrations it has: they run once, every further one is a copy.</param>
    public static async Task<TestDatabase> CreateAsync(string service, bool durable = false, Assembly? migrated = null)
    {
        var template = migrated is null ? null : await Templates.GetOrAdd((migrated, durable), _ => new(async () =>
        {
            var first = await CreateAsync("template", durable);
            // Nobody may be connected to what is copied.
            Migrations.Run($"{first.Owner};Pooling=false", migrated);
            return first.Name;
        })).Value;
        var server = await (durable ? Servers.DurablePostgresAsync() : Servers.PostgresAsync());
        var name = $"{service}_{Guid.NewGuid():n}";
        await OneAtATime.WaitAsync();
        try
        {
            await Databases.CreateLoginsAsync(server, OwnerLogin, AppLogin);
            if (template is not null) await CopyAsync(server, template, name);
            await Databases.CreateAsync(server, name, OwnerLogin, AppLogin);
        }
        finally
        {
            OneAtATime.Release();
        }
        return new TestDatabase(server, name);
    }

    private static async Task CopyAsync(PostgresServer server, string template, string name)
    {
        await using var connection = new NpgsqlConnection(server.ConnectionString() + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(
            $"create database {name} template {template} owner {OwnerLogin.User}", connection);
        await command.ExecuteNonQueryAsync();
    }

    public async ValueTask DisposeAsync() => await Databases.DropAsync(Server, Name);
}
