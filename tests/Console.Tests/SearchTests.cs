using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Console.Tests;

/// <summary>The quick find without the script, the list of keys, and the whole rail on a phone.</summary>
public sealed class SearchTests(ConsoleFixture fixture)
{
    [Fact]
    public async Task Words_are_found_by_post_and_never_stand_in_the_address()
    {
        var place = await Place.CreateAsync(fixture, "S1", "大河口镇党委");
        await place.BranchAsync(fixture, "S1A", "大河口<b>村</b>党支部");
        await using var visit = await fixture.VisitAsync("committee-clerk", place.Path, script: false);
        var page = visit.Page;
        await page.GotoAsync("/");
        await page.GetByRole(AriaRole.Link, new() { Name = "查姓名" }).ClickAsync();
        await page.GetByRole(AriaRole.Searchbox).FillAsync("大河口");
        await page.GetByRole(AriaRole.Button, new() { Name = "查找" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "大河口<b>村</b>党支部" })).ToBeVisibleAsync();
        Assert.Equal($"{fixture.Address}/search", page.Url);
        await page.GetByRole(AriaRole.Searchbox).FillAsync("没有这样的字");
        await page.GetByRole(AriaRole.Button, new() { Name = "查找" }).ClickAsync();
        await Expect(page.GetByText("没有找到")).ToBeVisibleAsync();
    }

    [Theory]
    [InlineData(64_001, "翟𠮷𡈽", "翟𠮷𡈽")]
    [InlineData(64_002, "买买提·吐尔逊", "买买提•吐尔逊")]
    public async Task A_rare_name_is_typed_found_and_shown_as_it_is(int number, string name, string typed)
    {
        var data = await PeopleData.CreateAsync(fixture, $"S{number}");
        var id = await data.MemberAsync(number, name);
        await using var visit = await fixture.VisitAsync("committee-clerk", data.CommitteePath, script: false);
        var page = visit.Page;
        await page.GotoAsync("/search");
        await page.GetByRole(AriaRole.Searchbox).FillAsync(typed);
        await page.GetByRole(AriaRole.Button, new() { Name = "查找" }).ClickAsync();
        var found = page.Locator($"a[href='/members/{id}']").First;
        await Expect(found).ToContainTextAsync(name);
        await found.ClickAsync();
        await Expect(page.Locator("h1")).ToContainTextAsync(name);
    }

    [Fact]
    public async Task Search_keys_and_more_are_looked_at()
    {
        await using var visit = await fixture.VisitAsync("tier-administrator", "140000/141000/141022/S2X/");
        var page = visit.Page;
        await page.GotoAsync("/search");
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "组织树" }).Last).ToBeVisibleAsync();
        await page.LookAsync("search");
        await page.GetByRole(AriaRole.Searchbox).FillAsync("没有这样的字");
        await page.GetByRole(AriaRole.Searchbox).PressAsync("Enter");
        await Expect(page.GetByText("没有找到")).ToBeVisibleAsync();
        await page.LookAsync("search-empty");
        await page.GotoAsync("/keyboard");
        await page.LookAsync("keyboard");
        await page.GotoAsync("/more");
        await Expect(page.Locator("main").GetByRole(AriaRole.Link, new() { Name = "名册导入" })).ToBeVisibleAsync();
        await page.LookAsync("more");
    }
}
