using System.Collections.Immutable;
using Registry.Members;

namespace Registry.Quality;

/// <summary>
/// One rule of <c>seeds/quality-rules.csv</c>: what makes an item missing or wrong. Source: M-073, M-074.
/// </summary>
/// <param name="Id">Stable name.</param>
/// <param name="Item">Field of the archive.</param>
/// <param name="Check">Word of the closed list in <see cref="QualityRules"/>.</param>
/// <param name="Argument">What the check needs: a code table, a list of words.</param>
/// <param name="Kind">"missing" lowers completeness, "wrong" lowers validity.</param>
/// <param name="Weight">How much it counts among the rules of its kind.</param>
public sealed record QualityRule(
    string Id, string Item, string Check, string Argument, string Kind, int Weight, string Zh, string En,
    string Source);

/// <summary>What the rules say of one archive.</summary>
/// <param name="Completeness">0 to 100: share of the weight of items that are there. "不准漏项".</param>
/// <param name="Validity">0 to 100: share of the weight of checks that hold. "不准出错".</param>
/// <param name="Missing">Rules whose item is missing.</param>
/// <param name="Wrong">Rules whose item is wrong.</param>
public sealed record QualityScore(
    int Completeness, int Validity, ImmutableArray<string> Missing, ImmutableArray<string> Wrong);

/// <summary>
/// Scores archives by rules that are data: no item missing, no item wrong (三不准). Source: M-073, M-074, M-075, P7.
/// </summary>
public sealed class QualityRules
{
    private readonly CodeBook _codes;
    private readonly DivisionBook _divisions;
    private readonly (int Missing, int Wrong) _weights;

    /// <exception cref="ArgumentException">A rule names a field or a check that there is none of.</exception>
    public QualityRules(IEnumerable<QualityRule> rules, CodeBook codes, DivisionBook divisions)
    {
        All = [.. rules];
        (_codes, _divisions) = (codes, divisions);
        foreach (var rule in All)
        {
            if (MemberFields.Find(rule.Item) is null || !Checks.Contains(rule.Check, StringComparer.Ordinal)
                || rule.Kind is not ("missing" or "wrong") || rule.Weight <= 0)
                throw new ArgumentException($"The rule {rule.Id} is not understood.", nameof(rules));
        }
        _weights = (Weight("missing", _ => true), Weight("wrong", _ => true));
    }

    /// <summary>The rules in the order of the file.</summary>
    public ImmutableArray<QualityRule> All { get; }

    /// <summary>Changes when the rules change: scores computed by others are out of date.</summary>
    public int Version => All.Aggregate(17, (hash, r) => unchecked(
        (r.Id + r.Item + r.Check + r.Argument + r.Kind + r.Weight).Aggregate(hash, (h, c) => (h * 31) + c)));

    private static ImmutableArray<string> Checks { get; } =
        ["filled", "code", "one-of", "name-readable", "id-valid", "birth-of-id", "sex-of-id", "adult", "not-future",
            "phone", "credit-code"];

    /// <summary>Scores one archive.</summary>
    /// <param name="today">Civil date in Asia/Shanghai.</param>
    public QualityScore Of(Member member, DateOnly today)
    {
        ArgumentNullException.ThrowIfNull(member);
        var broken = All.Where(r => !Holds(r, member, today)).ToList();
        ImmutableArray<string> missing = [.. broken.Where(r => r.Kind == "missing").Select(r => r.Id)];
        ImmutableArray<string> wrong = [.. broken.Where(r => r.Kind == "wrong").Select(r => r.Id)];
        return new(Share(_weights.Missing, broken.Where(r => r.Kind == "missing").Sum(r => r.Weight)),
            Share(_weights.Wrong, broken.Where(r => r.Kind == "wrong").Sum(r => r.Weight)), missing, wrong);
    }

    // Only a perfect archive has 100.
    private static int Share(int all, int broken) => all == 0 ? 100 : (all - broken) * 100 / all;

    private int Weight(string kind, Func<QualityRule, bool> which) =>
        All.Where(r => r.Kind == kind).Where(which).Sum(r => r.Weight);

    private bool Holds(QualityRule rule, Member m, DateOnly today)
    {
        var value = MemberFields.Find(rule.Item)!.Get(m);
        return rule.Check switch
        {
            "filled" => value.Length > 0,
            // What is missing is not wrong as well.
            _ when value.Length == 0 && rule.Item is not ("name" or "idNumber" or "standing") => true,
            "code" => _codes[rule.Argument].Entries.Any(e => e.Code == value),
            "one-of" => rule.Argument.Split(' ').Contains(value),
            "name-readable" => PersonName.Read(value).Name is not null,
            "id-valid" => ResidentId.Read(value, _divisions, today).Id is not null,
            "birth-of-id" => ResidentId.Read(m.IdNumber, _divisions, today).Id is not { } id || id.BornOn == m.BirthOn,
            "sex-of-id" => ResidentId.Read(m.IdNumber, _divisions, today).Id is not { } id
                || m.Sex is not ("1" or "2") || ((int)id.Sex).ToString(
                    System.Globalization.CultureInfo.InvariantCulture) == m.Sex,
            "adult" => m.JoinedOn is not { } on || on >= m.BirthOn.AddYears(18),
            "not-future" => m.JoinedOn is not { } on || on <= today,
            "phone" => PhoneNumber.Read(value) is not null,
            _ => CreditCode.Read(value).Code is not null,
        };
    }
}
