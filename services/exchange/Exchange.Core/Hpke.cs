using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Exchange;

/// <summary>
/// Hybrid public key encryption (RFC 9180), base mode, single message: DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-GCM.
/// The ephemeral key is an argument, so that this stays a function and the published vectors can be run.
/// </summary>
public sealed class Hpke
{
    /// <summary>The suite used between nodes.</summary>
    public static readonly Hpke Aes256 = new("HPKE-P256-SHA256-A256GCM", 2, 32);

    /// <summary>The suite of RFC 9180 A.3; understood, not chosen.</summary>
    public static readonly Hpke Aes128 = new("HPKE-P256-SHA256-A128GCM", 1, 16);

    /// <summary>Uncompressed point before the ciphertext, in bytes.</summary>
    public const int EncapsulatedSize = 65;
    public const int TagSize = 16;
    private const int NonceSize = 12;

    private static readonly byte[] KemSuite = [.. "KEM"u8, 0x00, 0x10];
    private readonly byte[] _suite;
    private readonly int _keySize;

    private Hpke(string name, byte aead, int keySize)
    {
        Name = name;
        _keySize = keySize;
        _suite = [.. "HPKE"u8, 0x00, 0x10, 0x00, 0x01, 0x00, aead];
    }

    public string Name { get; }

    /// <returns>Null: a suite this release does not know.</returns>
    public static Hpke? Find(string name) => name == Aes256.Name ? Aes256 : name == Aes128.Name ? Aes128 : null;

    /// <returns>Encapsulated key (65 bytes), ciphertext, tag (16 bytes).</returns>
    public byte[] Seal(
        ECDiffieHellman recipient, ECDiffieHellman ephemeral, ReadOnlySpan<byte> info, ReadOnlySpan<byte> associated,
        ReadOnlySpan<byte> plaintext)
    {
        var sealedBytes = new byte[EncapsulatedSize + plaintext.Length + TagSize];
        var encapsulated = sealedBytes.AsSpan(0, EncapsulatedSize);
        Point(ephemeral, encapsulated);
        Span<byte> recipientPoint = stackalloc byte[EncapsulatedSize];
        Point(recipient, recipientPoint);
        using var publicKey = recipient.PublicKey;
        var (key, nonce) = Schedule(ephemeral.DeriveRawSecretAgreement(publicKey), encapsulated, recipientPoint, info);
        using var aes = new AesGcm(key, TagSize);
        var body = sealedBytes.AsSpan(EncapsulatedSize);
        aes.Encrypt(nonce, plaintext, body[..plaintext.Length], body[plaintext.Length..], associated);
        CryptographicOperations.ZeroMemory(key);
        return sealedBytes;
    }

    /// <returns>Null when the bytes were not sealed to this key under this header, or were changed.</returns>
    public byte[]? Open(
        ECDiffieHellman recipient, ReadOnlySpan<byte> info, ReadOnlySpan<byte> associated,
            ReadOnlySpan<byte> sealedBytes)
    {
        if (sealedBytes.Length < EncapsulatedSize + TagSize) return null;
        var encapsulated = sealedBytes[..EncapsulatedSize];
        Span<byte> recipientPoint = stackalloc byte[EncapsulatedSize];
        Point(recipient, recipientPoint);
        try
        {
            using var ephemeral = PublicFromPoint(encapsulated);
            using var publicKey = ephemeral.PublicKey;
            var (key, nonce) =
                Schedule(recipient.DeriveRawSecretAgreement(publicKey), encapsulated, recipientPoint, info);
            var body = sealedBytes[EncapsulatedSize..];
            var plaintext = new byte[body.Length - TagSize];
            using var aes = new AesGcm(key, TagSize);
            aes.Decrypt(nonce, body[..^TagSize], body[^TagSize..], plaintext, associated);
            CryptographicOperations.ZeroMemory(key);
            return plaintext;
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    /// <summary>A public key from its uncompressed point; a point off the curve throws.</summary>
    /// <exception cref="CryptographicException">Not a point of P-256.</exception>
    public static ECDiffieHellman PublicFromPoint(ReadOnlySpan<byte> point)
    {
        if (point.Length != EncapsulatedSize
            || point[0] != 4) throw new CryptographicException("Not an uncompressed point.");
        return ECDiffieHellman.Create(new ECParameters
        {
            Curve = ECCurve.NamedCurves.nistP256,
            Q = new ECPoint { X = point[1..33].ToArray(), Y = point[33..].ToArray() },
        });
    }

    /// <summary>The key schedule up to key and base nonce (RFC 9180 sections 4.1 and 5.1), sequence 0.</summary>
    internal (byte[] Key, byte[] Nonce) Schedule(
        byte[] agreement, ReadOnlySpan<byte> encapsulated, ReadOnlySpan<byte> recipientPoint, ReadOnlySpan<byte> info)
    {
        var shared = Shared(agreement, encapsulated, recipientPoint);
        byte[] context = [0, .. Extract(_suite, [], "psk_id_hash", []), .. Extract(_suite, [], "info_hash", info)];
        var secret = Extract(_suite, shared, "secret", []);
        return (Expand(_suite, secret, "key", context, _keySize),
            Expand(_suite, secret, "base_nonce", context, NonceSize));
    }

    internal static byte[] Shared(byte[] agreement, ReadOnlySpan<byte> encapsulated, ReadOnlySpan<byte> recipientPoint)
    {
        var extracted = Extract(KemSuite, [], "eae_prk", agreement);
        byte[] context = [.. encapsulated, .. recipientPoint];
        return Expand(KemSuite, extracted, "shared_secret", context, 32);
    }

    private static byte[] Extract(byte[] suite, byte[] salt, string label, ReadOnlySpan<byte> material)
    {
        byte[] labelled = [.. "HPKE-v1"u8, .. suite, .. Encoding.ASCII.GetBytes(label), .. material];
        return HKDF.Extract(HashAlgorithmName.SHA256, labelled, salt);
    }

    private static byte[] Expand(byte[] suite, byte[] key, string label, byte[] info, int size)
    {
        var length = new byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(length, (ushort)size);
        byte[] labelled = [.. length, .. "HPKE-v1"u8, .. suite, .. Encoding.ASCII.GetBytes(label), .. info];
        return HKDF.Expand(HashAlgorithmName.SHA256, key, size, labelled);
    }

    private static void Point(ECDiffieHellman key, Span<byte> target)
    {
        var q = key.ExportParameters(false).Q;
        target[0] = 4;
        q.X.CopyTo(target[1..]);
        q.Y.CopyTo(target[33..]);
    }
}
