using Microsoft.EntityFrameworkCore;
using Npgsql;
using Platform.Hosting;
using Registry.Figures;
using Registry.Service.Persistence;
using Registry.Service.Reference;

namespace Registry.Service.Capabilities;

/// <summary>
/// Other trees over the same organisations, of today or of an earlier day: by place and by industry, and the lists
/// behind each count. The command line alone holds scope. Source: P1, M-023, M-042, M-043, M-228.
/// </summary>
internal static class OrganisationViewsApi
{
    /// <param name="Code">Division or sector.</param>
    /// <param name="Organisations">Organisations of the group.</param>
    /// <param name="List">Opens them.</param>
    public sealed record GroupReply(string Code, string Name, int Organisations, string List);

    /// <summary>An organisation in a list; <c>/organisations/{id}</c> has the rest. As it was on the day asked for;
    /// department and lacks are known of today only and null for a day before.</summary>
    public sealed record LineReply(Guid Id, string Code, string Name, string Type, string Path, string Division,
        string Sector, string? Department, bool? LacksManagers, bool? LacksVenue, bool? LacksFunds);

    /// <summary>Where an organisation is and what industry it serves.</summary>
    private sealed class Placed
    {
        public string Division { get; init; } = "";
        public string Sector { get; init; } = "";
    }

    public static void MapOrganisationViews(this IEndpointRouteBuilder api)
    {
        var group = api.MapGroup("/organisations").WithTags("organisation-views");
        group.MapGet("/by-place", ByPlaceAsync);
        group.MapGet("/by-sector", BySectorAsync);
        group.MapGet("/list", ListAsync);
    }

    /// <summary>
    /// The next level of divisions below a prefix: provinces, cities, counties, towns, villages; as of a day, today
    /// when left out.
    /// </summary>
    private static async Task<IReadOnlyList<GroupReply>> ByPlaceAsync(string? within, DateOnly? asOf, RegistryDb db,
        CallerContext context, TimeProvider clock, CancellationToken ct)
    {
        context.Current.RequireRole(Access.SeeOrganisations);
        var (prefix, day) = (Digits(within), Past(asOf, clock));
        var length = prefix.Length switch { < 2 => 2, < 4 => 4, < 6 => 6, < 9 => 9, _ => 12 };
        var groups = await (await PlacedAsync(db, context.Current, day, ct))
            .Where(o => o.Division != "" && string.Compare(o.Division, prefix) >= 0
                && string.Compare(o.Division, prefix + "~") < 0)
            .GroupBy(o => o.Division.Substring(0, length)).Select(g => new { g.Key, Count = g.Count() })
            .OrderBy(g => g.Key).ToListAsync(ct);
        return [.. groups.Select(g => new GroupReply(g.Key,
            ReferenceData.Divisions.Find(g.Key.PadRight(6, '0')[..6])?.Name ?? "", g.Count,
            $"/api/v1/organisations/list?division={g.Key}{AsOf(day)}"))];
    }

    /// <summary>Organisations per sector of the code table; sectors without any are shown with 0.</summary>
    private static async Task<IReadOnlyList<GroupReply>> BySectorAsync(string? within, DateOnly? asOf, RegistryDb db,
        CallerContext context, TimeProvider clock, CancellationToken ct)
    {
        context.Current.RequireRole(Access.SeeOrganisations);
        var (prefix, day) = (Digits(within), Past(asOf, clock));
        var counts = await (await PlacedAsync(db, context.Current, day, ct))
            .Where(o => o.Sector != "" && o.Division.StartsWith(prefix))
            .GroupBy(o => o.Sector).Select(g => new { g.Key, Count = g.Count() })
            .ToDictionaryAsync(g => g.Key, g => g.Count, ct);
        var place = prefix.Length > 0 ? $"&division={prefix}" : "";
        return [.. ReferenceData.Codes["sector"].Entries.Select(e => new GroupReply(e.Code, e.Chinese,
            counts.GetValueOrDefault(e.Code), $"/api/v1/organisations/list?sector={e.Code}{place}{AsOf(day)}"))];
    }

    /// <summary>
    /// Organisations by place, sector, department, type or lack; by path. As of a day before today, department and lack
    /// are not known.
    /// </summary>
    private static async Task<Page<LineReply>> ListAsync(string? division, string? sector, string? department,
        string? type, string? lacking, Guid? under, DateOnly? asOf, string? after, int? size, RegistryDb db,
        ScopedReads reads, CallerContext context, TimeProvider clock, RegistryOptions options, CancellationToken ct)
    {
        var caller = context.Current;
        caller.RequireRole(Access.SeeOrganisations);
        var (prefix, take, day) = (Digits(division), Paging.Size(size, options), Past(asOf, clock));
        var lack = Lacking(lacking);
        if (day is not null) TodayOnly(department, lacking);
        var scope = await ScopeAsync(db, caller, under, day, ct);
        var list = new ListFilter().InScope("path", scope);
        if (day is { } past) list.And("from_on <= {0} and (until_on is null or until_on > {0})", past);
        else list.And("dissolved_on is null");
        // A county's own organisations are few: any place is looked for among them, in their order, by one plan.
        // Above a county the plan depends on the place.
        var county = Measures.TierOf(scope) <= 2;
        if (prefix.Length > 0 && county) list.And("starts_with(division, {0})", prefix);
        else if (prefix.Length > 0) list.And("division >= {0} and division < {1}", prefix, prefix + "~");
        if (!string.IsNullOrEmpty(sector)) list.And("sector = {0}", sector);
        if (!string.IsNullOrEmpty(department)) list.And("department = {0}", department);
        if (!string.IsNullOrEmpty(type)) list.And("type = {0}", type);
        if (lack is { } which)
        {
            list.And(which switch
            {
                Lack.Managers => "lacks_managers",
                Lack.Venue => "lacks_venue",
                Lack.Funds => "lacks_funds",
                _ => "(lacks_managers or lacks_venue or lacks_funds)",
            });
        }
        if (!string.IsNullOrEmpty(after)) list.And("path > {0}", after);
        var rows = await reads.ReadAsync(caller, list.Page(day is null ? """
            select id, code, name, type, path, division, sector, department, lacks_managers, lacks_venue, lacks_funds
            from organisation
            """ : """
            select organisation_id, code, name, type, path, division, sector, null, null, null, null
            from organisation_spell
            """, take, "path"), Line, ct, onePlan: county);
        return Paging.Of(rows, take, o => o.Path);
    }

    private static LineReply Line(NpgsqlDataReader r)
    {
        bool? Known(int column) => r.IsDBNull(column) ? null : r.GetBoolean(column);
        return new(r.GetGuid(0), r.GetString(1), r.GetString(2), r.GetString(3), r.GetString(4), r.GetString(5),
            r.GetString(6), r.IsDBNull(7) ? null : r.GetString(7), Known(8), Known(9), Known(10));
    }

    private static async Task<IQueryable<Placed>> PlacedAsync(RegistryDb db, Caller caller, DateOnly? day,
        CancellationToken ct)
    {
        if (day is not { } past)
        {
            return db.Organisations.AsNoTracking().InScope(caller.Scope).Where(o => o.DissolvedOn == null)
                .Select(o => new Placed { Division = o.Division, Sector = o.Sector });
        }
        var scope = await ScopeAsync(db, caller, null, past, ct);
        return db.OrganisationSpells.AsNoTracking().On(past)
            .Where(s => string.Compare(s.Path, scope) >= 0 && string.Compare(s.Path, scope + "~") < 0)
            .Select(s => new Placed { Division = s.Division, Sector = s.Sector });
    }

    /// <summary>The path to look below, where that organisation stood on the day.</summary>
    private static async Task<string> ScopeAsync(RegistryDb db, Caller caller, Guid? under, DateOnly? day,
        CancellationToken ct)
    {
        if (day is not { } past)
            return under is { } now ? await db.PathUnderAsync(caller.Scope, now, ct) : caller.Scope;
        if (under is { } then) return (await OrganisationHistoryApi.AsOfAsync(db, caller, then, past, ct)).Path;
        return await db.Organisations.Where(o => o.Path == caller.Scope)
            .Join(db.OrganisationSpells.On(past), o => o.Id, s => s.OrganisationId, (_, s) => s.Path)
            .SingleOrDefaultAsync(ct) ?? caller.Scope;
    }

    /// <summary>A day before today; null: today.</summary>
    private static DateOnly? Past(DateOnly? asOf, TimeProvider clock)
    {
        var (input, today) = (new Input(), Today.In(clock));
        input.Must(asOf is null || asOf <= today, "asOf", "IN_THE_FUTURE", "Not after today.", "不能晚于今天。");
        input.ThrowIfAny();
        return asOf < today ? asOf : null;
    }

    private static string AsOf(DateOnly? day) => day is { } past ? $"&asOf={past:yyyy-MM-dd}" : "";

    private static void TodayOnly(string? department, string? lacking)
    {
        var input = new Input();
        foreach (var (field, value) in new[] { ("department", department), ("lacking", lacking) })
        {
            input.Must(string.IsNullOrEmpty(value), field, "OF_TODAY_ONLY", "Known of today only; leave asOf out.",
                "该条件只有今天的数据，请去掉日期。");
        }
        input.ThrowIfAny();
    }

    private enum Lack
    {
        Any,
        Managers,
        Venue,
        Funds,
    }

    private static Lack? Lacking(string? word)
    {
        var input = new Input();
        var lack = input.Word<Lack>(word, "lacking");
        input.ThrowIfAny();
        return lack;
    }

    private static string Digits(string? prefix)
    {
        var input = new Input();
        input.Must(prefix is null || (prefix.Length <= 12 && prefix.All(char.IsAsciiDigit)), "within",
            "NOT_A_DIVISION", "Up to 12 digits of the division codes.", "须为不超过 12 位的区划代码。");
        input.ThrowIfAny();
        return prefix ?? "";
    }
}
