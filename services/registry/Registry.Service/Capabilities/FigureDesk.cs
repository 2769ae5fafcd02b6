using Microsoft.EntityFrameworkCore;
using Platform.Hosting;
using Platform.Kernel;
using Registry.Figures;
using Registry.Organisations;
using Registry.Service.Persistence;
using Registry.Service.Reference;

namespace Registry.Service.Capabilities;

/// <summary>Whose figures, of which day, as known when.</summary>
/// <param name="Path">Organisation path; everything below it counts.</param>
/// <param name="Known">What was recorded later is not seen.</param>
internal sealed record FigureQuestion(string Path, DateOnly Day, DateTimeOffset Known)
{
    public int Tier => Measures.TierOf(Path);
}

/// <summary>A number: of one figure, or of one value of its breakdown.</summary>
internal sealed record FigureCount(string Code, string? Value, long Count);

/// <summary>
/// Counts and lists through one function of the database, <c>figure_rows</c>: a number and its list cannot differ.
/// Source: R-120, M-073, M-099, M-111, M-276.
/// </summary>
internal sealed class FigureDesk(RegistryDb db, CallerContext context, TimeProvider clock)
{
    private static readonly string[] Held = ["held"];
    private static readonly string[] Others = ["home", "host", "unit"];

    /// <summary>Checks role and scope.</summary>
    /// <param name="organisationId">Whose figures; null: those of <paramref name="region"/>.</param>
    /// <param name="region">Six digits; null as well: the caller's own subtree.</param>
    /// <param name="on">Civil date; null: today. What lies ahead is not known.</param>
    /// <param name="knownAt">As known at; null: now.</param>
    /// <exception cref="ProblemException">INPUT_INVALID, ROLE_NOT_ALLOWED, ORGANISATION_NOT_FOUND,
    /// OUT_OF_SCOPE.</exception>
    public async Task<FigureQuestion> AskAsync(Guid? organisationId, string? region, DateOnly? on,
        DateTimeOffset? knownAt, CancellationToken ct)
    {
        context.Current.RequireRole(Access.SeeCounts);
        var input = new Input();
        var today = Today.In(clock);
        if (region is not null) input.Region(region, "region");
        var day = input.Date(on ?? today, "on");
        input.Must(day <= today, "on", "IN_THE_FUTURE", "Not after today.", "不能晚于今天。");
        input.ThrowIfAny();
        // Where an organisation stood on the day, not where it stands now.
        var path = organisationId is { } id && await db.OrganisationSpells.AsNoTracking()
            .Where(s => s.OrganisationId == id && s.FromOn <= day && (s.UntilOn == null || s.UntilOn > day))
            .Select(s => s.Path).SingleOrDefaultAsync(ct) is { } then ? then
            : await PathAsync(organisationId, region, ct);
        context.Current.Require(path, Access.SeeCounts);
        return new(path, day, knownAt ?? await NowAsync(ct));
    }

    /// <summary>Path of an organisation today, of a region, or of the caller.</summary>
    /// <exception cref="ProblemException">ORGANISATION_NOT_FOUND.</exception>
    public async Task<string> PathAsync(Guid? organisationId, string? region, CancellationToken ct)
    {
        if (organisationId is not { } id) return region is null ? context.Current.Org : Regions.PathOf(region);
        return await db.Organisations.AsNoTracking().Where(o => o.Id == id).Select(o => o.Path)
            .SingleOrDefaultAsync(ct) ?? throw new ProblemException(OrganisationDecider.NotFound);
    }

    /// <summary>Every figure with all values of its breakdown; a figure nobody falls under is 0.</summary>
    public async Task<List<FigureCount>> CountAsync(FigureQuestion asked, CancellationToken ct)
    {
        var cells = await db.Database.SqlQuery<Cell>($"""
            select * from figure_cells({asked.Path}, {asked.Tier}, {asked.Day}, {asked.Known})
            """).ToListAsync(ct);
        return [.. FigureData.Book.Definitions.SelectMany(d => Of(d, cells))];
    }

    private static IEnumerable<FigureCount> Of(FigureDefinition figure, List<Cell> cells)
    {
        var mine = cells.Where(c => c.Dimension == figure.Dimension && figure.Measures.Contains(c.Measure));
        if (figure.Only.Length > 0) mine = mine.Where(c => figure.Only.Contains(c.Value));
        if (!figure.IsBrokenDown) return [new(figure.Code, null, mine.Sum(c => c.Count))];
        return mine.GroupBy(c => c.Value, StringComparer.Ordinal).OrderBy(g => g.Key, StringComparer.Ordinal)
            .Select(g => new FigureCount(figure.Code, g.Key, g.Sum(c => c.Count)));
    }

    /// <summary>A page of the rows one number counts, and one row more when there is one.</summary>
    /// <param name="value">A value of the breakdown, "" for not determined; null: all.</param>
    /// <param name="after">Path and id of the last row shown; null: from the beginning.</param>
    public Task<List<FigureRow>> ListAsync(FigureQuestion asked, FigureDefinition figure, string? value,
        (string Path, long Id)? after, int take, CancellationToken ct)
    {
        var measures = figure.Measures.ToArray();
        var sides = measures.Contains(Measures.Headcount) ? Held : Others;
        var values = figure.IsBrokenDown && value is not null ? [value] : figure.Only.ToArray();
        var (wanted, path, id) = (values.Length == 0 ? null : values, after?.Path ?? "", after?.Id ?? 0);
        return db.Database.SqlQuery<FigureRow>($"""
            select * from figure_page({asked.Path}, {asked.Tier}, {asked.Day}, {asked.Known}, {sides}, {measures},
                {figure.Dimension}, {wanted}, {path}, {id}, {take + 1})
            """).ToListAsync(ct);
    }

    /// <summary>A figure by its code.</summary>
    /// <exception cref="ProblemException">FIGURE_UNKNOWN.</exception>
    public static FigureDefinition Figure(string? code) => FigureData.Book.Find(code)
        ?? throw new ProblemException(new(ProblemKind.Invalid, "FIGURE_UNKNOWN",
            $"Known figures: {string.Join(", ", FigureData.Book.Definitions.Select(d => d.Code))}.",
            $"可用指标：{string.Join("、", FigureData.Book.Definitions.Select(d => d.Code))}。"));

    // The database's clock wrote the rows, so it says what now is.
    private Task<DateTimeOffset> NowAsync(CancellationToken ct) => db.Database
        .SqlQuery<DateTimeOffset>($"select clock_timestamp() as \"Value\"").SingleAsync(ct);

    private sealed record Cell(string Measure, long Count, string Dimension, string Value);
}
