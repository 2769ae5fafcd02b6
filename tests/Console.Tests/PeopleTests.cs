using static Microsoft.Playwright.Assertions;

namespace Console.Tests;

/// <summary>The archives: list, one person with all tabs, unmasking, correcting, registering, printing.</summary>
public sealed class PeopleTests(ConsoleFixture fixture)
{
    [Fact]
    public async Task The_list_finds_filters_and_pages()
    {
        var data = await PeopleData.CreateAsync(fixture, "K1");
        for (var i = 0; i < 23; i++) await data.MemberAsync(40_000 + i, $"测试{"甲乙丙丁戊己庚辛壬癸"[i % 10]}", PeopleData.Probe);
        await using var visit = await fixture.VisitAsync("committee-clerk", data.CommitteePath);
        var page = visit.Page;
        await page.GotoAsync("/members");
        await Expect(page.Locator("tbody tr")).ToHaveCountAsync(20);
        await Expect(page.Locator("tbody tr").First).ToContainTextAsync(PeopleData.Probe);
        await page.LookAsync("members-thousands");
        await page.SetViewportSizeAsync(1440, 900);
        await page.Locator("a[rel=next]").ClickAsync();
        await Expect(page.Locator("tbody tr")).ToHaveCountAsync(3);

        await page.GotoAsync("/members?show=probationary");
        await Expect(page.Locator(".state[data-kind=empty]")).ToBeVisibleAsync();
        await page.LookAsync("members-empty");
        await page.GotoAsync("/members?show=faults");
        await Expect(page.Locator("tbody tr").First).ToContainTextAsync("学历未填");

        // Words go by POST: while typing, and by the button without a script.
        await page.GotoAsync($"/members?branch={data.Branch}");
        await page.Locator("#words").FillAsync("139 0004 0005");
        await Expect(page.Locator("#h-find ~ [data-fragment] li")).ToHaveCountAsync(1);
        await page.Locator("#words").PressAsync("Enter");
        await Expect(page.Locator("#h-find ~ [data-fragment] li")).ToContainTextAsync("测试己");
        Assert.DoesNotContain("139", page.Url, StringComparison.Ordinal);
        await page.LookAsync("members-found");
    }

    [Fact]
    public async Task Every_tab_of_a_person_has_its_address()
    {
        var data = await PeopleData.CreateAsync(fixture, "K2");
        var id = await data.MemberAsync(41_000, "欧阳测试", PeopleData.Probe);
        var clerk = fixture.As("committee-clerk", data.CommitteePath);
        (await clerk.PostAsync($"/api/v1/members/{id}/corrections",
            new { reason = PeopleData.Probe, nativePlace = PeopleData.Probe })).Id();
        (await clerk.PostAsync($"/api/v1/members/{id}/classifications",
            new { axis = "class", code = "NOP", fromOn = "2026-01-01", note = PeopleData.Probe })).Id();
        (await clerk.PostAsync($"/api/v1/members/{id}/requests",
            new { kind = "correction", about = "nativePlace", text = PeopleData.Probe })).Id();
        await data.AwayAsync(id, PeopleData.Probe);
        await using var visit = await fixture.VisitAsync("tier-administrator", data.CommitteePath);
        var page = visit.Page;
        await page.GotoAsync($"/members/{id}");
        await Expect(page.Locator("h1")).ToContainTextAsync("欧阳测试");
        await Expect(page.Locator(".kv").First).ToContainTextAsync(PeopleData.Probe);
        Assert.DoesNotContain(PeopleData.IdNumber(41_000), await page.ContentAsync(), StringComparison.Ordinal);
        await page.LookAsync("person");
        foreach (var (tab, shows) in ((string, string)[])[("mobility", "测试村党支部K2"), ("history", PeopleData.Probe),
            ("classes", PeopleData.Probe), ("requests", PeopleData.Probe), ("looks", "看档案"), ("card", "外出登记卡")])
        {
            await page.SetViewportSizeAsync(1440, 900);
            await page.Locator($".tabs a[href$='/{tab}']").ClickAsync();
            await page.AtAsync($"**/members/{id}/{tab}");
            await Expect(page.Locator("main")).ToContainTextAsync(shows);
            await page.LookAsync($"person-{tab}");
        }
        await page.SetViewportSizeAsync(1440, 900);
        await page.Keyboard.PressAsync("Alt+3");
        await page.AtAsync($"**/members/{id}/history");
        await page.Locator("#on").FillAsync(DateTime.UtcNow.AddHours(8).ToString("yyyy-MM-dd",
            System.Globalization.CultureInfo.InvariantCulture));
        await page.Locator("form.filters button").ClickAsync();
        await Expect(page.Locator("dl.kv--2")).ToContainTextAsync("欧阳测试");
        await page.LookAsync("person-as-known");
        await Expect(page.Locator("img")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task A_stranger_learns_nothing_and_a_secretary_sees_no_trail()
    {
        var data = await PeopleData.CreateAsync(fixture, "K3");
        var id = await data.MemberAsync(42_000);
        await using (var stranger = await fixture.VisitAsync("committee-clerk", "140000/141000/141023/"))
        {
            await stranger.Page.GotoAsync($"/members/{id}");
            await Expect(stranger.Page.Locator(".state[data-kind=denied]")).ToBeVisibleAsync();
            Assert.DoesNotContain("测试甲", await stranger.Page.ContentAsync(), StringComparison.Ordinal);
            await stranger.Page.LookAsync("person-denied");
        }
        await using var visit = await fixture.VisitAsync("branch-secretary", data.BranchPath);
        await visit.Page.GotoAsync($"/members/{id}/looks");
        await Expect(visit.Page.Locator(".state[data-kind=denied]")).ToBeVisibleAsync();
        await visit.Page.GotoAsync($"/members/{id}/mobility");
        await Expect(visit.Page.Locator(".state[data-kind=empty]")).ToBeVisibleAsync();
        await visit.Page.LookAsync("person-no-moves");
    }

    [Fact]
    public async Task Whole_numbers_need_a_second_factor_and_a_reason_and_hide_after_a_minute()
    {
        var data = await PeopleData.CreateAsync(fixture, "K4");
        var id = await data.MemberAsync(43_000);
        await using (var early = await fixture.VisitAsync("committee-clerk", data.CommitteePath))
        {
            var before = early.Page;
            await before.GotoAsync($"/members/{id}");
            await before.Locator("[data-dialog=unmask]").ClickAsync();
            await before.LookAsync("person-unmask");
            await before.Locator("#why").SelectOptionAsync("call");
            var asked = await before.RunAndWaitForRequestAsync(
                () => before.Locator("#unmask button[type=submit]").ClickAsync(), "**/step-up?**");
            Assert.Contains(Uri.EscapeDataString($"/members/{id}?unmask=1"), asked.Url, StringComparison.Ordinal);
        }
        await using var visit = await fixture.VisitAsync("committee-clerk", data.CommitteePath,
            secondFactorAt: DateTimeOffset.UtcNow);
        var page = visit.Page;
        await page.Clock.InstallAsync();
        await page.GotoAsync($"/members/{id}?unmask=1");
        await Expect(page.Locator("#unmask")).ToBeVisibleAsync();
        await page.Locator("#why").SelectOptionAsync("call");
        await page.Locator("#more").FillAsync(PeopleData.Probe);
        await page.Locator("#unmask button[type=submit]").ClickAsync();
        await Expect(page.Locator("[data-seconds]").First).ToHaveTextAsync(PeopleData.IdNumber(43_000));
        Assert.DoesNotContain("more", page.Url, StringComparison.Ordinal);
        await page.LookAsync("person-unmasked");
        await page.Clock.FastForwardAsync(61_000);
        await Expect(page.Locator("[data-seconds]").First)
            .ToHaveTextAsync("141*************" + PeopleData.IdNumber(43_000)[^2..]);
        Assert.DoesNotContain(PeopleData.IdNumber(43_000), await page.Locator("main").InnerTextAsync(),
            StringComparison.Ordinal);

        var trail = (await fixture.As("tier-administrator").GetAsync($"/api/v1/members/{id}/trail?newest=true")).Ok;
        Assert.Contains(trail.GetProperty("items").EnumerateArray(), l =>
            l.GetProperty("action").GetString() == "Revealed"
            && l.GetProperty("reason").GetString() == $"电话联系：{PeopleData.Probe}");
    }

    [Fact]
    public async Task A_field_is_corrected_with_what_it_rests_on_and_why()
    {
        var data = await PeopleData.CreateAsync(fixture, "K5");
        var id = await data.MemberAsync(44_000);
        await using var visit = await fixture.VisitAsync("committee-clerk", data.CommitteePath);
        var page = visit.Page;
        await page.GotoAsync($"/members/{id}/correct");
        await page.LookAsync("correct-choose");
        await page.GotoAsync($"/members/{id}/correct?field=idNumber");
        var wrong = PeopleData.IdNumber(44_001)[..17] + (PeopleData.IdNumber(44_001)[17] == '0' ? '1' : '0');
        await page.Locator("#idNumber").FillAsync(wrong);
        await page.Locator("#idNumber").BlurAsync();
        await Expect(page.Locator("[data-check-for=idNumber]")).ToContainTextAsync("校验码对不上");
        await page.Locator("#basis").SelectOptionAsync("document");
        await page.Locator("#reason").FillAsync("录错");
        await page.Locator("main .btn--primary").ClickAsync();
        await Expect(page.Locator(".error-summary")).ToBeVisibleAsync();
        await Expect(page.Locator("#idNumber-e")).ToContainTextAsync("校验码对不上");
        await page.LookAsync("correct-refused");
        await page.Locator("#idNumber").FillAsync(PeopleData.IdNumber(44_001));
        await page.Locator("main .btn--primary").ClickAsync();
        await page.AtAsync($"**/members/{id}/history");
        await Expect(page.Locator(".log li").First).ToContainTextAsync("身份证件：录错");
        await page.GotoAsync($"/members/{id}/correct?field=employer");
        await page.Locator("#employer").FillAsync(PeopleData.Probe);
        await page.Locator("#basis").SelectOptionAsync("said");
        await page.Locator("#reason").FillAsync("换了单位");
        await page.Locator("main .btn--primary").ClickAsync();
        await page.AtAsync($"**/members/{id}/history");
        await Expect(page.Locator(".log")).ToContainTextAsync(PeopleData.Probe);
    }

    [Fact]
    public async Task A_membership_is_moved_ended_and_resumed_with_a_day_and_a_reason()
    {
        var data = await PeopleData.CreateAsync(fixture, "KM");
        var id = await data.MemberAsync(44_500);
        await using var visit = await fixture.VisitAsync("committee-clerk", data.CommitteePath);
        var page = visit.Page;
        await page.GotoAsync($"/members/{id}/membership");
        await page.LookAsync("membership");
        await page.Locator("#because").SelectOptionAsync("DEC");
        await page.Locator("#end-on").FillAsync("2999-01-01");
        await page.Locator("#end-reason").FillAsync("病故");
        await page.Locator("form[data-draft=membership-end] button").ClickAsync();
        await Expect(page.Locator(".error-summary")).ToContainTextAsync("晚于今天");
        await page.LookAsync("membership-refused");
        var today = await page.Locator("#move-on").InputValueAsync();
        await page.Locator("#end-on").FillAsync(today);
        await page.Locator("form[data-draft=membership-end] button").ClickAsync();
        await page.AtAsync($"**/members/{id}");
        await Expect(page.Locator(".person")).ToContainTextAsync("去世");
        await page.LookAsync("person-ended");
        await page.GotoAsync($"/members/{id}/membership");
        await page.Locator("#resume-reason").FillAsync("误办");
        await page.Locator("form[data-draft=membership-resume] button").ClickAsync();
        await page.AtAsync($"**/members/{id}");
        await Expect(page.Locator(".person")).Not.ToContainTextAsync("去世");
    }

    [Fact]
    public async Task A_double_is_warned_of_while_typing_and_needs_a_tick()
    {
        var data = await PeopleData.CreateAsync(fixture, "K6");
        await data.MemberAsync(45_000, "测试丙丁");
        await using var visit = await fixture.VisitAsync("branch-secretary", data.BranchPath);
        var page = visit.Page;
        await page.GotoAsync("/members/new");
        await page.LookAsync("member-new");
        await page.Locator("#name").FillAsync("测试丙丁");
        await page.Locator("#phone").FillAsync("13900045000");
        await page.Locator("#idNumber").FillAsync(PeopleData.IdNumber(45_001));
        await Expect(page.Locator("#doubles")).ToContainTextAsync("可能已经登记");
        await page.LookAsync("member-new-double");
        await page.Locator("#employer").FillAsync(PeopleData.Probe);
        await page.Locator("main .btn--primary").ClickAsync();
        await Expect(page.Locator(".error-summary")).ToContainTextAsync("请先看相近的人");
        await Expect(page.Locator("#name")).ToHaveValueAsync("测试丙丁");
        await page.Locator("[name=another]").CheckAsync();
        await page.Locator("main .btn--primary").ClickAsync();
        await Expect(page.Locator("h1")).ToContainTextAsync("测试丙丁");
        await Expect(page.Locator(".kv").First).ToContainTextAsync(PeopleData.Probe);
    }

    [Fact]
    public async Task A_card_prints_masked_and_whole_only_with_reason_and_second_factor()
    {
        var data = await PeopleData.CreateAsync(fixture, "K7");
        var id = await data.MemberAsync(46_000);
        var away = await data.AwayAsync(id, PeopleData.Probe);
        await using var visit = await fixture.VisitAsync("committee-clerk", data.CommitteePath,
            secondFactorAt: DateTimeOffset.UtcNow);
        var page = visit.Page;
        await page.GotoAsync($"/members/{id}/card/home/{away}");
        await Expect(page.Locator(".formcard")).ToContainTextAsync("号码已遮住");
        await Expect(page.Locator(".formcard")).ToContainTextAsync(PeopleData.Probe);
        Assert.DoesNotContain(PeopleData.IdNumber(46_000), await page.ContentAsync(), StringComparison.Ordinal);
        await page.LookAsync("card-print");
        await page.SetViewportSizeAsync(1440, 900);
        await page.Locator("[data-dialog=unmask]").ClickAsync();
        await page.Locator("#why").SelectOptionAsync("transfer");
        await page.Locator("#unmask .btn--primary").ClickAsync();
        await Expect(page.Locator(".formcard")).ToContainTextAsync(PeopleData.IdNumber(46_000));
        await page.LookAsync("card-print-whole");
    }
}
