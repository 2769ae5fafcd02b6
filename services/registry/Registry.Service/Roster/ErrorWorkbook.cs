using Registry.Roster;

namespace Registry.Service.Roster;

/// <summary>Gives the wrong rows back, the reasons beside the cells in red, ready to be corrected.</summary>
/// <remarks>
/// Sheets 组织 and 党员 hold only refused rows, with two more columns in front that the reader skips; a wrong cell is red
/// and shows its reasons when selected. Sheet 问题清单 lists every problem and warning. Source: M-074, R-154.
/// The cells hold what the clerk sent, unmasked: give this file to nobody else.
/// </remarks>
public static class ErrorWorkbook
{
    public const string FileName = "退回修改.xlsx";

    /// <summary>Hints per sheet; spreadsheet programs become slow beyond.</summary>
    private const int HintsMax = 5_000;

    /// <summary>Rows of a sheet besides its header.</summary>
    private const int ListMax = 1_048_575;

    private static readonly (string? Title, int Width)[] ListColumns =
    [
        ("工作表", 8), ("原行号", 8), ("列", 6), ("项目", 20), ("内容", 24), ("问题", 50), ("应填内容", 50), ("规则", 26),
        ("依据", 14),
    ];

    /// <summary>Synchronous: give memory or a file.</summary>
    /// <param name="organisations">Outcomes of sheet 组织, any order.</param>
    /// <param name="members">Outcomes of sheet 党员 by row; right rows may be left out. Read twice.</param>
    public static void Write(
        Stream output, IReadOnlyList<RosterOutcome<OrganisationEntry>> organisations,
        IEnumerable<RosterOutcome<MemberEntry>> members, CodeBook codes)
    {
        using var workbook = new XlsxWriter(output);
        var byRow = organisations.OrderBy(o => o.Row.Number).ToList();
        WriteSheet(workbook, RosterSheet.Organisations,
            byRow.Where(o => !o.IsAccepted).Select(o => (o.Row, o.Problems)), codes);
        WriteSheet(workbook, RosterSheet.Members,
            members.Where(o => !o.IsAccepted).Select(o => (o.Row, o.Problems)), codes);
        WriteList(workbook, byRow.SelectMany(o => o.Problems).Concat(members.SelectMany(o => o.Problems)));
        RosterTemplate.WriteCodes(workbook, codes);
    }

    private static void WriteSheet(
        XlsxWriter workbook, RosterSheet sheet,
        IEnumerable<(RosterRow Row, System.Collections.Immutable.ImmutableArray<RosterProblem> Problems)> rows,
        CodeBook codes)
    {
        workbook.Sheet(sheet.Title, new()
        {
            Columns =
                [(8, XlsxStyle.Text), (40, XlsxStyle.Reason), .. sheet.Columns.Select(c => (c.Width, XlsxStyle.Text))],
            HeaderRow = 1,
        });
        workbook.Write([
            ("原行号", XlsxStyle.Header), ("问题", XlsxStyle.Header), .. sheet.Columns.Select(RosterTemplate.Header)]);
        var hints = 0;
        foreach (var (row, problems) in rows)
        {
            var wrong = problems.ToLookup(p => p.Column);
            workbook.Write([
                ($"{row.Number}", XlsxStyle.Text), (string.Join('\n', problems.Select(Reason)), XlsxStyle.Reason),
                .. sheet.Columns.Select(c => Cell(row, c, wrong.Contains(c.Name)))]);
            foreach (var column in wrong)
                if (hints++ < HintsMax)
                    workbook.Offer(HintAt(sheet, column.Key, workbook.Row, column, codes));
        }
    }

    private static (string?, XlsxStyle) Cell(RosterRow row, RosterColumn column, bool isWrong)
    {
        var text = row[column.Name].Text;
        return isWrong ? (text, XlsxStyle.Wrong) : (text.Length == 0 ? null : text, XlsxStyle.Text);
    }

    private static XlsxChoice HintAt(
        RosterSheet sheet, string column, int row, IEnumerable<RosterProblem> problems, CodeBook codes)
    {
        var place = sheet.Columns.IndexOf(sheet[column]) + 2;
        var hint = string.Join('；', problems.Select(p => p.Zh)) + "。应填：" + problems.First().AllowedZh;
        var list = RosterTemplate.ListOf(sheet[column], codes);
        return new($"{RosterHeader.LetterOf(place)}{row}", list, sheet[column].Title, hint);
    }

    private static string Reason(RosterProblem problem) =>
        $"{problem.Title}：{problem.Zh}{(problem.Rule.WarningOnly ? "（提示）" : "")}";

    private static void WriteList(XlsxWriter workbook, IEnumerable<RosterProblem> problems)
    {
        workbook.Sheet("问题清单", new()
        {
            Columns = [.. ListColumns.Select(c => (c.Width, XlsxStyle.Text))],
            HeaderRow = 1,
            Landscape = true,
        });
        workbook.Write(ListColumns.Select(c => (c.Title, XlsxStyle.FramedHeader)));
        foreach (var p in problems.Take(ListMax))
            workbook.Write(new string?[]
            {
                p.Sheet, $"{p.Row}", p.Letter, p.Title, p.Value, p.Zh, p.AllowedZh, p.Rule.Id, p.Rule.Source,
            }.Select(text => (text, XlsxStyle.Framed)));
    }
}
