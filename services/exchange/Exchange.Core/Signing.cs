using System.Collections.Immutable;
using System.Security.Cryptography;

namespace Exchange;

/// <summary>
/// A signature algorithm by name. A key carries the name of its algorithm, so that another one (SM2 with SM3) joins by
/// one entry in <see cref="SignatureAlgorithms"/> and old keys stay verifiable.
/// </summary>
/// <param name="Name">As on the key, e.g. "ES256".</param>
/// <param name="ReadPublic">From a SubjectPublicKeyInfo; throws <see cref="CryptographicException"/> when
/// malformed.</param>
/// <param name="ReadPrivate">From a PKCS#8 private key.</param>
public sealed record SignatureAlgorithm(
    string Name, Func<ReadOnlyMemory<byte>, VerifyingKey> ReadPublic,
        Func<ReadOnlyMemory<byte>, SigningKey> ReadPrivate);

/// <summary>
/// A public key ready for use; keep it, reading it costs more than a signature. One thread at a time.
/// </summary>
public abstract class VerifyingKey : IDisposable
{
    public abstract bool Verify(ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature);
    public abstract void Dispose();
}

/// <summary>A private key ready for use. One thread at a time.</summary>
public abstract class SigningKey : IDisposable
{
    public abstract byte[] Sign(ReadOnlySpan<byte> message);
    public abstract void Dispose();
}

public static class SignatureAlgorithms
{
    public const string Es256 = "ES256";

    private static readonly ImmutableDictionary<string, SignatureAlgorithm> All = new[]
    {
        new SignatureAlgorithm(Es256, EcdsaKey.Public, EcdsaKey.Private),
    }.ToImmutableDictionary(a => a.Name);

    /// <returns>Null: an algorithm this release does not know.</returns>
    public static SignatureAlgorithm? Find(string name) => All.GetValueOrDefault(name);

    /// <summary>First 16 hex digits of SHA-256 of the SubjectPublicKeyInfo.</summary>
    public static string KeyId(ReadOnlySpan<byte> publicKey) => Digest.Of(publicKey).ToString()[..16];

    /// <summary>64 hex digits: what an operator pins.</summary>
    public static string Fingerprint(ReadOnlySpan<byte> publicKey) => Digest.Of(publicKey).ToString();

    public static Signature Sign(
        SigningKey key, string keyId, string algorithm, string purpose, Digest digest, DateTimeOffset now)
    {
        var at = Canonical.Microseconds(now);
        return new(keyId, algorithm, at, key.Sign(Canonical.SignatureInput(purpose, digest, keyId, algorithm, at)));
    }

    public static bool Verify(VerifyingKey key, Signature signature, string purpose, Digest digest) =>
        key.Verify(Canonical.SignatureInput(purpose, digest, signature.KeyId, signature.Algorithm, signature.SignedAt),
            signature.Value.Span);

    private static class EcdsaKey
    {
        public static VerifyingKey Public(ReadOnlyMemory<byte> info)
        {
            var key = ECDsa.Create();
            key.ImportSubjectPublicKeyInfo(info.Span, out _);
            if (key.KeySize != 256) throw new CryptographicException("ES256 needs a P-256 key.");
            return new Verifying(key);
        }

        public static SigningKey Private(ReadOnlyMemory<byte> pkcs8)
        {
            var key = ECDsa.Create();
            key.ImportPkcs8PrivateKey(pkcs8.Span, out _);
            return new Signing(key);
        }

        private sealed class Verifying(ECDsa key) : VerifyingKey
        {
            public override bool Verify(ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature) =>
                signature.Length == 64 && key.VerifyData(message, signature, HashAlgorithmName.SHA256);

            public override void Dispose() => key.Dispose();
        }

        private sealed class Signing(ECDsa key) : SigningKey
        {
            public override byte[] Sign(ReadOnlySpan<byte> message) =>
                key.SignData(message.ToArray(), HashAlgorithmName.SHA256);
            public override void Dispose() => key.Dispose();
        }
    }
}
