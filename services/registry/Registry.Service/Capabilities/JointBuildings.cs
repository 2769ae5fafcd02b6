using Microsoft.EntityFrameworkCore;
using Platform.Hosting;
using Registry.Organisations;
using Registry.Service.Persistence;

namespace Registry.Service.Capabilities;

/// <summary>Building together across lines of command: vertical and horizontal pairings. Source:
/// M-042..M-047.</summary>
internal static class JointBuildingsApi
{
    /// <param name="PartnerId">The other organisation; or name it in <paramref name="Partner"/>.</param>
    public sealed record PairRequest(Guid OrganisationId, string Kind, DateOnly From, Guid? PartnerId = null,
        string? Partner = null, string? Purpose = null);

    public sealed record EndPairRequest(DateOnly On, string Reason);

    public static void MapJointBuildings(this IEndpointRouteBuilder api)
    {
        var group = api.MapGroup("/joint-buildings").WithTags("joint-buildings");
        group.MapPost("", PairAsync);
        group.MapPost("/{id:guid}/end", EndAsync);
        group.MapGet("", ListAsync);
    }

    private static async Task<JointBuilding> PairAsync(PairRequest body, CommandId command, RecordDesk desk,
        RegistryDb db, CancellationToken ct)
    {
        var organisation = await desk.ForAsync(body.OrganisationId, Access.KeepRecords, ct);
        var input = new Input();
        var known = body.PartnerId is { } p && p != organisation.Id
            && await db.Organisations.AnyAsync(o => o.Id == p && o.DissolvedOn == null, ct);
        input.Must(body.PartnerId is null || known, "partnerId", "NOT_FOUND",
            "Another organisation of your part of the tree.", "须为您管理范围内的另一组织。");
        input.Must(body.PartnerId is not null || !string.IsNullOrWhiteSpace(body.Partner), "partner", "REQUIRED",
            "Name the partner.", "须指定或填写共建单位。");
        var pair = new JointBuilding
        {
            Id = command.Value,
            Path = organisation.Path,
            OrganisationId = organisation.Id,
            Kind = input.Code("joint-building", body.Kind, "kind"),
            PartnerId = body.PartnerId,
            Partner = body.PartnerId is null ? input.Optional(body.Partner, "partner", 100) : "",
            Purpose = input.Optional(body.Purpose, "purpose", 200),
            FromOn = input.Date(body.From, "from"),
        };
        input.ThrowIfAny();
        return await desk.KeepAsync(command, "joint-building", organisation, pair, true, j => j.Path, ct);
    }

    private static Task<JointBuilding> EndAsync(Guid id, EndPairRequest body, CommandId command, RecordDesk desk,
        CancellationToken ct)
    {
        var input = new Input();
        var reason = input.Text(body.Reason, "reason", 200);
        input.Date(body.On, "on");
        input.ThrowIfAny();
        return desk.ChangeAsync<JointBuilding>(command, "joint-building", id, Access.KeepRecords, j =>
            j.UntilOn is null,
            j => j with { UntilOn = body.On }, j => j.UntilOn > j.FromOn, j => j.Path, reason, ct);
    }

    private static async Task<Page<JointBuilding>> ListAsync(Guid? organisationId, Guid? under, string? kind,
        Guid? after, int? size, RegistryDb db, CallerContext context, RegistryOptions options, CancellationToken ct)
    {
        context.Current.RequireRole(Access.SeeOrganisations);
        var (take, scope) = (Paging.Size(size, options), context.Current.Scope);
        if (under is { } top) scope = await db.PathUnderAsync(scope, top, ct);
        var list = db.JointBuildings.AsNoTracking().Where(j => string.Compare(j.Path, scope) >= 0
            && string.Compare(j.Path, scope + "~") < 0);
        if (organisationId is { } of) list = list.Where(j => j.OrganisationId == of || j.PartnerId == of);
        if (!string.IsNullOrEmpty(kind)) list = list.Where(j => j.Kind == kind);
        if (after is { } last) list = list.Where(j => j.Id > last);
        return Paging.Of(await list.OrderBy(j => j.Id).Take(take + 1).ToListAsync(ct), take, j => j.Id.ToString());
    }
}
