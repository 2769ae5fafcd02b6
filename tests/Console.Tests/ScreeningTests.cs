using Microsoft.Playwright;
using Platform.Testing;
using static Microsoft.Playwright.Assertions;

namespace Console.Tests;

/// <summary>Screenings from the desk: sheets out and back, wrong rows, progress, people without an archive.</summary>
public sealed class ScreeningTests(ConsoleFixture fixture)
{
    [Fact, Trait("mechanism", "M-083")]
    public async Task A_campaign_is_opened_carried_out_by_a_branch_and_closed()
    {
        var data = await PeopleData.CreateAsync(fixture, "E1");
        for (var i = 0; i < 3; i++) await data.MemberAsync(76_500 + i, $"排查{"甲乙丙"[i]}");
        await using var clerk = await fixture.VisitAsync("committee-clerk", data.CommitteePath);
        var desk = clerk.Page;
        var campaign = await OpenedAsync(desk);

        // The branch sees what the committee above opened, takes the sheet after a second factor, and brings it back.
        await using var visit = await fixture.VisitAsync("branch-secretary", data.BranchPath,
            secondFactorAt: DateTimeOffset.UtcNow);
        var page = visit.Page;
        await page.GotoAsync("/screenings");
        await Expect(page.Locator("tbody tr")).ToContainTextAsync("测试镇党委E1");
        await Expect(page.Locator("main .btn--primary")).ToHaveCountAsync(0);
        await page.LookAsync("screenings");
        await page.SetViewportSizeAsync(1440, 900);
        await page.Locator("tbody .btn").ClickAsync();
        await page.Locator("form[action$='/branch'] .btn--primary").ClickAsync();
        await Expect(page.Locator("h1")).ToHaveTextAsync("排查表");
        var file = await SheetAsync(page);
        var filled = FilledSheet.Fill(file, (4, "H", "找到"), (5, "H", "已外出"),
            (5, "I", $"太原 {PeopleData.Probe}"), (6, "H", "不知道"), (7, "C", "未登记某"), (7, "K", "工地"),
            (7, "L", PeopleData.Probe), (7, "P", PeopleData.Probe), (8, "C", "王1"));
        await BringAsync(page, filled);
        await Expect(page.Locator("#h-result ~ .note")).ToHaveTextAsync("写入3行，2处有误");
        await Expect(page.Locator("tbody tr").Nth(0)).ToContainTextAsync("第6行");
        await Expect(page.Locator("tbody tr").Nth(0)).ToContainTextAsync("排查结果");
        await Expect(page.Locator("tbody tr").Nth(1)).ToContainTextAsync("姓名不符合要求");
        await page.LookAsync("screening-result");
        await page.SetViewportSizeAsync(1440, 900);
        await BringAsync(page, "no workbook"u8.ToArray());
        await Expect(page.Locator("main .banner[data-kind=danger]")).ToContainTextAsync("文件不完整或已损坏");
        await page.LookAsync("screening-refused");
        await page.SetViewportSizeAsync(1440, 900);

        await FollowedAsync(page, campaign);
        await desk.SetViewportSizeAsync(1440, 900);
        await desk.ReloadAsync();
        await Expect(desk.Locator("[aria-labelledby=h-close] p")).ToContainTextAsync("还有1人未查");
        await desk.Locator("[aria-labelledby=h-close] .btn").ClickAsync();
        await Expect(desk.Locator("h1")).ToContainTextAsync("已结束");
        await desk.LookAsync("screening-closed");
        await page.GotoAsync($"{campaign}/branch?branchId={data.Branch}");
        await Expect(page.Locator("main form")).ToHaveCountAsync(0);
        await Expect(page.Locator("img")).ToHaveCountAsync(0);
    }

    [Fact, Trait("mechanism", "M-086"), Trait("mechanism", "M-085")]
    public async Task Who_is_met_at_a_site_gets_an_archive_or_is_found_to_have_one()
    {
        var data = await PeopleData.CreateAsync(fixture, "E2");
        var known = await data.MemberAsync(76_600, "工地乙");
        var clerk = fixture.As("committee-clerk", data.CommitteePath);
        var id = (await clerk.PostAsync("/api/v1/screenings", new
        {
            organisationId = data.Committee, name = "进工地", kind = "places", fromOn = "2026-01-01",
            untilOn = "2026-12-31",
        })).Id();
        await using var visit = await fixture.VisitAsync("branch-secretary", data.BranchPath,
            secondFactorAt: DateTimeOffset.UtcNow);
        var page = visit.Page;
        await page.GotoAsync($"/screenings/{id}/branch?branchId={data.Branch}");
        await BringAsync(page, FilledSheet.Fill(await SheetAsync(page), (4, "C", "工地甲"), (4, "K", "工地"),
            (4, "L", "三号工地"), (4, "M", "示例村党支部"), (5, "C", "工地乙"), (5, "K", "市场")));
        await Expect(page.Locator("#h-result ~ .note")).ToHaveTextAsync("写入2行，0处有误");
        Assert.Equal(2, await MissingAsync(data));

        await page.GotoAsync($"/screenings/{id}/findings?outcome=unlinked");
        await page.LookAsync("findings-unlinked");
        await page.SetViewportSizeAsync(1440, 900);
        await page.Locator("tr", new() { HasText = "工地甲" }).Locator(".btn").ClickAsync();
        await Expect(page.Locator(".kv")).ToContainTextAsync("三号工地");
        await page.LookAsync("finding");
        await page.SetViewportSizeAsync(1440, 900);
        await page.Locator("main .btn--primary").ClickAsync();
        await Expect(page.Locator("#name")).ToHaveValueAsync("工地甲");
        await Expect(page.Locator("#branchId")).ToHaveValueAsync($"{data.Branch}");
        await page.Locator("#idNumber").FillAsync(PeopleData.IdNumber(76_609));
        await page.LookAsync("member-new-from-finding");
        await page.SetViewportSizeAsync(1440, 900);
        await page.Locator("main .btn--primary").ClickAsync();
        await Expect(page.Locator(".banner[data-kind=ok]")).ToContainTextAsync("不再计为漏登");
        await page.LookAsync("finding-linked");
        await page.SetViewportSizeAsync(1440, 900);
        Assert.Equal(1, await MissingAsync(data));

        await page.GotoAsync($"/screenings/{id}/findings?outcome=unlinked");
        await page.Locator("tbody .btn").ClickAsync();
        await page.Locator("form.filters .btn").ClickAsync();
        await page.Locator($"button[name=member][value='{known}']").ClickAsync();
        await Expect(page.Locator("main .btn--primary")).ToHaveAttributeAsync("href", $"/members/{known}");
        Assert.Equal(0, await MissingAsync(data));
        await page.GotoAsync($"/screenings/{id}/findings?outcome=unlinked");
        await Expect(page.Locator(".state[data-kind=empty]")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_sheet_needs_a_second_factor_and_strangers_see_no_campaign()
    {
        var data = await PeopleData.CreateAsync(fixture, "E3");
        var id = (await fixture.As("committee-clerk", data.CommitteePath).PostAsync("/api/v1/screenings", new
        {
            organisationId = data.Committee, name = "内部排查", kind = "members", fromOn = "2026-01-01",
            untilOn = "2026-12-31",
        })).Id();
        await using (var early = await fixture.VisitAsync("branch-secretary", data.BranchPath))
        {
            await early.Page.GotoAsync($"/screenings/{id}/branch?branchId={data.Branch}");
            await Expect(early.Page.Locator("a[href^='/step-up']")).ToBeVisibleAsync();
            await Expect(early.Page.Locator("form[action$='/sheet']")).ToHaveCountAsync(0);
            await early.Page.LookAsync("screening-step-up");
        }
        await using var stranger = await fixture.VisitAsync("committee-clerk", "140000/141000/141023/");
        await stranger.Page.GotoAsync($"/screenings/{id}");
        await Expect(stranger.Page.Locator(".state[data-kind=denied]")).ToBeVisibleAsync();
        Assert.DoesNotContain("内部排查", await stranger.Page.ContentAsync(), StringComparison.Ordinal);
    }

    private static async Task<string> OpenedAsync(IPage desk)
    {
        await desk.GotoAsync("/screenings/new");
        await desk.LookAsync("screening-new");
        await desk.SetViewportSizeAsync(1440, 900);
        await desk.Locator("#name").FillAsync($"春节排查 {PeopleData.Probe}");
        await desk.Locator("#kind").SelectOptionAsync("members");
        await desk.Locator("#untilOn").FillAsync("2020-01-01");
        await desk.Locator("#purpose").FillAsync(PeopleData.Probe);
        await desk.Locator("main .btn--primary").ClickAsync();
        await Expect(desk.Locator(".error-summary")).ToContainTextAsync("366");
        await Expect(desk.Locator("#name")).ToHaveValueAsync($"春节排查 {PeopleData.Probe}");
        await desk.Locator("#untilOn").FillAsync(DateTime.UtcNow.AddDays(20).ToString("yyyy-MM-dd",
            System.Globalization.CultureInfo.InvariantCulture));
        await desk.Locator("main .btn--primary").ClickAsync();
        await desk.WaitForURLAsync(url => !url.EndsWith("/new", StringComparison.Ordinal));
        await Expect(desk.Locator("h1")).ToContainTextAsync(PeopleData.Probe);
        await Expect(desk.Locator("h1")).ToContainTextAsync("进行中");
        await desk.LookAsync("screening");
        return new Uri(desk.Url).AbsolutePath;
    }

    // How far it is, each number leading to its lines.
    private static async Task FollowedAsync(IPage page, string campaign)
    {
        await page.GotoAsync(campaign);
        await Expect(page.Locator("tbody tr")).ToContainTextAsync("测试村党支部E1");
        await Expect(page.Locator("tbody td.num")).ToHaveTextAsync(["3", "1", "1", "0", "1", "1"]);
        await page.LookAsync("screening-progress");
        await page.SetViewportSizeAsync(1440, 900);
        await page.Locator("tbody a[href*='outcome=moved']").ClickAsync();
        await Expect(page.Locator("tbody tr")).ToContainTextAsync($"太原 {PeopleData.Probe}");
        await Expect(page.Locator("tbody .btn")).ToContainTextAsync("登记外出");
        await page.GotoAsync($"{campaign}/findings");
        await Expect(page.Locator("tbody tr")).ToHaveCountAsync(3);
        await page.LookAsync("screening-ledger");
        await page.GotoAsync($"{campaign}/findings?outcome=notFound");
        await Expect(page.Locator(".state[data-kind=empty]")).ToBeVisibleAsync();
    }

    private static async Task<byte[]> SheetAsync(IPage page)
    {
        var download = await page.RunAndWaitForDownloadAsync(() =>
            page.Locator("form[action$='/sheet'] button").ClickAsync());
        return await File.ReadAllBytesAsync(await download.PathAsync());
    }

    private static async Task BringAsync(IPage page, byte[] file)
    {
        await page.Locator("#file").SetInputFilesAsync(new FilePayload
        {
            Name = "排查表.xlsx", MimeType = "application/octet-stream", Buffer = file,
        });
        await page.Locator("form[data-upload] .btn--primary").ClickAsync();
    }

    private async Task<int> MissingAsync(PeopleData data) =>
        (await fixture.As("committee-clerk", data.CommitteePath).GetAsync(
            $"/api/v1/quality/organisations/{data.Committee}")).Ok.GetProperty("peopleMissing").GetInt32();
}
