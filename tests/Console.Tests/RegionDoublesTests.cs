using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Console.Tests;

/// <summary>
/// People whom two regions have registered: an invitation is joined, what was found is settled, a tier above opens and
/// ends. No other node is there, so what comes from one is put where its messages would put it.
/// </summary>
public sealed class RegionDoublesTests(ConsoleFixture fixture)
{
    private const string City = "140000/140900/";

    [Fact, Trait("mechanism", "M-075"), Trait("mechanism", "M-101")]
    public async Task An_invitation_is_seen_joined_and_followed_until_it_is_over()
    {
        var part = await PartAsync("141023", $"年度查重 {PeopleData.Probe}");
        await using var visit = await fixture.VisitAsync("committee-clerk", TwoCounties.HostCounty);
        var page = visit.Page;
        await page.GotoAsync("/doubles");
        await page.GetByRole(AriaRole.Link, new() { Name = "跨地区" }).ClickAsync();
        await page.AtAsync("**/doubles/regions");
        var row = page.Locator("[aria-labelledby=h-parts] tbody tr", new() { HasText = PeopleData.Probe });
        await Expect(row).ToContainTextAsync("山西省");
        await Expect(row).ToContainTextAsync("翼城县、襄汾县");
        await Expect(row).ToContainTextAsync("待参加");
        await page.LookAsync("region-invited");
        await page.SetViewportSizeAsync(1440, 900);

        // Who compares cannot be asked while the exchange is away: nothing is joined, and the page says so.
        await row.GetByRole(AriaRole.Button, new() { Name = "参加" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("暂时没有响应，未作任何更改");
        await Expect(row).ToContainTextAsync("待参加");
        await page.LookAsync("region-not-joined");
        await page.SetViewportSizeAsync(1440, 900);

        // Somebody else has joined meanwhile: pressing once more leads to what stands.
        await ExecuteAsync($"update shared_part set joined_at = now() where id = '{part}'");
        await row.GetByRole(AriaRole.Button, new() { Name = "参加" }).ClickAsync();
        await Expect(row).ToContainTextAsync("密钥到后自动报送");
        await Expect(row.GetByRole(AriaRole.Button)).ToHaveCountAsync(0);
        await ExecuteAsync($"update shared_part set sent_at = now(), hashes = 1234 where id = '{part}'");
        await page.GotoAsync("/doubles/regions");
        await Expect(row).ToContainTextAsync("报送1,234人，等待比对");
        await ExecuteAsync($"update shared_part set answered_at = now(), matches = 3 where id = '{part}'");
        await page.GotoAsync("/doubles/regions");
        await Expect(row).ToContainTextAsync("新发现3人");
        await page.LookAsync("region-over");
        await page.GetByRole(AriaRole.Link, new() { Name = "本辖区" }).ClickAsync();
        await page.AtAsync("**/doubles");
    }

    [Fact, Trait("mechanism", "M-075"), Trait("mechanism", "M-101")]
    public async Task A_member_of_two_regions_is_shown_and_settled_with_what_people_found_out()
    {
        var data = await PeopleData.CreateAsync(fixture, "XD");
        var member = await data.MemberAsync(78_301, "两地测试甲");
        var other = await data.MemberAsync(78_302, "两地测试乙");
        await using var visit = await fixture.VisitAsync("committee-clerk", data.CommitteePath);
        var page = visit.Page;
        await page.GotoAsync("/doubles/regions");
        await Expect(page.GetByText("没有查重邀请")).ToBeVisibleAsync();
        await Expect(page.GetByText("没有待核的跨地区重复")).ToBeVisibleAsync();
        await page.LookAsync("region-empty");
        await page.SetViewportSizeAsync(1440, 900);
        foreach (var (who, region) in new[] { (member, "141023"), (other, "150105") })
        {
            await ExecuteAsync($"""
                insert into also_registered (id, member_id, round_id, region, found_at, outcome)
                values ('{Guid.CreateVersion7()}', '{who}', gen_random_uuid(), '{region}', now(), '')
                """);
        }
        await page.ReloadAsync();
        var line = page.Locator(".lines li", new() { HasText = "两地测试甲" });
        await Expect(line).ToContainTextAsync("山西省临汾市襄汾县也登记了此人");
        Assert.DoesNotContain(PeopleData.IdNumber(78_301), await page.ContentAsync(), StringComparison.Ordinal);
        await page.LookAsync("region-hints");
        await page.SetViewportSizeAsync(1440, 900);
        await line.Locator("summary").ClickAsync();
        await line.GetByLabel("核实结果").FillAsync("   ");
        await line.GetByRole(AriaRole.Button, new() { Name = "确认办结" }).ClickAsync();
        await Expect(page.Locator("#outcome-e")).ToBeVisibleAsync();
        await Expect(page.Locator(".error-summary a[href$='#outcome']")).ToBeVisibleAsync();
        await Expect(page.Locator("#outcome")).ToHaveValueAsync("   ");
        await page.LookAsync("region-settle-refused");
        await page.SetViewportSizeAsync(1440, 900);
        await page.Locator("#outcome").FillAsync($"关系已转出 {PeopleData.Probe}");
        await line.GetByRole(AriaRole.Button, new() { Name = "确认办结" }).ClickAsync();
        await Expect(line).ToHaveCountAsync(0);
        await Expect(page.Locator(".lines li", new() { HasText = "两地测试乙" })).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "全部" }).ClickAsync();
        await page.AtAsync("**show=all");
        await Expect(line).ToContainTextAsync($"核实：关系已转出 {PeopleData.Probe}");
        await Expect(line.Locator("details")).ToHaveCountAsync(0);
        await page.LookAsync("region-settled");
        await page.SetViewportSizeAsync(1440, 900);
        await line.GetByRole(AriaRole.Link).ClickAsync();
        await page.AtAsync($"**/members/{member}");
        await Expect(page.Locator("img")).ToHaveCountAsync(0);
    }

    [Fact, Trait("mechanism", "M-075")]
    public async Task A_tier_above_opens_a_round_for_regions_below_and_ends_one()
    {
        await using var visit = await fixture.VisitAsync("tier-administrator", City);
        var page = visit.Page;
        var round = Guid.CreateVersion7();
        await CommitteeAsync(City, "140900", "测试市委");
        await page.GotoAsync("/doubles/regions");
        await Expect(page.GetByText("没有发起过跨地区查重")).ToBeVisibleAsync();
        await page.LookAsync("region-rounds-empty");
        await page.SetViewportSizeAsync(1440, 900);
        await page.EvaluateAsync("document.querySelectorAll('form').forEach(f => f.noValidate = true)");
        await page.GetByRole(AriaRole.Checkbox, new() { Name = "定襄县" }).CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "发起并邀请" }).ClickAsync();
        await Expect(page.Locator("#regions .field__error")).ToContainTextAsync("2 至 50");
        await Expect(page.Locator("#reason-e")).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Checkbox, new() { Name = "定襄县" })).ToBeCheckedAsync();
        await page.LookAsync("region-open-refused");
        await page.SetViewportSizeAsync(1440, 900);

        // This node is a county's: it may not compare for others, and says why.
        await page.GetByRole(AriaRole.Checkbox, new() { Name = "五台县" }).CheckAsync();
        await page.Locator("#reason").FillAsync("年度查重");
        await page.GetByRole(AriaRole.Button, new() { Name = "发起并邀请" }).ClickAsync();
        await Expect(page.Locator(".error-summary")).ToContainTextAsync("均在比对方辖区之内");
        await Expect(page.Locator("#reason")).ToHaveValueAsync("年度查重");

        await ExecuteAsync($"""
            insert into shared_round (id, path, matcher_region, regions, reason, opened_by, opened_at)
            values ('{round}', '{City}', '140900', '140921,140922,140923', '三县{PeopleData.Probe}',
                gen_random_uuid(), now());
            insert into shared_total values ('{round}', '140921', 1200), ('{round}', '140922', 800);
            insert into shared_hash values ('{round}', 'one', '140921'), ('{round}', 'one', '140922'),
                ('{round}', 'two', '140922')
            """);
        await page.GotoAsync("/doubles/regions");
        var row = page.Locator("[aria-labelledby=h-rounds] tbody tr", new() { HasText = PeopleData.Probe });
        await Expect(row).ToContainTextAsync("定襄县1,200人、五台县800人、代县未报送");
        await page.LookAsync("region-rounds");
        await page.SetViewportSizeAsync(1440, 900);
        await row.GetByRole(AriaRole.Button, new() { Name = "结束并比对" }).ClickAsync();
        await Expect(row).ToContainTextAsync("已结束");
        await Expect(row.Locator(".num")).ToHaveTextAsync("1");
        await Expect(row.GetByRole(AriaRole.Button)).ToHaveCountAsync(0);
        await page.LookAsync("region-round-closed");
    }

    [Fact]
    public async Task A_province_ticks_counties_below_their_cities_and_keeps_them_when_refused()
    {
        await CommitteeAsync("150000/", "150000", "测试区委");
        await using var visit = await fixture.VisitAsync("tier-administrator", "150000/");
        var page = visit.Page;
        await page.GotoAsync("/doubles/regions");
        await page.Locator("#regions summary", new() { HasText = "呼和浩特市" }).ClickAsync();
        await page.GetByRole(AriaRole.Checkbox, new() { Name = "托克托县" }).CheckAsync();
        await page.Locator("#reason").FillAsync(PeopleData.Probe);
        await page.GetByRole(AriaRole.Button, new() { Name = "发起并邀请" }).ClickAsync();
        await Expect(page.Locator("#regions .field__error")).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Checkbox, new() { Name = "托克托县" })).ToBeCheckedAsync();
        await Expect(page.Locator("#reason")).ToHaveValueAsync(PeopleData.Probe);
        await page.LookAsync("region-open-province");
    }

    [Fact]
    public async Task Who_may_not_decide_about_doubles_is_denied()
    {
        await using var visit = await fixture.VisitAsync("branch-secretary");
        Assert.Equal(403, (await visit.Page.GotoAsync("/doubles/regions"))!.Status);
        await Expect(visit.Page.Locator(".state[data-kind=denied]")).ToBeVisibleAsync();
        await Expect(visit.Page.Locator("main form")).ToHaveCountAsync(0);
        await visit.Page.LookAsync("region-denied");
    }

    // Another part of the tree than every other test's.
    private Task CommitteeAsync(string path, string region, string name) => ExecuteAsync($"""
        insert into organisation (id, code, path, region, name, type, contact, phone, unit_name, credit_code,
            community, site)
        values (gen_random_uuid(), '{region}', '{path}', '{region}', '{name}', 'GCM', '', '', '', '', '', '')
        """);

    private async Task<Guid> PartAsync(string region, string reason)
    {
        var id = Guid.CreateVersion7();
        await ExecuteAsync($"""
            insert into shared_part (id, round_id, region, path, matcher_region, regions, reason, invited, hashes,
                matches)
            values ('{id}', gen_random_uuid(), '{region}', '140000/141000/{region}/', '140000', '141022,141023',
                '{reason}', true, 0, 0)
            """);
        return id;
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var command = fixture.Behind.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }
}
