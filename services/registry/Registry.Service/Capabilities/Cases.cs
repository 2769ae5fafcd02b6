using Microsoft.EntityFrameworkCore;
using Platform.Hosting;
using Registry.Mobility;
using Registry.Service.Persistence;

namespace Registry.Service.Capabilities;

/// <summary>
/// Looking at cases: one case with both files, the reconciliation list, what is past the limit, the counts.
/// </summary>
internal static class CasesApi
{
    public sealed record CaseReply(Guid CaseId, OutboundReply? Home, IReadOnlyList<InboundReply> Host);

    public sealed record LineReply(Guid CaseId, Guid CardId, int Leg, Side Side, string Name, string HomeRegion,
        string HostRegion, string Status, Agreement Agreement, IReadOnlyList<string> Differences, string NextStep,
        Side? NextBy, DateOnly BeganOn, DateTimeOffset Since, int AgeDays);

    public sealed record EscalationReply(Guid CaseId, int Leg, string HomeRegion, string HostRegion,
        Agreement Agreement,
        IReadOnlyList<string> Differences, Side? MissingSide, string? HomeStatus, string? HostStatus,
            DateTimeOffset Since,
        int AgeDays, bool PastLimit);

    public static void MapCases(this IEndpointRouteBuilder api)
    {
        api.MapGet("/cases/{caseId:guid}", GetAsync).WithTags("cases");
        api.MapGet("/reconciliation", ReconciliationAsync).WithTags("cases");
        api.MapGet("/mirrors", MirrorsAsync).WithTags("cases");
    }

    /// <summary>
    /// Both files of a case as far as the caller is a party to it; the look is recorded. Source: M-071, P5.
    /// </summary>
    private static async Task<CaseReply> GetAsync(Guid caseId, RegistryDb db, CallerContext context,
        CancellationToken ct)
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
        return new(caseId, home is null ? null : OutboundReply.Of(home), [.. host.Select(InboundReply.Of)]);
    }

    /// <summary>
    /// Every card of the caller's subtree by agreement and age, oldest first. <c>agreement</c> may repeat; without it
    /// all but settled ones are listed. <c>nextBy=mine</c> is the to-do list. Source: architecture 7, M-110.
    /// </summary>
    private static async Task<Page<LineReply>> ReconciliationAsync(string[]? agreement, string? side,
        string? nextBy, string? nextStep, string? region, int? olderThanDays, string? after, int? size, RegistryDb db,
        CallerContext context, RegistryOptions options, TimeProvider clock, CancellationToken ct)
    {
        context.Current.RequireRole(Access.SeeCases);
        var (take, now) = (Paging.Size(size, options), clock.GetUtcNow());
        var input = new Input();
        var asked = Agreements(agreement, input);
        var (ownSide, owedBy) = (input.Word<Side>(side, "side"), input.Word<Side>(nextBy, "nextBy"));
        input.ThrowIfAny();
        var list = Listed(db, context.Current.Scope,
            new(asked, ownSide, owedBy, nextStep, region, olderThanDays), now);
        if (Paging.Position(after) is var (at, id))
            list = list.Where(r => EF.Functions.GreaterThan(
                ValueTuple.Create(r.Since, r.Id), ValueTuple.Create(at, id)));
        var rows = await list.OrderBy(r => r.Since).ThenBy(r => r.Id).Take(take + 1).ToListAsync(ct);
        var page = Paging.Of(rows, take, r => Paging.Position(r.Since, r.Id));
        return new([.. page.Items.Select(r => new LineReply(r.CaseId, r.Id, r.Leg, r.Side, r.Name, r.HomeRegion,
            r.HostRegion, r.Status, r.Agreement, Split(r.Differences), r.NextStep, r.NextBy, r.BeganOn, r.Since,
            Age(now, r.Since)))], page.Next);
    }

    /// <param name="Agreement">Empty: all but settled ones.</param>
    internal sealed record CaseFilter(IReadOnlyList<Agreement> Agreement, Side? Side, Side? NextBy, string? NextStep,
        string? Region, int? OlderThanDays);

    /// <summary>What the list shows and what an export holds for the same question.</summary>
    internal static IQueryable<ReconciliationRow> Listed(RegistryDb db, string scope, CaseFilter asked,
        DateTimeOffset now)
    {
        var (wanted, end) = (asked.Agreement.Count > 0 ? asked.Agreement : Unsettled, scope + "~");
        var list = db.Reconciliation.AsNoTracking().Where(r => wanted.Contains(r.Agreement)
            && string.Compare(r.OwnPath, scope) >= 0 && string.Compare(r.OwnPath, end) < 0);
        if (asked.Side is { } side) list = list.Where(r => r.Side == side);
        if (asked.NextBy is { } by) list = list.Where(r => r.NextBy == by);
        if (asked.NextStep is { Length: > 0 } step) list = list.Where(r => r.NextStep == step);
        if (asked.Region is { Length: > 0 } region)
            list = list.Where(r => r.HomeRegion == region || r.HostRegion == region);
        if (asked.OlderThanDays is { } days)
        {
            var before = now.AddDays(-Math.Clamp(days, 0, 36500));
            list = list.Where(r => r.Since < before);
        }
        return list;
    }

    /// <summary>
    /// What the tier above both sides sees: cases between its regions, no personal data. <c>pastLimit=true</c> keeps
    /// the one-sided ones older than the policy allows, the missing side named. Source: M-001, M-002, M-260.
    /// </summary>
    private static async Task<Page<EscalationReply>> MirrorsAsync(string[]? agreement, bool? pastLimit,
        string? region, string? side, string? after, int? size, RegistryDb db, CallerContext context,
            RegistryOptions options,
        TimeProvider clock, CancellationToken ct)
    {
        context.Current.RequireRole(Access.SeeCounts);
        var (take, now) = (Paging.Size(size, options), clock.GetUtcNow());
        var limit = now.AddDays(-options.OneSidedDaysMax);
        var input = new Input();
        var (wanted, ownSide) = (Agreements(agreement, input), input.Word<Side>(side, "side"));
        input.ThrowIfAny();
        var list = Filter(db.Mirrors.AsNoTracking().InScope(context.Current.Scope),
            wanted.Length > 0 ? wanted : Unsettled, region, ownSide);
        if (pastLimit == true)
        {
            list = list.Where(m => m.Since < limit && m.HomeRegion != m.HostRegion
                && (EF.Property<Agreement>(m, "AgreementNow") == Agreement.HomeOnly
                    || EF.Property<Agreement>(m, "AgreementNow") == Agreement.HostOnly));
        }
        if (Paging.Position(after) is var (at, id))
            list = list.Where(m => EF.Functions.GreaterThan(
                ValueTuple.Create(m.Since, m.Id), ValueTuple.Create(at, id)));
        var rows = await list.OrderBy(m => m.Since).ThenBy(m => m.Id).Take(take + 1).ToListAsync(ct);
        var page = Paging.Of(rows, take, m => Paging.Position(m.Since, m.Id));
        return new([.. page.Items
            .Select(m => new EscalationReply(m.CaseId, m.Leg, m.HomeRegion, m.HostRegion, m.Agreement,
            m.Agreement == Agreement.Differs ? m.Differences
                : [], m.MissingSide, m.Home?.Status, m.Host?.Status, m.Since,
            Age(now, m.Since), m.Since < limit && m.MissingSide is not null))], page.Next);
    }

    /// <summary>The same filter counts and lists, so that a count is always the length of its list.</summary>
    internal static IQueryable<CaseMirror> Filter(IQueryable<CaseMirror> list, Agreement[] agreement, string? region,
        Side? side)
    {
        if (agreement.Length > 0) list = list.Where(m => agreement.Contains(EF.Property<Agreement>(m, "AgreementNow")));
        return (region, side) switch
        {
            (null or "", _) => list,
            (_, Side.Home) => list.Where(m => m.HomeRegion == region),
            (_, Side.Host) => list.Where(m => m.HostRegion == region),
            (_, null) => list.Where(m => m.HomeRegion == region || m.HostRegion == region),
        };
    }

    // What lists show, and what counts count, when nothing else is asked for.
    private static readonly Agreement[] Unsettled =
        [Agreement.Matched, Agreement.HomeOnly, Agreement.HostOnly, Agreement.Differs];

    private static Agreement[] Agreements(string[]? words, Input input) =>
        [.. (words ?? []).Select(w => input.Word<Agreement>(w, "agreement")).OfType<Agreement>()];

    internal static string[] Split(string differences) => differences.Length == 0 ? [] : differences.Split(',');

    internal static int Age(DateTimeOffset now, DateTimeOffset since) => (int)Math.Max(0, (now - since).TotalDays);
}
