using System.Globalization;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Caching.Memory;

namespace Gateway.Console.Node;

/// <summary>One word of a closed list.</summary>
public sealed record Code([property: JsonPropertyName("code")] string Value,
    string Chinese, string English, IReadOnlyList<string> Flags)
{
    /// <summary>The word in the language of the page.</summary>
    public string Word => CultureInfo.CurrentUICulture.TwoLetterISOLanguageName == "zh" ? Chinese : English;
}

/// <summary>One administrative division in force.</summary>
public sealed record Division([property: JsonPropertyName("code")] string Value, string Name);

/// <summary>Code tables and divisions, asked once and kept for a while: the same for everybody.</summary>
public sealed class Reference(NodeApi api, IMemoryCache kept)
{
    private static readonly TimeSpan Keep = TimeSpan.FromMinutes(30);

    /// <summary>A code table in its order, for example <c>mobility-reason</c>.</summary>
    public Task<IReadOnlyList<Code>> TableAsync(string name) => KeptAsync<IReadOnlyList<Code>>($"code-tables/{name}");

    /// <summary>Choices of a form.</summary>
    public async Task<IReadOnlyList<(string Value, string Text)>> ChoicesAsync(string name) =>
        [.. (await TableAsync(name)).Select(c => (c.Value, c.Word))];

    /// <summary>The word of a code, or the code where no list has it.</summary>
    public async Task<string> WordAsync(string table, string code) =>
        (await TableAsync(table)).FirstOrDefault(c => c.Value == code)?.Word ?? code;

    /// <summary>All divisions in force, by code.</summary>
    public async Task<IReadOnlyDictionary<string, string>> PlacesAsync() => await kept.GetOrCreateAsync("places",
        async entry =>
        {
            entry.AbsoluteExpirationRelativeToNow = Keep;
            return (await api.GetAsync<List<Division>>("divisions")).ToDictionary(d => d.Value, d => d.Name);
        }) ?? [];

    private async Task<T> KeptAsync<T>(string path) => (await kept.GetOrCreateAsync(path, async entry =>
    {
        entry.AbsoluteExpirationRelativeToNow = Keep;
        return await api.GetAsync<T>(path);
    }))!;
}
