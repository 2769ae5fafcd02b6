using System.Diagnostics;
using Platform.Kernel;
using static Registry.Mobility.InboundStatus;

namespace Registry.Mobility;

/// <summary>
/// Every step of the host side. Obstacles are listed top to bottom; the order is part of the contract.
/// </summary>
public static class InboundDecider
{
    /// <summary>
    /// Home's notice reaches the worklist; a notice repeated after "not found" opens it again. Source: M-080.
    /// </summary>
    public static Decision<InboundEvent> ReceiveNotice(InboundCard? existing, InboundCard card, DateTimeOffset now) =>
        existing switch
        {
            null => new NoticeArrived(card with { Status = Noticed, Since = now }, now),
            { Status: NotFound or Noticed } => new NoticeRepeated(card.PeerFacts ?? card.Facts, card.ArrivesOn, now),
            _ => Nothing,
        };

    /// <summary>
    /// Host first: the member turned up, with a document or without. Source: M-082, M-085, M-115, M-130.
    /// </summary>
    /// <remarks>Problems: CASE_NOTICE_WAITING (home's notice for this person is already on the worklist).</remarks>
    public static Decision<InboundEvent> Open(bool noticeWaiting, InboundCard card, DateTimeOffset now) =>
        noticeWaiting ? NoticeWaiting : new InboundOpened(card with { Status = AwaitingHome, Since = now }, now);

    /// <summary>Home confirms the identity. Source: M-082.</summary>
    public static Decision<InboundEvent> ReceiveConfirmation(InboundCard? card, HomeConfirmed said) => card switch
    {
        null => CaseProblems.NotFound,
        { Status: AwaitingHome } => said,
        _ => Nothing,
    };

    /// <summary>Home says that the person is not its member.</summary>
    public static Decision<InboundEvent> ReceiveDenial(InboundCard? card, HomeDenied said) => card switch
    {
        null => CaseProblems.NotFound,
        { Status: AwaitingHome } => said,
        _ => Nothing,
    };

    /// <summary>Both sides had opened the movement at once: home's case goes on, this one is folded into it.</summary>
    public static Decision<InboundEvent> ReceiveSuperseded(InboundCard? card, HomeHadItsOwnCase said) => card switch
    {
        null => CaseProblems.NotFound,
        { Status: AwaitingHome } => said,
        _ => Nothing,
    };

    /// <summary>
    /// The member is admitted into a branch, or later placed anew after a change of employer or residence; home gets
    /// the receipt. Source: M-107, M-109, M-118, R-015.
    /// </summary>
    /// <remarks>Problems: CASE_STEP_NOT_POSSIBLE, CASE_DATES_IMPOSSIBLE, CASE_DOCUMENT_UNKNOWN.</remarks>
    public static Decision<InboundEvent> Admit(InboundCard? card, Admission admission, DateTimeOffset now) =>
        card switch
    {
        null => CaseProblems.NotFound,
        { Status: not (Noticed or NotFound or Confirmed or Admitted) } =>
            CaseProblems.NotNow(card.Status.ToString(), "Noticed, NotFound, Confirmed, Admitted"),
        _ when admission.On < card.AdmittedOn => CaseProblems.DatesImpossible(
            "A new placement follows the admission.", "重新编入日期不能早于接收日期。"),
        _ when !Documents.Contains(admission.DocumentShown) => DocumentUnknown,
        _ => new MemberAdmitted(admission, now),
    };

    /// <summary>Searched and not found: said with a reason, so that home looks again. Source: M-147.</summary>
    /// <remarks>Problems: CASE_STEP_NOT_POSSIBLE.</remarks>
    public static Decision<InboundEvent> NotFoundHere(InboundCard? card, string why, DateTimeOffset now) => card switch
    {
        null => CaseProblems.NotFound,
        { Status: not Noticed } => CaseProblems.NotNow(card.Status.ToString(), "Noticed"),
        _ => new MemberNotFound(why, now),
    };

    /// <summary>Feedback to home at the agreed cadence. Source: M-109, M-164.</summary>
    /// <remarks>Problems: CASE_STEP_NOT_POSSIBLE.</remarks>
    public static Decision<InboundEvent> GiveFeedback(InboundCard? card, FeedbackGiven feedback) => card switch
    {
        null => CaseProblems.NotFound,
        { Status: not (Admitted or LostContact) } =>
            CaseProblems.NotNow(card.Status.ToString(), "Admitted, LostContact"),
        _ => feedback,
    };

    /// <summary>The host learned of a change, or takes over home's value. Source: M-081, M-098.</summary>
    /// <remarks>Problems: CASE_STEP_NOT_POSSIBLE.</remarks>
    public static Decision<InboundEvent> ChangeFacts(InboundCard? card, CaseFacts facts, DateTimeOffset now) =>
        card switch
    {
        null => CaseProblems.NotFound,
        _ when !card.Stands => CaseProblems.NotNow(card.Status.ToString(),
            "AwaitingHome, Confirmed, Admitted, LostContact"),
        _ when facts == card.Facts => Nothing,
        _ => new HostFactsChanged(facts, now),
    };

    /// <summary>
    /// Home's facts changed: before admission the card simply follows; afterwards only what agreed before.
    /// </summary>
    public static Decision<InboundEvent> ReceiveFacts(
        InboundCard? card, CaseFacts home, bool echo, DateTimeOffset now) => card switch
    {
        null => CaseProblems.NotFound,
        _ when !card.IsOpen => Nothing,
        { Status: Noticed or NotFound } => new HomeFactsArrived(home, home, now),
        _ when echo => new HomeFactsArrived(home, card.Facts, now),
        _ => new HomeFactsArrived(home, CaseFacts.Follow(card.Facts, card.PeerFacts, home), now),
    };

    /// <summary>The member left; home is told whether back, onwards or unknown. Source: R-015.</summary>
    /// <remarks>Problems: CASE_STEP_NOT_POSSIBLE, CASE_DATES_IMPOSSIBLE, CASE_REGION_MISSING.</remarks>
    public static Decision<InboundEvent> Leave(InboundCard? card, MemberLeft left) => card switch
    {
        null => CaseProblems.NotFound,
        { Status: not (Admitted or LostContact or Confirmed) } =>
            CaseProblems.NotNow(card.Status.ToString(), "Admitted, LostContact, Confirmed"),
        _ when card.AdmittedOn is { } came && left.On < came => CaseProblems.DatesImpossible(
            "The member cannot leave before having been admitted.", "离开日期不能早于接收日期。"),
        _ when left.Reason == DepartureReason.MovedOn && left.ToRegion is null => RegionMissing,
        _ => left,
    };

    /// <summary>Home says that the member returned or went on: the leg ends here.</summary>
    public static Decision<InboundEvent> ReceiveEnd(InboundCard? card, MemberLeft left) => card switch
    {
        null => CaseProblems.NotFound,
        _ when !card.IsOpen => Nothing,
        _ => left,
    };

    /// <summary>People find that contact is lost. Source: R-070..R-072.</summary>
    /// <remarks>Problems: CASE_STEP_NOT_POSSIBLE, CASE_EVIDENCE_MISSING.</remarks>
    public static Decision<InboundEvent> FindLost(InboundCard? card, LostContactFinding finding, DateTimeOffset now) =>
        card switch
        {
            null => CaseProblems.NotFound,
            { Status: not Admitted } => CaseProblems.NotNow(card.Status.ToString(), "Admitted"),
            _ when finding.Attempts.Count is 0 or > 20 => CaseProblems.EvidenceMissing,
            _ => new InboundContactLost(finding, now),
        };

    /// <summary>Home made the finding; an admitted member is still the host's to ask.</summary>
    public static Decision<InboundEvent> ReceiveLost(InboundCard? card, LostContactFinding finding,
        DateTimeOffset now) =>
        card switch
        {
            null => CaseProblems.NotFound,
            { Status: Admitted } => new InboundContactLost(finding, now),
            _ => Nothing,
        };

    /// <summary>Home has contact again.</summary>
    public static Decision<InboundEvent> ReceiveRegained(InboundCard? card, DateOnly on, DateTimeOffset now) =>
        card switch
    {
        null => CaseProblems.NotFound,
        { Status: InboundStatus.LostContact } => new InboundContactRegained(on, now),
        _ => Nothing,
    };

    /// <summary>留言: a word to home. It changes no state.</summary>
    /// <remarks>Problems: CASE_STEP_NOT_POSSIBLE.</remarks>
    public static Decision<InboundEvent> Remark(InboundCard? card, HostRemarked said) => card switch
    {
        null => CaseProblems.NotFound,
        { IsOpen: false } => CaseProblems.NotNow(card.Status.ToString(), "open"),
        _ => said,
    };

    /// <summary>A word of home; one about a leg that is over is kept all the same.</summary>
    public static Decision<InboundEvent> ReceiveRemark(InboundCard? card, HomeRemarkArrived said) =>
        card is null ? CaseProblems.NotFound : said;

    /// <summary>Folds one event into the card. An illegal history is a bug and throws.</summary>
    public static InboundCard Evolve(InboundCard? card, InboundEvent happened)
    {
        var next = Fold(card, happened);
        next = next with { Revision = (card?.Revision ?? 0) + 1 };
        return card is null || next.Agreement == card.Agreement ? next : next with { Since = happened.At };
    }

    private static InboundCard Fold(InboundCard? card, InboundEvent happened) => (card, happened) switch
    {
        (null, NoticeArrived e) => e.Card,
        (null, InboundOpened e) => e.Card,
        ({ } c, NoticeRepeated e) => c with
        {
            Status = Noticed,
            Facts = e.HomeFacts,
            PeerFacts = e.HomeFacts,
            ArrivesOn = e.ArrivesOn,
        },
        ({ } c, HomeConfirmed e) => c with
        {
            Status = Confirmed,
            PeerFacts = e.HomeFacts,
            HomeBranch = e.HomeBranch,
            HomeContact = e.HomeContact,
        },
        ({ } c, HomeDenied) => c with { Status = Denied },
        ({ } c, HomeHadItsOwnCase) => c with { Status = Superseded },
        ({ } c, MemberAdmitted e) => c with
        {
            Status = Admitted,
            HostPath = e.Admission.BranchPath,
            BranchId = e.Admission.BranchId,
            BranchName = e.Admission.BranchName,
            PlacementReason = e.Admission.PlacementReason,
            DocumentShown = e.Admission.DocumentShown,
            HostContact = e.Admission.HostContact,
            Facts = e.Admission.Facts,
            AdmittedOn = c.AdmittedOn ?? e.Admission.On,
        },
        ({ } c, MemberNotFound) => c with { Status = NotFound },
        ({ } c, FeedbackGiven e) => c with { LastFeedbackOn = e.On },
        ({ } c, HostFactsChanged e) => c with { Facts = e.Facts },
        ({ } c, HomeFactsArrived e) => c with { PeerFacts = e.HomeFacts, Facts = e.Facts },
        ({ } c, MemberLeft e) => c with { Status = Left, LeftOn = e.On, LeftBecause = e.Reason },
        ({ } c, InboundContactLost e) => c with { Status = InboundStatus.LostContact, LostContact = e.Finding },
        ({ } c, HostRemarked or HomeRemarkArrived) => c,
        ({ } c, InboundContactRegained) => c with { Status = Admitted, LostContact = null },
        _ => throw new UnreachableException($"{happened.GetType().Name} cannot follow {card?.Status}"),
    };

    private static readonly string[] Documents = ["CRT", "LET", "TRL", "ONL", "NON"];

    private static InboundEvent[] Nothing { get; } = [];

    private static Problem NoticeWaiting { get; } = new(ProblemKind.Precondition, "CASE_NOTICE_WAITING",
        "Home's notice for this person is on the worklist already; admit it there.",
        "流出地的通知已在待接收列表中，请直接办理接收。");

    private static Problem DocumentUnknown { get; } = new(ProblemKind.Invalid, "CASE_DOCUMENT_UNKNOWN",
        "The document shown is a code of the table document-shown: CRT, LET, TRL, ONL, NON.",
        "所持证明须为代码 CRT 活动证、LET 证明信、TRL 介绍信、ONL 网上核验、NON 未出示之一。");

    private static Problem RegionMissing { get; } = new(ProblemKind.Invalid, "CASE_REGION_MISSING",
        "A member who moved on went to a region; give its code.", "流向第三地须填写目的地区划代码。");
}
