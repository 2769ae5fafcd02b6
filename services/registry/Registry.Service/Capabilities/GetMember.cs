using Npgsql;
using Platform.Hosting;
using Registry.Members;

namespace Registry.Service.Capabilities;

/// <summary>
/// One archive, the most frequent read: scope, row and read-audit in one round trip and one transaction, so that nobody
/// sees a record without a line in the trail. Source: P4, P5, M-070.
/// </summary>
internal static class GetMember
{
    // One statement: the audit row exists exactly when a row was visible.
    private const string Sql = """
        with shown as (
            select id, branch_id, branch_path, name, id_number, sex, ethnic_group, birth_on, native_place, education,
                   joined_on, standing, phone, occupation, employer, credit_code, role_played
            from member where id = $1),
        noted as (
            insert into audit (id, at, actor, actor_name, actor_org, on_behalf_of, subject_kind, subject_id,
                               subject_path, action, trace_id)
            select $2, $3, $4, $5, $6, $7, 'member', id, branch_path, 'Shown', $8 from shown)
        select * from shown
        """;

    public static void MapGetMember(this IEndpointRouteBuilder api) =>
        api.MapGet("/members/{id:guid}", RunAsync).WithTags("members");

    private static async Task<MemberReply> RunAsync(Guid id, HttpContext http, NpgsqlDataSource source,
        CallerContext context, FieldCipher cipher, TimeProvider clock, CancellationToken ct)
    {
        var caller = context.Current;
        if (caller.MemberId != id) caller.RequireRole(Access.SeeMembers);
        var now = clock.GetUtcNow();
        var query = new NpgsqlBatchCommand(Sql)
        {
            Parameters =
            {
                new NpgsqlParameter<Guid> { TypedValue = id },
                new NpgsqlParameter<Guid> { TypedValue = Guid.CreateVersion7(now) },
                new NpgsqlParameter<DateTime> { TypedValue = now.UtcDateTime },
                new NpgsqlParameter<Guid> { TypedValue = caller.Subject },
                new NpgsqlParameter<string> { TypedValue = caller.Name },
                new NpgsqlParameter<string> { TypedValue = caller.Org },
                new NpgsqlParameter { Value = (object?)caller.OnBehalfOf
                    ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text },
                new NpgsqlParameter<string> { TypedValue = ProblemMap.TraceId(http) },
            },
        };
        var found = await source.ReadAsync(caller, query, r => Reply(id, r, cipher), ct, prepare: true);
        var member = found.SingleOrDefault() ?? throw new ProblemException(MemberDecider.NotFound);
        if (caller.MemberId != id) caller.Require(member.BranchPath, Access.SeeMembers);
        return member;
    }

    private static MemberReply Reply(Guid id, NpgsqlDataReader reader, FieldCipher cipher) =>
        new(id, reader.GetGuid(1), reader.GetString(2), reader.GetString(3),
            ResidentId.Mask(cipher.DecryptText(reader.GetFieldValue<byte[]>(4), "id-number")!), reader.GetString(5),
            reader.GetString(6), reader.GetFieldValue<DateOnly>(7), reader.GetString(8), reader.GetString(9),
            reader.IsDBNull(10) ? null : reader.GetFieldValue<DateOnly>(10), reader.GetString(11),
            PhoneNumber.Mask(cipher.DecryptText(reader.GetFieldValue<byte[]>(12), "phone")!), reader.GetString(13),
            reader.GetString(14), reader.GetString(15), reader.GetString(16));
}
