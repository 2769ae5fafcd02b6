using System.Collections.Immutable;
using Microsoft.EntityFrameworkCore;
using Registry.Search;
using Registry.Service.Persistence;

namespace Registry.Service.Capabilities;

/// <summary>
/// Rows by the keys of their names. Each question is one range of one index, whole names before beginnings, and the
/// database stops as soon as enough rows are together.
/// </summary>
internal static class NameSearch
{
    /// <summary>Where names stand.</summary>
    /// <param name="Part">Ids by (column, key, whole) below the scope, at most so many.</param>
    /// <param name="Kind">As rows of <see cref="NameReading"/> call it.</param>
    public sealed record Shelf(Func<string, string, bool, string, int, IQueryable<Guid>> Part, string Kind)
    {
        /// <param name="rows">Entities with the keys of a name.</param>
        /// <param name="path">Property that holds the path.</param>
        public static Shelf Of<T>(IQueryable<T> rows, string kind, string path) where T : class =>
            new((column, key, whole, scope, take) =>
                NameSearch.Part(rows, column, path, key, whole, scope, take), kind);
    }

    /// <summary>Ids below the scope, the best first, twice as many as are shown at most.</summary>
    public static async Task<List<Guid>> IdsAsync(ImmutableArray<Guess> guesses, int shown,
        IReadOnlyList<Shelf> shelves, RegistryDb db, string scope, CancellationToken ct) =>
        Ids(guesses, shown, shelves, db, scope) is { } ids ? await ids.ToListAsync(ct) : [];

    /// <summary>The same as a question not yet asked; null when nothing typed is a name.</summary>
    public static IQueryable<Guid>? Ids(ImmutableArray<Guess> guesses, int shown, IReadOnlyList<Shelf> shelves,
        RegistryDb db, string scope)
    {
        var parts = new List<IQueryable<Guid>>();
        void Add(Guess guess, bool whole)
        {
            foreach (var shelf in shelves)
            {
                parts.Add(shelf.Part(Column(guess.Kind), guess.Value, whole, scope, shown + 1));
                if (guess.Kind == GuessKind.Pinyin)
                    parts.Add(Part(db.Set<NameReading>().Where(r => r.Kind == shelf.Kind), nameof(NameReading.Pinyin),
                        nameof(NameReading.Path), guess.Value, whole, scope, shown + 1));
            }
        }
        var names = guesses.Where(g => Column(g.Kind).Length > 0).OrderBy(g => g.Kind == GuessKind.SameSound).ToList();
        foreach (var guess in names.Where(g => g.Kind != GuessKind.SameSound)) Add(guess, whole: true);
        foreach (var guess in names.Where(g => g.Kind != GuessKind.SameSound)) Add(guess, whole: false);
        foreach (var guess in names.Where(g => g.Kind == GuessKind.SameSound)) Add(guess, whole: true);
        return parts.Count == 0 ? null : parts.Aggregate(Queryable.Concat).Take(2 * (shown + 1));
    }

    /// <summary>After everything that begins with a key.</summary>
    public static string End(string? key) => key + "\U0010FFFF";

    private static string Column(GuessKind kind) => kind switch
    {
        GuessKind.Name => "NameKey",
        GuessKind.Pinyin or GuessKind.SameSound => "NamePinyin",
        GuessKind.Initials => "NameInitials",
        _ => "",
    };

    // Ranges, not patterns: behind row-level security only operators that cannot leak use an index.
    private static IQueryable<Guid> Part<T>(IQueryable<T> rows, string column, string path, string key, bool whole,
        string scope, int take) where T : class
    {
        var (keyEnd, scopeEnd) = (End(key), scope + "~");
        rows = whole ? rows.Where(r => EF.Property<string>(r, column) == key)
            : rows.Where(r => string.Compare(EF.Property<string>(r, column), key) > 0
                && string.Compare(EF.Property<string>(r, column), keyEnd) < 0);
        return rows.Where(r => string.Compare(EF.Property<string>(r, path), scope) >= 0
                && string.Compare(EF.Property<string>(r, path), scopeEnd) < 0)
            .OrderBy(r => EF.Property<string>(r, column)).ThenBy(r => EF.Property<string>(r, path))
            .ThenBy(r => EF.Property<Guid>(r, "Id")).Take(take).Select(r => EF.Property<Guid>(r, "Id"));
    }
}
