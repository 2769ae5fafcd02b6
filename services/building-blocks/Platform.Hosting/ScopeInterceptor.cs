using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Npgsql;

namespace Platform.Hosting;

/// <summary>
/// Tells PostgreSQL for whom a connection works, each time one is opened, so that row-level security is the second wall
/// behind the service's own check. A connection that was told nothing sees nothing. Source: P4.
/// </summary>
public sealed class ScopeInterceptor : DbConnectionInterceptor
{
    // Path, member id and account for the rest of the session.
    private const string Sql = "select set_config('platform.scope', $1, false), "
        + "set_config('platform.member', $2, false), set_config('platform.account', $3, false)";

    public override async Task ConnectionOpenedAsync(
        DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        await using var command = Command((NpgsqlConnection)connection, CallerOf(eventData));
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    public override void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData)
    {
        using var command = Command((NpgsqlConnection)connection, CallerOf(eventData));
        command.ExecuteNonQuery();
    }

    /// <summary>Tells a connection that no context opened for whom it works.</summary>
    public static NpgsqlCommand Command(NpgsqlConnection connection, Caller caller) => new(Sql, connection)
    {
        Parameters =
        {
            new() { Value = Scope(caller) },
            new() { Value = caller.MemberId?.ToString() ?? "" },
            new() { Value = caller.Subject.ToString() },
        },
    };

    // Asked of the context, not injected: so the options are built once and not for each request.
    private static Caller CallerOf(ConnectionEndEventData data) => ((PlatformDb)data.Context!).Caller;

    /// <summary>A member's scope is the own record only, not the branch the token names.</summary>
    public static string Scope(Caller caller) => caller.MemberId is null ? caller.Org : "-";
}
