using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Identity.Service.SignIn;

/// <summary>
/// Codes of an authenticator application: RFC 6238 with SHA-1, six digits, thirty seconds. Our own because ASP.NET Core
/// Identity's takes a code twice and asks the machine for the time.
/// </summary>
internal static class Totp
{
    private const int PeriodSeconds = 30;
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    public static byte[] NewSecret() => RandomNumberGenerator.GetBytes(20);

    /// <summary>The period a code belongs to; null when it is wrong, too old, or not younger than
    /// <paramref name="last"/>. A clock may be one period off.</summary>
    public static long? Verify(byte[] secret, string code, DateTimeOffset now, long last)
    {
        var step = now.ToUnixTimeSeconds() / PeriodSeconds;
        long? found = null;
        for (var s = step - 1; s <= step + 1; s++)
        {
            if (CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(Code(secret, s)),
                Encoding.UTF8.GetBytes(code)) && s > last) found = s;
        }
        return found;
    }

    public static string Code(byte[] secret, DateTimeOffset at) =>
        Code(secret, at.ToUnixTimeSeconds() / PeriodSeconds);

    private static string Code(byte[] secret, long step)
    {
        Span<byte> counter = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(counter, step);
#pragma warning disable CA5350 // The standard of authenticator applications; collisions of SHA-1 do not matter in HMAC.
        var mac = HMACSHA1.HashData(secret, counter);
#pragma warning restore CA5350
        var number = BinaryPrimitives.ReadInt32BigEndian(mac.AsSpan(mac[^1] & 15)) & int.MaxValue;
        return (number % 1_000_000).ToString("D6", CultureInfo.InvariantCulture);
    }

    public static string Base32(byte[] bytes)
    {
        var text = new StringBuilder();
        var (buffer, bits) = (0, 0);
        foreach (var b in bytes)
        {
            buffer = ((buffer & 0xff) << 8) | b;
            for (bits += 8; bits >= 5; bits -= 5) text.Append(Alphabet[(buffer >> (bits - 5)) & 31]);
        }
        if (bits > 0) text.Append(Alphabet[(buffer << (5 - bits)) & 31]);
        return text.ToString();
    }

    /// <exception cref="FormatException">A character that is none of the alphabet.</exception>
    public static byte[] FromBase32(string text)
    {
        var bytes = new List<byte>();
        var (buffer, bits) = (0, 0);
        foreach (var c in text)
        {
            var value = Alphabet.IndexOf(char.ToUpperInvariant(c), StringComparison.Ordinal);
            if (value < 0) throw new FormatException("Not base 32.");
            buffer = ((buffer & 0xff) << 5) | value;
            if ((bits += 5) < 8) continue;
            bits -= 8;
            bytes.Add((byte)((buffer >> bits) & 0xff));
        }
        return [.. bytes];
    }
}
