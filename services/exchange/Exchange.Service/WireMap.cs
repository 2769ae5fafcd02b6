using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using V1 = Platform.Contracts.Exchange.V1;

namespace Exchange.Service;

/// <summary>Between the wire and the core. Instants are whole microseconds on both sides.</summary>
internal static class WireMap
{
    public static V1.Signature ToWire(this Signature s) => new()
    {
        KeyId = s.KeyId,
        Algorithm = s.Algorithm,
        SignedAt = s.SignedAt.ToWire(),
        Value = ByteString.CopyFrom(s.Value.Span),
    };

    public static Signature ToCore(this V1.Signature? s) => s is null ? NodeRecord.None
        : new(s.KeyId, s.Algorithm, s.SignedAt.ToCore(), s.Value.Memory);

    public static Timestamp ToWire(this DateTimeOffset at) => Timestamp.FromDateTimeOffset(Canonical.Microseconds(at));

    /// <summary>An absent or impossible instant reads as the epoch: what it signs will not verify.</summary>
    public static DateTimeOffset ToCore(this Timestamp? at)
    {
        if (at is null || at.Seconds < -62135596800 || at.Seconds > 253402300799 || at.Nanos is < 0 or > 999999999)
            return DateTimeOffset.UnixEpoch;
        return Canonical.Microseconds(at.ToDateTimeOffset());
    }

    /// <summary>The envelope as the chain sees it; null when it cannot be one.</summary>
    public static Envelope? ToCore(this V1.Envelope e, Digest payload, int payloadSize) =>
        Guid.TryParseExact(e.Id, "D", out var id) && Digest.Read(e.PreviousDigest.Span) is { } previous
            && e.TypeVersion <= int.MaxValue
            ? new()
            {
                Id = id,
                FromNode = e.FromNode,
                ToNode = e.ToNode,
                FromRegion = e.FromRegion,
                ToRegion = e.ToRegion,
                Sequence = e.Sequence,
                PreviousDigest = previous,
                Type = e.Type,
                TypeVersion = (int)e.TypeVersion,
                SentAt = e.SentAt.ToCore(),
                OccurredAt = e.OccurredAt.ToCore(),
                TraceParent = e.TraceParent,
                SealAlgorithm = e.SealAlgorithm,
                SealKeyId = e.SealKeyId,
                PayloadDigest = payload,
                PayloadSize = payloadSize,
            }
            : null;

    public static V1.Envelope ToWire(this Envelope e, byte[] sealedPayload, Signature signature) => new()
    {
        Id = e.Id.ToString("D"),
        FromNode = e.FromNode,
        ToNode = e.ToNode,
        FromRegion = e.FromRegion,
        ToRegion = e.ToRegion,
        Sequence = e.Sequence,
        PreviousDigest = ByteString.CopyFrom(e.PreviousDigest.Span),
        Type = e.Type,
        TypeVersion = (uint)e.TypeVersion,
        SentAt = e.SentAt.ToWire(),
        OccurredAt = e.OccurredAt.ToWire(),
        TraceParent = e.TraceParent,
        SealAlgorithm = e.SealAlgorithm,
        SealKeyId = e.SealKeyId,
        SealedPayload = UnsafeByteOperations.UnsafeWrap(sealedPayload),
        Signature = signature.ToWire(),
    };

    public static V1.NodeRecord ToWire(this NodeRecord r) => new()
    {
        Path = r.Path,
        Name = r.Name,
        Regions = { r.Regions },
        Version = r.Version,
        Revoked = r.Revoked,
        SigningKeys = { r.SigningKeys.Select(ToWire) },
        SealingKeys = { r.SealingKeys.Select(ToWire) },
        Certification = r.Certification.ToWire(),
    };

    public static NodeRecord ToCore(this V1.NodeRecord r) => new()
    {
        Path = r.Path,
        Name = r.Name,
        Regions = [.. r.Regions],
        Version = r.Version,
        Revoked = r.Revoked,
        SigningKeys = [.. r.SigningKeys.Select(ToCore)],
        SealingKeys = [.. r.SealingKeys.Select(ToCore)],
        Certification = r.Certification.ToCore(),
    };

    public static Digest ControlDigest(V1.Control c, Guid id) => Canonical.ControlDigest(
        id, c.FromNode, c.ToNode, c.IssuedAt.ToCore(), (int)c.Kind, c.Body.Span);

    /// <summary>The AMQP body around an envelope that is bytes already.</summary>
    public static byte[] Wrap(byte[] envelope)
    {
        var head = CodedOutputStream.ComputeTagSize(1) + CodedOutputStream.ComputeLengthSize(envelope.Length);
        var body = new byte[head + envelope.Length];
        var output = new CodedOutputStream(body);
        output.WriteTag(V1.WireMessage.EnvelopeFieldNumber, WireFormat.WireType.LengthDelimited);
        output.WriteLength(envelope.Length);
        output.Flush();
        envelope.CopyTo(body, head);
        return body;
    }

    private static V1.NodeKey ToWire(NodeKey k) => new()
    {
        KeyId = k.KeyId,
        Algorithm = k.Algorithm,
        PublicKey = ByteString.CopyFrom(k.PublicKey.Span),
        NotBefore = k.NotBefore.ToWire(),
        NotAfter = k.NotAfter.ToWire(),
    };

    private static NodeKey ToCore(V1.NodeKey k) =>
        new(k.KeyId, k.Algorithm, k.PublicKey.Memory, k.NotBefore.ToCore(), k.NotAfter.ToCore());
}
