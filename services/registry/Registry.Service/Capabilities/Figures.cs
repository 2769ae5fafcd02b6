using Microsoft.EntityFrameworkCore;
using Platform.Hosting;
using Registry.Figures;
using Registry.Service.Persistence;
using Registry.Service.Reference;

namespace Registry.Service.Capabilities;

/// <summary>
/// Statistics of a unit as of a day; every number opens its list. Formal headcount and tallies stand apart.
/// Source: R-120, M-073, M-099, M-111, M-276, M-277, M-279.
/// </summary>
internal static class FiguresApi
{
    /// <param name="Share">Per hundred of the figure's whole, one decimal: of headcount for single figures, of the
    /// broken-down figure for its values. Shares need not add up; what is open stays open (M-276).</param>
    /// <param name="List">Opens the rows of this number.</param>
    public sealed record FigureReply(string Code, string? Value, long Count, decimal? Share, string List);

    /// <param name="Remainder">0: the table closes; else by how much it does not.</param>
    public sealed record CheckReply(string Code, string Rule, string Zh, string En, long Remainder);

    /// <param name="DestinationsOpen">Per hundred of mobile members that the shares of "own township" and "beyond"
    /// leave open (M-276: 72.5 and 27.0 leave 0.5).</param>
    public sealed record FiguresReply(string Path, DateOnly On, DateTimeOffset KnownAt,
        IReadOnlyList<FigureReply> Figures, decimal? DestinationsOpen, IReadOnlyList<CheckReply> Checks,
        IReadOnlyList<FigureDefinition> Definitions);

    /// <param name="Name">Of a member, null for who may see counts only; of a two-new organisation.</param>
    public sealed record RowReply(Guid Id, string? Name, string Path, string Region, string OtherRegion, string Measure,
        string Destination, string Occupation, string Sector, string Education, string Reason, string Duration,
        DateOnly BeganOn);

    public static void MapFigures(this IEndpointRouteBuilder api)
    {
        api.MapGet("/figures", RunAsync).WithTags("figures");
        api.MapGet("/figures/list", ListAsync).WithTags("figures");
    }

    private static async Task<FiguresReply> RunAsync(Guid? organisationId, string? region, DateOnly? on,
        DateTimeOffset? knownAt, FigureDesk desk, CancellationToken ct)
    {
        var asked = await desk.AskAsync(organisationId, region, on, knownAt, ct);
        var counts = await desk.CountAsync(asked, ct);
        var table = counts.Where(c => c.Value is null).ToDictionary(c => c.Code, c => c.Count, StringComparer.Ordinal);
        var link = $"/api/v1/figures/list?on={asked.Day:yyyy-MM-dd}&knownAt={asked.Known.UtcDateTime:O}"
            + (organisationId is { } id ? $"&organisationId={id}" : "") + (region is null ? "" : $"&region={region}");
        return new(asked.Path, asked.Day, asked.Known, [.. counts.Select(c => new FigureReply(c.Code, c.Value, c.Count,
            ShareOf(c, table), $"{link}&figure={c.Code}" + (c.Value is null ? "" : $"&value={Uri.EscapeDataString(
                c.Value)}")))], Open(table), Checks(table), FigureData.Book.Definitions);
    }

    /// <summary>What two rounded shares leave of a hundred, as published tables show it. Source: M-276.</summary>
    internal static decimal? Open(IReadOnlyDictionary<string, long> table) =>
        FigureBook.Share(table.GetValueOrDefault("ownTownship"), table.GetValueOrDefault("mobile")) is { } own
        && FigureBook.Share(table.GetValueOrDefault("beyondTownship"), table["mobile"]) is { } beyond
            ? 100 - own - beyond : null;

    internal static List<CheckReply> Checks(IReadOnlyDictionary<string, long> table) =>
        [.. FigureData.Book.Check(table).Select(c =>
            new CheckReply(c.Rule.Code, c.Rule.Rule, c.Rule.Chinese, c.Rule.English, c.Remainder))];

    private static decimal? ShareOf(FigureCount count, Dictionary<string, long> table) => count switch
    {
        { Code: "headcount" or "in" or "flow" or "shortIn" or "twoNew" } => null,
        _ when count.Code.StartsWith("twoNew", StringComparison.Ordinal) =>
            FigureBook.Share(count.Count, table["twoNew"]),
        { Value: null, Code: "out" or "within" or "undetermined" or "ownTownship" or "beyondTownship"
            or "destinationOpen" } => FigureBook.Share(count.Count, table["mobile"]),
        { Value: null } => FigureBook.Share(count.Count, table["headcount"]),
        _ => FigureBook.Share(count.Count,
            table[count.Code.StartsWith("in", StringComparison.Ordinal) ? "in" : "mobile"]),
    };

    /// <summary>The rows of one number, branch by branch.</summary>
    private static async Task<Page<RowReply>> ListAsync(string? figure, string? value, Guid? organisationId,
        string? region, DateOnly? on, DateTimeOffset? knownAt, string? after, int? size, FigureDesk desk, RegistryDb db,
        CallerContext context, RegistryOptions options, CancellationToken ct)
    {
        var asked = await desk.AskAsync(organisationId, region, on, knownAt, ct);
        return await PageAsync((position, take) =>
            desk.ListAsync(asked, FigureDesk.Figure(figure), value, position, take, ct), after, size, db, context,
            options, ct);
    }

    /// <summary>A page of rows, with names for who may see members; such a look is recorded. Source: P5.</summary>
    internal static async Task<Page<RowReply>> PageAsync(
        Func<(string Path, long Id)?, int, Task<List<FigureRow>>> list, string? after, int? size,
        RegistryDb db, CallerContext context, RegistryOptions options, CancellationToken ct)
    {
        var take = Paging.Size(size, options);
        var page = Paging.Of(await list(Paging.Position<long>(after), take), take, r => $"{r.Path}_{r.Id}");
        var names = context.Current.Roles.Overlaps(Access.SeeMembers) ? await NamesAsync(page.Items, db, ct) : [];
        var units = page.Items.Where(r => r.Side == "unit").Select(r => r.SubjectId).ToArray();
        if (units.Length > 0)
        {
            foreach (var unit in await db.Units.AsNoTracking().Where(u => units.Contains(u.Id))
                .Select(u => new { u.Id, u.Name }).ToListAsync(ct)) names.Add(unit.Id, unit.Name);
        }
        return new([.. page.Items.Select(r => new RowReply(r.SubjectId, names.GetValueOrDefault(r.SubjectId), r.Path,
            r.Region, r.OtherRegion, r.Measure, r.Destination, r.Occupation, r.Sector, r.Education, r.Reason,
            r.Duration, r.BeganOn))], page.Next);
    }

    private static async Task<Dictionary<Guid, string>> NamesAsync(IReadOnlyList<FigureRow> rows, RegistryDb db,
        CancellationToken ct)
    {
        Guid[] Of(string side) => [.. rows.Where(r => r.Side == side).Select(r => r.SubjectId)];
        var (held, home, host) = (Of("held"), Of("home"), Of("host"));
        var names = await db.Archives.Where(m => held.Contains(m.Id)).Select(m => new { m.Id, m.Name })
            .Concat(db.OutboundCards.Where(c => home.Contains(c.Id))
                .Select(c => new { c.Id, Name = EF.Property<string>(c, "Name") }))
            .Concat(db.InboundCards.Where(c => host.Contains(c.Id))
                .Select(c => new { c.Id, Name = EF.Property<string>(c, "Name") }))
            .ToDictionaryAsync(n => n.Id, n => n.Name, ct);
        foreach (var row in rows.Where(r => names.ContainsKey(r.SubjectId)))
        {
            db.RecordRead(row.Side switch { "held" => "member", "home" => "outbound-card", _ => "inbound-card" },
                row.SubjectId, row.Path, "ListShown");
        }
        await db.SaveReadsAsync(ct);
        return names;
    }
}
