using Exchange.Service.Trust;
using Npgsql;
using V1 = Platform.Contracts.Exchange.V1;

namespace Exchange.Service.Streams;

/// <summary>
/// Takes in a batch of envelopes in one transaction: trust, order, content, ledger, positions. Whatever is not
/// delivered is at the
/// desk with its reason when the transaction is over; nothing is ever half-processed.
/// </summary>
public sealed partial class TakeIn(
    NpgsqlDataSource source, NodeIdentity node, NodeDirectory directory, ContentCheck content, ExchangeOptions options,
    TimeProvider clock, ILogger<TakeIn> logger)
{
    internal async Task<TakenIn> RunAsync(IReadOnlyList<V1.Envelope> envelopes, CancellationToken ct)
    {
        var work = new Batch { Now = Canonical.Microseconds(clock.GetUtcNow()) };
        var known = Screen(envelopes, work);
        await using var connection = await source.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        if (known.Count > 0)
        {
            var nodes = known.Select(a => a.Core.FromNode).Distinct().ToArray();
            work.Streams = await IncomingTables.LockAsync(connection, node.Path, nodes, ct);
            work.Buffers = await IncomingTables.BuffersAsync(connection, nodes, ct);
            var past = known.Where(a => a.Core.Sequence <= work.Streams[a.Core.FromNode].Through)
                .Select(a => (a.Core.FromNode, a.Core.Sequence)).Distinct().ToList();
            work.Digests = await IncomingTables.DigestsAsync(connection, past, ct);
            foreach (var arrived in known.OrderBy(a => a.Core.FromNode, StringComparer.Ordinal)
                .ThenBy(a => a.Core.Sequence))
                Place(arrived, work);
            await SaveAsync(connection, work, ct);
        }
        await DeskAsync(connection, work, ct);
        await transaction.CommitAsync(ct);
        ExchangeTelemetry.Received.Add(work.Accepted.Count);
        foreach (var stream in work.Streams.Values) work.Result.Streams[stream.Id.From] = stream;
        return work.Result;
    }

    /// <summary>What cannot be an envelope for us, or names nobody we know, is out before a row is touched.</summary>
    private List<Arrived> Screen(IReadOnlyList<V1.Envelope> envelopes, Batch work)
    {
        var good = new List<Arrived>(envelopes.Count);
        foreach (var wire in envelopes)
        {
            if (Arrived.Read(wire) is not { } arrived) work.Reject(wire, ExchangeCodes.Malformed);
            else if (arrived.Core.ToNode != node.Path) work.Reject(wire, ExchangeCodes.WrongDestination);
            else if (directory.Bundle.Find(arrived.Core.FromNode) is null) work.Reject(wire, ExchangeCodes.UnknownNode);
            else good.Add(arrived);
        }
        return good;
    }

    private void Place(Arrived arrived, Batch work)
    {
        var from = arrived.Core.FromNode;
        Digest? known = work.Digests.TryGetValue((from, arrived.Core.Sequence), out var d) ? d : null;
        if (known == arrived.Digest)
        {
            ExchangeTelemetry.Duplicates.Add(1);
            return;
        }
        var refused = directory.Refuses(from, arrived.Signature, Canonical.EntryPurpose, arrived.Digest);
        if (refused is not null)
        {
            work.Reject(arrived.Wire, refused);
            return;
        }
        var buffer = work.Buffers[from];
        var decision = IncomingStreamDecider.Arrive(
            work.Streams[from], arrived.Entry, known, buffer, options.BufferAhead);
        if (decision.Problem is { } problem)
        {
            LogAlarm(logger, from, arrived.Core.Sequence, problem.Code);
            work.Alarms[from] = problem.Code;
            work.Reject(arrived.Wire, problem.Code);
        }
        foreach (var happened in decision.Events)
        {
            work.Streams[from] = IncomingStreamDecider.Evolve(work.Streams[from], happened);
            Note(happened, from, arrived, work);
        }
    }

    private static void Note(IncomingEvent happened, string from, Arrived arrived, Batch work)
    {
        switch (happened)
        {
            case EntryAccepted e:
                work.Accepted.Add((from, e.Entry.Sequence, e.FromBuffer ? null : arrived));
                work.Digests[(from, e.Entry.Sequence)] = e.Entry.Digest;
                work.Buffers[from].Remove(e.Entry.Sequence);
                break;
            case EntryBuffered e:
                work.Early.Add(arrived);
                work.Buffers[from][e.Entry.Sequence] = e.Entry;
                break;
            case BufferedDiscarded e:
                work.Alarms[from] = ExchangeCodes.ChainBroken;
                work.Buffers[from].Remove(e.Sequence);
                work.Discarded.Add((from, e.Sequence));
                break;
            case GapFound e:
                work.Result.Asks[from] = e;
                break;
            case DuplicateDropped:
                ExchangeTelemetry.Duplicates.Add(1);
                break;
        }
    }

    private async Task SaveAsync(NpgsqlConnection connection, Batch work, CancellationToken ct)
    {
        await IncomingTables.BufferAsync(connection, work.Early, work.Now, ct);
        var entries = await FromBufferAsync(connection, work, ct);
        var placed = await content.JudgeAsync(connection, entries, ct);
        await IncomingTables.EnterAsync(connection, placed, options.PayloadMax, work.Now, ct);
        foreach (var (from, sequence) in work.Discarded)
        {
            await Sql.RunAsync(connection, "delete from incoming_gap where from_node = $1 and sequence = $2", ct,
                from, sequence);
        }
        await IncomingTables.SaveAsync(connection, work.Streams.Values, work.Now, ct);
        foreach (var (from, code) in work.Alarms)
            await Desk.AlarmAsync(connection, "incoming_stream", "from_node", from, code, work.Now, ct);
        work.Result.Delivered = placed.Count(p => p.Delivered);
        if (work.Result.Delivered > 0) await Sql.RunAsync(connection, "select pg_notify('exchange_delivered', '')", ct);
        work.Desk.AddRange(placed.Where(p => p.RefusedCode is not null).Select(p => new DeskEntry("incoming",
            p.Arrived.Core.FromNode, p.Arrived.Core.Sequence, p.Arrived.Core.Id, p.Arrived.Core.Type, p.RefusedCode!,
            p.MovedTo is null ? "" : $"served by {p.MovedTo} now")));
        work.Desk.AddRange(content.Settlements(placed));
    }

    /// <summary>Entries that waited in the buffer come back from their rows, in the order of acceptance.</summary>
    private static async Task<List<Arrived>> FromBufferAsync(
        NpgsqlConnection connection, Batch work, CancellationToken ct)
    {
        var waiting = work.Accepted.Where(a => a.Arrived is null).GroupBy(a => a.From).ToList();
        var bytes = new Dictionary<(string, long), byte[]>();
        foreach (var group in waiting)
        {
            var rows = await IncomingTables.BufferedBytesAsync(
                connection, group.Key, [.. group.Select(g => g.Sequence)], ct);
            foreach (var (sequence, envelope) in rows) bytes[(group.Key, sequence)] = envelope;
        }
        return [.. work.Accepted.Select(a =>
            a.Arrived ?? Arrived.Read(V1.Envelope.Parser.ParseFrom(bytes[(a.From, a.Sequence)]))!)];
    }

    private static Task DeskAsync(NpgsqlConnection connection, Batch work, CancellationToken ct)
    {
        // A name nobody vouches for is not repeated in the table: all strangers share one line.
        work.Desk.AddRange(work.Result.Rejections.Select(r => new DeskEntry("incoming",
            r.Code is ExchangeCodes.UnknownNode or ExchangeCodes.Malformed ? "?"
                : r.FromNode, r.Sequence, null, null, r.Code, "")));
        return Desk.AddAsync(connection, work.Desk, work.Now, ct);
    }

    private sealed class Batch
    {
        public required DateTimeOffset Now { get; init; }
        public TakenIn Result { get; } = new();
        public Dictionary<string, IncomingStream> Streams { get; set; } = [];
        public Dictionary<string, Dictionary<long, IncomingEntry>> Buffers { get; set; } = [];
        public Dictionary<(string, long), Digest> Digests { get; set; } = [];
        public List<(string From, long Sequence, Arrived? Arrived)> Accepted { get; } = [];
        public List<Arrived> Early { get; } = [];
        public List<(string, long)> Discarded { get; } = [];
        public Dictionary<string, string> Alarms { get; } = [];
        public List<DeskEntry> Desk { get; } = [];

        public void Reject(V1.Envelope e, string code) =>
            Result.Rejections.Add(new(e.FromNode, code, e.Sequence, e.Id, e.Type));
    }

    [LoggerMessage(3020, LogLevel.Error, "Stream from {NodeCode} at {Sequence}: {ProblemCode}")]
    private static partial void LogAlarm(ILogger logger, string nodeCode, long sequence, string problemCode);
}
