using Microsoft.EntityFrameworkCore;
using Platform.Hosting;
using Platform.Kernel;
using Registry.Mobility;
using Registry.Organisations;
using Registry.Service.Persistence;
using V1 = Platform.Contracts.Registry.V1;

namespace Registry.Service.Capabilities;

/// <summary>The tree of organisations. Source: M-015..M-055, M-076, Appendix D.</summary>
internal static class OrganisationsApi
{
    public sealed record FoundRequest(
        string Code, string Name, string Type, Guid? ParentId = null, string? Region = null,
        string? Contact = null, string? Phone = null, string? UnitName = null, string? CreditCode = null,
        string? Community = null, string? Site = null, string? Division = null, string? Sector = null,
        string? Department = null, string? Formation = null, DateOnly? FoundedOn = null);

    /// <param name="On">From when a new name, type, division or sector holds; today when left out.</param>
    public sealed record AmendRequest(
        string? Name = null, string? Type = null, string? Contact = null, string? Phone = null,
        string? UnitName = null, string? CreditCode = null, string? Community = null, string? Site = null,
        string? Division = null, string? Sector = null, string? Department = null, string? Formation = null,
        bool? LacksManagers = null, bool? LacksVenue = null, bool? LacksFunds = null, DateOnly? On = null,
        string? Reason = null);

    public sealed record DissolveRequest(DateOnly On, string? Reason = null);

    public static void MapOrganisations(this IEndpointRouteBuilder api)
    {
        var group = api.MapGroup("/organisations").WithTags("organisations");
        group.MapPost("", FoundAsync);
        group.MapGet("", ListAsync);
        group.MapGet("/{id:guid}", GetAsync);
        group.MapPatch("/{id:guid}", AmendAsync);
        group.MapPost("/{id:guid}/dissolve", DissolveAsync);
    }

    private static async Task<Organisation> FoundAsync(FoundRequest body, CommandId command, RegistryDb db,
        CallerContext context, NodeOptions node, TimeProvider clock, CancellationToken ct)
    {
        context.Current.RequireRole(Access.ManageOrganisations);
        var today = Today.In(clock);
        var parent = body.ParentId is { } id
            ? await db.Organisations.AsNoTracking().SingleOrDefaultAsync(o => o.Id == id, ct)
                ?? throw new ProblemException(OrganisationDecider.NotFound) : null;
        var input = new Input();
        var code = input.OrganisationCode(body.Code, "code");
        var region = parent?.Region ?? input.Region(body.Region, "region");
        input.Must(!Regions.IsCode(region) || node.Serves(region), "region", "NOT_SERVED_HERE",
            "This node does not serve that region.", "本节点不管辖该地区。");
        input.Must(body.ParentId is not null || code == region, "code", "TOP_CODE_IS_REGION",
            "The top organisation of a region carries the region's code.", "地区最高组织的代码应为该地区区划代码。");
        var organisation = new Organisation
        {
            Id = command.Value,
            Code = code,
            Path = "",
            ParentId = body.ParentId,
            Region = region,
            Name = input.Text(body.Name, "name", 100),
            Type = input.Code("organisation-type", body.Type, "type"),
            Contact = input.Optional(body.Contact, "contact", 50),
            Phone = input.Optional(body.Phone, "phone", 30),
            UnitName = input.Optional(body.UnitName, "unitName", 100),
            CreditCode = input.Optional(body.CreditCode, "creditCode", 18),
            Community = input.Optional(body.Community, "community", 100),
            Site = input.Optional(body.Site, "site", 100),
            Division = input.Division(body.Division, "division"),
            Sector = string.IsNullOrEmpty(body.Sector) ? "" : input.Code("sector", body.Sector, "sector"),
            Department = input.Optional(body.Department, "department", 100),
            Formation = string.IsNullOrEmpty(body.Formation) ? ""
                : input.Code("formation-mode", body.Formation, "formation"),
            FoundedOn = input.Past(body.FoundedOn ?? today, "foundedOn", today),
        };
        input.ThrowIfAny();
        organisation = organisation with
        {
            Path = parent is not null ? $"{parent.Path}{code}/" : Regions.PathOf(region),
        };
        context.Current.Require(organisation.Path, Access.ManageOrganisations);
        if (OrganisationTypes.Outpost.Contains(organisation.Type))
            throw new ProblemException(OutpostDecider.NeedsApproval);
        var taken = await db.Organisations
            .AnyAsync(o => o.Region == region && o.Code == code && o.Id != command.Value, ct);
        return await SaveAsync(db, command, command.Value, existing =>
            OrganisationDecider.Found(existing, taken, organisation, parent, OrganisationTypes.All), ct);
    }

    private static async Task<Organisation> AmendAsync(Guid id, AmendRequest body, CommandId command, RegistryDb db,
        CallerContext context, TimeProvider clock, CancellationToken ct)
    {
        var input = new Input();
        var on = input.Past(body.On ?? Today.In(clock), "on", Today.In(clock));
        Organisation Amend(Organisation o) => o with
        {
            Name = body.Name is null ? o.Name : input.Text(body.Name, "name", 100),
            Type = body.Type is null ? o.Type : input.Code("organisation-type", body.Type, "type"),
            Contact = body.Contact is null ? o.Contact : input.Optional(body.Contact, "contact", 50),
            Phone = body.Phone is null ? o.Phone : input.Optional(body.Phone, "phone", 30),
            UnitName = body.UnitName is null ? o.UnitName : input.Optional(body.UnitName, "unitName", 100),
            CreditCode = body.CreditCode is null ? o.CreditCode : input.Optional(body.CreditCode, "creditCode", 18),
            Community = body.Community is null ? o.Community : input.Optional(body.Community, "community", 100),
            Site = body.Site is null ? o.Site : input.Optional(body.Site, "site", 100),
            Division = body.Division is null ? o.Division : input.Division(body.Division, "division"),
            Sector = string.IsNullOrEmpty(body.Sector) ? body.Sector ?? o.Sector
                : input.Code("sector", body.Sector, "sector"),
            Department = body.Department is null ? o.Department : input.Optional(body.Department, "department", 100),
            Formation = string.IsNullOrEmpty(body.Formation) ? body.Formation ?? o.Formation
                : input.Code("formation-mode", body.Formation, "formation"),
            LacksManagers = body.LacksManagers ?? o.LacksManagers,
            LacksVenue = body.LacksVenue ?? o.LacksVenue,
            LacksFunds = body.LacksFunds ?? o.LacksFunds,
        };
        return await SaveAsync(db, command, id, existing =>
        {
            if (existing is null) context.Current.RequireRole(Access.ManageOrganisations);
            else context.Current.Require(existing.Path, Access.ManageOrganisations);
            if (existing is not null && body.Type != existing.Type
                && OrganisationTypes.Outpost.Contains(body.Type ?? ""))
                return OutpostDecider.NeedsApproval;
            var decision = OrganisationDecider.Amend(existing, Amend, OrganisationTypes.All, on);
            input.ThrowIfAny();
            return decision;
        }, ct, input.Optional(body.Reason, "reason", 200));
    }

    private static async Task<Organisation> DissolveAsync(Guid id, DissolveRequest body, CommandId command,
        RegistryDb db, CallerContext context, TimeProvider clock, CancellationToken ct)
    {
        var input = new Input();
        input.Past(body.On, "on", Today.In(clock));
        var reason = input.Optional(body.Reason, "reason", 200);
        input.ThrowIfAny();
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        // Whoever registers a member or founds an organisation here at this moment waits, and is then refused.
        await db.Database.ExecuteSqlAsync($"select 1 from organisation where id = {id} for update", ct);
        var isEmpty = !await db.MembershipSpells
                .AnyAsync(m => m.BranchId == id && (m.UntilOn == null || m.UntilOn > body.On), ct)
            && !await db.OrganisationSpells
                .AnyAsync(o => o.ParentId == id && (o.UntilOn == null || o.UntilOn > body.On), ct)
            && !await db.InboundCards.AnyAsync(c => c.BranchId == id
                && (c.Status == InboundStatus.Admitted || c.Status == InboundStatus.LostContact), ct)
            && !await db.Units.AnyAsync(u => u.ClosedOn == null && (u.OrganisationId == id || u.KeptBy == id), ct)
            && !await db.Facilities.AnyAsync(f => f.ClosedOn == null && f.OrganisationId == id, ct);
        var dissolved = await SaveAsync(db, command, id, existing =>
        {
            if (existing is null) context.Current.RequireRole(Access.ManageOrganisations);
            else context.Current.Require(existing.Path, Access.ManageOrganisations);
            return OrganisationDecider.Dissolve(existing, isEmpty, body.On);
        }, ct, reason);
        await db.Database.ExecuteSqlAsync($"""
            with officers as (
                update appointment set until_on = greatest({body.On}, from_on), ended_because = 'dissolved'
                where organisation_id = {id} and until_on is null)
            update joint_building set until_on = greatest({body.On}, from_on)
                where (organisation_id = {id} or partner_id = {id}) and until_on is null
            """, ct);
        await transaction.CommitAsync(ct);
        return dissolved;
    }

    private static async Task<Organisation> GetAsync(Guid id, RegistryDb db, CallerContext context,
        CancellationToken ct)
    {
        context.Current.RequireRole(Access.SeeOrganisations);
        var found = await db.Organisations.AsNoTracking().SingleOrDefaultAsync(o => o.Id == id, ct)
            ?? throw new ProblemException(OrganisationDecider.NotFound);
        context.Current.Require(found.Path, Access.SeeOrganisations);
        return found;
    }

    /// <summary>Children of <paramref name="parentId"/>, or the top of the caller's subtree; by code.</summary>
    private static async Task<Page<Organisation>> ListAsync(Guid? parentId, string? search, string? after, int? size,
        RegistryDb db, CallerContext context, RegistryOptions options, CancellationToken ct)
    {
        context.Current.RequireRole(Access.SeeOrganisations);
        var (scope, take) = (context.Current.Scope, Paging.Size(size, options));
        var list = db.Organisations.AsNoTracking().InScope(scope).Where(o => o.DissolvedOn == null);
        if (parentId is { } parent) list = list.Where(o => o.ParentId == parent);
        else if (string.IsNullOrEmpty(search)) list = list.Where(o => o.Path == scope || o.ParentId == null);
        if (!string.IsNullOrEmpty(search)) list = list.Where(o => o.Name.Contains(search) || o.Code == search);
        if (!string.IsNullOrEmpty(after)) list = list.Where(o => string.Compare(o.Path, after) > 0);
        var rows = await list.OrderBy(o => o.Path).Take(take + 1).ToListAsync(ct);
        return Paging.Of(rows, take, o => o.Path);
    }

    private static Task<Organisation> SaveAsync(RegistryDb db, CommandId command, Guid id,
        Func<Organisation?, Decision<OrganisationEvent>> decide, CancellationToken ct, string? reason = null) =>
        db.CommitAsync(command.Value, id, Change(decide), ct, reason);

    /// <summary>How an organisation is changed and announced, whoever does it.</summary>
    public static Change<Organisation, OrganisationEvent> Change(
        Func<Organisation?, Decision<OrganisationEvent>> decide) => new("organisation", decide,
        OrganisationDecider.Evolve, o => o.Path,
        (_, after, e) => [new BusFact(new V1.OrganisationChanged(after.Id, after.Path, e.GetType().Name))]);
}
