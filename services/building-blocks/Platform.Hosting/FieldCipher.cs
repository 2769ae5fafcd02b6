using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;

namespace Platform.Hosting;

/// <summary>
/// Encrypts single fields with AES-256-GCM and makes keyed blind indexes for look-up. A ciphertext carries the key's
/// number, and the purpose is authenticated, so that a value cannot be moved to another column. Source.
/// </summary>
public sealed class FieldCipher
{
    private const byte Version = 1;
    private const int NonceSize = 12, TagSize = 16;
    private readonly byte[] _fieldKey;
    private readonly byte[] _blindKey;
    private readonly ConcurrentBag<Tools> _idle = [];

    /// <param name="fieldKey">Base64 of 32 random bytes (<c>Keys:Field</c>).</param>
    /// <param name="blindKey">Base64 of 32 random bytes (<c>Keys:Blind</c>), another one than the field key.</param>
    /// <exception cref="ArgumentException">A key is missing or not 32 bytes.</exception>
    public FieldCipher(string? fieldKey, string? blindKey)
    {
        _fieldKey = Key(fieldKey, "Keys:Field");
        _blindKey = Key(blindKey, "Keys:Blind");
    }

    /// <summary>Layout: version (1), nonce (12), tag (16), ciphertext.</summary>
    public byte[] Encrypt(ReadOnlySpan<byte> plain, string purpose)
    {
        var sealedBytes = new byte[1 + NonceSize + TagSize + plain.Length];
        sealedBytes[0] = Version;
        var nonce = sealedBytes.AsSpan(1, NonceSize);
        var tools = Take();
        tools.FillRandom(nonce);
        tools.Aes.Encrypt(nonce, plain, sealedBytes.AsSpan(1 + NonceSize + TagSize),
            sealedBytes.AsSpan(1 + NonceSize, TagSize), Encoding.UTF8.GetBytes(purpose));
        _idle.Add(tools);
        return sealedBytes;
    }

    /// <exception cref="CryptographicException">Wrong key, wrong purpose or changed bytes.</exception>
    public byte[] Decrypt(ReadOnlySpan<byte> sealedBytes, string purpose)
    {
        if (sealedBytes.Length < 1 + NonceSize + TagSize || sealedBytes[0] != Version)
            throw new CryptographicException("Not a field ciphertext of a known version.");
        var plain = new byte[sealedBytes.Length - 1 - NonceSize - TagSize];
        var tools = Take();
        tools.Aes.Decrypt(sealedBytes.Slice(1, NonceSize), sealedBytes[(1 + NonceSize + TagSize)..],
            sealedBytes.Slice(1 + NonceSize, TagSize), plain, Encoding.UTF8.GetBytes(purpose));
        _idle.Add(tools);
        return plain;
    }

    /// <summary>Encrypts text; null stays null.</summary>
    public byte[]? EncryptText(string? text, string purpose) =>
        text is null ? null : Encrypt(Encoding.UTF8.GetBytes(text), purpose);

    /// <summary>Decrypts text; null stays null.</summary>
    public string? DecryptText(byte[]? sealedBytes, string purpose) =>
        sealedBytes is null ? null : Encoding.UTF8.GetString(Decrypt(sealedBytes, purpose));

    /// <summary>
    /// Keyed fingerprint of a normalised value: equal values look equal inside one node, and nowhere else. 16 bytes,
    /// the left half of an HMAC-SHA-256 (RFC 2104 section 5): large tables hold it in their indexes.
    /// </summary>
    public byte[] BlindIndex(string normalised, string purpose)
    {
        var tools = Take();
        tools.Hmac.AppendData(Encoding.UTF8.GetBytes($"{purpose}\n{normalised}"));
        Span<byte> whole = stackalloc byte[32];
        tools.Hmac.GetHashAndReset(whole);
        _idle.Add(tools);
        return whole[..16].ToArray();
    }

    private Tools Take() => _idle.TryTake(out var tools) ? tools : new(_fieldKey, _blindKey);

    private static byte[] Key(string? base64, string name)
    {
        var key = new byte[32];
        return Convert.TryFromBase64String(base64 ?? "", key, out var length) && length == 32 ? key
            : throw new ArgumentException($"{name} must be the base64 form of 32 bytes.");
    }

    // For one caller at a time. Setting up a key costs more than encrypting a field with it, and asking the system for
    // twelve random bytes as much again.
    private sealed class Tools(byte[] fieldKey, byte[] blindKey)
    {
        private readonly byte[] _random = new byte[NonceSize * 64];
        private int _used = NonceSize * 64;

        public AesGcm Aes { get; } = new(fieldKey, TagSize);

        public IncrementalHash Hmac { get; } = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, blindKey);

        public void FillRandom(Span<byte> nonce)
        {
            if (_used == _random.Length)
            {
                RandomNumberGenerator.Fill(_random);
                _used = 0;
            }
            _random.AsSpan(_used, nonce.Length).CopyTo(nonce);
            _used += nonce.Length;
        }
    }
}
