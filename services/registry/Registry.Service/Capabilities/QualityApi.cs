using Microsoft.EntityFrameworkCore;
using Platform.Hosting;
using Registry.Service.Persistence;
using Registry.Service.Reference;

namespace Registry.Service.Capabilities;

/// <summary>
/// No one missing, no item missing, no item wrong: scores of a person, a branch, a county, each unfolding to the
/// archives and items behind it. A score is stored with the state of the row it was computed from; rows that changed
/// since are computed anew when somebody asks. Source: M-073, M-074, M-075, P7.
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
        await RefreshAsync(db, path, Today.In(clock), ct);
        var children = await db.Database.SqlQuery<ChildRow>($"""
            select case when m.branch_path = {path} then {path}
                   else {path} || split_part(substr(m.branch_path, length({path}) + 1), '/', 1) || '/' end as path,
                   count(*) as members, count(q.member_id) as scored,
                   coalesce(sum(q.completeness), 0)::bigint as complete, coalesce(sum(q.validity), 0)::bigint as valid,
                   count(*) filter (where cardinality(q.missing) + cardinality(q.wrong) = 0) as whole
            from member m left join member_quality q on q.member_id = m.id
                and q.seen = m.xmin::text and q.rules = {ReferenceData.Quality.Version}
            where m.branch_path >= {path} and m.branch_path < {end} and m.ended_on is null
            group by 1 order by 1
            """).ToListAsync(ct);
        var items = await db.Database.SqlQuery<ItemRow>($"""
            select fault as rule, count(*) as count
            from member m join member_quality q on q.member_id = m.id
            cross join lateral unnest(q.missing || q.wrong) fault
            where m.branch_path >= {path} and m.branch_path < {end} and m.ended_on is null
                and q.seen = m.xmin::text
                and q.rules = {ReferenceData.Quality.Version}
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

    /// <summary>The archives behind a score; <c>rule</c> keeps those that break it.</summary>
    private static async Task<Page<LineReply>> ListAsync(Guid id, string? rule, Guid? after, int? size, RegistryDb db,
        CallerContext context, RegistryOptions options, TimeProvider clock, CancellationToken ct)
    {
        var organisation = await db.OrganisationAsync(id, context.Current, Access.SeeQuality, ct);
        var input = new Input();
        input.Must(string.IsNullOrEmpty(rule) || ReferenceData.Quality.All.Any(r => r.Id == rule), "rule",
            "NOT_A_RULE", $"One of: {string.Join(", ", ReferenceData.Quality.All.Select(r => r.Id))}.",
            "须为质量规则之一。");
        input.ThrowIfAny();
        var take = Paging.Size(size, options);
        var (path, end, wanted, last) = (organisation.Path, organisation.Path + "~", rule ?? "", after ?? Guid.Empty);
        var today = Today.In(clock);
        await RefreshAsync(db, path, today, ct);
        var ids = await db.Database.SqlQuery<Guid>($"""
            select m.id as "Value" from member m join member_quality q on q.member_id = m.id
            where m.branch_path >= {path} and m.branch_path < {end} and m.id > {last} and m.ended_on is null
                and q.seen = m.xmin::text and q.rules = {ReferenceData.Quality.Version}
                and case when {wanted} = '' then cardinality(q.missing) + cardinality(q.wrong) > 0
                         else {wanted} = any (q.missing) or {wanted} = any (q.wrong) end
            order by m.id limit {take + 1}
            """).ToListAsync(ct);
        var members = await db.Members.AsNoTracking().Where(m => ids.Contains(m.Id)).OrderBy(m => m.Id).ToListAsync(ct);
        var page = Paging.Of(members, take, m => m.Id.ToString());
        foreach (var member in page.Items) db.RecordRead("member", member.Id, member.BranchPath, "ListShown");
        await db.SaveReadsAsync(ct);
        return new([.. page.Items.Select(m => (Member: m, Score: ReferenceData.Quality.Of(m, today)))
            .Select(x => new LineReply(MemberReply.Of(x.Member), x.Score.Completeness, x.Score.Validity,
                Faults(x.Score.Missing.Concat(x.Score.Wrong))))], page.Next);
    }

    /// <summary>Scores what changed since, at most <see cref="PeopleLimits.QualityRefreshMax"/> archives.</summary>
    private static async Task RefreshAsync(RegistryDb db, string path, DateOnly today, CancellationToken ct)
    {
        var (end, version) = (path + "~", ReferenceData.Quality.Version);
        var stale = await db.Archives.FromSql($"""
            select m.*, m.xmin from member m left join member_quality q on q.member_id = m.id
            where m.branch_path >= {path} and m.branch_path < {end} and m.ended_on is null
              and (q.member_id is null or q.seen <> m.xmin::text or q.rules <> {version})
            limit {PeopleLimits.QualityRefreshMax}
            """).AsNoTracking().Select(m => new { Member = m, Seen = EF.Property<uint>(m, "xmin") }).ToListAsync(ct);
        if (stale.Count == 0) return;
        var scores = stale.Select(s => ReferenceData.Quality.Of(s.Member, today)).ToList();
        Guid[] ids = [.. stale.Select(s => s.Member.Id)];
        string[] seen = [.. stale.Select(s => s.Seen.ToString(System.Globalization.CultureInfo.InvariantCulture))];
        int[] complete = [.. scores.Select(s => s.Completeness)], valid = [.. scores.Select(s => s.Validity)];
        string[] missing = [.. scores.Select(s => string.Join(',', s.Missing))];
        string[] wrong = [.. scores.Select(s => string.Join(',', s.Wrong))];
        await db.Database.ExecuteSqlAsync($"""
            insert into member_quality (member_id, seen, rules, completeness, validity, missing, wrong)
            select i, s, {version}, c, v, string_to_array(m, ','), string_to_array(w, ',')
            from unnest({ids}, {seen}, {complete}, {valid}, {missing}, {wrong}) as x (i, s, c, v, m, w)
            order by i
            on conflict (member_id) do update set seen = excluded.seen, rules = excluded.rules,
                completeness = excluded.completeness, validity = excluded.validity, missing = excluded.missing,
                wrong = excluded.wrong
            """, ct);
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

    private sealed record ItemRow(string Rule, long Count);
}
