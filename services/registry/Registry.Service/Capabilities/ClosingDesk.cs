using Google.Protobuf;
using Microsoft.EntityFrameworkCore;
using Platform.Hosting;
using Platform.Kernel;
using Registry.Figures;
using Registry.Organisations;
using Registry.Service.Persistence;
using V1 = Platform.Contracts.Registry.V1;
using X1 = Platform.Contracts.Exchange.V1;

namespace Registry.Service.Capabilities;

/// <summary>
/// Closes a unit's month and takes in the closings of units below. The register stands still while one is made, so that
/// its lists open exactly as counted. Source: R-122, M-272, M-275.
/// </summary>
internal sealed class ClosingDesk(RegistryDb db, FigureDesk figures, CallerContext context, NodeOptions node,
    TimeProvider clock)
{
    /// <summary>Archives named when a month does not follow from the one before.</summary>
    private const int LateMax = 1000;

    // Members held on two days, as known at two instants: what came, what went, what came to light afterwards.
    private const string IdentitySql = """
        with was as materialized (select subject_id from figure_rows({0}, {1}, {2}, {3}, array['held'])),
        was_now as materialized (select subject_id from figure_rows({0}, {1}, {2}, {4}, array['held'])),
        is_now as materialized (select subject_id from figure_rows({0}, {1}, {5}, {4}, array['held'])),
        stayed as (
            select subject_id from figure_rows({0}, {1}, {2}, {3}, array['home'])
            where measure in ('out', 'within', 'undetermined')
            intersect
            select subject_id from figure_rows({0}, {1}, {5}, {4}, array['home'])
            where measure in ('out', 'within', 'undetermined'))
        select (select count(*) from was) as opening, (select count(*) from is_now) as headcount,
               (select count(*) from (select subject_id from is_now except select subject_id from was_now) i)
                   as increases,
               (select count(*) from (select subject_id from was_now except select subject_id from is_now) d)
                   as decreases,
               (select count(*) from stayed) as stayed,
               (select coalesce(sum(extract(year from age({5}, began_on)) * 12
                                  + extract(month from age({5}, began_on))), 0)::bigint
                from figure_rows({0}, {1}, {5}, {4}, array['home'])
                where measure in ('out', 'within', 'undetermined')) as cycle_months,
               array(select subject_id from was_now except select subject_id from was limit {6}) as late_added,
               array(select subject_id from was except select subject_id from was_now limit {6}) as late_removed
        """;

    /// <param name="month">Any day of the month that is closed; it must be over.</param>
    /// <param name="reason">Why it is closed anew; needed when a closing of the month stands.</param>
    /// <exception cref="ProblemException">INPUT_INVALID, ORGANISATION_NOT_FOUND, OUT_OF_SCOPE.</exception>
    public async Task<Closing> CloseAsync(Guid id, Guid organisationId, DateOnly month, string? reason,
        CancellationToken ct)
    {
        context.Current.RequireRole(Access.CloseMonths);
        var unit = await db.Organisations.AsNoTracking().SingleOrDefaultAsync(o => o.Id == organisationId, ct)
            ?? throw new ProblemException(OrganisationDecider.NotFound);
        context.Current.Require(unit.Path, Access.CloseMonths);
        if (await db.Set<Closing>().AsNoTracking().SingleOrDefaultAsync(c => c.Id == id, ct) is { } done) return done;
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        // One closing of a unit at a time: each commits to the one before.
        await db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock(7305, hashtext({unit.Path}))", ct);
        var known = await db.Database.SqlQuery<DateTimeOffset>($"select figures_freeze() as \"Value\"").SingleAsync(ct);
        var earlier = await db.Set<Closing>().AsNoTracking().Where(c => c.Path == unit.Path)
            .OrderBy(c => c.ClosedAt).ThenBy(c => c.Revision).ToListAsync(ct);
        var first = new DateOnly(month.Year, month.Month, 1);
        var revision = earlier.Count(c => c.Month == first) + 1;
        var why = Checked(month, first, revision, reason);
        var closing = await CountAsync(new Draft(id, unit, first, revision, why, known), earlier, ct);
        db.Add(closing);
        db.RecordRead("closing", closing.Id, closing.Path, "MonthClosed", why);
        if (node.Parent.Length > 0 && closing.Path == Regions.PathOf(closing.Region))
            db.Enqueue(new RegionMessage(closing.Region, "parent", ClosingWire.ReportType,
                closing.ToWire().ToByteArray()));
        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
        return closing;
    }

    private string Checked(DateOnly month, DateOnly first, int revision, string? reason)
    {
        var input = new Input();
        input.Date(month, "month");
        var today = Today.In(clock);
        input.Must(first.AddMonths(1) <= today, "month", "NOT_OVER", "The month must be over.", "该月尚未结束。");
        var why = revision > 1 ? input.Text(reason, "reason", 200) : input.Optional(reason, "reason", 200);
        input.ThrowIfAny();
        return why;
    }

    private async Task<Closing> CountAsync(Draft draft, List<Closing> earlier, CancellationToken ct)
    {
        var before = earlier.Where(c => c.Month < draft.Month).OrderBy(c => c.Month).ThenBy(c => c.Revision)
            .LastOrDefault();
        var day = draft.Month.AddMonths(1).AddDays(-1);
        var asked = new FigureQuestion(draft.Unit.Path, day, draft.Known);
        var identity = await db.Database.SqlQueryRaw<Identity>(IdentitySql, asked.Path, asked.Tier,
            before?.Day ?? draft.Month.AddDays(-1), before?.KnownAt ?? draft.Known, draft.Known, day, LateMax)
            .SingleAsync(ct);
        var counts = await figures.CountAsync(asked, ct);
        // Occupations are words people typed; they stay where the register is.
        var table = counts.Where(c => !c.Code.EndsWith("Occupation", StringComparison.Ordinal)
                && c.Code != Measures.Headcount)
            .ToDictionary(c => c.Value is null ? c.Code : $"{c.Code}:{c.Value}", c => c.Count);
        (table["stayed"], table["cycleMonths"]) = (identity.Stayed, identity.CycleMonths);
        var closing = new Closing
        {
            Id = draft.Id,
            Path = asked.Path,
            Region = draft.Unit.Region,
            Name = draft.Unit.Name,
            Tier = asked.Tier,
            Month = draft.Month,
            Revision = draft.Revision,
            Day = day,
            KnownAt = draft.Known,
            Opening = before?.Headcount ?? identity.Opening,
            Increases = identity.Increases,
            Decreases = identity.Decreases,
            Headcount = identity.Headcount,
            Figures = table,
            LateAdded = identity.LateAdded,
            LateRemoved = identity.LateRemoved,
            Reason = draft.Reason,
            ClosedBy = context.Current.Subject.ToString(),
            ClosedAt = draft.Known,
            Own = true,
            PreviousHash = earlier.LastOrDefault()?.Hash ?? new byte[32],
        };
        return closing with { Hash = ClosingHash.Of(closing) };
    }

    /// <summary>Whether a number of the identity, not a figure: opening, increases, decreases, lateAdded or
    /// lateRemoved.</summary>
    public static bool IsOfIdentity(string? number) =>
        number is "opening" or "increases" or "decreases" or "lateAdded" or "lateRemoved";

    /// <summary>The members behind a number of the identity, as counted then.</summary>
    /// <param name="number">One that <see cref="IsOfIdentity"/> knows.</param>
    /// <param name="after">Path and id of the last row shown; null: from the beginning.</param>
    public async Task<List<FigureRow>> ListAsync(Closing closing, string number, (string Path, long Id)? after,
        int take, CancellationToken ct)
    {
        var before = await db.Set<Closing>().AsNoTracking().Where(c => c.Path == closing.Path
                && c.Month < closing.Month && c.ClosedAt < closing.ClosedAt)
            .OrderByDescending(c => c.Month).ThenByDescending(c => c.Revision).FirstOrDefaultAsync(ct);
        var was = new FigureQuestion(closing.Path, before?.Day ?? closing.Month.AddDays(-1),
            before?.KnownAt ?? closing.KnownAt);
        var (wasNow, now) = (was with { Known = closing.KnownAt },
            new FigureQuestion(closing.Path, closing.Day, closing.KnownAt));
        var (shown, without) = number switch
        {
            "opening" => (was, null),
            "increases" => (now, wasNow),
            "decreases" => (wasNow, now),
            "lateAdded" => (wasNow, was),
            "lateRemoved" => (was, (FigureQuestion?)wasNow),
            _ => throw new ArgumentOutOfRangeException(nameof(number), number, "Not of the identity."),
        };
        var (path, id, other) = (after?.Path ?? "", after?.Id ?? 0, without ?? shown);
        return await db.Database.SqlQuery<FigureRow>($"""
            select r.* from figure_rows({shown.Path}, {shown.Tier}, {shown.Day}, {shown.Known}, array['held']) r
            where (r.path, r.id) > ({path}, {id}) and ({without is null} or not exists (
                select from figure_rows({other.Path}, {other.Tier}, {other.Day}, {other.Known}, array['held']) o
                where o.subject_id = r.subject_id))
            order by r.path, r.id limit {take + 1}
            """).ToListAsync(ct);
    }

    /// <summary>A closing of a unit below arrived: kept beside what stands, and passed on.</summary>
    /// <exception cref="ProblemException">CLOSING_REPORT_BROKEN, CLOSING_CONTRADICTS, CASE_WRONG_SPEAKER.</exception>
    public async Task ReceiveAsync(V1.ClosingReport report, X1.Arrival arrival, CancellationToken ct)
    {
        var closing = report.ToClosing();
        if (!closing.Path.StartsWith(Regions.PathOf(arrival.FromRegion), StringComparison.Ordinal))
            throw new ProblemException(ApplyArrival.WrongSpeaker);
        var known = await db.Set<Closing>().AsNoTracking().SingleOrDefaultAsync(c =>
            c.Path == closing.Path && c.Month == closing.Month && c.Revision == closing.Revision, ct);
        if (known is not null && !known.Hash.AsSpan().SequenceEqual(closing.Hash))
            throw new ProblemException(Contradicts);
        if (known is not null) return;
        db.Add(closing);
        if (node.Parent.Length > 0)
            db.Enqueue(new RegionMessage(node.Serves(closing.Region) ? closing.Region : node.OwnRegion, "parent",
                ClosingWire.ReportType, arrival.Payload.ToByteArray()));
        await db.SaveChangesAsync(ct);
    }

    private static Problem Contradicts { get; } = new(ProblemKind.Precondition, "CLOSING_CONTRADICTS",
        "Another closing of this unit, month and revision was reported; amend it with a new revision.",
        "该单位该月该次的月报已报送且内容不同，请以新的修订次数更正。");

    private sealed record Draft(Guid Id, Organisation Unit, DateOnly Month, int Revision, string Reason,
        DateTimeOffset Known);

    private sealed record Identity(long Opening, long Headcount, long Increases, long Decreases, long Stayed,
        long CycleMonths, Guid[] LateAdded, Guid[] LateRemoved);
}
