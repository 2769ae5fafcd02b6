using System.Threading.Channels;
using Exchange.Service.Trust;
using Google.Protobuf;
using RabbitMQ.Client.Exceptions;
using V1 = Platform.Contracts.Exchange.V1;

namespace Exchange.Service.Transport;

/// <summary>
/// Signs control messages and gives them to the broker. Best effort: every kind is repeated by somebody's schedule
/// when it is lost.
/// What is for this node itself never leaves the process.
/// </summary>
public sealed partial class ControlSender(
    NodeIdentity node, Keyring keyring, Broker broker, TimeProvider clock, ILogger<ControlSender> logger)
    : BackgroundService
{
    private readonly Channel<V1.Control> _out = Channel.CreateBounded<V1.Control>(
        new BoundedChannelOptions(10_000) { FullMode = BoundedChannelFullMode.DropOldest });

    /// <summary>Messages of this node for itself, read by the receiver like those from the broker.</summary>
    public Channel<byte[]> Loop { get; } = Channel.CreateBounded<byte[]>(20_000);

    public string Send(string to, V1.ControlKind kind, IMessage body)
    {
        var id = Guid.CreateVersion7(clock.GetUtcNow());
        var control = new V1.Control
        {
            Id = id.ToString("D"),
            FromNode = node.Path,
            ToNode = to,
            IssuedAt = clock.GetUtcNow().ToWire(),
            Kind = kind,
            Body = body.ToByteString(),
        };
        control.Signature = keyring.Sign(Canonical.ControlPurpose, WireMap.ControlDigest(control, id)).ToWire();
        if (to == node.Path) Loop.Writer.TryWrite(new V1.WireMessage { Control = control }.ToByteArray());
        else _out.Writer.TryWrite(control);
        return control.Id;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try { await PublishAllAsync(stoppingToken); }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested && IsBrokerTrouble(e))
            {
                LogFailed(logger, e.GetType().Name);
                await Task.Delay(TimeSpan.FromSeconds(1), clock, stoppingToken);
            }
        }
    }

    private async Task PublishAllAsync(CancellationToken ct)
    {
        await using var channel = await broker.OpenPublisherAsync(ct);
        var window = new Queue<Task>();
        while (await _out.Reader.WaitToReadAsync(ct))
        {
            while (_out.Reader.TryRead(out var control))
            {
                var body = new V1.WireMessage { Control = control }.ToByteArray();
                window.Enqueue(Broker.PublishAsync(channel, control.ToNode, control.Id, body, ct).AsTask());
                while (window.Count > 100) await window.Dequeue().WaitAsync(Broker.ConfirmLimit, ct);
            }
            while (window.TryDequeue(out var task)) await task.WaitAsync(Broker.ConfirmLimit, ct);
        }
    }

    internal static bool IsBrokerTrouble(Exception e) => e is RabbitMQClientException or OperationInterruptedException
        or IOException or TimeoutException or ObjectDisposedException or System.Net.Sockets.SocketException
        or OperationCanceledException;

    [LoggerMessage(3010, LogLevel.Warning, "Control messages wait for the broker: {ExceptionCode}")]
    private static partial void LogFailed(ILogger logger, string exceptionCode);
}
