using Platform.Kernel;
using Registry.Organisations;

namespace Registry.Members;

/// <summary>
/// Who holds a membership: moving it to another branch of the node, ending it here, resuming it. People decide, with a
/// day and a reason; nothing follows from a figure. What was held on past days stays held. Source.
/// </summary>
public static class MembershipDecider
{
    /// <summary>Moves the relationship to another branch within the node.</summary>
    /// <param name="heldSince">Since when the present branch holds it.</param>
    /// <param name="branchHoldsMembers">The target's type holds members.</param>
    /// <param name="on">First day on which the target holds it.</param>
    /// <remarks>Problems, in order: MEMBER_NOT_FOUND, MEMBER_ENDED, MEMBERSHIP_REASON_MISSING, MEMBER_BRANCH_WRONG,
    /// MEMBERSHIP_BRANCH_SAME, MEMBERSHIP_DATE_AHEAD, MEMBERSHIP_DATE_TOO_EARLY.</remarks>
    public static Decision<MemberEvent> Move(Member? member, DateOnly heldSince, Organisation? branch,
        bool branchHoldsMembers, DateOnly on, DateOnly today, string reason) => (member, branch) switch
        {
            (null, _) => MemberDecider.NotFound,
            ({ EndedOn: not null }, _) => MemberDecider.Ended,
            _ when string.IsNullOrWhiteSpace(reason) => ReasonMissing,
            (_, null or { DissolvedOn: not null }) => MemberDecider.BranchWrong,
            _ when !branchHoldsMembers => MemberDecider.BranchWrong,
            ({ } m, { } b) when m.BranchId == b.Id => BranchSame,
            _ when on > today => DateAhead,
            _ when on < heldSince => TooEarly(heldSince),
            (_, { } b) when on < b.FoundedOn => TooEarly(b.FoundedOn),
            ({ } m, { } b) => new MemberMoved(on, m.BranchId, m.BranchPath, b.Id, b.Path),
        };

    /// <summary>Ends the membership here. The archive stays and can still be read and put right.</summary>
    /// <param name="caseOpen">The member is out under a case that has not ended.</param>
    /// <param name="on">First day on which it is no longer held.</param>
    /// <param name="because">Code of the table membership-end.</param>
    /// <remarks>Problems, in order: MEMBER_NOT_FOUND, MEMBER_ENDED, MEMBERSHIP_REASON_MISSING, MEMBERSHIP_CASE_OPEN,
    /// MEMBERSHIP_DATE_AHEAD, MEMBERSHIP_DATE_TOO_EARLY.</remarks>
    public static Decision<MemberEvent> End(Member? member, DateOnly heldSince, bool caseOpen, string because,
        DateOnly on, DateOnly today, string reason) => member switch
        {
            null => MemberDecider.NotFound,
            { EndedOn: not null } => MemberDecider.Ended,
            _ when string.IsNullOrWhiteSpace(reason) => ReasonMissing,
            _ when caseOpen => CaseOpen,
            _ when on > today => DateAhead,
            _ when on < heldSince => TooEarly(heldSince),
            _ => new MembershipEnded(on, because),
        };

    /// <summary>
    /// Holds it again in the branch that held it last: the ending was a mistake, or the member was taken back.
    /// </summary>
    /// <param name="branch">The branch that held it last, as it is now.</param>
    /// <param name="on">First day on which it is held again.</param>
    /// <remarks>Problems, in order: MEMBER_NOT_FOUND, MEMBERSHIP_HELD, MEMBERSHIP_REASON_MISSING, MEMBER_BRANCH_WRONG,
    /// MEMBERSHIP_DATE_AHEAD, MEMBERSHIP_DATE_TOO_EARLY.</remarks>
    public static Decision<MemberEvent> Resume(Member? member, Organisation? branch, DateOnly on, DateOnly today,
        string reason) => member switch
        {
            null => MemberDecider.NotFound,
            { EndedOn: null } => Held,
            _ when string.IsNullOrWhiteSpace(reason) => ReasonMissing,
            _ when branch is null or { DissolvedOn: not null } => MemberDecider.BranchWrong,
            _ when on > today => DateAhead,
            { EndedOn: { } ended } when on < ended => TooEarly(ended),
            _ => new MembershipResumed(on),
        };

    private static Problem TooEarly(DateOnly first) => new(ProblemKind.Precondition, "MEMBERSHIP_DATE_TOO_EARLY",
        $"Not before {first:yyyy-MM-dd}.", $"不能早于 {first:yyyy-MM-dd}。");

    private static Problem DateAhead { get; } = new(ProblemKind.Invalid, "MEMBERSHIP_DATE_AHEAD",
        "The day lies ahead; what has happened is recorded.", "日期晚于今天，已发生的才登记。");

    private static Problem ReasonMissing { get; } = new(ProblemKind.Invalid, "MEMBERSHIP_REASON_MISSING",
        "Say why, in 1 to 200 characters.", "须说明理由，1 至 200 字。");

    private static Problem BranchSame { get; } = new(ProblemKind.Precondition, "MEMBERSHIP_BRANCH_SAME",
        "That branch holds the relationship already.", "组织关系已在该支部。");

    private static Problem CaseOpen { get; } = new(ProblemKind.Precondition, "MEMBERSHIP_CASE_OPEN",
        "The member is out under an open case; end the case first.", "该党员有未办结的流动事项，请先办结。");

    private static Problem Held { get; } = new(ProblemKind.Precondition, "MEMBERSHIP_HELD",
        "The membership is held here; there is nothing to resume.", "党籍关系在本地，无须恢复。");
}
