using System.Globalization;
using System.Text;
using Registry.Roster;
using Registry.Tests.Roster;

namespace Registry.Tests.Service;

/// <summary>Rosters for a registry that is killed, and how many facts it has told of them.</summary>
internal static class KilledRows
{
    public const string Facts = """
        (select string_agg(type || ' ' || n, ',' order by type)
         from (select type, count(*) as n from outbox group by type) t)
        """;

    public static byte[] File(IEnumerable<Dictionary<string, string>> rows) =>
        Encoding.UTF8.GetBytes(Workbooks.Csv(RosterSheet.Members, [.. rows]));

    public static void Leave(Dictionary<string, string> row)
    {
        foreach (var (column, value) in new[] { ("mobile", "是"), ("mobility-type", "跨省流动"), ("mobility-reason", "1"),
            ("destination", "440106"), ("departed-on", "2025-03-01") }) row[column] = value;
    }

    public static Dictionary<string, string> Right(int number)
    {
        var born = new DateOnly(1960, 1, 1).AddDays(number / 400);
        var sequence = (number % 400 * 2) + 1;
        var row = Workbooks.Member(1);
        row["name"] = $"翟{(char)('一' + number)}";
        var digits = born.ToString("yyyyMMdd", CultureInfo.InvariantCulture);
        row["id-number"] = Workbooks.IdNumber("141022", digits, sequence);
        row["born-on"] = born.ToString("O", CultureInfo.InvariantCulture);
        row["phone"] = $"1540000{number:D4}";
        return row;
    }
}
