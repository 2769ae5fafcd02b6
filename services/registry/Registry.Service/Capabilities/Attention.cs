using Microsoft.EntityFrameworkCore;
using Platform.Hosting;
using Registry.Organisations;
using Registry.Service.Persistence;
using Registry.Service.Reference;

namespace Registry.Service.Capabilities;

/// <summary>
/// What needs attention: thresholds, terms of office, committees, lacks. A list with the record behind each line;
/// nothing
/// changes by itself. Source: ..R-095, M-049, M-149, M-150, M-228, P7.
/// </summary>
internal static class AttentionApi
{
    /// <param name="List">Opens the records behind the line.</param>
    public sealed record AlarmReply(Guid OrganisationId, string Name, string Path, string Type, AlarmKind Kind,
        string Reason, string ReasonZh, string Source, string List);

    private static readonly string[] OfficerRoles = [.. ReferenceData.Codes["role-type"].Entries
        .Where(e => e.Is("committee")).Select(e => e.Code)];

    // In the order of FortFunction.
    private static readonly string[] FortRoles = ["FDE", "FED", "FRI", "FIV", "FEM"];

    private static readonly string[] FortTypes = [.. ReferenceData.Codes["organisation-type"].Entries
        .Where(e => e.Is("mobile") && !e.Is("group")).Select(e => e.Code)];

    public static void MapAttention(this IEndpointRouteBuilder api) =>
        api.MapGet("/attention", RunAsync).WithTags("attention");

    /// <summary>
    /// By path. A page may hold fewer lines than asked for and still have a next one: so many organisations are looked
    /// at for one page, and what is in order gives no line.
    /// </summary>
    /// <param name="of">This organisation alone, without what is below it.</param>
    private static async Task<Page<AlarmReply>> RunAsync(string? kind, Guid? under, Guid? of, string? after, int? size,
        RegistryDb db, CallerContext context, TimeProvider clock, RegistryOptions options, CancellationToken ct)
    {
        var input = new Input();
        var only = input.Word<AlarmKind>(kind, "kind");
        input.ThrowIfAny();
        context.Current.RequireRole(Access.SeeOrganisations);
        var (take, today, scope) = (Paging.Size(size, options), Today.In(clock), context.Current.Scope);
        if ((of ?? under) is { } node) scope = await db.PathUnderAsync(scope, node, ct);
        var (lines, looked, last) = (new List<AlarmReply>(), 0, after ?? "");
        while (true)
        {
            var rows = await FactsAsync(db, scope, last, 500, of is { } one ? [one] : null, ct);
            foreach (var row in rows)
            {
                lines.AddRange(Thresholds.Of(row.Facts(), options.Organisations, today)
                    .Where(a => only is null || a.Kind == only).Select(a => Reply(row, a)));
                (last, looked) = (row.Path, looked + 1);
                if (lines.Count >= take || looked >= options.AttentionLookedAtMax) return new(lines, last);
            }
            if (rows.Count < 500) return new(lines, null);
        }
    }

    /// <summary>Members held and what needs attention, of some organisations; those in order are there too.</summary>
    internal static async Task<Dictionary<Guid, (int? Members, IReadOnlyList<AlarmKind> Alarms)>> OfAsync(
        RegistryDb db, Guid[] ids, RegistryOptions options, DateOnly today, CancellationToken ct) =>
        (await FactsAsync(db, "", "", ids.Length, ids, ct)).ToDictionary(r => r.Id, r => (
            r.IsBranch || r.IsGeneral ? r.Members : (int?)null, (IReadOnlyList<AlarmKind>)[.. Thresholds
                .Of(r.Facts(), options.Organisations, today).Select(a => a.Kind).Distinct()]));

    private static AlarmReply Reply(Row row, Alarm alarm) => new(row.Id, row.Name, row.Path, row.Type, alarm.Kind,
        alarm.Reason, alarm.ReasonZh, alarm.Source, alarm.List switch
        {
            "members" => $"/api/v1/organisations/{row.Id}/members",
            "appointments" => $"/api/v1/organisations/{row.Id}/appointments",
            "terms" => $"/api/v1/organisations/{row.Id}/terms",
            "units" => $"/api/v1/units?organisationId={row.Id}",
            _ => $"/api/v1/organisations/{row.Id}",
        });

    /// <param name="only">These alone; null: all of the scope.</param>
    private static async Task<List<Row>> FactsAsync(RegistryDb db, string scope, string after, int take, Guid[]? only,
        CancellationToken ct)
    {
        // The type of a temporary and of a mobile branch is one; by regulation the name says which it is.
        var outpost = OrganisationTypes.Outpost.ToArray();
        var (holding, general, joint, grassroots) = (OrganisationTypes.HoldingMembers.ToArray(),
            OrganisationTypes.General.ToArray(), OrganisationTypes.Joint.ToArray(),
            OrganisationTypes.Grassroots.ToArray());
        return await db.Database.SqlQuery<Row>($"""
            select o.id, o.name, o.path, o.type, o.type = any ({holding}) as is_branch,
                o.type = any ({general}) as is_general, o.type = any ({joint}) as is_joint,
                coalesce(m.members, 0)::int as members, coalesce(m.full_members, 0)::int as full_members,
                coalesce(a.secretaries, 0) > 0 as has_secretary, coalesce(a.officers, 0)::int as officers,
                coalesce(u.units, 0)::int as units, t.ends_on, o.lacks_managers, o.lacks_venue, o.lacks_funds,
                o.type = any ({FortTypes}) as is_fort, coalesce(r.fort, array[]::text[]) as fort,
                coalesce(r.liaisons, 0)::int as liaisons,
                case when o.parent_id is null and o.region not like '%00' then 'county'
                     when o.type = 'COM' or (o.type = any ({grassroots}) and length(o.division) = 9) then 'community'
                     else '' end as liaison_for,
                o.type = any ({grassroots}) or o.type = any ({general}) as is_committee,
                case when o.type = 'TBR' and o.name like '%临时%' then o.founded_on end as temporary_since,
                o.type = any ({outpost}) and not exists (
                    select from outpost p where p.organisation_id = o.id) as approval_missing
            from organisation o
            left join lateral (
                select count(*) as members, count(*) filter (where standing = 'full') as full_members from (
                    select standing from member where o.type = any ({holding}) and branch_id = o.id and ended_on is null
                    union all
                    select standing from member where o.type = any ({general})
                        and branch_path >= o.path and branch_path < o.path || '~' and ended_on is null) x) m
                on true
            left join lateral (
                select count(*) as officers, count(*) filter (where code = 'SEC') as secretaries from appointment
                where organisation_id = o.id and until_on is null and code = any ({OfficerRoles})) a
                on o.type = any ({holding})
            left join lateral (
                select count(*) as units from unit where organisation_id = o.id and closed_on is null) u
                on o.type = any ({joint})
            left join lateral (
                select array_agg(distinct code) filter (where code = any ({FortRoles})) as fort,
                    count(*) filter (where code = 'LIA') as liaisons from appointment
                where organisation_id = o.id and until_on is null and kind = 'Role'
                    and (code = 'LIA' or code = any ({FortRoles}))) r on true
            left join lateral (
                select ends_on from committee_term where organisation_id = o.id order by elected_on desc limit 1) t
                on true
            where o.dissolved_on is null and o.path >= {scope} and o.path < {scope + "~"} and o.path > {after}
                and ({only}::uuid[] is null or o.id = any ({only}::uuid[]))
            order by o.path limit {take}
            """).ToListAsync(ct);
    }

    private sealed record Row(Guid Id, string Name, string Path, string Type, bool IsBranch, bool IsGeneral,
        bool IsJoint,
        int Members, int FullMembers, bool HasSecretary, int Officers, int Units, DateOnly? EndsOn, bool LacksManagers,
        bool LacksVenue, bool LacksFunds, bool IsFort, string[] Fort, int Liaisons, string LiaisonFor,
        bool IsCommittee, DateOnly? TemporarySince, bool ApprovalMissing)
    {
        public OrganisationFacts Facts() => new(IsBranch, IsGeneral, IsJoint, Members, FullMembers, HasSecretary,
            Officers, Units, EndsOn, LacksManagers, LacksVenue, LacksFunds)
        {
            FunctionsMissing = IsFort ? [.. Enum.GetValues<FortFunction>().Where(f =>
                !Fort.Contains(FortRoles[(int)f]))] : [],
            Liaisons = Liaisons,
            LiaisonFor = LiaisonFor,
            IsCommittee = IsCommittee,
            TemporarySince = TemporarySince,
            ApprovalMissing = ApprovalMissing,
        };
    }
}
