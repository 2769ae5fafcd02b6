using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;

namespace Platform.CommandLine.Federation;

/// <summary>The six digits a code generator shows now (RFC 6238): the demo's people have no telephones.</summary>
public static class TotpCode
{
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    /// <param name="secret">Base 32 without padding, a multiple of 8 characters.</param>
    public static string At(string secret, DateTimeOffset at)
    {
        Span<byte> counter = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(counter, at.ToUnixTimeSeconds() / 30);
#pragma warning disable CA5350 // The standard of code generators.
        var mac = HMACSHA1.HashData(Bytes(secret), counter);
#pragma warning restore CA5350
        var number = BinaryPrimitives.ReadInt32BigEndian(mac.AsSpan(mac[^1] & 15)) & int.MaxValue;
        return (number % 1_000_000).ToString("D6", CultureInfo.InvariantCulture);
    }

    private static byte[] Bytes(string secret) =>
    [
        .. secret.Chunk(8).SelectMany(chunk =>
        {
            var bits = chunk.Aggregate(0L,
                (sum, c) => (sum << 5) | (long)Alphabet.IndexOf(c, StringComparison.Ordinal));
            return Enumerable.Range(0, 5).Select(i => (byte)((bits >> (32 - (8 * i))) & 0xff));
        }),
    ];
}
