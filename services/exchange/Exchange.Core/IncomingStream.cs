using System.Diagnostics;
using Platform.Kernel;

namespace Exchange;

/// <summary>What a node knows of a stream coming in (来流). Rules: <see cref="IncomingStreamDecider"/>.</summary>
public sealed record IncomingStream
{
    public required StreamId Id { get; init; }
    /// <summary>Everything up to and including this sequence is in the ledger; 0: nothing.</summary>
    public long Through { get; init; }
    /// <summary>Of the entry at <see cref="Through"/>.</summary>
    public Digest Digest { get; init; }
    /// <summary>The sender said it holds our receipt up to here; receipts need not repeat what lies before.</summary>
    public long AcknowledgedThrough { get; init; }
    /// <summary>The highest sequence the sender was heard to have; says how far behind we are.</summary>
    public long Heard { get; init; }

    public static IncomingStream New(StreamId id) => new() { Id = id };
}

/// <summary>An entry whose signature was checked.</summary>
public sealed record IncomingEntry(long Sequence, Digest Previous, Digest Digest);

/// <summary>The sender's word on its own stream.</summary>
public sealed record StreamStatement(long Head, Digest HeadDigest, long ReceiptedThrough);

public abstract record IncomingEvent;
/// <summary>The next of the stream: into the ledger.</summary>
public sealed record EntryAccepted(IncomingEntry Entry, bool FromBuffer) : IncomingEvent;
public sealed record DuplicateDropped(long Sequence) : IncomingEvent;
/// <summary>Early: kept until the gap before it closes.</summary>
public sealed record EntryBuffered(IncomingEntry Entry) : IncomingEvent;
/// <summary>Too early to keep; the sender sends it again.</summary>
public sealed record EntryDropped(long Sequence) : IncomingEvent;
/// <summary>A kept entry that does not continue the chain; EXCHANGE_CHAIN_BROKEN, an alarm.</summary>
public sealed record BufferedDiscarded(long Sequence) : IncomingEvent;
/// <summary>First to last, both included, are missing: ask again (not too often).</summary>
public sealed record GapFound(long First, long Last) : IncomingEvent;
public sealed record SenderHeard(long Head, long ReceiptedThrough) : IncomingEvent;

/// <summary>
/// Accepts in order, drops duplicates, keeps what is early, asks again, and never accepts two truths.
/// </summary>
public static class IncomingStreamDecider
{
    /// <summary>One entry arrives, in any order, any number of times.</summary>
    /// <remarks>Problems, in order: EXCHANGE_MALFORMED, EXCHANGE_DIGEST_CONFLICT, EXCHANGE_CHAIN_BROKEN. The last two
    /// are alarms: the sender signed two different entries for one place, or a chain that does not hold.</remarks>
    /// <param name="ledgerDigest">Our ledger's digest at the entry's sequence; null when not in the ledger.</param>
    /// <param name="buffer">Early entries by sequence, all beyond <see cref="IncomingStream.Through"/>.</param>
    /// <param name="bufferAhead">How far beyond the next expected sequence an entry may be kept.</param>
    public static Decision<IncomingEvent> Arrive(
        IncomingStream stream, IncomingEntry entry, Digest? ledgerDigest,
        IReadOnlyDictionary<long, IncomingEntry> buffer, long bufferAhead) => entry switch
        {
            { Sequence: < 1 } => ExchangeProblems.Malformed(entry.Sequence),
            _ when entry.Sequence <= stream.Through && ledgerDigest is { } known && known != entry.Digest =>
                ExchangeProblems.DigestConflict(entry.Sequence),
            _ when entry.Sequence <= stream.Through => new DuplicateDropped(entry.Sequence),
            _ when entry.Sequence == stream.Through + 1 && entry.Previous != stream.Digest =>
                ExchangeProblems.ChainBroken(entry.Sequence),
            _ when entry.Sequence == stream.Through + 1 => Accept(entry, buffer),
            _ when buffer.TryGetValue(entry.Sequence, out var kept) && kept.Digest != entry.Digest =>
                ExchangeProblems.DigestConflict(entry.Sequence),
            _ when buffer.ContainsKey(entry.Sequence) => new DuplicateDropped(entry.Sequence),
            _ when entry.Sequence > stream.Through + bufferAhead =>
                new IncomingEvent[] { new EntryDropped(entry.Sequence), Gap(stream, entry.Sequence, buffer) },
            _ => new IncomingEvent[] { new EntryBuffered(entry), Gap(stream, entry.Sequence, buffer) },
        };

    /// <summary>The sender states its head: whether anything is missing, or differs.</summary>
    /// <remarks>Problems: EXCHANGE_DIGEST_CONFLICT (an alarm).</remarks>
    /// <param name="ledgerDigest">Our ledger's digest at the stated head; null when not in the ledger.</param>
    public static Decision<IncomingEvent> Compare(
        IncomingStream stream, StreamStatement statement, Digest? ledgerDigest,
        IReadOnlyDictionary<long, IncomingEntry> buffer) => statement switch
        {
            _ when statement.Head <= stream.Through && ledgerDigest is { } known && known != statement.HeadDigest =>
                ExchangeProblems.DigestConflict(statement.Head),
            _ when statement.Head <= stream.Through => Heard(stream, statement),
            _ when buffer.TryGetValue(stream.Through + 1, out _) => Heard(stream, statement),
            _ => new IncomingEvent[] { Heard(stream, statement), Gap(stream, statement.Head + 1, buffer) },
        };

    /// <summary>Folds one event into the state. An illegal history is a bug and throws.</summary>
    public static IncomingStream Evolve(IncomingStream stream, IncomingEvent happened) => happened switch
    {
        EntryAccepted e when e.Entry.Sequence == stream.Through + 1 && e.Entry.Previous == stream.Digest => stream with
        {
            Through = e.Entry.Sequence,
            Digest = e.Entry.Digest,
            Heard = Math.Max(stream.Heard, e.Entry.Sequence),
        },
        EntryAccepted e => throw new UnreachableException($"{e.Entry.Sequence} cannot follow {stream.Through}"),
        EntryBuffered e => stream with { Heard = Math.Max(stream.Heard, e.Entry.Sequence) },
        EntryDropped e => stream with { Heard = Math.Max(stream.Heard, e.Sequence) },
        SenderHeard e => stream with
        {
            Heard = Math.Max(stream.Heard, e.Head),
            AcknowledgedThrough = Math.Max(stream.AcknowledgedThrough, Math.Min(e.ReceiptedThrough, stream.Through)),
        },
        DuplicateDropped or BufferedDiscarded or GapFound => stream,
        _ => throw new UnreachableException(happened.GetType().Name),
    };

    private static SenderHeard Heard(IncomingStream stream, StreamStatement statement) =>
        new(Math.Max(statement.Head, stream.Heard), statement.ReceiptedThrough);

    private static IncomingEvent[] Accept(IncomingEntry entry, IReadOnlyDictionary<long, IncomingEntry> buffer)
    {
        var events = new List<IncomingEvent> { new EntryAccepted(entry, FromBuffer: false) };
        for (var last = entry; buffer.TryGetValue(last.Sequence + 1, out var next); last = next)
        {
            if (next.Previous != last.Digest)
            {
                events.Add(new BufferedDiscarded(next.Sequence));
                events.Add(new GapFound(next.Sequence, next.Sequence));
                break;
            }
            events.Add(new EntryAccepted(next, FromBuffer: true));
        }
        return [.. events];
    }

    private static GapFound Gap(IncomingStream stream, long before, IReadOnlyDictionary<long, IncomingEntry> buffer)
    {
        var first = stream.Through + 1;
        var known = buffer.Keys.Where(k => k > first).Append(before).Min();
        return new(first, known - 1);
    }
}
