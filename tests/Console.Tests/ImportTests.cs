using System.Text;
using Microsoft.Playwright;
using Platform.Seeds;
using static Microsoft.Playwright.Assertions;

namespace Console.Tests;

/// <summary>A clerk's roster: dry run, columns of its own, reasons in the cells, the load and its undo.</summary>
public sealed class ImportTests(ConsoleFixture fixture)
{
    private const string Region = "141023", Org = "140000/141000/141023/";
    private const string Probe = "<img src=x onerror=alert(1)>";

    private static readonly LocatorAssertionsToBeVisibleOptions Slow = new() { Timeout = 60_000 };

    [Fact]
    public async Task Sixty_wrong_rows_are_shown_in_their_cells_and_the_right_ones_are_written_and_taken_back()
    {
        var made = RosterMaker.Make(new(Region, 200, 60, 23, ["140105"]), SeedFolder.Find());
        await using var visit = await fixture.VisitAsync("committee-clerk", Org);
        var page = visit.Page;
        await page.GotoAsync("/imports");
        await page.LookAsync("imports");
        await UploadAsync(page, "流动党员名册.xlsx", made.File);
        await RestedAsync(page);
        await Expect(page.Locator(".tile", new() { HasText = "可以写入" })).ToContainTextAsync("140");
        await Expect(page.Locator(".tile", new() { HasText = "有错，不写入" })).ToContainTextAsync("60");
        await Expect(page.GetByRole(AriaRole.Table).GetByRole(AriaRole.Row)).ToHaveCountAsync(51);
        // No number of an identity document stands in the page.
        Assert.DoesNotMatch("[0-9]{17}[0-9X]", await page.ContentAsync());
        await page.LookAsync("import-checked");
        await page.GetByRole(AriaRole.Link, new() { Name = "下一页" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "回第一页" })).ToBeVisibleAsync();
        var file = await page.RunAndWaitForDownloadAsync(() =>
            page.GetByRole(AriaRole.Link, new() { Name = "下载错误名册" }).ClickAsync());
        Assert.Equal("roster-errors.xlsx", file.SuggestedFilename);
        await using (var bytes = await file.CreateReadStreamAsync())
        {
            var start = new byte[2];
            await bytes.ReadExactlyAsync(start, TestContext.Current.CancellationToken);
            Assert.Equal("PK"u8.ToArray(), start);
        }
        await page.GetByRole(AriaRole.Button, new() { Name = "写入正确的行" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "导入结果" })).ToBeVisibleAsync(Slow);
        await Expect(page.Locator(".tile", new() { HasText = "写入" }).First).ToContainTextAsync("新增140");
        await page.LookAsync("import-done");
        await page.GetByLabel("撤销理由").FillAsync("导错了表");
        await page.GetByRole(AriaRole.Button, new() { Name = "整批撤销" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "已整批撤销" })).ToBeVisibleAsync(Slow);
        await Expect(page.Locator(".tile", new() { HasText = "撤回" })).ToContainTextAsync("140");
        await page.LookAsync("import-undone");
        await page.GotoAsync("/imports");
        await Expect(page.GetByRole(AriaRole.Row, new() { Name = "流动党员名册.xlsx" })).ToContainTextAsync("已撤销");
    }

    [Fact]
    public async Task A_workbook_dropped_on_the_page_is_checked_at_once()
    {
        await fixture.TopAsync(Region);
        var made = RosterMaker.Make(new(Region, 5, 0, 29, ["140105"]), SeedFolder.Find());
        await using var visit = await fixture.VisitAsync("committee-clerk", Org);
        var page = visit.Page;
        await page.GotoAsync("/imports");
        await page.EvaluateAsync("""
            (text) => {
              const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
              const dataTransfer = new DataTransfer();
              dataTransfer.items.add(new File([bytes], "拖进来的名册.xlsx"));
              const place = document.querySelector("[data-drop]");
              place.dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true }));
            }
            """, Convert.ToBase64String(made.File));
        await RestedAsync(page);
        await Expect(page.Locator("main")).ToContainTextAsync("拖进来的名册.xlsx");
        await Expect(page.Locator(".tile", new() { HasText = "可以写入" })).ToContainTextAsync("5");
    }

    [Fact]
    public async Task An_own_header_is_mapped_once_and_then_known()
    {
        await fixture.TopAsync(Region);
        await using var visit = await fixture.VisitAsync("committee-clerk", Org);
        var page = visit.Page;
        var csv = Encoding.UTF8.GetBytes($"某县党员信息表\r\n党员姓名,性别,身份证件号,支部代号,{Probe}\r\n"
            + $"{Probe},先生,141023198001010011,N1,x\r\n");
        await page.GotoAsync("/imports");
        await UploadAsync(page, "自己的表.csv", csv);
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "认列名" })).ToBeVisibleAsync(Slow);
        await Expect(page.GetByLabel("“党员姓名”对应")).ToHaveValueAsync("name");
        // Headers are compared without spaces and brackets.
        await Expect(page.GetByRole(AriaRole.Rowheader, new() { Name = "<imgsrc=xonerror=alert>" })).ToBeVisibleAsync();
        await page.LookAsync("import-mapping");
        await page.GetByLabel("“身份证件号”对应").SelectOptionAsync("id-number");
        await page.GetByLabel("“支部代号”对应").SelectOptionAsync("branch");
        await page.GetByLabel("“先生”即").SelectOptionAsync("男");
        await page.GetByRole(AriaRole.Button, new() { Name = "记住并试运行" }).ClickAsync();
        // Needed columns that nothing fills are named, and what was chosen stays.
        await Expect(page.GetByRole(AriaRole.Alert).First).ToBeVisibleAsync();
        await Expect(page.GetByLabel("“身份证件号”对应")).ToHaveValueAsync("id-number");
        foreach (var field in await page.Locator("fieldset input").AllAsync()) await field.FillAsync("无");
        await page.GetByRole(AriaRole.Button, new() { Name = "记住并试运行" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "试运行结果" })).ToBeVisibleAsync(Slow);
        // The cell's own text is shown as text.
        await Expect(page.GetByRole(AriaRole.Table)).ToContainTextAsync("<img src=x");
        await page.GotoAsync("/imports");
        await UploadAsync(page, "自己的表2.csv", csv);
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "试运行结果" })).ToBeVisibleAsync(Slow);
    }

    [Fact]
    public async Task A_file_that_is_none_is_refused_with_its_reason_and_a_branch_does_not_import()
    {
        await fixture.TopAsync(Region);
        await using var visit = await fixture.VisitAsync("committee-clerk", Org, script: false);
        var page = visit.Page;
        await page.GotoAsync("/imports");
        await UploadAsync(page, "坏.xlsx", "PK not a workbook"u8.ToArray());
        // Without the script the page is asked again.
        for (var i = 0; i < 40 && await page.Locator("[data-progress]").CountAsync() > 0; i++)
            await page.GetByRole(AriaRole.Link, new() { Name = "刷新" }).ClickAsync();
        await Expect(page.GetByText("这个文件不能导入")).ToBeVisibleAsync();
        await using var branch = await fixture.VisitAsync("branch-secretary", Org);
        await branch.Page.GotoAsync("/imports");
        await Expect(branch.Page.Locator(".state[data-kind=denied]")).ToBeVisibleAsync();
        await branch.Page.LookAsync("imports-denied");
        await branch.Page.GotoAsync($"/imports/{Guid.CreateVersion7()}");
        await Expect(branch.Page.Locator(".state[data-kind=denied]")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task An_upload_without_the_guard_of_the_form_is_refused_before_the_file_moves()
    {
        using var http = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false, UseCookies = false });
        using var form = new MultipartFormDataContent
        {
            { new StringContent(Guid.CreateVersion7().ToString()), "command" },
            { new StringContent(Region), "region" },
            { new ByteArrayContent("x"u8.ToArray()), "file", "a.csv" },
        };
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{fixture.Address}/imports/upload");
        request.Content = form;
        request.Headers.Add("Cookie", $"session={await fixture.SessionAsync("committee-clerk", Org)}");
        using var answer = await http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(400, (int)answer.StatusCode);
    }

    [Fact]
    public async Task A_file_larger_than_any_body_of_the_gateway_passes_through_whole()
    {
        await fixture.TopAsync(Region);
        await using var visit = await fixture.VisitAsync("committee-clerk", Org);
        var page = visit.Page;
        await page.GotoAsync("/imports");
        var token = await page.Locator("form[data-upload] input[name=__RequestVerificationToken]").InputValueAsync();
        var cookies = string.Join("; ", (await page.Context.CookiesAsync()).Select(c => $"{c.Name}={c.Value}"));
        using var http = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false, UseCookies = false });
        var command = Guid.CreateVersion7();
        const int Bytes = 48 << 20;
        using var form = new MultipartFormDataContent
        {
            { new StringContent(token), "__RequestVerificationToken" },
            { new StringContent(command.ToString()), "command" },
            { new StringContent(Region), "region" },
            { new StreamContent(new Zeros(Bytes)), "file", "large.csv" },
        };
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{fixture.Address}/imports/upload");
        request.Content = form;
        request.Headers.Add("Cookie", cookies);
        using var answer = await http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal($"/imports/{command}", answer.Headers.Location?.ToString());
        var load = (await fixture.As("committee-clerk", Org).GetAsync($"/api/v1/rosters/{command}")).Ok;
        Assert.Equal(Bytes, load.GetProperty("fileBytes").GetInt64());
    }

    private static async Task UploadAsync(IPage page, string name, byte[] file)
    {
        await page.GetByLabel("文件", new() { Exact = true }).SetInputFilesAsync(new FilePayload
        {
            Name = name, MimeType = "application/octet-stream", Buffer = file,
        });
        await page.GetByRole(AriaRole.Button, new() { Name = "上传，试运行" }).ClickAsync();
    }

    private static Task RestedAsync(IPage page) =>
        Expect(page.GetByRole(AriaRole.Heading, new() { Name = "试运行结果" })).ToBeVisibleAsync(Slow);

    /// <summary>So many zeros, made as they are read.</summary>
    private sealed class Zeros(long length) : Stream
    {
        public override int Read(byte[] buffer, int offset, int count)
        {
            var part = (int)Math.Min(count, length - Position);
            Array.Clear(buffer, offset, part);
            Position += part;
            return part;
        }

        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => length;
        public override long Position { get; set; }
        public override void Flush() { }
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
