namespace Registry.Mobility;

/// <summary>
/// 外出党员登记卡: the home side of a mobility case. One card follows the member through every leg until the return, so
/// its id is the case id. Rules: <see cref="OutboundDecider"/>. Source: M-102..M-118, M-124, R-021.
/// </summary>
public sealed record OutboundCard
{
    public required Guid Id { get; init; }
    /// <summary>The archive it belongs to; null until home has said who the person a host asked about is.</summary>
    public Guid? MemberId { get; init; }

    /// <summary>Path of the branch that holds the relationship.</summary>
    public required string HomePath { get; init; }

    /// <summary>GB/T 2260 code of the home region, six digits.</summary>
    public required string HomeRegion { get; init; }
    public required string HomeBranch { get; init; }

    /// <summary>Where the member goes; changes with each leg.</summary>
    public required string HostRegion { get; init; }

    /// <summary>1 for the first destination, then one more for each region moved on to.</summary>
    public int Leg { get; init; } = 1;
    public required OutboundStatus Status { get; init; }
    public required CaseFacts Facts { get; init; }

    /// <summary>What the host last said; null until it has spoken.</summary>
    public CaseFacts? PeerFacts { get; init; }

    /// <summary>流动原因 code.</summary>
    public required string Reason { get; init; }
    public required DateOnly DepartsOn { get; init; }
    public DateOnly? PlannedReturnOn { get; init; }

    /// <summary>
    /// Account that recorded the application; it may not approve. Null when the host opened the case.
    /// </summary>
    public Guid? AppliedBy { get; init; }
    public DateOnly? TalkOn { get; init; }
    public DateOnly? EducatedOn { get; init; }

    /// <summary>专人联系: named contact person at home; "" before departure is prepared.</summary>
    public string ContactPerson { get; init; } = "";
    public string HostBranch { get; init; } = "";
    public string HostContact { get; init; } = "";
    public DateOnly? LastFeedbackOn { get; init; }

    /// <summary>What the host last said of the member's work and activity; null before it did. Source: M-182.</summary>
    public string? LastFeedback { get; init; }
    public DateOnly? EndedOn { get; init; }
    public DepartureReason? HostSaysLeft { get; init; }
    public LostContactFinding? LostContact { get; init; }

    /// <summary>
    /// 16 random bytes both sides share; upper tiers compare keyed digests of facts without reading them.
    /// </summary>
    public required byte[] CaseKey { get; init; }

    /// <summary>When this agreement began; the age in lists.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>Number of events so far; orders the reports to the tier above.</summary>
    public long Revision { get; init; }

    /// <summary>Whether home has done its part of registering. Source: M-110.</summary>
    public bool Stands => Status is not (OutboundStatus.Applied or OutboundStatus.ToConfirm or OutboundStatus.Refused
        or OutboundStatus.Denied);

    /// <summary>False once nothing more can happen to the card.</summary>
    public bool IsOpen => Status is not (OutboundStatus.Returned or OutboundStatus.Refused or OutboundStatus.Denied);

    public Agreement Agreement => Status switch
    {
        OutboundStatus.Applied or OutboundStatus.Approved or OutboundStatus.Prepared => Agreement.Settled,
        OutboundStatus.Refused or OutboundStatus.Denied or OutboundStatus.Returned => Agreement.Settled,
        OutboundStatus.ToConfirm => Agreement.HostOnly,
        OutboundStatus.Notified or OutboundStatus.NotFound => Agreement.HomeOnly,
        OutboundStatus.Admitted or OutboundStatus.LostContact => PeerFacts is null || HostSaysLeft is not null
            ? Agreement.HomeOnly
            : CaseFacts.Differences(Facts, PeerFacts).Count == 0 ? Agreement.Matched : Agreement.Differs,
    };

    /// <summary>What has to happen next and which side owes it.</summary>
    public (string Step, Side? By) Next => Status switch
    {
        OutboundStatus.Applied => ("approve", Side.Home),
        OutboundStatus.Approved => ("prepare", Side.Home),
        OutboundStatus.Prepared => ("notify", Side.Home),
        OutboundStatus.ToConfirm => ("confirmIdentity", Side.Home),
        OutboundStatus.Notified => ("admit", Side.Host),
        OutboundStatus.NotFound => ("findMember", Side.Home),
        OutboundStatus.LostContact => ("search", Side.Home),
        OutboundStatus.Admitted when HostSaysLeft is DepartureReason.MovedOn => ("moveOn", Side.Home),
        OutboundStatus.Admitted when HostSaysLeft is not null => ("recordReturn", Side.Home),
        OutboundStatus.Admitted when Agreement == Agreement.Differs => ("resolveDifference", Side.Home),
        OutboundStatus.Admitted or OutboundStatus.Returned or OutboundStatus.Refused or OutboundStatus.Denied =>
            ("", null),
    };
}

/// <summary>States of the outbound card.</summary>
public enum OutboundStatus
{
    /// <summary>已申请.</summary>
    Applied,

    /// <summary>党委已审批.</summary>
    Approved,

    /// <summary>审批未通过.</summary>
    Refused,

    /// <summary>行前谈话、教育已办，活动证已发.</summary>
    Prepared,

    /// <summary>已通知流入地.</summary>
    Notified,

    /// <summary>流入地已接收.</summary>
    Admitted,

    /// <summary>流入地查无此人.</summary>
    NotFound,

    /// <summary>流入地先登记，待本地确认身份.</summary>
    ToConfirm,

    /// <summary>本地否认: not a member of ours.</summary>
    Denied,

    /// <summary>失去联系 (a finding by people).</summary>
    LostContact,

    /// <summary>已返乡.</summary>
    Returned,
}

/// <summary>Events of the outbound card.</summary>
public abstract record OutboundEvent(DateTimeOffset At);

public sealed record OutboundApplied(OutboundCard Card, DateTimeOffset At) : OutboundEvent(At);
public sealed record OutboundApproved(Guid Officer, DateTimeOffset At) : OutboundEvent(At);
public sealed record OutboundRefused(Guid Officer, string Why, DateTimeOffset At) : OutboundEvent(At);
public sealed record DeparturePrepared(
    DateOnly TalkOn, DateOnly EducatedOn, string ContactPerson, string CertificateNumber, DateTimeOffset At)
    : OutboundEvent(At);
public sealed record HostNotified(string HostRegion, int Leg, DateTimeOffset At) : OutboundEvent(At);
public sealed record HostAdmitted(
    CaseFacts HostFacts, string HostBranch, string HostContact, DateOnly AdmittedOn, DateTimeOffset At)
        : OutboundEvent(At);
public sealed record HostDidNotFind(string Why, DateTimeOffset At) : OutboundEvent(At);
public sealed record HostAsked(OutboundCard Card, DateTimeOffset At) : OutboundEvent(At);
public sealed record IdentityConfirmed(
    Guid MemberId, string HomePath, string HomeBranch, CaseFacts Facts, DateTimeOffset At) : OutboundEvent(At);
public sealed record IdentityDenied(string Why, DateTimeOffset At) : OutboundEvent(At);
public sealed record FeedbackReceived(string Text, DateOnly On, DateTimeOffset At) : OutboundEvent(At);
public sealed record HomeFactsChanged(CaseFacts Facts, DateTimeOffset At) : OutboundEvent(At);
public sealed record HostFactsArrived(CaseFacts HostFacts, CaseFacts Facts, DateTimeOffset At) : OutboundEvent(At);
public sealed record HostReportedDeparture(DepartureReason Reason, string? ToRegion, DateOnly On, DateTimeOffset At)
    : OutboundEvent(At);
public sealed record MemberMovedOn(string FromRegion, string ToRegion, int Leg, DateTimeOffset At) : OutboundEvent(At);
public sealed record MemberReturned(DateOnly On, DateOnly TalkOn, bool CertificateInspected, DateTimeOffset At)
    : OutboundEvent(At);
public sealed record ContactLost(LostContactFinding Finding, DateTimeOffset At) : OutboundEvent(At);
public sealed record ContactRegained(DateOnly On, DateTimeOffset At) : OutboundEvent(At);

/// <summary>留言: a word to the other side.</summary>
public sealed record HomeRemarked(string Text, string Office, DateTimeOffset At) : OutboundEvent(At);

/// <summary>留言: a word of the host.</summary>
public sealed record HostRemarkArrived(string Text, string Office, DateTimeOffset At) : OutboundEvent(At);

/// <summary>The case was taken back whole, before anybody worked on it: the load that opened it was undone.</summary>
public sealed record OutboundWithdrawn(OutboundCard Card, DateTimeOffset At) : OutboundEvent(At);
