using System.Globalization;
using Google.Protobuf;
using Microsoft.EntityFrameworkCore;
using Platform.Hosting;
using Platform.Kernel;
using Registry.Mobility;
using Registry.Organisations;
using Registry.Service.Persistence;
using V1 = Platform.Contracts.Registry.V1;
using X1 = Platform.Contracts.Exchange.V1;

namespace Registry.Service.Capabilities;

/// <summary>Applies one message of another region. The message id is the command id, so a repeat changes nothing.</summary>
internal sealed class ApplyArrival(RegistryDb db, CaseDesk desk, NodeOptions node, TimeProvider clock)
{
    /// <exception cref="ProblemException">The message cannot be applied; it will be refused.</exception>
    public async Task RunAsync(X1.Arrival arrival, CancellationToken ct)
    {
        var id = Wire.Uuid(arrival.MessageId, "message_id");
        switch (arrival.Type)
        {
            case CaseWire.CaseType:
                await ApplyAsync(id, Parse(V1.CaseMessage.Parser, arrival.Payload), arrival.FromRegion, ct);
                break;
            case CaseWire.ReportType:
                await ApplyAsync(id, Parse(V1.SideReport.Parser, arrival.Payload), arrival, ct);
                break;
            default:
                throw new ProblemException(new(ProblemKind.Invalid, "MESSAGE_TYPE_UNKNOWN",
                    "The registry does not know this type of message.", "登记服务不识别该类消息。"));
        }
    }

    private async Task ApplyAsync(Guid id, V1.CaseMessage m, string fromRegion, CancellationToken ct)
    {
        var speaksForHome = m.BodyCase is V1.CaseMessage.BodyOneofCase.OutboundNotice
            or V1.CaseMessage.BodyOneofCase.IdentityAnswer or V1.CaseMessage.BodyOneofCase.LegEnded
            or V1.CaseMessage.BodyOneofCase.ContactRegained
            || (m.BodyCase is V1.CaseMessage.BodyOneofCase.FactsChanged or V1.CaseMessage.BodyOneofCase.LostContact
                && fromRegion == m.HomeRegion && (m.HomeRegion != m.HostRegion || SpeaksAsHome(m)));
        // A region may speak for its own side only; the exchange has proved who speaks.
        if (fromRegion != (speaksForHome ? m.HomeRegion : m.HostRegion)) throw new ProblemException(WrongSpeaker);
        if (speaksForHome) await ApplyToHostAsync(id, m, ct);
        else await ApplyToHomeAsync(id, m, ct);
    }

    // Inside one region both sides have the same code; the message says who speaks.
    private static bool SpeaksAsHome(V1.CaseMessage m) =>
        m.BodyCase == V1.CaseMessage.BodyOneofCase.LostContact ? m.LostContact.FoundByHome : m.FactsChanged.FromHome;

    private async Task ApplyToHomeAsync(Guid id, V1.CaseMessage m, CancellationToken ct)
    {
        var (caseId, now) = (Wire.Uuid(m.CaseId, "case_id"), clock.GetUtcNow());
        switch (m.BodyCase)
        {
            case V1.CaseMessage.BodyOneofCase.IdentityQuestion:
                await AskHomeAsync(id, caseId, m, ct);
                break;
            case V1.CaseMessage.BodyOneofCase.AdmissionReceipt:
                var receipt = m.AdmissionReceipt;
                await HomeAsync(id, caseId, c => OutboundDecider.ReceiveAdmission(c, m.Leg, new(receipt.Facts.ToFacts(),
                    receipt.HostBranch, receipt.HostContact, CaseWire.Date(receipt.AdmittedOn, "admitted_on"), now)), ct);
                break;
            case V1.CaseMessage.BodyOneofCase.MemberNotFound:
                await HomeAsync(id, caseId, c =>
                    OutboundDecider.ReceiveNotFound(c, m.Leg, new(m.MemberNotFound.Why, now)), ct);
                break;
            case V1.CaseMessage.BodyOneofCase.Feedback:
                await HomeAsync(id, caseId, c => OutboundDecider.ReceiveFeedback(c, m.Leg,
                    new(m.Feedback.Text, CaseWire.Date(m.Feedback.On, "on"), now)), ct);
                break;
            case V1.CaseMessage.BodyOneofCase.FactsChanged:
                await HomeAsync(id, caseId, c => OutboundDecider.ReceiveFacts(c, m.Leg, m.FactsChanged.Facts.ToFacts(),
                    m.FactsChanged.Echo, now), ct);
                break;
            case V1.CaseMessage.BodyOneofCase.Departure:
                await HomeAsync(id, caseId, c => OutboundDecider.ReceiveDeparture(c, m.Leg, new(
                    m.Departure.Reason.ToReason(), m.Departure.ToRegion is { Length: > 0 } to ? to : null,
                    CaseWire.Date(m.Departure.On, "on"), now)), ct);
                break;
            case V1.CaseMessage.BodyOneofCase.LostContact:
                await HomeAsync(id, caseId, c =>
                    OutboundDecider.ReceiveLost(c, m.Leg, m.LostContact.ToFinding(), now), ct);
                break;
            default:
                throw new ProblemException(Empty);
        }
    }

    private async Task ApplyToHostAsync(Guid id, V1.CaseMessage m, CancellationToken ct)
    {
        var (caseId, now) = (Wire.Uuid(m.CaseId, "case_id"), clock.GetUtcNow());
        var cardId = await db.InboundCards.Where(c => c.CaseId == caseId && c.Leg == m.Leg)
            .Select(c => (Guid?)c.Id).SingleOrDefaultAsync(ct);
        if (m.BodyCase == V1.CaseMessage.BodyOneofCase.OutboundNotice)
        {
            await desk.ApplyHostAsync(id, cardId ?? id,
                c => InboundDecider.ReceiveNotice(c, CardOf(id, caseId, m), now), ct);
            return;
        }
        if (cardId is not { } card) throw new ProblemException(CaseProblems.NotFound);
        await desk.ApplyHostAsync(id, card, c => m.BodyCase switch
        {
            V1.CaseMessage.BodyOneofCase.IdentityAnswer => Answer(c, m.IdentityAnswer, now),
            V1.CaseMessage.BodyOneofCase.FactsChanged =>
                InboundDecider.ReceiveFacts(c, m.FactsChanged.Facts.ToFacts(), m.FactsChanged.Echo, now),
            V1.CaseMessage.BodyOneofCase.LegEnded => InboundDecider.ReceiveEnd(c, new(m.LegEnded.Reason.ToReason(),
                m.LegEnded.ToRegion is { Length: > 0 } to ? to : null, CaseWire.Date(m.LegEnded.On, "on"), true, now)),
            V1.CaseMessage.BodyOneofCase.LostContact => InboundDecider.ReceiveLost(c, m.LostContact.ToFinding(), now),
            V1.CaseMessage.BodyOneofCase.ContactRegained =>
                InboundDecider.ReceiveRegained(c, CaseWire.Date(m.ContactRegained.On, "on"), now),
            _ => Empty,
        }, ct);
    }

    private static Decision<InboundEvent> Answer(InboundCard? card, V1.IdentityAnswer answer, DateTimeOffset now) =>
        answer switch
        {
            { HomeCaseId.Length: > 0 } => InboundDecider.ReceiveSuperseded(card,
                new(Wire.Uuid(answer.HomeCaseId, "home_case_id"), now)),
            { Confirmed: true } => InboundDecider.ReceiveConfirmation(card,
                new(answer.Facts.ToFacts(), answer.HomeBranch, answer.HomeContact, now)),
            _ => InboundDecider.ReceiveDenial(card, new(answer.Why, now)),
        };

    /// <summary>A host asks who someone is. Home may have opened the same movement already: then its case goes on.</summary>
    private async Task AskHomeAsync(Guid id, Guid caseId, V1.CaseMessage m, CancellationToken ct)
    {
        var facts = m.IdentityQuestion.Facts.ToFacts();
        var index = db.IdNumberIndex(facts.IdNumber);
        var member = await db.Members.AsNoTracking()
            .SingleOrDefaultAsync(x => EF.Property<byte[]>(x, "IdNumberIndex") == index, ct);
        var open = member is null ? null : await db.OutboundCards.AsNoTracking().FirstOrDefaultAsync(c =>
            c.MemberId == member.Id && c.Id != caseId && c.Status != OutboundStatus.Returned
            && c.Status != OutboundStatus.Refused && c.Status != OutboundStatus.Denied, ct);
        if (open is not null && open.HostRegion == m.HostRegion && open.Status != OutboundStatus.ToConfirm)
        {
            db.Enqueue(new RegionMessage(m.HomeRegion, m.HostRegion, CaseWire.CaseType, new V1.CaseMessage
            {
                CaseId = m.CaseId,
                Leg = m.Leg,
                HomeRegion = m.HomeRegion,
                HostRegion = m.HostRegion,
                IdentityAnswer = new() { Confirmed = true, HomeCaseId = open.Id.ToString() },
            }.ToByteArray()));
            await db.SaveChangesAsync(ct);
            return;
        }
        var branch = member is null ? null
            : await db.Organisations.AsNoTracking().SingleAsync(o => o.Id == member.BranchId, ct);
        var card = new OutboundCard
        {
            Id = caseId,
            MemberId = open is null ? member?.Id : null,
            HomePath = member?.BranchPath ?? Regions.PathOf(m.HomeRegion),
            HomeRegion = m.HomeRegion,
            HomeBranch = branch?.Name ?? "",
            HostRegion = m.HostRegion,
            Leg = m.Leg,
            Status = OutboundStatus.ToConfirm,
            Facts = facts,
            PeerFacts = facts,
            Reason = "7",
            DepartsOn = CaseWire.Date(m.IdentityQuestion.ArrivedOn, "arrived_on"),
            CaseKey = CaseWire.CaseKey(m.IdentityQuestion.CaseKey),
            Since = clock.GetUtcNow(),
        };
        await HomeAsync(id, caseId, c => OutboundDecider.ReceiveQuestion(c, card, clock.GetUtcNow()), ct);
    }

    private async Task ApplyAsync(Guid id, V1.SideReport r, X1.Arrival arrival, CancellationToken ct)
    {
        var caseId = Wire.Uuid(r.CaseId, "case_id");
        if (!Regions.IsCode(r.HomeRegion) || !Regions.IsCode(r.HostRegion)) throw new ProblemException(Empty);
        var mirror = await db.Mirrors.SingleOrDefaultAsync(m => m.CaseId == caseId && m.Leg == r.Leg, ct);
        var at = DateTimeOffset.TryParse(r.At, CultureInfo.InvariantCulture, out var parsed) ? parsed : clock.GetUtcNow();
        var report = new SideReport(r.Status, r.Stands, r.Open, r.Digests.ToDictionary(), r.Reason, r.Version, at);
        if (mirror is null)
        {
            db.Add(new CaseMirror
            {
                Id = id,
                CaseId = caseId,
                Leg = r.Leg,
                HomeRegion = r.HomeRegion,
                HostRegion = r.HostRegion,
                CommonPath = Regions.CommonPath(r.HomeRegion, r.HostRegion),
                Since = at,
            }.With(r.IsHome ? Side.Home : Side.Host, report));
        }
        else
        {
            var next = mirror.With(r.IsHome ? Side.Home : Side.Host, report);
            db.Entry(mirror).CurrentValues.SetValues(next);
        }
        // Above this node a tier is needed only while this one does not contain both regions.
        if (node.Parent.Length > 0 && !(node.Contains(r.HomeRegion) && node.Contains(r.HostRegion)))
            db.Enqueue(new RegionMessage(arrival.ToRegion, "parent", CaseWire.ReportType, arrival.Payload.ToByteArray()));
        await db.SaveChangesAsync(ct);
    }

    private Task HomeAsync(Guid id, Guid caseId, Func<OutboundCard?, Decision<OutboundEvent>> decide,
        CancellationToken ct) => desk.ApplyHomeAsync(id, caseId, decide, ct);

    private static InboundCard CardOf(Guid id, Guid caseId, V1.CaseMessage m)
    {
        var facts = m.OutboundNotice.Facts.ToFacts();
        return new()
        {
            Id = id,
            CaseId = caseId,
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

    private static T Parse<T>(MessageParser<T> parser, ByteString payload) where T : IMessage<T>
    {
        try
        {
            return parser.ParseFrom(payload);
        }
        catch (InvalidProtocolBufferException)
        {
            throw new ProblemException(Empty);
        }
    }

    private static Problem Empty { get; } = new(ProblemKind.Invalid, "CASE_MESSAGE_EMPTY",
        "The message says nothing that this release understands.", "消息内容无法识别。");

    private static Problem WrongSpeaker { get; } = new(ProblemKind.Forbidden, "CASE_WRONG_SPEAKER",
        "A region may speak only for its own side of a case.", "地区只能代表事项中自己的一方发言。");
}
