using Microsoft.EntityFrameworkCore;
using Platform.Hosting;
using Registry.Organisations;

namespace Registry.Service.Capabilities;

/// <summary>
/// Corrects a wrong date of an organisation's history: founding, renaming, a reorganisation, dissolving. Everything the
/// act opened or closed on the old date is dated anew, unless other changes lie between the two dates.
/// </summary>
internal sealed partial class ReorganisationDesk
{
    /// <summary>Dates of what one act changed.</summary>
    private sealed record Shift(Guid OrganisationId, Guid? Act, DateOnly From, DateOnly To, string[] Prefixes,
        Guid[] Involved, bool TouchesMembers)
    {
        public DateOnly Low => From < To ? From : To;
        public DateOnly High => From < To ? To : From;

        // Other changes on the new date itself are in the way when it lies later, on the old one when it lies earlier.
        public DateOnly First => To < From ? Low.AddDays(1) : Low;
        public DateOnly Last => To < From ? High : High.AddDays(-1);
    }

    /// <exception cref="ProblemException">ORGANISATION_NOT_FOUND, ORGANISATION_DATE_AHEAD, ORGANISATION_DATE_NOT_FOUND,
    /// ORGANISATION_DATE_CONFLICT.</exception>
    public async Task<HistoryReply> CorrectAsync(CommandId command, Guid id, DateOnly from, DateOnly to, string reason,
        CancellationToken ct)
    {
        context.Current.RequireRole(Access.ManageOrganisations);
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        await TakeTreeAsync(command, ct);
        var repeated = await db.Set<AppliedCommand>().AnyAsync(c => c.Id == command.Value, ct);
        var organisation = await FindAsync(id, ct) ?? throw new ProblemException(OrganisationDecider.NotFound);
        if (to > OnDay) throw new ProblemException(ReorganisationProblems.DateAhead);
        var shift = repeated ? null : await ShiftAsync(organisation, from, to, ct);
        if (shift is not null && to != from) await ThrowIfInTheWayAsync(shift, ct);
        if (shift?.Act is { } act && await db.Reorganisations.FindAsync([act], ct) is { } known)
        {
            db.Apply(command.Value, act, known, new Change<Reorganisation, ReorganisationEvent>("reorganisation",
                _ => new ReorganisationEvent[] { new ReorganisationDateCorrected(from, to) },
                ReorganisationDecider.Evolve, r => r.ToPath, (_, _, _) => []), reason);
        }
        var after = organisation with
        {
            FoundedOn = organisation.FoundedOn == from ? to : organisation.FoundedOn,
            Since = organisation.Since == from ? to : organisation.Since,
            DissolvedOn = organisation.DissolvedOn == from ? to : organisation.DissolvedOn,
        };
        await db.CommitAsync(command.Value, id, OrganisationsApi.Change(_ =>
            new OrganisationEvent[] { new OrganisationDateCorrected(from, to, after) }), ct, reason);
        if (shift is not null) await ApplyAsync(shift, ct);
        await transaction.CommitAsync(ct);
        return await HistoryReply.OfAsync(db, id, ct);
    }

    private async Task<Shift> ShiftAsync(Organisation organisation, DateOnly from, DateOnly to, CancellationToken ct)
    {
        var spells = await db.OrganisationSpells.AsNoTracking().Where(s => s.OrganisationId == organisation.Id)
            .OrderBy(s => s.FromOn).ToListAsync(ct);
        var opened = spells.SingleOrDefault(s => s.FromOn == from);
        var closed = spells.SingleOrDefault(s => s.UntilOn == from);
        if (opened is null && closed is null) throw new ProblemException(ReorganisationProblems.DateNotFound);
        var by = opened?.OpenedBy ?? closed?.ClosedBy;
        var act = by is null ? null : await db.Reorganisations.AsNoTracking().SingleOrDefaultAsync(r => r.Id == by, ct);
        if (act is not null && act.EffectiveOn == from)
        {
            return new(organisation.Id, act.Id, from, to, act.Prefixes, act.Involved,
                act.Kind is ReorganisationKind.Merge or ReorganisationKind.Split);
        }
        var at = opened ?? closed!;
        Guid[] involved = [organisation.Id, .. at.ParentId is { } parent ? new[] { parent } : []];
        // Renaming leaves members as they are; founding and dissolving do not.
        return new(organisation.Id, null, from, to, [at.Path], involved, opened is null || closed is null);
    }

    private async Task ThrowIfInTheWayAsync(Shift s, CancellationToken ct)
    {
        var found = await db.Database.SqlQuery<InTheWay>($"""
            with near as (
                select o.*, o.from_on = {s.From} and (case when {s.Act}::uuid is null
                        then o.organisation_id = {s.OrganisationId} else o.opened_by = {s.Act} end) as opened,
                    o.until_on = {s.From} and (case when {s.Act}::uuid is null
                        then o.organisation_id = {s.OrganisationId} else o.closed_by = {s.Act} end) as closed
                from organisation_spell o
                where o.organisation_id = any ({s.Involved})
                   or o.organisation_id in (select organisation_id from organisation_spell
                                            where opened_by = {s.Act} or closed_by = {s.Act})
                   or exists (select from unnest({s.Prefixes}) p where o.path >= p and o.path < p || '~')),
            held as (
                select m.*, o.name,
                    m.from_on = {s.From} and m.opened_by is not distinct from {s.Act} and {s.Act}::uuid is not null
                        as opened,
                    m.until_on = {s.From} and m.closed_by is not distinct from {s.Act} and {s.Act}::uuid is not null
                        as closed
                from membership_spell m join organisation o on o.id = m.branch_id
                where {s.TouchesMembers} and (m.branch_id = any ({s.Involved})
                    or m.member_id in (select member_id from membership_spell
                                       where opened_by = {s.Act} or closed_by = {s.Act})))
            select name, on_day from (
                select name, from_on as on_day from near
                    where opened is not true and from_on between {s.First} and {s.Last}
                union all select name, until_on from near
                    where closed is not true and until_on between {s.First} and {s.Last}
                union all select name, until_on from near where opened and until_on <= {s.To}
                union all select name, from_on from near where closed and from_on >= {s.To}
                union all select name, from_on from held
                    where opened is not true and from_on between {s.First} and {s.Last}
                union all select name, until_on from held
                    where closed is not true and until_on between {s.First} and {s.Last}
                union all select o.name, r.effective_on from reorganisation r
                    join organisation o on o.id = r.organisation_id
                    where r.effective_on = {s.From} and r.id is distinct from {s.Act}::uuid
                      and (r.involved && {s.Involved} or exists (select from unnest(r.prefixes) p,
                          unnest({s.Prefixes}) q where starts_with(p, q) or starts_with(q, p)))
                union all select name, until_on from held where opened and until_on <= {s.To}
                union all select name, from_on from held where closed and from_on >= {s.To}) x
            order by on_day limit 1
            """).ToListAsync(ct);
        if (found is [var first, ..])
            throw new ProblemException(ReorganisationProblems.DateConflict(first.Name, first.OnDay));
    }

    private async Task ApplyAsync(Shift s, CancellationToken ct)
    {
        await db.Database.ExecuteSqlAsync($"""
            update organisation_spell set
                from_on = case when from_on = {s.From} and (case when {s.Act}::uuid is null
                    then organisation_id = {s.OrganisationId} else opened_by = {s.Act} end) then {s.To}
                    else from_on end,
                until_on = case when until_on = {s.From} and (case when {s.Act}::uuid is null
                    then organisation_id = {s.OrganisationId} else closed_by = {s.Act} end) then {s.To}
                    else until_on end
            where case when {s.Act}::uuid is null then organisation_id = {s.OrganisationId}
                       else opened_by = {s.Act} or closed_by = {s.Act} end
            """, ct);
        if (s.Act is null) return;
        await db.Database.ExecuteSqlAsync($"""
            with turned as (
                update membership_spell set
                    from_on = case when from_on = {s.From} and opened_by = {s.Act} then {s.To} else from_on end,
                    until_on = case when until_on = {s.From} and closed_by = {s.Act} then {s.To} else until_on end
                where (opened_by = {s.Act} and from_on = {s.From}) or (closed_by = {s.Act} and until_on = {s.From})
                returning member_id, from_on, until_on)
            update member m set held_since = t.from_on from turned t
            where m.id = t.member_id and t.until_on is null and m.held_since <> t.from_on
            """, ct);
        await db.Database.ExecuteSqlAsync($"""
            update organisation o set since = s.last, founded_on = s.first,
                dissolved_on = case when o.dissolved_on is null then null else s.ended end
            from (select organisation_id, max(from_on) as last, min(from_on) as first, max(until_on) as ended
                  from organisation_spell where organisation_id in (
                      select organisation_id from organisation_spell
                      where opened_by = {s.Act} or closed_by = {s.Act})
                  group by organisation_id) s
            where o.id = s.organisation_id and o.id <> {s.OrganisationId}
            """, ct);
    }

    private sealed record InTheWay(string Name, DateOnly OnDay);
}
