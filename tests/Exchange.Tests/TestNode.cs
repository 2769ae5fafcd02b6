using System.Security.Cryptography;
using System.Text;

namespace Exchange.Tests;

/// <summary>A node of a made-up federation with its private keys: for tests of pure rules.</summary>
public sealed class TestNode : IDisposable
{
    public static readonly DateTimeOffset Now = new(2026, 7, 1, 8, 0, 0, TimeSpan.Zero);
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public TestNode(string path, params string[] regions)
    {
        Sealing = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
        Signing = SignatureAlgorithms.Find("ES256")!.ReadPrivate(_key.ExportPkcs8PrivateKey());
        Record = new()
        {
            Path = path,
            Name = $"node {path}",
            Regions = regions,
            Version = 1,
            SigningKeys = [Key(_key.ExportSubjectPublicKeyInfo(), SignatureAlgorithms.Es256)],
            SealingKeys = [Key(Sealing.ExportSubjectPublicKeyInfo(), NodeKey.Dhkem)],
        };
    }

    public NodeRecord Record { get; set; }
    public SigningKey Signing { get; }
    public ECDiffieHellman Sealing { get; }
    public string KeyId => Record.SigningKeys[0].KeyId;
    public string Fingerprint => SignatureAlgorithms.Fingerprint(_key.ExportSubjectPublicKeyInfo());

    public Signature Sign(string purpose, Digest digest, DateTimeOffset? at = null) =>
        SignatureAlgorithms.Sign(Signing, KeyId, SignatureAlgorithms.Es256, purpose, digest, at ?? Now);

    /// <summary>This node certifies a record (its own, at the root).</summary>
    public NodeRecord Certify(NodeRecord record, DateTimeOffset? at = null) =>
        record with { Certification = Sign(Canonical.RecordPurpose, Canonical.RecordDigest(record), at) };

    /// <summary>A chain of entries to another node, signed; payload "1", "2", …</summary>
    public List<(LedgerLine Line, Digest Payload)> Chain(string to, int count)
    {
        var entries = new List<(LedgerLine, Digest)>();
        var previous = Digest.Zero;
        for (var i = 1; i <= count; i++)
        {
            var payload = Encoding.ASCII.GetBytes($"{i}");
            var envelope = new Envelope
            {
                Id = new Guid(i, 0, 0, new byte[8]),
                FromNode = Record.Path,
                ToNode = to,
                FromRegion = "141022",
                ToRegion = "310104",
                Sequence = i,
                PreviousDigest = previous,
                Type = "platform.test.v1.Note",
                TypeVersion = 1,
                SentAt = Now,
                OccurredAt = Now,
                TraceParent = "",
                SealAlgorithm = Hpke.Aes256.Name,
                SealKeyId = "0123456789abcdef",
                PayloadDigest = Digest.Of(payload),
                PayloadSize = payload.Length,
            };
            previous = Canonical.EntryDigest(envelope);
            entries.Add((new(envelope, Sign(Canonical.EntryPurpose, previous)), envelope.PayloadDigest));
        }
        return entries;
    }

    public LedgerReceipt Receipt(string to, long through, Digest digest)
    {
        var (id, body) = (new Guid(7, 0, 0, new byte[8]), new byte[] { 1, 2, 3 });
        var signed = Canonical.ControlDigest(id, Record.Path, to, Now, 1, body);
        return new(id, Record.Path, to, Now, 1, body, new(0, through, digest), Sign(Canonical.ControlPurpose, signed));
    }

    public void Dispose()
    {
        _key.Dispose();
        Signing.Dispose();
        Sealing.Dispose();
    }

    private static NodeKey Key(byte[] info, string algorithm) =>
        new(SignatureAlgorithms.KeyId(info), algorithm, info, Now.AddYears(-1), Now.AddYears(1));
}
