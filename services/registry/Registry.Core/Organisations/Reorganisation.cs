using System.Diagnostics;
using Platform.Kernel;

namespace Registry.Organisations;

/// <summary>
/// 机构调整: one act that changed where organisations stand or where members belong, with what it touched. Members stay
/// with their branch; every day before <see cref="EffectiveOn"/> stays as it was. Source: M-034, R-122, design.
/// </summary>
public sealed record Reorganisation
{
    public required Guid Id { get; init; }
    public required ReorganisationKind Kind { get; init; }

    /// <summary>First day of the new order.</summary>
    public required DateOnly EffectiveOn { get; init; }
    public required DateTimeOffset At { get; init; }
    public required Guid ByWhom { get; init; }

    /// <summary>The organisation moved, split or merged into.</summary>
    public required Guid OrganisationId { get; init; }

    /// <summary>All organisations named by the act: superiors, sources, parts, targets; no duplicates.</summary>
    public required Guid[] Involved { get; init; }
    public required string FromPath { get; init; }
    public required string ToPath { get; init; }

    /// <summary>Paths under which something stood before or after; what a correction of the date must leave.</summary>
    public required string[] Prefixes { get; init; }
    public required string Reason { get; init; }
    public required int OrganisationCount { get; init; }
    public required int MemberCount { get; init; }

    /// <summary>The date that was recorded first; differs from <see cref="EffectiveOn"/> once corrected.</summary>
    public required DateOnly FirstEffectiveOn { get; init; }
}

/// <summary>Kinds of reorganisation.</summary>
public enum ReorganisationKind
{
    /// <summary>调整隶属: under another superior of the same region.</summary>
    Move,

    /// <summary>移交: under a superior of another region of this node.</summary>
    HandOver,

    /// <summary>分设: parts of its members and organisations become new organisations.</summary>
    Split,

    /// <summary>合并: organisations go up in another one.</summary>
    Merge,
}

/// <summary>Events of a reorganisation.</summary>
public abstract record ReorganisationEvent;

public sealed record Reorganised(Reorganisation Reorganisation) : ReorganisationEvent;
public sealed record ReorganisationDateCorrected(DateOnly From, DateOnly To) : ReorganisationEvent;

/// <summary>What stands in the way of a reorganisation. Who decides is people; nothing here happens by
/// itself.</summary>
public static class ReorganisationDecider
{
    /// <summary>Whether an organisation may hang under another superior from a day on.</summary>
    /// <param name="codesTaken">
    /// Codes at or below it that the superior's region uses already; empty within one region.
    /// </param>
    /// <param name="today">Civil date; planned reorganisations are recorded when they have happened.</param>
    /// <remarks>Problems, in this order: ORGANISATION_NOT_FOUND, ORGANISATION_PARENT_MISSING, ORGANISATION_TOP_STAYS,
    /// ORGANISATION_UNDER_ITSELF, ORGANISATION_ALREADY_THERE, ORGANISATION_DATE_AHEAD, ORGANISATION_DATE_TOO_EARLY,
    /// ORGANISATION_CODE_TAKEN.</remarks>
    public static Decision<OrganisationEvent> Move(Organisation? moved, Organisation? superior,
        IReadOnlyList<string> codesTaken, DateOnly on, DateOnly today) => (moved, superior) switch
        {
            (null or { DissolvedOn: not null }, _) => OrganisationDecider.NotFound,
            (_, null or { DissolvedOn: not null }) => OrganisationDecider.ParentMissing,
            ({ ParentId: null }, _) => ReorganisationProblems.TopStays,
            ({ } m, { } s) when s.Path.StartsWith(m.Path, StringComparison.Ordinal) =>
                ReorganisationProblems.UnderItself,
            ({ } m, { } s) when m.ParentId == s.Id => ReorganisationProblems.AlreadyThere,
            _ when on > today => ReorganisationProblems.DateAhead,
            ({ } m, _) when on < m.Since => ReorganisationProblems.TooEarly(m.Name, m.Since),
            (_, { } s) when on < s.Since => ReorganisationProblems.TooEarly(s.Name, s.Since),
            _ when codesTaken.Count > 0 => ReorganisationProblems.CodeTaken(codesTaken),
            ({ } m, { } s) => new OrganisationMoved(on, m.ParentId, m.Path, s.Id, $"{s.Path}{m.Code}/", s.Region),
        };

    /// <summary>Whether an organisation may go up in another one from a day on.</summary>
    /// <remarks>Problems, in this order: ORGANISATION_NOT_FOUND, ORGANISATION_TOP_STAYS, ORGANISATION_UNDER_ITSELF,
    /// ORGANISATION_REGIONS_DIFFER, ORGANISATION_DATE_AHEAD, ORGANISATION_DATE_TOO_EARLY,
    /// ORGANISATION_HOLDS_NO_MEMBERS.</remarks>
    /// <param name="memberCount">Members the absorbed one holds, today or after <paramref name="on"/>.</param>
    /// <param name="holdsMembers">Whether the type of <paramref name="into"/> holds members.</param>
    public static Decision<OrganisationEvent> Merge(Organisation? absorbed, Organisation? into, int memberCount,
        bool holdsMembers, DateOnly on, DateOnly today) => (absorbed, into) switch
        {
            (null or { DissolvedOn: not null }, _) or (_, null or { DissolvedOn: not null }) =>
                OrganisationDecider.NotFound,
            ({ ParentId: null }, _) => ReorganisationProblems.TopStays,
            ({ } a, { } i) when i.Path.StartsWith(a.Path, StringComparison.Ordinal) =>
                ReorganisationProblems.UnderItself,
            ({ } a, { } i) when a.Region != i.Region => ReorganisationProblems.RegionsDiffer,
            _ when on > today => ReorganisationProblems.DateAhead,
            ({ } a, _) when on < a.Since => ReorganisationProblems.TooEarly(a.Name, a.Since),
            (_, { } i) when on < i.Since => ReorganisationProblems.TooEarly(i.Name, i.Since),
            _ when memberCount > 0 && !holdsMembers => ReorganisationProblems.HoldsNoMembers,
            _ => new OrganisationDissolved(on),
        };

    /// <summary>Whether a part may be split off an organisation.</summary>
    /// <param name="movesMembers">Whether the part takes members of its own.</param>
    /// <param name="holdsMembers">Whether the part's type holds members.</param>
    /// <remarks>Problems, in this order: ORGANISATION_NOT_FOUND, ORGANISATION_TOP_STAYS, ORGANISATION_DATE_AHEAD,
    /// ORGANISATION_DATE_TOO_EARLY, ORGANISATION_HOLDS_NO_MEMBERS; then those of founding the part.</remarks>
    public static Problem? SplitObstacle(Organisation? split, bool movesMembers, bool holdsMembers, DateOnly on,
        DateOnly today) => split switch
        {
            null or { DissolvedOn: not null } => OrganisationDecider.NotFound,
            { ParentId: null } => ReorganisationProblems.TopStays,
            _ when on > today => ReorganisationProblems.DateAhead,
            { } s when on < s.Since => ReorganisationProblems.TooEarly(s.Name, s.Since),
            _ when movesMembers && !holdsMembers => ReorganisationProblems.HoldsNoMembers,
            _ => null,
        };

    /// <summary>Folds one event into the state. An illegal history is a bug and throws.</summary>
    public static Reorganisation Evolve(Reorganisation? state, ReorganisationEvent happened) =>
        (state, happened) switch
        {
            (null, Reorganised e) => e.Reorganisation,
            ({ } r, ReorganisationDateCorrected e) => r with { EffectiveOn = e.To },
            _ => throw new UnreachableException($"{happened.GetType().Name} cannot follow"),
        };
}

/// <summary>Problems of reorganisations.</summary>
public static class ReorganisationProblems
{
    /// <summary>ORGANISATION_DATE_TOO_EARLY: a later change is recorded already.</summary>
    public static Problem TooEarly(string name, DateOnly since) => new(ProblemKind.Precondition,
        "ORGANISATION_DATE_TOO_EARLY",
        $"{name} is what it is since {since:yyyy-MM-dd}; give that day or a later one, or correct that date first.",
        $"{name} 的现状自 {since:yyyy-MM-dd} 起；生效日期不得早于该日，或先更正该日期。");

    /// <summary>ORGANISATION_DATE_AHEAD: what has not happened is not history.</summary>
    public static Problem DateAhead { get; } = new(ProblemKind.Invalid, "ORGANISATION_DATE_AHEAD",
        "The effective date is today or earlier; record the change when it takes place.",
        "生效日期不得晚于今天；请在调整发生时登记。");

    /// <summary>ORGANISATION_TOO_LARGE_TO_MOVE: more rows than one act may touch.</summary>
    public static Problem TooLarge(long rows, int max) => new(ProblemKind.TooLarge, "ORGANISATION_TOO_LARGE_TO_MOVE",
        $"This would touch {rows} organisations, members and cards; one act may touch {max}. Move the parts below it.",
        $"本次调整涉及 {rows} 个组织、党员和登记卡，单次上限为 {max}；请分批调整其下级组织。");

    /// <summary>ORGANISATION_DATE_CONFLICT: other changes lie between the old and the new date.</summary>
    public static Problem DateConflict(string name, DateOnly on) => new(ProblemKind.Precondition,
        "ORGANISATION_DATE_CONFLICT",
        $"{name} has another change on {on:yyyy-MM-dd}, between the two dates; correct that one first.",
        $"{name} 在两个日期之间的 {on:yyyy-MM-dd} 另有变更，请先更正该变更。");

    /// <summary>ORGANISATION_DATE_NOT_FOUND: nothing of its history is dated so.</summary>
    public static Problem DateNotFound { get; } = new(ProblemKind.NotFound, "ORGANISATION_DATE_NOT_FOUND",
        "Nothing in this organisation's history has that date; see its history.", "该组织的沿革中没有此日期的变更，请查看沿革。");

    /// <summary>ORGANISATION_MEMBERS_NOT_HELD: a split names people who are not its members.</summary>
    public static Problem MembersNotHeld(int count) => new(ProblemKind.Precondition, "ORGANISATION_MEMBERS_NOT_HELD",
        $"{count} of the members named are not held by the organisation that is split, or are named twice.",
        $"所列党员中有 {count} 名不隶属于被分设的组织，或重复列出。");

    /// <summary>ORGANISATION_NOT_BELOW: a split names organisations that do not hang directly under it.</summary>
    public static Problem NotBelow { get; } = new(ProblemKind.Precondition, "ORGANISATION_NOT_BELOW",
        "The organisations named do not all hang directly under the one that is split.", "所列组织并非都直接隶属于被分设的组织。");

    internal static Problem TopStays { get; } = new(ProblemKind.Precondition, "ORGANISATION_TOP_STAYS",
        "The top organisation of a region stays where its region is.", "地区最高党组织不能调整、分设或合并。");

    internal static Problem UnderItself { get; } = new(ProblemKind.Precondition, "ORGANISATION_UNDER_ITSELF",
        "An organisation cannot hang under, or go up in, one that is below it.", "组织不能隶属于或并入其自身的下级组织。");

    internal static Problem AlreadyThere { get; } = new(ProblemKind.Precondition, "ORGANISATION_ALREADY_THERE",
        "It hangs under that superior already.", "该组织已隶属于此上级组织。");

    internal static Problem RegionsDiffer { get; } = new(ProblemKind.Precondition, "ORGANISATION_REGIONS_DIFFER",
        "Organisations of two regions do not merge; hand one over first.", "不同地区的组织不能直接合并，请先办理移交。");

    internal static Problem HoldsNoMembers { get; } = new(ProblemKind.Precondition, "ORGANISATION_HOLDS_NO_MEMBERS",
        "Members are held by branches; this type of organisation holds none.", "党员应隶属于党支部，该类型组织不直接管理党员。");

    internal static Problem CodeTaken(IReadOnlyList<string> codes) => new(ProblemKind.Precondition,
        "ORGANISATION_CODE_TAKEN",
        $"The other region uses these codes already: {string.Join(", ", codes)}.",
        $"接收地区已使用下列组织代码：{string.Join("、", codes)}。");
}
