using System.Globalization;
using Google.Protobuf;
using Platform.Hosting;
using Registry.Mobility;
using V1 = Platform.Contracts.Registry.V1;

namespace Registry.Service;

/// <summary>
/// What others hear of each event of a case: the other side, the tier above, the services of this node. Pure.
/// </summary>
internal sealed class Announce(NodeOptions node)
{
    public IEnumerable<Outgoing> Of(OutboundCard? before, OutboundCard after, OutboundEvent happened)
    {
        if (happened is MemberMovedOn moved)
        {
            yield return ToHost(after, moved.FromRegion, moved.Leg, m => m.LegEnded = new()
            {
                Reason = V1.DepartureReason.MovedOn,
                ToRegion = moved.ToRegion,
                On = Day(moved.At),
            });
            yield return Report(after, moved.FromRegion, moved.Leg, open: false, moved.At);
        }
        else
        {
            if (HostHears(before, after, happened) is { } say) yield return ToHost(after, after.HostRegion, after.Leg,
                say);
            if (after.Status is not (OutboundStatus.Applied or OutboundStatus.Approved or OutboundStatus.Prepared))
                yield return Report(after, after.HostRegion, after.Leg, after.IsOpen, happened.At);
        }
        yield return new BusFact(new V1.CaseCardChanged(after.Id, after.Leg, true, after.HomePath,
            happened.GetType().Name, after.Status.ToString(), after.Agreement.ToString(), happened.At));
    }

    public IEnumerable<Outgoing> Of(InboundCard? before, InboundCard after, InboundEvent happened)
    {
        if (HomeHears(before, after, happened) is { } say)
        {
            var message = new V1.CaseMessage
            {
                CaseId = after.CaseId.ToString(),
                Leg = after.Leg,
                HomeRegion = after.HomeRegion,
                HostRegion = after.HostRegion,
            };
            say(message);
            yield return new RegionMessage(after.HostRegion, after.HomeRegion, CaseWire.CaseType,
                message.ToByteArray(), TakesLineId: true);
        }
        yield return Report(after, happened.At);
        yield return new BusFact(new V1.CaseCardChanged(after.CaseId, after.Leg, false, after.HostPath,
            happened.GetType().Name, after.Status.ToString(), after.Agreement.ToString(), happened.At));
    }

    private static Action<V1.CaseMessage>? HostHears(OutboundCard? before, OutboundCard after,
        OutboundEvent happened) =>
        happened switch
        {
            HostNotified => m => m.OutboundNotice = new()
            {
                Facts = after.Facts.ToWire(),
                HomeBranch = after.HomeBranch,
                HomeContact = after.ContactPerson,
                ArrivesOn = CaseWire.Date(after.DepartsOn),
                CaseKey = ByteString.CopyFrom(after.CaseKey),
            },
            IdentityConfirmed => m => m.IdentityAnswer = new()
            {
                Confirmed = true,
                Facts = after.Facts.ToWire(),
                HomeBranch = after.HomeBranch,
                HomeContact = after.ContactPerson,
            },
            IdentityDenied e => m => m.IdentityAnswer = new() { Why = e.Why },
            HomeFactsChanged when before is { Stands: true,
                Status: not (OutboundStatus.Approved or OutboundStatus.Prepared) }
                => m => m.FactsChanged = new() { Facts = after.Facts.ToWire(), FromHome = true },
            HostFactsArrived when before is { Stands: true } && before.Facts != after.Facts =>
                m => m.FactsChanged = new() { Facts = after.Facts.ToWire(), Echo = true, FromHome = true },
            MemberReturned e when before?.Status is not OutboundStatus.NotFound =>
                m => m.LegEnded = new() { Reason = V1.DepartureReason.Returned, On = CaseWire.Date(e.On) },
            ContactLost { Finding.FoundBy: Side.Home } e => m => m.LostContact = e.Finding.ToWire(),
            HomeRemarked e => m => m.Remark = new() { Text = e.Text, Office = e.Office, FromHome = true },
            ContactRegained e => m => m.ContactRegained = new() { On = CaseWire.Date(e.On) },
            _ => null,
        };

    private static Action<V1.CaseMessage>? HomeHears(InboundCard? before, InboundCard after, InboundEvent happened) =>
        happened switch
        {
            InboundOpened e => m => m.IdentityQuestion = new()
            {
                Facts = after.Facts.ToWire(),
                ArrivedOn = CaseWire.Date(after.ArrivesOn),
                CaseKey = ByteString.CopyFrom(after.CaseKey),
            },
            MemberAdmitted e => m => m.AdmissionReceipt = new()
            {
                Facts = after.Facts.ToWire(),
                HostBranch = after.BranchName,
                HostContact = after.HostContact,
                AdmittedOn = CaseWire.Date(e.Admission.On),
            },
            MemberNotFound e => m => m.MemberNotFound = new() { Why = e.Why },
            FeedbackGiven e => m => m.Feedback = new() { Text = e.Text, On = CaseWire.Date(e.On) },
            HostFactsChanged => m => m.FactsChanged = new() { Facts = after.Facts.ToWire() },
            HomeFactsArrived when before is { Stands: true } && before.Facts != after.Facts =>
                m => m.FactsChanged = new() { Facts = after.Facts.ToWire(), Echo = true },
            MemberLeft { SaidByHome: false } e => m => m.Departure = new()
            {
                Reason = e.Reason.ToWire(),
                ToRegion = e.ToRegion ?? "",
                On = CaseWire.Date(e.On),
            },
            HostRemarked e => m => m.Remark = new() { Text = e.Text, Office = e.Office },
            InboundContactLost { Finding.FoundBy: Side.Host } e => m => m.LostContact = e.Finding.ToWire(),
            _ => null,
        };

    private static RegionMessage ToHost(OutboundCard card, string hostRegion, int leg, Action<V1.CaseMessage> say)
    {
        var message = new V1.CaseMessage
        {
            CaseId = card.Id.ToString(),
            Leg = leg,
            HomeRegion = card.HomeRegion,
            HostRegion = hostRegion,
        };
        say(message);
        return new(card.HomeRegion, hostRegion, CaseWire.CaseType, message.ToByteArray(), TakesLineId: true);
    }

    private RegionMessage Report(OutboundCard card, string hostRegion, int leg, bool open, DateTimeOffset at) =>
        Report(card.HomeRegion, new()
        {
            CaseId = card.Id.ToString(),
            Leg = leg,
            HomeRegion = card.HomeRegion,
            HostRegion = hostRegion,
            IsHome = true,
            Status = card.Status.ToString(),
            Stands = card.Stands,
            Open = open,
            Digests = { CaseWire.Digests(card.Facts, card.CaseKey) },
            Reason = card.Reason,
            Version = card.Revision,
            At = at.ToString("O", CultureInfo.InvariantCulture),
        });

    private RegionMessage Report(InboundCard card, DateTimeOffset at) => Report(card.HostRegion, new()
    {
        CaseId = card.CaseId.ToString(),
        Leg = card.Leg,
        HomeRegion = card.HomeRegion,
        HostRegion = card.HostRegion,
        Status = card.Status.ToString(),
        Stands = card.Stands,
        Open = card.IsOpen,
        Digests = { CaseWire.Digests(card.Facts, card.CaseKey) },
        Version = card.Revision,
        At = at.ToString("O", CultureInfo.InvariantCulture),
    });

    // A node that stands above both sides keeps the mirror itself, by the same path, and tells the tiers above it.
    private RegionMessage Report(string region, V1.SideReport report) =>
        new(region, node.IsAbove(report.HomeRegion, report.HostRegion) ? region : "parent", CaseWire.ReportType,
            report.ToByteArray());

    private static string Day(DateTimeOffset at) => CaseWire.Date(Today.Of(at));
}

/// <summary>Civil dates are those of China, whatever the server's zone.</summary>
internal static class Today
{
    private static readonly TimeSpan China = TimeSpan.FromHours(8);

    public static DateOnly Of(DateTimeOffset at) => DateOnly.FromDateTime(at.ToOffset(China).DateTime);

    public static DateOnly In(TimeProvider clock) => Of(clock.GetUtcNow());
}
