using System.Text.Json;
using static Microsoft.Playwright.Assertions;

namespace Console.Tests;

/// <summary>Two archives of one person: found, looked at side by side, made one, taken back; or told apart.</summary>
public sealed class DoublesTests(ConsoleFixture fixture)
{
    [Fact, Trait("mechanism", "M-075"), Trait("mechanism", "M-101")]
    public async Task Two_archives_are_found_compared_made_one_and_taken_back()
    {
        var data = await PeopleData.CreateAsync(fixture, "D1");
        var first = await data.MemberAsync(76_001, "重复测试", "甲单位");
        var second = await data.MemberAsync(76_002, "重复测试", PeopleData.Probe);
        await data.AwayAsync(second);
        await using var visit = await fixture.VisitAsync("committee-clerk", data.CommitteePath);
        var page = visit.Page;
        await page.GotoAsync("/doubles");
        await Expect(page.Locator(".state[data-kind=empty]")).ToBeVisibleAsync();
        await page.LookAsync("doubles-empty");
        await page.SetViewportSizeAsync(1440, 900);
        await page.Locator("#organisation").SelectOptionAsync($"{data.Branch}");
        await page.Locator("main .btn--primary").ClickAsync();
        await Expect(page.Locator(".banner[data-kind=ok]")).ToContainTextAsync("比对了2名党员，疑似重复1对，其中新发现1对");
        await Expect(page.Locator("tbody tr")).ToContainTextAsync("身份号码只差一处 +45");
        await page.LookAsync("doubles");
        await page.SetViewportSizeAsync(1440, 900);

        // The member's own page says so too.
        await page.GotoAsync($"/members/{first}");
        await Expect(page.Locator(".banner[data-kind=warn]")).ToContainTextAsync("重复测试可能是同一人");
        await page.LookAsync("person-alike");
        await page.SetViewportSizeAsync(1440, 900);
        await page.Locator(".banner[data-kind=warn] .btn").ClickAsync();
        await Expect(page.Locator("h1")).ToHaveTextAsync("并排比对");
        await Expect(page.Locator("#h-signs")).ToBeVisibleAsync();
        var source = await page.ContentAsync();
        Assert.DoesNotContain(PeopleData.IdNumber(76_001), source, StringComparison.Ordinal);
        Assert.DoesNotContain("13900076001", source, StringComparison.Ordinal);
        await page.LookAsync("beside");
        await page.SetViewportSizeAsync(1440, 900);

        // Nothing is chosen beforehand, and without a script the server asks for each choice.
        Assert.Equal(0, await page.Locator("input[type=radio]:checked").CountAsync());
        await page.EvaluateAsync("document.querySelectorAll('form').forEach(f => f.noValidate = true)");
        await page.Locator("form[aria-labelledby=h-fields] .btn--primary").ClickAsync();
        await Expect(page.Locator(".error-summary")).ToContainTextAsync("请选择保留哪份档案");
        await page.LookAsync("beside-refused");
        await page.SetViewportSizeAsync(1440, 900);
        await ChooseAsync(page, first, second, "employer");
        await page.Locator("#reason").FillAsync($"核对了身份证件 {PeopleData.Probe}");
        await page.Locator("form[aria-labelledby=h-fields] .btn--primary").ClickAsync();
        await page.AtAsync("**/merges/*");
        await Expect(page.Locator(".log")).ToContainTextAsync($"核对了身份证件 {PeopleData.Probe}");
        await Expect(page.Locator("tr", new() { HasText = "从业单位" }).Locator("mark")).ToHaveTextAsync(PeopleData.Probe);
        await Expect(page.Locator("#h-moved ~ ul, [aria-labelledby=h-moved] ul")).ToContainTextAsync("外出登记");
        await page.LookAsync("merge");

        await TakenBackAsync(page, first, second);
        Assert.Equal("甲单位", await EmployerAsync(first));
        Assert.Equal(PeopleData.Probe, await EmployerAsync(second));
        await Expect(page.Locator("img")).ToHaveCountAsync(0);
    }

    [Fact, Trait("mechanism", "M-075")]
    public async Task Two_people_are_told_apart_with_a_reason_and_may_be_looked_at_again()
    {
        var data = await PeopleData.CreateAsync(fixture, "D2");
        var first = await data.MemberAsync(76_101, "孪生测试");
        var second = await data.MemberAsync(76_102, "孪生测试");
        var clerk = fixture.As("committee-clerk", data.CommitteePath);
        (await clerk.PostAsync("/api/v1/duplicates/runs", new { organisationId = data.Branch })).Ok.ToString();
        await using var visit = await fixture.VisitAsync("committee-clerk", data.CommitteePath);
        var page = visit.Page;
        await page.GotoAsync("/doubles");
        await page.Locator("tbody .btn").ClickAsync();
        await page.Locator("#two-reason").FillAsync($"孪生兄弟 {PeopleData.Probe}");
        await page.Locator("[aria-labelledby=h-two] .btn").ClickAsync();
        await Expect(page.Locator("h1")).ToHaveTextAsync("重复档案");
        await Expect(page.Locator(".state[data-kind=empty]")).ToBeVisibleAsync();
        await page.GotoAsync("/doubles?show=twoPeople");
        await Expect(page.Locator("tbody tr")).ToContainTextAsync($"孪生兄弟 {PeopleData.Probe}");
        await page.LookAsync("doubles-two");
        await page.SetViewportSizeAsync(1440, 900);
        await page.Locator("tbody .btn").ClickAsync();
        await page.LookAsync("beside-two");
        await page.SetViewportSizeAsync(1440, 900);
        await page.Locator("#two-reason").FillAsync("有新线索");
        await page.Locator("[aria-labelledby=h-two] .btn").ClickAsync();
        await Expect(page.Locator("[aria-labelledby=h-two] .btn")).ToHaveTextAsync("不是同一人");
        await page.GotoAsync($"/members/{second}");
        await Expect(page.Locator($".banner a[href*='{first}']")).ToBeVisibleAsync();

        await using var secretary = await fixture.VisitAsync("branch-secretary", data.BranchPath);
        await secretary.Page.GotoAsync($"/members/{first}/beside/{second}");
        await Expect(secretary.Page.Locator(".state[data-kind=denied]")).ToBeVisibleAsync();
        await secretary.Page.GotoAsync($"/members/{first}");
        await Expect(secretary.Page.Locator("main a[href*=beside]")).ToHaveCountAsync(0);
        await Expect(secretary.Page.Locator(".rail a[href='/doubles']")).ToHaveCountAsync(0);
    }

    private async Task TakenBackAsync(Microsoft.Playwright.IPage page, Guid first, Guid second)
    {
        // A link to the archive that is gone leads to the merge.
        await page.GotoAsync($"/members/{second}");
        await page.AtAsync("**/merges/*");
        await page.GotoAsync($"/members/{first}/beside/{second}");
        await page.AtAsync("**/merges/*");
        (await fixture.As("committee-clerk").PatchAsync($"/api/v1/members/{first}", new { nativePlace = "山西" })).Id();
        await page.GotoAsync("/doubles?show=merged");
        await page.SetViewportSizeAsync(1440, 900);
        await page.LookAsync("doubles-merged");
        await page.SetViewportSizeAsync(1440, 900);
        await page.Locator("tbody tr", new() { HasText = "重复测试" }).Locator(".btn").ClickAsync();
        await Expect(page.Locator("[aria-labelledby=h-undo]")).ToContainTextAsync("保留新值：籍贯");
        await page.Locator("#reason").FillAsync("其实是两人");
        await page.Locator(".btn--danger").ClickAsync();
        await Expect(page.Locator("h1")).ToContainTextAsync("已撤销");
        await page.LookAsync("merge-undone");
    }

    // Keeps the first archive; of the fields that differ, one is taken from the other.
    private static async Task ChooseAsync(Microsoft.Playwright.IPage page, Guid first, Guid second, string taken)
    {
        var kept = page.Url.Contains($"{first}/beside/{second}", StringComparison.Ordinal) ? "first" : "second";
        var other = kept == "first" ? "second" : "first";
        var names = await page.EvaluateAsync<JsonElement>(
            "[...new Set([...document.querySelectorAll('input[type=radio]')].map(r => r.name))]");
        foreach (var name in names.EnumerateArray().Select(n => n.GetString()))
            await page.Locator($"input[name={name}][value={(name == taken ? other : kept)}]").CheckAsync();
    }

    private async Task<string?> EmployerAsync(Guid member) =>
        (await fixture.As("committee-clerk").GetAsync($"/api/v1/members/{member}")).String("employer");
}
