using System.Collections.Concurrent;
using Exchange.Service.Streams;
using Exchange.Service.Trust;
using Google.Protobuf;
using Npgsql;
using V1 = Platform.Contracts.Exchange.V1;

namespace Exchange.Service.Transport;

/// <summary>Control messages: who may say what, and what follows. Each kind may come twice, late or not at
/// all.</summary>
public sealed partial class Controls(
    NpgsqlDataSource source, NodeIdentity node, NodeDirectory directory, ReceiptBook receipts, Answers answers,
    ControlSender sender, Enrolment enrolment, Signals signals, TimeProvider clock, ILogger<Controls> logger)
{
    private readonly ConcurrentDictionary<string, TaskCompletionSource<DateTimeOffset>> _pings = new();

    /// <summary>Of several receipts or statements of one node only the newest says anything.</summary>
    internal static IEnumerable<V1.Control> Newest(IReadOnlyList<V1.Control> controls) => controls
        .GroupBy(c => c.Kind is V1.ControlKind.Receipt or V1.ControlKind.DigestStatement or V1.ControlKind.BundleDigest
            ? $"{c.FromNode}/{(int)c.Kind}" : c.Id)
        .Select(g => g.Key == g.First().Id ? g.First() : g.MaxBy(c => Weight(c))!);

    internal async Task HandleAsync(V1.Control control, CancellationToken ct)
    {
        try
        {
            if (!Guid.TryParseExact(control.Id, "D", out var id) || control.ToNode != node.Path
                || control.Signature is null) return;
            if (control.Kind is V1.ControlKind.EnrolmentRequest or V1.ControlKind.EnrolmentAnswer)
            {
                await enrolment.HandleAsync(control, id, ct);
                return;
            }
            var code = directory.Refuses(control.FromNode, control.Signature.ToCore(), Canonical.ControlPurpose,
                WireMap.ControlDigest(control, id));
            if (code is null) await ActAsync(control, ct);
            else if (control.Kind == V1.ControlKind.BundleUpdate) await BundleAsync(control, trusted: false, ct);
            else LogRefused(logger, (int)control.Kind, code);
        }
        catch (InvalidProtocolBufferException)
        {
            LogRefused(logger, (int)control.Kind, ExchangeCodes.Malformed);
        }
    }

    /// <summary>Asks a node for a sign of life; null: no answer in time.</summary>
    public async Task<TimeSpan?> PingAsync(string to, TimeSpan limit, CancellationToken ct)
    {
        var (nonce, begun) = (Guid.NewGuid().ToString("N"), clock.GetTimestamp());
        var answer = _pings[nonce] = new(TaskCreationOptions.RunContinuationsAsynchronously);
        try
        {
            sender.Send(to, V1.ControlKind.Ping, new V1.Ping { Nonce = nonce });
            await answer.Task.WaitAsync(limit, clock, ct);
            return clock.GetElapsedTime(begun);
        }
        catch (TimeoutException) { return null; }
        finally { _pings.TryRemove(nonce, out _); }
    }

    private async Task ActAsync(V1.Control control, CancellationToken ct)
    {
        switch (control.Kind)
        {
            case V1.ControlKind.Receipt:
                await receipts.TakeAsync(control, V1.Receipt.Parser.ParseFrom(control.Body), ct);
                break;
            case V1.ControlKind.ResendRequest:
                await ResendAsync(control.FromNode, V1.ResendRequest.Parser.ParseFrom(control.Body), ct);
                break;
            case V1.ControlKind.DigestStatement:
                await CompareAsync(control.FromNode, V1.DigestStatement.Parser.ParseFrom(control.Body), ct);
                break;
            case V1.ControlKind.Refusal:
                await receipts.RefusedAsync(control.FromNode, V1.Refusal.Parser.ParseFrom(control.Body), ct);
                break;
            case V1.ControlKind.BundleDigest:
                var theirs = Digest.Read(V1.BundleDigest.Parser.ParseFrom(control.Body).Digest.Span);
                if (theirs != directory.Bundle.Digest) enrolment.SendBundle(control.FromNode, answerWanted: true);
                break;
            case V1.ControlKind.BundleUpdate:
                await BundleAsync(control, trusted: true, ct);
                break;
            case V1.ControlKind.Ping:
                sender.Send(control.FromNode, V1.ControlKind.Pong, new V1.Pong
                {
                    Nonce = V1.Ping.Parser.ParseFrom(control.Body).Nonce,
                    PingIssuedAt = control.IssuedAt,
                });
                break;
            case V1.ControlKind.Pong:
                if (_pings.TryGetValue(V1.Pong.Parser.ParseFrom(control.Body).Nonce, out var waiting))
                    waiting.TrySetResult(clock.GetUtcNow());
                break;
            default:
                LogRefused(logger, (int)control.Kind, ExchangeCodes.UnknownType);
                break;
        }
    }

    private async Task ResendAsync(string from, V1.ResendRequest request, CancellationToken ct)
    {
        await using var connection = await source.OpenConnectionAsync(ct);
        await Sql.RunAsync(connection, """
            update outgoing_stream set asked_first = least(coalesce(asked_first, $2), $2),
                asked_last = greatest(coalesce(asked_last, $3), $3)
            where to_node = $1 and $2 between 1 and head and $3 >= $2
            """, ct, from, request.FirstSequence, request.LastSequence);
        signals.Outgoing.Set();
    }

    /// <summary>The sender states its head: answer with a receipt, and ask for what is missing.</summary>
    private async Task CompareAsync(string from, V1.DigestStatement said, CancellationToken ct)
    {
        if (said.HeadSequence < 1 || Digest.Read(said.HeadDigest.Span) is not { } head) return;
        await using var connection = await source.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        var stream = (await IncomingTables.LockAsync(connection, node.Path, [from], ct))[from];
        var buffer = (await IncomingTables.BuffersAsync(connection, [from], ct))[from];
        var known = await IncomingTables.DigestsAsync(connection, [(from, said.HeadSequence)], ct);
        var decision = IncomingStreamDecider.Compare(stream, new(said.HeadSequence, head, said.ReceiptedThrough),
            known.TryGetValue((from, said.HeadSequence), out var d) ? d : null, buffer);
        if (decision.Problem is { } problem)
        {
            await Desk.AlarmAsync(
                connection, "incoming_stream", "from_node", from, problem.Code, clock.GetUtcNow(), ct);
            await Desk.AddAsync(connection, [new("incoming", from, said.HeadSequence, null, null, problem.Code, "")],
                clock.GetUtcNow(), ct);
            answers.Refuse(from, problem.Code, from, said.HeadSequence, "", node.Path);
        }
        foreach (var happened in decision.Events) stream = IncomingStreamDecider.Evolve(stream, happened);
        await Sql.RunAsync(connection, """
            update incoming_stream set acknowledged_through = $2, heard = $3 where from_node = $1
            """, ct, from, stream.AcknowledgedThrough, stream.Heard);
        await transaction.CommitAsync(ct);
        if (decision.Problem is not null) return;
        if (stream.Through > 0) await answers.ReceiptAsync(connection, stream, ct);
        foreach (var gap in decision.Events.OfType<GapFound>()) await answers.AskAsync(connection, stream, gap, ct);
    }

    /// <summary>Records carry their own proof; who brings them matters only for whether we answer.</summary>
    private async Task BundleAsync(V1.Control control, bool trusted, CancellationToken ct)
    {
        var update = V1.BundleUpdate.Parser.ParseFrom(control.Body);
        if (update.Records.Count > 20_000) return;
        await directory.MergeAsync(update.Records.Select(r => r.ToCore()), control.FromNode, ct);
        if (trusted && update.AnswerWanted) enrolment.SendBundle(control.FromNode, answerWanted: false);
    }

    private static long Weight(V1.Control c) => c.Kind switch
    {
        V1.ControlKind.Receipt => Try(() => V1.Receipt.Parser.ParseFrom(c.Body).ThroughSequence),
        _ => c.IssuedAt?.Seconds ?? 0,
    };

    private static long Try(Func<long> read)
    {
        try { return read(); }
        catch (InvalidProtocolBufferException) { return -1; }
    }

    [LoggerMessage(3040, LogLevel.Warning, "Control message of kind {Kind} is not believed: {ProblemCode}")]
    private static partial void LogRefused(ILogger logger, int kind, string problemCode);
}
