using System.Collections.Immutable;

namespace Registry.Roster;

/// <summary>
/// Judges what one row cannot know by itself. Feed all organisations, close them, then ask for members; those may be
/// asked for in any order, again, and from several threads.
/// </summary>
/// <param name="known">Organisations the registry has already, in reach of whoever imports: code → type code.</param>
public sealed class RosterRun(RosterRules rules, IReadOnlyDictionary<string, string> known)
{
    /// <summary>Longest chain of superiors within one file.</summary>
    public const int DepthMax = 20;

    private readonly List<RosterOutcome<OrganisationEntry>> organisations = [];
    private readonly Dictionary<string, int> rowOfCode = new(StringComparer.Ordinal);
    private readonly Dictionary<(string, string), int> rowOfName = [];
    private readonly Dictionary<string, OrganisationEntry> accepted = new(StringComparer.Ordinal);

    /// <summary>Takes a row of sheet 组织. Its outcome comes from <see cref="CloseOrganisations"/>.</summary>
    public void Add(RosterRow row)
    {
        var outcome = rules.Organisation(row);
        var code = row["code"].Text.Trim();
        if (code.Length > 0 && !rowOfCode.TryAdd(code, row.Number))
            outcome = Refuse(outcome, "code", RosterRuleBook.OrgDuplicate, $"{rowOfCode[code]}");
        else if (outcome.Entry is { } entry && !rowOfName.TryAdd((entry.Parent ?? "", entry.Name), row.Number))
            outcome = Refuse(outcome, "name", RosterRuleBook.OrgNameDuplicate,
                $"{rowOfName[(entry.Parent ?? "", entry.Name)]}");
        if (outcome.Entry is { } kept) accepted[kept.Code] = kept;
        organisations.Add(outcome);
    }

    /// <summary>
    /// Resolves superiors. Accepted rows come first, each after its superior, so they can be applied in this order;
    /// then the refused ones in the order of the file.
    /// </summary>
    public ImmutableArray<RosterOutcome<OrganisationEntry>> CloseOrganisations()
    {
        var depth = new Dictionary<string, int>(StringComparer.Ordinal);
        // A refusal may orphan others: go round until nothing changes, at most once per level.
        for (var changed = true; changed;)
        {
            var rules = organisations.Select(o => o.Entry is null ? null : RuleOfParent(o.Entry)).ToArray();
            changed = rules.Any(rule => rule is not null);
            for (var i = 0; i < rules.Length; i++)
            {
                if (rules[i] is not { } rule || organisations[i].Entry is not { Parent: { } parent } entry) continue;
                var detail = rowOfCode.TryGetValue(parent, out var at) ? $"{at}" : "";
                organisations[i] = Refuse(organisations[i], "parent", rule, detail);
                accepted.Remove(entry.Code);
            }
        }
        foreach (var outcome in organisations)
            if (outcome.Entry is { } entry) depth[entry.Code] = DepthOf(entry);
        return [.. organisations.OrderBy(o => o.Entry is null ? int.MaxValue : depth[o.Entry.Code])];
    }

    /// <summary>Judges a row of sheet 党员. Problems of the whole file follow those of the row.</summary>
    /// <param name="found">What comparing with other rows and the register found.</param>
    public RosterOutcome<MemberEntry> Member(RosterRow row, RosterFinding found)
    {
        var outcome = rules.Member(row);
        if (outcome.Entry is not { } entry) return outcome;
        if (found.HeldElsewhere) outcome = Refuse(outcome, "id-number", RosterRuleBook.MemberElsewhere, "");
        else if (found.TwinLine is { } twin)
            outcome = Refuse(outcome, "id-number", RosterRuleBook.MemberDuplicate, $"{twin}");
        else
        {
            if (found.AlikeLine is { } alike) outcome = Add(outcome, "name", RosterRuleBook.PersonAlike, $"{alike}");
            if (found.PhoneLine is { } phone) outcome = Add(outcome, "phone", RosterRuleBook.PhoneShared, $"{phone}");
        }
        if (found.CaseOpen) outcome = Add(outcome, "mobile", RosterRuleBook.MobileCaseOpen, "");
        return RuleOfBranch(entry.Branch) is { } rule
            ? Refuse(outcome, "branch", rule, rowOfCode.TryGetValue(entry.Branch, out var at) ? $"{at}" : "")
            : outcome;
    }

    private RosterRule? RuleOfParent(OrganisationEntry entry)
    {
        if (entry.Parent is not { } parent) return null;
        if (accepted.ContainsKey(parent)) return DepthOf(entry) > DepthMax ? RosterRuleBook.ParentLoop : null;
        if (known.ContainsKey(parent)) return null;
        return rowOfCode.ContainsKey(parent) ? RosterRuleBook.ParentRefused : RosterRuleBook.ParentUnknown;
    }

    /// <summary>Superiors above the entry within this file; past the limit when they run in a circle.</summary>
    private int DepthOf(OrganisationEntry entry)
    {
        var depth = 0;
        for (var at = entry; depth <= DepthMax && at.Parent is { } up && accepted.TryGetValue(up, out at); depth++) { }
        return depth;
    }

    private RosterRule? RuleOfBranch(string branch)
    {
        var type = accepted.TryGetValue(branch, out var inFile) ? inFile.Type : known.GetValueOrDefault(branch);
        if (type is null)
            return rowOfCode.ContainsKey(branch) ? RosterRuleBook.BranchRefused : RosterRuleBook.BranchUnknown;
        return rules.HoldsMembers(type) ? null : RosterRuleBook.BranchKind;
    }

    private static RosterOutcome<T> Add<T>(RosterOutcome<T> outcome, string column, RosterRule rule, string detail)
        where T : class =>
        outcome with
        {
            Problems = outcome.Problems.Add(
                RosterProblem.At(outcome.Row, outcome.Row.Sheet[column], rule, detail)),
        };

    private static RosterOutcome<T> Refuse<T>(RosterOutcome<T> outcome, string column, RosterRule rule, string detail)
        where T : class => Add(outcome, column, rule, detail) with { Entry = null };
}
