using System.Globalization;
using System.Text.Json;
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

/// <summary>
/// Applies one message of another region. The message id is the command id, so a repeat changes nothing.
/// </summary>
internal sealed class ApplyArrival(RegistryDb db, CaseDesk desk, ClosingDesk closings, SharedDesk shared,
    NodeOptions node, TimeProvider clock)
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
            case ClosingWire.ReportType:
                await closings.ReceiveAsync(Parse(V1.ClosingReport.Parser, arrival.Payload), arrival, ct);
                break;
            case SharedDesk.Type:
                await shared.ReceiveAsync(id, Parse(V1.SharedRound.Parser, arrival.Payload), arrival, ct);
                break;
            default:
                throw new ProblemException(new(ProblemKind.Invalid, "MESSAGE_TYPE_UNKNOWN",
                    "The registry does not know this type of message.", "登记服务不识别该类消息。"));
        }
    }

    private async Task ApplyAsync(Guid id, V1.CaseMessage m, string fromRegion, CancellationToken ct)
    {
        var (caseId, now) = (Wire.Uuid(m.CaseId, "case_id"), clock.GetUtcNow());
        var speaksForHome = CaseMail.SpeaksForHome(m);
        // A region may speak for its own side only; the exchange has proved who speaks.
        if (!Regions.IsCode(m.HomeRegion) || !Regions.IsCode(m.HostRegion)
            || fromRegion != (speaksForHome ? m.HomeRegion : m.HostRegion)) throw new ProblemException(WrongSpeaker);
        if (!speaksForHome)
        {
            await (m.BodyCase == V1.CaseMessage.BodyOneofCase.IdentityQuestion ? AskHomeAsync(id, caseId, m, ct)
                : desk.ApplyHomeAsync(id, caseId, c => CaseMail.ToHome(c, m, now), ct));
            return;
        }
        var card = await db.InboundCards.Where(c => c.CaseId == caseId && c.Leg == m.Leg)
            .Select(c => (Guid?)c.Id).SingleOrDefaultAsync(ct);
        await desk.ApplyHostAsync(id, card ?? id, c => CaseMail.ToHost(c, id, m, now), ct);
    }

    /// <summary>
    /// A host asks who someone is. Home may have opened the same movement already: then its case goes on.
    /// </summary>
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
        await desk.ApplyHomeAsync(id, caseId, c => OutboundDecider.ReceiveQuestion(c, card, clock.GetUtcNow()), ct);
    }

    private async Task ApplyAsync(Guid id, V1.SideReport r, X1.Arrival arrival, CancellationToken ct)
    {
        var caseId = Wire.Uuid(r.CaseId, "case_id");
        if (!Regions.IsCode(r.HomeRegion) || !Regions.IsCode(r.HostRegion)) throw new ProblemException(CaseMail.Empty);
        // The side itself, or a tier above it that passes the report on.
        var side = r.IsHome ? r.HomeRegion : r.HostRegion;
        if (!Regions.PathOf(side).StartsWith(Regions.PathOf(arrival.FromRegion), StringComparison.Ordinal))
            throw new ProblemException(WrongSpeaker);
        var mirror = await db.Mirrors.SingleOrDefaultAsync(m => m.CaseId == caseId && m.Leg == r.Leg, ct);
        var at = DateTimeOffset.TryParse(r.At, CultureInfo.InvariantCulture, out var parsed) ? parsed
            : clock.GetUtcNow();
        var status = JsonNamingPolicy.CamelCase.ConvertName(r.Status);
        var report = new SideReport(status, r.Stands, r.Open, r.Digests.ToDictionary(), r.Reason, r.Version, at);
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
        // Every tier above counts what happens below it.
        if (node.Parent.Length > 0)
            db.Enqueue(new RegionMessage(node.Serves(side) ? side : node.OwnRegion, "parent", CaseWire.ReportType,
                arrival.Payload.ToByteArray()));
        await db.SaveChangesAsync(ct);
    }

    private static T Parse<T>(MessageParser<T> parser, ByteString payload) where T : IMessage<T>
    {
        try
        {
            return parser.ParseFrom(payload);
        }
        catch (InvalidProtocolBufferException)
        {
            throw new ProblemException(CaseMail.Empty);
        }
    }

    internal static Problem WrongSpeaker { get; } = new(ProblemKind.Forbidden, "CASE_WRONG_SPEAKER",
        "A region may speak only for its own side of a case.", "地区只能代表事项中自己的一方发言。");
}
