using System.Diagnostics;
using Platform.Kernel;

namespace Registry.Duplicates;

/// <summary>
/// Two archives that were shown to people as possibly one person. Rules: <see cref="CandidateDecider"/>. Source: M-075.
/// </summary>
public sealed record DuplicateCandidate
{
    public required Guid Id { get; init; }

    /// <summary>The smaller of the two ids.</summary>
    public required Guid FirstId { get; init; }
    public required Guid SecondId { get; init; }
    public required int Points { get; init; }

    /// <summary>Codes of <see cref="DuplicateRules.All"/>, comma separated.</summary>
    public required string Signs { get; init; }
    public required CandidateStatus Status { get; init; }
    public required DateTimeOffset FoundAt { get; init; }
    public Guid? DecidedBy { get; init; }
    public DateTimeOffset? DecidedAt { get; init; }

    /// <summary>Why these are two people; "" while undecided.</summary>
    public string Reason { get; init; } = "";
}

/// <summary>What people said of a candidate.</summary>
public enum CandidateStatus
{
    /// <summary>待核.</summary>
    Open,

    /// <summary>不是同一人: remembered, so that the next run does not show the pair again.</summary>
    TwoPeople,

    /// <summary>已合并.</summary>
    Merged,
}

/// <summary>Events of a candidate.</summary>
public abstract record CandidateEvent;

public sealed record FoundToBeTwoPeople(Guid By, DateTimeOffset At, string Reason) : CandidateEvent;

public sealed record CandidateReopened(Guid By, DateTimeOffset At, string Reason) : CandidateEvent;

/// <summary>Deciding on candidates; merging has its own decider. Source: M-075.</summary>
public static class CandidateDecider
{
    /// <summary>These are two people.</summary>
    /// <remarks>Problems: DUPLICATE_NOT_FOUND, DUPLICATE_DECIDED.</remarks>
    public static Decision<CandidateEvent> TwoPeople(DuplicateCandidate? candidate, Guid by, DateTimeOffset at,
        string reason) => candidate switch
        {
            null => NotFound,
            { Status: not CandidateStatus.Open } => Decided,
            _ => new FoundToBeTwoPeople(by, at, reason),
        };

    /// <summary>The decision was wrong: look at the pair again.</summary>
    /// <remarks>Problems: DUPLICATE_NOT_FOUND, DUPLICATE_DECIDED.</remarks>
    public static Decision<CandidateEvent> Reopen(DuplicateCandidate? candidate, Guid by, DateTimeOffset at,
        string reason) => candidate switch
        {
            null => NotFound,
            { Status: CandidateStatus.Open } => Array.Empty<CandidateEvent>(),
            { Status: CandidateStatus.Merged } => Decided,
            _ => new CandidateReopened(by, at, reason),
        };

    /// <summary>Folds one event into the state. An illegal history is a bug and throws.</summary>
    public static DuplicateCandidate Evolve(DuplicateCandidate? state, CandidateEvent happened) =>
        (state, happened) switch
        {
            ({ } c, FoundToBeTwoPeople e) => c with
            {
                Status = CandidateStatus.TwoPeople, DecidedBy = e.By, DecidedAt = e.At, Reason = e.Reason,
            },
            ({ } c, CandidateReopened e) => c with
            {
                Status = CandidateStatus.Open, DecidedBy = e.By, DecidedAt = e.At, Reason = e.Reason,
            },
            _ => throw new UnreachableException($"{happened.GetType().Name} cannot follow"),
        };

    /// <summary>DUPLICATE_NOT_FOUND.</summary>
    public static Problem NotFound { get; } = new(ProblemKind.NotFound, "DUPLICATE_NOT_FOUND",
        "There is no such pair in your part of the tree.", "您的管理范围内没有这一对疑似重复。");

    internal static Problem Decided { get; } = new(ProblemKind.Precondition, "DUPLICATE_DECIDED",
        "This pair was decided already; reopen it first, or take the merge back.", "该对已有结论，请先重新打开或撤销合并。");
}
