namespace Exchange;

/// <summary>One entry of a ledger file (账页).</summary>
public sealed record LedgerLine(Envelope Envelope, Signature Signature);

/// <summary>A receipt as it was signed.</summary>
public sealed record LedgerReceipt(
    Guid Id, string FromNode, string ToNode, DateTimeOffset IssuedAt, int Kind, ReadOnlyMemory<byte> Body,
    ReceiptStatement Statement, Signature Signature);

/// <summary>What a check of a ledger found.</summary>
/// <param name="EntryCount">Entries that are good, counted from the first.</param>
/// <param name="Head">Digest of the last good entry.</param>
/// <param name="ReceiptedThrough">The destination signed for everything up to here; 0: no good receipt.</param>
/// <param name="Bad">The first thing wrong; null: nothing is.</param>
public sealed record LedgerVerdict(long EntryCount, Digest Head, long ReceiptedThrough, LedgerFault? Bad);

/// <param name="Sequence">Of the entry, or of the receipt's last entry.</param>
/// <param name="Part">"entry" or "receipt".</param>
public sealed record LedgerFault(long Sequence, string Part, string Code);

public static class LedgerVerification
{
    /// <summary>
    /// Recomputes the chain, every signature and every receipt of one stream. Keys count when they were valid as they
    /// signed: an old ledger stays verifiable.
    /// </summary>
    /// <remarks>Codes, in the order tried: EXCHANGE_WRONG_DESTINATION (an entry of another stream),
    /// EXCHANGE_CHAIN_BROKEN, EXCHANGE_DIGEST_CONFLICT (the payload is not the one named), those of <see
    /// cref="TrustBundle.Refuses"/>.</remarks>
    public static LedgerVerdict VerifyLedger(
        TrustBundle bundle, StreamId stream, long firstSequence, Digest previous,
        IEnumerable<(LedgerLine Line, Digest ActualPayload)> entries, IEnumerable<LedgerReceipt> receipts)
    {
        var digests = new Dictionary<long, Digest> { [firstSequence - 1] = previous };
        var (count, head, next) = (0L, previous, firstSequence);
        foreach (var (line, payload) in entries)
        {
            var digest = Canonical.EntryDigest(line.Envelope);
            if (Fault(bundle, stream, line, payload, next, head, digest) is { } code)
                return new(count, head, 0, new(next, "entry", code));
            (count, head) = (count + 1, digest);
            digests[next++] = digest;
        }
        var through = 0L;
        foreach (var receipt in receipts.OrderBy(r => r.Statement.Through))
        {
            if (Fault(bundle, stream, receipt, digests) is { } code)
                return new(count, head, through, new(receipt.Statement.Through, "receipt", code));
            through = Math.Max(through, receipt.Statement.Through);
        }
        return new(count, head, through, null);
    }

    private static string? Fault(
        TrustBundle bundle, StreamId stream, LedgerLine line, Digest payload, long sequence, Digest previous,
            Digest digest) =>
        line.Envelope switch
        {
            var e when new StreamId(e.FromNode, e.ToNode) != stream => ExchangeCodes.WrongDestination,
            var e when e.Sequence != sequence || e.PreviousDigest != previous => ExchangeCodes.ChainBroken,
            var e when e.PayloadDigest != payload => ExchangeCodes.DigestConflict,
            _ => bundle.Refuses(stream.From, line.Signature, Canonical.EntryPurpose, digest, now: null),
        };

    private static string? Fault(
        TrustBundle bundle, StreamId stream, LedgerReceipt receipt, Dictionary<long, Digest> digests) => receipt switch
        {
            _ when receipt.FromNode != stream.To || receipt.ToNode != stream.From => ExchangeCodes.WrongDestination,
            _ when digests.TryGetValue(receipt.Statement.Through, out var known) && known != receipt.Statement.Digest =>
                ExchangeCodes.ReceiptConflict,
            _ => bundle.Refuses(stream.To, receipt.Signature, Canonical.ControlPurpose,
                Canonical.ControlDigest(receipt.Id, receipt.FromNode, receipt.ToNode, receipt.IssuedAt, receipt.Kind,
                    receipt.Body.Span), now: null),
        };
}
