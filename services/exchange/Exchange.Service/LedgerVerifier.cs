using System.Globalization;
using Google.Protobuf;
using V1 = Platform.Contracts.Exchange.V1;

namespace Exchange.Service;

/// <summary>Checks exported ledgers offline: chain, signatures, receipts. Needs nothing but the files and the root's
/// fingerprint.</summary>
public static class LedgerVerifier
{
    /// <summary>Reads each file, says in plain words what it found on standard output.</summary>
    /// <param name="arguments">Paths; <c>--root FINGERPRINT</c> pins the root. Without it the file's own root is
    /// taken, and said so.</param>
    /// <returns>0: everything verifies; 1: something does not; 2: a file cannot be read.</returns>
    public static Task<int> RunAsync(params string[] arguments) => RunAsync(Console.Out, arguments);

    /// <summary>As <see cref="RunAsync(string[])"/>, writing to <paramref name="output"/>.</summary>
    public static async Task<int> RunAsync(TextWriter output, params string[] arguments)
    {
        var pin = arguments.SkipWhile(a => a != "--root").Skip(1).FirstOrDefault();
        var files = arguments.Where((a, i) => a != "--root" && (i == 0 || arguments[i - 1] != "--root")).ToArray();
        if (files.Length == 0)
        {
            await output.WriteLineAsync("Name at least one exported ledger file. Optional: --root FINGERPRINT.");
            return 2;
        }
        var worst = 0;
        foreach (var file in files) worst = Math.Max(worst, await OneAsync(output, file, pin));
        return worst;
    }

    private static async Task<int> OneAsync(TextWriter output, string file, string? pin)
    {
        Content content;
        try { content = Read(file); }
        catch (Exception e) when (
            e is IOException or UnauthorizedAccessException or InvalidProtocolBufferException or InvalidDataException)
        {
            await output.WriteLineAsync($"{file}: cannot be read as a ledger ({e.Message}).");
            return 2;
        }
        var roots = content.Records.Where(r => NodeRecord.ParentOf(r.Path) is null && r.SigningKeys.Count > 0)
            .SelectMany(r => r.SigningKeys).Select(k => SignatureAlgorithms.Fingerprint(k.PublicKey.Span)).ToArray();
        var bundle = TrustBundle.Build(content.Records, pin is null ? roots : [pin.ToLowerInvariant()]);
        var verdict = LedgerVerification.VerifyLedger(bundle, content.Stream, content.First, content.Previous,
            content.Entries, content.Receipts);
        if (verdict.Bad is null && content.Damaged is not null) verdict = verdict with { Bad = content.Damaged };
        await output.WriteLineAsync(Words(file, content, verdict, pin is null ? roots.FirstOrDefault() : null));
        return verdict.Bad is null ? 0 : 1;
    }

    private static string Words(string file, Content content, LedgerVerdict verdict, string? assumedRoot)
    {
        var text = string.Create(CultureInfo.InvariantCulture,
            $"{file}: stream {content.Stream.From} to {content.Stream.To}, {content.Entries.Count} entries. ");
        text += verdict.Bad is { } bad
            ? string.Create(CultureInfo.InvariantCulture,
                $"NOT GOOD: the {bad.Part} at {bad.Sequence} does not verify ({bad.Code}); "
                + $"{verdict.EntryCount} entries before it do.")
            : string.Create(CultureInfo.InvariantCulture,
                $"Good: every entry continues the chain and is signed by its sender; "
                + $"the destination signed for everything through "
                + $"{verdict.ReceiptedThrough}. Head {verdict.Head}.");
        return assumedRoot is null ? text
            : text + $" The file's own root was believed: compare its fingerprint {assumedRoot} or pass --root.";
    }

    private static Content Read(string file)
    {
        using var input = File.OpenRead(file);
        var (entries, receipts, records) = (
            new List<(LedgerLine, Digest)>(), new List<LedgerReceipt>(), new List<NodeRecord>());
        V1.LedgerHeader? header = null;
        LedgerFault? damaged = null;
        while (input.Position < input.Length)
        {
            V1.LedgerFile line;
            try { line = V1.LedgerFile.Parser.ParseDelimitedFrom(input); }
            catch (InvalidProtocolBufferException) when (header is not null)
            {
                damaged = new(entries.Count + header.FirstSequence, receipts.Count > 0 ? "receipt"
                    : "entry", ExchangeCodes.Malformed);
                break;
            }
            switch (line.ContentCase)
            {
                case V1.LedgerFile.ContentOneofCase.Header: header = line.Header; break;
                case V1.LedgerFile.ContentOneofCase.Record: records.Add(line.Record.ToCore()); break;
                case V1.LedgerFile.ContentOneofCase.Entry: entries.Add(Entry(line.Entry)); break;
                case V1.LedgerFile.ContentOneofCase.Receipt: receipts.Add(Receipt(line.Receipt)); break;
                default: throw new InvalidDataException("a line of an unknown kind");
            }
        }
        if (header is null) throw new InvalidDataException("no header");
        return new(new(header.StreamFrom, header.StreamTo), header.FirstSequence,
            Digest.Read(header.PreviousDigest.Span) ?? Digest.Zero, records, entries, receipts, damaged);
    }

    /// <summary>A kept payload is measured; one that was too large to keep is taken at its recorded digest.</summary>
    private static (LedgerLine, Digest) Entry(V1.LedgerEntry entry)
    {
        var wire = entry.Envelope ?? throw new InvalidDataException("an entry without envelope");
        var recorded = Digest.Read(entry.PayloadDigest.Span) ?? Digest.Zero;
        var kept = wire.SealedPayload.Length > 0;
        var actual = kept ? Digest.Of(wire.SealedPayload.Span) : recorded;
        var size = kept ? wire.SealedPayload.Length : entry.PayloadSize;
        var core = wire.ToCore(recorded, size) ?? throw new InvalidDataException("an entry that cannot be one");
        return (new(core, wire.Signature.ToCore()), actual);
    }

    private static LedgerReceipt Receipt(V1.Control c)
    {
        var body = V1.Receipt.Parser.ParseFrom(c.Body);
        _ = Guid.TryParse(c.Id, out var id);
        return new(id, c.FromNode, c.ToNode, c.IssuedAt.ToCore(), (int)c.Kind, c.Body.Memory,
            new(body.AfterSequence, body.ThroughSequence, Digest.Read(body.ThroughDigest.Span) ?? Digest.Zero),
                c.Signature.ToCore());
    }

    private sealed record Content(StreamId Stream, long First, Digest Previous, List<NodeRecord> Records,
        List<(LedgerLine, Digest)> Entries, List<LedgerReceipt> Receipts,
        LedgerFault? Damaged);
}
