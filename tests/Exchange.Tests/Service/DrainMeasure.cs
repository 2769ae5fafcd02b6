using System.Diagnostics;
using Xunit;

namespace Exchange.Tests.Service;

/// <summary>How fast a backlog drains from one node to another, with signature, seal, ledger and receipt on both
/// sides.</summary>
public static class DrainMeasure
{
    /// <param name="Send">Handed over and in the ledger, messages per second.</param>
    /// <param name="Drain">From the start of the drain to the last receipt, messages per second.</param>
    public sealed record Rates(double Send, double Drain);

    /// <summary>Fills a backlog while the sender cannot reach its broker, then lets it go.</summary>
    public static async Task<Rates> RunAsync(Federation f, int count)
    {
        await f.A.StopAsync();
        await f.A.StartAsync(null, "--Rabbit:Uri=amqp://127.0.0.1:1/none");
        var filling = Stopwatch.StartNew();
        for (var done = 0; done < count; done += 500)
        {
            await f.A.SendAsync([.. Enumerable.Range(done, Math.Min(500, count - done))
                .Select(i => ExchangeNode.Message("141022", "140105", $"drain {i} {new string('x', 400)}"))]);
        }
        var send = count / filling.Elapsed.TotalSeconds;
        await f.A.StopAsync();
        await f.A.StartAsync();
        var draining = Stopwatch.StartNew();
        await Eventually.TrueAsync(async () => await f.A.SqlAsync<bool>(
            "select head = receipted_through from outgoing_stream where to_node = $1", Federation.BPath), "drained",
                120);
        return new(send, count / draining.Elapsed.TotalSeconds);
    }
}

[Collection("federation")]
public sealed class DrainTests(Federation servers)
{
    [Fact]
    public async Task A_backlog_drains()
    {
        var rates = await DrainMeasure.RunAsync(await servers.StartedAsync(), 5000);
        TestContext.Current.TestOutputHelper?.WriteLine($"send {rates.Send:F0}/s, drain {rates.Drain:F0}/s");
        Assert.True(rates.Drain > 100, $"drained at {rates.Drain:F0}/s only");
    }
}
