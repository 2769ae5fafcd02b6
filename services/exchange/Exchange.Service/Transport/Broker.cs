using RabbitMQ.Client;

namespace Exchange.Service.Transport;

/// <summary>The node's own broker: names of the generated topology, connections, and whether it is there.</summary>
public sealed class Broker(IConfiguration configuration) : IAsyncDisposable
{
    public const string InterregionExchange = "interregion";
    public const string InQueue = "exchange.in";
    public const string UnroutedQueue = "unrouted";

    /// <summary>A confirm that takes longer is not waited for: the channel is opened anew.</summary>
    public static readonly TimeSpan ConfirmLimit = TimeSpan.FromSeconds(30);

    private readonly SemaphoreSlim _one = new(1);
    private readonly Uri _uri = new(
        configuration["Rabbit:Uri"] ?? throw new InvalidOperationException("Rabbit:Uri is not set."));
    private IConnection? _connection;

    public bool Connected => _connection is { IsOpen: true };

    /// <summary>The shared connection, made anew when it was lost; loops call this after every failure.</summary>
    public async Task<IConnection> ConnectAsync(CancellationToken ct)
    {
        await _one.WaitAsync(ct);
        try
        {
            if (_connection is { IsOpen: true }) return _connection;
            if (_connection is not null) await _connection.DisposeAsync();
            var factory = new ConnectionFactory
            {
                Uri = _uri,
                AutomaticRecoveryEnabled = false, // our loops know what to do again; half-recovered channels do not
                RequestedHeartbeat = TimeSpan.FromSeconds(10),
                ContinuationTimeout = TimeSpan.FromSeconds(10),
                ClientProvidedName = "exchange",
            };
            return _connection = await factory.CreateConnectionAsync(ct);
        }
        finally { _one.Release(); }
    }

    /// <summary>
    /// A channel whose publishes complete with the broker's confirm. The client's own limiter reorders publishers
    /// above half use,
    /// so there is none; callers keep a window.
    /// </summary>
    public async Task<IChannel> OpenPublisherAsync(CancellationToken ct) =>
        await (await ConnectAsync(ct)).CreateChannelAsync(
        new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true,
            outstandingPublisherConfirmationsRateLimiter: null), ct);

    public static ValueTask PublishAsync(
        IChannel channel, string toNode, string messageId, ReadOnlyMemory<byte> body, CancellationToken ct) =>
        channel.BasicPublishAsync(InterregionExchange, toNode, mandatory: true, new BasicProperties
        {
            Persistent = true,
            MessageId = messageId,
            ContentType = "application/x-protobuf",
        }, body, ct);

    public async ValueTask DisposeAsync()
    {
        if (_connection is not null) await _connection.DisposeAsync();
        _one.Dispose();
    }
}
