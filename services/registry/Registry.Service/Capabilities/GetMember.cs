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
    /// <summary>What <see cref="Reply"/> reads.</summary>
    public const string Columns = """
        id, branch_id, branch_path, name, id_number, sex, ethnic_group, birth_on, native_place, education, joined_on,
        standing, phone, occupation, employer, credit_code, role_played, ended_on, ended_because
        """;

    // One statement: the line in the trail exists exactly when a row was visible.
    private static readonly string Sql = $"""
        with shown as (select {Columns} from member where id = $1),
        noted as (
            {ReadTrail.Insert}
            select $2, {ReadTrail.Values(2)}, 'member', id, branch_path, 'Shown' from shown)
        select * from shown
        """;

    public static void MapGetMember(this IEndpointRouteBuilder api) =>
        api.MapGet("/members/{id:guid}", RunAsync).WithTags("members");

    private static async Task<MemberReply> RunAsync(Guid id, HttpContext http, ScopedReads reads,
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
            },
        };
        ReadTrail.Add(query.Parameters, caller, now, ProblemMap.TraceId(http));
        var found = await reads.ReadAsync(caller, query, r => Reply(r, cipher), ct, onePlan: true);
        var member = found.SingleOrDefault() ?? throw new ProblemException(MemberDecider.NotFound);
        if (caller.MemberId != id) caller.Require(member.BranchPath, Access.SeeMembers);
        return member;
    }

    public static MemberReply Reply(NpgsqlDataReader reader, FieldCipher cipher) =>
        new(reader.GetGuid(0), reader.GetGuid(1), reader.GetString(2), reader.GetString(3),
            ResidentId.Mask(cipher.DecryptText(reader.GetFieldValue<byte[]>(4), "id-number")!), reader.GetString(5),
            reader.GetString(6), reader.GetFieldValue<DateOnly>(7), reader.GetString(8), reader.GetString(9),
            reader.IsDBNull(10) ? null : reader.GetFieldValue<DateOnly>(10), reader.GetString(11),
            PhoneNumber.Mask(cipher.DecryptText(reader.GetFieldValue<byte[]>(12), "phone")!), reader.GetString(13),
            reader.GetString(14), reader.GetString(15), reader.GetString(16),
            reader.IsDBNull(17) ? null : reader.GetFieldValue<DateOnly>(17), reader.GetString(18));
}
