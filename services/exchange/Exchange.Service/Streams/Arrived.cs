using Google.Protobuf;
using V1 = Platform.Contracts.Exchange.V1;

namespace Exchange.Service.Streams;

/// <summary>An envelope as it came, with what the core needs to judge it.</summary>
internal sealed record Arrived(V1.Envelope Wire, byte[] Bytes, Envelope Core, Digest Digest, Signature Signature)
{
    public IncomingEntry Entry => new(Core.Sequence, Core.PreviousDigest, Digest);

    /// <returns>Null when it cannot be an envelope at all.</returns>
    public static Arrived? Read(V1.Envelope wire)
    {
        if (wire.Signature is null || wire.FromNode.Length > 200 || wire.Type.Length > 200
            || wire.TraceParent.Length > 100)
            return null;
        var payload = wire.SealedPayload.Span;
        return wire.ToCore(Digest.Of(payload), payload.Length) is { } core
            ? new(wire, wire.ToByteArray(), core, Canonical.EntryDigest(core), wire.Signature.ToCore()) : null;
    }
}

/// <summary>An entry with its place in the ledger: delivered, or refused with a code.</summary>
internal sealed record Placed(Arrived Arrived, string? RefusedCode, string? MovedTo, bool Delivered);

/// <summary>What is said to the origin of something that got no place in a stream.</summary>
internal sealed record Rejection(string FromNode, string Code, long Sequence, string MessageId, string Type);

/// <summary>What taking in one batch came to; answers are sent after the commit.</summary>
internal sealed class TakenIn
{
    public Dictionary<string, IncomingStream> Streams { get; } = new(StringComparer.Ordinal);
    public Dictionary<string, GapFound> Asks { get; } = new(StringComparer.Ordinal);
    public List<Rejection> Rejections { get; } = [];
    public int Delivered { get; set; }
}
