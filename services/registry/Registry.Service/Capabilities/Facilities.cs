using Microsoft.EntityFrameworkCore;
using Platform.Hosting;
using Registry.Organisations;
using Registry.Service.Persistence;

namespace Registry.Service.Capabilities;

/// <summary>
/// The service network: centres, stations, points and posts with telephones, opening hours and the person on duty.
/// Source: M-016, M-040, M-053, M-054, M-059, M-060, M-157.
/// </summary>
internal static class FacilitiesApi
{
    public sealed record FacilityRequest(Guid OrganisationId, string Type, FacilityTier Tier, string Name,
        string Address,
        string Division, string Phone, string Opening, string OnDuty, string? Provider = null, bool Published = true);

    public sealed record AmendFacilityRequest(string? Name = null, string? Address = null, string? Phone = null,
        string? Opening = null, string? OnDuty = null, string? Provider = null, bool? Published = null,
        DateOnly? ClosedOn = null, string? Reason = null);

    public static void MapFacilities(this IEndpointRouteBuilder api)
    {
        var group = api.MapGroup("/facilities").WithTags("facilities");
        group.MapPost("", OpenAsync);
        group.MapPatch("/{id:guid}", AmendAsync);
        group.MapGet("", ListAsync);
    }

    private static async Task<Facility> OpenAsync(FacilityRequest body, CommandId command, RecordDesk desk,
        CancellationToken ct)
    {
        var organisation = await desk.ForAsync(body.OrganisationId, Access.KeepRecords, ct);
        var input = new Input();
        input.Must(Enum.IsDefined(body.Tier), "tier", "NOT_A_WORD", "One of: prefecture, county, township, village.",
            "须为 prefecture、county、township、village 之一。");
        input.Must(!string.IsNullOrEmpty(body.Division), "division", "REQUIRED", "A value is required.", "必填。");
        var facility = new Facility
        {
            Id = command.Value,
            Path = organisation.Path,
            OrganisationId = organisation.Id,
            Type = input.Code("facility-type", body.Type, "type"),
            Tier = body.Tier,
            Name = input.Text(body.Name, "name", 100),
            Address = input.Text(body.Address, "address", 200),
            Division = input.Division(body.Division, "division"),
            Phone = input.Phone(body.Phone, "phone"),
            Opening = input.Text(body.Opening, "opening", 100),
            OnDuty = input.Text(body.OnDuty, "onDuty", 50),
            Provider = input.Optional(body.Provider, "provider", 100),
            Published = body.Published,
        };
        input.Must(facility.Phone.Length > 0 || !facility.Published, "phone", "REQUIRED",
            "A published place has a telephone.", "公布的服务场所须有服务电话。");
        input.ThrowIfAny();
        return await desk.KeepAsync(command, "facility", organisation, facility, true, f => f.Path, ct);
    }

    private static Task<Facility> AmendAsync(Guid id, AmendFacilityRequest body, CommandId command, RecordDesk desk,
        CancellationToken ct)
    {
        var input = new Input();
        var reason = input.Optional(body.Reason, "reason", 200);
        Facility Amend(Facility f)
        {
            var after = f with
            {
                Name = body.Name is null ? f.Name : input.Text(body.Name, "name", 100),
                Address = body.Address is null ? f.Address : input.Text(body.Address, "address", 200),
                Phone = body.Phone is null ? f.Phone : input.Phone(body.Phone, "phone"),
                Opening = body.Opening is null ? f.Opening : input.Text(body.Opening, "opening", 100),
                OnDuty = body.OnDuty is null ? f.OnDuty : input.Text(body.OnDuty, "onDuty", 50),
                Provider = body.Provider is null ? f.Provider : input.Optional(body.Provider, "provider", 100),
                Published = body.Published ?? f.Published,
                ClosedOn = body.ClosedOn is { } on ? input.Date(on, "closedOn") : f.ClosedOn,
            };
            input.ThrowIfAny();
            return after;
        }
        return desk.ChangeAsync<Facility>(command, "facility", id, Access.KeepRecords, f => f.ClosedOn is null, Amend,
            _ => true, f => f.Path, reason, ct);
    }

    /// <summary>
    /// Open places by tier, type and division; published ones of the whole node, members included, others of the
    /// caller's
    /// own part of the tree.
    /// </summary>
    /// <param name="organisationId">The places of this organisation alone.</param>
    private static async Task<Page<Facility>> ListAsync(string? division, string? tier, string? type, Guid? under,
        Guid? organisationId, Guid? after, int? size, RegistryDb db, CallerContext context,
        RegistryOptions options, CancellationToken ct)
    {
        var caller = context.Current;
        if (caller.MemberId is null) caller.RequireRole(Access.SeeFacilities);
        var input = new Input();
        var level = input.Word<FacilityTier>(tier, "tier");
        input.Must(division is null || (division.Length <= 12 && division.All(char.IsAsciiDigit)), "division",
            "NOT_A_DIVISION", "Up to 12 digits of the division codes.", "须为不超过 12 位的区划代码。");
        input.ThrowIfAny();
        var (take, scope) = (Paging.Size(size, options), caller.MemberId is null ? caller.Scope : "-");
        var list = db.Facilities.AsNoTracking().Where(f => f.ClosedOn == null
            && (f.Published || f.Path.StartsWith(scope)));
        if (under is { } top)
        {
            var below = await db.PathUnderAsync(scope, top, ct);
            list = list.Where(f => f.Path.StartsWith(below));
        }
        if (organisationId is { } own) list = list.Where(f => f.OrganisationId == own);
        if (level is { } l) list = list.Where(f => f.Tier == l);
        if (!string.IsNullOrEmpty(type)) list = list.Where(f => f.Type == type);
        if (!string.IsNullOrEmpty(division)) list = list.Where(f => f.Division.StartsWith(division));
        if (after is { } last) list = list.Where(f => f.Id > last);
        return Paging.Of(await list.OrderBy(f => f.Id).Take(take + 1).ToListAsync(ct), take, f => f.Id.ToString());
    }
}
