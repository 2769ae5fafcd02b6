using System.Text;

namespace Registry.Names;

/// <summary>How near two names are, from nothing in common to one name in two shapes.</summary>
public enum NameLikeness
{
    /// <summary>Names of two people.</summary>
    Different,

    /// <summary>One character of three or more is another one: brothers, or a slip.</summary>
    OneOther,

    /// <summary>One character is missing from one of them.</summary>
    Shorter,

    /// <summary>Read alike (王小明 and 王晓明).</summary>
    Sound,

    /// <summary>Written so alike that typists confuse them.</summary>
    Alike,

    /// <summary>The same characters in another order.</summary>
    Swapped,

    /// <summary>Characters often written for each other (堃 and 坤).</summary>
    Similar,

    /// <summary>Equal when folded.</summary>
    Same,
}

/// <summary>Compares names character by character. Source: M-075.</summary>
public static class NameComparison
{
    /// <summary>How near two folded names are.</summary>
    /// <param name="one"><see cref="NameKeys.Folded"/>.</param>
    /// <param name="other"><see cref="NameKeys.Folded"/>.</param>
    public static NameLikeness Compare(this NameBook book, string one, string other)
    {
        ArgumentNullException.ThrowIfNull(book);
        if (one == other) return NameLikeness.Same;
        Rune[] a = [.. one.EnumerateRunes()], b = [.. other.EnumerateRunes()];
        if (a.Length == 0 || b.Length == 0) return NameLikeness.Different;
        if (a.Length != b.Length) return IsShorter(a, b) || IsShorter(b, a)
            ? NameLikeness.Shorter : NameLikeness.Different;
        var pairs = a.Zip(b, book.Compare).ToArray();
        if (pairs.All(p => p != CharacterLikeness.Different))
            return pairs.Min() switch
            {
                CharacterLikeness.Sound => NameLikeness.Sound,
                CharacterLikeness.Alike => NameLikeness.Alike,
                CharacterLikeness.Similar => NameLikeness.Similar,
                CharacterLikeness.Same or CharacterLikeness.Different => NameLikeness.Same,
            };
        if (a.Order().SequenceEqual(b.Order())) return NameLikeness.Swapped;
        return pairs[0] != CharacterLikeness.Different && a.Length >= 3
            && pairs.Count(p => p == CharacterLikeness.Different) == 1 ? NameLikeness.OneOther : NameLikeness.Different;
    }

    // 王小明 and 王明: the first character stays and the rest keeps its order.
    private static bool IsShorter(Rune[] lesser, Rune[] longer)
    {
        if (lesser.Length < 2 || longer.Length != lesser.Length + 1 || lesser[0] != longer[0]) return false;
        var at = 0;
        foreach (var rune in longer)
            if (at < lesser.Length && rune == lesser[at]) at++;
        return at == lesser.Length;
    }
}
