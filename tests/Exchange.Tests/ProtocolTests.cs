using CsCheck;
using Xunit;

namespace Exchange.Tests;

/// <summary>
/// The protocol of two streams is small enough to visit every interleaving. Source: architecture 6, P2.
/// </summary>
public sealed class ProtocolTests
{
    [Theory]
    [InlineData(2, 1, 1, 1, 1, 1, 1)]
    [InlineData(3, 1, 1, 1, 0, 1, 1)]
    [InlineData(3, 2, 0, 0, 1, 2, 0)]
    public void Nothing_is_lost_doubled_or_reordered_whatever_the_network_does(
        int entries, int drops, int duplicates, int crashes, int wipes, int rewinds, int statements)
    {
        var explorer = new ProtocolExplorer(
            entries, new(drops, duplicates, crashes, wipes, rewinds, statements), ProtocolExplorer.Real);
        Assert.Null(explorer.Explore());
        TestContext.Current.TestOutputHelper?.WriteLine($"{explorer.StateCount} states");
        Assert.True(explorer.StateCount > 1000,
            $"only {explorer.StateCount} states: the model is too small to say anything");
    }

    [Fact]
    public void The_explorer_has_teeth_it_finds_a_receiver_that_takes_entries_as_they_come()
    {
        var explorer = new ProtocolExplorer(2, new(1, 1, 0, 0, 1, 0), (stream, entry, _, _) =>
            entry.Sequence > stream.Through
                ? new EntryAccepted(entry with { Sequence = stream.Through + 1, Previous = stream.Digest }, false)
                : new DuplicateDropped(entry.Sequence));
        Assert.NotNull(explorer.Explore());
    }

    [Fact]
    public void Any_order_of_arrivals_with_repeats_ends_in_the_same_ledger()
    {
        var chain = new List<Digest> { Digest.Zero };
        for (var i = 1; i <= 12; i++) chain.Add(Digest.Of([(byte)i, .. chain[^1].Span]));
        Gen.Int[1, 12].Array[0, 60].Sample(order =>
        {
            var (stream, buffer) = (IncomingStream.New(new("1", "2")), new Dictionary<long, IncomingEntry>());
            foreach (var i in order.Concat(Enumerable.Range(1, 12)))
            {
                Digest? known = i <= stream.Through ? chain[i] : null;
                var decision = IncomingStreamDecider.Arrive(stream, new(i, chain[i - 1], chain[i]), known, buffer, 5);
                foreach (var e in decision.Events)
                {
                    stream = IncomingStreamDecider.Evolve(stream, e);
                    if (e is EntryBuffered b) buffer[b.Entry.Sequence] = b.Entry;
                    if (e is EntryAccepted a) buffer.Remove(a.Entry.Sequence);
                }
            }
            return stream.Through == 12 && stream.Digest == chain[12] && buffer.Count == 0;
        }, iter: 2000);
    }

    [Fact]
    public void Two_truths_for_one_place_are_an_alarm_wherever_they_meet()
    {
        var (one, other) = (Digest.Of([1]), Digest.Of([2]));
        var empty = new Dictionary<long, IncomingEntry>();
        var stream = IncomingStreamDecider.Evolve(IncomingStream.New(new("1", "2")),
            new EntryAccepted(new(1, Digest.Zero, one), false));
        Assert.Equal(ExchangeCodes.DigestConflict,
            IncomingStreamDecider.Arrive(stream, new(1, Digest.Zero, other), one, empty, 9).Problem?.Code);
        Assert.Equal(ExchangeCodes.ChainBroken,
            IncomingStreamDecider.Arrive(stream, new(2, other, one), null, empty, 9).Problem?.Code);
        var early = new Dictionary<long, IncomingEntry> { [3] = new(3, one, one) };
        Assert.Equal(ExchangeCodes.DigestConflict,
            IncomingStreamDecider.Arrive(stream, new(3, one, other), null, early, 9).Problem?.Code);
        Assert.Equal(ExchangeCodes.DigestConflict,
            IncomingStreamDecider.Compare(stream, new(1, other, 0), one, empty).Problem?.Code);
        Assert.Equal(ExchangeCodes.Malformed,
            IncomingStreamDecider.Arrive(stream, new(0, one, other), null, empty, 9).Problem?.Code);
        Assert.Contains(new BufferedDiscarded(3), IncomingStreamDecider
            .Arrive(stream, new(2, one, other), null, early, 9).Events);
    }

    [Fact]
    public void A_receipt_for_what_was_not_sent_is_an_alarm()
    {
        var terms = new ResendTerms(10, TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(10));
        var (one, now) = (Digest.Of([1]), TestNode.Now);
        var stream = OutgoingStream.New(new("1", "2")) with { Head = 5, PublishedThrough = 5, ReceiptedThrough = 2 };
        string? Code(long after, long through, Digest digest) =>
            OutgoingStreamDecider.TakeReceipt(stream, new(after, through, digest), one, terms, now).Problem?.Code;
        Assert.Equal(ExchangeCodes.ReceiptBeyondHead, Code(0, 6, one));
        Assert.Equal(ExchangeCodes.ReceiptConflict, Code(0, 4, Digest.Of([2])));
        Assert.Equal(ExchangeCodes.ReceiptIncomplete, Code(3, 4, one));
        Assert.Null(Code(2, 4, one));
        Assert.Null(Code(0, 1, one));
    }

    [Fact]
    public void The_wait_before_sending_again_doubles_up_to_its_limit_and_starts_anew_with_a_receipt()
    {
        var terms = new ResendTerms(10, TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(2));
        var now = TestNode.Now;
        var stream = OutgoingStream.New(new("1", "2")) with { Head = 5 };
        stream = OutgoingStreamDecider.Evolve(stream, OutgoingStreamDecider.Published(stream, 5, terms, now));
        foreach (var wait in new[] { 30, 60, 120, 120 })
        {
            Assert.Null(OutgoingStreamDecider.Overdue(stream, terms, now.AddSeconds(wait - 1)));
            now = now.AddSeconds(wait);
            stream = OutgoingStreamDecider.Evolve(stream, OutgoingStreamDecider.Overdue(stream, terms, now)!);
            stream = OutgoingStreamDecider.Evolve(stream, OutgoingStreamDecider.Published(stream, 5, terms, now));
        }
        var receipt = OutgoingStreamDecider.TakeReceipt(stream, new(0, 3, Digest.Zero), Digest.Zero, terms, now);
        stream = OutgoingStreamDecider.Evolve(stream, receipt.Events[0]);
        Assert.Equal((0, now.AddSeconds(30)), (stream.Attempt, stream.ResendAt));
    }
}
