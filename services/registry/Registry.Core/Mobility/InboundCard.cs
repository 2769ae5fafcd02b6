namespace Registry.Mobility;

/// <summary>
/// 外来党员登记卡: the host side of one leg of a mobility case. It begins as a notice on the worklist (home first) or is
/// opened by the host (host first). Rules: <see cref="InboundDecider"/>. Source: M-082, M-107..M-109, M-125, R-022.
/// </summary>
public sealed record InboundCard
{
    public required Guid Id { get; init; }

    /// <summary>The case; shared with the home side.</summary>
    public required Guid CaseId { get; init; }
    public required int Leg { get; init; }

    /// <summary>Path that owns the card: the host county until a branch is chosen, then the branch.</summary>
    public required string HostPath { get; init; }
    public required string HostRegion { get; init; }
    public required string HomeRegion { get; init; }

    /// <summary>Home branch as home names it; "" until home has spoken.</summary>
    public string HomeBranch { get; init; } = "";
    public string HomeContact { get; init; } = "";
    public required InboundStatus Status { get; init; }
    public required CaseFacts Facts { get; init; }

    /// <summary>What home last said; null until it has spoken.</summary>
    public CaseFacts? PeerFacts { get; init; }

    /// <summary>When the member is expected, or arrived.</summary>
    public required DateOnly ArrivesOn { get; init; }

    /// <summary>Document shown, code of the table document-shown; "" while nobody has met the member.</summary>
    public string DocumentShown { get; init; } = "";
    public Guid? BranchId { get; init; }
    public string BranchName { get; init; } = "";

    /// <summary>Rung of the placement ladder that was taken, with its reason; "" before placement.</summary>
    public string PlacementReason { get; init; } = "";
    public string HostContact { get; init; } = "";
    public DateOnly? AdmittedOn { get; init; }
    public DateOnly? LastFeedbackOn { get; init; }
    public DateOnly? LeftOn { get; init; }
    public DepartureReason? LeftBecause { get; init; }
    public LostContactFinding? LostContact { get; init; }
    public required byte[] CaseKey { get; init; }
    public required DateTimeOffset Since { get; init; }

    /// <summary>Number of events so far; orders the reports to the tier above.</summary>
    public long Revision { get; init; }

    /// <summary>Whether the host has done its part of registering. Source: M-110.</summary>
    public bool Stands => Status is InboundStatus.AwaitingHome or InboundStatus.Confirmed or InboundStatus.Admitted
        or InboundStatus.LostContact;

    /// <summary>False once nothing more can happen to the card.</summary>
    public bool IsOpen => Status is not (InboundStatus.Left or InboundStatus.Denied or InboundStatus.Superseded);

    public Agreement Agreement => Status switch
    {
        InboundStatus.Noticed or InboundStatus.NotFound => Agreement.HomeOnly,
        InboundStatus.AwaitingHome => Agreement.HostOnly,
        InboundStatus.Confirmed or InboundStatus.Admitted or InboundStatus.LostContact =>
            PeerFacts is null ? Agreement.HostOnly
            : CaseFacts.Differences(Facts, PeerFacts).Count == 0 ? Agreement.Matched : Agreement.Differs,
        InboundStatus.Denied or InboundStatus.Left or InboundStatus.Superseded => Agreement.Settled,
    };

    /// <summary>What has to happen next and which side owes it.</summary>
    public (string Step, Side? By) Next => Status switch
    {
        InboundStatus.Noticed => ("admit", Side.Host),
        InboundStatus.NotFound => ("findMember", Side.Home),
        InboundStatus.AwaitingHome => ("confirmIdentity", Side.Home),
        InboundStatus.Confirmed => ("admit", Side.Host),
        InboundStatus.LostContact => ("search", Side.Home),
        InboundStatus.Admitted when Agreement == Agreement.Differs => ("resolveDifference", Side.Home),
        InboundStatus.Admitted or InboundStatus.Denied or InboundStatus.Left or InboundStatus.Superseded => ("", null),
    };
}

/// <summary>States of the inbound card.</summary>
public enum InboundStatus
{
    /// <summary>已收到通知，待接收.</summary>
    Noticed,

    /// <summary>查无此人.</summary>
    NotFound,

    /// <summary>本地先登记，等待流出地确认.</summary>
    AwaitingHome,

    /// <summary>流出地已确认，待编入.</summary>
    Confirmed,

    /// <summary>流出地否认.</summary>
    Denied,

    /// <summary>已接收编入.</summary>
    Admitted,

    /// <summary>失去联系.</summary>
    LostContact,

    /// <summary>已离开.</summary>
    Left,

    /// <summary>并入流出地先立的事项: home had opened the same movement under its own case.</summary>
    Superseded,
}

/// <summary>Events of the inbound card.</summary>
public abstract record InboundEvent(DateTimeOffset At);

public sealed record NoticeArrived(InboundCard Card, DateTimeOffset At) : InboundEvent(At);
public sealed record NoticeRepeated(CaseFacts HomeFacts, DateOnly ArrivesOn, DateTimeOffset At) : InboundEvent(At);
public sealed record InboundOpened(InboundCard Card, DateTimeOffset At) : InboundEvent(At);
public sealed record HomeConfirmed(CaseFacts HomeFacts, string HomeBranch, string HomeContact, DateTimeOffset At)
    : InboundEvent(At);
public sealed record HomeDenied(string Why, DateTimeOffset At) : InboundEvent(At);
public sealed record HomeHadItsOwnCase(Guid HomeCaseId, DateTimeOffset At) : InboundEvent(At);
public sealed record MemberAdmitted(Admission Admission, DateTimeOffset At) : InboundEvent(At);
public sealed record MemberNotFound(string Why, DateTimeOffset At) : InboundEvent(At);
public sealed record FeedbackGiven(string Text, DateOnly On, DateTimeOffset At) : InboundEvent(At);
public sealed record HostFactsChanged(CaseFacts Facts, DateTimeOffset At) : InboundEvent(At);
public sealed record HomeFactsArrived(CaseFacts HomeFacts, CaseFacts Facts, DateTimeOffset At) : InboundEvent(At);
public sealed record MemberLeft(DepartureReason Reason, string? ToRegion, DateOnly On, bool SaidByHome,
    DateTimeOffset At)
    : InboundEvent(At);
public sealed record InboundContactLost(LostContactFinding Finding, DateTimeOffset At) : InboundEvent(At);
public sealed record InboundContactRegained(DateOnly On, DateTimeOffset At) : InboundEvent(At);

/// <summary>留言: a word to home.</summary>
public sealed record HostRemarked(string Text, string Office, DateTimeOffset At) : InboundEvent(At);

/// <summary>留言: a word of home.</summary>
public sealed record HomeRemarkArrived(string Text, string Office, DateTimeOffset At) : InboundEvent(At);

/// <summary>What a host officer records on admitting a member. Source: M-107, R-022.</summary>
/// <param name="BranchPath">Path of the branch that takes the member in.</param>
/// <param name="PlacementReason">Rung of the ladder and why.</param>
/// <param name="DocumentShown">Code of the table document-shown.</param>
/// <param name="Facts">What the host saw; differences from home's facts are listed, not overwritten.</param>
/// <param name="HostContact">Name and telephone of the branch's contact person.</param>
public sealed record Admission(
    Guid BranchId, string BranchPath, string BranchName, string PlacementReason, string DocumentShown, CaseFacts Facts,
    string HostContact, DateOnly On);
