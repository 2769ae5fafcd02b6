using System.Diagnostics;
using Platform.Kernel;

namespace Registry.Members;

/// <summary>
/// 党员档案: a member whose organisation relationship is held here. Counted exactly once, by the branch that holds the
/// relationship, wherever the member lives. Rules: <see cref="MemberDecider"/>. Source: P1, M-070..M-072, M-101, R-120.
/// </summary>
public sealed record Member
{
    public required Guid Id { get; init; }
    public required Guid BranchId { get; init; }
    public required string BranchPath { get; init; }

    /// <summary>姓名, as on the identity card; may hold supplementary-plane characters and "·".</summary>
    public required string Name { get; init; }

    /// <summary>公民身份号码, 18 characters; encrypted in the column.</summary>
    public required string IdNumber { get; init; }

    /// <summary>性别, GB/T 2261.1.</summary>
    public required string Sex { get; init; }

    /// <summary>民族, GB/T 3304; "" when unknown.</summary>
    public string EthnicGroup { get; init; } = "";
    public required DateOnly BirthOn { get; init; }

    /// <summary>籍贯 to county level.</summary>
    public string NativePlace { get; init; } = "";

    /// <summary>学历, GB/T 4658.</summary>
    public string Education { get; init; } = "";

    /// <summary>入党日期.</summary>
    public DateOnly? JoinedOn { get; init; }

    /// <summary>党籍: "full" or "probationary".</summary>
    public required string Standing { get; init; }

    /// <summary>Encrypted in the column; "" when unknown.</summary>
    public string Phone { get; init; } = "";
    public string Occupation { get; init; } = "";
    public string Employer { get; init; } = "";
    public string CreditCode { get; init; } = "";

    /// <summary>现居住地; encrypted in the column.</summary>
    public string Residence { get; init; } = "";

    /// <summary>发挥作用情况 (M-070).</summary>
    public string RolePlayed { get; init; } = "";

    /// <summary>Where the record came from: "import:&lt;load id&gt;", "clerk", "exchange".</summary>
    public string Source { get; init; } = "clerk";

    /// <summary>First day on which the membership is no longer held here; null while it is. Source: R-073.</summary>
    public DateOnly? EndedOn { get; init; }

    /// <summary>Code of the table membership-end; "" while it is held.</summary>
    public string EndedBecause { get; init; } = "";
}

/// <summary>Events of a member record.</summary>
public abstract record MemberEvent;

public sealed record MemberRegistered(Member Member) : MemberEvent;

/// <summary>Fields that changed, from what to what; read by the trail.</summary>
public sealed record MemberAmended(IReadOnlyList<FieldChange> Changes, Member After) : MemberEvent;

/// <summary>The record was taken back whole: it should never have been made. Holds what it said last.</summary>
public sealed record MemberWithdrawn(Member Member) : MemberEvent;

/// <summary>Fields that had been wrong all along and were put right, with the reason beside it in the trail.</summary>
public sealed record MemberCorrected(IReadOnlyList<FieldChange> Changes, Member After) : MemberEvent;

/// <summary>Another archive of the same person went into this one.</summary>
public sealed record MemberMerged(Guid MergeId, Guid GoneId, IReadOnlyList<FieldChange> Changes, Member After)
    : MemberEvent;

/// <summary>This archive went into another one of the same person.</summary>
public sealed record MemberMergedAway(Guid MergeId, Guid KeptId) : MemberEvent;

/// <summary>A merge was undone: the archive is what it was, but for what changed since.</summary>
public sealed record MemberUnmerged(Guid MergeId, IReadOnlyList<FieldChange> Changes, Member After) : MemberEvent;

/// <summary>What a load had put over these fields was taken back: they say again what they said before it.</summary>
public sealed record MemberRestored(Guid LoadId, IReadOnlyList<FieldChange> Changes, Member After) : MemberEvent;

/// <summary>From that day on another branch of this node holds the relationship. Source: R-120.</summary>
public sealed record MemberMoved(DateOnly On, Guid FromBranch, string FromPath, Guid ToBranch, string ToPath)
    : MemberEvent;

/// <summary>From that day on the membership is no longer held here; the archive stays. Source: .</summary>
public sealed record MembershipEnded(DateOnly On, string Because) : MemberEvent;

/// <summary>From that day on the membership is held here again. Source: R-070.</summary>
public sealed record MembershipResumed(DateOnly On) : MemberEvent;

/// <summary>One field's change.</summary>
public sealed record FieldChange(string Field, string From, string To);

/// <summary>Registering and amending the archive.</summary>
public static class MemberDecider
{
    /// <summary>Registers a member with the branch that holds the relationship. Source: P1, M-101.</summary>
    /// <remarks>Problems: MEMBER_EXISTS, MEMBER_BRANCH_WRONG.</remarks>
    public static Decision<MemberEvent> Register(bool idNumberKnown, bool branchHoldsMembers, Member member) =>
        member switch
    {
        _ when idNumberKnown => Exists,
        _ when !branchHoldsMembers => BranchWrong,
        _ => new MemberRegistered(member),
    };

    /// <summary>Changes fields of the archive; the relationship itself moves and ends by acts of its own.</summary>
    /// <remarks>Problems: MEMBER_NOT_FOUND, MEMBER_ENDED.</remarks>
    public static Decision<MemberEvent> Amend(Member? existing, Func<Member, Member> amend)
    {
        if (existing is null) return NotFound;
        if (existing.EndedOn is not null) return Ended;
        var after = Held(amend(existing), existing);
        var changes = MemberFields.Changes(existing, after);
        return changes.Count == 0 ? Array.Empty<MemberEvent>() : new MemberAmended(changes, after);
    }

    /// <summary>Puts fields right that were wrong, the identity number among them; needs a reason.</summary>
    /// <param name="numberTaken">Another archive of the node has the new identity number. Source: P1.</param>
    /// <remarks>Problems: MEMBER_NOT_FOUND, MEMBER_REASON_MISSING, MEMBER_EXISTS. Source: M-074, M-098.</remarks>
    public static Decision<MemberEvent> Correct(Member? existing, bool numberTaken, string reason,
        Func<Member, Member> correct)
    {
        if (existing is null) return NotFound;
        if (string.IsNullOrWhiteSpace(reason)) return ReasonMissing;
        var after = Held(correct(existing), existing);
        if (numberTaken && after.IdNumber != existing.IdNumber) return Exists;
        var changes = MemberFields.Changes(existing, after);
        return changes.Count == 0 ? Array.Empty<MemberEvent>() : new MemberCorrected(changes, after);
    }

    /// <summary>Takes back what a load had amended, field by field; what somebody changed since stays.</summary>
    /// <param name="amended">What the load had changed, from what to what.</param>
    /// <param name="changedSince">Fields that somebody changed after the load.</param>
    /// <remarks>Problems: MEMBER_NOT_FOUND. Source: M-077, P5.</remarks>
    public static Decision<MemberEvent> Restore(Member? existing, Guid load, IReadOnlyList<FieldChange> amended,
        IReadOnlyCollection<string> changedSince)
    {
        if (existing is null) return NotFound;
        var after = amended.Where(c => !changedSince.Contains(c.Field))
            .Aggregate(existing, (m, c) => MemberFields.Find(c.Field)!.Set(m, c.From));
        var changes = MemberFields.Changes(existing, after);
        return changes.Count == 0 ? Array.Empty<MemberEvent>() : new MemberRestored(load, changes, after);
    }

    // Whose archive it is and who holds it since when are no fields.
    private static Member Held(Member after, Member existing) => after with
    {
        Id = existing.Id,
        BranchId = existing.BranchId,
        BranchPath = existing.BranchPath,
        EndedOn = existing.EndedOn,
        EndedBecause = existing.EndedBecause,
    };

    /// <summary>Folds one event into the state. An illegal history is a bug and throws.</summary>
    public static Member Evolve(Member? state, MemberEvent happened) => (state, happened) switch
    {
        (null, MemberRegistered e) => e.Member,
        ({ }, MemberAmended e) => e.After,
        ({ }, MemberCorrected e) => e.After,
        ({ }, MemberMerged e) => e.After,
        ({ } m, MemberMergedAway) => m,
        (_, MemberUnmerged e) => e.After,
        ({ }, MemberRestored e) => e.After,
        ({ EndedOn: null } m, MemberMoved e) => m with { BranchId = e.ToBranch, BranchPath = e.ToPath },
        ({ EndedOn: null } m, MembershipEnded e) => m with { EndedOn = e.On, EndedBecause = e.Because },
        ({ EndedOn: not null } m, MembershipResumed) => m with { EndedOn = null, EndedBecause = "" },
        _ => throw new UnreachableException($"{happened.GetType().Name} cannot follow"),
    };

    /// <summary>MEMBER_NOT_FOUND.</summary>
    public static Problem NotFound { get; } = new(ProblemKind.NotFound, "MEMBER_NOT_FOUND",
        "There is no such member in your part of the tree.", "您的管理范围内没有这名党员。");

    /// <summary>MEMBER_ENDED.</summary>
    public static Problem Ended { get; } = new(ProblemKind.Precondition, "MEMBER_ENDED",
        "The membership is no longer held here; let it be resumed first.", "该党员的党籍关系已不在本地，须先恢复。");

    private static Problem Exists { get; } = new(ProblemKind.Precondition, "MEMBER_EXISTS",
        "A member with this id number is registered here already.", "该身份证号的党员已登记。");

    private static Problem ReasonMissing { get; } = new(ProblemKind.Invalid, "MEMBER_REASON_MISSING",
        "A correction needs a reason of 1 to 200 characters.", "更正须说明理由，1 至 200 字。");

    internal static Problem BranchWrong { get; } = new(ProblemKind.Precondition, "MEMBER_BRANCH_WRONG",
        "Members are held by a branch that exists; this organisation is none.", "党员应隶属于现存的党支部。");
}
