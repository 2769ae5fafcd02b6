using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Security.Cryptography;

namespace Exchange;

/// <summary>
/// The directory of nodes (节点目录) and whom to believe: every record that is certified by its parent, up to a root whose
/// key is pinned. A node may certify only regions inside its own, so that a county cannot speak for another province.
/// </summary>
/// <remarks>Immutable, except that read keys are kept; a bundle is used by one thread at a time or under a
/// lock.</remarks>
public sealed class TrustBundle
{
    private readonly ImmutableSortedDictionary<string, NodeRecord> _nodes;
    private readonly FrozenDictionary<string, NodeRecord> _byPrefix;
    private readonly Dictionary<string, VerifyingKey?> _read = new(StringComparer.Ordinal);

    private TrustBundle(ImmutableSortedDictionary<string, NodeRecord> nodes, ImmutableArray<RejectedRecord> rejected)
    {
        _nodes = nodes;
        _byPrefix = nodes.Values.Where(n => !n.Revoked).SelectMany(n => n.Regions.Distinct().Select(r => (n, r)))
            .GroupBy(x => x.r, x => x.n, StringComparer.Ordinal).ToFrozenDictionary(g => g.Key,
                g => g.OrderByDescending(n => n.Path.Length).ThenBy(n => n.Path, StringComparer.Ordinal).First(),
                StringComparer.Ordinal);
        Rejected = rejected;
        Digest = Canonical.BundleDigest(nodes.Values);
    }

    public IEnumerable<NodeRecord> Nodes => _nodes.Values;
    /// <summary>Records that were offered and not believed, with the reason.</summary>
    public ImmutableArray<RejectedRecord> Rejected { get; }
    public Digest Digest { get; }

    public static TrustBundle Empty { get; } =
        new(ImmutableSortedDictionary.Create<string, NodeRecord>(StringComparer.Ordinal), []);

    /// <summary>
    /// Believes what can be traced to a pinned root key. Later records of a path replace earlier ones by version.
    /// </summary>
    /// <param name="records">Any order; repeats allowed.</param>
    /// <param name="rootFingerprints">SHA-256 of the root's SubjectPublicKeyInfo, lower-case hex; several while it is
    /// renewed.</param>
    public static TrustBundle Build(IEnumerable<NodeRecord> records, IReadOnlyCollection<string> rootFingerprints)
    {
        var nodes = ImmutableSortedDictionary.CreateBuilder<string, NodeRecord>(StringComparer.Ordinal);
        var rejected = ImmutableArray.CreateBuilder<RejectedRecord>();
        // Parents first: a path is longer than its parent's. The highest version that can be believed wins.
        foreach (var record in records.OrderBy(r => r.Path.Count(c => c == '.')).ThenByDescending(r => r.Version))
        {
            if (nodes.ContainsKey(record.Path)) continue;
            if (Judge(record, nodes, rootFingerprints) is { } code) rejected
                .Add(new(record.Path, record.Version, code));
            else nodes.Add(record.Path, record);
        }
        return new(nodes.ToImmutable(), rejected.ToImmutable());
    }

    public NodeRecord? Find(string path) => _nodes.GetValueOrDefault(path);

    /// <summary>The node serving a region: the longest prefix wins; of equals, the deeper node.</summary>
    public NodeRecord? Resolve(string region)
    {
        for (var length = Math.Min(region.Length, 6); length >= 0; length--)
        {
            if (_byPrefix.TryGetValue(region[..length], out var node)) return node;
        }
        return null;
    }

    /// <summary>
    /// Checks that a node signed this digest with a key that was certified and valid then and is valid now.
    /// </summary>
    /// <returns>Null when all is well; else EXCHANGE_UNKNOWN_NODE, EXCHANGE_NODE_REVOKED, EXCHANGE_UNKNOWN_KEY,
    /// EXCHANGE_KEY_EXPIRED, EXCHANGE_SIGNATURE_INVALID (in this order).</returns>
    /// <param name="now">Null: a check of old ledgers, where the key need only have been valid when it signed.</param>
    public string? Refuses(string node, Signature signature, string purpose, Digest digest, DateTimeOffset? now)
    {
        if (Find(node) is not { } record) return ExchangeCodes.UnknownNode;
        if (record.Revoked && now is not null) return ExchangeCodes.NodeRevoked;
        if (record.SigningKeys.FirstOrDefault(k =>
            k.KeyId == signature.KeyId) is not { } key) return ExchangeCodes.UnknownKey;
        if (!key.ValidAt(signature.SignedAt) || (now is { } n && !key.ValidAt(n))) return ExchangeCodes.KeyExpired;
        return Verifies(key, signature, purpose, digest) ? null : ExchangeCodes.SignatureInvalid;
    }

    private bool Verifies(NodeKey key, Signature signature, string purpose, Digest digest)
    {
        if (key.Algorithm != signature.Algorithm) return false;
        var name = SignatureAlgorithms.Fingerprint(key.PublicKey.Span);
        if (!_read.TryGetValue(name, out var ready)) _read[name] = ready = Read(key);
        return ready is not null && SignatureAlgorithms.Verify(ready, signature, purpose, digest);
    }

    private static VerifyingKey? Read(NodeKey key)
    {
        try { return SignatureAlgorithms.Find(key.Algorithm)?.ReadPublic(key.PublicKey); }
        catch (CryptographicException) { return null; }
    }

    private static string? Judge(
        NodeRecord record, ImmutableSortedDictionary<string, NodeRecord>.Builder nodes,
            IReadOnlyCollection<string> pins)
    {
        if (Malformed(record)) return ExchangeCodes.RecordMalformed;
        var parentPath = NodeRecord.ParentOf(record.Path);
        if (parentPath is null) return JudgeRoot(record, pins);
        if (!nodes.TryGetValue(parentPath, out var parent) || parent.Revoked) return ExchangeCodes.NotCertified;
        var parentIsRoot = NodeRecord.ParentOf(parent.Path) is null;
        if (!parentIsRoot && !record.Regions.All(parent.Covers)) return ExchangeCodes.RegionOutsideParent;
        return Certified(record, parent.SigningKeys) ? null : ExchangeCodes.NotCertified;
    }

    private static string? JudgeRoot(NodeRecord record, IReadOnlyCollection<string> pins)
    {
        var pinned = record.SigningKeys
            .Where(k => pins.Contains(SignatureAlgorithms.Fingerprint(k.PublicKey.Span))).ToArray();
        if (pinned.Length == 0) return ExchangeCodes.RootNotPinned;
        return Certified(record, pinned) ? null : ExchangeCodes.NotCertified;
    }

    private static bool Certified(NodeRecord record, IEnumerable<NodeKey> keys)
    {
        var by = record.Certification;
        if (keys.FirstOrDefault(k => k.KeyId == by.KeyId) is not { } key || key.Algorithm != by.Algorithm) return false;
        if (!key.ValidAt(by.SignedAt)) return false;
        using var ready = Read(key);
        return ready is not null
            && SignatureAlgorithms.Verify(ready, by, Canonical.RecordPurpose, Canonical.RecordDigest(record));
    }

    private static bool Malformed(NodeRecord record) =>
        record.Path.Length is 0 or > 200
        || !record.Path.Split('.').All(p => p.Length is > 0 and <= 12 && p.All(char.IsAsciiDigit))
        || record.Regions.Count is 0 or > 200
        || record.Regions.Any(r => r.Length > 6 || !r.All(char.IsAsciiDigit))
        || record.SigningKeys.Concat(record.SealingKeys)
            .Any(k => k.KeyId != SignatureAlgorithms.KeyId(k.PublicKey.Span));
}

/// <summary>A record that was not believed.</summary>
public sealed record RejectedRecord(string Path, long Version, string Code);
