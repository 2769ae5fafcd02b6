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
}

/// <summary>Events of a member record.</summary>
public abstract record MemberEvent;

public sealed record MemberRegistered(Member Member) : MemberEvent;

/// <summary>Fields that changed, from what to what; read by the trail.</summary>
public sealed record MemberAmended(IReadOnlyList<FieldChange> Changes, Member After) : MemberEvent;

/// <summary>The record was taken back whole: it should never have been made. Holds what it said last.</summary>
public sealed record MemberWithdrawn(Member Member) : MemberEvent;

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

    /// <summary>Changes fields of the archive; the relationship itself moves by transfer only.</summary>
    /// <remarks>Problems: MEMBER_NOT_FOUND.</remarks>
    public static Decision<MemberEvent> Amend(Member? existing, Func<Member, Member> amend)
    {
        if (existing is null) return NotFound;
        var after = amend(existing) with
        {
            Id = existing.Id,
            BranchId = existing.BranchId,
            BranchPath = existing.BranchPath,
        };
        var changes = Changes(existing, after);
        return changes.Count == 0 ? Array.Empty<MemberEvent>() : new MemberAmended(changes, after);
    }

    /// <summary>Folds one event into the state. An illegal history is a bug and throws.</summary>
    public static Member Evolve(Member? state, MemberEvent happened) => (state, happened) switch
    {
        (null, MemberRegistered e) => e.Member,
        ({ }, MemberAmended e) => e.After,
        _ => throw new UnreachableException($"{happened.GetType().Name} cannot follow"),
    };

    /// <summary>MEMBER_NOT_FOUND.</summary>
    public static Problem NotFound { get; } = new(ProblemKind.NotFound, "MEMBER_NOT_FOUND",
        "There is no such member in your part of the tree.", "您的管理范围内没有这名党员。");

    private static Problem Exists { get; } = new(ProblemKind.Precondition, "MEMBER_EXISTS",
        "A member with this id number is registered here already.", "该身份证号的党员已登记。");

    private static Problem BranchWrong { get; } = new(ProblemKind.Precondition, "MEMBER_BRANCH_WRONG",
        "Members are held by a branch that exists; this organisation is none.", "党员应隶属于现存的党支部。");

    private static string Iso(DateOnly on) => on.ToString("O", System.Globalization.CultureInfo.InvariantCulture);

    private static List<FieldChange> Changes(Member before, Member after)
    {
        (string Name, Func<Member, string> Get)[] fields =
        [
            ("name", m => m.Name), ("idNumber", m => m.IdNumber), ("sex", m => m.Sex),
            ("ethnicGroup", m => m.EthnicGroup), ("birthOn", m => Iso(m.BirthOn)),
            ("nativePlace", m => m.NativePlace), ("education", m => m.Education),
            ("joinedOn", m => m.JoinedOn is { } on ? Iso(on) : ""), ("standing", m => m.Standing),
                ("phone", m => m.Phone),
            ("occupation", m => m.Occupation), ("employer", m => m.Employer), ("creditCode", m => m.CreditCode),
            ("residence", m => m.Residence), ("rolePlayed", m => m.RolePlayed), ("source", m => m.Source),
        ];
        return [.. fields.Where(f => f.Get(before) != f.Get(after))
            .Select(f => new FieldChange(f.Name, f.Get(before), f.Get(after)))];
    }
}
