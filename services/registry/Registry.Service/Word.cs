using System.Diagnostics.CodeAnalysis;

namespace Registry.Service;

/// <summary>A word of an enum in a query, in the spelling of the JSON answers (camelCase) or any other case.</summary>
public readonly record struct Word<T>(T Value) : IParsable<Word<T>> where T : struct, Enum
{
    static Word<T> IParsable<Word<T>>.Parse(string s, IFormatProvider? provider) =>
        Read(s, out var word) ? word : throw new FormatException("Not a word of this list.");

    static bool IParsable<Word<T>>.TryParse(
        [NotNullWhen(true)] string? s, IFormatProvider? provider, out Word<T> result) => Read(s, out result);

    // Numbers are no words: "7" would otherwise pass as any member.
    private static bool Read([NotNullWhen(true)] string? text, out Word<T> word)
    {
        var known = Enum.TryParse<T>(text, ignoreCase: true, out var value) && !char.IsAsciiDigit(text![0]);
        word = new(value);
        return known && Enum.IsDefined(value);
    }
}
