using Microsoft.EntityFrameworkCore;
using Platform.Hosting;
using Platform.Kernel;
using Registry.Organisations;
using Registry.Service.Persistence;
using V1 = Platform.Contracts.Registry.V1;

namespace Registry.Service.Capabilities;

/// <summary>
/// Carries out one reorganisation: decides, keeps the act, and turns tree, history and everything that hangs on paths
/// by
/// set-based statements, in one transaction and one after the other (the tree is one thing).
/// </summary>
internal sealed partial class ReorganisationDesk(RegistryDb db, CallerContext context, TimeProvider clock,
    RegistryOptions options)
{
    private DateOnly OnDay => Today.In(clock);

    /// <summary>Hangs an organisation under another superior; across regions it is a hand-over.</summary>
    public Task<Reorganisation> MoveAsync(CommandId command, Guid id, Guid toParent, DateOnly on, string reason,
        CancellationToken ct) => ActAsync(command, async () =>
        {
            Guid[] both = [id, toParent];
            await db.Database.ExecuteSqlAsync(
                $"select 1 from organisation where id = any ({both}) order by id for update", ct);
            var moved = await FindAsync(id, ct);
            var superior = await FindAsync(toParent, ct);
            var taken = moved is null || superior is null || moved.Region == superior.Region ? []
                : await CodesTakenAsync(moved, superior.Region, ct);
            var size = moved is null ? new(0, 0, 0, 0) : await SizeAsync(moved.Path, ct);
            var happened = Decided(ReorganisationDecider.Move(moved, superior, taken, on, OnDay));
            var turned = (OrganisationMoved)happened[0];
            var kind = moved!.Region == turned.Region ? ReorganisationKind.Move : ReorganisationKind.HandOver;
            db.Apply(command.Value, id, moved, OrganisationsApi.Change(_ => happened), reason);
            Announce(id, turned.FromPath, turned.ToPath, on, command);
            var act = await KeepAsync(command, new()
            {
                Id = command.Value,
                Kind = kind,
                EffectiveOn = on,
                At = clock.GetUtcNow(),
                ByWhom = context.Current.Subject,
                OrganisationId = id,
                Involved = [id, .. turned.FromParent is { } p ? new[] { p } : [], toParent],
                FromPath = turned.FromPath,
                ToPath = turned.ToPath,
                Prefixes = [turned.FromPath, turned.ToPath],
                Reason = reason,
                OrganisationCount = size.Organisations,
                MemberCount = size.Members,
                FirstEffectiveOn = on,
            }, reason, ct);
            await RepathAsync(turned.FromPath, turned.ToPath, Guid.Empty, turned.FromParent!.Value, toParent,
                turned.Region, on, ct);
            return act;
        }, ct);

    /// <summary>Organisations go up in another one with their members and what is below them.</summary>
    public Task<Reorganisation> MergeAsync(CommandId command, Guid into, IReadOnlyList<Guid> ids, DateOnly on,
        string reason, CancellationToken ct) => ActAsync(command, async () =>
        {
            Guid[] all = [into, .. ids];
            await db.Database.ExecuteSqlAsync(
                $"select 1 from organisation where id = any ({all}) order by id for update", ct);
            var (target, absorbed) = await MergingAsync(into, ids, on, ct);
            foreach (var (one, happened, _) in absorbed)
            {
                db.Apply(command.Value, one.Id, one, OrganisationsApi.Change(_ => happened), reason);
                Announce(one.Id, one.Path, target.Path, on, command);
            }
            var act = await KeepAsync(command, new()
            {
                Id = command.Value,
                Kind = ReorganisationKind.Merge,
                EffectiveOn = on,
                At = clock.GetUtcNow(),
                ByWhom = context.Current.Subject,
                OrganisationId = into,
                Involved = [.. all.Distinct()],
                FromPath = absorbed[0].One.Path,
                ToPath = target.Path,
                Prefixes = [target.Path, .. absorbed.Select(a => a.One.Path)],
                Reason = reason,
                OrganisationCount = absorbed.Sum(a => a.Size.Organisations),
                MemberCount = absorbed.Sum(a => a.Size.Members),
                FirstEffectiveOn = on,
            }, reason, ct);
            foreach (var (one, _, _) in absorbed) await AbsorbAsync(one, target, on, ct);
            return act;
        }, ct);

    private async Task AbsorbAsync(Organisation one, Organisation target, DateOnly on, CancellationToken ct)
    {
        // Another one absorbed by the same act may have stood above it.
        var path = await db.Organisations.Where(o => o.Id == one.Id).Select(o => o.Path).SingleAsync(ct);
        await RebranchAsync(one.Id, target.Id, null, on, ct);
        await db.Database.ExecuteSqlAsync($"""
            update appointment set until_on = greatest({on}, from_on), ended_because = 'merged'
            where organisation_id = {one.Id} and until_on is null
            """, ct);
        await db.Database.ExecuteSqlAsync(
            $"update inbound_card set branch_id = {target.Id} where branch_id = {one.Id}", ct);
        await db.Database.ExecuteSqlAsync(
            $"update facility set organisation_id = {target.Id} where organisation_id = {one.Id}", ct);
        await db.Database.ExecuteSqlAsync(
            $"update unit set organisation_id = {target.Id} where organisation_id = {one.Id}", ct);
        await db.Database.ExecuteSqlAsync($"update unit set kept_by = {target.Id} where kept_by = {one.Id}", ct);
        await db.Database.ExecuteSqlAsync($"""
            update joint_building set
                organisation_id = case when organisation_id = {one.Id} then {target.Id} else organisation_id end,
                partner_id = case when partner_id = {one.Id} then {target.Id} else partner_id end,
                until_on = case when until_on is null and {target.Id} in (organisation_id, partner_id)
                    then greatest({on}, from_on) else until_on end
            where {one.Id} in (organisation_id, partner_id)
            """, ct);
        await RepathAsync(path, target.Path, one.Id, one.Id, target.Id, target.Region, on, ct);
    }

    /// <summary>Founds parts beside an organisation and gives them some of its members and organisations.</summary>
    public Task<Reorganisation> SplitAsync(CommandId command, Guid id,
        IReadOnlyList<ReorganisationsApi.PartRequest> parts, DateOnly on, string reason, CancellationToken ct) =>
        ActAsync(command, async () =>
        {
            var (split, made) = await SplittingAsync(command, id, parts, on, reason, ct);
            foreach (var (part, members, _) in made)
            {
                foreach (var some in members.Chunk(1000))
                    db.Enqueue(new BusFact(new V1.MembersRehomed(command.Value, split.Path, part.Path, on, some)));
            }
            var act = await KeepAsync(command, new()
            {
                Id = command.Value,
                Kind = ReorganisationKind.Split,
                EffectiveOn = on,
                At = clock.GetUtcNow(),
                ByWhom = context.Current.Subject,
                OrganisationId = id,
                Involved = [id, split.ParentId!.Value, .. made.Select(m => m.Part.Id),
                    .. made.SelectMany(m => m.Below).Select(o => o.Id)],
                FromPath = split.Path,
                ToPath = made[0].Part.Path,
                Prefixes = [split.Path, .. made.Select(m => m.Part.Path)],
                Reason = reason,
                OrganisationCount = made.Count,
                MemberCount = made.Sum(m => m.Members.Length),
                FirstEffectiveOn = on,
            }, reason, ct);
            foreach (var (part, members, below) in made)
            {
                if (members.Length > 0) await RebranchAsync(id, part.Id, members, on, ct);
                foreach (var o in below)
                    await RepathAsync(o.Path, $"{part.Path}{o.Code}/", Guid.Empty, id, part.Id, part.Region, on, ct);
            }
            return act;
        }, ct);

    private async Task<Organisation> PartAsync(CommandId command, ReorganisationsApi.PartRequest part, int index,
        Organisation split, Organisation? parent, DateOnly on, string reason, CancellationToken ct)
    {
        var input = new Input();
        var code = input.OrganisationCode(part.Code, $"parts[{index}].code");
        var organisation = new Organisation
        {
            Id = Guid.CreateVersion7(clock.GetUtcNow()),
            Code = code,
            Path = $"{parent?.Path}{code}/",
            ParentId = split.ParentId,
            Region = split.Region,
            Name = input.Text(part.Name, $"parts[{index}].name", 100),
            Type = input.Code("organisation-type", part.Type, $"parts[{index}].type"),
            Division = split.Division,
            Sector = split.Sector,
            FoundedOn = on,
        };
        input.ThrowIfAny();
        if (OrganisationTypes.Outpost.Contains(organisation.Type))
            throw new ProblemException(OutpostDecider.NeedsApproval);
        var taken = await db.Organisations.AnyAsync(o => o.Region == split.Region && o.Code == code, ct)
            || db.Organisations.Local.Any(o => o.Region == split.Region && o.Code == code);
        return db.Apply(command.Value, organisation.Id, null, OrganisationsApi.Change(_ =>
            OrganisationDecider.Found(null, taken, organisation, parent, OrganisationTypes.All)), reason);
    }

    private async Task<List<Organisation>> BelowAsync(Organisation split, IReadOnlyList<Guid> ids,
        HashSet<Guid> named, DateOnly on, CancellationToken ct)
    {
        var below = await db.Organisations.AsNoTracking()
            .Where(o => ids.Contains(o.Id) && o.ParentId == split.Id && o.DissolvedOn == null).ToListAsync(ct);
        if (below.Count != ids.Count || ids.Any(i => !named.Add(i)))
            throw new ProblemException(ReorganisationProblems.NotBelow);
        if (below.FirstOrDefault(o => o.Since > on) is { } young)
            throw new ProblemException(ReorganisationProblems.TooEarly(young.Name, young.Since));
        return below;
    }

    private async Task MembersHeldAsync(Guid id, Guid[] members, HashSet<Guid> named, CancellationToken ct)
    {
        var held = await db.Members.CountAsync(m => m.BranchId == id && members.Contains(m.Id), ct);
        var fresh = members.Count(named.Add);
        if (held != members.Length || fresh != members.Length)
            throw new ProblemException(ReorganisationProblems.MembersNotHeld(members.Length - Math.Min(held, fresh)));
    }

    private async Task<Reorganisation> ActAsync(CommandId command, Func<Task<Reorganisation>> run,
        CancellationToken ct)
    {
        context.Current.RequireRole(Access.ManageOrganisations);
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        await TakeTreeAsync(command, ct);
        var done = await db.Reorganisations.AsNoTracking().SingleOrDefaultAsync(r => r.Id == command.Value, ct);
        if (done is not null) return done;
        var act = await run();
        await transaction.CommitAsync(ct);
        return act;
    }

    // One reorganisation at a time; its id marks the spells it opens and closes.
    private Task TakeTreeAsync(CommandId command, CancellationToken ct) => db.Database.ExecuteSqlAsync(
        $"select pg_advisory_xact_lock(7301), set_config('platform.act', {command.Value.ToString()}, true)", ct);

    private async Task<Organisation?> FindAsync(Guid id, CancellationToken ct)
    {
        var found = await db.Organisations.SingleOrDefaultAsync(o => o.Id == id, ct);
        if (found is not null) context.Current.Require(found.Path, Access.ManageOrganisations);
        return found;
    }

    private static OrganisationEvent[] Decided(Decision<OrganisationEvent> decision) =>
        decision.Problem is { } problem ? throw new ProblemException(problem) : [.. decision.Events];

    private void Limit(long rows)
    {
        if (rows > options.ReorganisedRowsMax)
            throw new ProblemException(ReorganisationProblems.TooLarge(rows, options.ReorganisedRowsMax));
    }

    private async Task<Weight> SizeAsync(string path, CancellationToken ct)
    {
        var weight = new Weight(await db.Organisations.InScope(path).CountAsync(o => o.DissolvedOn == null, ct),
            await db.Members.InScope(path).CountAsync(ct),
            await db.OutboundCards.CountAsync(c => string.Compare(c.HomePath, path) >= 0
                && string.Compare(c.HomePath, path + "~") < 0, ct),
            await db.InboundCards.CountAsync(c => string.Compare(c.HostPath, path) >= 0
                && string.Compare(c.HostPath, path + "~") < 0, ct));
        Limit(weight.Rows);
        return weight;
    }

    private Task<List<string>> CodesTakenAsync(Organisation moved, string region, CancellationToken ct) =>
        db.Organisations.InScope(moved.Path)
            .Where(o => db.Organisations.Any(x => x.Region == region && x.Code == o.Code))
            .OrderBy(o => o.Code).Select(o => o.Code).Take(10).ToListAsync(ct);

    private void Announce(Guid id, string from, string to, DateOnly on, CommandId command) =>
        db.Enqueue(new BusFact(new V1.OrganisationMoved(id, from, to, on, command.Value)));

    private Task<Reorganisation> KeepAsync(CommandId command, Reorganisation act, string reason,
        CancellationToken ct) =>
        db.CommitAsync(command.Value, act.Id, new Change<Reorganisation, ReorganisationEvent>("reorganisation",
            _ => new Reorganised(act), ReorganisationDecider.Evolve, r => r.ToPath, (_, _, _) => []), ct, reason);

    private Task RepathAsync(string from, string to, Guid except, Guid fromParent, Guid toParent, string region,
        DateOnly on, CancellationToken ct) => db.Database.ExecuteSqlAsync(
        $"select repath({from}, {to}, {except}, {fromParent}, {toParent}, {region}, {on})", ct);

    private Task RebranchAsync(Guid from, Guid to, Guid[]? members, DateOnly on, CancellationToken ct) =>
        members is null ? db.Database.ExecuteSqlAsync($"select rebranch({from}, {to}, null, {on})", ct)
        : db.Database.ExecuteSqlAsync($"select rebranch({from}, {to}, {members}, {on})", ct);
}
