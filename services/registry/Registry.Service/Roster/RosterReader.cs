using System.Collections.Immutable;
using System.Xml;
using Platform.Kernel;
using Registry.Roster;

namespace Registry.Service.Roster;

/// <summary>A row, or the reason why reading ended. A problem is always the last item.</summary>
public readonly record struct RosterItem(RosterRow? Row, Problem? Problem);

/// <summary>Reads the rows of a roster file (花名册), .xlsx or .csv, that may be anything at all.</summary>
/// <remarks>
/// Nothing is thrown for what the file holds; the whole file is refused with one problem WORKBOOK_… instead, see
/// <see cref="WorkbookProblems"/>. A problem may come after rows (merged cells stand at a sheet's end), so nothing may
/// be applied before the sequence has ended. What is wrong in single cells is left to the rules.
/// CSV: UTF-8 with or without mark, or GB 18030 (edition 2022); one sheet per file, known by its header.
/// </remarks>
public static class RosterReader
{
    /// <summary>Organisations first, then members, whatever the order of the sheets.</summary>
    /// <param name="file">Seekable; read to its end, some parts more than once.</param>
    /// <param name="fileName">Only its ending is looked at, and only when the content does not tell.</param>
    /// <param name="limits">Null takes the defaults.</param>
    /// <param name="mappings">How headers that are not the template's are read; null for none.</param>
    /// <param name="known">What an earlier reading of the same file found; null for the first and only one.</param>
    public static IEnumerable<RosterItem> Read(Stream file, string fileName, RosterLimits? limits = null,
        IReadOnlyList<RosterMapping>? mappings = null, RosterEncoding? known = null)
    {
        limits ??= RosterLimits.Default;
        if (file.Length > limits.FileBytesMax || file.Length == 0)
        {
            yield return new(null,
                file.Length == 0 ? WorkbookProblems.Empty : WorkbookProblems.TooLarge(limits.FileBytesMax));
            yield break;
        }
        using var rows = Rows(file, fileName, limits, new(mappings ?? [], limits), known ?? new()).GetEnumerator();
        for (var count = 0; ; count++)
        {
            var (row, reason) = Next(rows);
            if (row is null && reason is null && count == 0) reason = WorkbookProblems.NoRows;
            if (count >= limits.RowsMax && row is not null)
                (row, reason) = (null, WorkbookProblems.TooManyRows(limits.RowsMax));
            if (row is null && reason is null) yield break;
            yield return new(row, reason);
            if (reason is not null) yield break;
        }
    }

    /// <summary>The first rows with something in them, as they stand: for finding out what a file is.</summary>
    public static (IReadOnlyList<IReadOnlyList<string>> Rows, Problem? Problem) Start(
        Stream file, string fileName, int rowsMax)
    {
        var limits = RosterLimits.Default;
        if (file.Length == 0) return ([], WorkbookProblems.Empty);
        var found = new List<IReadOnlyList<string>>();
        using var rows = Lazily(() => Plain(file, fileName, limits)).GetEnumerator();
        while (found.Count < rowsMax)
        {
            var (row, problem) = Next(rows);
            if (problem is not null) return ([], problem);
            if (row is not { } kept) break;
            found.Add([.. kept.Cells.Select(c => c.Text)]);
        }
        return (found, found.Count == 0 ? WorkbookProblems.NoRows : null);
    }

    private static (T? Row, Problem? Problem) Next<T>(IEnumerator<T> rows) where T : class
    {
        try
        {
            return (rows.MoveNext() ? rows.Current : null, null);
        }
        catch (WorkbookException refused)
        {
            return (null, refused.Problem);
        }
        catch (XmlException damage)
        {
            // The platform words this one case so; there is no code to compare.
            var isDocumentType = damage.Message.Contains("DTD", StringComparison.Ordinal);
            return (null, isDocumentType ? WorkbookProblems.XmlForbidden : WorkbookProblems.XmlDamaged("of XML"));
        }
        catch (Exception damage) when (damage is InvalidDataException or IOException or NotSupportedException)
        {
            return (null, WorkbookProblems.Damaged);
        }
    }

    /// <summary>Lazy from the first byte on, so that <see cref="Next"/> meets every refusal.</summary>
    private static IEnumerable<T> Lazily<T>(Func<IEnumerable<T>> rows)
    {
        foreach (var row in rows()) yield return row;
    }

    private static IEnumerable<RosterRow> Rows(
        Stream file, string fileName, RosterLimits limits, HeaderFinder finder, RosterEncoding known) => Lazily(() =>
            IsWorkbook(file, fileName) ? Workbook(file, limits, finder)
            : finder.Below(Csv(file, limits, known), RosterSheet.All, "the file", from1904: false));

    private static IEnumerable<SheetRow> Plain(Stream file, string fileName, RosterLimits limits)
    {
        if (!IsWorkbook(file, fileName))
        {
            foreach (var row in Csv(file, limits, new())) yield return row;
            yield break;
        }
        using var package = new XlsxPackage(file, limits);
        var sheets = package.Sheets();
        var sheet = sheets.FirstOrDefault(s => s.Name.Trim() == RosterSheet.Members.Title) ?? sheets.FirstOrDefault()
            ?? throw new WorkbookException(WorkbookProblems.SheetMissing);
        foreach (var row in new XlsxRows(package, sheet, new(package, limits), limits).Read()) yield return row;
    }

    /// <summary>True for a workbook, false for text; everything else is refused by what it is.</summary>
    private static bool IsWorkbook(Stream file, string fileName)
    {
        var buffer = new byte[Math.Min(file.Length, 64 << 10)];
        file.Position = 0;
        file.ReadExactly(buffer);
        file.Position = 0;
        ReadOnlySpan<byte> start = buffer;
        if (start.StartsWith("PK\u0003\u0004"u8) || start.StartsWith("PK\u0005\u0006"u8)) return true;
        if (start.StartsWith((ReadOnlySpan<byte>)[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1]))
        {
            // A password puts the workbook into a container of the old format; names there are UTF-16.
            var isEncrypted = HasEncryptedPart(file);
            throw new WorkbookException(isEncrypted ? WorkbookProblems.Encrypted : WorkbookProblems.OldFormat);
        }
        if (fileName.EndsWith(".xls", StringComparison.OrdinalIgnoreCase))
            throw new WorkbookException(WorkbookProblems.OldFormat);
        return fileName.EndsWith(".csv", StringComparison.OrdinalIgnoreCase)
            || fileName.EndsWith(".txt", StringComparison.OrdinalIgnoreCase)
            ? false
            : throw new WorkbookException(WorkbookProblems.FormatUnknown);
    }

    private static bool HasEncryptedPart(Stream file)
    {
        var (name, buffer, kept) = ("EncryptedPackage", new byte[64 << 10], 0);
        var wanted = System.Text.Encoding.Unicode.GetBytes(name);
        for (int count; (count = file.Read(buffer, kept, buffer.Length - kept)) > 0;)
        {
            var have = buffer.AsSpan(0, kept + count);
            if (have.IndexOf(wanted) >= 0) return true;
            kept = Math.Min(have.Length, wanted.Length - 1);
            have[^kept..].CopyTo(buffer);
        }
        return false;
    }

    private static IEnumerable<SheetRow> Csv(Stream file, RosterLimits limits, RosterEncoding known)
    {
        using var text = CsvBytes.Open(file, known);
        foreach (var (line, fields) in CsvText.Read(text, limits.CellLengthMax, limits.ColumnsMax))
        {
            var row = new SheetRow(line, [.. fields.Select(CsvCell)]);
            if (!row.IsBlank) yield return row;
        }
    }

    private static RosterCell CsvCell(string text) =>
        string.IsNullOrWhiteSpace(text) ? RosterCell.Blank
        : text.StartsWith('=') ? new(text, CellKind.Formula)
        : new(text, CellKind.Text);

    private static IEnumerable<RosterRow> Workbook(Stream file, RosterLimits limits, HeaderFinder finder)
    {
        using var package = new XlsxPackage(file, limits);
        var sheets = package.Sheets();
        var named = sheets.GroupBy(s => s.Name.Trim(), StringComparer.OrdinalIgnoreCase);
        if (named.FirstOrDefault(g => g.Count() > 1) is { } twice)
            throw new WorkbookException(WorkbookProblems.SheetDuplicate(twice.Key));
        var wanted = RosterSheet.All
            .Select(kind => (Kinds: ImmutableArray.Create(kind), Sheet: sheets
                .FirstOrDefault(s => s.Name.Trim() == kind.Title)))
            .Where(pair => pair.Sheet is not null).ToList();
        // A mapped file need not follow the template's names either.
        if (wanted.Count == 0 && finder.HasMappings && sheets.FirstOrDefault(s => !s.IsHidden) is { } first)
            wanted.Add((RosterSheet.All, first));
        if (wanted.Count == 0) throw new WorkbookException(WorkbookProblems.SheetMissing);
        if (wanted.FirstOrDefault(pair => pair.Sheet!.IsHidden).Sheet is { } hidden)
            throw new WorkbookException(WorkbookProblems.SheetHidden(hidden.Name.Trim()));
        var strings = new XlsxStrings(package, limits);
        foreach (var (kinds, sheet) in wanted)
        {
            var place = sheet!.Name.Trim();
            var rows = new XlsxRows(package, sheet with { Name = place }, strings, limits);
            var headerRow = 0;
            foreach (var row in finder.Below(rows.Read(), kinds, place, package.From1904))
            {
                headerRow = row.Header.Number;
                yield return row;
            }
            if (headerRow > 0 && rows.Merged.FirstOrDefault(range => ReachesBelow(range, headerRow)) is { } merged)
                throw new WorkbookException(WorkbookProblems.MergedCells(place, merged));
        }
    }

    /// <summary>Whether a range such as A1:H2 touches the header row or one below it. What is no range does.</summary>
    private static bool ReachesBelow(string range, int headerRow)
    {
        var end = range.AsSpan(range.IndexOf(':', StringComparison.Ordinal) + 1);
        end = end.TrimStart("ABCDEFGHIJKLMNOPQRSTUVWXYZ$");
        return !int.TryParse(end, System.Globalization.NumberStyles.None, null, out var last) || last >= headerRow;
    }
}
