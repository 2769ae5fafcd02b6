using System.IO.Compression;
using System.Security;
using System.Text;
using Registry.Roster;

namespace Registry.Tests.Roster;

/// <summary>Workbooks and CSV files made byte by byte, so that the reader is not tested with its own writer.</summary>
public static class Workbooks
{
    public const string SheetSpace = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    private const string PackageSpace = "http://schemas.openxmlformats.org/package/2006";
    private const string OfficeSpace = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

    /// <summary>A valid member row of the demo county; change what the test is about.</summary>
    public static Dictionary<string, string> Member(int sequence = 1) => new()
    {
        ["name"] = "翟测试",
        ["sex"] = sequence % 2 == 1 ? "男" : "女",
        ["ethnic-group"] = "汉族",
        ["id-number"] = IdNumber("141022", "19850607", sequence),
        ["born-on"] = "1985-06-07",
        ["native-place"] = "山西翼城",
        ["education"] = "大专",
        ["joined-on"] = "2010-07-01",
        ["membership"] = "正式党员",
        ["full-on"] = "2011-07-01",
        ["branch"] = "B01",
        ["phone"] = $"1540000{sequence:D4}",
        ["occupation"] = "木工",
        ["sector"] = "建筑",
        ["employer"] = "无",
        ["residence"] = "翼城县唐兴镇",
        ["mobile"] = "否",
    };

    /// <summary>A number whose check character fits.</summary>
    public static string IdNumber(string area, string birth, int sequence)
    {
        var digits = $"{area}{birth}{sequence:D3}";
        return digits + ResidentId.CheckCharacterOf(digits);
    }

    public static Dictionary<string, string> Organisation(string code, string parent, string type = "党支部") => new()
    {
        ["code"] = code,
        ["name"] = $"测试{type}{code}",
        ["type"] = type,
        ["parent"] = parent,
        ["contact"] = "翟测试",
        ["phone"] = "15400000001",
    };

    /// <summary>Two plain sheets: one branch B01 and the given members.</summary>
    public static byte[] Roster(params Dictionary<string, string>[] members) => Xlsx(
        (RosterSheet.Organisations.Title, Sheet(Table(RosterSheet.Organisations, Organisation("B01", "无")))),
        (RosterSheet.Members.Title, Sheet(Table(RosterSheet.Members, members))));

    /// <summary>Rows of text: the header, then the values by column name.</summary>
    public static IEnumerable<string[]> Table(RosterSheet sheet, params Dictionary<string, string>[] rows) =>
        rows.Select(row => sheet.Columns.Select(c => row.GetValueOrDefault(c.Name, "")).ToArray())
            .Prepend([.. sheet.Columns.Select(c => c.Title)]);

    /// <summary>A sheet part of inline strings.</summary>
    public static string Sheet(IEnumerable<string[]> rows, string after = "") =>
        SheetXml(string.Concat(rows.Select((cells, i) => Row(i + 1, cells))), after);

    public static string SheetXml(string rows, string after = "") =>
        $"<worksheet xmlns=\"{SheetSpace}\"><sheetData>{rows}</sheetData>{after}</worksheet>";

    public static string Row(int number, IEnumerable<string> cells) =>
        $"<row r=\"{number}\">{string.Concat(cells.Select((text, i) => Text(i, number, text)))}</row>";

    public static string Text(int place, int row, string text) =>
        $"<c r=\"{RosterHeader.LetterOf(place)}{row}\" t=\"inlineStr\"><is><t>{SecurityElement.Escape(text)}</t></is>"
        + "</c>";

    /// <summary>A member sheet whose only row has one cell replaced by raw XML ({0} is its address).</summary>
    public static string MemberSheetWith(string column, string cellXml, string after = "")
    {
        var place = RosterSheet.Members.Columns.IndexOf(RosterSheet.Members[column]);
        var table = Table(RosterSheet.Members, Member()).ToArray();
        var cells = table[1].Select((text, i) => i == place
            ? cellXml.Replace("{0}", $"{RosterHeader.LetterOf(i)}2", StringComparison.Ordinal)
            : Text(i, 2, text));
        return SheetXml(Row(1, table[0]) + $"<row r=\"2\">{string.Concat(cells)}</row>", after);
    }

    public static byte[] Xlsx(params (string Name, string Xml)[] sheets) => Zip(Parts(sheets));

    /// <summary>The parts of a workbook, to be changed before zipping.</summary>
    public static List<(string Name, string Text)> Parts(params (string Name, string Xml)[] sheets)
    {
        var list = string.Concat(sheets.Select((s, i) =>
            $"<sheet name=\"{s.Name}\" sheetId=\"{i + 1}\" r:id=\"rId{i + 1}\"/>"));
        var links = string.Concat(sheets.Select((_, i) =>
            $"<Relationship Id=\"rId{i + 1}\" Type=\"{OfficeSpace}/worksheet\""
            + $" Target=\"worksheets/sheet{i + 1}.xml\"/>"));
        List<(string, string)> parts =
        [
            ("[Content_Types].xml", $"<Types xmlns=\"{PackageSpace}/content-types\"/>"),
            ("xl/workbook.xml",
                $"<workbook xmlns=\"{SheetSpace}\" xmlns:r=\"{OfficeSpace}\"><sheets>{list}</sheets></workbook>"),
            ("xl/_rels/workbook.xml.rels",
                $"<Relationships xmlns=\"{PackageSpace}/relationships\">{links}</Relationships>"),
        ];
        parts.AddRange(sheets.Select((s, i) => ($"xl/worksheets/sheet{i + 1}.xml", s.Xml)));
        return parts;
    }

    public static byte[] Zip(IEnumerable<(string Name, string Text)> parts)
    {
        var bytes = new MemoryStream();
        using (var archive = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
            foreach (var (name, text) in parts)
                using (var part = archive.CreateEntry(name).Open())
                    part.Write(Encoding.UTF8.GetBytes(text));
        return bytes.ToArray();
    }

    public static string Csv(RosterSheet sheet, params Dictionary<string, string>[] rows) =>
        string.Concat(Table(sheet, rows).Select(cells => string.Join(',', cells) + "\r\n"));
}
