using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;

namespace Registry.Service.Roster;

/// <summary>A table to hand out (名册, 报表), in the manner of offices. Source: R-155.</summary>
public sealed record RegisterTable
{
    /// <summary>Merged over the whole width, such as 翼城县外出流动党员名册.</summary>
    public required string Title { get; init; }

    /// <summary>Who reports (填报单位).</summary>
    public required string Unit { get; init; }

    /// <summary>Civil date of the figures.</summary>
    public required DateOnly On { get; init; }

    /// <summary>Unit of measure: 人, 元, %.</summary>
    public string Measure { get; init; } = "人";

    /// <summary>Headers and widths, without the sequence column, which is added.</summary>
    public required IReadOnlyList<(string Title, int Width)> Columns { get; init; }

    /// <summary>
    /// Texts by column, read once and never held; an empty one is shown as a dash. Identifiers already masked if they
    /// must be.
    /// </summary>
    public required IAsyncEnumerable<IReadOnlyList<string>> Rows { get; init; }

    /// <summary>The line right below the rows; null: their number, each one unit of measure.</summary>
    public string? Total { get; init; }

    /// <summary>Below the table; null for none.</summary>
    public string? Note { get; init; }

    /// <summary>
    /// Who made the copy, when and for what: below the table and at the foot of each page; null for none.
    /// Source: R-166.
    /// </summary>
    public string? Watermark { get; init; }

    /// <summary>Rows after which a workbook goes on in another sheet; a sheet of the format ends there.</summary>
    public int SheetRows { get; init; } = 1_048_576;
}

/// <summary>Writes a table as a workbook: A4 landscape, repeated header, text cells, total, signature row.</summary>
public static class RegisterWorkbook
{
    private const string Signatures = "负责人：              审核人：              填表人：              联系电话：";

    // Total, note, signatures, watermark.
    private const int FootRows = 4;

    /// <summary>
    /// Rows go out as they come: what waits in memory is one buffer, however long the table. What does not fit on one
    /// sheet goes on on the next, with title and header again; the foot comes once, at the end.
    /// </summary>
    public static async Task WriteAsync(PipeWriter output, RegisterTable table, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(table);
        var width = table.Columns.Count + 1;
        using (var workbook = new XlsxWriter(new PipeOutput(output)))
        {
            var (sequence, sheets) = (0, 1);
            Begin(workbook, table, sheets);
            await foreach (var row in table.Rows.WithCancellation(ct))
            {
                if (workbook.Row >= table.SheetRows - FootRows) Begin(workbook, table, ++sheets);
                workbook.Write(row.Prepend($"{++sequence}").Select(t => ((string?)Dash(t), XlsxStyle.Framed)));
                await output.FlushWhenFullAsync(ct);
            }
            var total = table.Total ?? $"合计：{sequence.ToString(CultureInfo.InvariantCulture)} {table.Measure}";
            Line(workbook, total, XlsxStyle.Note, width);
            if (table.Note is not null) Line(workbook, "说明：" + table.Note, XlsxStyle.Note, width);
            Line(workbook, Signatures, XlsxStyle.Note, width);
            if (table.Watermark is not null) Line(workbook, table.Watermark, XlsxStyle.Right, width);
        }
        await output.FlushAsync(ct);
    }

    private static void Begin(XlsxWriter workbook, RegisterTable table, int number)
    {
        workbook.Sheet(number == 1 ? "名册" : $"名册{number}", new()
        {
            Columns = [(6, XlsxStyle.Text), .. table.Columns.Select(c => (c.Width, XlsxStyle.Text))],
            HeaderRow = 3,
            Landscape = true,
            Footer = table.Watermark ?? "",
        });
        var width = table.Columns.Count + 1;
        Line(workbook, table.Title, XlsxStyle.Title, width);
        var day = $"{table.On.Year}年{table.On.Month}月{table.On.Day}日";
        Line(workbook, $"填报单位：{table.Unit}    日期：{day}    计量单位：{table.Measure}", XlsxStyle.Right, width);
        workbook.Write(
            table.Columns.Select(c => c.Title).Prepend("序号").Select(t => ((string?)t, XlsxStyle.FramedHeader)));
    }

    private static void Line(XlsxWriter workbook, string text, XlsxStyle style, int width)
    {
        workbook.Write([(text, style)]);
        workbook.MergeRow(width);
    }

    private static string Dash(string text) => string.IsNullOrWhiteSpace(text) ? "—" : text;
}

/// <summary>How a CSV file is encoded.</summary>
public enum CsvEncoding
{
    /// <summary>UTF-8 with mark, which spreadsheet programs need to notice it.</summary>
    Utf8,

    /// <summary>GB 18030, edition 2022, for older programs.</summary>
    Gb18030,
}

/// <summary>Writes the same table as CSV: header and rows only. Source: .</summary>
public static class RegisterCsv
{
    /// <summary>Rows go out as they come.</summary>
    public static async Task WriteAsync(
        PipeWriter output, RegisterTable table, CsvEncoding encoding, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(table);
        if (encoding == CsvEncoding.Utf8) output.Write(Encoding.UTF8.Preamble);
        WriteLine(table.Columns.Select(c => c.Title).Prepend("序号"));
        var sequence = 0;
        await foreach (var row in table.Rows.WithCancellation(ct))
        {
            WriteLine(row.Prepend($"{++sequence}"));
            await output.FlushWhenFullAsync(ct);
        }
        await output.FlushAsync(ct);

        void WriteLine(IEnumerable<string> cells)
        {
            var line = string.Join(',', cells.Select(Cell)) + "\r\n";
            output.Write(encoding == CsvEncoding.Gb18030 ? Gb18030.Encode(line) : Encoding.UTF8.GetBytes(line));
        }
    }

    /// <summary>Quotes where needed; an apostrophe before what a spreadsheet program would run.</summary>
    private static string Cell(string text)
    {
        var isFormula = text.Length > 1 && text[0] is '=' or '+' or '-' or '@' or '\t';
        var safe = isFormula ? "'" + text : text;
        if (safe.AsSpan().IndexOfAny(",\"\r\n") < 0) return safe;
        return $"\"{safe.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }
}
