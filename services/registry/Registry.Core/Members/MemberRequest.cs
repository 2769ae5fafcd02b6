using System.Diagnostics;
using Platform.Kernel;

namespace Registry.Members;

/// <summary>What a member asks for.</summary>
public enum RequestKind
{
    /// <summary>Something has changed: address, employer, telephone, the way back.</summary>
    Change,

    /// <summary>Something in the archive is wrong.</summary>
    Correction,
}

/// <summary>How far a request is.</summary>
public enum RequestStatus
{
    Open,
    Done,
    Declined,
}

/// <summary>What was said, kept encrypted.</summary>
/// <param name="About">Name of a field of the archive, or one of <see cref="MemberRequest.OtherSubjects"/>.</param>
/// <param name="Text">In the member's words.</param>
public sealed record RequestWords(string About, string Text);

/// <summary>
/// 本人申请: a member reports a change or asks for a correction; an officer answers. The archive itself changes only by
/// the officer's own step. Source: M-100, R-166.
/// </summary>
public sealed record MemberRequest
{
    /// <summary>Subjects that are no field of the archive: going home, anything else.</summary>
    public static readonly IReadOnlyList<string> OtherSubjects = ["return", "other"];

    public required Guid Id { get; init; }
    public required Guid MemberId { get; init; }
    public required RequestKind Kind { get; init; }
    public required RequestWords Words { get; init; }
    public required RequestStatus Status { get; init; }

    /// <summary>The member's own account, or the officer's who wrote down what the member said.</summary>
    public required Guid AskedBy { get; init; }
    public required string AskedByName { get; init; }

    /// <summary>False when an officer wrote it down.</summary>
    public required bool ByMember { get; init; }
    public required DateTimeOffset AskedAt { get; init; }

    /// <summary>What the officer answered; "" while it is open.</summary>
    public string Answer { get; init; } = "";
    public Guid? AnsweredBy { get; init; }
    public DateTimeOffset? AnsweredAt { get; init; }
}

/// <summary>Events of a request.</summary>
public abstract record MemberRequestEvent;

public sealed record RequestMade(MemberRequest Request) : MemberRequestEvent;

public sealed record RequestAnswered(RequestStatus Status, string Answer, Guid By, DateTimeOffset At)
    : MemberRequestEvent;

/// <summary>Asking and answering.</summary>
public static class MemberRequestDecider
{
    /// <summary>Requests of one member that may stand open.</summary>
    public const int OpenMax = 20;

    /// <summary>Asks; a repeat changes nothing.</summary>
    /// <param name="open">Requests of the member that are open already.</param>
    /// <remarks>Problems: MEMBER_REQUESTS_TOO_MANY.</remarks>
    public static Decision<MemberRequestEvent> Ask(MemberRequest? existing, int open, MemberRequest request) =>
        existing is not null ? Array.Empty<MemberRequestEvent>() : open >= OpenMax ? TooMany : new RequestMade(request);

    /// <summary>Answers once.</summary>
    /// <remarks>Problems: MEMBER_REQUEST_NOT_FOUND, MEMBER_REQUEST_ANSWERED.</remarks>
    public static Decision<MemberRequestEvent> Answer(MemberRequest? request, RequestAnswered answer) => request switch
    {
        null => NotFound,
        { Status: not RequestStatus.Open } => Answered,
        _ => answer,
    };

    /// <summary>Folds one event into the state. An illegal history is a bug and throws.</summary>
    public static MemberRequest Evolve(MemberRequest? state, MemberRequestEvent happened) => (state, happened) switch
    {
        (null, RequestMade e) => e.Request,
        ({ } r, RequestAnswered e) => r with
        {
            Status = e.Status,
            Answer = e.Answer,
            AnsweredBy = e.By,
            AnsweredAt = e.At,
        },
        _ => throw new UnreachableException($"{happened.GetType().Name} cannot follow"),
    };

    /// <summary>MEMBER_REQUEST_NOT_FOUND.</summary>
    public static Problem NotFound { get; } = new(ProblemKind.NotFound, "MEMBER_REQUEST_NOT_FOUND",
        "There is no such request in your part of the tree.", "您的管理范围内没有这条申请。");

    private static Problem Answered { get; } = new(ProblemKind.Precondition, "MEMBER_REQUEST_ANSWERED",
        "The request was answered already.", "这条申请已经答复。");

    private static Problem TooMany { get; } = new(ProblemKind.Precondition, "MEMBER_REQUESTS_TOO_MANY",
        $"At most {OpenMax} requests of one member stand open; wait for an answer.",
        $"每人最多有 {OpenMax} 条未答复的申请，请等答复。");
}
