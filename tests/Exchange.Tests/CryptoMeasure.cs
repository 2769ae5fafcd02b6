using System.Diagnostics;
using System.Security.Cryptography;
using Xunit;

namespace Exchange.Tests;

/// <summary>What one message costs in arithmetic: says the figures, asserts nothing about this machine.</summary>
public sealed class CryptoMeasure
{
    [Fact]
    public void Cost_of_one_message()
    {
        using var recipient = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
        using var node = new TestNode("140000", "14");
        var bundle = TrustBundle.Build([node.Certify(node.Record)], [node.Fingerprint]);
        var (payload, digest) = (new byte[400], Digest.Of([1]));
        var sealedBytes = Array.Empty<byte>();
        Say("seal", () =>
        {
            using var ephemeral = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
            sealedBytes = Hpke.Aes256.Seal(recipient, ephemeral, [1], [2], payload);
        });
        Say("open", () => Assert.NotNull(Hpke.Aes256.Open(recipient, [1], [2], sealedBytes)));
        var signature = node.Sign("p", digest);
        Say("sign", () => signature = node.Sign("p", digest));
        Say("verify", () => Assert.Null(bundle.Refuses("140000", signature, "p", digest, TestNode.Now)));
        var line = node.Chain("140000.1", 1)[0].Line.Envelope;
        Say("entry digest", () => digest = Canonical.EntryDigest(line));
    }

    private static void Say(string what, Action once)
    {
        for (var i = 0; i < 50; i++) once();
        var process = Process.GetCurrentProcess();
        var before = process.TotalProcessorTime;
        for (var i = 0; i < 500; i++) once();
        process.Refresh();
        var each = (process.TotalProcessorTime - before).TotalMicroseconds / 500;
        TestContext.Current.TestOutputHelper?.WriteLine($"{what}: {each:F0} us of processor time");
    }
}
