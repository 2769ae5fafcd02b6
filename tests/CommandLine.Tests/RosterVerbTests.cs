using Platform.CommandLine.Clerk;
using Platform.CommandLine.Infrastructure;
using Xunit;

namespace CommandLine.Tests;

/// <summary>What a clerk is told when nothing can be asked yet; <see cref="ClerkWalk"/> shows the rest.</summary>
public sealed class RosterVerbTests
{
    private static readonly string Nowhere = Path.Combine(Path.GetTempPath(), $"nothing-{Guid.NewGuid():n}");

    [Fact]
    public void An_address_needs_a_token_and_has_to_be_one()
    {
        Assert.Contains("--token-file", Refusal(Choice() with { Url = "http://127.0.0.1:1" }),
            StringComparison.Ordinal);
        Assert.Contains(Nowhere, Refusal(Choice() with { Url = "http://127.0.0.1:1", TokenFile = Nowhere }),
            StringComparison.Ordinal);
        Assert.Contains("不是网址", Refusal(Choice() with { Url = "node", TokenFile = typeof(Demo).Assembly.Location }),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_federation_here_the_clerk_is_told_both_ways_out()
    {
        var said = Refusal(Choice());
        Assert.Contains("./platform up", said, StringComparison.Ordinal);
        Assert.Contains("--url", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_named_and_nobody_is_asked() => Assert.Contains(Nowhere,
        (await Assert.ThrowsAsync<TroubleException>(() => RosterVerbs.LoadAsync(
            Choice(), Nowhere, dryRun: true, show: 1, TestContext.Current.CancellationToken))).Message,
        StringComparison.Ordinal);

    [Fact]
    public async Task A_node_that_does_not_answer_is_named()
    {
        var token = Path.GetTempFileName();
        await File.WriteAllTextAsync(token, "token", TestContext.Current.CancellationToken);
        var choice = Choice() with { Url = "http://127.0.0.1:1", TokenFile = token };
        var trouble = await Assert.ThrowsAsync<TroubleException>(() => RosterVerbs.TemplateAsync(
            choice, Nowhere, force: false, TestContext.Current.CancellationToken));
        Assert.Contains("http://127.0.0.1:1/", trouble.Message, StringComparison.Ordinal);
        File.Delete(token);
    }

    private static NodeChoice Choice() => new("demo", Nowhere, null, null, null, "141022", "committee-clerk");

    private static string Refusal(NodeChoice choice) =>
        Assert.Throws<TroubleException>(() => NodeClient.Of(choice).Dispose()).Message;
}
