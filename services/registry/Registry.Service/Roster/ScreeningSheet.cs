using System.Globalization;
using System.Xml;
using Platform.Hosting;
using Registry.Members;
using Registry.Roster;
using Registry.Screening;

namespace Registry.Service.Roster;

/// <summary>One line of a sheet that came back.</summary>
/// <param name="Row">Row number as the visitor sees it.</param>
/// <param name="MemberId">Null for somebody nobody had registered.</param>
internal sealed record ScreeningLine(int Row, Guid? MemberId, string Name, ScreeningOutcome Outcome, string WhereTo,
    string Phone, string PlaceKind, string Place, string HomeOrganisation, DateOnly FoundOn, string FoundBy,
    string Note);

/// <summary>What was wrong in one cell of a sheet.</summary>
public sealed record ScreeningProblem(int Row, string Column, string Zh, string En);

/// <summary>
/// The door-to-door sheet (排查表): out with the people to look for, in with what was found. Source: M-083, M-086.
/// </summary>
internal static class ScreeningSheet
{
    public const string Name = "排查表";
    private const string Codes = "选项";

    /// <summary>Empty rows for people nobody had registered.</summary>
    private const int FreeRows = 60;

    private static readonly (string Title, int Width)[] Columns =
    [
        ("序号", 6), ("档案编号", 34), ("姓名", 12), ("性别", 6), ("出生日期", 12), ("联系电话", 15), ("现居住地", 30),
        ("排查结果", 12), ("去向", 24), ("现联系电话", 15), ("场所类型", 10), ("场所名称", 20), ("原所在党组织", 24),
        ("排查日期", 12), ("排查人", 10), ("备注", 20),
    ];

    private static readonly (string Word, ScreeningOutcome Outcome)[] Outcomes =
    [
        ("找到", ScreeningOutcome.Found), ("已外出", ScreeningOutcome.Moved), ("未找到", ScreeningOutcome.NotFound),
        ("未登记", ScreeningOutcome.Unregistered),
    ];

    /// <summary>Writes the sheet of one branch. Synchronous: give memory or a file.</summary>
    public static void Write(Stream output, ScreeningCampaign campaign, string branch, IEnumerable<Member> members,
        CodeBook codes)
    {
        using var book = new XlsxWriter(output);
        book.Sheet(Name, new()
        {
            Columns = [.. Columns.Select(c => (c.Width, XlsxStyle.Text))], HeaderRow = 3, Landscape = true,
        });
        book.Write([($"{campaign.Name}（{branch}）", XlsxStyle.Title)]);
        book.MergeRow(Columns.Length);
        book.Write([($"时间：{Date(campaign.FromOn)} 至 {Date(campaign.UntilOn)}。发现未登记的党员，填在空行。"
            + "本表含个人信息，用后收回。", XlsxStyle.Note)]);
        book.MergeRow(Columns.Length);
        book.Write(Columns.Select(c => ((string?)c.Title, XlsxStyle.FramedHeader)));
        var number = 0;
        foreach (var m in members)
        {
            string[] known = [Number(++number), m.Id.ToString("N"), m.Name, codes["sex"].Find(m.Sex)?.Chinese ?? "",
                Date(m.BirthOn), m.Phone, m.Residence];
            book.Write(Columns.Select((_, i) => (i < known.Length ? known[i] : (string?)"", XlsxStyle.Framed)));
        }
        for (var i = 0; i < FreeRows; i++)
            book.Write(Columns.Select((_, at) => (at == 0 ? Number(++number) : (string?)"", XlsxStyle.Framed)));
        Offer(book, 7, "A", Outcomes.Length, "排查结果", "找到、已外出、未找到，或未登记（空行新填的人）", number);
        Offer(book, 10, "B", codes["place-kind"].Entries.Length, "场所类型", "住户、工地、楼宇、门店、市场", number);
        book.Sheet(Codes, new() { Columns = [(14, XlsxStyle.Text), (14, XlsxStyle.Text)] });
        for (var i = 0; i < Math.Max(Outcomes.Length, codes["place-kind"].Entries.Length); i++)
            book.Write([(i < Outcomes.Length ? Outcomes[i].Word : null, XlsxStyle.Text),
                (i < codes["place-kind"].Entries.Length ? codes["place-kind"].Entries[i].Chinese : null,
                    XlsxStyle.Text)]);
    }

    /// <summary>Reads what came back; rows without a result are not looked at.</summary>
    /// <exception cref="WorkbookException">The file as a whole cannot be read.</exception>
    public static (List<ScreeningLine> Lines, List<ScreeningProblem> Problems) Read(byte[] file, CodeBook codes,
        DateOnly today)
    {
        var limits = RosterLimits.Default with
        {
            FileBytesMax = PlatformHost.SheetBytesMax, InflatedBytesMax = 64 << 20, SharedStringsMax = 200_000,
        };
        try
        {
            using var package = new XlsxPackage(new MemoryStream(file, writable: false), limits);
            var sheet = package.Sheets().FirstOrDefault(s => s.Name.Trim() == Name)
                ?? throw new WorkbookException(WorkbookProblems.SheetMissing);
            var strings = new XlsxStrings(package, limits);
            return Read(new XlsxRows(package, sheet, strings, limits).Read(), codes, today);
        }
        catch (Exception damage) when (damage is InvalidDataException or IOException or NotSupportedException
            or XmlException)
        {
            throw new WorkbookException(WorkbookProblems.Damaged);
        }
    }

    private static (List<ScreeningLine>, List<ScreeningProblem>) Read(IEnumerable<SheetRow> rows, CodeBook codes,
        DateOnly today)
    {
        var (lines, problems) = (new List<ScreeningLine>(), new List<ScreeningProblem>());
        int[]? places = null;
        foreach (var row in rows)
        {
            string At(int column) => places is null || places[column] < 0 || places[column] >= row.Cells.Length
                ? "" : row.Cells[places[column]].Text.Trim();
            if (places is null)
            {
                var titles = row.Cells.Select(c => c.Text.Trim()).ToList();
                if (titles.Contains("排查结果")) places = [.. Columns.Select(c => titles.IndexOf(c.Title))];
                continue;
            }
            if (At(7).Length == 0 && (At(1).Length > 0 || At(2).Length == 0)) continue;
            if (Line(row.Number, At, codes, today, problems) is { } line) lines.Add(line);
        }
        return places is null ? throw new WorkbookException(WorkbookProblems.HeaderMissing(Name)) : (lines, problems);
    }

    private static ScreeningLine? Line(int row, Func<int, string> at, CodeBook codes, DateOnly today,
        List<ScreeningProblem> problems)
    {
        var before = problems.Count;
        void Say(int column, string zh, string en) => problems.Add(new(row, Columns[column].Title, zh, en));
        var isKnown = Guid.TryParse(at(1), out var id);
        if (!isKnown && at(1).Length > 0) Say(1, "档案编号被改动，请从原表复制", "the number was changed; copy it");
        var word = at(7).Length == 0 ? "未登记" : at(7);
        var outcome = Outcomes.FirstOrDefault(o => o.Word == word);
        if (outcome.Word is null)
            Say(7, "应为：找到、已外出、未找到、未登记", "one of the four results in the list");
        else if (isKnown == (outcome.Outcome == ScreeningOutcome.Unregistered))
            Say(7, "有档案编号的不能填“未登记”，空行只能填“未登记”", "“未登记” is for rows without a number only");
        if (outcome.Outcome == ScreeningOutcome.Moved && at(8).Length == 0) Say(8, "已外出的须填去向", "say where to");
        if (!isKnown && PersonName.Read(at(2)).Name is null) Say(2, "姓名不符合要求", "not a usable name");
        var phone = at(9).Length > 0 ? PhoneNumber.Read(at(9))?.Value : "";
        if (phone is null) Say(9, "不是有效的电话号码", "not a telephone number");
        var kind = codes["place-kind"].Find(at(10));
        if (kind is null && at(10).Length > 0) Say(10, "应为：住户、工地、楼宇、门店、市场", "one of the kinds in the list");
        var on = at(13).Length == 0 ? today : Day(at(13));
        if (on is null || on > today) Say(13, "应为不晚于今天的日期，如 2026-03-01", "a date such as 2026-03-01, not ahead");
        foreach (var column in (int[])[2, 8, 11, 12, 14, 15])
            if (at(column).Length > 200 || at(column).Any(char.IsControl)) Say(column, "最多 200 字", "at most 200");
        return problems.Count > before ? null : new(row, isKnown ? id : null, at(2), outcome.Outcome, at(8), phone!,
            kind?.Code ?? "", at(11), at(12), on!.Value, at(14), at(15));
    }

    private static void Offer(XlsxWriter book, int column, string list, int count, string title, string hint, int rows)
    {
        var letter = RosterHeader.LetterOf(column);
        book.Offer(new($"{letter}4:{letter}{rows + 3}", $"{Codes}!${list}$1:${list}${count}", title, hint));
    }

    private static DateOnly? Day(string text) =>
        DateOnly.TryParseExact(text, ["yyyy-M-d", "yyyy/M/d", "yyyy.M.d", "yyyy年M月d日", "yyyyMMdd"],
            CultureInfo.InvariantCulture, DateTimeStyles.None, out var on) ? on
        // A date cell holds days since 1899-12-30.
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var days)
            && days is > 36_000 and < 73_000 ? new DateOnly(1899, 12, 30).AddDays(days) : null;

    private static string Date(DateOnly on) => on.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
