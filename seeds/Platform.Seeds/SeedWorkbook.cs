using System.Globalization;
using System.IO.Compression;
using System.Security;
using System.Text;
using Registry.Roster;

namespace Platform.Seeds;

/// <summary>A cell to write: text, or what only a spreadsheet program would make of it.</summary>
public readonly record struct SeedCell(string Text, CellKind Kind)
{
    public static implicit operator SeedCell(string text) => new(text, CellKind.Text);
}

/// <summary>Writes small workbooks of our own, the same bytes for the same cells.</summary>
internal static class SeedWorkbook
{
    private const string Space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    private const string Office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    private const string Package = "http://schemas.openxmlformats.org/package/2006";
    private const string Kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.";

    public static byte[] Write(params (string Name, IEnumerable<IReadOnlyList<SeedCell>> Rows)[] sheets)
    {
        using var bytes = new MemoryStream();
        using (var archive = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
        {
            for (var i = 0; i < sheets.Length; i++)
                Add(archive, $"xl/worksheets/sheet{i + 1}.xml", Sheet(sheets[i].Rows));
            var list = sheets.Select((s, i) => $"<sheet name=\"{s.Name}\" sheetId=\"{i + 1}\" r:id=\"rId{i + 1}\"/>");
            Add(archive, "xl/workbook.xml", $"<workbook xmlns=\"{Space}\" xmlns:r=\"{Office}\"><sheets>"
                + string.Concat(list) + "</sheets></workbook>");
            Add(archive, "xl/_rels/workbook.xml.rels", Links(
                sheets.Select((_, i) => ($"rId{i + 1}", "worksheet", $"worksheets/sheet{i + 1}.xml"))));
            Add(archive, "_rels/.rels", Links([("rId1", "officeDocument", "xl/workbook.xml")]));
            Add(archive, "[Content_Types].xml", $"<Types xmlns=\"{Package}/content-types\"><Default Extension=\"rels\""
                + " ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>"
                + $"<Override PartName=\"/xl/workbook.xml\" ContentType=\"{Kind}sheet.main+xml\"/>"
                + string.Concat(sheets.Select((_, i) => $"<Override PartName=\"/xl/worksheets/sheet{i + 1}.xml\""
                    + $" ContentType=\"{Kind}worksheet+xml\"/>")) + "</Types>");
        }
        return bytes.ToArray();
    }

    private static string Sheet(IEnumerable<IReadOnlyList<SeedCell>> rows)
    {
        var xml = new StringBuilder($"<worksheet xmlns=\"{Space}\"><sheetData>");
        var number = 0;
        foreach (var row in rows)
        {
            xml.Append(CultureInfo.InvariantCulture, $"<row r=\"{++number}\">");
            for (var i = 0; i < row.Count; i++) Cell(xml, $"{RosterHeader.LetterOf(i)}{number}", row[i]);
            xml.Append("</row>");
        }
        return xml.Append("</sheetData></worksheet>").ToString();
    }

    private static void Cell(StringBuilder xml, string address, SeedCell cell)
    {
        if (string.IsNullOrEmpty(cell.Text)) return;
        var text = SecurityElement.Escape(cell.Text);
        xml.Append(cell.Kind switch
        {
            CellKind.Number => $"<c r=\"{address}\"><v>{text}</v></c>",
            CellKind.Formula => $"<c r=\"{address}\"><f>{text}</f><v>0</v></c>",
            CellKind.Error => $"<c r=\"{address}\" t=\"e\"><v>{text}</v></c>",
            CellKind.Blank or CellKind.Text or CellKind.Boolean =>
                $"<c r=\"{address}\" t=\"inlineStr\"><is><t>{text}</t></is></c>",
        });
    }

    private static string Links(IEnumerable<(string Id, string Type, string Target)> links) =>
        $"<Relationships xmlns=\"{Package}/relationships\">" + string.Concat(links.Select(l =>
            $"<Relationship Id=\"{l.Id}\" Type=\"{Office}/{l.Type}\" Target=\"{l.Target}\"/>")) + "</Relationships>";

    private static void Add(ZipArchive archive, string name, string xml)
    {
        var entry = archive.CreateEntry(name);
        entry.LastWriteTime = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        using var part = entry.Open();
        part.Write(Encoding.UTF8.GetBytes(xml));
    }
}
