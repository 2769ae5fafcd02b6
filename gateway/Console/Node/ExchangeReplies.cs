namespace Gateway.Console.Node;

/// <summary>Streams between this node and others.</summary>
/// <param name="PendingCount">Messages without a place in a stream yet.</param>
public sealed record Streams(IReadOnlyList<OutgoingStream> Outgoing, IReadOnlyList<IncomingStream> Incoming,
    long PendingCount);

/// <param name="Lag">Messages without a receipt.</param>
public sealed record OutgoingStream(string Node, long Head, long PublishedThrough, long ReceiptedThrough, long Lag,
    DateTimeOffset? ReceiptAt, int Attempt, DateTimeOffset? ResendAt, string? RefusalCode, string? AlarmCode,
    DateTimeOffset? OldestUnreceiptedAt);

/// <param name="Lag">Messages known of and not taken in.</param>
public sealed record IncomingStream(string Node, long Through, long Heard, long Lag, DateTimeOffset? ReceivedAt,
    string? AlarmCode, long BufferedCount);

/// <summary>The directory as this node believes it.</summary>
public sealed record NodeList(string Own, bool Enrolled, string Fingerprint, IReadOnlyList<NodeEntry> Nodes);

/// <summary>A node of the federation.</summary>
public sealed record NodeEntry(string Path, string Name, IReadOnlyList<string> Regions, bool Revoked,
    IReadOnlyList<NodeKey> Keys);

/// <summary>A certified key.</summary>
public sealed record NodeKey(string KeyId, string Algorithm, DateTimeOffset NotBefore, DateTimeOffset NotAfter);

/// <summary>Refused messages, newest first.</summary>
public sealed record DeskPage(IReadOnlyList<DeskItem> Items, Guid? Next);

/// <param name="Side">incoming: refused here; outgoing: refused over there.</param>
/// <param name="Detail">What the refusing side said; from another node, so shown as text and never trusted.</param>
public sealed record DeskItem(Guid Id, string Side, string Node, long? Sequence, Guid? MessageId, string? Type,
    string Code, string Detail, DateTimeOffset FirstAt, DateTimeOffset LastAt, long Count, string Status,
    DateTimeOffset? ClosedAt);

/// <summary>What a connection test found.</summary>
public sealed record PingReply(string Node, bool Answered, double? Milliseconds);
