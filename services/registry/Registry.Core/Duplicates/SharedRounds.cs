using System.Diagnostics;
using Platform.Kernel;

namespace Registry.Duplicates;

/// <summary>
/// 跨地区查重: one comparison of several regions' registers by keyed hashes, as the tier that compares sees it. It has the
/// hashes and never the key. Rules: <see cref="SharedRoundDecider"/>. Source: M-075.
/// </summary>
public sealed record SharedRound
{
    public required Guid Id { get; init; }

    /// <summary>Path of the organisation in whose name it was opened.</summary>
    public required string Path { get; init; }
    public required string MatcherRegion { get; init; }

    /// <summary>Six-digit codes, comma separated; the first is the lead, which makes the key.</summary>
    public required string Regions { get; init; }
    public required string Reason { get; init; }
    public required Guid OpenedBy { get; init; }
    public required DateTimeOffset OpenedAt { get; init; }
    public DateTimeOffset? ClosedAt { get; init; }

    /// <summary>Hashes that came from more than one region; null while it is open.</summary>
    public int? Matches { get; init; }
}

/// <summary>A region's part in a round: who joined and when, how much was sent, how much came back.</summary>
public sealed record SharedPart
{
    public required Guid Id { get; init; }
    public required Guid RoundId { get; init; }
    public required string Region { get; init; }
    public required string Path { get; init; }
    public required string MatcherRegion { get; init; }

    /// <summary>As in the round.</summary>
    public required string Regions { get; init; }

    /// <summary>Why, as the matcher says; "" until it has spoken (the lead's key may come first).</summary>
    public string Reason { get; init; } = "";
    public bool Invited { get; init; }
    public Guid? JoinedBy { get; init; }
    public DateTimeOffset? JoinedAt { get; init; }
    public DateTimeOffset? SentAt { get; init; }
    public int Hashes { get; init; }
    public DateTimeOffset? AnsweredAt { get; init; }
    public int Matches { get; init; }

    /// <summary>Whether this region makes the key.</summary>
    public bool IsLead => Regions.StartsWith(Region, StringComparison.Ordinal);
}

/// <summary>A member whose id number another region has registered too: a hint, people decide.</summary>
public sealed record AlsoRegistered
{
    public required Guid Id { get; init; }
    public required Guid MemberId { get; init; }
    public required Guid RoundId { get; init; }

    /// <summary>Where else, six digits.</summary>
    public required string Region { get; init; }
    public required DateTimeOffset FoundAt { get; init; }
    public Guid? SettledBy { get; init; }
    public DateTimeOffset? SettledAt { get; init; }

    /// <summary>What people found out; "" while open.</summary>
    public string Outcome { get; init; } = "";
}

/// <summary>Events of a round.</summary>
public abstract record SharedRoundEvent;

public sealed record SharedRoundOpened(SharedRound Round) : SharedRoundEvent;

public sealed record SharedRoundClosed(int Matches, DateTimeOffset At) : SharedRoundEvent;

/// <summary>Events of a part. None carries the key or a hash: the trail keeps for ever.</summary>
public abstract record SharedPartEvent;

public sealed record SharedPartKnown(SharedPart Part) : SharedPartEvent;

public sealed record SharedPartInvited(string Reason) : SharedPartEvent;

public sealed record SharedPartJoined(Guid By, DateTimeOffset At) : SharedPartEvent;

public sealed record SharedHashesSent(int Count, DateTimeOffset At) : SharedPartEvent;

public sealed record SharedMatchesArrived(int Count, bool Last, DateTimeOffset At) : SharedPartEvent;

/// <summary>Opening and closing rounds. Source: M-075.</summary>
public static class SharedRoundDecider
{
    /// <summary>Regions in one round.</summary>
    public const int RegionsMax = 50;

    /// <summary>Opens a round for regions below the one that compares, none of which its own node serves: who has the
    /// hashes must not have the key.</summary>
    /// <param name="matcherTakesPart">The matcher's node serves one of the regions, by the signed directory.</param>
    /// <remarks>Problems: SHARED_REGIONS_WRONG, SHARED_MATCHER_TAKES_PART.</remarks>
    public static Decision<SharedRoundEvent> Open(SharedRound? existing, SharedRound round, bool matcherTakesPart) =>
        existing switch
        {
            not null => Array.Empty<SharedRoundEvent>(),
            _ when !Fits(round.MatcherRegion, round.Regions.Split(',')) => RegionsWrong,
            _ when matcherTakesPart => MatcherTakesPart,
            _ => new SharedRoundOpened(round),
        };

    /// <summary>Whether these are 2 to 50 different regions below the one that compares.</summary>
    public static bool Fits(string matcherRegion, IReadOnlyCollection<string> regions)
    {
        var top = Organisations.Regions.PathOf(matcherRegion);
        return regions.Count is >= 2 and <= RegionsMax && regions.Distinct().Count() == regions.Count
            && regions.All(r => Organisations.Regions.IsCode(r) && r != matcherRegion
                && Organisations.Regions.PathOf(r).StartsWith(top, StringComparison.Ordinal));
    }

    /// <summary>Closes it; from then on nothing is taken in.</summary>
    /// <remarks>Problems: SHARED_ROUND_NOT_FOUND.</remarks>
    public static Decision<SharedRoundEvent> Close(SharedRound? round, int matches, DateTimeOffset at) => round switch
    {
        null => NotFound,
        { ClosedAt: not null } => Array.Empty<SharedRoundEvent>(),
        _ => new SharedRoundClosed(matches, at),
    };

    /// <summary>Folds one event into the state. An illegal history is a bug and throws.</summary>
    public static SharedRound Evolve(SharedRound? state, SharedRoundEvent happened) => (state, happened) switch
    {
        (null, SharedRoundOpened e) => e.Round,
        ({ } r, SharedRoundClosed e) => r with { Matches = e.Matches, ClosedAt = e.At },
        _ => throw new UnreachableException($"{happened.GetType().Name} cannot follow"),
    };

    /// <summary>SHARED_ROUND_NOT_FOUND.</summary>
    public static Problem NotFound { get; } = new(ProblemKind.NotFound, "SHARED_ROUND_NOT_FOUND",
        "There is no such comparison that you take part in.", "没有您参与的这次跨地区查重。");

    private static Problem RegionsWrong { get; } = new(ProblemKind.Invalid, "SHARED_REGIONS_WRONG",
        $"Name 2 to {RegionsMax} different regions, all below the one that compares.",
        $"须填写 2 至 {RegionsMax} 个不同地区，且均在比对方辖区之内。");

    /// <summary>SHARED_MATCHER_TAKES_PART.</summary>
    public static Problem MatcherTakesPart { get; } = new(ProblemKind.Precondition, "SHARED_MATCHER_TAKES_PART",
        "The comparing node serves one of the regions and would hold both hashes and key; let a tier above compare.",
        "比对节点服务其中的地区，将同时掌握散列值与密钥，请由更上一级比对。");
}

/// <summary>What a region does in a round. Source: M-075.</summary>
public static class SharedPartDecider
{
    /// <summary>Hears of a round, from the matcher or from the lead, whoever speaks first.</summary>
    /// <param name="reason">The matcher's reason; null when the lead speaks.</param>
    /// <remarks>Problems: SHARED_ROUND_CONTRADICTS.</remarks>
    public static Decision<SharedPartEvent> Hear(SharedPart? part, SharedPart known, string? reason)
    {
        if (part is not null && (part.Regions, part.MatcherRegion) != (known.Regions, known.MatcherRegion))
            return Contradicts;
        SharedPartEvent[] first = part is null ? [new SharedPartKnown(known)] : [];
        return reason is null || part is { Invited: true } ? first : [.. first, new SharedPartInvited(reason)];
    }

    /// <summary>A person of the region agrees to take part.</summary>
    /// <param name="matcherTakesPart">As this region's own directory says: a matcher is not believed.</param>
    /// <remarks>Problems: SHARED_ROUND_NOT_FOUND, SHARED_MATCHER_TAKES_PART.</remarks>
    public static Decision<SharedPartEvent> Join(SharedPart? part, Guid by, bool matcherTakesPart, DateTimeOffset at) =>
        part switch
        {
            null or { Invited: false } => SharedRoundDecider.NotFound,
            { JoinedAt: not null } => Array.Empty<SharedPartEvent>(),
            _ when matcherTakesPart => SharedRoundDecider.MatcherTakesPart,
            _ => new SharedPartJoined(by, at),
        };

    /// <summary>The hashes are on their way: only once, and only after somebody joined.</summary>
    /// <remarks>Problems: SHARED_ROUND_NOT_FOUND.</remarks>
    public static Decision<SharedPartEvent> Send(SharedPart? part, int count, DateTimeOffset at) => part switch
    {
        null or { JoinedAt: null } => SharedRoundDecider.NotFound,
        { SentAt: not null } => Array.Empty<SharedPartEvent>(),
        _ => new SharedHashesSent(count, at),
    };

    /// <summary>The matcher answers.</summary>
    /// <remarks>Problems: SHARED_ROUND_NOT_FOUND.</remarks>
    public static Decision<SharedPartEvent> Answer(SharedPart? part, int count, bool last, DateTimeOffset at) =>
        part switch
        {
            null => SharedRoundDecider.NotFound,
            { AnsweredAt: not null } => Array.Empty<SharedPartEvent>(),
            _ => new SharedMatchesArrived(count, last, at),
        };

    /// <summary>Folds one event into the state. An illegal history is a bug and throws.</summary>
    public static SharedPart Evolve(SharedPart? state, SharedPartEvent happened) => (state, happened) switch
    {
        (null, SharedPartKnown e) => e.Part,
        ({ } p, SharedPartInvited e) => p with { Invited = true, Reason = e.Reason },
        ({ } p, SharedPartJoined e) => p with { JoinedBy = e.By, JoinedAt = e.At },
        ({ } p, SharedHashesSent e) => p with { SentAt = e.At, Hashes = e.Count },
        ({ } p, SharedMatchesArrived e) =>
            p with { Matches = p.Matches + e.Count, AnsweredAt = e.Last ? e.At : null },
        _ => throw new UnreachableException($"{happened.GetType().Name} cannot follow"),
    };

    private static Problem Contradicts { get; } = new(ProblemKind.Precondition, "SHARED_ROUND_CONTRADICTS",
        "The matcher and the lead name different regions for this round.", "比对方与牵头地区对本次查重的参与地区说法不一。");
}

/// <summary>Settling a hint; it stays remembered.</summary>
public static class AlsoRegisteredDecider
{
    /// <summary>What people found out.</summary>
    /// <remarks>Problems: DUPLICATE_NOT_FOUND, DUPLICATE_DECIDED.</remarks>
    public static Decision<AlsoRegisteredSettled> Settle(AlsoRegistered? hint, Guid by, DateTimeOffset at,
        string outcome) => hint switch
        {
            null => CandidateDecider.NotFound,
            { SettledAt: not null } => CandidateDecider.Decided,
            _ => new AlsoRegisteredSettled(by, at, outcome),
        };

    /// <summary>Folds the event into the state.</summary>
    public static AlsoRegistered Evolve(AlsoRegistered? state, AlsoRegisteredSettled happened) =>
        state! with { SettledBy = happened.By, SettledAt = happened.At, Outcome = happened.Outcome };
}

/// <summary>People looked into it.</summary>
public sealed record AlsoRegisteredSettled(Guid By, DateTimeOffset At, string Outcome);
