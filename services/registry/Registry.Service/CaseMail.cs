using Platform.Hosting;
using Platform.Kernel;
using Registry.Mobility;
using Registry.Organisations;
using V1 = Platform.Contracts.Registry.V1;
using Body = Platform.Contracts.Registry.V1.CaseMessage.BodyOneofCase;

namespace Registry.Service;

/// <summary>
/// What each message of the other side means for this side's card. Pure: the same function serves every path.
/// </summary>
internal static class CaseMail
{
    /// <summary>True when the message speaks for the home side, so that the host's card hears it.</summary>
    public static bool SpeaksForHome(V1.CaseMessage m) => m.BodyCase switch
    {
        Body.OutboundNotice or Body.IdentityAnswer or Body.LegEnded or Body.ContactRegained => true,
        Body.FactsChanged => m.FactsChanged.FromHome,
        Body.LostContact => m.LostContact.FoundByHome,
        Body.Remark => m.Remark.FromHome,
        _ => false,
    };

    /// <summary>
    /// The host speaks, home hears. A question of identity needs the archives and is not decided here.
    /// </summary>
    public static Decision<OutboundEvent> ToHome(OutboundCard? card, V1.CaseMessage m, DateTimeOffset now) =>
        m.BodyCase switch
    {
        Body.AdmissionReceipt => OutboundDecider.ReceiveAdmission(card, m.Leg, new(m.AdmissionReceipt.Facts.ToFacts(),
            m.AdmissionReceipt.HostBranch, m.AdmissionReceipt.HostContact,
            CaseWire.Date(m.AdmissionReceipt.AdmittedOn, "admitted_on"), now)),
        Body.MemberNotFound => OutboundDecider.ReceiveNotFound(card, m.Leg, new(m.MemberNotFound.Why, now)),
        Body.Feedback => OutboundDecider.ReceiveFeedback(card, m.Leg,
            new(m.Feedback.Text, CaseWire.Date(m.Feedback.On, "on"), now)),
        Body.FactsChanged => OutboundDecider.ReceiveFacts(card, m.Leg, m.FactsChanged.Facts.ToFacts(),
            m.FactsChanged.Echo, now),
        Body.Departure => OutboundDecider.ReceiveDeparture(card, m.Leg, new(m.Departure.Reason.ToReason(),
            Region(m.Departure.ToRegion), CaseWire.Date(m.Departure.On, "on"), now)),
        Body.LostContact => OutboundDecider.ReceiveLost(card, m.Leg, m.LostContact.ToFinding(), now),
        Body.Remark => OutboundDecider.ReceiveRemark(card, new(CaseWire.Bounded(m.Remark.Text, "text"),
            CaseWire.Bounded(m.Remark.Office, "office"), now)),
        _ => Empty,
    };

    /// <summary>Home speaks, the host hears.</summary>
    /// <param name="id">Id of a card that a first notice creates.</param>
    public static Decision<InboundEvent> ToHost(InboundCard? card, Guid id, V1.CaseMessage m, DateTimeOffset now) =>
        m.BodyCase switch
        {
            Body.OutboundNotice => InboundDecider.ReceiveNotice(card, CardOf(id, m), now),
            Body.IdentityAnswer when m.IdentityAnswer.HomeCaseId.Length > 0 => InboundDecider.ReceiveSuperseded(card,
                new(Wire.Uuid(m.IdentityAnswer.HomeCaseId, "home_case_id"), now)),
            Body.IdentityAnswer when m.IdentityAnswer.Confirmed => InboundDecider.ReceiveConfirmation(card,
                new(m.IdentityAnswer.Facts.ToFacts(), m.IdentityAnswer.HomeBranch, m.IdentityAnswer.HomeContact, now)),
            Body.IdentityAnswer => InboundDecider.ReceiveDenial(card, new(m.IdentityAnswer.Why, now)),
            Body.FactsChanged =>
                InboundDecider.ReceiveFacts(card, m.FactsChanged.Facts.ToFacts(), m.FactsChanged.Echo, now),
            Body.LegEnded =>
                InboundDecider.ReceiveEnd(card, new(m.LegEnded.Reason.ToReason(), Region(m.LegEnded.ToRegion),
                CaseWire.Date(m.LegEnded.On, "on"), true, now)),
            Body.LostContact => InboundDecider.ReceiveLost(card, m.LostContact.ToFinding(), now),
            Body.Remark => InboundDecider.ReceiveRemark(card, new(CaseWire.Bounded(m.Remark.Text, "text"),
                CaseWire.Bounded(m.Remark.Office, "office"), now)),
            Body.ContactRegained =>
                InboundDecider.ReceiveRegained(card, CaseWire.Date(m.ContactRegained.On, "on"), now),
            _ => Empty,
        };

    /// <summary>CASE_MESSAGE_EMPTY.</summary>
    public static Problem Empty { get; } = new(ProblemKind.Invalid, "CASE_MESSAGE_EMPTY",
        "The message says nothing that this release understands.", "消息内容无法识别。");

    private static string? Region(string code) => code.Length == 0 ? null : code;

    private static InboundCard CardOf(Guid id, V1.CaseMessage m)
    {
        var facts = m.OutboundNotice.Facts.ToFacts();
        return new()
        {
            Id = id,
            CaseId = Wire.Uuid(m.CaseId, "case_id"),
            Leg = m.Leg,
            HostPath = Regions.PathOf(m.HostRegion),
            HostRegion = m.HostRegion,
            HomeRegion = m.HomeRegion,
            HomeBranch = m.OutboundNotice.HomeBranch,
            HomeContact = m.OutboundNotice.HomeContact,
            Status = InboundStatus.Noticed,
            Facts = facts,
            PeerFacts = facts,
            ArrivesOn = CaseWire.Date(m.OutboundNotice.ArrivesOn, "arrives_on"),
            CaseKey = CaseWire.CaseKey(m.OutboundNotice.CaseKey),
            Since = default,
        };
    }
}
