using System.Diagnostics;
using Platform.Kernel;

namespace Registry.Members;

/// <summary>A row elsewhere that names a member: a card, an appointment, a class.</summary>
/// <param name="Table">Where it stands.</param>
/// <param name="Key">Its key there.</param>
/// <param name="MemberId">Whom it names.</param>
public sealed record MemberLink(string Table, string Key, Guid MemberId);

/// <summary>
/// Two archives of one person made one. Holds what both were, so that it can be undone exactly. Rules:
/// <see cref="MergeDecider"/>. Source: M-075, M-101, P1.
/// </summary>
public sealed record MemberMerge
{
    public required Guid Id { get; init; }

    /// <summary>Path of the lowest organisation above both branches; whoever covers it may merge and undo.</summary>
    public required string Path { get; init; }
    public required Guid KeptId { get; init; }
    public required Guid GoneId { get; init; }
    public required Member KeptBefore { get; init; }
    public required Member KeptAfter { get; init; }
    public required Member Gone { get; init; }

    /// <summary>Links that named the gone archive and name the kept one since.</summary>
    public IReadOnlyList<MemberLink> Moved { get; init; } = [];
    public required Guid MergedBy { get; init; }
    public required DateTimeOffset MergedAt { get; init; }
    public required string Reason { get; init; }
    public DateTimeOffset? UndoneAt { get; init; }
    public Guid? UndoneBy { get; init; }
}

/// <summary>Events of a merge.</summary>
public abstract record MergeEvent;

public sealed record MembersMerged(MemberMerge Merge) : MergeEvent;

public sealed record MergeUndone(Guid By, DateTimeOffset At) : MergeEvent;

/// <summary>What undoing gives back.</summary>
/// <param name="Kept">The kept archive: before the merge, but for fields that were changed since.</param>
/// <param name="Gone">The other archive, exactly as it was.</param>
/// <param name="StayedChanged">Fields of the kept archive that keep their later value.</param>
public sealed record Unmerged(Member Kept, Member Gone, IReadOnlyList<string> StayedChanged);

/// <summary>Merging two archives field by field, and taking it back. Source: M-075, M-101, P1, P5.</summary>
public static class MergeDecider
{
    /// <summary>Merges <paramref name="gone"/> into <paramref name="kept"/>.</summary>
    /// <param name="fromGone">Fields whose value the gone archive gives; all others stay as kept.</param>
    /// <param name="bothAway">Both have an open mobility case: a person is away once.</param>
    /// <param name="links">Links that name the gone archive.</param>
    /// <remarks>Problems, in order: MERGE_SAME, MERGE_FIELD_UNKNOWN, MEMBER_ENDED, MERGE_BOTH_AWAY.</remarks>
    public static Decision<MergeEvent> Merge(Guid id, Member kept, Member gone, IReadOnlyCollection<string> fromGone,
        bool bothAway, IReadOnlyList<MemberLink> links, Guid by, DateTimeOffset at, string reason)
    {
        ArgumentNullException.ThrowIfNull(kept);
        ArgumentNullException.ThrowIfNull(gone);
        ArgumentNullException.ThrowIfNull(fromGone);
        if (kept.Id == gone.Id) return Same;
        if (fromGone.Any(f => MemberFields.Find(f) is null)) return FieldUnknown;
        if (kept.EndedOn is not null || gone.EndedOn is not null) return MemberDecider.Ended;
        if (bothAway) return BothAway;
        return new MembersMerged(new()
        {
            Id = id,
            Path = CommonPath(kept.BranchPath, gone.BranchPath),
            KeptId = kept.Id,
            GoneId = gone.Id,
            KeptBefore = kept,
            KeptAfter = MemberFields.All.Where(f => fromGone.Contains(f.Name))
                .Aggregate(kept, (m, f) => f.Set(m, f.Get(gone))),
            Gone = gone,
            Moved = [.. links.Where(l => l.MemberId == gone.Id)],
            MergedBy = by,
            MergedAt = at,
            Reason = reason,
        });
    }

    /// <summary>Takes a merge back.</summary>
    /// <param name="keptExists">False when the kept archive has itself gone into another one since.</param>
    /// <param name="laterMerge">Another archive went into the kept one after this one, and that still stands.</param>
    /// <remarks>Problems, in order: MERGE_NOT_FOUND, MERGE_UNDONE, MERGE_LATER_FIRST.</remarks>
    public static Decision<MergeEvent> Undo(MemberMerge? merge, bool keptExists, bool laterMerge, Guid by,
        DateTimeOffset at) => merge switch
        {
            null => NotFound,
            { UndoneAt: not null } => AlreadyUndone,
            _ when !keptExists || laterMerge => LaterFirst,
            _ => new MergeUndone(by, at),
        };

    /// <summary>What both archives are once the merge is taken back.</summary>
    /// <param name="keptNow">The kept archive as it stands; its branch stays what it is now.</param>
    public static Unmerged Restore(MemberMerge merge, Member keptNow)
    {
        ArgumentNullException.ThrowIfNull(merge);
        ArgumentNullException.ThrowIfNull(keptNow);
        var changed = MemberFields.All.Where(f => f.Get(keptNow) != f.Get(merge.KeptAfter)).ToList();
        var kept = MemberFields.All.Except(changed).Aggregate(keptNow, (m, f) => f.Set(m, f.Get(merge.KeptBefore)));
        return new(kept, merge.Gone, [.. changed.Select(f => f.Name)]);
    }

    /// <summary>Folds one event into the state. An illegal history is a bug and throws.</summary>
    public static MemberMerge Evolve(MemberMerge? state, MergeEvent happened) => (state, happened) switch
    {
        (null, MembersMerged e) => e.Merge,
        ({ UndoneAt: null } m, MergeUndone e) => m with { UndoneAt = e.At, UndoneBy = e.By },
        _ => throw new UnreachableException($"{happened.GetType().Name} cannot follow"),
    };

    /// <summary>The longest path above both.</summary>
    public static string CommonPath(string one, string other)
    {
        ArgumentNullException.ThrowIfNull(one);
        var length = one.AsSpan().CommonPrefixLength(other);
        return one[..(one.AsSpan(0, length).LastIndexOf('/') + 1)];
    }

    /// <summary>MERGE_NOT_FOUND.</summary>
    public static Problem NotFound { get; } = new(ProblemKind.NotFound, "MERGE_NOT_FOUND",
        "There is no such merge in your part of the tree.", "您的管理范围内没有这次合并。");

    private static Problem Same { get; } = new(ProblemKind.Invalid, "MERGE_SAME",
        "Name two different archives.", "请指明两份不同的档案。");

    private static Problem FieldUnknown { get; } = new(ProblemKind.Invalid, "MERGE_FIELD_UNKNOWN",
        $"Known fields: {string.Join(", ", MemberFields.All.Select(f => f.Name))}.",
        $"可选字段：{string.Join("、", MemberFields.All.Select(f => f.Name))}。");

    private static Problem BothAway { get; } = new(ProblemKind.Precondition, "MERGE_BOTH_AWAY",
        "Both archives have an open mobility case; end one of the cases first.", "两份档案都有未办结的流动事项，请先办结其中一件。");

    private static Problem AlreadyUndone { get; } = new(ProblemKind.Precondition, "MERGE_UNDONE",
        "This merge was taken back already.", "这次合并已撤销。");

    private static Problem LaterFirst { get; } = new(ProblemKind.Precondition, "MERGE_LATER_FIRST",
        "A later merge stands on this one; take that one back first.", "该档案之后又有合并，请先撤销后一次合并。");
}
