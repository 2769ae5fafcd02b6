using Microsoft.EntityFrameworkCore;
using Platform.Hosting;
using Platform.Kernel;
using Registry.Members;
using Registry.Organisations;
using Registry.Service.Persistence;

namespace Registry.Service.Capabilities;

/// <summary>An organisation's own history.</summary>
/// <param name="FoundedOn">First day.</param>
/// <param name="DissolvedOn">First day on which it was no more; null while it is.</param>
/// <param name="Spells">Newest first.</param>
public sealed record HistoryReply(Guid Id, DateOnly FoundedOn, DateOnly? DissolvedOn,
    IReadOnlyList<HistoryReply.Spell> Spells)
{
    /// <param name="Until">First day on which it was something else; null: to this day.</param>
    /// <param name="Kind">Reorganisation that began it; null for founding and renaming.</param>
    public sealed record Spell(DateOnly From, DateOnly? Until, string Name, string Type, string Path, Guid? ParentId,
        string Region, string Division, string Sector, Guid? ReorganisationId, ReorganisationKind? Kind,
            string? Reason);

    internal static async Task<HistoryReply> OfAsync(RegistryDb db, Guid id, CancellationToken ct)
    {
        var spells = await db.OrganisationSpells.AsNoTracking().Where(s => s.OrganisationId == id)
            .OrderByDescending(s => s.FromOn).ToListAsync(ct);
        var acts = spells.Select(s => s.OpenedBy).OfType<Guid>().ToList();
        var known = await db.Reorganisations.AsNoTracking().Where(r => acts.Contains(r.Id))
            .ToDictionaryAsync(r => r.Id, ct);
        if (spells.Count == 0) throw new ProblemException(OrganisationDecider.NotFound);
        return new(id, spells[^1].FromOn, spells[0].UntilOn, [.. spells.Select(s =>
        {
            var act = s.OpenedBy is { } by ? known.GetValueOrDefault(by) : null;
            return new Spell(s.FromOn, s.UntilOn, s.Name, s.Type, s.Path, s.ParentId, s.Region, s.Division, s.Sector,
                s.OpenedBy, act?.Kind, act?.Reason);
        })]);
    }
}

/// <summary>The tree and its figures as of any day; each figure opens its list. Source: P7, M-015, R-122.</summary>
internal static class OrganisationHistoryApi
{
    /// <param name="From">Since when it was what is shown here.</param>
    /// <param name="Children">Organisations right below it on the day.</param>
    /// <param name="Members">Members of a branch or general branch today; null for other types and past days.</param>
    /// <param name="Alarms">What needs attention today; empty for past days.</param>
    public sealed record NodeReply(Guid Id, string Code, string Name, string Type, string Path, Guid? ParentId,
        string Region, DateOnly From, DateOnly? Until, int Children, int? Members, IReadOnlyList<AlarmKind> Alarms);

    /// <param name="Path">Path of a child as of the day; the node's own path for its own members.</param>
    /// <param name="List">Where the members counted are listed.</param>
    public sealed record CountReply(Guid OrganisationId, string Name, string Path, long Members, string List);

    /// <param name="Members">Relationships held by the node and everything below it on that day.</param>
    /// <param name="Parts">The node's own members first, then each child that has any, by path; they add up.</param>
    public sealed record HeadcountReply(Guid OrganisationId, DateOnly AsOf, long Members,
        IReadOnlyList<CountReply> Parts);

    /// <param name="Name">"" when the record is held outside the caller's part of the tree today.</param>
    /// <param name="Branch">Name of the branch on the day; null where no day was asked for.</param>
    public sealed record HeldReply(Guid MemberId, string Name, Guid BranchId, DateOnly From, DateOnly? Until,
        string? Branch = null);

    private sealed record Count(string Path, long Members);

    public static void MapOrganisationHistory(this IEndpointRouteBuilder api)
    {
        var group = api.MapGroup("/organisations").WithTags("organisation-history");
        group.MapGet("/tree", TreeAsync);
        group.MapGet("/{id:guid}/history", HistoryAsync);
        group.MapGet("/{id:guid}/headcount", HeadcountAsync);
        group.MapGet("/{id:guid}/members", MembersAsync);
        api.MapGet("/members/{id:guid}/memberships", MembershipsAsync).WithTags("organisation-history");
    }

    /// <summary>
    /// One level below <paramref name="parentId"/>, or everything below <paramref name="under"/>, as of a day (today
    /// when left out), by path.
    /// </summary>
    private static async Task<Page<NodeReply>> TreeAsync(Guid? parentId, Guid? under, DateOnly? asOf, string? after,
        int? size, RegistryDb db, CallerContext context, TimeProvider clock, RegistryOptions options,
        CancellationToken ct)
    {
        context.Current.RequireRole(Access.SeeOrganisations);
        var (day, take, scope) = (asOf ?? Today.In(clock), Paging.Size(size, options), context.Current.Scope);
        var list = db.OrganisationSpells.AsNoTracking().On(day);
        if (parentId is { } parent)
        {
            await AsOfAsync(db, context.Current, parent, day, ct);
            list = list.Where(s => s.ParentId == parent);
        }
        else if (under is { } node)
        {
            var top = (await AsOfAsync(db, context.Current, node, day, ct)).Path;
            list = list.Where(s => string.Compare(s.Path, top) >= 0 && string.Compare(s.Path, top + "~") < 0);
        }
        else list = list.Where(s => s.Path == scope || (s.ParentId == null && s.Path.StartsWith(scope)));
        if (!string.IsNullOrEmpty(after)) list = list.Where(s => string.Compare(s.Path, after) > 0);
        var below = db.OrganisationSpells.On(day);
        var rows = await list.OrderBy(s => s.Path).Take(take + 1).Select(s => new NodeReply(s.OrganisationId, s.Code,
            s.Name, s.Type, s.Path, s.ParentId, s.Region, s.FromOn, s.UntilOn,
            below.Count(c => c.ParentId == s.OrganisationId), null, new List<AlarmKind>())).ToListAsync(ct);
        if (day == Today.In(clock)) rows = await WithAlarmsAsync(rows, db, options, day, ct);
        return Paging.Of(rows, take, s => s.Path);
    }

    private static async Task<List<NodeReply>> WithAlarmsAsync(List<NodeReply> rows, RegistryDb db,
        RegistryOptions options, DateOnly today, CancellationToken ct)
    {
        var facts = await AttentionApi.OfAsync(db, [.. rows.Select(r => r.Id)], options, today, ct);
        return [.. rows.Select(r => facts.TryGetValue(r.Id, out var f)
            ? r with { Members = f.Members, Alarms = f.Alarms } : r)];
    }

    private static async Task<HistoryReply> HistoryAsync(Guid id, RegistryDb db, CallerContext context,
        CancellationToken ct)
    {
        context.Current.RequireRole(Access.SeeOrganisations);
        var history = await HistoryReply.OfAsync(db, id, ct);
        await AsOfAsync(db, context.Current, id, history.Spells[0].From, ct);
        return history;
    }

    private static async Task<HeadcountReply> HeadcountAsync(Guid id, DateOnly? asOf, RegistryDb db,
        CallerContext context, TimeProvider clock, CancellationToken ct)
    {
        context.Current.RequireRole(Access.SeeOrganisations);
        var day = asOf ?? Today.In(clock);
        var node = await AsOfAsync(db, context.Current, id, day, ct);
        var counts = await db.Database.SqlQuery<Count>($"select path, members from headcounts({id}, {day})")
            .ToListAsync(ct);
        var paths = counts.Select(c => c.Path).ToList();
        var named = await db.OrganisationSpells.AsNoTracking().On(day).Where(s => paths.Contains(s.Path))
            .Select(s => new { s.Path, s.OrganisationId, s.Name }).ToDictionaryAsync(s => s.Path, ct);
        return new(id, day, counts.Sum(c => c.Members), [.. counts.OrderBy(c => c.Path, StringComparer.Ordinal)
            .Select(c => (Count: c, Node: named.GetValueOrDefault(c.Path)))
            .Select(c => new CountReply(c.Node?.OrganisationId ?? node.OrganisationId, c.Node?.Name ?? node.Name,
                c.Count.Path, c.Count.Members,
                $"/api/v1/organisations/{c.Node?.OrganisationId ?? id}/members?asOf={day:yyyy-MM-dd}"))]);
    }

    /// <summary>Who belonged to the organisation or below it on a day; the list behind the headcount.</summary>
    private static async Task<Page<HeldReply>> MembersAsync(Guid id, DateOnly? asOf, Guid? after, int? size,
        RegistryDb db, CallerContext context, TimeProvider clock, RegistryOptions options, CancellationToken ct)
    {
        context.Current.RequireRole(Access.SeeMembers);
        var (day, take) = (asOf ?? Today.In(clock), Paging.Size(size, options));
        var top = (await AsOfAsync(db, context.Current, id, day, ct)).Path;
        var held = from m in db.MembershipSpells.AsNoTracking()
                   join s in db.OrganisationSpells.AsNoTracking().On(day) on m.BranchId equals s.OrganisationId
                   where string.Compare(s.Path, top) >= 0 && string.Compare(s.Path, top + "~") < 0
                       && m.FromOn <= day && (m.UntilOn == null || m.UntilOn > day)
                   select new { m, Branch = s.Name };
        if (after is { } last) held = held.Where(h => h.m.MemberId > last);
        var rows = await held.OrderBy(h => h.m.MemberId).Take(take + 1)
            .GroupJoin(db.Archives.AsNoTracking(), h => h.m.MemberId, x => x.Id, (h, x) => new { h.m, h.Branch, x })
            .SelectMany(p => p.x.DefaultIfEmpty(), (p, x) => new { p.m, p.Branch, Name = x == null ? "" : x.Name,
                Path = x == null ? "" : x.BranchPath })
            .OrderBy(r => r.m.MemberId).ToListAsync(ct);
        foreach (var row in rows.Take(take).Where(r => r.Name.Length > 0))
            db.RecordRead("member", row.m.MemberId, row.Path, "ListShown");
        await db.SaveReadsAsync(ct);
        return Paging.Of([.. rows.Select(r =>
            new HeldReply(r.m.MemberId, r.Name, r.m.BranchId, r.m.FromOn, r.m.UntilOn, r.Branch))], take,
            r => r.MemberId.ToString());
    }

    /// <summary>Which branch held the member when, newest first; members read their own.</summary>
    private static async Task<IReadOnlyList<HeldReply>> MembershipsAsync(Guid id, RegistryDb db, CallerContext context,
        CancellationToken ct)
    {
        var caller = context.Current;
        if (caller.MemberId != id) caller.RequireRole(Access.SeeMembers);
        var member = await db.Archives.AsNoTracking().SingleOrDefaultAsync(m => m.Id == id, ct)
            ?? throw new ProblemException(MemberDecider.NotFound);
        if (caller.MemberId != id) caller.Require(member.BranchPath, Access.SeeMembers);
        return await db.MembershipSpells.AsNoTracking().Where(m => m.MemberId == id).OrderByDescending(m => m.FromOn)
            .Select(m => new HeldReply(id, member.Name, m.BranchId, m.FromOn, m.UntilOn)).ToListAsync(ct);
    }

    /// <summary>
    /// What an organisation was on a day, for who sees it then, now, or whose own organisation stood above it then.
    /// </summary>
    internal static async Task<OrganisationSpell> AsOfAsync(RegistryDb db, Caller caller, Guid id, DateOnly day,
        CancellationToken ct)
    {
        var then = await db.OrganisationSpells.AsNoTracking().On(day)
            .SingleOrDefaultAsync(s => s.OrganisationId == id, ct) ?? throw new ProblemException(NotThen);
        if (caller.Covers(then.Path) || await db.Organisations.InScope(caller.Scope).AnyAsync(o => o.Id == id, ct))
            return then;
        var former = await db.Organisations.Where(o => o.Path == caller.Scope)
            .Join(db.OrganisationSpells, o => o.Id, s => s.OrganisationId, (_, s) => s.Path).ToListAsync(ct);
        return former.Any(f => then.Path.StartsWith(f, StringComparison.Ordinal)) ? then
            : throw new ProblemException(ProblemMap.OutOfScope);
    }

    /// <summary>What each organisation was on a day.</summary>
    internal static IQueryable<OrganisationSpell> On(this IQueryable<OrganisationSpell> spells, DateOnly day) =>
        spells.Where(s => s.FromOn <= day && (s.UntilOn == null || s.UntilOn > day));

    private static Problem NotThen { get; } = new(ProblemKind.NotFound, "ORGANISATION_NOT_THEN",
        "The organisation did not exist on that day, or not in your part of the tree.", "该日期没有这个组织，或不在您的管理范围内。");
}
