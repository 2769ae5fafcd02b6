using System.Globalization;

namespace Registry.Organisations;

/// <summary>One row of <c>seeds/formation-rules.csv</c>: when a type of organisation is advised.</summary>
/// <param name="Id">Stable name of the rule.</param>
/// <param name="Type">Code of <c>organisation-type</c> the rule speaks about.</param>
/// <param name="Mode">Code of <c>formation-mode</c>; "" for any.</param>
/// <param name="Fact">What is compared; see <see cref="FormationFacts"/>. "" when the row only explains.</param>
/// <param name="Least">Smallest value with which the rule holds; null when there is none.</param>
/// <param name="Most">Largest value; null when there is none.</param>
/// <param name="Source">Row of the catalogue or of the regulations.</param>
public sealed record FormationRule(
    string Id, string Type, string Mode, string Fact, int? Least, int? Most, string Chinese, string English,
        string Source);

/// <summary>What is known about the place where an organisation might be formed; null: not known.</summary>
public sealed record FormationFacts
{
    public int? FullMembers { get; init; }
    public int? Members { get; init; }
    public int? Units { get; init; }
    public int? Months { get; init; }

    /// <summary>1 when all belong to one grassroots committee.</summary>
    public int? SameCommittee { get; init; }

    /// <summary>1 when the place of work is fixed.</summary>
    public int? FixedWorkplace { get; init; }

    /// <summary>1 when a committee at county level or above has approved.</summary>
    public int? CountyApproval { get; init; }

    /// <summary>1 when the unit is being restructured or the project or park is being set up.</summary>
    public int? BeingSetUp { get; init; }

    /// <summary>1 when there is a home enterprise or office to rely on.</summary>
    public int? Support { get; init; }

    /// <summary>Value of a fact by its name in the rules.</summary>
    public int? Of(string fact) => fact switch
    {
        "fullMembers" => FullMembers,
        "members" => Members,
        "units" => Units,
        "months" => Months,
        "sameCommittee" => SameCommittee,
        "fixedWorkplace" => FixedWorkplace,
        "countyApproval" => CountyApproval,
        "beingSetUp" => BeingSetUp,
        "support" => Support,
        _ => null,
    };
}

/// <summary>What a rule says about one case.</summary>
/// <param name="Holds">Null when a fact is missing or the rule only explains.</param>
public sealed record FormationAdvice(FormationRule Rule, bool? Holds, int? Value);

/// <summary>组建规则: advice with its reason and source. People decide. Source: M-012, M-015..M-069.</summary>
public static class FormationBook
{
    /// <summary>Names of facts a rule may compare.</summary>
    public static IReadOnlyList<string> Facts { get; } = ["fullMembers", "members", "units", "months", "sameCommittee",
        "fixedWorkplace", "countyApproval", "beingSetUp", "support"];

    /// <summary>Reads one row; columns as in the file.</summary>
    public static FormationRule Read(IReadOnlyList<string> row) => new(row[0], row[1], row[2], row[3], Number(row[4]),
        Number(row[5]), row[6], row[7], row[8]);

    /// <summary>What the rules of a type say, in the order of the file.</summary>
    public static IReadOnlyList<FormationAdvice> Advise(
        IEnumerable<FormationRule> rules, string type, string mode, FormationFacts facts) =>
        [.. rules.Where(r => r.Type == type && (r.Mode.Length == 0 || mode.Length == 0 || r.Mode == mode))
            .Select(r => new FormationAdvice(r, Holds(r, facts.Of(r.Fact)), facts.Of(r.Fact)))];

    /// <summary>Types whose every rule with a number holds: what could be formed here.</summary>
    public static IReadOnlyList<string> Possible(IEnumerable<FormationRule> rules, FormationFacts facts) =>
        [.. rules.Where(r => r.Fact.Length > 0).GroupBy(r => (r.Type, r.Mode))
            .Where(g => g.All(r => Holds(r, facts.Of(r.Fact)) == true)).Select(g => g.Key.Type).Distinct()];

    private static bool? Holds(FormationRule rule, int? value) => rule.Fact.Length == 0 || value is null ? null
        : value >= (rule.Least ?? int.MinValue) && value <= (rule.Most ?? int.MaxValue);

    private static int? Number(string text) => text.Length == 0 ? null : int.Parse(text, CultureInfo.InvariantCulture);
}
