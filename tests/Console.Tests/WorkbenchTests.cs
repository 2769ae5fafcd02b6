using Microsoft.Playwright;

namespace Console.Tests;

/// <summary>The workbench: what is mine, by when; every count is the list behind it.</summary>
public sealed class WorkbenchTests(ConsoleFixture fixture)
{
    [Fact]
    public async Task Nobody_without_a_session_sees_a_page()
    {
        using var http = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false });
        foreach (var path in (string[])["/", "/counts"])
        {
            // A script is told 401; a person would be led to the sign-in page.
            using var answer = await http.GetAsync(fixture.Address + path);
            Assert.Equal(401, (int)answer.StatusCode);
        }
    }

    [Fact]
    public async Task An_office_without_tasks_is_told_so()
    {
        await using var visit = await fixture.VisitAsync("committee-clerk", "140000/141000/141022/EMPTY/");
        await visit.Page.GotoAsync("/");
        await Assertions.Expect(visit.Page.Locator(".state[data-kind=empty]")).ToBeVisibleAsync();
        await visit.Page.LookAsync("workbench-empty");
    }

    [Fact]
    public async Task The_number_is_the_list_and_a_page_of_thousands_says_how_many_there_are()
    {
        var path = await CardsAsync("WBK2", 3_000, "测试甲");
        await using var visit = await fixture.VisitAsync("branch-secretary", path);
        await visit.Page.GotoAsync("/");
        await Assertions.Expect(visit.Page.Locator(".queue[aria-current] .queue__num")).ToHaveTextAsync("3000");
        await Assertions.Expect(visit.Page.Locator("table.data tbody tr")).ToHaveCountAsync(20);
        await Assertions.Expect(visit.Page.Locator(".pager")).ToContainTextAsync("共3,000条");
        await visit.Page.LookAsync("workbench-thousands");
        var first = await visit.Page.Locator("a.name").First.GetAttributeAsync("href");
        await visit.Page.ClickAsync(".pager a[rel=next]");
        await Assertions.Expect(visit.Page.Locator("a.name").First).Not.ToHaveAttributeAsync("href", first!);
        await visit.Page.ClickAsync(".queue[data-state=overdue]");
        await Assertions.Expect(visit.Page.Locator(".queue[aria-current] .queue__num")).ToHaveTextAsync("1500");
        await Assertions.Expect(visit.Page.Locator("tr[data-state=overdue]")).ToHaveCountAsync(20);
    }

    [Fact]
    public async Task A_name_from_another_region_is_text_and_nothing_else()
    {
        var path = await CardsAsync("WBK3", 1, "<img src=x onerror=alert(1)>");
        await using var visit = await fixture.VisitAsync("branch-secretary", path);
        visit.Page.Dialog += (_, _) => Assert.Fail("A script of a name ran.");
        await visit.Page.GotoAsync("/");
        await Assertions.Expect(visit.Page.Locator("a.name")).ToHaveTextAsync("<img src=x onerror=alert(1)>");
        Assert.Equal(0, await visit.Page.Locator("img").CountAsync());
        await visit.Page.LookAsync("workbench-one");
    }

    [Fact]
    public async Task An_overview_of_the_keys_goes_where_the_letters_say()
    {
        var path = await CardsAsync("WBK4", 3, "测试乙");
        await using var visit = await fixture.VisitAsync("branch-secretary", path);
        await visit.Page.GotoAsync("/?list=overdue");
        await visit.Page.Keyboard.PressAsync("g");
        await visit.Page.Keyboard.PressAsync("t");
        await visit.Page.AtAsync("**/?list=todo");
        await visit.Page.Keyboard.PressAsync("j");
        await Assertions.Expect(visit.Page.Locator("a.name").First).ToBeFocusedAsync();
        await visit.Page.Keyboard.PressAsync("Control+k");
        await Assertions.Expect(visit.Page.Locator("#palette-q")).ToBeFocusedAsync();
        await visit.Page.Keyboard.TypeAsync("对账");
        await Assertions.Expect(visit.Page.Locator("#palette-list [role=option]").First).ToContainTextAsync("双向对账");
        await visit.Page.LookAsync("palette");
        await visit.Page.Keyboard.PressAsync("Escape");
        await Assertions.Expect(visit.Page.Locator("#palette")).Not.ToBeVisibleAsync();
    }

    [Fact]
    public async Task An_address_without_a_page_says_so_and_leads_back()
    {
        await using var visit = await fixture.VisitAsync("committee-clerk");
        var answer = await visit.Page.GotoAsync("/members/gone/away");
        Assert.Equal(404, answer!.Status);
        await Assertions.Expect(visit.Page.Locator("h1")).ToHaveTextAsync("没有这一页");
        await visit.Page.LookAsync("nothing-here");
        await visit.Page.ClickAsync(".state a[href='/']");
        await Assertions.Expect(visit.Page.Locator("h1")).ToHaveTextAsync("工作台");
    }

    [Fact]
    public async Task A_service_that_does_not_answer_leaves_a_page_that_says_so()
    {
        await using var visit = await fixture.VisitAsync("committee-clerk", away: true);
        await visit.Page.GotoAsync("/");
        await Assertions.Expect(visit.Page.Locator(".state[data-kind=error]")).ToBeVisibleAsync();
        await visit.Page.LookAsync("workbench-error");
    }

    // Cards as they stand in the list, of a county in which nobody opens any: they hold nothing to open.
    private async Task<string> CardsAsync(string code, int count, string name)
    {
        var path = $"140000/141000/141029/{code}/";
        await using var command = fixture.Behind.CreateCommand("""
            insert into outbound_card (id, home_path, home_region, home_branch, host_region, leg, status, facts, name,
                id_number_index, certificate_number, reason, departs_on, contact_person, host_branch, host_contact,
                case_key, since, revision, agreement, differences, next_step, next_by)
            select gen_random_uuid(), $1, '141029', '柳林镇河西村党支部', '140105', 1, 'Applied', '', $2, '', '', '1',
                   '2026-03-01', '', '', '', '', now() - make_interval(days => case n % 2 when 0 then 2 else 40 end),
                   1, 'HomeOnly', '', 'approve', 'Home'
            from generate_series(1, $3) n
            """);
        foreach (var value in (object[])[path, name, count]) command.Parameters.Add(new() { Value = value });
        await command.ExecuteNonQueryAsync();
        return path;
    }
}
