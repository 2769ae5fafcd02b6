using Microsoft.EntityFrameworkCore;
using Platform.Hosting;
using Registry.Figures;
using Registry.Service.Persistence;
using Registry.Service.Reference;

namespace Registry.Service.Capabilities;

/// <summary>
/// Other trees over the same organisations: by place and by industry, and the lists behind each count. The command line
/// alone holds scope. Source: M-023, M-042, M-043, M-228.
/// </summary>
internal static class OrganisationViewsApi
{
    /// <param name="Code">Division or sector.</param>
    /// <param name="Organisations">Organisations of the group.</param>
    /// <param name="List">Opens them.</param>
    public sealed record GroupReply(string Code, string Name, int Organisations, string List);

    /// <summary>An organisation in a list; <c>/organisations/{id}</c> has the rest.</summary>
    public sealed record LineReply(Guid Id, string Code, string Name, string Type, string Path, string Division,
        string Sector, string Department, bool LacksManagers, bool LacksVenue, bool LacksFunds);

    public static void MapOrganisationViews(this IEndpointRouteBuilder api)
    {
        var group = api.MapGroup("/organisations").WithTags("organisation-views");
        group.MapGet("/by-place", ByPlaceAsync);
        group.MapGet("/by-sector", BySectorAsync);
        group.MapGet("/list", ListAsync);
    }

    /// <summary>The next level of divisions below a prefix: provinces, cities, counties, towns, villages.</summary>
    private static async Task<IReadOnlyList<GroupReply>> ByPlaceAsync(string? within, RegistryDb db,
        CallerContext context, CancellationToken ct)
    {
        context.Current.RequireRole(Access.SeeOrganisations);
        var prefix = Digits(within);
        var length = prefix.Length switch { < 2 => 2, < 4 => 4, < 6 => 6, < 9 => 9, _ => 12 };
        var groups = await db.Organisations.AsNoTracking().InScope(context.Current.Scope)
            .Where(o => o.DissolvedOn == null && o.Division != "" && string.Compare(o.Division, prefix) >= 0
                && string.Compare(o.Division, prefix + "~") < 0)
            .GroupBy(o => o.Division.Substring(0, length)).Select(g => new { g.Key, Count = g.Count() })
            .OrderBy(g => g.Key).ToListAsync(ct);
        return [.. groups.Select(g => new GroupReply(g.Key,
            ReferenceData.Divisions.Find(g.Key.PadRight(6, '0')[..6])?.Name ?? "", g.Count,
            $"/api/v1/organisations/list?division={g.Key}"))];
    }

    /// <summary>Organisations per sector of the code table; sectors without any are shown with 0.</summary>
    private static async Task<IReadOnlyList<GroupReply>> BySectorAsync(string? within, RegistryDb db,
        CallerContext context, CancellationToken ct)
    {
        context.Current.RequireRole(Access.SeeOrganisations);
        var prefix = Digits(within);
        var counts = await db.Organisations.AsNoTracking().InScope(context.Current.Scope)
            .Where(o => o.DissolvedOn == null && o.Sector != "" && o.Division.StartsWith(prefix))
            .GroupBy(o => o.Sector).Select(g => new { g.Key, Count = g.Count() })
            .ToDictionaryAsync(g => g.Key, g => g.Count, ct);
        return [.. ReferenceData.Codes["sector"].Entries.Select(e => new GroupReply(e.Code, e.Chinese,
            counts.GetValueOrDefault(e.Code),
            $"/api/v1/organisations/list?sector={e.Code}{(prefix.Length > 0 ? $"&division={prefix}" : "")}"))];
    }

    /// <summary>Organisations by place, sector, department, type or lack; by path.</summary>
    private static async Task<Page<LineReply>> ListAsync(string? division, string? sector, string? department,
        string? type, string? lacking, Guid? under, string? after, int? size, RegistryDb db, ScopedReads reads,
        CallerContext context, RegistryOptions options, CancellationToken ct)
    {
        var caller = context.Current;
        caller.RequireRole(Access.SeeOrganisations);
        var (prefix, take) = (Digits(division), Paging.Size(size, options));
        var lack = Lacking(lacking);
        var scope = under is { } top ? await db.PathUnderAsync(caller.Scope, top, ct) : caller.Scope;
        var list = new ListFilter().InScope("path", scope).And("dissolved_on is null");
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
        var rows = await reads.ReadAsync(caller, list.Page("""
            select id, code, name, type, path, division, sector, department, lacks_managers, lacks_venue, lacks_funds
            from organisation
            """, take, "path"), r => new LineReply(r.GetGuid(0), r.GetString(1), r.GetString(2), r.GetString(3),
                r.GetString(4), r.GetString(5), r.GetString(6), r.GetString(7), r.GetBoolean(8), r.GetBoolean(9),
                r.GetBoolean(10)), ct, onePlan: county);
        return Paging.Of(rows, take, o => o.Path);
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
