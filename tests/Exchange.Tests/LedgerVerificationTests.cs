using CsCheck;
using Xunit;

namespace Exchange.Tests;

public sealed class LedgerVerificationTests : IDisposable
{
    private readonly TestNode _root = new("140000", "14", "31");
    private readonly TestNode _a = new("140000.141022", "141022");
    private readonly TestNode _b = new("140000.310104", "310104");
    private StreamId Stream => new(_a.Record.Path, _b.Record.Path);

    public void Dispose()
    {
        _root.Dispose();
        _a.Dispose();
        _b.Dispose();
    }

    [Fact]
    public void An_untouched_ledger_verifies_and_says_how_far_the_other_side_signed()
    {
        var chain = _a.Chain(_b.Record.Path, 5);
        var third = Canonical.EntryDigest(chain[2].Line.Envelope);
        var verdict = Verify(chain, [_b.Receipt(_a.Record.Path, 3, third)]);
        Assert.Equal(new LedgerVerdict(5, Canonical.EntryDigest(chain[4].Line.Envelope), 3, null), verdict);
    }

    [Fact]
    public void Any_change_anywhere_is_found_at_its_entry()
    {
        var chain = _a.Chain(_b.Record.Path, 6);
        Gen.Select(Gen.Int[0, 5], Gen.Int[0, 10]).Sample((at, how) =>
        {
            var changed = chain.ToList();
            changed[at] = (chain[at].Line with { Envelope = Change(chain[at].Line.Envelope, how) }, chain[at].Payload);
            return Verify(changed, []).Bad?.Sequence == at + 1;
        }, iter: 200);
    }

    [Fact]
    public void A_removed_entry_a_swapped_payload_and_a_false_receipt_are_found()
    {
        var chain = _a.Chain(_b.Record.Path, 4);
        Assert.Equal(new(2, "entry", ExchangeCodes.ChainBroken), Verify([chain[0], chain[2], chain[3]], []).Bad);
        Assert.Equal(new(3, "entry", ExchangeCodes.DigestConflict),
            Verify([chain[0], chain[1], (chain[2].Line, Digest.Of([9])), chain[3]], []).Bad);
        Assert.Equal(new(2, "receipt", ExchangeCodes.ReceiptConflict),
            Verify(chain, [_b.Receipt(_a.Record.Path, 2, Digest.Of([9]))]).Bad);
        var forged = _b.Receipt(_a.Record.Path, 2,
            Canonical.EntryDigest(chain[1].Line.Envelope)) with { Body = new byte[] { 9 } };
        Assert.Equal(new(2, "receipt", ExchangeCodes.SignatureInvalid), Verify(chain, [forged]).Bad);
    }

    private LedgerVerdict Verify(
        IEnumerable<(LedgerLine, Digest)> entries, IEnumerable<LedgerReceipt> receipts) =>
        LedgerVerification.VerifyLedger(
            TrustBundle.Build([_root.Certify(_root.Record), _root.Certify(_a.Record), _root.Certify(_b.Record)],
                [_root.Fingerprint]),
            Stream, 1, Digest.Zero, entries, receipts);

    private static Envelope Change(Envelope e, int how) => how switch
    {
        0 => e with { Id = Guid.Empty },
        1 => e with { FromNode = e.FromNode + "1" },
        2 => e with { ToNode = e.ToNode + "1" },
        3 => e with { FromRegion = "141023" },
        4 => e with { ToRegion = "310105" },
        5 => e with { Sequence = e.Sequence + 1 },
        6 => e with { Type = e.Type + "x" },
        7 => e with { TypeVersion = 2 },
        8 => e with { SentAt = e.SentAt.AddMicroseconds(1) },
        9 => e with { OccurredAt = e.OccurredAt.AddMicroseconds(1) },
        _ => e with { SealKeyId = "fedcba9876543210" },
    };
}
