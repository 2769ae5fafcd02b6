using System.Collections.Immutable;
using System.Runtime.CompilerServices;
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
    /// <param name="file">Read once to its end, up to the limit; need not be seekable.</param>
    /// <param name="fileName">Only its ending is looked at, and only when the content does not tell.</param>
    /// <param name="limits">Null takes the defaults.</param>
    public static async IAsyncEnumerable<RosterItem> ReadAsync(
        Stream file, string fileName, RosterLimits? limits = null,
        [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        limits ??= RosterLimits.Default;
        var (bytes, problem) = await BufferAsync(file, limits, cancellation);
        if (bytes is null)
        {
            yield return new(null, problem);
            yield break;
        }
        using var rows = Rows(bytes, fileName, limits).GetEnumerator();
        for (var count = 0; ; count++)
        {
            cancellation.ThrowIfCancellationRequested();
            var (row, reason) = Next(rows);
            if (row is null && reason is null && count == 0) reason = WorkbookProblems.NoRows;
            if (count >= limits.RowsMax && row is not null)
                (row, reason) = (null, WorkbookProblems.TooManyRows(limits.RowsMax));
            if (row is null && reason is null) yield break;
            yield return new(row, reason);
            if (reason is not null) yield break;
        }
    }

    private static (RosterRow? Row, Problem? Problem) Next(IEnumerator<RosterRow> rows)
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

    private static async Task<(byte[]? Bytes, Problem? Problem)> BufferAsync(
        Stream file, RosterLimits limits, CancellationToken cancellation)
    {
        var buffer = new MemoryStream();
        var chunk = new byte[64 << 10];
        for (int count; (count = await file.ReadAsync(chunk, cancellation)) > 0;)
        {
            if (buffer.Length + count > limits.FileBytesMax)
                return (null, WorkbookProblems.TooLarge(limits.FileBytesMax));
            buffer.Write(chunk, 0, count);
        }
        return buffer.Length == 0 ? (null, WorkbookProblems.Empty) : (buffer.ToArray(), null);
    }

    /// <summary>Lazy from the first byte on, so that <see cref="Next"/> meets every refusal.</summary>
    private static IEnumerable<RosterRow> Rows(byte[] bytes, string fileName, RosterLimits limits)
    {
        foreach (var row in RowsOf(bytes, fileName, limits)) yield return row;
    }

    private static IEnumerable<RosterRow> RowsOf(byte[] bytes, string fileName, RosterLimits limits)
    {
        ReadOnlySpan<byte> start = bytes;
        if (start.StartsWith("PK\u0003\u0004"u8) || start.StartsWith("PK\u0005\u0006"u8))
            return Workbook(bytes, limits);
        if (start.StartsWith((ReadOnlySpan<byte>)[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1]))
        {
            // A password puts the workbook into a container of the old format; names there are UTF-16.
            var isEncrypted = start.IndexOf("E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e\0"u8) >= 0;
            throw new WorkbookException(isEncrypted ? WorkbookProblems.Encrypted : WorkbookProblems.OldFormat);
        }
        if (fileName.EndsWith(".xls", StringComparison.OrdinalIgnoreCase))
            throw new WorkbookException(WorkbookProblems.OldFormat);
        return fileName.EndsWith(".csv", StringComparison.OrdinalIgnoreCase)
            || fileName.EndsWith(".txt", StringComparison.OrdinalIgnoreCase)
            ? Csv(CsvBytes.Decode(bytes), limits)
            : throw new WorkbookException(WorkbookProblems.FormatUnknown);
    }

    private static IEnumerable<RosterRow> Csv(string text, RosterLimits limits) => HeaderFinder.Below(
        CsvText.Read(text, limits.CellLengthMax, limits.ColumnsMax)
            .Select(r => new SheetRow(r.Line, [.. r.Fields.Select(CsvCell)]))
            .Where(r => !r.IsBlank),
        RosterSheet.All, "the file", from1904: false, limits);

    private static RosterCell CsvCell(string text) =>
        string.IsNullOrWhiteSpace(text) ? RosterCell.Blank
        : text.StartsWith('=') ? new(text, CellKind.Formula)
        : new(text, CellKind.Text);

    private static IEnumerable<RosterRow> Workbook(byte[] bytes, RosterLimits limits)
    {
        using var package = new XlsxPackage(new MemoryStream(bytes, writable: false), limits);
        var sheets = package.Sheets();
        var named = sheets.GroupBy(s => s.Name.Trim(), StringComparer.OrdinalIgnoreCase);
        if (named.FirstOrDefault(g => g.Count() > 1) is { } twice)
            throw new WorkbookException(WorkbookProblems.SheetDuplicate(twice.Key));
        var wanted = RosterSheet.All
            .Select(kind => (Kind: kind, Sheet: sheets.FirstOrDefault(s => s.Name.Trim() == kind.Title)))
            .Where(pair => pair.Sheet is not null).ToImmutableArray();
        if (wanted.Length == 0) throw new WorkbookException(WorkbookProblems.SheetMissing);
        if (wanted.FirstOrDefault(pair => pair.Sheet!.IsHidden).Sheet is { } hidden)
            throw new WorkbookException(WorkbookProblems.SheetHidden(hidden.Name.Trim()));
        var strings = new XlsxStrings(package, limits);
        foreach (var (kind, sheet) in wanted)
        {
            var rows = new XlsxRows(package, sheet! with { Name = kind.Title }, strings, limits);
            var headerRow = 0;
            foreach (var row in HeaderFinder.Below(rows.Read(), [kind], kind.Title, package.From1904, limits))
            {
                headerRow = row.Header.Number;
                yield return row;
            }
            if (headerRow > 0 && rows.Merged.FirstOrDefault(range => ReachesBelow(range, headerRow)) is { } merged)
                throw new WorkbookException(WorkbookProblems.MergedCells(kind.Title, merged));
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
