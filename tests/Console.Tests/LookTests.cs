namespace Console.Tests;

/// <summary>What every other test trusts: that a fault of a page is seen.</summary>
public sealed class LookTests(ConsoleFixture fixture)
{
    [Theory]
    [InlineData("", "document.querySelector('main').append(new Image())", "image-alt")]
    [InlineData("color: #ccc; background: #fff", "", "color-contrast")]
    [InlineData("width: 4000px", "", "scroll sideways")]
    public async Task A_page_with_a_fault_does_not_pass(string style, string script, string said)
    {
        await using var visit = await fixture.VisitAsync("supervisor");
        await visit.Page.GotoAsync("/keyboard");
        await visit.Page.EvaluateAsync("style => document.querySelector('h1').style.cssText = style", style);
        await visit.Page.EvaluateAsync(script);
        var failure = await Assert.ThrowsAnyAsync<Exception>(() => visit.Page.LookAsync($"fault-{said[..5]}"));
        Assert.Contains(said, failure.Message, StringComparison.Ordinal);
    }
}
