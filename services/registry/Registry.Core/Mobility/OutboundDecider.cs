using System.Diagnostics;
using Platform.Kernel;
using static Registry.Mobility.OutboundStatus;

namespace Registry.Mobility;

/// <summary>
/// Every step of the home side. Obstacles are listed top to bottom; the order is part of the contract.
/// </summary>
public static class OutboundDecider
{
    /// <summary>外出申请: the branch records the application before the member leaves. Source: M-102, M-103.</summary>
    /// <remarks>Problems: CASE_DATES_IMPOSSIBLE, CASE_ALREADY_OPEN.</remarks>
    public static Decision<OutboundEvent> Apply(bool hasOpenCase, OutboundCard card, DateTimeOffset now) => card switch
    {
        { PlannedReturnOn: { } back } when back < card.DepartsOn => CaseProblems.DatesImpossible(
            "The planned return lies before the departure.", "计划返回日期早于外出日期。"),
        _ when hasOpenCase => AlreadyOpen,
        _ => new OutboundApplied(card with { Status = Applied, Since = now }, now),
    };

    /// <summary>The grassroots committee approves and registers. Source: M-102.</summary>
    /// <remarks>Problems: CASE_STEP_NOT_POSSIBLE, CASE_SAME_PERSON.</remarks>
    public static Decision<OutboundEvent> Approve(OutboundCard? card, Guid officer, DateTimeOffset now) => card switch
    {
        null => CaseProblems.NotFound,
        { Status: not Applied } => CaseProblems.NotNow(card.Status.ToString(), "Applied"),
        _ when card.AppliedBy == officer => CaseProblems.SamePerson,
        _ => new OutboundApproved(officer, now),
    };

    /// <summary>The committee says no, with a reason.</summary>
    /// <remarks>Problems: CASE_STEP_NOT_POSSIBLE, CASE_SAME_PERSON.</remarks>
    public static Decision<OutboundEvent> Refuse(OutboundCard? card, Guid officer, string why, DateTimeOffset now) =>
        card switch
        {
            null => CaseProblems.NotFound,
            { Status: not Applied } => CaseProblems.NotNow(card.Status.ToString(), "Applied"),
            _ when card.AppliedBy == officer => CaseProblems.SamePerson,
            _ => new OutboundRefused(officer, why, now),
        };

    /// <summary>
    /// 行前谈话与教育 recorded, contact person named, certificate issued. Source: M-104, M-105, M-112, M-119.
    /// </summary>
    /// <remarks>Problems: CASE_STEP_NOT_POSSIBLE, CASE_DATES_IMPOSSIBLE.</remarks>
    public static Decision<OutboundEvent> Prepare(OutboundCard? card, DeparturePrepared prepared) => card switch
    {
        null => CaseProblems.NotFound,
        { Status: not Approved } => CaseProblems.NotNow(card.Status.ToString(), "Approved"),
        _ when prepared.TalkOn > card.DepartsOn || prepared.EducatedOn > card.DepartsOn => CaseProblems.DatesImpossible(
            "Talk and education come before the departure.", "谈话和教育应在外出之前进行。"),
        _ => prepared,
    };

    /// <summary>
    /// Sends the notice to the destination region; again after the host found nobody. Source: M-080, M-286.
    /// </summary>
    /// <remarks>Problems: CASE_STEP_NOT_POSSIBLE.</remarks>
    public static Decision<OutboundEvent> Notify(OutboundCard? card, DateTimeOffset now) => card switch
    {
        null => CaseProblems.NotFound,
        { Status: not (Prepared or NotFound) } => CaseProblems.NotNow(card.Status.ToString(), "Prepared, NotFound"),
        _ => new HostNotified(card.HostRegion, card.Leg, now),
    };

    /// <summary>The host's receipt. A receipt for a leg that is over changes nothing. Source: M-109.</summary>
    public static Decision<OutboundEvent> ReceiveAdmission(OutboundCard? card, int leg, HostAdmitted admitted) =>
        card switch
    {
        null => CaseProblems.NotFound,
        _ when leg != card.Leg || !card.IsOpen => Nothing,
        { Status: Notified or NotFound or Admitted or LostContact } => admitted,
        _ => CaseProblems.NotNow(card.Status.ToString(), "Notified, NotFound, Admitted, LostContact"),
    };

    /// <summary>The host looked and found nobody.</summary>
    public static Decision<OutboundEvent> ReceiveNotFound(OutboundCard? card, int leg, HostDidNotFind said) =>
        card switch
    {
        null => CaseProblems.NotFound,
        { Status: Notified } when leg == card.Leg => said,
        _ => Nothing,
    };

    /// <summary>A host opened a case for someone who says to be ours: home is asked. Source: M-082, M-110.</summary>
    public static Decision<OutboundEvent> ReceiveQuestion(OutboundCard? existing, OutboundCard card,
        DateTimeOffset now) =>
        existing is not null ? Nothing : new HostAsked(card with { Status = ToConfirm, Since = now }, now);

    /// <summary>
    /// Home confirms that the person is its member and stands by the case from now on. Source: M-082.
    /// </summary>
    /// <remarks>Problems: CASE_STEP_NOT_POSSIBLE, CASE_ALREADY_OPEN (the member is out under another case).</remarks>
    public static Decision<OutboundEvent> Confirm(OutboundCard? card, bool hasOtherCase, IdentityConfirmed said) =>
        card switch
        {
            null => CaseProblems.NotFound,
            { Status: not ToConfirm } => CaseProblems.NotNow(card.Status.ToString(), "ToConfirm"),
            _ when hasOtherCase => AlreadyOpen,
            _ => said,
        };

    /// <summary>Home says that the person is not its member.</summary>
    /// <remarks>Problems: CASE_STEP_NOT_POSSIBLE.</remarks>
    public static Decision<OutboundEvent> Deny(OutboundCard? card, string why, DateTimeOffset now) => card switch
    {
        null => CaseProblems.NotFound,
        { Status: not ToConfirm } => CaseProblems.NotNow(card.Status.ToString(), "ToConfirm"),
        _ => new IdentityDenied(why, now),
    };

    /// <summary>The host's feedback arrives. Source: M-109, M-164.</summary>
    public static Decision<OutboundEvent> ReceiveFeedback(OutboundCard? card, int leg, FeedbackReceived said) =>
        card switch
    {
        null => CaseProblems.NotFound,
        _ when leg != card.Leg || !card.IsOpen => Nothing,
        _ => said,
    };

    /// <summary>Home learned of a change, or takes over the host's value. Source: M-098, R-016.</summary>
    /// <remarks>Problems: CASE_STEP_NOT_POSSIBLE when the case is over or waits for confirmation.</remarks>
    public static Decision<OutboundEvent> ChangeFacts(OutboundCard? card, CaseFacts facts, DateTimeOffset now) =>
        card switch
    {
        null => CaseProblems.NotFound,
        _ when !card.IsOpen || card.Status == ToConfirm =>
            CaseProblems.NotNow(card.Status.ToString(), "open and confirmed"),
        _ when facts == card.Facts => Nothing,
        _ => new HomeFactsChanged(facts, now),
    };

    /// <summary>
    /// The host's facts changed: what agreed before follows, what differed stays for people to settle. An echo only
    /// says what the host now has because of our own news; following it could undo newer news.
    /// </summary>
    public static Decision<OutboundEvent> ReceiveFacts(
        OutboundCard? card, int leg, CaseFacts host, bool echo, DateTimeOffset now) => card switch
        {
            null => CaseProblems.NotFound,
            _ when leg != card.Leg || !card.IsOpen => Nothing,
            { Status: ToConfirm } => new HostFactsArrived(host, host, now),
            _ when echo => new HostFactsArrived(host, card.Facts, now),
            _ => new HostFactsArrived(host, CaseFacts.Follow(card.Facts, card.PeerFacts, host), now),
        };

    /// <summary>The host says that the member left.</summary>
    public static Decision<OutboundEvent> ReceiveDeparture(OutboundCard? card, int leg, HostReportedDeparture said) =>
        card switch
        {
            null => CaseProblems.NotFound,
            _ when leg != card.Leg || !card.IsOpen => Nothing,
            _ => said,
        };

    /// <summary>
    /// The member went on to a third region: a new leg of the same case begins. Source: architecture 7.
    /// </summary>
    /// <remarks>Problems: CASE_STEP_NOT_POSSIBLE, CASE_SAME_REGION.</remarks>
    public static Decision<OutboundEvent> MoveOn(OutboundCard? card, string toRegion, DateTimeOffset now) => card switch
    {
        null => CaseProblems.NotFound,
        { Status: not (Notified or Admitted or NotFound or LostContact) } =>
            CaseProblems.NotNow(card.Status.ToString(), "Notified, Admitted, NotFound, LostContact"),
        _ when card.HostRegion == toRegion => SameRegion,
        _ => new OutboundEvent[]
        {
            new MemberMovedOn(card.HostRegion, toRegion, card.Leg, now),
            new HostNotified(toRegion, card.Leg + 1, now),
        },
    };

    /// <summary>返乡: talk after the return, certificate inspected; the case ends. Source: M-112, M-113, R-015.</summary>
    /// <remarks>Problems: CASE_STEP_NOT_POSSIBLE, CASE_DATES_IMPOSSIBLE.</remarks>
    public static Decision<OutboundEvent> Return(OutboundCard? card, MemberReturned returned) => card switch
    {
        null => CaseProblems.NotFound,
        { Status: not (Notified or Admitted or NotFound or LostContact) } =>
            CaseProblems.NotNow(card.Status.ToString(), "Notified, Admitted, NotFound, LostContact"),
        _ when returned.On < card.DepartsOn || returned.TalkOn < returned.On => CaseProblems.DatesImpossible(
            "The return follows the departure and the talk follows the return.", "返乡应在外出之后，返乡谈话应在返乡之后。"),
        _ => returned,
    };

    /// <summary>People find that contact is lost; membership is untouched. Source: R-070..R-072.</summary>
    /// <remarks>Problems: CASE_STEP_NOT_POSSIBLE, CASE_EVIDENCE_MISSING.</remarks>
    public static Decision<OutboundEvent> FindLost(OutboundCard? card, LostContactFinding finding,
        DateTimeOffset now) =>
        card switch
        {
            null => CaseProblems.NotFound,
            { Status: not (Notified or Admitted or NotFound) } =>
                CaseProblems.NotNow(card.Status.ToString(), "Notified, Admitted, NotFound"),
            _ when finding.Attempts.Count is 0 or > 20 => CaseProblems.EvidenceMissing,
            _ => new ContactLost(finding, now),
        };

    /// <summary>The host made the finding; home keeps it as the host's word and searches.</summary>
    public static Decision<OutboundEvent> ReceiveLost(OutboundCard? card, int leg, LostContactFinding finding,
        DateTimeOffset now) => card switch
        {
            null => CaseProblems.NotFound,
            { Status: Notified or Admitted or NotFound } when leg == card.Leg => new ContactLost(finding, now),
            _ => Nothing,
        };

    /// <summary>Contact again. Source: R-072 (form "found again").</summary>
    /// <remarks>Problems: CASE_STEP_NOT_POSSIBLE.</remarks>
    public static Decision<OutboundEvent> Regain(OutboundCard? card, DateOnly on, DateTimeOffset now) => card switch
    {
        null => CaseProblems.NotFound,
        { Status: not LostContact } => CaseProblems.NotNow(card.Status.ToString(), "LostContact"),
        _ => new ContactRegained(on, now),
    };

    /// <summary>留言: a word to the host, once it knows of the case. It changes no state.</summary>
    /// <remarks>Problems: CASE_STEP_NOT_POSSIBLE.</remarks>
    public static Decision<OutboundEvent> Remark(OutboundCard? card, HomeRemarked said) => card switch
    {
        null => CaseProblems.NotFound,
        { Status: not (Notified or Admitted or NotFound or LostContact or ToConfirm) } => CaseProblems.NotNow(
            card.Status.ToString(), "Notified, Admitted, NotFound, LostContact, ToConfirm"),
        _ => said,
    };

    /// <summary>A word of the host; one about a leg that is over is kept all the same.</summary>
    public static Decision<OutboundEvent> ReceiveRemark(OutboundCard? card, HostRemarkArrived said) =>
        card is null ? CaseProblems.NotFound : said;

    /// <summary>Folds one event into the card. An illegal history is a bug and throws.</summary>
    public static OutboundCard Evolve(OutboundCard? card, OutboundEvent happened)
    {
        var next = Fold(card, happened);
        next = next with { Revision = (card?.Revision ?? 0) + 1 };
        return card is null || next.Agreement == card.Agreement ? next : next with { Since = happened.At };
    }

    private static OutboundCard Fold(OutboundCard? card, OutboundEvent happened) => (card, happened) switch
    {
        (null, OutboundApplied e) => e.Card,
        (null, HostAsked e) => e.Card,
        ({ } c, OutboundApproved) => c with { Status = Approved },
        ({ } c, OutboundRefused) => c with { Status = Refused },
        ({ } c, DeparturePrepared e) => c with
        {
            Status = Prepared,
            TalkOn = e.TalkOn,
            EducatedOn = e.EducatedOn,
            ContactPerson = e.ContactPerson,
            Facts = c.Facts with { CertificateNumber = e.CertificateNumber },
        },
        ({ } c, HostNotified e) => c with { Status = Notified, HostRegion = e.HostRegion, Leg = e.Leg },
        ({ } c, HostAdmitted e) => c with
        {
            Status = c.Status == LostContact ? LostContact : Admitted,
            PeerFacts = e.HostFacts,
            HostBranch = e.HostBranch,
            HostContact = e.HostContact,
            HostSaysLeft = null,
        },
        ({ } c, HostDidNotFind) => c with { Status = NotFound },
        ({ } c, IdentityConfirmed e) => c with
        {
            Status = Admitted,
            MemberId = e.MemberId,
            HomePath = e.HomePath,
            HomeBranch = e.HomeBranch,
            Facts = e.Facts,
        },
        ({ } c, IdentityDenied) => c with { Status = Denied },
        ({ } c, FeedbackReceived e) => c with { LastFeedbackOn = e.On, LastFeedback = e.Text },
        ({ } c, HomeFactsChanged e) => c with { Facts = e.Facts },
        ({ } c, HostFactsArrived e) => c with { PeerFacts = e.HostFacts, Facts = e.Facts },
        ({ } c, HostReportedDeparture e) => c with { HostSaysLeft = e.Reason },
        ({ } c, MemberMovedOn) => c with
        {
            PeerFacts = null,
            HostBranch = "",
            HostContact = "",
            HostSaysLeft = null,
            LostContact = null,
        },
        ({ } c, MemberReturned e) => c with { Status = Returned, EndedOn = e.On },
        ({ } c, ContactLost e) => c with { Status = LostContact, LostContact = e.Finding },
        ({ } c, HomeRemarked or HostRemarkArrived) => c,
        ({ } c, ContactRegained) => c with { Status = c.PeerFacts is null ? Notified : Admitted, LostContact = null },
        _ => throw new UnreachableException($"{happened.GetType().Name} cannot follow {card?.Status}"),
    };

    private static OutboundEvent[] Nothing { get; } = [];

    private static Problem AlreadyOpen { get; } = new(ProblemKind.Precondition, "CASE_ALREADY_OPEN",
        "This member already has an open case; end it or move it on.", "该党员已有未结束的流动事项，请先办结或办理再次流动。");

    private static Problem SameRegion { get; } = new(ProblemKind.Invalid, "CASE_SAME_REGION",
        "The member is in this region already; report a change of address instead.", "该党员已在该地区，请改为登记住址变动。");
}
