using Google.Protobuf;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Platform.Hosting;
using Registry.Service;
using Registry.Service.Capabilities;
using static Microsoft.Playwright.Assertions;
using V1 = Platform.Contracts.Registry.V1;
using X1 = Platform.Contracts.Exchange.V1;

namespace Console.Tests;

/// <summary>The board: where two sides do not agree, one after the other, field by field.</summary>
public sealed class ReconciliationTests(ConsoleFixture fixture)
{
    private const string Probe = "<img src=x onerror=alert(1)>";

    [Fact]
    public async Task The_cells_count_what_the_list_shows_and_the_address_holds_the_filter()
    {
        var counties = await new TwoCounties(fixture, "RA").FoundAsync();
        await counties.AdmittedAsync("测试甲一", "13911110001");
        await counties.AdmittedAsync("测试甲二");
        await counties.NotifiedAsync("测试甲三");
        await using var visit = await fixture.VisitAsync("committee-clerk", counties.Township);
        var page = visit.Page;
        await page.GotoAsync("/reconciliation");
        Assert.Equal(["1", "1", "0", "1"], await page.Locator(".queue__num").AllTextContentsAsync());
        await Expect(page.Locator("table.data tbody tr")).ToHaveCountAsync(1);
        await Expect(page.Locator("table.data tbody tr")).ToContainTextAsync("测试甲一");
        await page.LookAsync("reconciliation-differs");
        await page.ClickAsync(".queue[data-side=home]");
        await Expect(page.Locator("table.data tbody tr")).ToContainTextAsync("测试甲三");
        // Whose turn: the host's, so nothing is left for us.
        await page.SelectOptionAsync("#turn", "ours");
        await page.ClickAsync("form.filters[method=get] button[type=submit]");
        await page.AtAsync("**turn=ours**");
        await Expect(page.Locator(".state[data-kind=empty]")).ToBeVisibleAsync();
        await page.LookAsync("reconciliation-empty");
        await page.ClickAsync(".filter-token a");
        await Expect(page.Locator("table.data tbody tr")).ToContainTextAsync("测试甲三");
        await page.FillAsync("#region", "襄汾");
        await page.Keyboard.PressAsync("Enter");
        await page.AtAsync("**region=**");
        await Expect(page.Locator(".filter-token")).ToContainTextAsync("襄汾县");
        await Expect(page.Locator("table.data tbody tr")).ToHaveCountAsync(1);
        await page.FillAsync("#region", "无此县");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("#region-e")).ToContainTextAsync("没有这个县区");
    }

    [Fact, Trait("mechanism", "M-088")]
    public async Task Members_at_risk_are_listed_by_kind_with_the_reason_and_lead_to_their_case()
    {
        var counties = await new TwoCounties(fixture, "RP").FoundAsync();
        var lost = await counties.NotifiedAsync("测试甲四");
        await counties.NotifiedAsync("测试甲五");
        await using (var command = fixture.Behind.CreateCommand(
            $"update outbound_card set status = 'LostContact' where id = '{lost}'"))
            Assert.Equal(1, await command.ExecuteNonQueryAsync());
        await using var visit = await fixture.VisitAsync("committee-clerk", counties.Township);
        var page = visit.Page;
        await page.GotoAsync("/reconciliation");
        await page.GetByRole(AriaRole.Link, new() { Name = "问题线索" }).ClickAsync();
        await page.AtAsync("**/reconciliation/problems");
        var rows = page.Locator("table.data tbody tr");
        await Expect(rows).ToHaveCountAsync(1);
        await Expect(rows).ToContainTextAsync("真空地带");
        await Expect(rows).ToContainTextAsync("两地均失去联系");
        await page.LookAsync("problems");
        await page.GetByRole(AriaRole.Link, new() { Name = "隐形党员" }).ClickAsync();
        await Expect(page.Locator(".state[data-kind=empty]")).ToContainTextAsync("没有问题线索");
        await page.LookAsync("problems-none");
        await page.GetByRole(AriaRole.Link, new() { Name = "真空地带" }).ClickAsync();
        await Expect(page.Locator(".panel__body")).ToContainTextAsync("失去联系");
        await rows.GetByRole(AriaRole.Link, new() { Name = "测试甲四" }).ClickAsync();
        await page.AtAsync($"**/cases/{lost}");
    }

    [Fact]
    public async Task Cases_are_walked_and_decided_with_keys_and_the_button_names_who_hears_of_it()
    {
        var counties = await new TwoCounties(fixture, "RB").FoundAsync();
        var first = await counties.AdmittedAsync("测试乙一", "13911110002", Probe);
        await counties.AdmittedAsync("测试乙二", "13911110003");
        await using var visit = await fixture.VisitAsync("committee-clerk", counties.Township);
        var page = visit.Page;
        await page.GotoAsync("/reconciliation?view=walk");
        await Expect(page.Locator("#h-work")).ToHaveTextAsync("测试乙一");
        await Expect(page.Locator(".compare input:checked")).ToHaveCountAsync(0);
        await page.LookAsync("reconciliation-walk");
        await page.ClickAsync(".work button[type=submit]");
        await Expect(page.Locator(".error-summary a")).ToHaveCountAsync(2);
        await page.LookAsync("reconciliation-walk-refused");
        await page.FocusAsync("input[name=choice-phone] >> nth=0");
        await page.Keyboard.PressAsync("2");
        await page.FocusAsync("input[name=choice-employer] >> nth=0");
        await page.Keyboard.PressAsync("1");
        await Expect(page.Locator(".work button[type=submit]")).ToHaveTextAsync("确认，通知襄汾县");
        await page.Keyboard.PressAsync("Control+Enter");
        await Expect(page.Locator(".banner[data-kind=ok]")).ToBeVisibleAsync();
        await Expect(page.Locator("#h-work")).ToHaveTextAsync("测试乙二");
        // The phone was taken over; the employer stays different until the other side changes.
        var home = (await counties.HomeClerk.GetAsync($"/api/v1/cases/{first}")).Ok.GetProperty("home");
        Assert.Equal(["employer"], home.GetProperty("differences").EnumerateArray().Select(d => d.GetString()));
    }

    [Fact]
    public async Task A_case_that_changed_in_between_is_not_decided_and_no_other_takes_its_place()
    {
        var counties = await new TwoCounties(fixture, "RC").FoundAsync();
        var id = await counties.AdmittedAsync("测试丙一", "13911110004");
        await counties.AdmittedAsync("测试丙二", "13911110005");
        await using var visit = await fixture.VisitAsync("committee-clerk", counties.Township);
        var page = visit.Page;
        await page.GotoAsync($"/reconciliation?view=walk&case={id}");
        await page.CheckAsync("input[name=choice-phone][value=host]");
        await TwoCounties.StepAsync(fixture.As("branch-secretary", counties.HomeBranchPath),
            $"outbound-cases/{id}/adopt", new { field = "phone" });
        await page.ClickAsync(".work button[type=submit]");
        await Expect(page.Locator("#h-work")).ToHaveTextAsync("测试丙一");
        await Expect(page.Locator(".banner[data-kind=warn]")).ToContainTextAsync("branch-secretary：更正登记");
        await page.LookAsync("reconciliation-walk-changed");
    }

    [Fact]
    public async Task A_filter_is_kept_shared_and_deleted()
    {
        var counties = await new TwoCounties(fixture, "RD").FoundAsync();
        await using var visit = await fixture.VisitAsync("committee-clerk", counties.Township);
        var page = visit.Page;
        await page.GotoAsync("/reconciliation?agreement=homeOnly&turn=theirs&olderThanDays=7");
        await page.ClickAsync("details.fold summary");
        await page.FillAsync("#name", Probe);
        await page.CheckAsync("input[name=shared]");
        await page.ClickAsync("form:has(#name) button[type=submit]");
        await Expect(page.Locator(".saved a[aria-current]")).ToContainTextAsync(Probe);
        await page.ClickAsync("details.fold summary");
        await page.LookAsync("reconciliation-saved");
        // The same name once more is refused, and what was typed stays.
        await page.FillAsync("#name", Probe);
        await page.ClickAsync("form:has(#name) button[type=submit]");
        await Expect(page.Locator(".error-summary")).ToBeVisibleAsync();
        await Expect(page.Locator("#name")).ToHaveValueAsync(Probe);
        await using (var below = await fixture.VisitAsync("branch-secretary", counties.HomeBranchPath))
        {
            await below.Page.GotoAsync("/reconciliation");
            await below.Page.ClickAsync($".saved a");
            await below.Page.AtAsync("**olderThanDays=7**");
        }
        await page.ClickAsync("button[value=unshare]");
        await page.ClickAsync("details.fold summary");
        await page.ClickAsync("button[value=delete]");
        await Expect(page.Locator(".saved a")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task An_export_needs_a_reason_and_a_fresh_second_factor_and_holds_what_the_list_shows()
    {
        var counties = await new TwoCounties(fixture, "RE").FoundAsync();
        await counties.AdmittedAsync("测试戊一", "13911110006");
        await counties.NotifiedAsync("测试戊二");
        await using (var stale = await fixture.VisitAsync("committee-clerk", counties.Township))
        {
            await stale.Page.GotoAsync("/reconciliation?agreement=differs&export=1");
            await Expect(stale.Page.Locator("section[aria-labelledby=h-export] a.btn--primary")).ToBeVisibleAsync();
            await Expect(stale.Page.Locator("#reason")).ToHaveCountAsync(0);
            await stale.Page.LookAsync("reconciliation-step-up");
        }
        await using var visit = await fixture.VisitAsync("committee-clerk", counties.Township,
            secondFactorAt: DateTimeOffset.UtcNow);
        var page = visit.Page;
        await page.GotoAsync("/reconciliation?agreement=differs");
        await page.GetByRole(AriaRole.Link, new() { Name = "导出" }).ClickAsync();
        await page.LookAsync("reconciliation-export");
        await page.FillAsync("#reason", "三季度对账会");
        await page.SelectOptionAsync("#format", "csv");
        var file = await page.RunAndWaitForDownloadAsync(() =>
            page.ClickAsync("section[aria-labelledby=h-export] button[type=submit]"));
        var text = await File.ReadAllTextAsync(await file.PathAsync(), TestContext.Current.CancellationToken);
        Assert.Contains("测试戊一", text, StringComparison.Ordinal);
        Assert.DoesNotContain("测试戊二", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_tier_above_sees_where_sides_are_missing_and_nobodys_name()
    {
        await ReportAsync("2026-01-05T00:00:00Z");
        await using var visit = await fixture.VisitAsync("analyst", "140000/");
        var page = visit.Page;
        await page.GotoAsync("/reconciliation");
        await Expect(page.Locator("table.data tbody tr").First).ToContainTextAsync("缺流入地");
        await page.ClickAsync(".saved a >> nth=1");
        await page.AtAsync("**limit=past");
        await Expect(page.Locator("tr[data-state=overdue]").First).ToBeVisibleAsync();
        await Expect(page.Locator(".queue")).ToHaveCountAsync(0);
        await page.LookAsync("reconciliation-mirrors");
        await using var nobody = await fixture.VisitAsync("analyst", "140000/150000/");
        await nobody.Page.GotoAsync("/reconciliation");
        await Expect(nobody.Page.Locator(".state[data-kind=empty]")).ToBeVisibleAsync();
        await nobody.Page.LookAsync("reconciliation-mirrors-empty");
    }

    [Fact]
    public async Task Who_may_see_neither_cases_nor_counts_is_denied()
    {
        await using var visit = await fixture.VisitAsync("operator");
        var answer = await visit.Page.GotoAsync("/reconciliation");
        Assert.Equal(403, answer!.Status);
        await Expect(visit.Page.Locator(".state[data-kind=denied]")).ToBeVisibleAsync();
        await visit.Page.LookAsync("reconciliation-denied");
    }

    private async Task ReportAsync(string at)
    {
        await using var scope = fixture.Registry.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<CallerContext>().Current = Caller.Service;
        await scope.ServiceProvider.GetRequiredService<ApplyArrival>().RunAsync(new X1.Arrival
        {
            MessageId = Guid.CreateVersion7().ToString(), FromRegion = "141022", Type = CaseWire.ReportType,
            Payload = new V1.SideReport
            {
                CaseId = Guid.CreateVersion7().ToString(), Leg = 1, HomeRegion = "141022", HostRegion = "140105",
                IsHome = true, Status = "Notified", Stands = true, Open = true, Reason = "1", Version = 1, At = at,
            }.ToByteString(),
        }, TestContext.Current.CancellationToken);
    }
}
