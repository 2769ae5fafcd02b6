using System.Collections.Frozen;
using System.Collections.Immutable;
using Registry.Roster;

namespace Registry.Service.Roster;

/// <summary>Finds the header row below title rows and says which column stands where.</summary>
/// <param name="mappings">Headers that clerks have mapped; each wins over the template's titles.</param>
internal sealed class HeaderFinder(IReadOnlyList<RosterMapping> mappings, RosterLimits limits)
{
    /// <summary>Fewer known titles than this are a coincidence, not a header.</summary>
    private const int TitlesMin = 3;

    public bool HasMappings => mappings.Count > 0;

    /// <summary>The header, or null when the row is none.</summary>
    /// <param name="candidates">Sheets it may be: one for a named sheet of a workbook, all for a CSV file.</param>
    private RosterHeader? Find(SheetRow row, IReadOnlyList<RosterSheet> candidates, string place, bool from1904)
    {
        if (Mapped(row, candidates) is { } mapped) return mapped with { From1904 = from1904 };
        var sheet = candidates.MaxBy(s => row.Cells.Count(c => s.ByTitle(c.Text) is not null))!;
        if (row.Cells.Count(c => sheet.ByTitle(c.Text) is not null) < TitlesMin) return null;
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < row.Cells.Length; i++)
        {
            var title = row.Cells[i].Text.Trim();
            if (title.Length == 0 || RosterSheet.Ignored.Contains(title, StringComparer.Ordinal)) continue;
            if (sheet.ByTitle(title) is not { } column)
                throw new WorkbookException(WorkbookProblems.ColumnUnknown(place, RosterHeader.LetterOf(i)));
            if (!places.TryAdd(column.Name, i))
                throw new WorkbookException(WorkbookProblems.ColumnDuplicate(place, column.Title));
        }
        var missing = sheet.Columns.Where(c => c.Fill != RosterFill.Optional && !places.ContainsKey(c.Name)).ToList();
        if (missing.Count > 0)
            throw new WorkbookException(WorkbookProblems.ColumnMissing(place, missing.Select(c => c.Title)));
        return new(sheet, row.Number, places.ToFrozenDictionary(StringComparer.Ordinal)) { From1904 = from1904 };
    }

    private RosterHeader? Mapped(SheetRow row, IReadOnlyList<RosterSheet> candidates)
    {
        if (mappings.Count == 0) return null;
        var titles = Titles(row.Cells.Select(c => c.Text));
        var mapping = mappings.FirstOrDefault(m => m.Headers.SequenceEqual(titles, StringComparer.Ordinal));
        if (mapping is null || candidates.FirstOrDefault(s => s.Name == mapping.Sheet) is not { } sheet) return null;
        var places = mapping.Columns.Where(c => c.Place >= 0).ToFrozenDictionary(c => c.Column, c => c.Place);
        return new(sheet, row.Number, places) { Mapped = mapping.Columns.ToFrozenDictionary(c => c.Column) };
    }

    /// <summary>A header as mappings compare it; empty cells at the end do not count.</summary>
    public static ImmutableArray<string> Titles(IEnumerable<string> cells)
    {
        var titles = cells.Select(RosterMapping.Normal).ToList();
        while (titles.Count > 0 && titles[^1].Length == 0) titles.RemoveAt(titles.Count - 1);
        return [.. titles];
    }

    /// <summary>The rows below the header, which must stand within the first rows.</summary>
    public IEnumerable<RosterRow> Below(
        IEnumerable<SheetRow> rows, IReadOnlyList<RosterSheet> candidates, string place, bool from1904)
    {
        RosterHeader? header = null;
        var above = 0;
        foreach (var row in rows)
        {
            if (header is not null)
            {
                yield return new(header, row.Number, row.Cells);
                continue;
            }
            header = Find(row, candidates, place, from1904);
            if (header is null && ++above > limits.RowsAboveHeaderMax) break;
        }
        if (header is null) throw new WorkbookException(WorkbookProblems.HeaderMissing(place));
    }
}
