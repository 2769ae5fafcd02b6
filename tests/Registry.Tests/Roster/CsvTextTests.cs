using Registry.Service.Roster;

namespace Registry.Tests.Roster;

/// <summary>Text files of any shape come back as they were meant: quotes, line ends, fields over the reader's buffer.
/// </summary>
public sealed class CsvTextTests
{
    private const int Files = 200, Seed = 20261128;
    private static readonly string[] Words = ["", "", "汉族", "正式党员", "𠮷田", " a ", "13800000000", "x"];
    private static readonly string[] Difficult = [",", "\"", "\n", "\r\n", "\"\"", "=1", "甲\"乙"];

    [Fact]
    public void Whatever_is_written_into_a_text_file_is_read_again()
    {
        var random = new Random(Seed);
        for (var file = 0; file < Files; file++)
        {
            var (rows, end) = (Rows(random), random.Next(2) == 0 ? "\n" : "\r\n");
            var text = string.Join(end, rows.Select(row => string.Join(',', row.Select(f => Written(f, random)))))
                + (random.Next(2) == 0 ? end : "");
            var read = CsvText.Read(new StringReader(text), 100_000, 100).Select(r => r.Fields.ToArray()).ToList();
            Assert.Equal(rows, read);
        }
    }

    [Fact]
    public void A_value_that_stands_in_the_row_above_is_the_same_string()
    {
        var rows = CsvText.Read(new StringReader("汉族,甲\n汉族,乙\n"), 100, 100)
            .Select(r => (Same: r.Fields[0], Own: r.Fields[1])).ToList();
        Assert.Same(rows[0].Same, rows[1].Same);
        Assert.Equal(["甲", "乙"], rows.Select(r => r.Own));
    }

    // The first row says what separates: by its own commas, or there are none.
    private static List<string[]> Rows(Random random) =>
    [
        ["姓名", "民族", "类别"],
        .. Enumerable.Range(0, random.Next(1, 40)).Select(_ =>
            Enumerable.Range(0, random.Next(2, 9)).Select(_ => Field(random)).ToArray()),
    ];

    private static string Field(Random random) => random.Next(40) switch
    {
        0 => new('长', random.Next(5_000, 40_000)),
        < 6 => string.Concat(random.GetItems(Difficult, random.Next(1, 4))),
        _ => Words[random.Next(Words.Length)],
    };

    private static string Written(string field, Random random) =>
        field.AsSpan().IndexOfAny(",\"\r\n") >= 0 || random.Next(10) == 0
            ? $"\"{field.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : field;
}
