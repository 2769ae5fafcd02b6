using System.Globalization;
using Registry.Figures;
using Registry.Service.Reference;
using Registry.Service.Roster;

namespace Registry.Service.Capabilities;

/// <summary>A published table on paper: a row for each unit, the sum last, what does not close below. R-155.</summary>
internal static class ClosingTable
{
    private static readonly string[] Numbers =
    [
        "opening", "increases", "decreases", "headcount", "mobile", "out", "within", "in", "ownTownship",
        "beyondTownship", "destinationOpen", "shortOut",
    ];

    public static RegisterTable Of(ClosingsApi.PublishedReply table, Export export)
    {
        var month = DateOnly.ParseExact(table.Month, "yyyy-MM", CultureInfo.InvariantCulture);
        var rows = table.Rows.Select(r => Cells(r.Name, Row(r), r.Difference)).ToList();
        if (rows.Count > 0) rows.Add(Cells("合计", table.Total, table.Rows.Sum(r => r.Difference)));
        var missing = table.Missing.Count == 0 ? "各单位均已报送。"
            : $"未报送：{string.Join('、', table.Missing.Take(50).Select(m => m.Name))}等 {table.Missing.Count} 个单位。";
        var open = table.Checks.Where(c => c.Remainder != 0).Select(c => $"{c.Zh}，相差 {c.Remainder}；");
        return new()
        {
            Title = $"{export.Unit}流动党员月报表（{month.Year}年{month.Month}月）",
            Unit = export.Unit,
            On = month.AddMonths(1).AddDays(-1),
            Columns = [("单位", 28), .. Numbers.Select(n => (Title(n), 12)), ("流动占比%", 12), ("差额", 10)],
            Rows = rows.ToAsyncEnumerable(),
            Total = $"已报送：{table.Rows.Count} 个单位",
            Note = $"{string.Concat(open)}{missing}",
        };
    }

    private static Dictionary<string, long> Row(ClosingsApi.ClosingReply r) => new(r.Figures, StringComparer.Ordinal)
    {
        [Measures.Headcount] = r.Headcount,
        ["opening"] = r.Opening,
        ["increases"] = r.Increases,
        ["decreases"] = r.Decreases,
    };

    private static string Title(string number) => FigureData.Book.Find(number)?.Chinese ?? number switch
    {
        "opening" => "上月数",
        "increases" => "增加",
        _ => "减少",
    };

    private static IReadOnlyList<string> Cells(string name, IReadOnlyDictionary<string, long> table, long difference) =>
    [
        name, .. Numbers.Select(n => Text(table.GetValueOrDefault(n))),
        FigureBook.Share(table.GetValueOrDefault("mobile"), table.GetValueOrDefault("headcount")) is { } share
            ? share.ToString("0.0", CultureInfo.InvariantCulture) : "",
        Text(difference),
    ];

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
