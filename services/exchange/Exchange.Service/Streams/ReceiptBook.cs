using Exchange.Service.Trust;
using Google.Protobuf;
using Npgsql;
using V1 = Platform.Contracts.Exchange.V1;

namespace Exchange.Service.Streams;

/// <summary>The destination's answers to our streams: receipts with their exceptions, and refusals.</summary>
public sealed partial class ReceiptBook(
    NpgsqlDataSource source, NodeIdentity node, NodeDirectory directory, Signals signals, ExchangeOptions options,
    TimeProvider clock, ILogger<ReceiptBook> logger)
{
    /// <summary>A verified receipt: messages are done, refused at the desk, or go back to be addressed anew.</summary>
    internal async Task TakeAsync(V1.Control control, V1.Receipt receipt, CancellationToken ct)
    {
        var (from, now) = (control.FromNode, clock.GetUtcNow());
        var moved = receipt.Exceptions.Where(e => e.MovedTo is not null).Select(e => e.MovedTo.ToCore()).ToList();
        if (moved.Count > 0) await directory.MergeAsync(moved, from, ct);
        await using var connection = await source.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        var stream = (await OutgoingRow.LockAsync(connection, node.Path, from, ct)).Stream;
        var decision = Judge(stream, receipt, await DigestAsync(connection, from, receipt.ThroughSequence, ct), now);
        if (decision.Problem is { } problem)
        {
            LogAlarm(logger, from, receipt.ThroughSequence, problem.Code);
            if (problem.Code != ExchangeCodes.ReceiptIncomplete)
            {
                await Desk.AlarmAsync(connection, "outgoing_stream", "to_node", from, problem.Code, now, ct);
                await Desk.AddAsync(connection,
                    [new("outgoing", from, receipt.ThroughSequence, null, null, problem.Code, "")], now, ct);
            }
            await transaction.CommitAsync(ct);
            return;
        }
        var before = stream.ReceiptedThrough;
        foreach (var happened in decision.Events) stream = OutgoingStreamDecider.Evolve(stream, happened);
        if (stream.ReceiptedThrough == before) return;
        await OutgoingRow.SaveAsync(connection, stream, ct);
        var exceptions = receipt.Exceptions.Where(e => e.Sequence > before && e.Sequence <= stream.ReceiptedThrough)
            .ToList();
        await SettleAsync(connection, from, before, stream.ReceiptedThrough, exceptions, now, ct);
        await KeepAsync(connection, control, receipt, exceptions.Count > 0, now, ct);
        await transaction.CommitAsync(ct);
        ExchangeTelemetry.Receipts.Add(1);
        signals.Outgoing.Set();
    }

    /// <summary>Somebody would not take an entry into our stream. The ledger keeps it; people see it; it is sent
    /// again later.</summary>
    internal async Task RefusedAsync(string by, V1.Refusal refusal, CancellationToken ct)
    {
        if (refusal.StreamFrom != node.Path || refusal.Code.Length is 0 or > 100) return;
        var to = refusal.StreamTo.Length > 0 ? refusal.StreamTo : by;
        if (to != by && !Above(by)) return; // only the destination and the nodes on the way may speak of a stream
        LogRefused(logger, by, refusal.Sequence, refusal.Code);
        await using var connection = await source.OpenConnectionAsync(ct);
        var found = await Sql.RunAsync(
            connection, "update outgoing_stream set refusal_code = $2 where to_node = $1", ct,
            to, refusal.Code);
        if (found == 0) return;
        await Desk.AddAsync(connection,
            [new("outgoing", to, refusal.Sequence, null, null, refusal.Code, $"said by {by}")],
            clock.GetUtcNow(), ct);
    }

    private bool Above(string by) => by == node.Path || directory.Bundle.Find(by) is not null;

    private Platform.Kernel.Decision<OutgoingEvent> Judge(
        OutgoingStream stream, V1.Receipt receipt, Digest? ledger, DateTimeOffset now) =>
        Digest.Read(receipt.ThroughDigest.Span) is { } digest && receipt.ThroughSequence >= 0
            ? OutgoingStreamDecider.TakeReceipt(
                stream, new(receipt.AfterSequence, receipt.ThroughSequence, digest), ledger,
                options.Resend, now)
            : ExchangeProblems.ReceiptConflict(receipt.ThroughSequence);

    private static async Task<Digest?> DigestAsync(
        NpgsqlConnection connection, string to, long sequence, CancellationToken ct) =>
        await Sql.ScalarAsync<byte[]>(connection,
            "select digest from outgoing_ledger where to_node = $1 and sequence = $2", ct, to, sequence) is { } bytes
            ? Digest.Read(bytes) : null;

    private static async Task SettleAsync(NpgsqlConnection connection, string to, long after, long through,
        List<V1.Exception> exceptions, DateTimeOffset now, CancellationToken ct)
    {
        var moved = exceptions.Where(e => e.Code == ExchangeCodes.Moved).Select(e => e.Sequence).ToArray();
        var refused = exceptions.Where(e => e.Code != ExchangeCodes.Moved).ToList();
        if (moved.Length > 0)
        {
            await Sql.RunAsync(connection, """
                update outgoing_message set state = 'pending', to_node = null, sequence = null
                where state = 'sent' and to_node = $1 and sequence = any($2)
                """, ct, to, moved);
        }
        if (refused.Count > 0)
        {
            await Sql.RunAsync(connection, """
                update outgoing_message m set state = 'refused', refused_code = r.code from unnest($2, $3) as r(s, code)
                where m.state = 'sent' and m.to_node = $1 and m.sequence = r.s
                """, ct, to, refused.Select(e => e.Sequence).ToArray(), refused.Select(e => e.Code).ToArray());
            await Desk.AddAsync(connection, [.. refused.Select(e => new DeskEntry("outgoing", to, e.Sequence,
                Guid.TryParse(e.MessageId, out var id) ? id : null, null, e.Code, ""))], now, ct);
        }
        await Sql.RunAsync(connection, """
            delete from outgoing_message where state = 'sent' and to_node = $1 and sequence > $2 and sequence <= $3
            """, ct, to, after, through);
    }

    /// <summary>The newest receipt proves everything before it; older ones stay only for the exceptions they
    /// name.</summary>
    private static async Task KeepAsync(
        NpgsqlConnection connection, V1.Control control, V1.Receipt receipt, bool exceptions,
        DateTimeOffset now, CancellationToken ct)
    {
        await Sql.RunAsync(connection, """
            delete from receipt where from_node = $1 and through_sequence < $2 and not has_exceptions
            """, ct, control.FromNode, receipt.ThroughSequence);
        await Sql.RunAsync(connection, """
            insert into receipt (from_node, through_sequence, control, has_exceptions, received_at) values ($1, $2,
                $3, $4, $5)
            on conflict do nothing
            """, ct, control.FromNode, receipt.ThroughSequence, control.ToByteArray(), exceptions, now);
        await Sql.RunAsync(connection,
            "update outgoing_stream set receipt_at = $2, refusal_code = null where to_node = $1", ct,
                control.FromNode, now);
    }

    [LoggerMessage(3050, LogLevel.Error, "Receipt of {NodeCode} through {Sequence}: {ProblemCode}")]
    private static partial void LogAlarm(ILogger logger, string nodeCode, long sequence, string problemCode);

    [LoggerMessage(3051, LogLevel.Warning, "{NodeCode} refused entry {Sequence}: {ProblemCode}")]
    private static partial void LogRefused(ILogger logger, string nodeCode, long sequence, string problemCode);
}
