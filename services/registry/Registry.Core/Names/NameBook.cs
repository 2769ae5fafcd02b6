using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Registry.Names;

/// <summary>One row of the table of variants: <paramref name="Character"/> stands for <paramref name="For"/>.</summary>
public sealed record CharacterVariant(string Character, string For, CharacterLikeness Strength);

/// <summary>How near two characters of a name are.</summary>
public enum CharacterLikeness
{
    /// <summary>Neither written nor read alike.</summary>
    Different,

    /// <summary>Read alike (小 and 晓).</summary>
    Sound,

    /// <summary>Written so alike that typists confuse them (己 and 已).</summary>
    Alike,

    /// <summary>Often written for each other (堃 and 坤, 萧 and 肖).</summary>
    Similar,

    /// <summary>One character in two shapes (鎔 and 镕).</summary>
    Same,
}

/// <summary>
/// Readings, variants and surnames of Chinese characters, and the keys of names made from them. Immutable; made once
/// from <c>seeds/names</c>. Source: M-075, R-150 to R-153.
/// </summary>
public sealed class NameBook
{
    /// <summary>Most pinyin keys of one name: the usual one and its other readings.</summary>
    public const int ReadingsMax = 8;

    private readonly FrozenDictionary<int, ImmutableArray<string>> _readings;
    private readonly FrozenDictionary<int, int> _same;
    private readonly FrozenDictionary<(int, int), CharacterLikeness> _near;
    private readonly FrozenDictionary<string, ImmutableArray<string>> _surnames;
    private readonly FrozenDictionary<string, ImmutableArray<string>>.AlternateLookup<ReadOnlySpan<char>> _bySurname;

    /// <param name="readings">Syllable, characters whose first reading it is, characters that can be read so.</param>
    /// <param name="variants">Later rows of one character win as "same".</param>
    /// <param name="surnames">Surname, its readings without gaps, the usual one first.</param>
    public NameBook(IEnumerable<(string Syllable, string First, string Also)> readings,
        IEnumerable<CharacterVariant> variants, IEnumerable<(string Surname, IReadOnlyList<string> Readings)> surnames)
    {
        ArgumentNullException.ThrowIfNull(readings);
        ArgumentNullException.ThrowIfNull(variants);
        var first = new Dictionary<int, string>();
        var also = new Dictionary<int, List<string>>();
        foreach (var (syllable, ofFirst, ofAlso) in readings)
        {
            foreach (var rune in ofFirst.EnumerateRunes()) first[rune.Value] = syllable;
            foreach (var rune in ofAlso.EnumerateRunes())
                (also.TryGetValue(rune.Value, out var list) ? list : also[rune.Value] = []).Add(syllable);
        }
        var rows = variants.Select(v => (From: Point(v.Character), To: Point(v.For), v.Strength)).ToList();
        // A rare shape without a reading of its own is read as the character it stands for, and the other way round.
        foreach (var (from, to, strength) in rows.Where(r => r.Strength >= CharacterLikeness.Similar))
        {
            if (first.TryGetValue(to, out var reading)) first.TryAdd(from, reading);
            else if (first.TryGetValue(from, out reading)) first.TryAdd(to, reading);
        }
        _readings = first.ToFrozenDictionary(f => f.Key,
            f => ImmutableArray.Create(f.Value).AddRange(also.GetValueOrDefault(f.Key, [])));
        var same = new Dictionary<int, int>();
        foreach (var (from, to, _) in rows.Where(r => r.Strength == CharacterLikeness.Same)) same[from] = to;
        foreach (var pair in ChangedCharacters.Pairs) same[pair.Before] = pair.Since;
        _same = same.ToFrozenDictionary(s => s.Key, s => Final(same, s.Key));
        var near = new Dictionary<(int, int), CharacterLikeness>();
        foreach (var (from, to, strength) in rows.Where(r => r.Strength != CharacterLikeness.Same))
            near.TryAdd(Pair(Fold(from), Fold(to)), strength);
        _near = near.ToFrozenDictionary();
        _surnames = surnames.ToFrozenDictionary(s => s.Surname, s => s.Readings.ToImmutableArray(),
            StringComparer.Ordinal);
        _bySurname = _surnames.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>All keys of a name.</summary>
    /// <param name="name">As on the identity card; anything may be in it.</param>
    public NameKeys KeysOf(string name)
    {
        var folded = Fold(name);
        var syllables = SyllablesOf(folded);
        var all = Spellings(syllables);
        var initials = new StringBuilder(syllables.Count);
        foreach (var syllable in syllables) initials.Append(Initial(syllable[0]));
        return new(folded, all[0], initials.ToString(), all[1..]);
    }

    /// <summary><see cref="NameKeys.Folded"/> of a name, a beginning of one, or a single character.</summary>
    public string Fold(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (IsFolded(name)) return name;
        var key = new StringBuilder(name.Length);
        // A lone surrogate has no normal form; it becomes U+FFFD before the runtime can refuse it.
        foreach (var rune in string.Concat(name.EnumerateRunes().Select(r => r.ToString()))
            .Normalize(NormalizationForm.FormC).EnumerateRunes())
        {
            if (IsIgnored(rune)) continue;
            key.Append(char.ConvertFromUtf32(Fold(Rune.ToLowerInvariant(rune).Value)));
        }
        return key.ToString();
    }

    /// <summary>What people type to find a name by its sound: lower case letters, no tones or gaps, ü as v.</summary>
    /// <returns>Null when the text holds anything but letters of the Latin alphabet.</returns>
    public static string? SpellingOf(string typed)
    {
        ArgumentNullException.ThrowIfNull(typed);
        var letters = new StringBuilder(typed.Length);
        foreach (var rune in typed.EnumerateRunes())
        {
            if (Rune.IsWhiteSpace(rune) || rune.Value is '\'' or '’') continue;
            foreach (var part in rune.ToString().Normalize(NormalizationForm.FormD))
            {
                if (part == '\u0308' && letters.Length > 0) letters[^1] = 'v';
                else if (char.IsAsciiLetter(part)) letters.Append(char.ToLowerInvariant(part));
                else if (CharUnicodeInfo.GetUnicodeCategory(part) != UnicodeCategory.NonSpacingMark) return null;
            }
        }
        return letters.Length > 0 ? letters.ToString() : null;
    }

    /// <summary>Characters at the front that are the surname: two for 欧阳, none for names with letters.</summary>
    public int SurnameLength(string folded)
    {
        ArgumentNullException.ThrowIfNull(folded);
        for (var length = 3; length >= 2; length--)
            if (folded.Length > length && _bySurname.ContainsKey(folded.AsSpan(0, length))) return length;
        return folded.Length == 0 || folded[0] < '\u2E80' ? 0 : char.IsHighSurrogate(folded[0]) ? 2 : 1;
    }

    /// <summary>How near two folded characters are; the nearest kind that fits.</summary>
    public CharacterLikeness Compare(Rune one, Rune other) =>
        one == other ? CharacterLikeness.Same
        : _near.TryGetValue(Pair(one.Value, other.Value), out var near) ? near
        : _readings.TryGetValue(one.Value, out var a) && _readings.TryGetValue(other.Value, out var b)
            && a.Any(s => b.Contains(s)) ? CharacterLikeness.Sound
        : CharacterLikeness.Different;

    // Nearly every name: common characters, each standing for itself. Unicode composes none of them.
    private bool IsFolded(string name)
    {
        foreach (var c in name)
            if (c is < '\u4E00' or > '\u9FFF' || _same.ContainsKey(c)) return false;
        return true;
    }

    private int Fold(int point) => _same.GetValueOrDefault(point, point);

    private List<ImmutableArray<string>> SyllablesOf(string folded)
    {
        var syllables = new List<ImmutableArray<string>>(folded.Length);
        var rest = folded.AsSpan();
        var surname = SurnameLength(folded);
        if (surname > 0 && _bySurname.TryGetValue(rest[..surname], out var spellings))
        {
            if (surname == 1 || char.IsHighSurrogate(folded[0])) syllables.Add(spellings);
            else syllables.AddRange(Split(folded[..surname], spellings[0]));
            rest = rest[surname..];
        }
        foreach (var rune in rest.EnumerateRunes())
            syllables.Add(_readings.TryGetValue(rune.Value, out var readings) ? readings : [rune.ToString()]);
        return syllables;
    }

    // "yuchi" belongs to 尉迟: the cut that fits a reading of the characters from the end.
    private IEnumerable<ImmutableArray<string>> Split(string surname, string spelling)
    {
        var parts = new List<ImmutableArray<string>>();
        var end = spelling.Length;
        for (var i = surname.Length - 1; i > 0; i--)
        {
            var syllable = _readings.GetValueOrDefault(surname[i], [])
                .FirstOrDefault(s => spelling.AsSpan(0, end).EndsWith(s)) ?? spelling[(end - 1)..end];
            parts.Add([syllable]);
            end -= syllable.Length;
        }
        parts.Add([spelling[..end]]);
        parts.Reverse();
        return parts;
    }

    private static List<string> Spellings(List<ImmutableArray<string>> syllables)
    {
        var read = new string[syllables.Count];
        for (var i = 0; i < read.Length; i++) read[i] = syllables[i][0];
        var all = new List<string> { string.Concat(read) };
        // One character at a time read differently: two unusual readings in one name are not worth their number.
        for (var i = 0; i < read.Length; i++)
        {
            foreach (var other in syllables[i].AsSpan(1..))
            {
                if (all.Count == ReadingsMax) return all;
                read[i] = other;
                var spelling = string.Concat(read);
                if (!all.Contains(spelling)) all.Add(spelling);
            }
            read[i] = syllables[i][0];
        }
        return all;
    }

    private static ReadOnlySpan<char> Initial(string syllable) =>
        char.IsAsciiLetter(syllable[0]) ? syllable.AsSpan(0, 1) : syllable;

    private static bool IsIgnored(Rune rune) => Rune.IsWhiteSpace(rune) || Rune.IsControl(rune)
        || (rune.IsBmp && PersonName.IsDot((char)rune.Value)) || rune.Value is '-' or '‐' or '\'' or '’'
        || rune.Value is (>= 0xFE00 and <= 0xFE0F) or (>= 0xE0100 and <= 0xE01EF) or (>= 0x200B and <= 0x200F)
            or 0xFEFF;

    private static int Final(Dictionary<int, int> same, int from)
    {
        var seen = new HashSet<int> { from };
        var at = from;
        while (same.TryGetValue(at, out var to) && seen.Add(to)) at = to;
        return at;
    }

    private static (int, int) Pair(int one, int other) => one < other ? (one, other) : (other, one);

    private static int Point(string character) => char.ConvertToUtf32(character, 0);
}
