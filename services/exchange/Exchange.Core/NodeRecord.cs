namespace Exchange;

/// <summary>A public key of a node with its time. Both ends of the validity are included.</summary>
public sealed record NodeKey(
    string KeyId, string Algorithm, ReadOnlyMemory<byte> PublicKey, DateTimeOffset NotBefore, DateTimeOffset NotAfter)
{
    /// <summary>What a sealing key is for.</summary>
    public const string Dhkem = "DHKEM-P256";

    public bool ValidAt(DateTimeOffset instant) => NotBefore <= instant && instant <= NotAfter;
}

/// <summary>
/// A node (节点) in the directory: where it stands in the tree, what it serves, its keys; certified by its parent.
/// </summary>
public sealed record NodeRecord
{
    /// <summary>Dotted codes from the root, e.g. "140000.141022".</summary>
    public required string Path { get; init; }
    public required string Name { get; init; }
    /// <summary>Prefixes of GB/T 2260 codes, 2 to 6 digits (empty string: everything, root only).</summary>
    public required IReadOnlyList<string> Regions { get; init; }
    /// <summary>The higher one replaces.</summary>
    public required long Version { get; init; }
    public bool Revoked { get; init; }
    /// <summary>Newest first; an expired key stays listed so that what it certified can still be checked.</summary>
    public required IReadOnlyList<NodeKey> SigningKeys { get; init; }
    /// <summary>Newest first.</summary>
    public required IReadOnlyList<NodeKey> SealingKeys { get; init; }
    /// <summary>By the parent's key; the root's by its own.</summary>
    public Signature Certification { get; init; } = None;

    public static Signature None { get; } = new("", "", DateTimeOffset.UnixEpoch, ReadOnlyMemory<byte>.Empty);

    /// <summary>The path of the parent, or null at the root.</summary>
    public static string? ParentOf(string path)
    {
        var dot = path.LastIndexOf('.');
        return dot < 0 ? null : path[..dot];
    }

    /// <summary>
    /// Whether one of the prefixes covers the code; a longer prefix of another node may still take it away.
    /// </summary>
    public bool Covers(string region) => Regions.Any(r => region.StartsWith(r, StringComparison.Ordinal));
}
