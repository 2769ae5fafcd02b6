using Npgsql;
using NpgsqlTypes;
using Platform.Hosting;

namespace Identity.Service.Capabilities;

/// <summary>
/// What the service must know beyond the caller's part of the tree to keep its rules: the roles somebody holds
/// anywhere, whether a name is taken. Nothing of it is shown.
/// </summary>
internal sealed class HeldRoles(NpgsqlDataSource source)
{
    private const string HeldSql = """
        select path, role, from_on, until_on from role_grant where account_id = $1 and withdrawn_at is null
        union all
        select d.path, d.role, d.from_on, d.until_on from delegation d join role_grant g on g.id = d.grant_id
        where d.to_account = $1 and d.withdrawn_at is null and g.withdrawn_at is null
        """;

    public async Task<List<HeldRole>> OfAsync(Guid account, CancellationToken ct)
    {
        await using var connection = await OpenAsync(ct);
        await using var command = new NpgsqlCommand(HeldSql, connection)
        { Parameters = { new() { Value = account } } };
        await using var rows = await command.ExecuteReaderAsync(ct);
        var held = new List<HeldRole>();
        while (await rows.ReadAsync(ct))
        {
            held.Add(new(rows.GetString(0), rows.GetString(1), rows.GetFieldValue<DateOnly>(2),
                rows.IsDBNull(3) ? null : rows.GetFieldValue<DateOnly>(3)));
        }
        return held;
    }

    /// <summary>Whether another account has the user name; whether one that is not closed has the member.</summary>
    public async Task<(bool UserName, bool Member)> TakenAsync(Account account, CancellationToken ct)
    {
        await using var connection = await OpenAsync(ct);
        await using var command = new NpgsqlCommand("""
            select coalesce(bool_or(user_name = $2), false),
                   coalesce(bool_or(status <> 'Closed' and (member_id = $3 or certificate_index = $4)), false)
            from account where id <> $1
            """, connection)
        {
            Parameters =
            {
                new() { Value = account.Id }, new() { Value = account.UserName },
                new() { Value = (object?)account.MemberId ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Uuid },
                new() { Value = (object?)account.CertificateIndex ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Bytea },
            },
        };
        await using var row = await command.ExecuteReaderAsync(ct);
        await row.ReadAsync(ct);
        return (row.GetBoolean(0), row.GetBoolean(1));
    }

    private async Task<NpgsqlConnection> OpenAsync(CancellationToken ct)
    {
        var connection = await source.OpenConnectionAsync(ct);
        await using var scope = ScopeInterceptor.Command(connection, Caller.Service);
        await scope.ExecuteNonQueryAsync(ct);
        return connection;
    }
}
