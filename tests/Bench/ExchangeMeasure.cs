using System.Diagnostics;
using Exchange.Tests.Service;
using RabbitMQ.Client;

namespace Bench;

/// <summary>
/// A backlog drains from one county to another through the province's broker: signature, seal, chain, both ledgers and
/// receipt. Raw limit: publishing as many confirmed messages of the same size into a quorum queue of the same broker.
/// </summary>
internal static class ExchangeMeasure
{
    private const int Count = 5000, Rounds = 3;

    public static async Task RunAsync()
    {
        await using var servers = new Federation { ForMeasure = true };
        await servers.StartedAsync();
        var (drains, raws) = (new List<double>(), new List<double>());
        for (var round = 0; round < Rounds; round++)
        {
            var raw = await PublishRawAsync(servers.Uri(Federation.APath));
            var rates = await DrainMeasure.RunAsync(servers, Count);
            Say.Line($"send {rates.Send:F0}/s, drain {rates.Drain:F0}/s, raw publish {raw:F0}/s");
            drains.Add(rates.Drain);
            raws.Add(raw);
        }
        var (drain, limit) = (Say.Median(drains), Say.Median(raws));
        Say.Line($"exchange: drain {drain:F0} messages/s, {drain / limit:P1} of raw confirmed publishing");
    }

    private static async Task<double> PublishRawAsync(string uri)
    {
        await using var connection = await new ConnectionFactory { Uri = new(uri) }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync(
            new CreateChannelOptions(true, true, outstandingPublisherConfirmationsRateLimiter: null));
        var queue = $"bench-{Guid.NewGuid():n}";
        await channel.QueueDeclareAsync(queue, true, false, false,
            new Dictionary<string, object?> { ["x-queue-type"] = "quorum" });
        var body = new byte[1000];
        var started = Stopwatch.StartNew();
        var window = new Queue<Task>();
        for (var i = 0; i < Count; i++)
        {
            window.Enqueue(channel.BasicPublishAsync("", queue, true, body).AsTask());
            if (window.Count > 1000) await window.Dequeue();
        }
        while (window.TryDequeue(out var confirmed)) await confirmed;
        var rate = Count / started.Elapsed.TotalSeconds;
        await channel.QueueDeleteAsync(queue);
        return rate;
    }
}
