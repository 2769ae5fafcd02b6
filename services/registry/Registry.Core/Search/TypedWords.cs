using System.Collections.Immutable;
using System.Text;
using Registry.Names;

namespace Registry.Search;

/// <summary>What the words in the search box may be.</summary>
public enum GuessKind
{
    /// <summary>The id of a case, an archive or an organisation.</summary>
    Id,

    /// <summary>公民身份号码, of 15 or 18 characters.</summary>
    IdNumber,

    /// <summary>电话号码.</summary>
    Phone,

    /// <summary>流动党员活动证编号.</summary>
    CertificateNumber,

    /// <summary>统一社会信用代码.</summary>
    CreditCode,

    /// <summary>Code of an organisation.</summary>
    OrganisationCode,

    /// <summary>A name, or the beginning of one, in characters.</summary>
    Name,

    /// <summary>A name, or the beginning of one, by its sound.</summary>
    Pinyin,

    /// <summary>The first letters of a name's syllables, or of its first ones.</summary>
    Initials,

    /// <summary>A whole name that sounds like the one typed in characters.</summary>
    SameSound,

    /// <summary>Part of the name of an organisation.</summary>
    OrganisationName,
}

/// <summary>One thing the words may be.</summary>
/// <param name="Value">As it is looked up: numbers normalised, names as keys of <see cref="NameKeys"/>.</param>
/// <param name="Fault">Why a number cannot be one; <see cref="ResidentIdFault.None"/> for everything that can.</param>
public sealed record Guess(GuessKind Kind, string Value, ResidentIdFault Fault = ResidentIdFault.None);

/// <summary>Decides what somebody typed into the one search box. Source: .</summary>
public static class TypedWords
{
    /// <summary>Longest words looked for, UTF-16 units.</summary>
    public const int LengthMax = 100;

    /// <summary>Fewest letters looked for as a sound; one letter begins the names of every tenth member.</summary>
    private const int LettersMin = 2;

    /// <summary>Everything the words may be, the surest first; empty when they cannot be looked for at all.</summary>
    /// <param name="typed">Anything; only the first <see cref="LengthMax"/> units are read.</param>
    /// <param name="names">Keys of names.</param>
    /// <param name="divisions">All codes that were ever in force.</param>
    /// <param name="today">Civil date in Asia/Shanghai; nobody is born after it.</param>
    /// <remarks>
    /// A number that keeps the rules of its kind is nothing else. Half an id number is no guess: the index over it is
    /// keyed and knows whole numbers only.
    /// </remarks>
    public static ImmutableArray<Guess> Read(string typed, NameBook names, DivisionBook divisions, DateOnly today)
    {
        ArgumentNullException.ThrowIfNull(typed);
        ArgumentNullException.ThrowIfNull(names);
        // Half a surrogate pair becomes U+FFFD here, before a database refuses it.
        var text = string.Concat((typed.Length > LengthMax ? typed[..LengthMax] : typed).EnumerateRunes()).Trim();
        var bare = string.Concat(Digits.Narrow(text).Where(c => c is not (' ' or '-' or '\u00A0')));
        if (bare.Length == 0) return [];
        if (Guid.TryParse(text, out var id)) return [new(GuessKind.Id, id.ToString())];
        if (CertificateNumber.Read(text) is { } certificate)
            return [new(GuessKind.CertificateNumber, certificate.Value)];
        var person = ResidentId.Read(bare, divisions, today);
        if (person.Id is { } number) return [new(GuessKind.IdNumber, number.Value)];
        if (PhoneNumber.Read(text) is { } phone) return [new(GuessKind.Phone, phone.Value)];
        return [.. OfNumber(bare, person.Fault), .. OfOrganisation(text, bare), .. OfName(text, names)];
    }

    private static Guess[] OfNumber(string bare, ResidentIdFault fault) =>
        CreditCode.Read(bare) is { Code: { } code, CheckDiffers: false } ? [new(GuessKind.CreditCode, code.Value)]
        : bare.Length is 15 or 18 && Digits.All(bare.AsSpan(0, bare.Length - 1))
            ? [new(GuessKind.IdNumber, bare.ToUpperInvariant(), fault)]
        : [];

    private static Guess[] OfOrganisation(string text, string bare)
    {
        var code = Digits.Narrow(text);
        Guess[] byCode = code.Length <= 20 && code.All(c => char.IsAsciiLetterOrDigit(c) || c == '-')
            ? [new(GuessKind.OrganisationCode, code)] : [];
        // One letter or digit stands in too many names to say anything.
        return text.EnumerateRunes().Any(IsLetter) && (bare.Length >= LettersMin || bare[0] > '\u02FF')
            ? [.. byCode, new(GuessKind.OrganisationName, text)] : byCode;
    }

    private static Guess[] OfName(string text, NameBook names)
    {
        if (NameBook.SpellingOf(text) is { } spelling)
        {
            return spelling.Length < LettersMin ? []
                : [new(GuessKind.Initials, spelling), new(GuessKind.Pinyin, spelling)];
        }
        var folded = names.Fold(text);
        if (!folded.EnumerateRunes().Any(IsLetter) || folded.Any(char.IsAsciiDigit)) return [];
        var (name, sound) = (new Guess(GuessKind.Name, folded), names.KeysOf(folded).Pinyin);
        // 张wei: the rest of the name was not turned into characters.
        return folded.Any(char.IsAsciiLetter) ? [name, new(GuessKind.Pinyin, sound)]
            : folded.EnumerateRunes().Count() >= LettersMin ? [name, new(GuessKind.SameSound, sound)]
            : [name];
    }

    // 〇 is a letter number; the newest ideographs may be missing from this runtime's tables.
    private static bool IsLetter(Rune rune) =>
        Rune.IsLetter(rune) || rune.Value is '〇' or (>= 0x20000 and <= 0x3FFFD);
}
