using Microsoft.EntityFrameworkCore;
using Platform.Hosting;
using Registry.Members;
using Registry.Quality;
using Registry.Service.Persistence;
using Registry.Service.Reference;

namespace Registry.Service.Capabilities;

/// <summary>
/// No one missing, no item missing, no item wrong: scores of a person, a branch, a county, each unfolding to the
/// archives and items behind it. Sums are kept by branch (<see cref="BranchScores"/>). Source: M-073, M-074, M-075, P7.
/// </summary>
internal static class QualityApi
{
    public sealed record FaultReply(string Rule, string Item, string Kind, string Zh, string En, string Source);

    public sealed record PersonReply(Guid MemberId, int Completeness, int Validity, IReadOnlyList<FaultReply> Faults);

    /// <param name="Members">Archives below.</param>
    /// <param name="Completeness">Average, one decimal.</param>
    /// <param name="Whole">Archives without any fault.</param>
    /// <param name="NotYetScored">Changed since and not computed yet; ask again.</param>
    /// <param name="PeopleMissing">Found by screenings and registered nowhere here ("不准漏人").</param>
    /// <param name="PeopleDouble">Pairs that nobody has decided yet ("不重").</param>
    public sealed record OrganisationReply(Guid OrganisationId, long Members, decimal Completeness, decimal Validity,
        long Whole, long NotYetScored, long PeopleMissing, long PeopleDouble, IReadOnlyList<ItemReply> Items,
        IReadOnlyList<ChildReply> Children);

    /// <param name="List">Where the archives behind the count are.</param>
    public sealed record ItemReply(string Rule, string Item, string Kind, string Zh, string En, long Count,
        string List);

    public sealed record ChildReply(Guid OrganisationId, string Name, long Members, decimal Completeness,
        decimal Validity, long Whole);

    public sealed record LineReply(MemberReply Member, int Completeness, int Validity,
        IReadOnlyList<FaultReply> Faults);

    public static void MapQuality(this IEndpointRouteBuilder api)
    {
        api.MapGet("/members/{id:guid}/quality", PersonAsync).WithTags("quality");
        var group = api.MapGroup("/quality/organisations/{id:guid}").WithTags("quality");
        group.MapGet("", OrganisationAsync);
        group.MapGet("/members", ListAsync);
    }

    private static async Task<PersonReply> PersonAsync(Guid id, RegistryDb db, CallerContext context,
        TimeProvider clock, CancellationToken ct)
    {
        var member = await db.MemberAsync(id, context.Current, Access.SeeQuality, ct, orSelf: true);
        var score = ReferenceData.Quality.Of(member, Today.In(clock));
        db.RecordRead("member", id, member.BranchPath, "QualityShown");
        await db.SaveChangesAsync(ct);
        return new(id, score.Completeness, score.Validity, Faults(score.Missing.Concat(score.Wrong)));
    }

    private static async Task<OrganisationReply> OrganisationAsync(Guid id, RegistryDb db, CallerContext context,
        TimeProvider clock, CancellationToken ct)
    {
        var organisation = await db.OrganisationAsync(id, context.Current, Access.SeeQuality, ct);
        var (path, end) = (organisation.Path, organisation.Path + "~");
        await BranchScores.TakeAsync(db, path, PeopleLimits.QualityBranchesMax, Today.In(clock), ct);
        var children = await db.Database.SqlQuery<ChildRow>($"""
            select case when b.path = {path} then {path}
                   else {path} || split_part(substr(b.path, length({path}) + 1), '/', 1) || '/' end as path,
                sum(b.members)::bigint as members, sum(b.scored)::bigint as scored,
                sum(b.completeness)::bigint as complete, sum(b.validity)::bigint as valid,
                sum(b.whole)::bigint as whole
            from (
                select o.path, q.members, q.members as scored, q.completeness, q.validity, q.whole
                from branch_quality q join organisation o on o.id = q.branch_id
                where q.rules = {ReferenceData.Quality.Version}
                    and not exists (select from quality_due d where d.branch_id = q.branch_id)
                union all
                select o.path, (select count(*) from member m where m.branch_id = o.id and m.ended_on is null),
                    0, 0, 0, 0
                from (select distinct branch_id from quality_due) d join organisation o on o.id = d.branch_id) b
            where b.path >= {path} and b.path < {end}
            group by 1 order by 1
            """).ToListAsync(ct);
        var items = await db.Database.SqlQuery<ItemRow>($"""
            select f.fault as rule, sum(f.count)::bigint as count
            from branch_quality q join organisation o on o.id = q.branch_id
            cross join lateral unnest(q.faults, q.counts) f (fault, count)
            where o.path >= {path} and o.path < {end} and q.rules = {ReferenceData.Quality.Version}
                and not exists (select from quality_due d where d.branch_id = q.branch_id)
            group by 1
            """).ToDictionaryAsync(i => i.Rule, i => i.Count, ct);
        var (missing, doubles) = (await MissingAsync(db, path, end, ct), await DoublesAsync(db, path, end, ct));
        var names = await db.Organisations.AsNoTracking().Where(o => o.ParentId == id || o.Id == id)
            .ToDictionaryAsync(o => o.Path, o => (o.Id, o.Name), ct);
        var scored = children.Sum(c => c.Scored);
        return new(id, children.Sum(c => c.Members), Average(children.Sum(c => c.Complete), scored),
            Average(children.Sum(c => c.Valid), scored), children.Sum(c => c.Whole),
            children.Sum(c => c.Members) - scored, missing, doubles,
            [.. ReferenceData.Quality.All.Where(r => items.ContainsKey(r.Id)).Select(r => new ItemReply(r.Id, r.Item,
                r.Kind, r.Zh, r.En, items[r.Id], $"/api/v1/quality/organisations/{id}/members?rule={r.Id}"))],
            [.. children.Where(c => names.ContainsKey(c.Path)).Select(c => new ChildReply(names[c.Path].Id,
                names[c.Path].Name, c.Members, Average(c.Complete, c.Scored), Average(c.Valid, c.Scored), c.Whole))]);
    }

    /// <summary>The archives behind a score, branch by branch; <c>rule</c> keeps those that break it.</summary>
    private static async Task<Page<LineReply>> ListAsync(Guid id, string? rule, string? after, int? size,
        RegistryDb db, CallerContext context, RegistryOptions options, TimeProvider clock, CancellationToken ct)
    {
        var organisation = await db.OrganisationAsync(id, context.Current, Access.SeeQuality, ct);
        var input = new Input();
        input.Must(string.IsNullOrEmpty(rule) || ReferenceData.Quality.All.Any(r => r.Id == rule), "rule",
            "NOT_A_RULE", $"One of: {string.Join(", ", ReferenceData.Quality.All.Select(r => r.Id))}.",
            "须为质量规则之一。");
        input.ThrowIfAny();
        var (take, today) = (Paging.Size(size, options), Today.In(clock));
        var (from, last) = Paging.Position<Guid>(after) ?? (organisation.Path, Guid.Empty);
        await BranchScores.TakeAsync(db, organisation.Path, PeopleLimits.QualityBranchesMax, today, ct);
        var rows = new List<(Member Member, QualityScore Score)>();
        while (rows.Count <= take)
        {
            var branches = await BranchesAsync(db, organisation.Path, from, rule ?? "", ct);
            if (branches.Count == 0) break;
            var passed = (from, last);
            rows.AddRange((await FaultyAsync(db, branches, rule ?? "", today, ct)).Where(r =>
                r.Member.BranchPath != passed.from || r.Member.Id.CompareTo(passed.last) > 0));
            // Behind this branch and before what stands below it: no code begins with a mark.
            (from, last) = (branches[^1].Path + "!", Guid.Empty);
        }
        var page = Paging.Of(rows, take, r => $"{r.Member.BranchPath}_{r.Member.Id}");
        foreach (var (member, _) in page.Items) db.RecordRead("member", member.Id, member.BranchPath, "ListShown");
        await db.SaveReadsAsync(ct);
        return new([.. page.Items.Select(r => new LineReply(MemberReply.Of(r.Member), r.Score.Completeness,
            r.Score.Validity, Faults(r.Score.Missing.Concat(r.Score.Wrong))))], page.Next);
    }

    /// <summary>The next branches by path where somebody's archive breaks the rule, or any.</summary>
    private static Task<List<BranchRow>> BranchesAsync(RegistryDb db, string path, string from, string rule,
        CancellationToken ct) => db.Database.SqlQuery<BranchRow>($"""
            select o.id, o.path from organisation o join branch_quality q on q.branch_id = o.id
            where o.path >= {path} and o.path < {path + "~"} and o.path >= {from}
              and case when {rule} = '' then q.whole < q.members else {rule} = any (q.faults) end
            order by o.path limit 20
            """).ToListAsync(ct);

    private static async Task<IEnumerable<(Member Member, QualityScore Score)>> FaultyAsync(RegistryDb db,
        List<BranchRow> branches, string rule, DateOnly today, CancellationToken ct)
    {
        Guid[] ids = [.. branches.Select(b => b.Id)];
        var members = await db.Members.AsNoTracking().Where(m => ids.Contains(m.BranchId)).ToListAsync(ct);
        return members.Select(m => (Member: m, Score: ReferenceData.Quality.Of(m, today)))
            .Where(x => rule.Length == 0 ? x.Score.Missing.Length + x.Score.Wrong.Length > 0
                : x.Score.Missing.Contains(rule) || x.Score.Wrong.Contains(rule))
            .OrderBy(x => x.Member.BranchPath, StringComparer.Ordinal).ThenBy(x => x.Member.Id);
    }

    private static Task<long> MissingAsync(RegistryDb db, string path, string end, CancellationToken ct) =>
        db.Database.SqlQuery<long>($"""
            select count(*) as "Value" from screening_finding f join organisation o on o.id = f.branch_id
            where f.outcome = 'Unregistered' and f.member_id is null and o.path >= {path} and o.path < {end}
            """).SingleAsync(ct);

    private static Task<long> DoublesAsync(RegistryDb db, string path, string end, CancellationToken ct) =>
        db.Database.SqlQuery<long>($"""
            select count(*) as "Value" from duplicate_candidate d
            join member a on a.id = d.first_id join member b on b.id = d.second_id
            where d.status = 'Open' and a.branch_path >= {path} and a.branch_path < {end}
              and b.branch_path >= {path} and b.branch_path < {end}
            """).SingleAsync(ct);

    private static FaultReply[] Faults(IEnumerable<string> rules) =>
        [.. rules.Select(id => ReferenceData.Quality.All.First(r => r.Id == id))
            .Select(r => new FaultReply(r.Id, r.Item, r.Kind, r.Zh, r.En, r.Source))];

    private static decimal Average(long sum, long count) => count == 0 ? 0 : Math.Round((decimal)sum / count, 1);

    private sealed record ChildRow(string Path, long Members, long Scored, long Complete, long Valid, long Whole);

    private sealed record BranchRow(Guid Id, string Path);

    private sealed record ItemRow(string Rule, long Count);
}
