using System.Collections.Concurrent;
using Exchange.Service.Streams;
using Exchange.Service.Trust;
using Google.Protobuf;
using Npgsql;
using V1 = Platform.Contracts.Exchange.V1;

namespace Exchange.Service.Transport;

/// <summary>What a receiver says back: receipts, "send again", refusals. Nothing here changes a stream.</summary>
public sealed class Answers(
    NpgsqlDataSource source, NodeDirectory directory, ControlSender sender, Signals signals, ExchangeOptions options,
    TimeProvider clock)
{
    private static readonly TimeSpan RefusalPause = TimeSpan.FromSeconds(2);
    private readonly ConcurrentDictionary<(string, string), DateTimeOffset> _refused = new();

    /// <summary>After the commit: one receipt for each stream, one question for each gap, one word for each
    /// refusal.</summary>
    internal async Task SendAsync(TakenIn taken, CancellationToken ct)
    {
        if (taken.Delivered > 0) signals.Delivered.Set();
        await using var connection = await source.OpenConnectionAsync(ct);
        foreach (var stream in taken.Streams.Values)
        {
            if (stream.Through > 0) await ReceiptAsync(connection, stream, ct);
            if (taken.Asks.TryGetValue(stream.Id.From, out var gap)) await AskAsync(connection, stream, gap, ct);
        }
        foreach (var rejection in taken.Rejections)
            Refuse(rejection.FromNode, rejection.Code, rejection.FromNode, rejection.Sequence, rejection.MessageId,
                null);
    }

    internal async Task ReceiptAsync(NpgsqlConnection connection, IncomingStream stream, CancellationToken ct)
    {
        var receipt = new V1.Receipt
        {
            AfterSequence = stream.AcknowledgedThrough,
            ThroughSequence = stream.Through,
            ThroughDigest = ByteString.CopyFrom(stream.Digest.Span),
        };
        var exceptions = await Sql.ListAsync(connection, """
            select sequence, message_id, refused_code, moved_to from incoming_ledger
            where from_node = $1 and sequence > $2 and sequence <= $3 and refused_code is not null order by sequence
            """, r => (r.GetInt64(0), r.GetGuid(1), r.GetString(2), r.Text(3)), ct,
            stream.Id.From, stream.AcknowledgedThrough, stream.Through);
        foreach (var (sequence, id, code, moved) in exceptions)
        {
            var exception = new V1.Exception { Sequence = sequence, MessageId = id.ToString("D"), Code = code };
            if (moved is not null && directory.Bundle.Find(moved) is { } record) exception.MovedTo = record.ToWire();
            receipt.Exceptions.Add(exception);
        }
        sender.Send(stream.Id.From, V1.ControlKind.Receipt, receipt);
    }

    /// <summary>Asks for a gap, but not again and again while the answer is under way.</summary>
    internal async Task AskAsync(NpgsqlConnection connection, IncomingStream stream, GapFound gap, CancellationToken ct)
    {
        if (gap.First <= stream.Through) return; // closed in the same batch
        var now = clock.GetUtcNow();
        var mayAsk = await Sql.RunAsync(connection, """
            update incoming_stream set asked_at = $2 where from_node = $1 and (asked_at is null or asked_at <= $3)
            """, ct, stream.Id.From, now, now - options.GapAskAfter);
        if (mayAsk == 0) return;
        sender.Send(stream.Id.From, V1.ControlKind.ResendRequest,
            new V1.ResendRequest { FirstSequence = gap.First, LastSequence = gap.Last });
    }

    /// <summary>A message that climbed to the root, or came down, and fits no queue.</summary>
    internal async Task NoRouteAsync(V1.Envelope e, CancellationToken ct)
    {
        await AddToDeskAsync(
            new("incoming", directory.Bundle.Find(e.FromNode) is null ? "?" : e.FromNode, null, null, null,
            ExchangeCodes.NoRoute, ""), ct);
        Refuse(e.FromNode, ExchangeCodes.NoRoute, e.FromNode, e.Sequence, e.Id, e.ToNode);
    }

    internal Task UnreadableAsync(int count, CancellationToken ct) =>
        AddToDeskAsync(new("incoming", "?", null, null, null, ExchangeCodes.Malformed, $"{count} not readable"), ct);

    internal void Refuse(string to, string code, string streamFrom, long sequence, string messageId, string? streamTo)
    {
        if (to.Length is 0 or > 200) return;
        var now = clock.GetUtcNow();
        if (_refused.TryGetValue((to, code), out var last) && now - last < RefusalPause) return;
        if (_refused.Count > 10_000) _refused.Clear();
        _refused[(to, code)] = now;
        sender.Send(to, V1.ControlKind.Refusal, new V1.Refusal
        {
            Code = code,
            StreamFrom = streamFrom,
            StreamTo = streamTo ?? "",
            Sequence = sequence,
            MessageId = messageId.Length <= 40 ? messageId : "",
        });
    }

    private async Task AddToDeskAsync(DeskEntry entry, CancellationToken ct)
    {
        await using var connection = await source.OpenConnectionAsync(ct);
        await Desk.AddAsync(connection, [entry], clock.GetUtcNow(), ct);
    }
}
