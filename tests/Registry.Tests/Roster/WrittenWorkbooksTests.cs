using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using DocumentFormat.OpenXml.Packaging;
using DocumentFormat.OpenXml.Spreadsheet;
using DocumentFormat.OpenXml.Validation;
using Registry.Roster;
using Registry.Service.Reference;
using Registry.Service.Roster;

namespace Registry.Tests.Roster;

/// <summary>What we write: valid by the format's own schema, and readable by ourselves.</summary>
public sealed class WrittenWorkbooksTests
{
    [Fact]
    [Trait("mechanism", "M-073")]
    public async Task The_template_is_valid_and_says_that_it_holds_no_rows()
    {
        var template = Written(stream => RosterTemplate.Write(stream, ReferenceData.Codes));
        AssertValid(template);
        Assert.Equal("WORKBOOK_NO_ROWS", (await RosterFiles.CheckAsync(template)).Refusal?.Code);
    }

    [Fact]
    public void Every_code_column_of_the_template_offers_its_list()
    {
        using var document = SpreadsheetDocument.Open(
            new MemoryStream(Written(stream => RosterTemplate.Write(stream, ReferenceData.Codes))), false);
        var lists = document.WorkbookPart!.WorksheetParts
            .SelectMany(p => p.Worksheet!.Descendants<DataValidation>())
            .Count(v => v.Type?.Value == DataValidationValues.List);
        Assert.Equal(RosterSheet.All.SelectMany(s => s.Columns).Count(c => c.Kind == RosterKind.Code), lists);
    }

    [Fact]
    [Trait("mechanism", "M-074")]
    public async Task Wrong_rows_come_back_with_reasons_and_go_in_once_they_are_corrected()
    {
        var wrong = Workbooks.Member(3);
        (wrong["phone"], wrong["residence"]) = ("1", "");
        var report = await RosterFiles.CheckAsync(Workbooks.Roster(Workbooks.Member(), wrong));
        var file = Written(stream => ErrorWorkbook.Write(
            stream, report.Organisations, report.Members, ReferenceData.Codes));
        AssertValid(file);
        var text = Texts(file);
        Assert.Contains("联系电话：不是有效的手机号或带区号的固定电话\n现居住地：不能留空，没有请填“无”或“—”", text);
        Assert.DoesNotContain(Workbooks.Member(1)["id-number"], text);

        // The same file goes back in: still the same two problems, in their new row, and no other.
        var known = new Dictionary<string, string> { ["B01"] = "BRA" };
        var again = await RosterFiles.CheckAsync(file, known: known);
        Assert.Equal([("phone", 2), ("residence", 2)], again.Problems.Select(p => (p.Column, p.Row)));
    }

    [Fact]
    public async Task A_register_is_valid_and_follows_the_habits_of_offices()
    {
        var table = Register with { Rows = Rows(["翟测试", ""]), Watermark = "编号 1，甲&乙<丙>，用途：核对" };
        var file = await PipedAsync(pipe => RegisterWorkbook.WriteAsync(pipe, table, default));
        AssertValid(file);
        using var document = SpreadsheetDocument.Open(new MemoryStream(file), false);
        var sheet = document.WorkbookPart!.WorksheetParts.Single().Worksheet!;
        Assert.Equal(["A1:C1", "A2:C2", "A5:C5", "A6:C6", "A7:C7", "A8:C8"], sheet
            .Descendants<MergeCell>().Select(m => m.Reference!.Value));
        Assert.Equal("landscape", sheet.Descendants<PageSetup>().Single()
            .Orientation!.InnerText);
        Assert.Contains("计量单位：人", Texts(file).Single(t => t.StartsWith("填报单位", StringComparison.Ordinal)));
        Assert.Contains("—", Texts(file));
        Assert.Contains("合计：1 人", Texts(file));
        Assert.Contains("编号 1，甲&乙<丙>，用途：核对", Texts(file));
        Assert.StartsWith("&L&8编号 1，甲&&乙<丙>，用途：核对&R", sheet.Descendants<OddFooter>().Single().Text,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_does_not_fit_on_a_sheet_goes_on_on_the_next()
    {
        string[][] rows = [.. Enumerable.Range(1, 25).Select(i => new[] { $"翟{i}", "" })];
        var table = Register with { Rows = Rows(rows), Watermark = "编号 1", SheetRows = 20 };
        var file = await PipedAsync(pipe => RegisterWorkbook.WriteAsync(pipe, table, default));
        AssertValid(file);
        using var document = SpreadsheetDocument.Open(new MemoryStream(file), false);
        var book = document.WorkbookPart!;
        var sheets = book.Workbook!.Descendants<Sheet>().ToList();
        Assert.Equal(["名册", "名册2"], sheets.Select(s => s.Name!.Value));
        var lines = sheets.Select(s => ((WorksheetPart)book.GetPartById(s.Id!)).Worksheet!.Descendants<Row>().ToList())
            .ToList();
        // Title, unit, header and 13 rows; room for the foot is always left. Then the rest with the foot.
        Assert.Equal([16, 3 + 12 + 4], lines.Select(l => l.Count));
        Assert.All(lines, l => Assert.Equal("测试名册", l[0].InnerText));
        Assert.Equal(rows.Select((r, i) => $"{i + 1}{r[0]}—"),
            lines[0].Skip(3).Concat(lines[1].Skip(3).Take(12)).Select(l => l.InnerText));
        Assert.Equal(["合计：25 人", "编号 1"], new[] { lines[1][15].InnerText, lines[1][^1].InnerText });
    }

    /// <summary>
    /// Nobody reads: the writer stops. Each time the reader has taken all there is, it goes on until a buffer is full
    /// again. All on one thread, so that what was asked for by then is exact.
    /// </summary>
    [Theory, InlineData(true), InlineData(false)]
    public Task A_register_of_any_length_holds_one_buffer_and_asks_for_no_row_before_there_is_room(bool xlsx) =>
        Task.Run(() => ReadSlowlyAsync(xlsx), TestContext.Current.CancellationToken);

    private static async Task ReadSlowlyAsync(bool xlsx)
    {
        const int Count = 200_000, BufferMax = 256 * 1024;
        var asked = 0;
        var pipe = new Pipe(new(readerScheduler: PipeScheduler.Inline, writerScheduler: PipeScheduler.Inline,
            pauseWriterThreshold: 64 * 1024, resumeWriterThreshold: 1, useSynchronizationContext: false));
        var table = Register with { Rows = Asked() };
        var writing = xlsx ? RegisterWorkbook.WriteAsync(pipe.Writer, table, default)
            : RegisterCsv.WriteAsync(pipe.Writer, table, CsvEncoding.Utf8, default);
        var (buffers, bytes) = (0, 0L);
        for (var before = 0; !writing.IsCompleted; buffers++)
        {
            // A row is at least 30 bytes of digits that no compression takes away: so many fill the buffer.
            Assert.InRange(asked - before, 1, BufferMax / 30);
            before = asked;
            Assert.True(pipe.Reader.TryRead(out var read));
            Assert.InRange(read.Buffer.Length, 1, BufferMax);
            bytes += read.Buffer.Length;
            pipe.Reader.AdvanceTo(read.Buffer.End);
        }
        await writing;
        Assert.Equal(Count, asked);
        Assert.True(buffers > 50 && bytes > 50 * 64 * 1024, $"{buffers} {bytes}");

        async IAsyncEnumerable<IReadOnlyList<string>> Asked()
        {
            await ValueTask.CompletedTask;
            var random = new Random(7);
            for (; asked < Count; asked++) yield return [$"{random.NextInt64():D19}", $"{random.NextInt64():D19}"];
        }
    }

    [Fact]
    public async Task Csv_exports_are_quoted_defused_and_keep_rare_characters_in_both_encodings()
    {
        var utf8 = await CsvAsync(Register, CsvEncoding.Utf8);
        Assert.Equal([0xEF, 0xBB, 0xBF], utf8[..3]);
        const string Expected = "序号,姓名,备注\r\n1,𠮷\u9FB4,\"a,\"\"b\"\"\"\r\n";
        Assert.Equal(Expected, Encoding.UTF8.GetString(utf8[3..]));
        var gb18030 = await CsvAsync(Register, CsvEncoding.Gb18030);
        Assert.Equal(Expected, Gb18030.Decode(gb18030));
        var risky = Register with { Rows = Rows(["=1+1", "-"]) };
        var text = Encoding.UTF8.GetString((await CsvAsync(risky, CsvEncoding.Utf8))[3..]);
        Assert.EndsWith("1,'=1+1,-\r\n", text, StringComparison.Ordinal);
    }

    private static RegisterTable Register => new()
    {
        Title = "测试名册",
        Unit = "测试县委组织部",
        On = new(2026, 11, 22),
        Columns = [("姓名", 12), ("备注", 20)],
        Rows = Rows(["𠮷\u9FB4", "a,\"b\""]),
        Note = "无",
    };

    private static IAsyncEnumerable<IReadOnlyList<string>> Rows(params string[][] rows) => rows.ToAsyncEnumerable();

    private static Task<byte[]> CsvAsync(RegisterTable table, CsvEncoding encoding) =>
        PipedAsync(pipe => RegisterCsv.WriteAsync(pipe, table, encoding, default));

    private static async Task<byte[]> PipedAsync(Func<PipeWriter, Task> write)
    {
        using var stream = new MemoryStream();
        var pipe = PipeWriter.Create(stream, new(leaveOpen: true));
        await write(pipe);
        await pipe.CompleteAsync();
        return stream.ToArray();
    }

    private static byte[] Written(Action<Stream> write)
    {
        using var stream = new MemoryStream();
        write(stream);
        return stream.ToArray();
    }

    private static void AssertValid(byte[] file)
    {
        using var document = SpreadsheetDocument.Open(new MemoryStream(file), false);
        Assert.Empty(new OpenXmlValidator().Validate(document).Select(e =>
            string.Create(CultureInfo.InvariantCulture, $"{e.Part?.Uri} {e.Path?.XPath}: {e.Description}")));
    }

    private static List<string> Texts(byte[] file)
    {
        using var document = SpreadsheetDocument.Open(new MemoryStream(file), false);
        return [.. document.WorkbookPart!.WorksheetParts.SelectMany(p =>
            p.Worksheet!.Descendants<InlineString>().Select(i => i.InnerText))];
    }
}
