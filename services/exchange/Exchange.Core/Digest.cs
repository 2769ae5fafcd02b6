using System.Security.Cryptography;

namespace Exchange;

/// <summary>A SHA-256 digest (摘要), compared by content.</summary>
public readonly struct Digest : IEquatable<Digest>
{
    public const int Size = 32;
    private readonly byte[]? _bytes;

    private Digest(byte[] bytes) => _bytes = bytes;

    /// <summary>32 zero bytes: what the first entry of a stream names as its previous digest.</summary>
    public static Digest Zero { get; }

    public ReadOnlySpan<byte> Span => _bytes ?? ZeroBytes;

    private static ReadOnlySpan<byte> ZeroBytes => new byte[Size];

    public static Digest Of(ReadOnlySpan<byte> content) => new(SHA256.HashData(content));

    /// <returns>Null when the bytes are not 32: a digest from the wire is not trusted to be well formed.</returns>
    public static Digest? Read(ReadOnlySpan<byte> bytes) => bytes.Length == Size ? new Digest(bytes.ToArray()) : null;

    public byte[] ToArray() => Span.ToArray();

    /// <summary>Lower-case hex, 64 characters.</summary>
    public override string ToString() => Convert.ToHexStringLower(Span);

    public bool Equals(Digest other) => Span.SequenceEqual(other.Span);
    public override bool Equals(object? obj) => obj is Digest other && Equals(other);
    public override int GetHashCode() => HashCode.Combine(Span[0], Span[1], Span[2], Span[3], Span[31]);
    public static bool operator ==(Digest left, Digest right) => left.Equals(right);
    public static bool operator !=(Digest left, Digest right) => !left.Equals(right);
}
