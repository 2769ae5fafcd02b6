namespace Registry.Mobility;

/// <summary>A branch that could take a member in.</summary>
/// <param name="Code">Organisation code; stable order among equals.</param>
/// <param name="CreditCode">Unified credit code of the unit the branch belongs to; "" when none.</param>
/// <param name="UnitName">Name of that unit; "" when none.</param>
/// <param name="Community">Division code (9 or 12 digits) or name of the community served; "" when none.</param>
/// <param name="Site">Market, building site, park or building served; "" when none.</param>
/// <param name="IsMobile">A branch made for mobile members (type flag <c>mobile</c>).</param>
public sealed record PlacementBranch(
    Guid Id, string Path, string Code, string Name, bool IsMobile, string CreditCode, string UnitName, string Community,
    string Site);

/// <summary>A suggestion with the rung of the ladder and the reason, in both languages.</summary>
/// <param name="Rung">1 workplace, 2 concentrated site, 3 community of residence, 4 mobile-member branch.</param>
public sealed record PlacementSuggestion(PlacementBranch Branch, int Rung, string Reason, string ReasonZh);

/// <summary>
/// The placement ladder (编入党组织): the employer's organisation first; else a special organisation at the site where
/// members concentrate; else the community where the member lives; else a mobile-member branch. It suggests, people
/// decide. Source: M-107, M-026, M-030, architecture 7.
/// </summary>
public static class PlacementLadder
{
    /// <summary>Suggestions, best first, at most ten; empty when the host has no branch at all that fits.</summary>
    public static IReadOnlyList<PlacementSuggestion> Suggest(
        CaseFacts facts, string community, IEnumerable<PlacementBranch> branches) =>
        [.. branches.Select(b => Rung(facts, community, b)).OfType<PlacementSuggestion>()
            .OrderBy(s => s.Rung).ThenBy(s => s.Branch.Code, StringComparer.Ordinal).Take(10)];

    private static PlacementSuggestion? Rung(CaseFacts facts, string community, PlacementBranch branch) => branch switch
    {
        { CreditCode.Length: > 0 } when branch.CreditCode == facts.CreditCode => new(branch, 1,
            "The employer has its own organisation (same credit code).", "工作单位已建立党组织（统一社会信用代码相同）。"),
        { UnitName.Length: > 0 } when branch.UnitName == facts.Employer => new(branch, 1,
            "The employer has its own organisation (same name).", "工作单位已建立党组织（单位名称相同）。"),
        { Site.Length: > 0 } when Mentions(facts.Employer, branch.Site) || Mentions(facts.Residence, branch.Site) =>
            new(branch, 2, "A special organisation serves this market, site, park or building.",
                "该集贸市场、工地、园区或楼宇已设立流动党员党组织。"),
        { Community.Length: > 0 } when branch.Community == community || Mentions(facts.Residence, branch.Community) =>
            new(branch, 3, "Nearest community organisation of the residence.", "居住地所在社区党组织。"),
        { IsMobile: true } => new(branch, 4, "Dedicated mobile-member branch.", "流动党员党支部（兜底接收）。"),
        _ => null,
    };

    private static bool Mentions(string text, string part) =>
        part.Length > 1 && text.Contains(part, StringComparison.Ordinal);
}
