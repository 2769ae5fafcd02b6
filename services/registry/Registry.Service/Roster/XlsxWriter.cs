using System.Globalization;
using System.IO.Compression;
using System.Security;
using System.Text;
using System.Xml;
using Registry.Roster;

namespace Registry.Service.Roster;

/// <summary>How a sheet is laid out besides its cells.</summary>
internal sealed record XlsxSheetSetup
{
    /// <summary>Width and look of each column's empty cells.</summary>
    public required IReadOnlyList<(int Width, XlsxStyle Style)> Columns { get; init; }

    /// <summary>Rows that stay in view and are repeated on every printed page; 0 for none.</summary>
    public int HeaderRow { get; init; }

    /// <summary>A4 landscape, one page wide. Source: R-155.</summary>
    public bool Landscape { get; init; }

    /// <summary>Printed at the left of every page's foot, at most 200 characters; "" for none. Source: R-166.</summary>
    public string Footer { get; init; } = "";
}

/// <summary>A list to choose from, or only a hint, for a range of cells.</summary>
/// <param name="List">Reference of the list, such as 代码!$A$2:$A$9; null for a hint only.</param>
internal sealed record XlsxChoice(string Range, string? List, string HintTitle, string Hint);

/// <summary>
/// Writes workbooks forward only: every text is an inline text cell, so nothing is kept in memory and no number loses
/// digits. Never seeks, so that it may write into a pipe.
/// </summary>
internal sealed class XlsxWriter : IDisposable
{
    public const string SheetSpace = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    private const int FooterMax = 200;
    private const string Office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    private const string Package = "http://schemas.openxmlformats.org/package/2006";
    private const string Kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.";
    private readonly ZipArchive archive;
    private readonly List<(string Name, int HeaderRow)> sheets = [];
    private XmlWriter? sheet;
    private XlsxSheetSetup setup = new() { Columns = [] };
    private readonly List<string> merged = [];
    private readonly List<XlsxChoice> choices = [];
    private int row;

    public XlsxWriter(Stream output) => archive = new ZipArchive(output, ZipArchiveMode.Create, leaveOpen: true);

    /// <summary>Number of the row written last.</summary>
    public int Row => row;

    /// <summary>Begins the next sheet; the one before is closed.</summary>
    public void Sheet(string name, XlsxSheetSetup layout)
    {
        CloseSheet();
        setup = layout;
        sheets.Add((name, layout.HeaderRow));
        sheet = XmlWriter.Create(
            archive.CreateEntry($"xl/worksheets/sheet{sheets.Count}.xml", CompressionLevel.Fastest).Open(),
            new XmlWriterSettings { CloseOutput = true, Encoding = new UTF8Encoding(false), CheckCharacters = false });
        sheet.WriteStartElement("worksheet", SheetSpace);
        if (setup.Landscape) sheet.WriteRaw("<sheetPr><pageSetUpPr fitToPage=\"1\"/></sheetPr>");
        sheet.WriteRaw("<sheetViews><sheetView workbookViewId=\"0\">");
        if (setup.HeaderRow > 0)
            sheet.WriteRaw($"<pane ySplit=\"{setup.HeaderRow}\" topLeftCell=\"A{setup.HeaderRow + 1}\""
                + " activePane=\"bottomLeft\" state=\"frozen\"/>");
        sheet.WriteRaw("</sheetView></sheetViews><sheetFormatPr defaultRowHeight=\"15\"/><cols>");
        for (var i = 0; i < setup.Columns.Count; i++)
            sheet.WriteRaw($"<col min=\"{i + 1}\" max=\"{i + 1}\" width=\"{setup.Columns[i].Width}\""
                + $" style=\"{(int)setup.Columns[i].Style}\" customWidth=\"1\"/>");
        sheet.WriteRaw("</cols>");
        sheet.WriteStartElement("sheetData", SheetSpace);
    }

    /// <summary>Writes the next row; null leaves a cell out.</summary>
    public void Write(IEnumerable<(string? Text, XlsxStyle Style)> cells)
    {
        row++;
        sheet!.WriteStartElement("row", SheetSpace);
        sheet.WriteAttributeString("r", row.ToString(CultureInfo.InvariantCulture));
        var place = 0;
        foreach (var (text, style) in cells)
        {
            var address = RosterHeader.LetterOf(place++) + row.ToString(CultureInfo.InvariantCulture);
            if (text is null) continue;
            sheet.WriteStartElement("c", SheetSpace);
            sheet.WriteAttributeString("r", address);
            sheet.WriteAttributeString("s", ((int)style).ToString(CultureInfo.InvariantCulture));
            sheet.WriteAttributeString("t", "inlineStr");
            sheet.WriteStartElement("is", SheetSpace);
            sheet.WriteStartElement("t", SheetSpace);
            sheet.WriteAttributeString("xml", "space", null, "preserve");
            sheet.WriteString(Escaped(text));
            sheet.WriteEndElement();
            sheet.WriteEndElement();
            sheet.WriteEndElement();
        }
        sheet.WriteEndElement();
    }

    /// <summary>Merges the cells of the row written last, from the first to the given column count.</summary>
    public void MergeRow(int columns) => merged.Add($"A{row}:{RosterHeader.LetterOf(columns - 1)}{row}");

    public void Offer(XlsxChoice choice) => choices.Add(choice);

    public void Dispose()
    {
        CloseSheet();
        Part("xl/styles.xml", XlsxStyles.Xml);
        Part("xl/workbook.xml", WorkbookXml());
        Part("xl/_rels/workbook.xml.rels", Relationships(
            sheets.Select((_, i) => ($"rId{i + 1}", "worksheet", $"worksheets/sheet{i + 1}.xml"))
                .Append(($"rId{sheets.Count + 1}", "styles", "styles.xml"))));
        Part("_rels/.rels", Relationships([("rId1", "officeDocument", "xl/workbook.xml")]));
        Part("[Content_Types].xml", ContentTypes());
        archive.Dispose();
    }

    private void CloseSheet()
    {
        if (sheet is null) return;
        sheet.WriteEndElement();
        if (merged.Count > 0)
            sheet.WriteRaw($"<mergeCells count=\"{merged.Count}\">"
                + string.Concat(merged.Select(range => $"<mergeCell ref=\"{range}\"/>")) + "</mergeCells>");
        WriteChoices(sheet);
        if (setup.Landscape)
            sheet.WriteRaw("<pageMargins left=\"0.5\" right=\"0.5\" top=\"0.7\" bottom=\"0.7\""
                + " header=\"0.3\" footer=\"0.3\"/>"
                + "<pageSetup paperSize=\"9\" orientation=\"landscape\" fitToHeight=\"0\"/>"
                + $"<headerFooter><oddFooter>{FooterXml(setup.Footer)}</oddFooter></headerFooter>");
        sheet.WriteEndElement();
        sheet.Dispose();
        (sheet, row) = (null, 0);
        merged.Clear();
        choices.Clear();
    }

    private void WriteChoices(XmlWriter xml)
    {
        if (choices.Count == 0) return;
        xml.WriteStartElement("dataValidations", SheetSpace);
        xml.WriteAttributeString("count", choices.Count.ToString(CultureInfo.InvariantCulture));
        foreach (var choice in choices)
        {
            xml.WriteStartElement("dataValidation", SheetSpace);
            if (choice.List is not null) xml.WriteAttributeString("type", "list");
            // A list warns only: codes and aliases may be typed as well.
            xml.WriteAttributeString("errorStyle", "warning");
            xml.WriteAttributeString("allowBlank", "1");
            xml.WriteAttributeString("showInputMessage", "1");
            if (choice.List is not null) xml.WriteAttributeString("showErrorMessage", "1");
            xml.WriteAttributeString("promptTitle", Cut(choice.HintTitle, 32));
            xml.WriteAttributeString("prompt", Cut(choice.Hint, 255));
            xml.WriteAttributeString("sqref", choice.Range);
            if (choice.List is not null) xml.WriteElementString("formula1", SheetSpace, choice.List);
            xml.WriteEndElement();
        }
        xml.WriteEndElement();
    }

    private string WorkbookXml()
    {
        var list = string.Concat(sheets.Select((s, i) =>
            $"<sheet name=\"{s.Name}\" sheetId=\"{i + 1}\" r:id=\"rId{i + 1}\"/>"));
        var titles = string.Concat(sheets.Select((s, i) => s.HeaderRow == 0 ? "" :
            $"<definedName name=\"_xlnm.Print_Titles\" localSheetId=\"{i}\">'{s.Name}'!$1:${s.HeaderRow}"
            + "</definedName>"));
        return $"<workbook xmlns=\"{SheetSpace}\" xmlns:r=\"{Office}\"><sheets>{list}</sheets>"
            + (titles.Length == 0 ? "" : $"<definedNames>{titles}</definedNames>") + "</workbook>";
    }

    private static string Relationships(IEnumerable<(string Id, string Type, string Target)> links) =>
        $"<Relationships xmlns=\"{Package}/relationships\">" + string.Concat(links.Select(l =>
            $"<Relationship Id=\"{l.Id}\" Type=\"{Office}/{l.Type}\" Target=\"{l.Target}\"/>")) + "</Relationships>";

    private string ContentTypes() =>
        $"<Types xmlns=\"{Package}/content-types\">"
        + $"<Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>"
        + $"<Override PartName=\"/xl/workbook.xml\" ContentType=\"{Kind}sheet.main+xml\"/>"
        + $"<Override PartName=\"/xl/styles.xml\" ContentType=\"{Kind}styles+xml\"/>"
        + string.Concat(sheets.Select((_, i) =>
            $"<Override PartName=\"/xl/worksheets/sheet{i + 1}.xml\" ContentType=\"{Kind}worksheet+xml\"/>"))
        + "</Types>";

    private void Part(string name, string xml)
    {
        using var part = archive.CreateEntry(name).Open();
        part.Write(Encoding.UTF8.GetBytes("<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>" + xml));
    }

    /// <summary>Characters that XML forbids, as workbooks write them; half a pair becomes U+FFFD.</summary>
    private static string Escaped(string text)
    {
        if (text.All(c => c is '\t' or '\n' || (c >= ' ' && !char.IsSurrogate(c) && c < '\uFFFE'))) return text;
        var safe = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
            if (rune.Value is not ('\t' or '\n') && (rune.Value < ' ' || rune.Value is 0xFFFE or 0xFFFF))
                safe.Append(CultureInfo.InvariantCulture, $"_x{rune.Value:X4}_");
            else safe.Append(rune.ToString());
        return safe.ToString();
    }

    /// <summary>In a footer "&amp;" begins a code and is doubled; all of it has 255 characters at most.</summary>
    private static string FooterXml(string left)
    {
        var literal = Escaped(Cut(left, FooterMax).Replace("&", "&&", StringComparison.Ordinal));
        return SecurityElement.Escape((literal.Length == 0 ? "" : $"&L&8{literal}") + "&R&8第 &P 页 共 &N 页");
    }

    private static string Cut(string text, int max) =>
        text.Length <= max ? text : string.Concat(text.AsSpan(0, max - 1), "…");
}
