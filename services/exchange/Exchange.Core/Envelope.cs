namespace Exchange;

/// <summary>
/// One message of a stream (信封) as both sides see it; what is signed and chained is <see cref="Canonical"/>.
/// </summary>
public sealed record Envelope
{
    /// <summary>Stays the same when the message is addressed anew to another node.</summary>
    public required Guid Id { get; init; }
    public required string FromNode { get; init; }
    public required string ToNode { get; init; }
    public required string FromRegion { get; init; }
    /// <summary>Empty when the message is for the node itself.</summary>
    public required string ToRegion { get; init; }
    /// <summary>1, 2, 3, … in the stream (from node, to node).</summary>
    public required long Sequence { get; init; }
    public required Digest PreviousDigest { get; init; }
    public required string Type { get; init; }
    public required int TypeVersion { get; init; }
    /// <summary>UTC, whole microseconds.</summary>
    public required DateTimeOffset SentAt { get; init; }
    /// <summary>UTC, whole microseconds.</summary>
    public required DateTimeOffset OccurredAt { get; init; }
    /// <summary>W3C traceparent, or empty.</summary>
    public required string TraceParent { get; init; }
    public required string SealAlgorithm { get; init; }
    public required string SealKeyId { get; init; }
    /// <summary>SHA-256 of the sealed payload: the chain can be verified without the payload.</summary>
    public required Digest PayloadDigest { get; init; }
    public required int PayloadSize { get; init; }
}

/// <summary>A signature by a named key with a named algorithm, at a stated time (UTC, whole microseconds).</summary>
public sealed record Signature(string KeyId, string Algorithm, DateTimeOffset SignedAt, ReadOnlyMemory<byte> Value);

/// <summary>A stream (流): everything one node sends to another, in order.</summary>
public readonly record struct StreamId(string From, string To)
{
    public override string ToString() => $"{From}>{To}";
}
