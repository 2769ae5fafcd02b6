using System.Threading.Channels;
using Exchange.Service.Streams;
using Google.Protobuf;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using V1 = Platform.Contracts.Exchange.V1;

namespace Exchange.Service.Transport;

/// <summary>Reads what the brokers bring, in batches: envelopes into the ledger first, control messages after,
/// acknowledgement last.</summary>
public sealed partial class Receiver(
    Broker broker, ControlSender sender, TakeIn takeIn, Answers answers, Controls controls, ExchangeOptions options,
    TimeProvider clock, ILogger<Receiver> logger) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken) => await Task.WhenAll(
        LoopAsync(ConsumeAsync, stoppingToken), LoopAsync(OwnAsync, stoppingToken),
            LoopAsync(UnroutedAsync, stoppingToken));

    private async Task LoopAsync(Func<CancellationToken, Task> work, CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            try { await work(ct); }
            catch (Exception e) when (!ct.IsCancellationRequested)
            {
                LogFailed(logger, e.GetType().Name);
                await Task.Delay(Pause, clock, ct);
            }
        }
    }

    private async Task ConsumeAsync(CancellationToken ct)
    {
        await using var queue = await OpenAsync(
            Broker.InQueue, (ushort)Math.Min(options.Prefetch, ushort.MaxValue), ct);
        while (await queue.Deliveries.Reader.WaitToReadAsync(ct))
        {
            var (bodies, tag) = (new List<byte[]>(), 0UL);
            while (bodies.Count < options.ReceiveBatchMax && queue.Deliveries.Reader.TryRead(out var delivery))
            {
                bodies.Add(delivery.Body);
                tag = delivery.Tag;
            }
            await TakeAsync(bodies, ct);
            await queue.Channel.BasicAckAsync(tag, multiple: true, ct);
        }
    }

    /// <summary>What this node sent to itself: two regions of one node take the same path, minus the broker.</summary>
    private async Task OwnAsync(CancellationToken ct)
    {
        while (await sender.Loop.Reader.WaitToReadAsync(ct))
        {
            var bodies = new List<byte[]>();
            while (bodies.Count < options.ReceiveBatchMax && sender.Loop.Reader.TryRead(out var body)) bodies.Add(body);
            await TakeAsync(bodies, ct);
        }
    }

    /// <summary>What found no way is answered, never dropped in silence. Lost answers to answers are nobody's
    /// loss.</summary>
    private async Task UnroutedAsync(CancellationToken ct)
    {
        await using var queue = await OpenAsync(Broker.UnroutedQueue, 100, ct);
        while (await queue.Deliveries.Reader.WaitToReadAsync(ct))
        {
            while (queue.Deliveries.Reader.TryRead(out var delivery))
            {
                if (Read(delivery.Body) is { Envelope: { } envelope }) await answers.NoRouteAsync(envelope, ct);
                await queue.Channel.BasicAckAsync(delivery.Tag, multiple: false, ct);
            }
        }
    }

    /// <summary>One batch; when it fails as a whole, one by one, so that a single bad message stops nobody.</summary>
    private async Task TakeAsync(List<byte[]> bodies, CancellationToken ct)
    {
        var messages = bodies.Select(Read).ToList();
        var unreadable = messages.Count(m => m is null);
        if (unreadable > 0) await answers.UnreadableAsync(unreadable, ct);
        var envelopes = messages.Where(m => m?.Envelope is not null).Select(m => m!.Envelope).ToList();
        if (envelopes.Count > 0)
        {
            using var activity = ExchangeTelemetry.Source.StartActivity("exchange.take-in");
            activity?.SetTag("messages", envelopes.Count);
            await answers.SendAsync(await takeIn.RunAsync(envelopes, ct), ct);
        }
        var received = messages.Where(m => m?.Control is not null).Select(m => m!.Control).ToList();
        foreach (var control in Controls.Newest(received)) await controls.HandleAsync(control, ct);
    }

    private static V1.WireMessage? Read(byte[] body)
    {
        try { return V1.WireMessage.Parser.ParseFrom(body); }
        catch (InvalidProtocolBufferException) { return null; }
    }

    private async Task<Subscription> OpenAsync(string queue, ushort prefetch, CancellationToken ct)
    {
        var connection = await broker.ConnectAsync(ct);
        var channel = await connection.CreateChannelAsync(cancellationToken: ct);
        var subscription = new Subscription(channel);
        await channel.BasicQosAsync(0, prefetch, false, ct);
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += (_, e) =>
        {
            subscription.Deliveries.Writer.TryWrite(new(e.Body.ToArray(), e.DeliveryTag));
            return Task.CompletedTask;
        };
        channel.ChannelShutdownAsync += (_, _) =>
        {
            subscription.Deliveries.Writer.TryComplete(new IOException("The broker closed the channel."));
            return Task.CompletedTask;
        };
        consumer.UnregisteredAsync += (_, _) =>
        {
            subscription.Deliveries.Writer.TryComplete(new IOException("The queue was taken away."));
            return Task.CompletedTask;
        };
        await channel.BasicConsumeAsync(queue, autoAck: false, consumer, ct);
        return subscription;
    }

    private sealed record Delivery(byte[] Body, ulong Tag);

    private sealed class Subscription(IChannel channel) : IAsyncDisposable
    {
        public IChannel Channel { get; } = channel;
        public Channel<Delivery> Deliveries { get; } = System.Threading.Channels.Channel.CreateUnbounded<Delivery>();
        public ValueTask DisposeAsync() => Channel.DisposeAsync();
    }

    [LoggerMessage(3030, LogLevel.Warning, "Receiver pauses: {ExceptionCode}")]
    private static partial void LogFailed(ILogger logger, string exceptionCode);
}
