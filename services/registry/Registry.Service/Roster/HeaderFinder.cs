using System.Collections.Frozen;
using Registry.Roster;

namespace Registry.Service.Roster;

/// <summary>Finds the header row below title rows and says which column stands where.</summary>
internal static class HeaderFinder
{
    /// <summary>Fewer known titles than this are a coincidence, not a header.</summary>
    private const int TitlesMin = 3;

    /// <summary>The header, or null when the row is none.</summary>
    /// <param name="candidates">Sheets it may be: one for a named sheet of a workbook, all for a CSV file.</param>
    public static RosterHeader? Find(SheetRow row, IReadOnlyList<RosterSheet> candidates, string place, bool from1904)
    {
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

    /// <summary>The rows below the header, which must stand within the first rows.</summary>
    public static IEnumerable<RosterRow> Below(
        IEnumerable<SheetRow> rows, IReadOnlyList<RosterSheet> candidates, string place, bool from1904,
        RosterLimits limits)
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
