using Microsoft.EntityFrameworkCore;
using Registry.Organisations;
using Registry.Service.Persistence;
using Registry.Service.Reference;

namespace Registry.Service.Capabilities;

/// <summary>
/// The carriers of a place in one table, each number opening its list; who is responsible along the tree; and which
/// organisations lack a place of service. Source: M-016, M-022, M-041, M-059, M-068, M-280.
/// </summary>
internal static class CarriersApi
{
    /// <param name="Kind">organisation, facility, pairing or officer.</param>
    /// <param name="Units">Organisations behind the records: 71 enterprises may have more than 71 pairs.</param>
    public sealed record CarrierLine(string Kind, string Code, string Title, long Count, long Units, string List);

    /// <param name="Part">leads, takesPart or implements (M-068).</param>
    /// <param name="Title">牵头抓总, 主动参与 or 主抓落实.</param>
    public sealed record ResponsibleLine(Guid OrganisationId, string Name, string Path, string Part, string Title,
        IReadOnlyList<ResponsiblePerson> People);

    /// <param name="Code">Code of role-type.</param>
    public sealed record ResponsiblePerson(string Code, string Title, Guid? MemberId, string Holder, DateOnly From);

    private static readonly string[] Responsible = ["CRD", "RFI", "RDI", "LGM", "SEC"];

    public static void MapCarriers(this IEndpointRouteBuilder api)
    {
        var group = api.MapGroup("/organisations/{id:guid}").WithTags("carriers");
        group.MapGet("/carriers", CountAsync);
        group.MapGet("/responsibility", ChainAsync);
        group.MapGet("/without-facility", WithoutAsync);
    }

    /// <summary>What an organisation's part of the tree has today, by code.</summary>
    private static async Task<IReadOnlyList<CarrierLine>> CountAsync(Guid id, RegistryDb db, RecordDesk desk,
        TimeProvider clock, CancellationToken ct)
    {
        var top = await desk.ForAsync(id, Access.SeeOrganisations, ct);
        var (from, to, day) = (top.Path, top.Path + "~", Today.In(clock));
        var counts = await db.Database.SqlQuery<Counted>($"""
            select 'organisation' as kind, type as code, count(*) as count, count(*) as units from organisation
                where dissolved_on is null and path >= {from} and path < {to} group by type
            union all
            select 'facility', type, count(*), count(distinct organisation_id) from facility
                where closed_on is null and path >= {from} and path < {to} group by type
            union all
            select 'pairing', kind, count(*), count(distinct organisation_id) from joint_building
                where path >= {from} and path < {to} and from_on <= {day} and (until_on is null or until_on > {day})
                group by kind
            union all
            select 'officer', code, count(*), count(distinct organisation_id) from appointment
                where path >= {from} and path < {to} and kind = 'Role' and from_on <= {day}
                  and (until_on is null or until_on > {day}) group by code
            order by 1, 2
            """).ToListAsync(ct);
        return [.. counts.Select(c => new CarrierLine(c.Kind, c.Code, Title(c), c.Count, c.Units, c.Kind switch
        {
            "organisation" => $"/api/v1/organisations/list?type={c.Code}&under={id}",
            "facility" => $"/api/v1/facilities?type={c.Code}&under={id}",
            "pairing" => $"/api/v1/joint-buildings?kind={c.Code}&under={id}",
            _ => $"/api/v1/appointments?code={c.Code}&under={id}",
        }))];
    }

    private static string Title(Counted c) => ReferenceData.Codes[c.Kind switch
    {
        "organisation" => "organisation-type",
        "facility" => "facility-type",
        "pairing" => "joint-building",
        _ => "role-type",
    }].Find(c.Code)?.Chinese ?? c.Code;

    /// <summary>From the top of the region down to the organisation: what part each has, and who answers for it on a
    /// day (default today): coordinator, first and direct responsible persons, leading group, secretary.</summary>
    private static async Task<IReadOnlyList<ResponsibleLine>> ChainAsync(Guid id, DateOnly? on, RegistryDb db,
        RecordDesk desk, TimeProvider clock, CancellationToken ct)
    {
        var (below, day) = (await desk.ForAsync(id, Access.SeeOrganisations, ct), on ?? Today.In(clock));
        var path = below.Path;
        var chain = await db.Organisations.AsNoTracking().Where(o => path.StartsWith(o.Path))
            .OrderBy(o => o.Path.Length).ToListAsync(ct);
        var ids = chain.Select(o => o.Id).ToList();
        var people = await db.Appointments.AsNoTracking().Where(a => ids.Contains(a.OrganisationId)
            && a.Kind == AppointmentKind.Role && Responsible.Contains(a.Code) && a.FromOn <= day
            && (a.UntilOn == null || a.UntilOn > day)).OrderBy(a => a.FromOn).ThenBy(a => a.Id).ToListAsync(ct);
        return [.. chain.Select(o =>
        {
            var (part, title) = PartOf(o);
            return new ResponsibleLine(o.Id, o.Name, o.Path, part, title, [.. people
                .Where(a => a.OrganisationId == o.Id).OrderBy(a => Array.IndexOf(Responsible, a.Code))
                .Select(a => new ResponsiblePerson(a.Code, ReferenceData.Codes["role-type"].Find(a.Code)!.Chinese,
                    a.MemberId, a.Holder, a.FromOn))]);
        })];
    }

    // The region's own organisation is its organisation department's; branches, communities and two-new organisations
    // carry out; what lies between takes part.
    private static (string Part, string Title) PartOf(Organisation o) => o.ParentId is null ? ("leads", "牵头抓总")
        : OrganisationTypes.HoldingMembers.Contains(o.Type) ? ("implements", "主抓落实") : ("takesPart", "主动参与");

    /// <summary>Organisations right below that have no open place of a type; of any type when none is said.</summary>
    private static async Task<IReadOnlyList<MissingOrganisation>> WithoutAsync(Guid id, string? type, RegistryDb db,
        RecordDesk desk, CancellationToken ct)
    {
        await desk.ForAsync(id, Access.SeeOrganisations, ct);
        var input = new Input();
        if (!string.IsNullOrEmpty(type)) input.Code("facility-type", type, "type");
        input.ThrowIfAny();
        var places = db.Facilities.Where(f => f.ClosedOn == null);
        if (!string.IsNullOrEmpty(type)) places = places.Where(f => f.Type == type);
        return await db.Organisations.AsNoTracking().Where(o => o.ParentId == id && o.DissolvedOn == null
            && !places.Any(f => f.OrganisationId == o.Id))
            .OrderBy(o => o.Path).Select(o => new MissingOrganisation(o.Id, o.Name, o.Path)).Take(1000).ToListAsync(ct);
    }

    private sealed record Counted(string Kind, string Code, long Count, long Units);
}
