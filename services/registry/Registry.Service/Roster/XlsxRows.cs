using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Xml;
using Registry.Roster;

namespace Registry.Service.Roster;

/// <summary>One row of any sheet before the header is known.</summary>
internal sealed record SheetRow(int Number, ImmutableArray<RosterCell> Cells)
{
    public bool IsBlank => Cells.All(c => c.IsBlank);
}

/// <summary>Streams the rows of one sheet part. Rows without content are left out.</summary>
internal sealed class XlsxRows(XlsxPackage package, XlsxSheet sheet, XlsxStrings strings, RosterLimits limits)
{
    private const int SheetColumns = 16_384;
    private const int SheetRowsMax = 1_048_576;
    private readonly char[] chunk = new char[1024];
    private readonly ImmutableArray<RosterCell>.Builder cells = ImmutableArray.CreateBuilder<RosterCell>();

    /// <summary>Merged ranges; known after the last row.</summary>
    public List<string> Merged { get; } = [];

    public IEnumerable<SheetRow> Read()
    {
        using var xml = package.Open(sheet.Part);
        var number = 0;
        while (xml.Read())
        {
            if (xml.NodeType != XmlNodeType.Element) continue;
            if (xml.LocalName == "mergeCell" && Merged.Count < 1000) Merged.Add(xml.GetAttribute("ref") ?? "");
            if (xml.LocalName != "row") continue;
            number = RowNumber(xml, number);
            if (xml.IsEmptyElement) continue;
            var row = ReadRow(xml, number);
            if (!row.IsBlank) yield return row;
        }
    }

    private int RowNumber(XmlReader xml, int last)
    {
        var stated = xml.GetAttribute("r");
        if (stated is null) return last + 1;
        if (int.TryParse(stated, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number > last && number <= SheetRowsMax) return number;
        throw new WorkbookException(WorkbookProblems.RowNumber(sheet.Name));
    }

    private SheetRow ReadRow(XmlReader xml, int number)
    {
        cells.Clear();
        var depth = xml.Depth;
        var place = -1;
        while (xml.Read() && xml.Depth > depth)
        {
            if (xml.NodeType != XmlNodeType.Element || xml.LocalName != "c") continue;
            place = PlaceOf(xml, number, place);
            var cell = ReadCell(xml, number);
            if (cell.IsBlank && cell.Kind != CellKind.Formula) continue;
            if (place >= limits.ColumnsMax)
                throw new WorkbookException(WorkbookProblems.TooManyColumns(sheet.Name, limits.ColumnsMax));
            while (cells.Count < place) cells.Add(RosterCell.Blank);
            cells.Add(cell);
        }
        return new(number, cells.ToImmutable());
    }

    private int PlaceOf(XmlReader xml, int number, int last)
    {
        var place = last + 1;
        if (xml.GetAttribute("r") is { } address)
        {
            var letters = address.AsSpan().IndexOfAnyExceptInRange('A', 'Z');
            if (letters is < 1 or > 4 || !int.TryParse(address.AsSpan(letters), NumberStyles.None,
                CultureInfo.InvariantCulture, out var row) || row != number)
                throw new WorkbookException(WorkbookProblems.CellReference(sheet.Name, number));
            place = -1;
            foreach (var letter in address.AsSpan(0, letters)) place = ((place + 1) * 26) + (letter - 'A');
        }
        if (place >= SheetColumns)
            throw new WorkbookException(WorkbookProblems.TooManyColumns(sheet.Name, limits.ColumnsMax));
        if (place <= last) throw new WorkbookException(WorkbookProblems.CellReference(sheet.Name, number));
        return place;
    }

    private RosterCell ReadCell(XmlReader xml, int number)
    {
        var type = xml.GetAttribute("t");
        if (xml.IsEmptyElement) return RosterCell.Blank;
        var (value, formula) = ("", false);
        var depth = xml.Depth;
        while (xml.Read() && xml.Depth > depth)
        {
            if (xml.NodeType != XmlNodeType.Element) continue;
            if (xml.LocalName == "f") formula = true;
            if (xml.LocalName == "v" || xml.LocalName == "is")
                value = XlsxStrings.TextOf(xml, chunk, limits, sheet.Name);
        }
        if (formula) return new(value, CellKind.Formula);
        if (value.Length == 0) return RosterCell.Blank;
        return type switch
        {
            "s" => new(strings.At(value) ?? throw new WorkbookException(
                WorkbookProblems.SharedString(sheet.Name, number)), CellKind.Text),
            "e" => new(value, CellKind.Error),
            "b" => new(value == "1" ? "TRUE" : "FALSE", CellKind.Boolean),
            "str" or "inlineStr" or "d" => new(value, CellKind.Text),
            _ when double.TryParse(value, CultureInfo.InvariantCulture, out _) => new(value, CellKind.Number),
            _ => new(value, CellKind.Text),
        };
    }
}

/// <summary>The texts that cells point to.</summary>
/// <remarks>Held as UTF-8 in blocks: a workbook of a million rows has several million of them.</remarks>
internal sealed class XlsxStrings
{
    private const string Part = "xl/sharedStrings.xml";
    private const int BlockBytes = 1 << 20;
    private readonly List<byte[]> blocks = [];
    private readonly List<(int Block, int Start, int Length)> texts = [];
    private int used = BlockBytes;

    public XlsxStrings(XlsxPackage package, RosterLimits limits)
    {
        if (!package.Has(Part)) return;
        using var xml = package.Open(Part);
        var chunk = new char[1024];
        var chars = 0L;
        while (xml.Read())
        {
            if (xml.NodeType != XmlNodeType.Element || xml.LocalName != "si") continue;
            var text = TextOf(xml, chunk, limits, Part);
            chars += text.Length;
            if (texts.Count >= limits.SharedStringsMax || chars > limits.SharedStringCharsMax)
                throw new WorkbookException(WorkbookProblems.TooManyStrings);
            Add(text);
        }
    }

    private void Add(string text)
    {
        var length = Encoding.UTF8.GetByteCount(text);
        if (used + length > BlockBytes)
        {
            blocks.Add(new byte[Math.Max(BlockBytes, length)]);
            used = 0;
        }
        Encoding.UTF8.GetBytes(text, blocks[^1].AsSpan(used));
        texts.Add((blocks.Count - 1, used, length));
        used += length;
    }

    /// <summary>The text with that index, or null.</summary>
    public string? At(string index) =>
        int.TryParse(index, NumberStyles.None, CultureInfo.InvariantCulture, out var i) && i < texts.Count
            ? Encoding.UTF8.GetString(blocks[texts[i].Block], texts[i].Start, texts[i].Length)
            : null;

    /// <summary>All text inside the element the reader stands on, without reading aids (rPh). Bounded.</summary>
    public static string TextOf(XmlReader xml, char[] chunk, RosterLimits limits, string place)
    {
        if (xml.IsEmptyElement) return "";
        var text = new StringBuilder();
        var depth = xml.Depth;
        var aid = int.MaxValue;
        while (xml.Read() && xml.Depth > depth)
        {
            if (xml.NodeType == XmlNodeType.Element && xml.LocalName == "rPh" && !xml.IsEmptyElement) aid = xml.Depth;
            if (xml.NodeType == XmlNodeType.EndElement && xml.Depth == aid) aid = int.MaxValue;
            var isText = xml.NodeType is XmlNodeType.Text or XmlNodeType.CDATA or XmlNodeType.SignificantWhitespace;
            if (!isText || xml.Depth > aid) continue;
            for (int count; (count = xml.ReadValueChunk(chunk, 0, chunk.Length)) > 0;)
            {
                if (text.Length + count > limits.CellLengthMax)
                    throw new WorkbookException(WorkbookProblems.CellTooLong(place, limits.CellLengthMax));
                text.Append(chunk, 0, count);
            }
        }
        return Unescaped(text.ToString());
    }

    /// <summary>Workbooks write characters that XML forbids as _xHHHH_.</summary>
    private static string Unescaped(string text)
    {
        var at = text.IndexOf("_x", StringComparison.Ordinal);
        if (at < 0) return text;
        var plain = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            var isEscape = i + 7 <= text.Length && text[i] == '_' && text[i + 1] == 'x' && text[i + 6] == '_';
            if (isEscape && ushort.TryParse(
                text.AsSpan(i + 2, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code))
            {
                plain.Append((char)code);
                i += 6;
            }
            else plain.Append(text[i]);
        }
        return plain.ToString();
    }
}
