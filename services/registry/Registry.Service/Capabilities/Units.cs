using Microsoft.EntityFrameworkCore;
using Platform.Hosting;
using Registry.Organisations;
using Registry.Service.Persistence;

namespace Registry.Service.Capabilities;

/// <summary>
/// The two-new register: enterprises, social organisations and self-employed households with or without an
/// organisation;
/// coverage per area, park or sector, each number opening its list. Source: M-024, M-028, M-052..M-054, M-069, M-099.
/// </summary>
internal static class UnitsApi
{
    public sealed record UnitRequest(Guid KeptBy, string Name, string Category, string Division, DateOnly SurveyedOn,
        int Employees = 0, int Members = 0, string? CreditCode = null, string? Site = null, string? Sector = null,
        Guid? OrganisationId = null, string? Instructor = null, bool BelowScale = false);

    /// <param name="OrganisationId">Its own or a joint organisation; the empty id takes it away.</param>
    public sealed record AmendUnitRequest(string? Name = null, string? Site = null, string? Sector = null,
        int? Employees = null, int? Members = null, Guid? OrganisationId = null, string? Instructor = null,
        DateOnly? SurveyedOn = null, DateOnly? ClosedOn = null, string? Reason = null, bool? BelowScale = null);

    public sealed record UnitReply(Guid Id, Guid KeptBy, string Name, string Category, string CreditCode,
        string Division,
        string Site, string Sector, int Employees, int Members, Guid? OrganisationId, string Instructor,
        DateOnly SurveyedOn, DateOnly? ClosedOn, UnitCoverage Coverage, bool BelowScale)
    {
        internal static UnitReply Of(Unit u) => new(u.Id, u.KeptBy, u.Name, u.Category, u.CreditCode, u.Division,
            u.Site,
            u.Sector, u.Employees, u.Members, u.OrganisationId, u.Instructor, u.SurveyedOn, u.ClosedOn, u.Coverage,
            u.BelowScale);
    }

    /// <summary>One area: <c>Total = Organised + MembersOnly + NoMembers</c> (M-099: 759 = 73 + 187 + 499).</summary>
    /// <param name="Rate">组建率: organised per hundred of all, one decimal (M-024).</param>
    public sealed record CoverageReply(string Group, int Total, int Organised, int MembersOnly, int NoMembers,
        decimal? Rate, string List);

    public static void MapUnits(this IEndpointRouteBuilder api)
    {
        var group = api.MapGroup("/units").WithTags("units");
        group.MapPost("", RegisterAsync);
        group.MapPatch("/{id:guid}", AmendAsync);
        group.MapGet("", ListAsync);
        group.MapGet("/coverage", CoverageAsync);
        group.MapGet("/{id:guid}", GetAsync);
    }

    private static async Task<UnitReply> RegisterAsync(UnitRequest body, CommandId command, RecordDesk desk,
        RegistryDb db, TimeProvider clock, CancellationToken ct)
    {
        var keeper = await desk.ForAsync(body.KeptBy, Access.KeepRecords, ct);
        var input = new Input();
        input.Must(!string.IsNullOrEmpty(body.Division), "division", "REQUIRED", "A value is required.", "必填。");
        await KnownAsync(input, db, body.OrganisationId, ct);
        var unit = new Unit
        {
            Id = command.Value,
            Path = keeper.Path,
            KeptBy = keeper.Id,
            Name = input.Text(body.Name, "name", 100),
            Category = input.Code("organisation-category", body.Category, "category"),
            CreditCode = input.Optional(body.CreditCode, "creditCode", 18),
            Division = input.Division(body.Division, "division"),
            Site = input.Optional(body.Site, "site", 100),
            Sector = string.IsNullOrEmpty(body.Sector) ? "" : input.Code("sector", body.Sector, "sector"),
            Employees = Count(input, body.Employees, "employees"),
            Members = Count(input, body.Members, "members"),
            OrganisationId = body.OrganisationId,
            Instructor = input.Optional(body.Instructor, "instructor", 50),
            BelowScale = body.BelowScale,
            SurveyedOn = input.Past(body.SurveyedOn, "surveyedOn", Today.In(clock)),
        };
        input.ThrowIfAny();
        return UnitReply.Of(await desk.KeepAsync(command, "unit", keeper, unit, true, u => u.Path, ct));
    }

    private static async Task<UnitReply> AmendAsync(Guid id, AmendUnitRequest body, CommandId command, RecordDesk desk,
        RegistryDb db, TimeProvider clock, CancellationToken ct)
    {
        var input = new Input();
        var (reason, today) = (input.Optional(body.Reason, "reason", 200), Today.In(clock));
        await KnownAsync(input, db, body.OrganisationId == Guid.Empty ? null : body.OrganisationId, ct);
        Unit Amend(Unit u)
        {
            var after = u with
            {
                Name = body.Name is null ? u.Name : input.Text(body.Name, "name", 100),
                Site = body.Site is null ? u.Site : input.Optional(body.Site, "site", 100),
                Sector = string.IsNullOrEmpty(body.Sector) ? body.Sector ?? u.Sector
                    : input.Code("sector", body.Sector, "sector"),
                Employees = Count(input, body.Employees ?? u.Employees, "employees"),
                Members = Count(input, body.Members ?? u.Members, "members"),
                OrganisationId = body.OrganisationId is not { } o ? u.OrganisationId : o == Guid.Empty ? null : o,
                Instructor = body.Instructor is null ? u.Instructor : input.Optional(body.Instructor, "instructor", 50),
                BelowScale = body.BelowScale ?? u.BelowScale,
                SurveyedOn = body.SurveyedOn is { } on ? input.Past(on, "surveyedOn", today) : u.SurveyedOn,
                ClosedOn = body.ClosedOn is { } end ? input.Past(end, "closedOn", today) : u.ClosedOn,
            };
            input.ThrowIfAny();
            return after;
        }
        return UnitReply.Of(await desk.ChangeAsync<Unit>(command, "unit", id, Access.KeepRecords,
            u => u.ClosedOn is null, Amend, _ => true, u => u.Path, reason, ct));
    }

    private static async Task<Page<UnitReply>> ListAsync(string? coverage, string? division, string? site,
        string? sector, string? category, bool? belowScale, Guid? organisationId, Guid? after, int? size, RegistryDb db,
        CallerContext context, RegistryOptions options, CancellationToken ct)
    {
        context.Current.RequireRole(Access.SeeOrganisations);
        var input = new Input();
        var part = input.Word<UnitCoverage>(coverage, "coverage");
        input.ThrowIfAny();
        var (take, scope) = (Paging.Size(size, options), context.Current.Scope);
        var list = db.Units.AsNoTracking().Where(u => u.ClosedOn == null && string.Compare(u.Path, scope) >= 0
            && string.Compare(u.Path, scope + "~") < 0);
        list = part switch
        {
            UnitCoverage.Organised => list.Where(u => u.OrganisationId != null),
            UnitCoverage.MembersOnly => list.Where(u => u.OrganisationId == null && u.Members > 0),
            UnitCoverage.NoMembers => list.Where(u => u.OrganisationId == null && u.Members == 0),
            null => list,
        };
        if (!string.IsNullOrEmpty(division)) list = list.Where(u => u.Division.StartsWith(division));
        if (site is not null) list = list.Where(u => u.Site == site);
        if (sector is not null) list = list.Where(u => u.Sector == sector);
        if (!string.IsNullOrEmpty(category)) list = list.Where(u => u.Category == category);
        if (belowScale is { } below) list = list.Where(u => u.BelowScale == below);
        if (organisationId is { } of) list = list.Where(u => u.OrganisationId == of);
        if (after is { } last) list = list.Where(u => u.Id > last);
        var rows = await list.OrderBy(u => u.Id).Take(take + 1).ToListAsync(ct);
        return Paging.Of([.. rows.Select(UnitReply.Of)], take, u => u.Id.ToString());
    }

    private static async Task<UnitReply> GetAsync(Guid id, RegistryDb db, CallerContext context, CancellationToken ct)
    {
        context.Current.RequireRole(Access.SeeOrganisations);
        var found = await db.Units.AsNoTracking().SingleOrDefaultAsync(u => u.Id == id, ct)
            ?? throw new ProblemException(RecordDecider.NotFound);
        context.Current.Require(found.Path, Access.SeeOrganisations);
        return UnitReply.Of(found);
    }

    private enum By
    {
        County,
        Town,
        Site,
        Sector,
    }

    /// <summary>Coverage by county, town, site (park, market, building) or sector; groups by code.</summary>
    private static async Task<IReadOnlyList<CoverageReply>> CoverageAsync(string? by, string? category,
        bool? belowScale, RegistryDb db, CallerContext context, CancellationToken ct)
    {
        context.Current.RequireRole(Access.SeeOrganisations);
        var input = new Input();
        var kind = input.Word<By>(by, "by") ?? By.County;
        input.ThrowIfAny();
        var scope = context.Current.Scope;
        var units = db.Units.AsNoTracking().Where(u => u.ClosedOn == null && string.Compare(u.Path, scope) >= 0
            && string.Compare(u.Path, scope + "~") < 0);
        if (!string.IsNullOrEmpty(category)) units = units.Where(u => u.Category == category);
        if (belowScale is { } below) units = units.Where(u => u.BelowScale == below);
        var groups = kind switch
        {
            By.County => units.GroupBy(u => u.Division.Substring(0, 6)),
            By.Town => units.GroupBy(u => u.Division.Substring(0, 9)),
            By.Site => units.GroupBy(u => u.Site),
            By.Sector => units.GroupBy(u => u.Sector),
        };
        var rows = await groups.Select(g => new
        {
            g.Key,
            Total = g.Count(),
            Organised = g.Count(u => u.OrganisationId != null),
            MembersOnly = g.Count(u => u.OrganisationId == null && u.Members > 0),
        }).OrderBy(g => g.Key).Take(1000).ToListAsync(ct);
        var filter = kind switch { By.Site => "site", By.Sector => "sector", By.County or By.Town => "division" };
        return [.. rows.Select(r => new CoverageReply(r.Key, r.Total, r.Organised, r.MembersOnly,
            r.Total - r.Organised - r.MembersOnly, Figures.FigureBook.Share(r.Organised, r.Total),
            $"/api/v1/units?{filter}={Uri.EscapeDataString(r.Key)}"
            + (string.IsNullOrEmpty(category) ? "" : $"&category={Uri.EscapeDataString(category)}")
            + (belowScale is null ? "" : $"&belowScale={(belowScale.Value ? "true" : "false")}")))];
    }

    private static async Task KnownAsync(Input input, RegistryDb db, Guid? organisation, CancellationToken ct) =>
        input.Must(organisation is not { } id
            || await db.Organisations.AnyAsync(o => o.Id == id && o.DissolvedOn == null, ct), "organisationId",
            "NOT_FOUND", "An organisation of your part of the tree.", "须为您管理范围内的组织。");

    private static int Count(Input input, int value, string field)
    {
        input.Must(value is >= 0 and <= 1_000_000, field, "OUT_OF_RANGE", "Between 0 and 1,000,000.",
            "须在 0 至 1000000 之间。");
        return value;
    }
}
