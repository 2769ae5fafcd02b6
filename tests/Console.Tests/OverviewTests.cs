using Google.Protobuf;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Platform.Hosting;
using Registry.Service;
using Registry.Service.Capabilities;
using V1 = Platform.Contracts.Registry.V1;
using X1 = Platform.Contracts.Exchange.V1;
using static Microsoft.Playwright.Assertions;

namespace Console.Tests;

/// <summary>The two measures apart, every number its list, the monthly table, and the export.</summary>
public sealed class OverviewTests(ConsoleFixture fixture)
{
    private const string Province = "140000/";

    [Fact]
    public async Task Headcount_and_tallies_stand_apart_and_every_number_opens_its_list()
    {
        var place = await Place.CreateAsync(fixture, "V1", "东关镇党委");
        var branch = await place.BranchAsync(fixture, "V1A", "东关村党支部");
        for (var i = 0; i < 3; i++) await Place.MemberAsync(fixture, branch, 81001 + i, $"测试{"子丑寅"[i]}");
        await using var visit = await fixture.VisitAsync("supervisor", place.Path);
        var page = visit.Page;
        await page.GotoAsync("/overview");
        await Expect(page.Locator(".tile", new() { HasText = "党员总数" })).ToContainTextAsync("3");
        await Expect(page.GetByText("没有跨地区的个案")).ToBeVisibleAsync();
        await page.LookAsync("overview-quiet");
        await page.GetByRole(AriaRole.Link, new() { Name = "东关村党支部" }).ClickAsync();
        await Expect(page.Locator(".page-head__meta")).ToContainTextAsync("东关村党支部");
        await Expect(page.Locator(".tile", new() { HasText = "党员总数" })).ToContainTextAsync("3");
        // The file is of the own office: it is not offered where another one's figures stand.
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "导出报表" })).ToHaveCountAsync(0);
        await page.LookAsync("overview-of-branch");
        await page.Locator(".tile", new() { HasText = "党员总数" }).ClickAsync();
        await Expect(page.GetByText("共3条")).ToBeVisibleAsync();
        await page.GotoAsync("/overview");
        await page.Locator(".tile", new() { HasText = "党员总数" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1, Name = "党员总数" })).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Row)).ToHaveCountAsync(4);
        await Expect(page.GetByText("共3条")).ToBeVisibleAsync();
        await page.LookAsync("overview-list");
        await page.GotoAsync("/overview?on=2020-06-01");
        await Expect(page.Locator(".tile", new() { HasText = "党员总数" })).ToContainTextAsync("0");
        await page.GetByRole(AriaRole.Table).Last.GetByRole(AriaRole.Link).First.ClickAsync();
        await Expect(page.GetByText("这个数是0")).ToBeVisibleAsync();
        await page.LookAsync("overview-list-empty");
    }

    [Fact]
    public async Task Breakdowns_open_their_lists_and_what_is_not_told_stands_by_itself()
    {
        var place = await Place.CreateAsync(fixture, "V4", "南关镇党委");
        await place.BranchAsync(fixture, "V4A", "南关村党支部");
        (await fixture.As("committee-clerk", $"{place.Path}V4A/").PostAsync("/api/v1/inbound-cases", new
        {
            homeRegion = "140105", hostRegion = "141022", name = "测试辰", idNumber = PeopleData.IdNumber(81_009),
            arrivedOn = "2025-01-05", documentShown = "NON", occupation = "建筑",
        })).Id();
        await using var visit = await fixture.VisitAsync("supervisor", place.Path);
        var page = visit.Page;
        await page.GotoAsync("/overview");
        foreach (var (figure, value) in new[] { ("流入党员：学历", "未告知"), ("流入党员：行业", "建筑"),
            ("流入党员：来源", "省内") })
        {
            await page.GetByText(figure, new() { Exact = true }).ClickAsync();
            await Expect(page.Locator("details[open]", new() { HasText = figure }).Locator("dl > div",
                new() { HasText = value })).ToContainTextAsync("100.0%");
        }
        await page.LookAsync("overview-breakdowns");
        await page.SetViewportSizeAsync(1440, 900);
        await page.Locator("details[open] dl a").First.ClickAsync();
        await Expect(page.GetByRole(AriaRole.Row)).ToHaveCountAsync(2);
        await Expect(page.GetByText("共1条")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_province_sees_its_regions_as_chart_and_table_with_the_same_numbers()
    {
        // Regions of this test alone.
        foreach (var host in (string[])["140621", "140622", "140622"]) await ReportAsync("140623", host);
        await using var visit = await fixture.VisitAsync("analyst", Province);
        var page = visit.Page;
        await page.GotoAsync("/overview");
        await Expect(page.Locator("[data-chart=bars] svg")).ToBeVisibleAsync();
        await page.LookAsync("overview");
        var row = page.GetByRole(AriaRole.Region, new() { Name = "分地区的表" })
            .GetByRole(AriaRole.Row, new() { Name = await PlaceAsync("140623") });
        await Expect(row.GetByRole(AriaRole.Link).First).ToHaveTextAsync("3");
        await row.GetByRole(AriaRole.Link).First.ClickAsync();
        await Expect(page.GetByRole(AriaRole.Row)).ToHaveCountAsync(4);
        await page.LookAsync("overview-cases");
        await page.GotoAsync("/overview/cases?region=140623&agreement=matched");
        await Expect(page.GetByText("没有这样的个案")).ToBeVisibleAsync();
        await page.LookAsync("overview-cases-empty");
    }

    [Fact]
    public async Task Closed_months_are_published_with_what_is_open_and_exported_after_a_second_factor()
    {
        var place = await Place.CreateAsync(fixture, "V3", "西关镇党委");
        var branch = await place.BranchAsync(fixture, "V3A", "西关村党支部");
        await Place.MemberAsync(fixture, branch, 83001, "测试卯");
        await using var visit = await fixture.VisitAsync("committee-clerk", place.Path,
            secondFactorAt: DateTimeOffset.UtcNow);
        var page = visit.Page;
        await page.GotoAsync("/overview/published?month=2026-02");
        await Expect(page.GetByText("这个月还没有报送")).ToBeVisibleAsync();
        await page.LookAsync("published-empty");
        foreach (var month in (string[])["2026-02", "2026-03"])
        {
            await page.Locator("#closing-month").FillAsync(month);
            await page.GetByRole(AriaRole.Button, new() { Name = "结账" }).ClickAsync();
            await Expect(page).ToHaveURLAsync($"{fixture.Address}/overview/published?month={month}");
        }
        await Expect(page.GetByRole(AriaRole.Region, new() { Name = "分单位月报，可左右滚动" })).ToContainTextAsync("西关镇党委");
        await page.LookAsync("published");
        await page.GotoAsync("/overview");
        await Expect(page.Locator("#trend tbody tr")).ToHaveCountAsync(2);
        await page.LookAsync("overview-trend");
        await page.GetByRole(AriaRole.Link, new() { Name = "导出报表" }).ClickAsync();
        await page.LookAsync("overview-export");
        await page.GetByLabel("月份").FillAsync("2026-03");
        await page.GetByLabel("用途").FillAsync("报送市委组织部");
        var file = await page.RunAndWaitForDownloadAsync(() =>
            page.GetByRole(AriaRole.Button, new() { Name = "下载" }).ClickAsync());
        Assert.EndsWith(".xlsx", file.SuggestedFilename, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_recent_second_factor_nothing_is_exported()
    {
        using var http = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false, UseCookies = false });
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{fixture.Address}/overview/export?month=2026-03");
        request.Headers.Add("Cookie", $"session={await fixture.SessionAsync("committee-clerk",
            secondFactorAt: DateTimeOffset.UtcNow.AddMinutes(-20))}");
        using var answer = await http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(302, (int)answer.StatusCode);
        Assert.Contains("/step-up?to=%2Foverview%2Fexport", $"{answer.Headers.Location}", StringComparison.Ordinal);
        await using var visit = await fixture.VisitAsync("branch-secretary", "140000/141000/141022/V4X/");
        await visit.Page.GotoAsync("/overview");
        await Expect(visit.Page.Locator(".state[data-kind=denied]")).ToBeVisibleAsync();
        await visit.Page.LookAsync("overview-denied");
    }

    private async Task<string> PlaceAsync(string code) =>
        (await fixture.As("analyst", Province).GetAsync("/api/v1/divisions")).Ok.EnumerateArray()
            .First(d => d.GetProperty("code").GetString() == code).GetProperty("name").GetString()!;

    /// <summary>What a county reports to the tier above: a case it registered that the other side did not.</summary>
    private async Task ReportAsync(string home, string host)
    {
        await using var scope = fixture.Registry.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<CallerContext>().Current = Caller.Service;
        await scope.ServiceProvider.GetRequiredService<ApplyArrival>().RunAsync(new X1.Arrival
        {
            MessageId = Guid.CreateVersion7().ToString(),
            FromRegion = home,
            Type = CaseWire.ReportType,
            Payload = new V1.SideReport
            {
                CaseId = Guid.CreateVersion7().ToString(), Leg = 1, HomeRegion = home, HostRegion = host, IsHome = true,
                Status = "Notified", Stands = true, Open = true, Reason = "1", Version = 1, At = "2026-03-01T00:00:00Z",
            }.ToByteString(),
        }, TestContext.Current.CancellationToken);
    }
}
