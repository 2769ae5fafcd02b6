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
}
