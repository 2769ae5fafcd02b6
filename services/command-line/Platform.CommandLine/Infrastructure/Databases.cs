using Npgsql;

namespace Platform.CommandLine.Infrastructure;

/// <summary>A login of PostgreSQL.</summary>
public sealed record Login(string User, string Password);

/// <summary>
/// Roles and databases of the services. The owner login migrates and owns the tables; the app login may only do what
/// the migrations
/// grant to <c>platform_app</c>. Nobody else can connect. Everything here is safe to repeat.
/// </summary>
public static class Databases
{
    /// <summary>Groups the migrations may name; neither can sign in.</summary>
    public const string OwnerGroup = "platform_owner";

    public const string AppGroup = "platform_app";

    public static Task CreateGroupsAsync(PostgresServer server, CancellationToken cancel = default) =>
        ExecuteAsync(server, [EnsureRole(OwnerGroup), EnsureRole(AppGroup)], cancel);

    /// <summary>Both logins, with the passwords given here.</summary>
    public static Task CreateLoginsAsync(
        PostgresServer server, Login owner, Login app, CancellationToken cancel = default) => ExecuteAsync(
        server,
        [
            EnsureRole(owner.User), $"alter role {Name(owner.User)} login password {Text(owner.Password)}",
            $"grant {OwnerGroup} to {Name(owner.User)}",
            EnsureRole(app.User), $"alter role {Name(app.User)} login password {Text(app.Password)}",
            $"grant {AppGroup} to {Name(app.User)}",
        ], cancel);

    public static async Task CreateAsync(
        PostgresServer server, string database, Login owner, Login app, CancellationToken cancel = default)
    {
        await using var source = NpgsqlDataSource.Create(server.ConnectionString() + ";Pooling=false");
        await using var exists = source.CreateCommand("select 1 from pg_database where datname = $1");
        exists.Parameters.Add(new NpgsqlParameter { Value = database });
        if (await exists.ExecuteScalarAsync(cancel) is null)
        {
            await ExecuteAsync(server, [$"create database {Name(database)} owner {Name(owner.User)}"], cancel);
        }

        await ExecuteAsync(server,
        [
            $"revoke all on database {Name(database)} from public",
            $"grant connect, temporary on database {Name(database)} to {Name(app.User)}",
        ], cancel);
    }

    public static Task DropAsync(PostgresServer server, string database, CancellationToken cancel = default) =>
        ExecuteAsync(server, [$"drop database if exists {Name(database)} with (force)"], cancel);

    private static string EnsureRole(string role) => $"""
        do $$ begin
          if not exists (select from pg_roles where rolname = {Text(role)}) then
            create role {Name(role)} nologin;
          end if;
        end $$
        """;

    private static string Name(string name) => "\"" + name.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"";

    private static string Text(string text) => "'" + text.Replace("'", "''", StringComparison.Ordinal) + "'";

    private static async Task ExecuteAsync(
        PostgresServer server, IEnumerable<string> statements, CancellationToken cancel)
    {
        await using var connection = new NpgsqlConnection(server.ConnectionString() + ";Pooling=false");
        await connection.OpenAsync(cancel);
        foreach (var statement in statements)
        {
#pragma warning disable CA2100 // Names and passwords are ours and quoted; DDL takes no parameters.
            await using var command = new NpgsqlCommand(statement, connection);
#pragma warning restore CA2100
            await command.ExecuteNonQueryAsync(cancel);
        }
    }
}
