using System.Collections.Immutable;

namespace Registry.Figures;

/// <summary>
/// What a figure means (指标口径), the same for every unit and every month. Data of <c>seeds/figures.csv</c>.
/// Source: M-073.
/// </summary>
/// <param name="Code">Name of the figure in answers and closings.</param>
/// <param name="Rule">Ids of the rules and mechanisms it comes from.</param>
/// <param name="Measures">Which rows it counts, see <see cref="Measures"/>.</param>
/// <param name="Dimension">What it is broken down by, or limited by with <paramref name="Only"/>; "" for all.</param>
/// <param name="Only">Values of the dimension that count, "" for not determined: then it is a single number.</param>
/// <param name="Formula">One sentence, English.</param>
/// <param name="FormulaZh">The same in Chinese.</param>
public sealed record FigureDefinition(string Code, string Chinese, string English, string Rule,
    ImmutableArray<string> Measures, string Dimension, ImmutableArray<string> Only, string Formula,
    string FormulaZh)
{
    /// <summary>True when it is shown value by value.</summary>
    public bool IsBrokenDown => Dimension.Length > 0 && Only.Length == 0;
}

/// <summary>
/// Parts that must add up to a total; a part with a minus is taken away. Source: M-277, M-279, R-122.
/// </summary>
public sealed record TableRule(string Code, string Total, ImmutableArray<string> Parts, string Rule, string Chinese,
    string English)
{
    /// <summary>
    /// What is left of the total after its parts: 0 when the table closes, else by how much it does not. Never spread
    /// over the parts. Null when the table lacks one of the numbers.
    /// </summary>
    public long? Remainder(IReadOnlyDictionary<string, long> table)
    {
        ArgumentNullException.ThrowIfNull(table);
        if (!table.TryGetValue(Total, out var left)) return null;
        foreach (var part in Parts)
        {
            var isMinus = part[0] == '-';
            if (!table.TryGetValue(isMinus ? part[1..] : part, out var value)) return null;
            left -= isMinus ? -value : value;
        }
        return left;
    }
}

/// <summary>All definitions and rules of one release.</summary>
public sealed class FigureBook(IEnumerable<FigureDefinition> definitions, IEnumerable<TableRule> rules)
{
    private readonly Dictionary<string, FigureDefinition> _byCode =
        definitions.ToDictionary(d => d.Code, StringComparer.Ordinal);

    /// <summary>In the order of the table.</summary>
    public ImmutableArray<FigureDefinition> Definitions => [.. _byCode.Values];

    public ImmutableArray<TableRule> Rules { get; } = [.. rules];

    /// <summary>The definition, or null.</summary>
    public FigureDefinition? Find(string? code) => code is null ? null : _byCode.GetValueOrDefault(code);

    /// <summary>Every rule the table has numbers for, with what is left; 0 where it closes.</summary>
    public IEnumerable<(TableRule Rule, long Remainder)> Check(IReadOnlyDictionary<string, long> table) =>
        from rule in Rules
        let left = rule.Remainder(table)
        where left is not null
        select (rule, left.Value);

    /// <summary>
    /// Parts per hundred with one decimal, rounded half up, each for itself: 72.5 + 27.0 leaves 0.5 open and is shown
    /// so. Null without a whole. Source: M-276.
    /// </summary>
    public static decimal? Share(long part, long whole) => whole == 0 ? null
        : Math.Round(100m * part / whole, 1, MidpointRounding.AwayFromZero);
}

/// <summary>Which measure a row belongs to; formal headcount and tallies never mix. Source: R-120.</summary>
public static class Measures
{
    /// <summary>Members held here.</summary>
    public const string Headcount = "headcount";

    /// <summary>How far a unit's area reaches, for telling out from within.</summary>
    /// <param name="path">Organisation path; its first three parts are province, city and county.</param>
    /// <returns>1 below the county, 2 county, 3 city, 4 province.</returns>
    public static int TierOf(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return path.Count(c => c == '/') switch { 0 => 5, 1 => 4, 2 => 3, 3 => 2, _ => 1 };
    }
}
