using System.Text;

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

    /// <summary>Private-use character of the edition of 2005, character of the edition of 2022.</summary>
    public static readonly IReadOnlyList<(char Before, char Since)> Pairs =
    [
        ('\uE78D', '\uFE10'), ('\uE78E', '\uFE12'), ('\uE78F', '\uFE11'), ('\uE790', '\uFE13'), ('\uE791', '\uFE14'),
        ('\uE792', '\uFE15'), ('\uE793', '\uFE16'), ('\uE794', '\uFE17'), ('\uE795', '\uFE18'), ('\uE796', '\uFE19'),
        ('\uE81E', '\u9FB4'), ('\uE826', '\u9FB5'), ('\uE82B', '\u9FB6'), ('\uE82C', '\u9FB7'), ('\uE832', '\u9FB8'),
        ('\uE843', '\u9FB9'), ('\uE854', '\u9FBA'), ('\uE864', '\u9FBB'),
    ];

    /// <summary>Lowest of all those characters: most text lies below and needs no look-up.</summary>
    private const char First = '\u9FB4';

    private static readonly Dictionary<char, char> Other =
        Pairs.Concat(Pairs.Select(p => (Before: p.Since, Since: p.Before))).ToDictionary(p => p.Before, p => p.Since);

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
