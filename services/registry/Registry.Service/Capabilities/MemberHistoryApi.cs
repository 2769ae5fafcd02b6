using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Platform.Hosting;
using Registry.Members;
using Registry.Service.Persistence;

namespace Registry.Service.Capabilities;

/// <summary>
/// Every field with its history and as known on a day, and corrections with a reason. The trail is the history: nothing
/// is kept twice. Source: M-070, M-098, M-100, P5.
/// </summary>
internal static class MemberHistoryApi
{
    /// <summary>Events that say what fields came to.</summary>
    internal static readonly string[] Kinds =
        ["MemberRegistered", "MemberAmended", "MemberCorrected", "MemberMerged", "MemberUnmerged", "MemberRestored"];

    /// <param name="Value">Masked when sensitive.</param>
    public sealed record ValueReply(string Value, DateTimeOffset From, DateTimeOffset? Until, string Kind,
        string ActorName, string ActorOrg, string? OnBehalfOf, string? Reason, string Source);

    public sealed record FieldReply(string Field, string Title, IReadOnlyList<ValueReply> Values);

    public sealed record HistoryReply(Guid MemberId, IReadOnlyList<FieldReply> Fields);

    public sealed record KnownReply(Guid MemberId, DateOnly On, IReadOnlyList<KnownField> Fields);

    public sealed record KnownField(string Field, string Title, string Value, DateTimeOffset Since, string Source);

    public sealed record CorrectRequest(
        string Reason, string? Name = null, string? IdNumber = null, string? Sex = null, DateOnly? BirthOn = null,
        string? NativePlace = null, DateOnly? JoinedOn = null, string? Standing = null, string? Phone = null);

    public static void MapMemberHistory(this IEndpointRouteBuilder api)
    {
        var group = api.MapGroup("/members/{id:guid}").WithTags("history");
        group.MapGet("/history", HistoryAsync);
        group.MapGet("/as-known", AsKnownAsync);
        group.MapPost("/history/reveal", RevealAsync);
        group.MapPost("/corrections", CorrectAsync);
    }

    private static async Task<HistoryReply> HistoryAsync(Guid id, RegistryDb db, CallerContext context,
        FieldCipher cipher, CancellationToken ct)
    {
        var member = await db.MemberAsync(id, context.Current, Access.SeeMembers, ct, orSelf: true);
        var reply = Reply(id, await ReadAsync(db, cipher, id, ct), masked: true);
        db.RecordRead("member", id, member.BranchPath, "HistoryShown");
        await db.SaveChangesAsync(ct);
        return reply;
    }

    /// <summary>The same with identifiers unmasked; a recorded act with a reason. Source: R-166.</summary>
    private static async Task<HistoryReply> RevealAsync(Guid id, MembersApi.RevealRequest body, RegistryDb db,
        CallerContext context, FieldCipher cipher, TimeProvider clock, CancellationToken ct)
    {
        var input = new Input();
        var reason = input.Text(body.Reason, "reason", 200);
        input.ThrowIfAny();
        var member = await db.MemberAsync(id, context.Current, Access.Reveal, ct);
        context.Current.RequireSecondFactor(clock.GetUtcNow());
        var reply = Reply(id, await ReadAsync(db, cipher, id, ct), masked: false);
        db.RecordRead("member", id, member.BranchPath, "HistoryRevealed", reason);
        await db.SaveChangesAsync(ct);
        return reply;
    }

    /// <summary>What was known at the end of a day, Chinese time.</summary>
    private static async Task<KnownReply> AsKnownAsync(Guid id, DateOnly on, RegistryDb db, CallerContext context,
        FieldCipher cipher, CancellationToken ct)
    {
        var input = new Input();
        input.Date(on, "on");
        input.ThrowIfAny();
        var member = await db.MemberAsync(id, context.Current, Access.SeeMembers, ct, orSelf: true);
        var end = new DateTimeOffset(on.AddDays(1).ToDateTime(TimeOnly.MinValue), TimeSpan.FromHours(8)).AddTicks(-1);
        var known = MemberHistory.AsKnown(await ReadAsync(db, cipher, id, ct), end);
        db.RecordRead("member", id, member.BranchPath, "AsKnownShown");
        await db.SaveChangesAsync(ct);
        return new(id, on, [.. MemberFields.All.Where(f => known.ContainsKey(f.Name)).Select(f => (f, known[f.Name]))
            .Select(x => new KnownField(x.f.Name, x.f.Title, x.f.Masked(x.Item2.Value), x.Item2.From,
                x.Item2.Source))]);
    }

    /// <summary>Puts right what was wrong, the identity number among it. Source: M-074.</summary>
    private static async Task<MemberReply> CorrectAsync(Guid id, CorrectRequest body, CommandId command,
        RegistryDb db, CallerContext context, TimeProvider clock, CancellationToken ct)
    {
        var input = new Input();
        var reason = input.Text(body.Reason, "reason", 200);
        var today = Today.In(clock);
        var change = Change(input, body, today);
        input.ThrowIfAny();
        await db.MemberAsync(id, context.Current, Access.CorrectMembers, ct);
        var taken = false;
        if (body.IdNumber is not null)
        {
            var index = db.IdNumberIndex(change(Blank).IdNumber);
            taken = (await db.HeldIndexesAsync([index], ct)).Count > 0;
        }
        return MemberReply.Of(await MembersApi.SaveAsync(db, command.Value, id,
            existing => MemberDecider.Correct(existing, taken, reason, change), reason, ct));
    }

    private static readonly Member Blank = new()
    {
        Id = default, BranchId = default, BranchPath = "", Name = "", IdNumber = "", Sex = "", BirthOn = default,
        Standing = "",
    };

    private static Func<Member, Member> Change(Input input, CorrectRequest body, DateOnly today)
    {
        var id = body.IdNumber is null ? null : input.Identity(body.IdNumber, "idNumber", today);
        var name = body.Name is null ? null : MembersApi.Name(input, body.Name);
        var sex = body.Sex is null ? null : input.Code("sex", body.Sex, "sex");
        var place = body.NativePlace is null ? null : input.Optional(body.NativePlace, "nativePlace", 50);
        var standing = body.Standing is null ? null : MembersApi.Standing(input, body.Standing);
        var phone = body.Phone is null ? null : input.Phone(body.Phone, "phone");
        if (body.BirthOn is { } birth) input.Date(birth, "birthOn");
        input.Must(body.JoinedOn is null || body.JoinedOn <= today, "joinedOn", "IN_THE_FUTURE", "Not after today.",
            "不能晚于今天。");
        return m => m with
        {
            Name = name ?? m.Name,
            IdNumber = id ?? m.IdNumber,
            Sex = sex ?? (id is { Length: 18 } ? Sex(id) : m.Sex),
            BirthOn = body.BirthOn ?? (id is { Length: 18 } ? new ResidentId(id).BornOn : m.BirthOn),
            NativePlace = place ?? m.NativePlace,
            JoinedOn = body.JoinedOn ?? m.JoinedOn,
            Standing = standing ?? m.Standing,
            Phone = phone ?? m.Phone,
        };

        static string Sex(string id) =>
            ((int)new ResidentId(id).Sex).ToString(System.Globalization.CultureInfo.InvariantCulture);
    }

    private static HistoryReply Reply(Guid id, IReadOnlyDictionary<string, IReadOnlyList<FieldValue>> history,
        bool masked) => new(id, [.. MemberFields.All.Where(f => history.ContainsKey(f.Name)).Select(f => new FieldReply(
            f.Name, f.Title, [.. history[f.Name].Select(v => new ValueReply(masked ? f.Masked(v.Value) : v.Value,
                v.From, v.Until, v.Kind, v.ActorName, v.ActorOrg, v.OnBehalfOf, v.Reason, v.Source))]))]);

    private static async Task<IReadOnlyDictionary<string, IReadOnlyList<FieldValue>>> ReadAsync(RegistryDb db,
        FieldCipher cipher, Guid id, CancellationToken ct)
    {
        var rows = await db.Set<AuditRow>().AsNoTracking()
            .Where(a => a.SubjectId == id && a.SubjectKind == "member" && a.Body != null && Kinds.Contains(a.Action))
            .OrderBy(a => a.Id).ToListAsync(ct);
        return MemberHistory.Fold(rows.Select(row => new HistoryEntry(row.At, Kind(row.Action), row.Actor,
            row.ActorName, row.ActorOrg, row.OnBehalfOf, row.Reason, Changes(cipher, row))));
    }

    private static string Kind(string action) => action["Member".Length..].ToLowerInvariant();

    /// <summary>From what to what, of a line whose action is one of <see cref="Kinds"/>.</summary>
    internal static IReadOnlyList<FieldChange> Changes(FieldCipher cipher, AuditRow row)
    {
        var body = cipher.Decrypt(row.Body, "audit");
        if (row.Action != "MemberRegistered")
            return JsonSerializer.Deserialize<ChangesOnly>(body, JsonSerializerOptions.Web)!.Changes;
        var member = JsonSerializer.Deserialize<MemberRegistered>(body, JsonSerializerOptions.Web)!.Member;
        return [.. MemberFields.All.Where(f => f.Get(member).Length > 0)
            .Select(f => new FieldChange(f.Name, "", f.Get(member)))];
    }

    private sealed record ChangesOnly(IReadOnlyList<FieldChange> Changes);
}
