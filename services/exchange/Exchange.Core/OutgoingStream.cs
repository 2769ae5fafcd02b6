using System.Diagnostics;
using Platform.Kernel;

namespace Exchange;

/// <summary>What a node knows of a stream going out (去流). Rules: <see cref="OutgoingStreamDecider"/>.</summary>
public sealed record OutgoingStream
{
    public required StreamId Id { get; init; }
    /// <summary>The last sequence given; 0: none yet.</summary>
    public long Head { get; init; }
    public Digest HeadDigest { get; init; }
    /// <summary>The destination signed for everything up to here.</summary>
    public long ReceiptedThrough { get; init; }
    /// <summary>The broker confirmed everything up to here; goes back when sent again.</summary>
    public long PublishedThrough { get; init; }
    /// <summary>How many times in a row the unreceipted part was sent again without an answer.</summary>
    public int Attempt { get; init; }
    /// <summary>UTC. When to send the unreceipted part again; null: nothing is under way.</summary>
    public DateTimeOffset? ResendAt { get; init; }

    public static OutgoingStream New(StreamId id) => new() { Id = id };
}

/// <param name="FlightMax">Entries that may be under way without a receipt.</param>
/// <param name="ResendAfter">First wait for a receipt.</param>
/// <param name="ResendAfterMax">The wait doubles up to this.</param>
public sealed record ResendTerms(int FlightMax, TimeSpan ResendAfter, TimeSpan ResendAfterMax);

/// <summary>The destination's word; complete for (after, through].</summary>
public sealed record ReceiptStatement(long After, long Through, Digest Digest);

public abstract record OutgoingEvent;
public sealed record EntryAppended(long Sequence, Digest Digest) : OutgoingEvent;
public sealed record EntriesPublished(long Through, DateTimeOffset ResendAt) : OutgoingEvent;
public sealed record ReceiptAccepted(long Through, DateTimeOffset ResendAt) : OutgoingEvent;
public sealed record ReceiptRepeated(long Through) : OutgoingEvent;
/// <summary>Publishing starts again after this sequence.</summary>
public sealed record StreamRewound(long After, DateTimeOffset ResendAt) : OutgoingEvent;

/// <summary>Keeps every entry until the destination has signed for it, and sends again what has no receipt.</summary>
public static class OutgoingStreamDecider
{
    /// <summary>The next entry takes its place; its previous digest must be the head's.</summary>
    public static Decision<OutgoingEvent> Append(OutgoingStream stream, long sequence, Digest previous,
        Digest digest) =>
        sequence == stream.Head + 1 && previous == stream.HeadDigest
            ? new EntryAppended(sequence, digest)
            : ExchangeProblems.ChainBroken(sequence);

    /// <summary>What to give to the broker now: first to last, both included; null: nothing.</summary>
    public static (long First, long Last)? ToPublish(OutgoingStream stream, ResendTerms terms)
    {
        var last = Math.Min(stream.Head, stream.ReceiptedThrough + terms.FlightMax);
        return last > stream.PublishedThrough ? (stream.PublishedThrough + 1, last) : null;
    }

    /// <summary>The broker confirmed.</summary>
    public static OutgoingEvent Published(OutgoingStream stream, long through, ResendTerms terms, DateTimeOffset now) =>
        new EntriesPublished(Math.Max(through, stream.PublishedThrough), now + Wait(stream.Attempt, terms));

    /// <summary>A receipt arrives, in any order, any number of times.</summary>
    /// <remarks>Problems, in order: EXCHANGE_RECEIPT_BEYOND_HEAD, EXCHANGE_RECEIPT_CONFLICT,
    /// EXCHANGE_RECEIPT_INCOMPLETE. The first two are alarms: the destination signed for what was never sent.</remarks>
    /// <param name="ledgerDigest">Our ledger's digest at the receipt's sequence; null at sequence 0.</param>
    public static Decision<OutgoingEvent> TakeReceipt(
        OutgoingStream stream, ReceiptStatement receipt, Digest? ledgerDigest, ResendTerms terms, DateTimeOffset now) =>
        receipt switch
        {
            _ when receipt.Through > stream.Head => ExchangeProblems.ReceiptBeyondHead(receipt.Through),
            _ when receipt.Through > 0 && ledgerDigest != receipt.Digest =>
                ExchangeProblems.ReceiptConflict(receipt.Through),
            _ when receipt.Through <= stream.ReceiptedThrough => new ReceiptRepeated(receipt.Through),
            _ when receipt.After > stream.ReceiptedThrough => ExchangeProblems.ReceiptIncomplete(receipt.After),
            _ => new ReceiptAccepted(receipt.Through, now + terms.ResendAfter),
        };

    /// <summary>Sends the unreceipted part again when its time has come; nothing otherwise.</summary>
    public static StreamRewound? Overdue(OutgoingStream stream, ResendTerms terms, DateTimeOffset now) =>
        stream.PublishedThrough > stream.ReceiptedThrough && stream.ResendAt <= now
            ? new(stream.ReceiptedThrough, now + Wait(stream.Attempt + 1, terms))
            : null;

    /// <summary>What a resend request may have: inside what was ever sent; null: nothing of it.</summary>
    public static (long First, long Last)? Asked(OutgoingStream stream, long first, long last)
    {
        var from = Math.Max(first, 1);
        var to = Math.Min(last, stream.PublishedThrough);
        return from <= to ? (from, to) : null;
    }

    /// <summary>Folds one event into the state. An illegal history is a bug and throws.</summary>
    public static OutgoingStream Evolve(OutgoingStream stream, OutgoingEvent happened) => happened switch
    {
        EntryAppended e => stream with { Head = e.Sequence, HeadDigest = e.Digest },
        EntriesPublished e => stream with { PublishedThrough = e.Through, ResendAt = e.ResendAt },
        ReceiptAccepted e => stream with
        {
            ReceiptedThrough = e.Through,
            PublishedThrough = Math.Max(stream.PublishedThrough, e.Through),
            Attempt = 0,
            ResendAt = stream.PublishedThrough > e.Through ? e.ResendAt : null,
        },
        ReceiptRepeated => stream,
        StreamRewound e =>
            stream with { PublishedThrough = e.After, Attempt = stream.Attempt + 1, ResendAt = e.ResendAt },
        _ => throw new UnreachableException(happened.GetType().Name),
    };

    private static TimeSpan Wait(int attempt, ResendTerms terms)
    {
        var factor = Math.Min(1L << Math.Min(attempt, 20), 1L << 20);
        var wait = terms.ResendAfter * factor;
        return wait < terms.ResendAfterMax ? wait : terms.ResendAfterMax;
    }
}
