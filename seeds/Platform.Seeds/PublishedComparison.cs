using System.Globalization;
using System.Text.Json;

namespace Platform.Seeds;

/// <summary>A printed number beside what the service counts.</summary>
/// <param name="Counted">Null where the service gives no such number.</param>
public sealed record ComparedNumber(PublishedNumber Printed, decimal? Counted)
{
    /// <summary>True when the service says what the source prints.</summary>
    public bool IsEqual => Counted == Printed.Printed;
}

/// <summary>Asks the service for its figures and lays the printed tables beside them.</summary>
public static class PublishedComparison
{
    /// <exception cref="HttpRequestException">The service refused.</exception>
    public static async Task<IReadOnlyList<ComparedNumber>> RunAsync(Clerks clerks, Uri registry, string asRegion,
        IReadOnlyList<PublishedNumber> printed, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(clerks);
        ArgumentNullException.ThrowIfNull(printed);
        var tables = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var region in printed.Select(p => p.Region).Distinct())
            tables.Add(region, await clerks.GetAsync(registry, asRegion, "committee-clerk",
                $"figures?region={region}", cancel));
        return [.. printed.Select(p => new ComparedNumber(p, Of(tables[p.Region], p)))];
    }

    /// <summary>Lines for people: what is printed, what is counted, and every number of the remainder.</summary>
    public static IEnumerable<string> Lines(IReadOnlyList<ComparedNumber> compared)
    {
        ArgumentNullException.ThrowIfNull(compared);
        yield return $"{"table",-12}{"figure",-20}{"",-10}{"printed",10}{"counted",10}";
        foreach (var (printed, counted) in compared)
        {
            yield return string.Create(CultureInfo.InvariantCulture,
                $"{$"{printed.Table} {printed.Source}",-12}{printed.Figure,-20}{printed.What,-10}{printed.Printed,10}")
                + string.Create(CultureInfo.InvariantCulture, $"{counted,10}")
                + (counted == printed.Printed ? "" : "   differs");
        }
    }

    private static decimal? Of(JsonElement table, PublishedNumber printed)
    {
        if (printed.What == "open") return Number(table, "destinationsOpen");
        var (list, number) = printed.What switch
        {
            "remainder" => ("checks", "remainder"),
            "share" => ("figures", "share"),
            _ => ("figures", "count"),
        };
        var row = table.GetProperty(list).EnumerateArray().FirstOrDefault(r =>
            r.GetProperty("code").GetString() == printed.Figure
            && (!r.TryGetProperty("value", out var value) || value.ValueKind == JsonValueKind.Null));
        return row.ValueKind == JsonValueKind.Undefined ? null : Number(row, number);
    }

    private static decimal? Number(JsonElement row, string name) =>
        row.GetProperty(name) is { ValueKind: JsonValueKind.Number } n ? n.GetDecimal() : null;
}
