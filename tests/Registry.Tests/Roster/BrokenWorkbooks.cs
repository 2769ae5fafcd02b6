using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using Registry.Roster;
using Registry.Service.Roster;
using static Registry.Tests.Roster.Workbooks;

namespace Registry.Tests.Roster;

/// <summary>A file nobody should be able to hurt us with.</summary>
/// <param name="Title">What is wrong, as a test name.</param>
/// <param name="FileName">As it would be sent.</param>
/// <param name="Expected">A problem code WORKBOOK_…, or the id of a row rule when the rest of the file is fine.</param>
public sealed record BrokenWorkbook(string Title, string FileName, string Expected, Func<byte[]> Make)
{
    /// <summary>The file as a whole is refused; otherwise single rows are.</summary>
    public bool IsRefusedWhole => Expected.StartsWith("WORKBOOK_", StringComparison.Ordinal);

    public override string ToString() => Title;
}

/// <summary>Fifty and more broken files, made in code. Also posted over HTTP by the service's own tests.</summary>
public static class BrokenWorkbooks
{
    private const string Members = "党员";

    public static IReadOnlyList<BrokenWorkbook> All => [.. Containers, .. Parts, .. Sheets, .. Cells, .. Texts];

    /// <summary>Not what the name says.</summary>
    private static IEnumerable<BrokenWorkbook> Containers =>
    [
        new("no byte at all", "a.xlsx", "WORKBOOK_EMPTY", () => []),
        new("larger than allowed", "a.xlsx", "WORKBOOK_TOO_LARGE", () =>
            new byte[RosterLimits.Default.FileBytesMax + 1]),
        new("protected by a password", "a.xlsx", "WORKBOOK_ENCRYPTED", () => Ole("EncryptedPackage")),
        new("the old binary format", "a.xls", "WORKBOOK_OLD_FORMAT", () => Ole("Workbook")),
        new("a web page named .xls", "a.xls", "WORKBOOK_OLD_FORMAT", () => "<html><table></table></html>"u8.ToArray()),
        new("a picture named .xlsx", "a.xlsx", "WORKBOOK_FORMAT_UNKNOWN", () => Noise(4096, 0x89)),
        new("an archive without a workbook", "a.xlsx", "WORKBOOK_NOT_A_WORKBOOK", () => Zip([("readme.txt", "hello")])),
        new("an empty archive", "a.xlsx", "WORKBOOK_NOT_A_WORKBOOK", () => Zip([])),
        new("cut off in the middle", "a.xlsx", "WORKBOOK_DAMAGED", () => Good()[..^400]),
        new("cut off after the first bytes", "a.xlsx", "WORKBOOK_DAMAGED", () => Good()[..30]),
        new("compressed bytes overwritten", "a.xlsx", "WORKBOOK_DAMAGED", Overwritten),
    ];

    /// <summary>Archives and parts that attack the reader.</summary>
    private static IEnumerable<BrokenWorkbook> Parts =>
    [
        new("a sheet of three hundred megabytes", "a.xlsx", "WORKBOOK_ZIP_BOMB", () => Bomb(300, honest: true)),
        new("a bomb that lies about its size", "a.xlsx", "WORKBOOK_XML_DAMAGED", () => Bomb(50, honest: false)),
        new("ten thousand parts", "a.xlsx", "WORKBOOK_TOO_MANY_PARTS", () =>
            Zip(Enumerable.Range(0, 10_000).Select(i => ($"xl/{i}.xml", "")))),
        new("a part that climbs out", "a.xlsx", "WORKBOOK_UNSAFE_PART", () => With("../../etc/passwd", "x")),
        new("a part with an absolute path", "a.xlsx", "WORKBOOK_UNSAFE_PART", () => With("/etc/passwd", "x")),
        new("a part with a drive letter", "a.xlsx", "WORKBOOK_UNSAFE_PART", () => With("C:\\windows\\a.xml", "x")),
        new("the same part twice", "a.xlsx", "WORKBOOK_DUPLICATE_PART", () => With("xl/WORKBOOK.xml", "<workbook/>")),
        new("macros", "a.xlsm", "WORKBOOK_HAS_MACROS", () => With("xl/vbaProject.bin", "MZ")),
        new("links to another workbook", "a.xlsx", "WORKBOOK_HAS_LINKS", () =>
            With("xl/externalLinks/externalLink1.xml", "<externalLink/>")),
        new("a sheet that lives on a server", "a.xlsx", "WORKBOOK_HAS_LINKS", () => Changed(
            "xl/_rels/workbook.xml.rels",
            "Target=\"worksheets/sheet2.xml\"", "Target=\"http://x/\" TargetMode=\"External\"")),
        new("an entity bomb", "a.xlsx", "WORKBOOK_XML_FORBIDDEN", () => InSheet("<worksheet",
            "<!DOCTYPE a [<!ENTITY b \"bbbbbbbb\"><!ENTITY c \"&b;&b;&b;&b;&b;&b;\">]><worksheet")),
        new("an entity that reads a file", "a.xlsx", "WORKBOOK_XML_FORBIDDEN", () => Changed(
            "xl/workbook.xml", "<workbook", "<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><workbook")),
        new("a sheet that is no XML", "a.xlsx", "WORKBOOK_XML_DAMAGED", () =>
            InSheet("</sheetData>", "")),
        new("a raw NUL inside a cell", "a.xlsx", "WORKBOOK_XML_DAMAGED", () =>
            InSheet("翟测试", "翟\0试")),
        new("a sheet whose part is missing", "a.xlsx", "WORKBOOK_DAMAGED", () =>
            Changed("xl/_rels/workbook.xml.rels", "sheet2.xml", "sheet9.xml")),
        new("an attribute of two million characters", "a.xlsx", "WORKBOOK_CELL_TOO_LONG", () =>
            InSheet("<row r=\"2\"", $"<row r=\"2\" spans=\"{Letters(2_000_000)}\"")),
        new("elements nested two thousand deep", "a.xlsx", "WORKBOOK_XML_DAMAGED", () =>
            InSheet("<sheetData>", Repeat("<a>", 2000) + "<sheetData>")),
    ];

    /// <summary>Sheets, rows and columns.</summary>
    private static IEnumerable<BrokenWorkbook> Sheets =>
    [
        new("no sheet of ours", "a.xlsx", "WORKBOOK_SHEET_MISSING", () => Xlsx(("Sheet1", Sheet([["a"]])))),
        new("two sheets of one name", "a.xlsx", "WORKBOOK_SHEET_DUPLICATE", () =>
            Xlsx((Members, Sheet(Rows())), (Members, Sheet(Rows())))),
        new("a hidden sheet", "a.xlsx", "WORKBOOK_SHEET_HIDDEN", () =>
            Changed("xl/workbook.xml", "sheetId=\"2\"", "sheetId=\"2\" state=\"veryHidden\"")),
        new("a hundred sheets", "a.xlsx", "WORKBOOK_TOO_MANY_SHEETS", () =>
            Xlsx([.. Enumerable.Range(0, 100).Select(i => ($"s{i}", Sheet([["a"]])))])),
        new("an empty sheet", "a.xlsx", "WORKBOOK_HEADER_MISSING", () => Xlsx((Members, SheetXml("")))),
        new("a sheet of prose", "a.xlsx", "WORKBOOK_HEADER_MISSING", () =>
            Xlsx((Members, Sheet(Enumerable.Repeat<string[]>(["会议记录"], 50))))),
        new("a header without rows", "a.xlsx", "WORKBOOK_NO_ROWS", () => Xlsx((Members, Sheet(Rows().Take(1))))),
        new("a column left out", "a.xlsx", "WORKBOOK_COLUMN_MISSING", () =>
            Xlsx((Members, Sheet(Rows().Select(r => r[..3].Concat(r[4..]).ToArray()))))),
        new("a column nobody knows", "a.xlsx", "WORKBOOK_COLUMN_UNKNOWN", () =>
            Xlsx((Members, Sheet(Rows().Select((r, i) => r.Append(i == 0 ? "星座" : "双子").ToArray()))))),
        new("a column twice", "a.xlsx", "WORKBOOK_COLUMN_DUPLICATE", () =>
            Xlsx((Members, Sheet(Rows().Select(r => r.Append(r[0]).ToArray()))))),
        new("two hundred thousand columns", "a.xlsx", "WORKBOOK_TOO_MANY_COLUMNS", () =>
            Xlsx((Members, SheetXml(Row(1, Enumerable.Repeat("姓名", 200_000)))))),
        new("a value far to the right", "a.xlsx", "WORKBOOK_TOO_MANY_COLUMNS", () => AfterRow(
            "<row r=\"3\"><c r=\"XFD3\"><v>1</v></c></row>")),
        new("sixty thousand rows", "a.xlsx", "WORKBOOK_TOO_MANY_ROWS", () => AfterRow(string.Concat(
            Enumerable.Range(3, 60_000).Select(i => $"<row r=\"{i}\"><c r=\"A{i}\"><v>1</v></c></row>")))),
        new("a negative row number", "a.xlsx", "WORKBOOK_ROW_NUMBER", () => AfterRow("<row r=\"-3\"/>")),
        new("the same row number twice", "a.xlsx", "WORKBOOK_ROW_NUMBER", () => AfterRow("<row r=\"2\"/>")),
        new("a row number beyond every sheet", "a.xlsx", "WORKBOOK_ROW_NUMBER", () =>
            AfterRow("<row r=\"99999999999\"/>")),
        new("a cell that says it is elsewhere", "a.xlsx", "WORKBOOK_CELL_REFERENCE", () => AfterRow(
            "<row r=\"3\"><c r=\"A7\"><v>1</v></c></row>")),
        new("a cell twice", "a.xlsx", "WORKBOOK_CELL_REFERENCE", () => AfterRow(
            "<row r=\"3\"><c r=\"A3\"><v>1</v></c><c r=\"A3\"><v>2</v></c></row>")),
        new("merged cells in the table", "a.xlsx", "WORKBOOK_MERGED_CELLS", () => Xlsx((Members, Sheet(Rows(),
            "<mergeCells count=\"1\"><mergeCell ref=\"A2:A3\"/></mergeCells>")))),
    ];

    /// <summary>Single cells. What only one row suffers from is left to the rules.</summary>
    private static IEnumerable<BrokenWorkbook> Cells =>
    [
        new("a cell of ten megabytes", "a.xlsx", "WORKBOOK_CELL_TOO_LONG", () =>
            Cell("name", Inline(Letters(10 << 20)))),
        new("a cell of five thousand characters", "a.xlsx", "WORKBOOK_CELL_TOO_LONG", () =>
            Cell("name", Inline(new string('翟', 5000)))),
        new("a text that is not there", "a.xlsx", "WORKBOOK_SHARED_STRING", () =>
            Cell("name", "<c r=\"{0}\" t=\"s\"><v>7</v></c>")),
        new("a negative text index", "a.xlsx", "WORKBOOK_SHARED_STRING", () =>
            Cell("name", "<c r=\"{0}\" t=\"s\"><v>-1</v></c>")),
        new("a formula", "a.xlsx", "CELL_FORMULA", () =>
            Cell("born-on", "<c r=\"{0}\"><f>TODAY()</f><v>46000</v></c>")),
        new("an error value", "a.xlsx", "CELL_ERROR", () =>
            Cell("employer", "<c r=\"{0}\" t=\"e\"><v>#N/A</v></c>")),
        new("an identity number as a number", "a.xlsx", "CELL_NUMERIC_ID", () =>
            Cell("id-number", "<c r=\"{0}\"><v>1.4102219850607E+17</v></c>")),
        new("a truth value for a date", "a.xlsx", "DATE_FORMAT", () =>
            Cell("joined-on", "<c r=\"{0}\" t=\"b\"><v>1</v></c>")),
        new("a number beyond every date", "a.xlsx", "DATE_FORMAT", () =>
            Cell("joined-on", "<c r=\"{0}\"><v>1E300</v></c>")),
        new("a NUL written as an escape", "a.xlsx", "NAME_SIGN", () => Cell("name", Inline("翟_x0000_试"))),
    ];

    /// <summary>CSV files.</summary>
    private static IEnumerable<BrokenWorkbook> Texts =>
    [
        new("a program named .csv", "a.csv", "WORKBOOK_TEXT_BINARY", () => [.. "MZ"u8, .. Noise(4096, 0)]),
        new("UTF-16", "a.csv", "WORKBOOK_ENCODING_UTF16", () => [0xFF, 0xFE, .. Encoding.Unicode.GetBytes(GoodCsv)]),
        new("a quotation mark that is never closed", "a.csv", "WORKBOOK_QUOTES_OPEN", () =>
            Utf8(GoodCsv + "\"翟,男\r\n")),
        new("a quotation mark that swallows the file", "a.csv", "WORKBOOK_QUOTES_OPEN", () =>
            Utf8(GoodCsv + "\"" + Repeat("翟测试,男\r\n", 5000))),
        new("GB18030 with lines in UTF-8", "a.csv", "WORKBOOK_ENCODING_MIXED", () =>
            [.. Gb18030.Encode(GoodCsv), .. Utf8("王测试,男,汉族\r\n")]),
        new("UTF-8 with lines in GB18030", "a.csv", "WORKBOOK_ENCODING_MIXED", () =>
            [.. Utf8(GoodCsv), .. Gb18030.Encode("王测试,男,汉族\r\n")]),
        new("bytes of no encoding", "a.csv", "WORKBOOK_ENCODING_UNKNOWN", () =>
            [.. Gb18030.Encode("姓名,性别\r\n"), 0x81, 0xFF, 0xFF, 0x0A]),
        new("a hundred thousand commas", "a.csv", "WORKBOOK_TOO_MANY_COLUMNS", () => Utf8(new string(',', 100_000))),
        new("one line of a million letters", "a.csv", "WORKBOOK_CELL_TOO_LONG", () => Utf8(Letters(1_000_000))),
        new("a poem", "a.csv", "WORKBOOK_HEADER_MISSING", () => Utf8("床前明月光\r\n疑是地上霜\r\n")),
        new("blank lines only", "a.csv", "WORKBOOK_HEADER_MISSING", () => Utf8("\r\n\r\n  \r\n")),
    ];

    private static string GoodCsv => Csv(RosterSheet.Members, Member());

    private static byte[] Good() => Workbooks.Roster(Member());

    private static string[][] Rows() => [.. Table(RosterSheet.Members, Member())];

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    private static string Letters(int count) =>
        string.Create(count, new Random(1), static (into, random) =>
        {
            for (var i = 0; i < into.Length; i++) into[i] = (char)('a' + random.Next(26));
        });

    private static byte[] Noise(int count, byte first)
    {
        var bytes = new byte[count];
        new Random(2).NextBytes(bytes);
        bytes[0] = first;
        return bytes;
    }

    /// <summary>A container of the old format with one stream of that name.</summary>
    private static byte[] Ole(string stream)
    {
        byte[] bytes = [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1, .. new byte[1528]];
        Encoding.Unicode.GetBytes(stream).CopyTo(bytes, 1024);
        return bytes;
    }

    private static List<(string Name, string Text)> GoodParts() => Workbooks.Parts(
        ("组织", Sheet(Table(RosterSheet.Organisations, Organisation("B01", "无")))), (Members, Sheet(Rows())));

    private static byte[] With(string part, string text) => Zip(GoodParts().Append((part, text)));

    private static byte[] Changed(string part, string old, string now) => Zip(GoodParts().Select(p =>
        (p.Name, p.Name == part ? p.Text.Replace(old, now, StringComparison.Ordinal) : p.Text)));

    private static byte[] InSheet(string old, string now) => Changed("xl/worksheets/sheet2.xml", old, now);

    private static string Repeat(string text, int count) => string.Concat(Enumerable.Repeat(text, count));

    private static byte[] AfterRow(string rows) =>
        InSheet("</sheetData>", rows + "</sheetData>");

    private static string Inline(string text) => $"<c r=\"{{0}}\" t=\"inlineStr\"><is><t>{text}</t></is></c>";

    private static byte[] Cell(string column, string xml) => Xlsx(
        ("组织", Sheet(Table(RosterSheet.Organisations, Organisation("B01", "无")))),
        (Members, MemberSheetWith(column, xml)));

    private static byte[] Overwritten()
    {
        var file = Good();
        for (var i = 400; i < file.Length / 2; i++) file[i] ^= 0x5A;
        return file;
    }

    /// <summary>A workbook whose member sheet is megabytes of blanks.</summary>
    private static byte[] Bomb(int megabytes, bool honest)
    {
        var bytes = new MemoryStream();
        using (var archive = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, text) in GoodParts().Where(p => p.Name != "xl/worksheets/sheet2.xml"))
                using (var part = archive.CreateEntry(name).Open()) part.Write(Utf8(text));
            using var bomb = archive.CreateEntry("xl/worksheets/sheet2.xml", CompressionLevel.Fastest).Open();
            bomb.Write(Utf8("<worksheet><sheetData>"));
            // Tags as well as blanks: no single text is long.
            var blanks = Utf8(Repeat("<row/>" + new string(' ', 1018), 1024));
            for (var i = 0; i < megabytes; i++) bomb.Write(blanks);
        }
        var file = bytes.ToArray();
        if (honest) return file;
        // Says 1000 bytes in the directory at the end of the archive.
        var at = file.AsSpan().LastIndexOf("PK\u0001\u0002"u8);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(at + 24), 1000);
        return file;
    }
}
