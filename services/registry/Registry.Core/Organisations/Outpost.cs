using System.Diagnostics;
using Platform.Kernel;

namespace Registry.Organisations;

/// <summary>
/// 驻外党组织 in the making: proposed by the home committee, approved by a committee at county level or above, and only
/// then an organisation. Source: M-031..M-035, R-007.
/// </summary>
public sealed record Outpost
{
    public required Guid Id { get; init; }
    public required string Path { get; init; }

    /// <summary>Grassroots committee that builds it; the organisation will hang under it.</summary>
    public required Guid CommitteeId { get; init; }
    public required string Region { get; init; }
    public required string HostRegion { get; init; }
    public required string Code { get; init; }
    public required string Name { get; init; }

    /// <summary>Organisation type with the flag <c>outpost</c>.</summary>
    public required string Type { get; init; }

    /// <summary>Code of the table <c>formation-mode</c>: IND or ATT.</summary>
    public required string Mode { get; init; }

    /// <summary>Home-owned enterprise or office it relies on; required when attached (M-033).</summary>
    public string ReliesOn { get; init; } = "";

    /// <summary>Fixed place of work.</summary>
    public required string Workplace { get; init; }

    /// <summary>Why an outpost and not the host's branches: codes of the table <c>outpost-advantage</c>. Source: M-035.
    /// </summary>
    public required string[] Advantages { get; init; }

    /// <summary>How they show, in the committee's words; "" when it says no more.</summary>
    public string Grounds { get; init; } = "";

    /// <summary>Cases of the members it is proposed for: the records behind the rule.</summary>
    public required Guid[] CaseIds { get; init; }

    /// <summary>Whether M-032 held when it was proposed; advice, not a condition.</summary>
    public required bool MeetsRule { get; init; }
    public required OutpostStatus Status { get; init; }
    public required Guid ProposedBy { get; init; }
    public required DateOnly ProposedOn { get; init; }
    public Guid? DecidedBy { get; init; }
    public DateOnly? DecidedOn { get; init; }

    /// <summary>Number of the approval, or why not.</summary>
    public string Decision { get; init; } = "";
    public Guid? OrganisationId { get; init; }
}

/// <summary>States of a proposed outpost.</summary>
public enum OutpostStatus
{
    /// <summary>待审批.</summary>
    Proposed,

    /// <summary>已批准设立.</summary>
    Approved,

    /// <summary>未批准.</summary>
    Refused,
}

/// <summary>Events of a proposed outpost.</summary>
public abstract record OutpostEvent;

public sealed record OutpostProposed(Outpost Outpost) : OutpostEvent;
public sealed record OutpostApproved(Guid Officer, string Document, Guid OrganisationId, DateOnly On) : OutpostEvent;
public sealed record OutpostRefused(Guid Officer, string Why, DateOnly On) : OutpostEvent;

/// <summary>Proposing and approving an outpost.</summary>
public static class OutpostDecider
{
    /// <summary>The home committee proposes. Below the numbers of M-032 it may still: the approver decides.</summary>
    /// <remarks>Problems: ORGANISATION_NOT_FOUND, OUTPOST_NOT_BY_COMMITTEE, OUTPOST_SUPPORT_MISSING,
    /// OUTPOST_CODE_TAKEN.</remarks>
    public static Decision<OutpostEvent> Propose(Outpost? existing, Organisation? committee, bool isGrassroots,
        bool codeTaken, Outpost outpost) => committee switch
        {
            _ when existing is not null => Array.Empty<OutpostEvent>(),
            null or { DissolvedOn: not null } => OrganisationDecider.NotFound,
            _ when !isGrassroots => NotByCommittee,
            _ when outpost is { Mode: "ATT", ReliesOn.Length: 0 } => SupportMissing,
            _ when codeTaken => CodeTaken,
            _ => new OutpostProposed(outpost with { Status = OutpostStatus.Proposed }),
        };

    /// <summary>A committee at county level or above approves; not who proposed. Source: R-007.</summary>
    /// <param name="officerPath">Where the officer stands.</param>
    /// <remarks>Problems: OUTPOST_NOT_FOUND, OUTPOST_DECIDED, OUTPOST_APPROVER_TOO_LOW, OUTPOST_SAME_PERSON.</remarks>
    public static Decision<OutpostEvent> Approve(Outpost? outpost, string officerPath, OutpostApproved approved) =>
        Obstacle(outpost, officerPath, approved.Officer) is { } problem ? problem : approved;

    /// <summary>It says no, with the reason.</summary>
    /// <remarks>Problems: as for approving.</remarks>
    public static Decision<OutpostEvent> Refuse(Outpost? outpost, string officerPath, OutpostRefused refused) =>
        Obstacle(outpost, officerPath, refused.Officer) is { } problem ? problem : refused;

    private static Problem? Obstacle(Outpost? outpost, string officerPath, Guid officer) => outpost switch
    {
        null => NotFound,
        { Status: not OutpostStatus.Proposed } => Decided,
        { } o when !Regions.PathOf(o.Region).StartsWith(officerPath, StringComparison.Ordinal) => ApproverTooLow,
        { } o when o.ProposedBy == officer => SamePerson,
        _ => null,
    };

    /// <summary>Folds one event into the state. An illegal history is a bug and throws.</summary>
    public static Outpost Evolve(Outpost? state, OutpostEvent happened) => (state, happened) switch
    {
        (null, OutpostProposed e) => e.Outpost,
        ({ } o, OutpostApproved e) => o with
        {
            Status = OutpostStatus.Approved,
            DecidedBy = e.Officer,
            DecidedOn = e.On,
            Decision = e.Document,
            OrganisationId = e.OrganisationId,
        },
        ({ } o, OutpostRefused e) => o with
        {
            Status = OutpostStatus.Refused,
            DecidedBy = e.Officer,
            DecidedOn = e.On,
            Decision = e.Why,
        },
        _ => throw new UnreachableException($"{happened.GetType().Name} cannot follow"),
    };

    /// <summary>OUTPOST_NOT_FOUND.</summary>
    public static Problem NotFound { get; } = new(ProblemKind.NotFound, "OUTPOST_NOT_FOUND",
        "There is no such proposal in your part of the tree.", "您的管理范围内没有这项设立申请。");

    /// <summary>
    /// OUTPOST_NEEDS_APPROVAL: founding, splitting off or renaming the type is not the road. Source: R-007.
    /// </summary>
    public static Problem NeedsApproval { get; } = new(ProblemKind.Precondition, "OUTPOST_NEEDS_APPROVAL",
        "An outpost is proposed (POST /outposts) and approved at county level or above; it is not founded directly.",
        "驻外党组织不能直接建立，须由基层党委提出设立申请（/outposts），经县级以上党委批准。");

    private static Problem Decided { get; } = new(ProblemKind.Precondition, "OUTPOST_DECIDED",
        "The proposal was decided already.", "该申请已有审批结论。");

    private static Problem ApproverTooLow { get; } = new(ProblemKind.Forbidden, "OUTPOST_APPROVER_TOO_LOW",
        "A party committee at county level or above approves (R-007).", "须经县级以上党委批准。");

    private static Problem SamePerson { get; } = new(ProblemKind.Forbidden, "OUTPOST_SAME_PERSON",
        "Who proposed may not approve.", "提出申请的人不能自己审批。");

    private static Problem NotByCommittee { get; } = new(ProblemKind.Precondition, "OUTPOST_NOT_BY_COMMITTEE",
        "An outpost is built by a grassroots committee.", "驻外党组织由基层党委提出设立。");

    private static Problem SupportMissing { get; } = new(ProblemKind.Invalid, "OUTPOST_SUPPORT_MISSING",
        "An attached outpost names the home enterprise or office it relies on.",
        "依托组建须写明所依托的经济组织或驻外办事机构。");

    private static Problem CodeTaken { get; } = new(ProblemKind.Precondition, "OUTPOST_CODE_TAKEN",
        "An organisation of this region has the code already.", "本地区已有相同代码的组织。");
}

/// <summary>One member away, as the rule needs it.</summary>
/// <param name="Workplace">Employer at the destination; "" when none is known: then the place is not fixed.</param>
public sealed record Away(
    Guid CaseId, bool FullMember, string HostRegion, string Workplace, DateOnly DepartedOn, DateOnly? ReturnsOn);

/// <summary>
/// 单独组建驻外党组织的条件: with the county as the unit, members of one grassroots committee out together, at a fixed place of
/// work, for long enough. Source: M-032.
/// </summary>
public static class OutpostRule
{
    /// <summary>Those who count: full members with a workplace, out for the term or planned to be.</summary>
    public static IReadOnlyList<Away> Counting(IEnumerable<Away> away, OrganisationTerms terms, DateOnly today) =>
        [.. away.Where(a => a.FullMember && a.Workplace.Length > 0
            && LongEnough(a.DepartedOn, a.ReturnsOn, terms.OutpostMonthsMin, today))];

    /// <summary>True when the stay has lasted the months, or is planned to.</summary>
    public static bool LongEnough(DateOnly departedOn, DateOnly? returnsOn, int months, DateOnly today) =>
        departedOn.AddMonths(months) is var long_ && (long_ <= today || (returnsOn is { } back && back >= long_));

    /// <summary>Whether those of one committee in one county are enough.</summary>
    public static bool Holds(IReadOnlyCollection<Away> counting, OrganisationTerms terms) =>
        counting.Count >= terms.OutpostFullMembersMin;
}
