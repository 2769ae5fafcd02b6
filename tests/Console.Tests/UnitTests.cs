using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Console.Tests;

/// <summary>The two-new register with its coverage, and building together.</summary>
public sealed class UnitTests(ConsoleFixture fixture)
{
    private const string Probe = "<img src=x onerror=alert(1)>公司";

    [Fact]
    public async Task A_unit_is_registered_covered_and_counted_and_each_number_is_its_list()
    {
        var place = await Place.CreateAsync(fixture, "U1", "开发区党委");
        await place.BranchAsync(fixture, "U1J", "开发区联合党支部", "JBR");
        await using var visit = await fixture.VisitAsync("committee-clerk", place.Path);
        var page = visit.Page;
        await page.GotoAsync("/organisations/units");
        await Expect(page.GetByText("还没有登记单位")).ToBeVisibleAsync();
        await page.LookAsync("units-empty");
        await page.GetByRole(AriaRole.Link, new() { Name = "登记单位" }).ClickAsync();
        await page.GetByLabel("单位名称").FillAsync(Probe);
        await page.GetByLabel("园区或楼宇").FillAsync("开发区<b>");
        await page.GetByLabel("党员人数").FillAsync("-2");
        await page.GetByRole(AriaRole.Button, new() { Name = "登记这家单位" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToBeVisibleAsync();
        await page.LookAsync("unit-new");
        await page.GetByLabel("党员人数").FillAsync("2");
        await page.GetByRole(AriaRole.Button, new() { Name = "登记这家单位" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Row).Filter(new() { HasText = Probe })).ToContainTextAsync("有党员无组织");
        await page.GetByRole(AriaRole.Link, new() { Name = "园区、市场、楼宇" }).ClickAsync();
        var park = page.GetByRole(AriaRole.Row).Filter(new()
        {
            Has = page.GetByRole(AriaRole.Rowheader, new() { Name = "开发区<b>", Exact = true }),
        });
        await Expect(park).ToContainTextAsync("0.0%");
        await park.GetByRole(AriaRole.Cell).Nth(2).GetByRole(AriaRole.Link).ClickAsync();
        Assert.DoesNotContain("开发区", Uri.UnescapeDataString(page.Url), StringComparison.Ordinal);
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "开发区<b>，有党员无组织" })).ToBeVisibleAsync();
        await page.LookAsync("units-of-park");

        await page.Locator("a.name", new() { HasText = Probe }).ClickAsync();
        await page.GetByLabel("覆盖它的党组织").FillAsync("U1J");
        await page.LookAsync("unit-amend");
        await page.GetByRole(AriaRole.Button, new() { Name = "保存" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Row).Filter(new() { HasText = Probe })).ToContainTextAsync("有党组织");
        await Expect(page.GetByText("100.0%")).ToBeVisibleAsync();
        await page.LookAsync("units");
        await page.GetByRole(AriaRole.Link, new() { Name = "社会组织", Exact = true }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "还没有登记单位" })).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "非公有制企业", Exact = true }).ClickAsync();
        await Expect(page.GetByText("100.0%")).ToBeVisibleAsync();
        await page.Locator("a.name", new() { HasText = Probe }).ClickAsync();
        await page.GetByRole(AriaRole.Checkbox, new() { Name = "不再由它覆盖" }).CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "保存" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Row).Filter(new() { HasText = Probe })).ToContainTextAsync("有党员无组织");
    }

    [Fact, Trait("mechanism", "M-028")]
    public async Task A_park_is_examined_for_its_economy_and_its_party_building_on_one_form()
    {
        var place = await Place.CreateAsync(fixture, "U3", "园区工委");
        var park = await place.BranchAsync(fixture, "U3K", "高新园区联合党组织", "PRK");
        await using var visit = await fixture.VisitAsync("committee-clerk", place.Path);
        var page = visit.Page;
        await page.GotoAsync($"/organisations/{park}");
        await page.GetByRole(AriaRole.Link, new() { Name = "园区同步考察" }).ClickAsync();
        await Expect(page.GetByText("还没有登记园区企业")).ToBeVisibleAsync();
        await page.LookAsync("parks-empty");
        var clerk = fixture.As("committee-clerk", place.Path);
        foreach (var (name, covered) in new[] { ("甲公司", park), ("乙公司", (Guid?)null) })
        {
            (await clerk.PostAsync("/api/v1/units", new
            {
                keptBy = place.Town, name, category = "2", division = "141022100", site = "高新园区<b>", members = 1,
                surveyedOn = "2026-03-01", organisationId = covered,
            })).Id();
        }
        await page.ReloadAsync();
        await page.GetByLabel("考察期间").SelectOptionAsync(new SelectOptionValue { Index = 1 });
        await page.GetByLabel("经济目标", new() { Exact = true }).FillAsync("产值增长百分之八\n税收增长百分之五");
        await page.GetByLabel("经济目标完成情况").FillAsync("增长百分之九");
        await page.GetByLabel("党建目标", new() { Exact = true }).FillAsync("企业全部覆盖");
        await page.GetByLabel("党建目标完成情况").FillAsync("  ");
        await page.GetByLabel("考察结论").FillAsync(Probe);
        await page.GetByRole(AriaRole.Button, new() { Name = "登记考察" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("党建目标完成情况");
        await Expect(page.GetByLabel("经济目标", new() { Exact = true })).ToHaveValueAsync("产值增长百分之八\n税收增长百分之五");
        await page.LookAsync("parks-refused");
        await page.GetByLabel("党建目标完成情况").FillAsync("覆盖一家");
        await page.GetByRole(AriaRole.Button, new() { Name = "登记考察" }).ClickAsync();
        var kept = page.GetByRole(AriaRole.Article);
        await Expect(kept).ToContainTextAsync("登记单位 2 家，有党组织 1 家，有党员无组织 1 家，组建率 50.0%");
        await Expect(kept).ToContainTextAsync(Probe);
        await page.LookAsync("parks");
        await page.GotoAsync("/organisations/units?by=site");
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "园区同步考察" })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Organisations_build_together_with_a_named_or_a_known_partner()
    {
        var place = await Place.CreateAsync(fixture, "U2", "联建镇党委");
        var branch = await place.BranchAsync(fixture, "U2A", "联建村党支部");
        await place.BranchAsync(fixture, "U2B", "邻近村党支部");
        await using var visit = await fixture.VisitAsync("committee-clerk", place.Path);
        var page = visit.Page;
        await page.GotoAsync($"/organisations/{branch}");
        await page.GetByRole(AriaRole.Link, new() { Name = "联建共建" }).ClickAsync();
        await page.GetByLabel("联建方式").SelectOptionAsync("HVE");
        await page.GetByRole(AriaRole.Textbox, new() { Name = "共建单位" }).FillAsync(Probe);
        await page.GetByRole(AriaRole.Button, new() { Name = "登记联建" }).ClickAsync();
        await Expect(page.GetByText(Probe).First).ToBeVisibleAsync();
        await page.GetByLabel("联建方式").SelectOptionAsync("HVV");
        await page.GetByRole(AriaRole.Textbox, new() { Name = "共建单位" }).FillAsync("U2B");
        await page.GetByRole(AriaRole.Button, new() { Name = "登记联建" }).ClickAsync();
        await page.GetByRole(AriaRole.Radio, new() { Name = "邻近村党支部" }).CheckAsync();
        await page.LookAsync("joint");
        await page.GetByRole(AriaRole.Button, new() { Name = "登记联建" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "邻近村党支部" })).ToBeVisibleAsync();
        await page.Locator("li", new() { HasText = Probe }).Locator("summary").ClickAsync();
        await page.Locator("details[open]").GetByLabel("截止日期").FillAsync("2020-01-01");
        await page.Locator("details[open]").GetByLabel("理由").FillAsync("到期");
        await page.GetByRole(AriaRole.Button, new() { Name = "结束联建" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToBeVisibleAsync(); // it had not begun by then
    }
}
