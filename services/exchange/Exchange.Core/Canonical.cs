using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Exchange;

/// <summary>
/// The bytes that digests and signatures are over: a purpose, then every field with its length before it. Independent
/// of the wire encoding, so that two releases that write protobuf differently still agree.
/// </summary>
public static class Canonical
{
    public const string EntryPurpose = "platform.exchange.entry.v1";
    public const string ControlPurpose = "platform.exchange.control.v1";
    public const string RecordPurpose = "platform.exchange.node.v1";
    private const string SignaturePurpose = "platform.exchange.signature.v1";
    private const string SealPurpose = "platform.exchange.seal.v1";

    /// <summary>The digest of a ledger entry; the next entry names it.</summary>
    public static Digest EntryDigest(Envelope e) => new Writer(EntryPurpose)
        .Text(e.Id.ToString("D")).Text(e.FromNode).Text(e.ToNode).Text(e.FromRegion).Text(e.ToRegion)
        .Number(e.Sequence).Bytes(e.PreviousDigest.Span).Text(e.Type).Number(e.TypeVersion)
        .Instant(e.SentAt).Instant(e.OccurredAt).Text(e.TraceParent)
        .Text(e.SealAlgorithm).Text(e.SealKeyId).Bytes(e.PayloadDigest.Span).Number(e.PayloadSize).Digest();

    /// <summary>What the seal of a payload is bound to: a ciphertext cannot be moved under another header.</summary>
    public static byte[] SealContext(
        Guid id, string fromNode, string toNode, string fromRegion, string toRegion, string type, int typeVersion) =>
        new Writer(SealPurpose).Text(id.ToString("D")).Text(fromNode).Text(toNode).Text(fromRegion).Text(toRegion)
            .Text(type).Number(typeVersion).ToArray();

    public static byte[] SealContext(Envelope e) =>
        SealContext(e.Id, e.FromNode, e.ToNode, e.FromRegion, e.ToRegion, e.Type, e.TypeVersion);

    /// <summary>The digest of a control message; <paramref name="kind"/> is the number on the wire.</summary>
    public static Digest ControlDigest(
        Guid id, string fromNode, string toNode, DateTimeOffset issuedAt, int kind, ReadOnlySpan<byte> body) =>
        new Writer(ControlPurpose).Text(id.ToString("D")).Text(fromNode).Text(toNode).Instant(issuedAt).Number(kind)
            .Bytes(body).Digest();

    /// <summary>The digest of a node record without its certification.</summary>
    public static Digest RecordDigest(NodeRecord record)
    {
        var writer = new Writer(RecordPurpose).Text(record.Path).Text(record.Name).Number(record.Regions.Count);
        foreach (var region in record.Regions) writer.Text(region);
        writer.Number(record.Version).Number(record.Revoked ? 1 : 0);
        Keys(writer, record.SigningKeys);
        Keys(writer, record.SealingKeys);
        return writer.Digest();
    }

    /// <summary>The digest of a whole bundle: records by path, certification included.</summary>
    public static Digest BundleDigest(IEnumerable<NodeRecord> records)
    {
        var writer = new Writer("platform.exchange.bundle.v1");
        foreach (var record in records.OrderBy(r => r.Path, StringComparer.Ordinal))
            writer.Text(record.Path).Bytes(RecordDigest(record).Span).Bytes(record.Certification.Value.Span);
        return writer.Digest();
    }

    /// <summary>What a key really signs: the digest with its purpose, the key, the algorithm and the time.</summary>
    public static byte[] SignatureInput(
        string purpose, Digest digest, string keyId, string algorithm, DateTimeOffset signedAt) =>
        new Writer(SignaturePurpose).Text(purpose).Bytes(digest.Span).Text(keyId).Text(algorithm).Instant(signedAt)
            .ToArray();

    /// <summary>Instants on the wire and in the tables are whole microseconds.</summary>
    public static DateTimeOffset Microseconds(DateTimeOffset instant) =>
        new(instant.UtcTicks - instant.UtcTicks % TimeSpan.TicksPerMicrosecond, TimeSpan.Zero);

    private static void Keys(Writer writer, IReadOnlyList<NodeKey> keys)
    {
        writer.Number(keys.Count);
        foreach (var key in keys)
            writer.Text(key.KeyId).Text(key.Algorithm).Bytes(key.PublicKey.Span).Instant(key.NotBefore)
                .Instant(key.NotAfter);
    }

    private sealed class Writer
    {
        private readonly ArrayBufferWriter<byte> _buffer = new(512);

        public Writer(string purpose) => Text(purpose);

        public Writer Text(string value)
        {
            var size = Encoding.UTF8.GetByteCount(value);
            Length(size);
            Encoding.UTF8.GetBytes(value, _buffer.GetSpan(size));
            _buffer.Advance(size);
            return this;
        }

        public Writer Bytes(ReadOnlySpan<byte> value)
        {
            Length(value.Length);
            _buffer.Write(value);
            return this;
        }

        public Writer Number(long value)
        {
            BinaryPrimitives.WriteInt64BigEndian(_buffer.GetSpan(8), value);
            _buffer.Advance(8);
            return this;
        }

        public Writer Instant(DateTimeOffset value) =>
            Number((value.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks) / TimeSpan.TicksPerMicrosecond);

        public byte[] ToArray() => _buffer.WrittenSpan.ToArray();
        public Digest Digest() => Exchange.Digest.Of(_buffer.WrittenSpan);

        private void Length(int size)
        {
            BinaryPrimitives.WriteInt32BigEndian(_buffer.GetSpan(4), size);
            _buffer.Advance(4);
        }
    }
}
