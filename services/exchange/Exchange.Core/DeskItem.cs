using System.Diagnostics;
using Platform.Kernel;

namespace Exchange;

/// <summary>Something refused that a person has to look at (待处理). Rules: <see cref="DeskDecider"/>.</summary>
public sealed record DeskItem
{
    public required Guid Id { get; init; }
    /// <summary>"incoming": refused here; "outgoing": refused over there.</summary>
    public required string Side { get; init; }
    /// <summary>The other node; "?" when nobody vouches for the name that was given.</summary>
    public required string Node { get; init; }
    public long? Sequence { get; init; }
    /// <summary>Null: it is about a stream, not about one message.</summary>
    public Guid? MessageId { get; init; }
    public string? Type { get; init; }
    public required string Code { get; init; }
    public required string Detail { get; init; }
    public required DateTimeOffset FirstAt { get; init; }
    public required DateTimeOffset LastAt { get; init; }
    /// <summary>How often the same thing happened.</summary>
    public required long Count { get; init; }
    public required DeskStatus Status { get; init; }
    public DateTimeOffset? ClosedAt { get; init; }
}

public enum DeskStatus { Open, Retried, Dismissed }

public abstract record DeskEvent(DateTimeOffset At);
public sealed record DeskItemRetried(DateTimeOffset At) : DeskEvent(At);
public sealed record DeskItemDismissed(DateTimeOffset At) : DeskEvent(At);

public static class DeskDecider
{
    /// <summary>Once more: a message refused over there takes a new place in its stream; one a service refused here
    /// is delivered again.</summary>
    /// <remarks>Problems, in order: EXCHANGE_DESK_ITEM_CLOSED, EXCHANGE_NOTHING_TO_RETRY.</remarks>
    /// <param name="possible">Whether the message is still held and may be tried again on this side.</param>
    public static Decision<DeskEvent> Retry(DeskItem item, bool possible, DateTimeOffset now) => item switch
    {
        { Status: not DeskStatus.Open } => Closed(item),
        _ when !possible => new Problem(ProblemKind.Precondition, "EXCHANGE_NOTHING_TO_RETRY",
            "Nothing of this is held here; it is tried again where it was refused, or sent anew by its service.",
            "本端没有可重试的内容，请在拒收的一端重试，或由业务服务重新发送。"),
        _ => new DeskItemRetried(now),
    };

    /// <summary>Closes it for good; the reason is on record.</summary>
    /// <remarks>Problems: EXCHANGE_DESK_ITEM_CLOSED.</remarks>
    public static Decision<DeskEvent> Dismiss(DeskItem item, DateTimeOffset now) =>
        item.Status == DeskStatus.Open ? new DeskItemDismissed(now) : Closed(item);

    /// <summary>Folds one event into the state. An illegal history is a bug and throws.</summary>
    public static DeskItem Evolve(DeskItem? item, DeskEvent happened) => (item, happened) switch
    {
        ({ Status: DeskStatus.Open } i, DeskItemRetried e) => i with { Status = DeskStatus.Retried, ClosedAt = e.At },
        ({ Status: DeskStatus.Open } i, DeskItemDismissed e) =>
            i with { Status = DeskStatus.Dismissed, ClosedAt = e.At },
        _ => throw new UnreachableException($"{happened.GetType().Name} cannot follow {item?.Status}"),
    };

    private static Problem Closed(DeskItem item) => new(ProblemKind.Precondition, "EXCHANGE_DESK_ITEM_CLOSED",
        $"It is {item.Status} already.", "该事项已处理。");
}
