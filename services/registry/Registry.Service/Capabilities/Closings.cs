using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Platform.Hosting;
using Platform.Kernel;
using Registry.Figures;
using Registry.Organisations;
using Registry.Service.Persistence;
using Registry.Service.Reference;

namespace Registry.Service.Capabilities;

/// <summary>
/// Monthly closings: made, kept, opened again, compared over months, and published per tier with who is missing.
/// Source: R-122, M-272, M-273, M-275, M-287.
/// </summary>
internal static class ClosingsApi
{
    public sealed record CloseRequest(Guid OrganisationId, DateOnly Month, string? Reason = null);

    /// <param name="Difference">this month - (last month + increases - decreases); 0 when the month closes.</param>
    /// <param name="LateAdded">Archives that make a difference: counted now for the day of the closing before, not
    /// then. At most 1000; empty where the register is kept elsewhere.</param>
    public sealed record ClosingReply(Guid Id, string Path, string Region, string Name, string Month, int Revision,
        DateOnly Day, DateTimeOffset KnownAt, long Opening, long Increases, long Decreases, long Headcount,
        long Difference, IReadOnlyDictionary<string, long> Figures, decimal? MobileShare, decimal? DestinationsOpen,
        IReadOnlyList<FiguresApi.CheckReply> Checks, IReadOnlyList<Guid> LateAdded, IReadOnlyList<Guid> LateRemoved,
        string Reason, string ClosedBy, bool Own, string Hash)
    {
        internal static ClosingReply Of(Closing c)
        {
            var table = c.Numbers();
            return new(c.Id, c.Path, c.Region, c.Name, Text(c.Month), c.Revision, c.Day, c.KnownAt, c.Opening,
                c.Increases, c.Decreases, c.Headcount, c.Difference, c.Figures,
                FigureBook.Share(table.GetValueOrDefault("mobile"), c.Headcount), FiguresApi.Open(table),
                FiguresApi.Checks(table), c.LateAdded, c.LateRemoved, c.Reason, c.ClosedBy, c.Own,
                Convert.ToHexStringLower(c.Hash));
        }
    }

    /// <param name="ChainBreaks">Positions, oldest first, at which the closings do not follow from each other.</param>
    public sealed record HistoryReply(IReadOnlyList<ClosingReply> Closings, IReadOnlyList<int> ChainBreaks);

    /// <param name="Total">Sum of the rows; null where none reported.</param>
    /// <param name="Missing">Units of the tier that have not reported the month.</param>
    public sealed record PublishedReply(string Month, int Tier, IReadOnlyList<ClosingReply> Rows,
        IReadOnlyDictionary<string, long> Total, IReadOnlyList<FiguresApi.CheckReply> Checks,
        IReadOnlyList<MissingReply> Missing);

    public sealed record MissingReply(string Path, string Name);

    /// <param name="Reason">For what, 1 to 200 characters; kept in the trail and printed on the copy.</param>
    /// <param name="Month">As 2026-01.</param>
    /// <param name="Tier">As in the published table.</param>
    public sealed record TableRequest(string Reason, string Month, int? Tier = null,
        ExportFormat Format = ExportFormat.Xlsx);

    /// <param name="CycleMonths">Months away, mean of the mobile members.</param>
    /// <param name="Stability">Per hundred of the mobile members of the closing before who still are.</param>
    public sealed record TrendReply(string Month, long Headcount, long Mobile, decimal? MobileShare,
        IReadOnlyDictionary<string, long> Education, IReadOnlyDictionary<string, long> Sector, decimal? CycleMonths,
        decimal? Stability);

    public static void MapClosings(this IEndpointRouteBuilder api)
    {
        api.MapPost("/closings", CloseAsync).WithTags("figures");
        api.MapGet("/closings", HistoryAsync).WithTags("figures");
        api.MapGet("/closings/{id:guid}/list", ReopenAsync).WithTags("figures");
        api.MapGet("/closings/trend", TrendAsync).WithTags("figures");
        api.MapGet("/published-tables", PublishedAsync).WithTags("figures");
        api.MapPost("/exports/published-table", ExportAsync).WithTags("exports");
    }

    private static async Task<ClosingReply> CloseAsync(CloseRequest body, CommandId command, ClosingDesk desk,
        CancellationToken ct) => ClosingReply.Of(await desk.CloseAsync(command.Value, body.OrganisationId, body.Month,
            body.Reason, ct));

    private static async Task<HistoryReply> HistoryAsync(Guid? organisationId, string? region, FigureDesk figures,
        RegistryDb db, CallerContext context, CancellationToken ct)
    {
        var closings = await OfUnitAsync(organisationId, region, figures, db, context, ct);
        return new([.. closings.Select(ClosingReply.Of)], ClosingHash.Breaks(closings));
    }

    /// <summary>The rows of one closed figure or number of the identity, as counted then.</summary>
    private static async Task<Page<FiguresApi.RowReply>> ReopenAsync(Guid id, string? figure, string? value,
        string? after, int? size, FigureDesk figures, ClosingDesk desk, RegistryDb db,
        CallerContext context, RegistryOptions options, CancellationToken ct)
    {
        context.Current.RequireRole(Access.SeeCounts);
        var closing = await db.Set<Closing>().AsNoTracking().SingleOrDefaultAsync(c => c.Id == id, ct)
            ?? throw new ProblemException(NotFound);
        context.Current.Require(closing.Path, Access.SeeCounts);
        if (!closing.Own) throw new ProblemException(KeptElsewhere);
        return await FiguresApi.PageAsync((position, take) => ClosingDesk.IsOfIdentity(figure)
            ? desk.ListAsync(closing, figure!, position, take, ct) : figures.ListAsync(
            new(closing.Path, closing.Day, closing.KnownAt), FigureDesk.Figure(figure), value, position, take, ct),
            after, size, db, context, options, ct);
    }

    private static async Task<IReadOnlyList<TrendReply>> TrendAsync(Guid? organisationId, string? region,
        FigureDesk figures, RegistryDb db, CallerContext context, CancellationToken ct)
    {
        var series = Latest(await OfUnitAsync(organisationId, region, figures, db, context, ct))
            .OrderBy(c => c.Month).ToList();
        return [.. series.Select((c, i) =>
        {
            var (mobile, last) = (c.Figures.GetValueOrDefault("mobile"),
                i == 0 ? 0 : series[i - 1].Figures.GetValueOrDefault("mobile"));
            return new TrendReply(Text(c.Month), c.Headcount, mobile, FigureBook.Share(mobile, c.Headcount),
                Part(c, "mobileByEducation:"), Part(c, "mobileBySector:"), mobile == 0 ? null
                    : Math.Round((decimal)c.Figures.GetValueOrDefault("cycleMonths") / mobile, 1),
                FigureBook.Share(c.Figures.GetValueOrDefault("stayed"), last));
        })];
    }

    /// <summary>The table of a month: one row for each unit of a tier, their sum, and who is missing.</summary>
    /// <param name="tier">1 organisations below the county, 2 counties, 3 cities, 4 provinces; default: the one below
    /// the caller's own.</param>
    private static Task<PublishedReply> PublishedAsync(string? month, int? tier, RegistryDb db, CallerContext context,
        CancellationToken ct)
    {
        context.Current.RequireRole(Access.SeeCounts);
        return TableAsync(month, tier, db, context, ct);
    }

    /// <summary>The same as a file, in the manner of offices. Source: R-155.</summary>
    private static async Task ExportAsync(TableRequest body, HttpContext http, ExportDesk desk, RegistryDb db,
        CallerContext context, CancellationToken ct)
    {
        var export = await desk.OpenAsync(body.Reason, body.Format, null, Access.SeeCounts, ct);
        var table = await TableAsync(body.Month, body.Tier, db, context, ct);
        await desk.RecordAsync(export, "Exported", InScope(db, export.Scope), ct);
        await desk.SendAsync(http, export, ClosingTable.Of(table, export), ct);
    }

    private static async Task<PublishedReply> TableAsync(string? month, int? tier, RegistryDb db,
        CallerContext context, CancellationToken ct)
    {
        var (scope, input) = (context.Current.Scope, new Input());
        var wanted = tier ?? Math.Max(1, Measures.TierOf(scope) - 1);
        input.Must(wanted is >= 1 and <= 4, "tier", "OUT_OF_RANGE", "1 to 4.", "须为 1 至 4。");
        input.Must(DateOnly.TryParseExact($"{month}-01", "yyyy-MM-dd", CultureInfo.InvariantCulture,
            DateTimeStyles.None, out var first), "month", "NOT_A_MONTH", "A month as 2026-01.", "月份格式应如 2026-01。");
        input.ThrowIfAny();
        var rows = Latest(await InScope(db, scope).Where(c => c.Month == first && c.Tier == wanted).ToListAsync(ct))
            .OrderBy(c => c.Path, StringComparer.Ordinal).ToList();
        var total = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var (key, value) in rows.SelectMany(r => r.Numbers()))
            total[key] = total.GetValueOrDefault(key) + value;
        var units = await UnitsAsync(db, scope, wanted, ct);
        return new(Text(first), wanted, [.. rows.Select(ClosingReply.Of)], total, FiguresApi.Checks(total),
            [.. units.ExceptBy(rows.Select(r => r.Path), u => u.Path)]);
    }

    /// <summary>Who owes a closing: every division of the tier, or every organisation right below a county.</summary>
    private static async Task<List<MissingReply>> UnitsAsync(RegistryDb db, string scope, int tier,
        CancellationToken ct)
    {
        if (tier == 1)
        {
            return await db.Organisations.AsNoTracking().InScope(scope).Where(o => o.DissolvedOn == null
                && db.Organisations.Any(p => p.Id == o.ParentId && p.ParentId == null)).OrderBy(o => o.Path)
                .Select(o => new MissingReply(o.Path, o.Name)).ToListAsync(ct);
        }
        return [.. ReferenceData.Divisions.All.Where(d => ReferenceData.Divisions.IsCurrent(d.Code))
            .Select(d => new MissingReply(Regions.PathOf(d.Code), d.Name))
            .Where(u => Measures.TierOf(u.Path) == tier && u.Path.StartsWith(scope, StringComparison.Ordinal))
            .OrderBy(u => u.Path, StringComparer.Ordinal)];
    }

    /// <summary>Oldest first.</summary>
    private static async Task<List<Closing>> OfUnitAsync(Guid? organisationId, string? region, FigureDesk figures,
        RegistryDb db, CallerContext context, CancellationToken ct)
    {
        context.Current.RequireRole(Access.SeeCounts);
        var input = new Input();
        if (region is not null) input.Region(region, "region");
        input.ThrowIfAny();
        var path = await figures.PathAsync(organisationId, region, ct);
        context.Current.Require(path, Access.SeeCounts);
        return await db.Set<Closing>().AsNoTracking().Where(c => c.Path == path).OrderBy(c => c.ClosedAt)
            .ThenBy(c => c.Revision).ToListAsync(ct);
    }

    private static IQueryable<Closing> InScope(RegistryDb db, string scope) => db.Set<Closing>().AsNoTracking()
        .Where(c => string.Compare(c.Path, scope) >= 0 && string.Compare(c.Path, scope + "~") < 0);

    private static IEnumerable<Closing> Latest(IEnumerable<Closing> closings) =>
        closings.GroupBy(c => (c.Path, c.Month)).Select(g => g.MaxBy(c => c.Revision)!);

    private static Dictionary<string, long> Part(Closing c, string prefix) => c.Figures
        .Where(f => f.Key.StartsWith(prefix, StringComparison.Ordinal))
        .ToDictionary(f => f.Key[prefix.Length..], f => f.Value);

    private static string Text(DateOnly month) => month.ToString("yyyy-MM", CultureInfo.InvariantCulture);

    private static Problem NotFound { get; } = new(ProblemKind.NotFound, "CLOSING_NOT_FOUND",
        "There is no such closing in your part of the tree.", "您的管理范围内没有这份月报。");

    private static Problem KeptElsewhere { get; } = new(ProblemKind.Precondition, "CLOSING_KEPT_ELSEWHERE",
        "The register behind this closing is kept at the node that reported it; open its lists there.",
        "该月报所依据的名册保存在报送节点，请在该节点查看明细。");
}
