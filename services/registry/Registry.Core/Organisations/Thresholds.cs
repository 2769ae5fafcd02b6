namespace Registry.Organisations;

/// <summary>Numbers of the rules; each can be set, the defaults are the national ones. Source: R-090..R-095.</summary>
public sealed record OrganisationTerms
{
    /// <summary>Full members a branch needs (R-090, R-095).</summary>
    public int BranchFullMembersMin { get; init; } = 3;

    /// <summary>Members beyond which a branch should become a general branch (R-090, R-091).</summary>
    public int BranchMembersMax { get; init; } = 50;

    /// <summary>Members beyond which a general branch should become a committee (R-091).</summary>
    public int GeneralBranchMembersMax { get; init; } = 100;

    /// <summary>Full members from which a branch has a committee, not a secretary alone (R-092).</summary>
    public int CommitteeFromFullMembers { get; init; } = 7;

    /// <summary>Fewest members of a branch committee (R-092).</summary>
    public int CommitteeSizeMin { get; init; } = 3;

    /// <summary>Units a joint branch covers at most (R-090).</summary>
    public int JointUnitsMax { get; init; } = 5;

    /// <summary>Days before the end of a term from which it is listed.</summary>
    public int TermWarningDays { get; init; } = 90;

    /// <summary>Years between elections of village and community branches (R-094).</summary>
    public int VillageTermYears { get; init; } = 5;

    /// <summary>Years of other branches (R-094).</summary>
    public int BranchTermYears { get; init; } = 3;

    /// <summary>Years of grassroots committees (R-094).</summary>
    public int CommitteeTermYears { get; init; } = 5;

    /// <summary>Months a term may be put off or brought forward with approval (R-094).</summary>
    public int TermMoveMonthsMax { get; init; } = 12;

    /// <summary>Months a temporary branch may stand before a branch proper is called for (R-093).</summary>
    public int TemporaryBranchMonthsMax { get; init; } = 6;

    /// <summary>Full members of one committee in one county (M-032).</summary>
    public int OutpostFullMembersMin { get; init; } = 3;

    /// <summary>Months they stay (M-032).</summary>
    public int OutpostMonthsMin { get; init; } = 6;
}

/// <summary>What the rules must know of an organisation.</summary>
/// <param name="HoldsMembers">A branch of some kind.</param>
/// <param name="IsGeneralBranch">A general branch: the members below it count.</param>
/// <param name="Members">Members held, with those below a general branch.</param>
/// <param name="Officers">Committee members in office: secretary, deputy, members.</param>
/// <param name="Units">Units a joint organisation covers.</param>
/// <param name="TermEndsOn">End of the newest term; null when none is recorded.</param>
public sealed record OrganisationFacts(
    bool HoldsMembers, bool IsGeneralBranch, bool IsJoint, int Members, int FullMembers, bool HasSecretary,
        int Officers,
    int Units, DateOnly? TermEndsOn, bool LacksManagers, bool LacksVenue, bool LacksFunds)
{
    /// <summary>Of a mobile organisation: which of its five functions nobody is in charge of (M-049).</summary>
    public IReadOnlyList<FortFunction> FunctionsMissing { get; init; } = [];

    /// <summary>"county" (M-149) or "community" (M-150) when the place is to have one liaison officer; else "".
    /// </summary>
    public string LiaisonFor { get; init; } = "";

    /// <summary>Liaison officers in office.</summary>
    public int Liaisons { get; init; }

    /// <summary>A committee or general branch by its type: it has a committee whatever its size (R-094).</summary>
    public bool IsCommittee { get; init; }

    /// <summary>Since when a temporary branch stands; null for what is none (R-093).</summary>
    public DateOnly? TemporarySince { get; init; }

    /// <summary>An outpost that came from a roster: no approval is recorded (R-007).</summary>
    public bool ApprovalMissing { get; init; }
}

/// <summary>五位一体: the five functions of a mobile organisation. Source: M-049.</summary>
public enum FortFunction
{
    /// <summary>党员发展.</summary>
    Development,

    /// <summary>教育管理.</summary>
    Education,

    /// <summary>权益维护.</summary>
    Rights,

    /// <summary>招商引资.</summary>
    Investment,

    /// <summary>就业服务.</summary>
    Employment,
}

/// <summary>What needs attention; people decide, the system changes nothing. Source: R-095.</summary>
public enum AlarmKind
{
    /// <summary>正式党员不足.</summary>
    TooFewMembers,

    /// <summary>党员人数过多.</summary>
    TooManyMembers,

    /// <summary>未配书记.</summary>
    NoSecretary,

    /// <summary>应设委员会而未设.</summary>
    NoCommittee,

    /// <summary>联合党支部覆盖单位过多.</summary>
    TooManyUnits,

    /// <summary>任期将满.</summary>
    TermEnding,

    /// <summary>任期已满未换届.</summary>
    TermOver,

    /// <summary>缺管理人员、活动场所或活动经费.</summary>
    Lacks,

    /// <summary>流动党组织五项职能无人负责.</summary>
    FunctionsMissing,

    /// <summary>未设联络员或多于一名.</summary>
    Liaison,

    /// <summary>未登记任期.</summary>
    TermMissing,

    /// <summary>临时党支部超期.</summary>
    TemporaryOver,

    /// <summary>驻外党组织未登记批准.</summary>
    ApprovalMissing,
}

/// <summary>One line of the list, with its reason in both languages and the rule it comes from.</summary>
/// <param name="List">Which records are behind it: members, appointments, units, terms or organisation.</param>
public sealed record Alarm(AlarmKind Kind, string Reason, string ReasonZh, string Source, string List);

/// <summary>Thresholds, terms of office and committees as alarms, never as changes. Source: R-090..R-095,
/// M-228.</summary>
public static class Thresholds
{
    /// <summary>Everything that needs attention, the newest rules last; empty when nothing.</summary>
    public static IReadOnlyList<Alarm> Of(OrganisationFacts f, OrganisationTerms t, DateOnly today) =>
        [.. Sizes(f, t).Concat(Offices(f, t, today)).Concat(Lacking(f)).Concat(Functions(f)).Concat(Liaison(f))
            .Concat(Unrecorded(f, t, today))];

    private static List<Alarm> Sizes(OrganisationFacts f, OrganisationTerms t)
    {
        var found = new List<Alarm>();
        if (f.HoldsMembers && f.FullMembers < t.BranchFullMembersMin)
        {
            found.Add(new(AlarmKind.TooFewMembers,
                $"{f.FullMembers} full members; a branch needs {t.BranchFullMembersMin}: merge it or join others.",
                $"正式党员 {f.FullMembers} 名，不足 {t.BranchFullMembersMin} 名，应考虑合并或联合组建。", "R-090, R-095", "members"));
        }
        if (f.HoldsMembers && f.Members > t.BranchMembersMax)
        {
            found.Add(new(AlarmKind.TooManyMembers,
                $"{f.Members} members; more than {t.BranchMembersMax} call for a general branch.",
                $"党员 {f.Members} 名，超过 {t.BranchMembersMax} 名，应考虑设立党总支。", "R-090, R-091", "members"));
        }
        if (f.IsGeneralBranch && f.Members > t.GeneralBranchMembersMax)
        {
            found.Add(new(AlarmKind.TooManyMembers,
                $"{f.Members} members below it; more than {t.GeneralBranchMembersMax} call for a committee.",
                $"所属党员 {f.Members} 名，超过 {t.GeneralBranchMembersMax} 名，应考虑设立基层党委。", "R-091", "members"));
        }
        return found;
    }

    private static List<Alarm> Offices(OrganisationFacts f, OrganisationTerms t, DateOnly today)
    {
        var found = new List<Alarm>();
        if (f.HoldsMembers && !f.HasSecretary)
            found.Add(new(AlarmKind.NoSecretary, "No secretary in office.", "未登记在任书记。", "R-092", "appointments"));
        if (f.HoldsMembers && f.FullMembers >= t.CommitteeFromFullMembers && f.Officers < t.CommitteeSizeMin)
        {
            found.Add(new(AlarmKind.NoCommittee,
                $"{f.FullMembers} full members call for a committee of at least {t.CommitteeSizeMin}; "
                + $"{f.Officers} in office.",
                $"正式党员 {f.FullMembers} 名，应设不少于 {t.CommitteeSizeMin} 人的支部委员会，现任 {f.Officers} 人。", "R-092",
                "appointments"));
        }
        if (f.IsJoint && f.Units > t.JointUnitsMax)
        {
            found.Add(new(AlarmKind.TooManyUnits,
                $"It covers {f.Units} units; generally not more than {t.JointUnitsMax}.",
                $"覆盖 {f.Units} 个单位，一般不超过 {t.JointUnitsMax} 个。", "R-090", "units"));
        }
        if (f.TermEndsOn is not { } ends) return found;
        if (ends <= today)
        {
            found.Add(new(AlarmKind.TermOver, $"The term ended on {ends:yyyy-MM-dd}.",
                $"任期已于 {ends:yyyy-MM-dd} 届满。", "R-094", "terms"));
        }
        else if (ends.DayNumber - today.DayNumber <= t.TermWarningDays)
        {
            found.Add(new(AlarmKind.TermEnding, $"The term ends on {ends:yyyy-MM-dd}.",
                $"任期将于 {ends:yyyy-MM-dd} 届满。", "R-094", "terms"));
        }
        return found;
    }

    private static List<Alarm> Unrecorded(OrganisationFacts f, OrganisationTerms t, DateOnly today)
    {
        var found = new List<Alarm>();
        var hasCommittee = f.IsCommittee || (f.HoldsMembers && f.TemporarySince is null
            && (f.FullMembers >= t.CommitteeFromFullMembers || f.Officers >= t.CommitteeSizeMin));
        if (hasCommittee && f.TermEndsOn is null)
        {
            found.Add(new(AlarmKind.TermMissing, "It has a committee; no term is recorded.",
                "应有班子任期，尚未登记换届日期。", "R-094", "terms"));
        }
        if (f.TemporarySince is { } since && since.AddMonths(t.TemporaryBranchMonthsMax) <= today)
        {
            found.Add(new(AlarmKind.TemporaryOver,
                $"A temporary branch since {since:yyyy-MM-dd}, {t.TemporaryBranchMonthsMax} months or more: "
                + "found a branch if it qualifies, or end it.",
                $"临时党支部自 {since:yyyy-MM-dd} 起已满 {t.TemporaryBranchMonthsMax} 个月，符合条件的应成立党支部，任务结束的应撤销。",
                "R-093", "organisation"));
        }
        if (f.ApprovalMissing)
        {
            found.Add(new(AlarmKind.ApprovalMissing,
                "An outpost without a recorded approval: check it against the approval of the county or above.",
                "驻外党组织没有批准记录，请核对县级以上党委的批准文件。", "R-007", "organisation"));
        }
        return found;
    }

    private static Alarm[] Functions(OrganisationFacts f) => f.FunctionsMissing.Count == 0 ? [] :
    [
        new(AlarmKind.FunctionsMissing,
            $"Nobody is in charge of: {string.Join(", ", f.FunctionsMissing.Select(x => Words(x).En))}.",
            $"无人负责：{string.Join("、", f.FunctionsMissing.Select(x => Words(x).Zh))}。", "M-049", "appointments"),
    ];

    private static (string En, string Zh) Words(FortFunction function) => function switch
    {
        FortFunction.Development => ("member development", "党员发展"),
        FortFunction.Education => ("education and management", "教育管理"),
        FortFunction.Rights => ("rights protection", "权益维护"),
        FortFunction.Investment => ("investment promotion", "招商引资"),
        FortFunction.Employment => ("employment service", "就业服务"),
    };

    private static Alarm[] Liaison(OrganisationFacts f)
    {
        if (f.LiaisonFor.Length == 0 || f.Liaisons == 1) return [];
        var (place, placeZh, source) = f.LiaisonFor == "county" ? ("county", "县（市、区）", "M-149")
            : ("street or community", "街道、社区", "M-150");
        return
        [
            new(AlarmKind.Liaison, $"{f.Liaisons} liaison officers in office; a {place} has one.",
                $"在任联络员 {f.Liaisons} 名，每个{placeZh}应设 1 名。", source, "appointments"),
        ];
    }

    private static IEnumerable<Alarm> Lacking(OrganisationFacts f)
    {
        (bool Lacks, string Word, string Chinese)[] all =
        [
            (f.LacksManagers, "managers", "管理人员"), (f.LacksVenue, "venue", "活动场所"),
            (f.LacksFunds, "funds", "活动经费"),
        ];
        var lacking = all.Where(a => a.Lacks).ToArray();
        return lacking.Length == 0 ? Array.Empty<Alarm>() : new Alarm[]
        {
            new(AlarmKind.Lacks, $"Lacks {string.Join(", ", lacking.Select(a => a.Word))}.",
                $"缺{string.Join("、", lacking.Select(a => a.Chinese))}。", "M-228", "organisation"),
        };
    }
}
