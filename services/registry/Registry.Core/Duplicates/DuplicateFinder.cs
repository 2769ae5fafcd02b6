using System.Globalization;
using Registry.Names;

namespace Registry.Duplicates;

/// <summary>Two archives that may be one person; the smaller id first.</summary>
public sealed record DuplicatePair(Guid First, Guid Second, DuplicateScore Score);

/// <summary>
/// Finds doubles in bulk: people who share one of several keys are compared, nobody else, so that the work grows with
/// the number of people and not with its square. Source: M-075.
/// </summary>
public static class DuplicateFinder
{
    /// <summary>Largest group that shares a key; a larger one says nothing and is passed over.</summary>
    public const int GroupMax = 300;

    /// <summary>All pairs at or above the threshold, the highest first.</summary>
    public static IReadOnlyList<DuplicatePair> Find(NameBook book, IReadOnlyList<PersonTraits> people)
    {
        ArgumentNullException.ThrowIfNull(book);
        ArgumentNullException.ThrowIfNull(people);
        var folded = new string[people.Count];
        var groups = new Dictionary<string, List<int>>(StringComparer.Ordinal);
        for (var i = 0; i < people.Count; i++)
        {
            var keys = book.KeysOf(people[i].Name);
            folded[i] = keys.Folded;
            foreach (var key in KeysOf(people[i], keys).Distinct())
                (groups.TryGetValue(key, out var group) ? group : groups[key] = []).Add(i);
        }
        var seen = new HashSet<(int, int)>();
        var found = new List<DuplicatePair>();
        foreach (var group in groups.Values.Where(g => g.Count is > 1 and <= GroupMax))
            for (var i = 0; i < group.Count; i++)
                for (var j = i + 1; j < group.Count; j++)
                {
                    if (!seen.Add((group[i], group[j]))) continue;
                    var (a, b) = (people[group[i]], people[group[j]]);
                    var score = DuplicateRules.Score(book, a, folded[group[i]], b, folded[group[j]]);
                    if (!score.IsCandidate) continue;
                    found.Add(a.Id.CompareTo(b.Id) < 0 ? new(a.Id, b.Id, score) : new(b.Id, a.Id, score));
                }
        return [.. found.OrderByDescending(p => p.Score.Points).ThenBy(p => p.First).ThenBy(p => p.Second)];
    }

    private static List<string> KeysOf(PersonTraits person, NameKeys name)
    {
        var keys = new List<string> { $"n{name.Folded}{person.NativePlace}" };
        if (person.Body is { Length: > 0 } body)
        {
            keys.AddRange([$"i{body}", $"s{body.AsSpan(6)}", $"a{body.AsSpan(0, 14)}",
                $"q{body.AsSpan(0, 6)}{body.AsSpan(14)}{name.Initials}"]);
        }
        if (person.Phone.Length > 0) keys.Add($"t{person.Phone}");
        if (person.BirthOn is { } on)
        {
            var day = on.ToString("yyyyMMdd", CultureInfo.InvariantCulture);
            keys.AddRange([$"d{day}{name.Initials}", $"o{day}{string.Concat(name.Initials.Order())}",
                $"y{on.Year}{name.Pinyin}", $"x{on.Day:D2}{on.Month:D2}{name.Pinyin}",
                $"x{on.Month:D2}{on.Day:D2}{name.Pinyin}"]);
        }
        if (person.JoinedOn is { } joined) keys.Add($"j{joined.DayNumber}{name.Pinyin}");
        return keys;
    }
}
