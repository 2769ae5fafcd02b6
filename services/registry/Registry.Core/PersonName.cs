using System.Globalization;
using System.Text;

namespace Registry;

/// <summary>A person's name (姓名) as on the identity card; compared by code point, never changed inside.</summary>
/// <param name="Value">Trimmed at both ends only.</param>
public readonly record struct PersonName(string Value)
{
    /// <summary>Longest name in text elements (what a reader counts as one character).</summary>
    public const int LengthMax = 50;

    /// <summary>The name dot (间隔号) of minority names, U+00B7.</summary>
    public const char Dot = '·';

    /// <summary>Text elements: a character of the supplementary planes counts once. Source: R-153.</summary>
    public int Length => new StringInfo(Value).LengthInTextElements;

    /// <summary>What search compares: inner spaces gone, every kind of dot the same.</summary>
    public string SearchKey => KeyOf(Value);

    public static string KeyOf(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var key = new StringBuilder(text.Length);
        foreach (var c in text)
        {
            if (char.IsWhiteSpace(c)) continue;
            key.Append(IsDot(c) ? Dot : c);
        }
        return key.ToString();
    }

    /// <summary>Reads what a person typed.</summary>
    /// <remarks>
    /// Allowed: Han characters of every plane, letters of other scripts with their marks, one dot or space between
    /// two of them. Private-use characters are refused, they mean something else on the next machine; so are
    /// U+FFFD and '?', which an earlier conversion left behind. Source.
    /// </remarks>
    public static PersonNameReading Read(string? text)
    {
        var typed = (text ?? "").Trim();
        if (typed.Length == 0) return new(null, PersonNameFault.Blank);
        var afterLetter = false;
        for (var i = 0; i < typed.Length;)
        {
            if (!Rune.TryGetRuneAt(typed, i, out var rune)) return new(null, PersonNameFault.BrokenCharacter);
            i += rune.Utf16SequenceLength;
            if (IsSeparator(rune))
            {
                if (!afterLetter || i == typed.Length) return new(null, PersonNameFault.Dot);
                afterLetter = false;
                continue;
            }
            if (FaultOf(rune, afterLetter) is var fault and not PersonNameFault.None) return new(null, fault);
            afterLetter = true;
        }
        return new StringInfo(typed).LengthInTextElements switch
        {
            1 => new(null, PersonNameFault.TooShort),
            > LengthMax => new(null, PersonNameFault.TooLong),
            _ => new(new PersonName(typed), PersonNameFault.None),
        };
    }

    private static PersonNameFault FaultOf(Rune rune, bool afterLetter) => Rune.GetUnicodeCategory(rune) switch
    {
        _ when rune.Value is '?' or '？' or 0xFFFD => PersonNameFault.LostCharacter,
        UnicodeCategory.PrivateUse => PersonNameFault.PrivateUse,
        UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter
            or UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter => PersonNameFault.None,
        // 〇 (U+3007) is a letter number and a given name.
        UnicodeCategory.LetterNumber => PersonNameFault.None,
        // Combining marks and variation selectors follow a letter.
        UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark when afterLetter => PersonNameFault.None,
        // The newest ideographs may be missing from this runtime's tables.
        UnicodeCategory.OtherNotAssigned when rune.Value is >= 0x20000 and <= 0x3FFFD => PersonNameFault.None,
        _ => PersonNameFault.Sign,
    };

    private static bool IsSeparator(Rune rune) => rune.Value is ' ' || (rune.IsBmp && IsDot((char)rune.Value));

    // Every code point that keyboards, older systems and conversions have put where U+00B7 belongs.
    internal static bool IsDot(char c) => c is Dot or '•' or '‧' or '・' or '．' or '⋅' or '∙' or '\u0387' or '\u2024'
        or '\u2E31' or '\u30FB' or '\uFF65' or '\u1427' or '\u16EB' or '\uA78F' or '\u318D';
}

/// <summary>What reading a name gave.</summary>
/// <param name="Name">Null when a rule failed.</param>
public sealed record PersonNameReading(PersonName? Name, PersonNameFault Fault);

/// <summary>Which rule a name failed.</summary>
public enum PersonNameFault
{
    None, Blank, TooShort, TooLong,

    /// <summary>A dot or space at an end, or two in a row.</summary>
    Dot,

    /// <summary>A digit, punctuation or control character.</summary>
    Sign,

    /// <summary>Half of a surrogate pair.</summary>
    BrokenCharacter,

    /// <summary>A question mark or U+FFFD: an earlier conversion lost the character.</summary>
    LostCharacter,

    /// <summary>A private-use character; type the character of Unicode instead.</summary>
    PrivateUse,
}
