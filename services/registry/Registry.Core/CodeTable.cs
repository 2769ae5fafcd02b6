using System.Collections.Frozen;
using System.Collections.Immutable;

namespace Registry;

/// <summary>One row of a code table (代码表).</summary>
/// <param name="Code">What is stored and sent.</param>
/// <param name="Chinese">What people read and may type.</param>
/// <param name="English">Short name for engineers.</param>
public sealed record CodeEntry(string Code, string Chinese, string English)
{
    /// <summary>Other words people type for it.</summary>
    public ImmutableArray<string> Aliases { get; init; } = [];

    /// <summary>Properties that rules ask for, such as <c>holds-members</c> of an organisation type.</summary>
    public ImmutableArray<string> Flags { get; init; } = [];

    public bool Is(string flag) => Flags.Contains(flag, StringComparer.Ordinal);
}

/// <summary>A closed list of codes; found by code, by Chinese word or by alias.</summary>
public sealed class CodeTable
{
    private readonly FrozenDictionary<string, CodeEntry> byWord;

    public CodeTable(string name, IEnumerable<CodeEntry> entries)
    {
        Name = name;
        Entries = [.. entries];
        var words = new Dictionary<string, CodeEntry>(StringComparer.Ordinal);
        foreach (var entry in Entries)
            foreach (var word in entry.Aliases.Prepend(entry.Chinese).Prepend(entry.Code))
                words.TryAdd(word, entry);
        byWord = words.ToFrozenDictionary(StringComparer.Ordinal);
    }

    public string Name { get; }

    /// <summary>In the order of the list.</summary>
    public ImmutableArray<CodeEntry> Entries { get; }

    /// <summary>The entry a person means, or null.</summary>
    public CodeEntry? Find(string? word) => word is null ? null : byWord.GetValueOrDefault(word.Trim());
}

/// <summary>All code tables by name, as in <c>seeds/code-tables</c>.</summary>
public sealed class CodeBook(IEnumerable<CodeTable> tables)
{
    private readonly FrozenDictionary<string, CodeTable> tables =
        tables.ToFrozenDictionary(t => t.Name, StringComparer.Ordinal);

    public IEnumerable<CodeTable> Tables => tables.Values;

    /// <summary>The table; asking for one that was never seeded is a bug and throws.</summary>
    public CodeTable this[string name] => tables[name];
}
