using System.Security.Cryptography;
using System.Text;
using CsCheck;
using Xunit;

namespace Exchange.Tests;

/// <summary>
/// The published vectors (RFC 9180 A.3.1; CFRG test-vectors.json for AES-256), then what no vector says.
/// </summary>
public sealed class HpkeTests
{
    private const string Info = "Ode on a Grecian Urn";
    private const string Plain = "Beauty is truth, truth beauty";

    public sealed record Vector(
        string Suite, string EphemeralPrivate, string EphemeralPublic, string RecipientPrivate, string RecipientPublic,
        string Shared, string Key, string Nonce, string Cipher);

    private static readonly Vector Aes128 = new("HPKE-P256-SHA256-A128GCM",
        "4995788ef4b9d6132b249ce59a77281493eb39af373d236a1fe415cb0c2d7beb",
        "04a92719c6195d5085104f469a8b9814d5838ff72b60501e2c4466e5e67b325ac98536d7b61a1af4b78e5b7f951c0900be86"
        + "3c403ce65c9bfcb9382657222d18c4",
        "f3ce7fdae57e1a310d87f1ebbde6f328be0a99cdbcadf4d6589cf29de4b8ffd2",
        "04fe8c19ce0905191ebc298a9245792531f26f0cece2460639e8bc39cb7f706a826a779b4cf969b8a0e539c7f62fb3d30ad6"
        + "aa8f80e30f1d128aafd68a2ce72ea0",
        "c0d26aeab536609a572b07695d933b589dcf363ff9d93c93adea537aeabb8cb8",
        "868c066ef58aae6dc589b6cfdd18f97e", "4e0bc5018beba4bf004cca59",
        "5ad590bb8baa577f8619db35a36311226a896e7342a6d836d8b7bcd2f20b6c7f9076ac232e3ab2523f39513434");

    private static readonly Vector Aes256 = new("HPKE-P256-SHA256-A256GCM",
        "90345e3a1d116c1dd39ae76d95ab858c142223a63e44f8f85318cfa91a84858e",
        "04c06b4f6bebc7bb495cb797ab753f911aff80aefb86fd8b6fcc35525f3ab5f03e0b21bd31a86c6048af3cb2d98e0d3bf01d"
        + "a5cc4c39ff5370d331a4f1f7d5a4e0",
        "317f915db7bc629c48fe765587897e01e282d3e8445f79f27f65d031a88082b2",
        "04abc7e49a4c6b3566d77d0304addc6ed0e98512ffccf505e6a8e3eb25c685136f853148544876de76c0f2ef99cdc3a05ccf"
        + "5ded7860c7c021238f9e2073d2356c",
        "48893fecd82f7c3456af6a42d8f56325d21e08c10fa81299986aaff54cde7b49",
        "ee16802a936d5f544771131900ee6973d0551de9e852ece2ef34bf0d5f9e1d1d", "9bc50980832a7b4b58c40161",
        "58c61a45059d0c5704560e9d88b564a8b63f1364b8d1fcb3c4c6ddc1d291742465e902cd216f8908da49f8f96f");

    public static TheoryData<Vector> Vectors() => new(Aes128, Aes256);

    [Theory, MemberData(nameof(Vectors))]
    public void Sealing_gives_the_published_bytes(Vector v)
    {
        using var recipient = Hpke.PublicFromPoint(Convert.FromHexString(v.RecipientPublic));
        using var ephemeral = Private(v.EphemeralPrivate, v.EphemeralPublic);
        var made = Suite(v).Seal(recipient, ephemeral, Bytes(Info), Bytes("Count-0"), Bytes(Plain));
        Assert.Equal(v.EphemeralPublic + v.Cipher, Convert.ToHexStringLower(made));
    }

    [Theory, MemberData(nameof(Vectors))]
    public void Opening_the_published_bytes_gives_the_plaintext(Vector v)
    {
        using var recipient = Private(v.RecipientPrivate, v.RecipientPublic);
        var bytes = Convert.FromHexString(v.EphemeralPublic + v.Cipher);
        Assert.Equal(Plain, Encoding.UTF8.GetString(Suite(v).Open(recipient, Bytes(Info), Bytes("Count-0"), bytes)!));
    }

    [Fact]
    public void Any_changed_byte_other_header_or_other_key_opens_nothing()
    {
        using var recipient = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
        using var stranger = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
        using var ephemeral = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
        Gen.Select(Gen.Byte.Array[0, 300], Gen.Int[0, int.MaxValue], Gen.Int[1, 255]).Sample((plain, at, flip) =>
        {
            var bytes = Hpke.Aes256.Seal(recipient, ephemeral, Bytes(Info), [1], plain);
            if (!Hpke.Aes256.Open(recipient, Bytes(Info), [1], bytes)!.AsSpan().SequenceEqual(plain)) return false;
            if (Hpke.Aes256.Open(recipient, Bytes(Info), [2], bytes) is not null) return false;
            if (Hpke.Aes256.Open(stranger, Bytes(Info), [1], bytes) is not null) return false;
            if (Hpke.Aes256.Open(recipient, Bytes(Info), [1], bytes.AsSpan(..^1)) is not null) return false;
            bytes[at % bytes.Length] ^= (byte)flip;
            return Hpke.Aes256.Open(recipient, Bytes(Info), [1], bytes) is null;
        }, iter: 300);
    }

    private static Hpke Suite(Vector v) => Hpke.Find(v.Suite)!;
    private static byte[] Bytes(string text) => Encoding.ASCII.GetBytes(text);

    private static ECDiffieHellman Private(string scalar, string point)
    {
        var q = Convert.FromHexString(point);
        return ECDiffieHellman.Create(new ECParameters
        {
            Curve = ECCurve.NamedCurves.nistP256,
            D = Convert.FromHexString(scalar),
            Q = new ECPoint { X = q[1..33], Y = q[33..] },
        });
    }
}
