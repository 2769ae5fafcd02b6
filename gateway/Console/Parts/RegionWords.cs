namespace Gateway.Console.Parts;

/// <summary>A county as people type it: by its code or by its name.</summary>
internal static class RegionWords
{
    /// <summary>Codes the text may mean, at most six; one: it is clear.</summary>
    public static IReadOnlyList<string> Find(IReadOnlyDictionary<string, string> places, string text) =>
        text.Length == 0 ? [] : places.ContainsKey(text) ? [text]
        : [.. places.Where(p => p.Value.Contains(text, StringComparison.Ordinal)
            && !p.Key.EndsWith("00", StringComparison.Ordinal)).Select(p => p.Key).Take(6)];
}
