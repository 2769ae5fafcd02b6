using Platform.Testing;
using static Microsoft.Playwright.Assertions;

namespace Console.Tests;

/// <summary>How complete and right the archives of an organisation are, down to the field of the person.</summary>
public sealed class QualityTests(ConsoleFixture fixture)
{
    [Fact, Trait("mechanism", "M-075")]
    public async Task A_score_unfolds_from_the_township_to_the_field_that_lacks()
    {
        var data = await PeopleData.CreateAsync(fixture, "Q1");
        var first = await data.MemberAsync(72_000, "质量甲");
        await data.MemberAsync(72_001, "质量乙");
        var clerk = fixture.As("committee-clerk", data.CommitteePath);
        (await clerk.PatchAsync($"/api/v1/members/{first}", new { education = "20" })).Id();
        await using var visit = await fixture.VisitAsync("committee-clerk", data.CommitteePath);
        var page = visit.Page;
        await page.GotoAsync($"/organisations/{data.Committee}");
        await page.Locator("a[href$='/quality']", new() { HasText = "缺什么" }).ClickAsync();
        await Expect(page.Locator(".tile__num").First).ToHaveTextAsync("2");
        await Expect(page.Locator("[aria-labelledby=h-items] li", new() { HasText = "学历未填" }).Locator(".num"))
            .ToContainTextAsync("1");
        await Expect(page.Locator("tbody tr")).ToContainTextAsync("测试村党支部Q1");
        await page.LookAsync("quality");
        await page.SetViewportSizeAsync(1440, 900);
        await page.Locator("[aria-labelledby=h-items] li", new() { HasText = "学历未填" }).Locator("a").ClickAsync();
        await Expect(page.Locator("tbody tr")).ToHaveCountAsync(1);
        await Expect(page.Locator("tbody tr")).ToContainTextAsync("质量乙");
        await page.LookAsync("quality-members");
        await page.SetViewportSizeAsync(1440, 900);
        await page.Locator("tbody a", new() { HasText = "学历未填" }).ClickAsync();
        await Expect(page.Locator("select#education")).ToBeVisibleAsync();

        // What was filled in counts at once.
        await page.Locator("select#education").SelectOptionAsync("20");
        await page.Locator("#basis").SelectOptionAsync("document");
        await page.Locator("#reason").FillAsync("看了毕业证");
        await page.Locator("main .btn--primary").ClickAsync();
        await page.AtAsync("**/history");
        await page.GotoAsync("/quality");
        await Expect(page.Locator("[aria-labelledby=h-items]")).Not.ToContainTextAsync("学历未填");
        await page.Locator("tbody a").ClickAsync();
        await page.AtAsync($"**/organisations/{data.Branch}/quality");
        await Expect(page.Locator("a", new() { HasText = "看上级" })).ToHaveAttributeAsync("href",
            $"/organisations/{data.Committee}/quality");
        await Expect(page.Locator("tbody tr")).ToContainTextAsync("（本级）");
    }

    [Fact, Trait("mechanism", "M-074")]
    public async Task Missing_people_and_doubles_open_their_lists_for_those_who_may()
    {
        var data = await PeopleData.CreateAsync(fixture, "Q2");
        await data.MemberAsync(72_101, "重名测试");
        await data.MemberAsync(72_102, "重名测试");
        var clerk = fixture.As("committee-clerk", data.CommitteePath);
        (await clerk.PostAsync("/api/v1/duplicates/runs", new { organisationId = data.Committee })).Ok.ToString();
        var id = (await clerk.PostAsync("/api/v1/screenings", new
        {
            organisationId = data.Committee, name = "进市场", kind = "places", fromOn = "2026-01-01",
            untilOn = "2026-12-31",
        })).Id();
        var sheet = (await clerk.PostAsync($"/api/v1/screenings/{id}/sheet",
            new { branchId = data.Branch, reason = "排查" })).Body;
        (await clerk.UploadAsync($"/api/v1/screenings/{id}/results?branchId={data.Branch}",
            FilledSheet.Fill(sheet, (4, "C", "市场甲")))).Ok.ToString();
        await using (var visit = await fixture.VisitAsync("committee-clerk", data.CommitteePath))
        {
            var page = visit.Page;
            await page.GotoAsync("/quality");
            await Expect(page.Locator("a.tile", new() { HasText = "漏登" }).Locator(".tile__num")).ToHaveTextAsync("1");
            await page.Locator("a.tile", new() { HasText = "漏登" }).ClickAsync();
            await Expect(page.Locator("tbody tr")).ToContainTextAsync("市场甲");
            await page.LookAsync("quality-missing");
            await page.SetViewportSizeAsync(1440, 900);
            await page.GotoAsync("/quality");
            await page.Locator("a.tile", new() { HasText = "疑似重复" }).ClickAsync();
            await Expect(page.Locator("tbody tr")).ToHaveCountAsync(1);
        }
        await using var supervisor = await fixture.VisitAsync("supervisor", data.CommitteePath);
        await supervisor.Page.GotoAsync("/quality");
        await Expect(supervisor.Page.Locator("a.tile", new() { HasText = "疑似重复" })).ToHaveCountAsync(0);
        await Expect(supervisor.Page.Locator(".tile", new() { HasText = "疑似重复" }).Locator(".tile__num"))
            .ToHaveTextAsync("1");
        await supervisor.Page.GotoAsync($"/organisations/{data.Branch}/quality/members");
        await Expect(supervisor.Page.Locator("a[href*=correct]")).ToHaveCountAsync(0);
        await using var stranger = await fixture.VisitAsync("committee-clerk", "140000/141000/141023/");
        await stranger.Page.GotoAsync($"/organisations/{data.Branch}/quality");
        await Expect(stranger.Page.Locator(".state[data-kind=denied]")).ToBeVisibleAsync();
    }
}
