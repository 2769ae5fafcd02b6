using System.Collections.Immutable;
using Registry.Names;

namespace Registry.Search;

/// <summary>Why a name was found.</summary>
/// <param name="Why">The guess it answers best.</param>
/// <param name="IsWhole">The name, or its sound, is no longer than what was typed.</param>
/// <param name="Rank">
/// Lower is better: whole names in the order of the guesses, beginnings, then names that only sound alike.
/// </param>
public sealed record NameMatch(GuessKind Why, bool IsWhole, int Rank)
{
    /// <summary>How a name answers what was typed; null when it does not.</summary>
    /// <param name="guesses">As <see cref="TypedWords.Read"/> gave them; kinds that are no names count not.</param>
    /// <param name="keys">Keys of the name.</param>
    public static NameMatch? Of(ImmutableArray<Guess> guesses, NameKeys keys)
    {
        ArgumentNullException.ThrowIfNull(keys);
        NameMatch? best = null;
        for (var i = 0; i < guesses.Length; i++)
        {
            if (Of(guesses[i], keys, i, guesses.Length) is { } match && (best is null || match.Rank < best.Rank))
                best = match;
        }
        return best;
    }

    private static NameMatch? Of(Guess guess, NameKeys keys, int place, int count)
    {
        string[] held = guess.Kind switch
        {
            GuessKind.Name => [keys.Folded],
            GuessKind.Pinyin => [keys.Pinyin, .. keys.OtherPinyin],
            GuessKind.Initials => [keys.Initials],
            GuessKind.SameSound => [keys.Pinyin],
            _ => [],
        };
        if (held.Contains(guess.Value))
            return new(guess.Kind, true, guess.Kind == GuessKind.SameSound ? 2 * count : place);
        return guess.Kind != GuessKind.SameSound
            && held.Any(h => h.StartsWith(guess.Value, StringComparison.Ordinal))
                ? new(guess.Kind, false, count + place) : null;
    }
}
