using Microsoft.EntityFrameworkCore;
using Npgsql;
using Platform.Hosting;
using Registry.Figures;
using Registry.Mobility;
using Registry.Service.Persistence;

namespace Registry.Service.Capabilities;

/// <summary>
/// Looking at cases: one case with both files, the reconciliation list, what is past the limit, the counts.
/// </summary>
internal static class CasesApi
{
    /// <param name="Duties">What each side owes and by when, the next step first.</param>
    public sealed record CaseReply(Guid CaseId, OutboundReply? Home, IReadOnlyList<InboundReply> Host,
        IReadOnlyList<CaseDuty> Duties);

    /// <param name="Branch">Branch on the own side; "" while none is known.</param>
    /// <param name="DueOn">Day by which the next step is owed; null when nothing is.</param>
    public sealed record LineReply(Guid CaseId, Guid CardId, int Leg, Side Side, string Name, string Branch,
        string HomeRegion, string HostRegion, string Status, Agreement Agreement, IReadOnlyList<string> Differences,
        string NextStep, Side? NextBy, DateOnly BeganOn, DateTimeOffset Since, int AgeDays, DateOnly? DueOn);

    /// <summary>Whose turn it is, seen from the own side of the card.</summary>
    public enum Turn { Ours, Theirs }

    /// <summary>How near the end of the policy's limit a step is.</summary>
    public enum Due { Soon, Overdue }

    public sealed record EscalationReply(Guid CaseId, int Leg, string HomeRegion, string HostRegion,
        Agreement Agreement,
        IReadOnlyList<string> Differences, Side? MissingSide, string? HomeStatus, string? HostStatus,
            DateTimeOffset Since,
        int AgeDays, bool PastLimit);

    public static void MapCases(this IEndpointRouteBuilder api)
    {
        api.MapGet("/cases/{caseId:guid}", GetAsync).WithTags("cases");
        api.MapGet("/cases/{caseId:guid}/timeline", CaseTimeline.RunAsync).WithTags("cases");
        api.MapGet("/reconciliation", ReconciliationAsync).WithTags("cases");
        api.MapGet("/mirrors", MirrorsAsync).WithTags("cases");
    }

    /// <summary>
    /// Both files of a case as far as the caller is a party to it; the look is recorded. Source: M-071, P5.
    /// </summary>
    private static async Task<CaseReply> GetAsync(Guid caseId, RegistryDb db, CallerContext context,
        RegistryOptions options, CancellationToken ct)
    {
        var caller = context.Current;
        var home = await db.OutboundCards.AsNoTracking().SingleOrDefaultAsync(c => c.Id == caseId, ct);
        var host = await db.InboundCards.AsNoTracking().Where(c => c.CaseId == caseId).OrderBy(c => c.Leg)
            .ToListAsync(ct);
        var own = home?.MemberId is { } member && member == caller.MemberId;
        if (!own) caller.RequireRole(Access.SeeCases);
        if (home is null && host.Count == 0) throw new ProblemException(CaseProblems.NotFound);
        if (home is not null)
        {
            if (!own) caller.Require(home.HomePath, Access.SeeCases);
            db.RecordRead("outbound-card", home.Id, home.HomePath, "Shown");
        }
        foreach (var card in host)
        {
            caller.Require(card.HostPath, Access.SeeCases);
            db.RecordRead("inbound-card", card.Id, card.HostPath, "Shown");
        }
        await db.SaveChangesAsync(ct);
        return new(caseId, home is null ? null : OutboundReply.Of(home), [.. host.Select(InboundReply.Of)],
            CaseDuty.Of(home, host.LastOrDefault(), options));
    }

    /// <summary>
    /// Every card of the caller's subtree by agreement and age, oldest first. <c>agreement</c> may repeat; without it
    /// all but settled ones are listed. <c>turn=ours</c> is the to-do list, <c>due=overdue</c> what is past the limit,
    /// both with departures that are being prepared.
    /// <c>open=true</c> lists departures that are being prepared as well: both sides have nothing to compare yet, but a
    /// step is owed. Source: architecture 7, M-102, M-110.
    /// </summary>
    private static async Task<Page<LineReply>> ReconciliationAsync(string[]? agreement, string? side,
        string? nextBy, string? nextStep, string? region, int? olderThanDays, string? turn, string? due, bool? open,
        string? after, int? size,
        HttpContext http, ScopedReads reads, CallerContext context, RegistryOptions options, TimeProvider clock,
        CancellationToken ct)
    {
        var caller = context.Current;
        caller.RequireRole(Access.SeeCases);
        var (take, now) = (Paging.Size(size, options), clock.GetUtcNow());
        var input = new Input();
        var asked = Agreements(agreement, input);
        var (ownSide, owedBy) = (input.Word<Side>(side, "side"), input.Word<Side>(nextBy, "nextBy"));
        var filter = new CaseFilter(asked, ownSide, owedBy, nextStep, region, olderThanDays,
            input.Word<Turn>(turn, "turn"), input.Word<Due>(due, "due"), open);
        input.ThrowIfAny();
        var list = Filter(caller.Scope, filter, options, now)
            .After(Paging.Position(after));
        var query = ReadTrail.Noted(list.Page("select * from reconciliation", take), take, """
            case_id, id, leg, side, name, home_region, host_region, status, agreement, differences, next_step,
            next_by, began_on, since, branch
            """, "since, id", "case side when 'Home' then 'outbound-card' else 'inbound-card' end", "own_path",
            caller, now, ProblemMap.TraceId(http));
        var rows = await reads.ReadAsync(caller, query, r => Line(r, now, options), ct);
        return Paging.Of(rows, take, r => Paging.Position(r.Since, r.CardId));
    }

    private static LineReply Line(NpgsqlDataReader r, DateTimeOffset now, RegistryOptions options)
    {
        var (since, by) = (r.GetFieldValue<DateTimeOffset>(13), Word<Side>(r, 11));
        return new(r.GetGuid(0), r.GetGuid(1), r.GetInt32(2), Word<Side>(r, 3)!.Value, r.GetString(4), r.GetString(14),
            r.GetString(5), r.GetString(6), r.GetString(7), Word<Agreement>(r, 8)!.Value, Split(r.GetString(9)),
            r.GetString(10), by, r.GetFieldValue<DateOnly>(12), since, Age(now, since),
            by is null ? null : Today.Of(since.AddDays(options.OneSidedDaysMax)));
    }

    /// <param name="Agreement">Empty: all but settled ones, unless <paramref name="Open"/> is said.</param>
    /// <param name="Open">True: a step is owed or the sides stand by the case; false: neither.</param>
    internal sealed record CaseFilter(IReadOnlyList<Agreement> Agreement, Side? Side = null, Side? NextBy = null,
        string? NextStep = null, string? Region = null, int? OlderThanDays = null, Turn? Turn = null,
        Due? Due = null, bool? Open = null);

    /// <summary>What an export holds for the same question as the list.</summary>
    internal static IQueryable<ReconciliationRow> Listed(RegistryDb db, string scope, CaseFilter asked,
        RegistryOptions options, DateTimeOffset now) =>
        Filter(scope, asked, options, now).Rows(db.Reconciliation, "select * from reconciliation");

    private static ListFilter Filter(string scope, CaseFilter asked, RegistryOptions options, DateTimeOffset now)
    {
        var list = new ListFilter().InScope("own_path", scope);
        // Whoever asks whose turn it is asks for departures being prepared as well, which no side disagrees on yet.
        var byTurn = asked.Turn is not null || asked.Due is not null;
        if ((asked.Open is null && !byTurn) || asked.Agreement.Count > 0) Only(list, asked.Agreement);
        if (asked.Open is { } open)
            list.And(open ? "(agreement <> 'Settled' or next_step <> '')" : "agreement = 'Settled' and next_step = ''");
        if (asked.Side is { } side) list.And("side = {0}", side.ToString());
        if (asked.NextBy is { } by) list.And("next_by = {0}", by.ToString());
        if (asked.NextStep is { Length: > 0 } step) list.And("next_step = {0}", step);
        if (asked.Region is { Length: > 0 } region) list.And("{0} in (home_region, host_region)", region);
        if (asked.OlderThanDays is { } days)
            list.And("since < {0}", now.AddDays(-Math.Clamp(days, 0, 36500)));
        if (asked.Turn is { } turn) list.And(turn == Turn.Ours ? "next_by = side" : "next_by <> side");
        var limit = now.AddDays(-options.OneSidedDaysMax);
        if (asked.Due is not null && asked.Turn is null) list.And("next_by is not null");
        if (asked.Due == Due.Overdue) list.And("since < {0}", limit);
        if (asked.Due == Due.Soon)
            list.And("since >= {0} and since < {1}", limit, limit.AddDays(options.SoonDays));
        return list;
    }

    /// <summary>
    /// What the tier above both sides sees: cases between its regions, no personal data. <c>pastLimit=true</c> keeps
    /// the one-sided ones older than the policy allows, the missing side named. Source: M-001, M-002, M-260.
    /// </summary>
    /// <param name="within">True: both sides in one region; false: in two.</param>
    private static async Task<Page<EscalationReply>> MirrorsAsync(string[]? agreement, bool? pastLimit,
        string? region, string? side, bool? within, string? after, int? size, ScopedReads reads,
        CallerContext context, RegistryOptions options, TimeProvider clock, CancellationToken ct)
    {
        var caller = context.Current;
        caller.RequireRole(Access.SeeCounts);
        var (take, now) = (Paging.Size(size, options), clock.GetUtcNow());
        var limit = now.AddDays(-options.OneSidedDaysMax);
        var input = new Input();
        var (wanted, ownSide) = (Agreements(agreement, input), input.Word<Side>(side, "side"));
        input.ThrowIfAny();
        var list = new ListFilter().InScope("common_path", caller.Scope).After(Paging.Position(after));
        // Who asks for those past the limit names their agreement already.
        if (pastLimit is not true || wanted.Length > 0) Only(list, wanted);
        if (region is { Length: > 0 })
        {
            list.And(ownSide switch
            {
                Side.Home => "home_region = {0}",
                Side.Host => "host_region = {0}",
                null => "{0} in (home_region, host_region)",
            }, region);
        }
        if (within is { } inside) list.And(inside ? "home_region = host_region" : "home_region <> host_region");
        if (pastLimit == true)
        {
            // What two regions share lies at a city or above: below, there is no such case to look for.
            if (Measures.TierOf(caller.Scope) <= 2) return new([], null);
            list.And("since < {0}", limit)
                .And("agreement in ('HomeOnly', 'HostOnly') and home_region <> host_region");
        }
        var rows = await reads.ReadAsync(caller, list.Page("""
            select id, case_id, leg, home_region, host_region, agreement, differences, missing_side,
                   home ->> 'status', host ->> 'status', since
            from case_mirror
            """, take), r => (Id: r.GetGuid(0), Line: Mirror(r, now, limit)), ct);
        var page = Paging.Of(rows, take, r => Paging.Position(r.Line.Since, r.Id));
        return new([.. page.Items.Select(r => r.Line)], page.Next);
    }

    private static EscalationReply Mirror(NpgsqlDataReader r, DateTimeOffset now, DateTimeOffset limit)
    {
        var (agreement, missing) = (Word<Agreement>(r, 5)!.Value, Word<Side>(r, 7));
        var since = r.GetFieldValue<DateTimeOffset>(10);
        return new(r.GetGuid(1), r.GetInt32(2), r.GetString(3), r.GetString(4), agreement,
            agreement == Agreement.Differs ? Split(r.GetString(6)) : [], missing, Text(r, 8), Text(r, 9), since,
            Age(now, since), since < limit && missing is not null);
    }

    // A constant, so that the index of unsettled cases serves the list that people open most.
    private static ListFilter Only(ListFilter list, IReadOnlyList<Agreement> asked) => asked.Count == 0
        ? list.And("agreement <> 'Settled'")
        : list.And("agreement = any({0})", (object)asked.Select(a => a.ToString()).ToArray());

    private static string? Text(NpgsqlDataReader r, int column) => r.IsDBNull(column) ? null : r.GetString(column);

    private static T? Word<T>(NpgsqlDataReader r, int column) where T : struct, Enum =>
        r.IsDBNull(column) ? null : Enum.Parse<T>(r.GetString(column));

    private static Agreement[] Agreements(string[]? words, Input input) =>
        [.. (words ?? []).Select(w => input.Word<Agreement>(w, "agreement")).OfType<Agreement>()];

    internal static string[] Split(string differences) => differences.Length == 0 ? [] : differences.Split(',');

    internal static int Age(DateTimeOffset now, DateTimeOffset since) => (int)Math.Max(0, (now - since).TotalDays);
}
