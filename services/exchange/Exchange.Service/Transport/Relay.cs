using System.Diagnostics;
using Exchange.Service.Streams;
using Exchange.Service.Trust;
using Google.Protobuf;
using Npgsql;
using RabbitMQ.Client;
using V1 = Platform.Contracts.Exchange.V1;

namespace Exchange.Service.Transport;

/// <summary>
/// Gives ledger entries to the broker in order, and again when no receipt comes. One relay per node works at a time:
/// it holds an
/// advisory lock for as long as its connection lives.
/// </summary>
public sealed partial class Relay(
    NpgsqlDataSource source, NodeIdentity node, Broker broker, ControlSender controls, Keyring keyring, Signals signals,
    ExchangeOptions options, IConfiguration configuration, TimeProvider clock, ILogger<Relay> logger)
        : BackgroundService
{
    // Not from the pool: a connection that goes back there would keep the lock.
    private readonly string _own = new NpgsqlConnectionStringBuilder(configuration.GetConnectionString("exchange"))
    {
        Pooling = false,
        KeepAlive = 15,
    }.ConnectionString;

    private const int ReadBatch = 1000;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await using var held = new NpgsqlConnection(_own);
                await held.OpenAsync(stoppingToken);
                if (await Sql.ScalarAsync<bool>(
                    held, "select pg_try_advisory_lock(hashtext('exchange:relay'))", stoppingToken))
                    await RelayAsync(held, stoppingToken);
                else await Task.Delay(Pause * 3, clock, stoppingToken);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailed(logger, e.GetType().Name);
                await Task.Delay(Pause, clock, stoppingToken);
            }
        }
    }

    private async Task RelayAsync(NpgsqlConnection held, CancellationToken ct)
    {
        LogActive(logger);
        // What went to this process's own loop before a restart is gone; it is sent again at once.
        await Sql.RunAsync(held,
            "update outgoing_stream set published_through = receipted_through where to_node = $1", ct,
            node.Path);
        held.Notification += (_, _) => signals.Outgoing.Set();
        await Sql.RunAsync(held, "listen exchange_outgoing", ct);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var listening = ListenAsync(held, stop.Token);
        try
        {
            await using var channel = await broker.OpenPublisherAsync(ct);
            while (!listening.IsCompleted) // the lock is gone with its connection
            {
                var next = signals.Outgoing.Next;
                if (await PassAsync(channel, ct) == 0) await Wake.WaitAsync(next, Pause, clock, ct);
            }
        }
        finally
        {
            await stop.CancelAsync();
            await listening.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static async Task ListenAsync(NpgsqlConnection held, CancellationToken ct)
    {
        while (true) await held.WaitAsync(ct);
    }

    /// <summary>Every stream that has work gets one batch; returns how many entries were published.</summary>
    private async Task<int> PassAsync(IChannel channel, CancellationToken ct)
    {
        await using var connection = await source.OpenConnectionAsync(ct);
        var now = clock.GetUtcNow();
        var names = await Sql.ListAsync(connection, """
            select to_node from outgoing_stream
            where (head > published_through and published_through < receipted_through + $2)
               or (resend_at <= $1 and published_through > receipted_through) or asked_first is not null
            order by to_node
            """, r => r.GetString(0), ct, now, (long)options.FlightMax);
        var count = 0;
        foreach (var name in names) count += await PublishAsync(channel, connection, name, ct);
        return count;
    }

    private async Task<int> PublishAsync(IChannel channel, NpgsqlConnection connection, string to, CancellationToken ct)
    {
        var (stream, asked) = await RewindAsync(connection, to, ct);
        var count = 0;
        if (asked is { } again)
        {
            var rows = await ReadAsync(
                connection, to, again.First, Math.Min(again.Last, again.First + ReadBatch - 1), ct);
            count += await GiveAsync(channel, to, rows, ct);
            ExchangeTelemetry.Resent.Add(rows.Count);
        }
        if (OutgoingStreamDecider.ToPublish(stream, options.Resend) is not { } range) return count;
        var fresh = await ReadAsync(connection, to, range.First, Math.Min(range.Last, range.First + ReadBatch - 1), ct);
        var given = await GiveAsync(channel, to, fresh, ct);
        if (given > 0) await PublishedAsync(connection, to, fresh[given - 1].Sequence, ct);
        return count + given;
    }

    /// <summary>Applies what time and the destination ask for, and says where the stream stands.</summary>
    private async Task<(OutgoingStream Stream, (long First, long Last)? Asked)> RewindAsync(
        NpgsqlConnection connection, string to, CancellationToken ct)
    {
        await using var transaction = await connection.BeginTransactionAsync(ct);
        var row = await OutgoingRow.LockAsync(connection, node.Path, to, ct);
        var stream = row.Stream;
        if (OutgoingStreamDecider.Overdue(stream, options.Resend, clock.GetUtcNow()) is { } rewound)
        {
            ExchangeTelemetry.Resent.Add(stream.PublishedThrough - stream.ReceiptedThrough);
            LogResend(logger, to, stream.ReceiptedThrough + 1, stream.PublishedThrough, stream.Attempt + 1);
            stream = OutgoingStreamDecider.Evolve(stream, rewound);
            await OutgoingRow.SaveAsync(connection, stream, ct);
        }
        var asked = row.Asked is { } a ? OutgoingStreamDecider.Asked(stream, a.First, a.Last) : null;
        if (row.Asked is not null)
        {
            var rest = asked is { } r && r.Last - r.First >= ReadBatch;
            await Sql.RunAsync(connection,
                "update outgoing_stream set asked_first = $2, asked_last = $3 where to_node = $1", ct,
                to, rest ? asked!.Value.First + ReadBatch : null, rest ? asked!.Value.Last : null);
        }
        await transaction.CommitAsync(ct);
        return (stream, asked);
    }

    private async Task PublishedAsync(NpgsqlConnection connection, string to, long through, CancellationToken ct)
    {
        await using var transaction = await connection.BeginTransactionAsync(ct);
        var stream = (await OutgoingRow.LockAsync(connection, node.Path, to, ct)).Stream;
        stream = OutgoingStreamDecider.Evolve(stream,
            OutgoingStreamDecider.Published(stream, through, options.Resend, clock.GetUtcNow()));
        if (stream.ReceiptedThrough >= stream.PublishedThrough) stream = stream with { ResendAt = null };
        await OutgoingRow.SaveAsync(connection, stream, ct);
        await transaction.CommitAsync(ct);
    }

    private static Task<List<Row>> ReadAsync(
        NpgsqlConnection connection, string to, long first, long last, CancellationToken ct) =>
        Sql.ListAsync(connection, """
            select sequence, message_id, digest, envelope from outgoing_ledger
            where to_node = $1 and sequence between $2 and $3 order by sequence
            """, r => new Row(r.GetInt64(0), r.GetGuid(1), r.Digest(2), r.Bytes(3)), ct, to, first, last);

    /// <summary>Publishes in order within the window; returns how many, from the first, the broker confirmed.</summary>
    private async Task<int> GiveAsync(IChannel channel, string to, List<Row> rows, CancellationToken ct)
    {
        if (rows.Count == 0) return 0;
        using var activity = ExchangeTelemetry.Source.StartActivity("exchange.publish", ActivityKind.Producer);
        activity?.SetTag("node", to).SetTag("messages", rows.Count);
        if (to == node.Path)
        {
            foreach (var row in rows) await controls.Loop.Writer.WriteAsync(WireMap.Wrap(Fresh(row)), ct);
            return rows.Count;
        }
        var window = new Queue<Task>();
        foreach (var row in rows)
        {
            window.Enqueue(Broker.PublishAsync(channel, to, row.MessageId.ToString(), WireMap.Wrap(Fresh(row)), ct)
                .AsTask());
            while (window.Count > options.ConfirmWindow) await window.Dequeue().WaitAsync(Broker.ConfirmLimit, ct);
        }
        while (window.TryDequeue(out var task)) await task.WaitAsync(Broker.ConfirmLimit, ct);
        ExchangeTelemetry.Published.Add(rows.Count);
        return rows.Count;
    }

    /// <summary>An entry signed with an older key is signed anew: the chain does not change, the receiver wants a
    /// living key.</summary>
    private byte[] Fresh(Row row)
    {
        var wire = V1.Envelope.Parser.ParseFrom(row.Envelope);
        if (wire.Signature.KeyId == keyring.Current.KeyId) return row.Envelope;
        wire.Signature = keyring.Sign(Canonical.EntryPurpose, row.Digest).ToWire();
        return wire.ToByteArray();
    }

    private sealed record Row(long Sequence, Guid MessageId, Digest Digest, byte[] Envelope);

    [LoggerMessage(3000, LogLevel.Information, "Relay is active")]
    private static partial void LogActive(ILogger logger);

    [LoggerMessage(3001, LogLevel.Warning, "Relay pauses: {ExceptionCode}")]
    private static partial void LogFailed(ILogger logger, string exceptionCode);

    [LoggerMessage(3002, LogLevel.Warning,
        "No receipt from {NodeCode} for {First} to {Last}: sent again, try {Attempt}")]
    private static partial void LogResend(ILogger logger, string nodeCode, long first, long last, int attempt);
}
