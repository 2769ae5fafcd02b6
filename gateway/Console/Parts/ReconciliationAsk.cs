using System.Globalization;

namespace Gateway.Console.Parts;

/// <summary>
/// The question of the reconciliation list; the address of the page holds it, so that it can be sent.
/// </summary>
/// <param name="Agreement">Words joined by commas; null: all but settled ones.</param>
public sealed record ReconciliationAsk(string? Agreement, string? Side, string? Turn, string? Due, string? NextStep,
    string? Region, int? OlderThanDays)
{
    /// <summary>Parameters as the list takes them, without empty ones, in a fixed order.</summary>
    public IReadOnlyList<(string Name, string Value)> Parameters
    {
        get
        {
            IEnumerable<(string Name, string? Value)> all =
            [
                .. (Agreement ?? "").Split(',').Select(a => ("agreement", a)),
                ("side", Side), ("turn", Turn), ("due", Due),
                ("nextStep", NextStep), ("region", Region),
                ("olderThanDays", OlderThanDays?.ToString(CultureInfo.InvariantCulture)),
            ];
            return [.. all.Where(p => !string.IsNullOrEmpty(p.Value)).Select(p => (p.Name, p.Value!))];
        }
    }

    /// <summary>True when nothing but the agreement is asked: then the count of the cell is the list's.</summary>
    public bool IsPlain => this == For(Agreement);

    /// <summary>The question of a cell: one agreement, nothing else.</summary>
    public static ReconciliationAsk For(string? agreement) => new(agreement, null, null, null, null, null, null);

    /// <summary>The address of the page with this question.</summary>
    public string Address(string? view = null) => Join("/reconciliation",
        view is null ? Parameters : [.. Parameters, ("view", view)]);

    /// <summary>The address below <c>/api/v1</c>.</summary>
    public string Query(string? after, int size) => Join("reconciliation", [.. Parameters,
        .. after is null ? Array.Empty<(string, string)>() : [("after", after)],
        ("size", size.ToString(CultureInfo.InvariantCulture))]);

    private static string Join(string path, IReadOnlyList<(string Name, string Value)> parameters) =>
        parameters.Count == 0 ? path
        : $"{path}?{string.Join('&', parameters.Select(p => $"{p.Name}={Uri.EscapeDataString(p.Value)}"))}";
}
