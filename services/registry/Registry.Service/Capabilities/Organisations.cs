using Microsoft.EntityFrameworkCore;
using Platform.Hosting;
using Platform.Kernel;
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
        string? Community = null, string? Site = null);

    public sealed record AmendRequest(
        string? Name = null, string? Type = null, string? Contact = null, string? Phone = null,
        string? UnitName = null, string? CreditCode = null, string? Community = null, string? Site = null);

    public sealed record DissolveRequest(DateOnly On);

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
        CallerContext context, NodeOptions node, CancellationToken ct)
    {
        context.Current.RequireRole(Access.ManageOrganisations);
        var parent = body.ParentId is { } id
            ? await db.Organisations.AsNoTracking().SingleOrDefaultAsync(o => o.Id == id, ct)
                ?? throw new ProblemException(OrganisationDecider.NotFound) : null;
        var input = new Input();
        var code = input.Text(body.Code, "code", 20);
        input.Must(code.All(c => char.IsAsciiLetterOrDigit(c) || c == '-'), "code", "NOT_A_CODE",
            "Letters, digits and hyphens.", "只能使用字母、数字和连字符。");
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
        };
        input.ThrowIfAny();
        organisation = organisation with
        {
            Path = parent is not null ? $"{parent.Path}{code}/" : Regions.PathOf(region),
        };
        context.Current.Require(organisation.Path, Access.ManageOrganisations);
        var taken = await db.Organisations
            .AnyAsync(o => o.Region == region && o.Code == code && o.Id != command.Value, ct);
        return await SaveAsync(db, command, command.Value, existing =>
            OrganisationDecider.Found(existing, taken, organisation, parent, OrganisationTypes.All), ct);
    }

    private static async Task<Organisation> AmendAsync(Guid id, AmendRequest body, CommandId command, RegistryDb db,
        CallerContext context, CancellationToken ct)
    {
        var input = new Input();
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
        };
        return await SaveAsync(db, command, id, existing =>
        {
            if (existing is null) context.Current.RequireRole(Access.ManageOrganisations);
            else context.Current.Require(existing.Path, Access.ManageOrganisations);
            var decision = OrganisationDecider.Amend(existing, Amend, OrganisationTypes.All);
            input.ThrowIfAny();
            return decision;
        }, ct);
    }

    private static async Task<Organisation> DissolveAsync(Guid id, DissolveRequest body, CommandId command,
        RegistryDb db,
        CallerContext context, CancellationToken ct)
    {
        var isEmpty = !await db.Members.AnyAsync(m => m.BranchId == id, ct)
            && !await db.Organisations.AnyAsync(o => o.ParentId == id && o.DissolvedOn == null, ct);
        return await SaveAsync(db, command, id, existing =>
        {
            if (existing is null) context.Current.RequireRole(Access.ManageOrganisations);
            else context.Current.Require(existing.Path, Access.ManageOrganisations);
            return OrganisationDecider.Dissolve(existing, isEmpty, body.On);
        }, ct);
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
        Func<Organisation?, Decision<OrganisationEvent>> decide, CancellationToken ct) =>
            db.CommitAsync(command.Value, id,
        new Change<Organisation, OrganisationEvent>("organisation", decide, OrganisationDecider.Evolve, o => o.Path,
            (_, after, e) => [new BusFact(new V1.OrganisationChanged(after.Id, after.Path, e.GetType().Name))]), ct);
}
