using System.Text;
using Registry.Names;

namespace Registry.Service.Roster;

/// <summary>GB 18030 in its edition of 2022. The platform's own encoding follows the older one.</summary>
/// <remarks>
/// Eighteen characters changed places with private-use ones between the editions. The change is a swap of 18 pairs, so
/// the same function corrects both directions. Source.
/// </remarks>
public static class Gb18030
{
    /// <summary>The older edition, throwing on what it does not know; see <see cref="Swap(Span{char})"/>.</summary>
    internal static readonly Encoding Strict = CodePagesEncodingProvider.Instance.GetEncoding(
        "GB18030", new EncoderExceptionFallback(), new DecoderExceptionFallback())!;

    /// <summary>Lowest of all those characters: most text lies below and needs no look-up.</summary>
    private const char First = '\u9FB4';

    private static readonly Dictionary<char, char> Other =
        ChangedCharacters.Pairs.Concat(ChangedCharacters.Pairs.Select(p => (Before: p.Since, Since: p.Before)))
            .ToDictionary(p => p.Before, p => p.Since);

    /// <summary>The text, or null when the bytes are no GB 18030.</summary>
    public static string? Decode(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return Swap(Strict.GetString(bytes));
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    /// <summary>The bytes; every well-formed text has some.</summary>
    public static byte[] Encode(string text) => Strict.GetBytes(Swap(text));

    /// <summary>Turns characters of one edition into those of the other, in place.</summary>
    internal static void Swap(Span<char> text)
    {
        for (var i = 0; i < text.Length; i++)
            if (text[i] >= First && Other.TryGetValue(text[i], out var other)) text[i] = other;
    }

    private static string Swap(string text) =>
        string.Create(text.Length, text, static (into, from) =>
        {
            from.CopyTo(into);
            Swap(into);
        });
}
