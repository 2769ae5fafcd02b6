using Registry.Roster;

namespace Registry.Service.Roster;

/// <summary>The workbook to download and fill in: text cells, lists to choose from, notes.</summary>
public static class RosterTemplate
{
    public const string FileName = "花名册模板.xlsx";
    private const string CodeSheet = "代码";
    private const int LastRow = 50_001;

    /// <summary>Writes sheets 填表说明, 组织, 党员, 代码. Synchronous: give memory or a file.</summary>
    public static void Write(Stream output, CodeBook codes)
    {
        using var workbook = new XlsxWriter(output);
        WriteNotes(workbook);
        foreach (var sheet in RosterSheet.All) WriteSheet(workbook, sheet, codes);
        WriteCodes(workbook, codes);
    }

    /// <summary>Tables that columns of the roster use, in the order of the code sheet's columns.</summary>
    internal static IReadOnlyList<string> Tables { get; } =
        [.. RosterSheet.All.SelectMany(s => s.Columns).Select(c => c.Table).Where(t => t.Length > 0).Distinct()];

    /// <summary>Header text: a star marks what must be filled.</summary>
    internal static (string? Text, XlsxStyle Style) Header(RosterColumn column) => column.Fill == RosterFill.Required
        ? (column.Title + "*", XlsxStyle.RequiredHeader)
        : (column.Title, XlsxStyle.Header);

    /// <summary>The list of a code column, as a reference into the code sheet.</summary>
    internal static string? ListOf(RosterColumn column, CodeBook codes)
    {
        if (column.Table.Length == 0) return null;
        var letter = RosterHeader.LetterOf(Tables.ToList().IndexOf(column.Table));
        return $"{CodeSheet}!${letter}$2:${letter}${codes[column.Table].Entries.Length + 1}";
    }

    /// <summary>The sheet that lists refer to: one column per table, words only.</summary>
    internal static void WriteCodes(XlsxWriter workbook, CodeBook codes)
    {
        workbook.Sheet(CodeSheet, new() { Columns = [.. Tables.Select(_ => (22, XlsxStyle.Text))], HeaderRow = 1 });
        workbook.Write(Tables.Select(t => (TitleOf(t), XlsxStyle.Header)));
        for (var i = 0; i < Tables.Max(t => codes[t].Entries.Length); i++)
            workbook.Write(Tables.Select(t => (
                i < codes[t].Entries.Length ? codes[t].Entries[i].Chinese : null, XlsxStyle.Text)));

        static string? TitleOf(string table) =>
            RosterSheet.All.SelectMany(s => s.Columns).First(c => c.Table == table).Title;
    }

    private static void WriteSheet(XlsxWriter workbook, RosterSheet sheet, CodeBook codes)
    {
        workbook.Sheet(sheet.Title, new()
        {
            Columns = [.. sheet.Columns.Select(c => (c.Width, XlsxStyle.Text))],
            HeaderRow = 1,
        });
        workbook.Write(sheet.Columns.Select(Header));
        for (var i = 0; i < sheet.Columns.Length; i++)
        {
            var (column, letter) = (sheet.Columns[i], RosterHeader.LetterOf(i));
            workbook.Offer(new($"{letter}2:{letter}{LastRow}", ListOf(column, codes), column.Title, column.AllowedZh));
        }
    }

    private static void WriteNotes(XlsxWriter workbook)
    {
        workbook.Sheet("填表说明", new() { Columns = [(10, XlsxStyle.Note), (24, XlsxStyle.Note), (70, XlsxStyle.Note)] });
        workbook.Write([("花名册填表说明", XlsxStyle.Title), (null, XlsxStyle.Title), (null, XlsxStyle.Title)]);
        workbook.MergeRow(3);
        foreach (var note in Notes)
        {
            workbook.Write([(note, XlsxStyle.Note)]);
            workbook.MergeRow(3);
        }
        workbook.Write([("工作表", XlsxStyle.Header), ("项目", XlsxStyle.Header), ("填写要求", XlsxStyle.Header)]);
        foreach (var sheet in RosterSheet.All)
            foreach (var column in sheet.Columns)
                workbook.Write([
                    (sheet.Title, XlsxStyle.Framed), (column.Title, XlsxStyle.Framed),
                    (FillOf(column) + column.AllowedZh, XlsxStyle.Framed)]);

        static string FillOf(RosterColumn column) => column.Fill switch
        {
            RosterFill.Required => "必填。",
            RosterFill.NoneAllowed => "不得留空。",
            RosterFill.Optional => "选填。",
        };
    }

    private static readonly string[] Notes =
    [
        "1. 先填“组织”表，再填“党员”表；系统中已有的组织不必重填，直接填写其编码。",
        "2. 标题带“*”的为必填项；其余不得留空的项目，没有内容的填“无”或“—”。",
        "3. 身份号码、编码等一律为文本格式，不要改为数字格式，否则末位数字会丢失。",
        "4. 不要改动工作表名称和标题行，不要合并单元格，不要使用公式（请粘贴为值）。",
        "5. 导入前先“试导入”：有错误的行会连同原因退回，改正后可直接再次导入退回的文件。",
        "6. 本表含个人信息，请妥善保管，用后删除。",
    ];
}
