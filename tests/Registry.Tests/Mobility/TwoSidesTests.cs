using CsCheck;
using Platform.Hosting;
using Registry.Mobility;
using Registry.Service;
using V1 = Platform.Contracts.Registry.V1;

namespace Registry.Tests.Mobility;

/// <summary>
/// P6: home and host act at random, their messages travel in order per direction and otherwise as late as chance wants.
/// Once drained, both sides show the same facts of the case, and where they differ both list the same fields.
/// </summary>
public sealed class TwoSidesTests
{
    private static readonly Announce Announce =
        new(new NodeOptions { Path = "140000.141022", Parent = "140000", Regions = "141022" });

    [Fact, Trait("mechanism", "M-071"), Trait("mechanism", "M-109"), Trait("mechanism", "M-286")]
    public void Once_messages_have_drained_both_sides_show_the_same_facts() =>
        Gen.Int[0, 11].Array[5, 60].Sample(steps =>
        {
            var sides = new Sides();
            foreach (var step in steps) sides.Do(step);
            sides.Drain();
            sides.Check();
        }, iter: 3000, seed: "0000KOIr5ui2");

    [Fact, Trait("mechanism", "M-098")]
    public void News_that_crossed_on_the_way_is_never_silently_overwritten()
    {
        var sides = new Sides();
        sides.Do(0); // the host admits
        sides.Drain();
        sides.ChangeAtHome("甲厂");
        sides.ChangeAtHost("乙厂");
        sides.Drain();
        Assert.Equal(("甲厂", "乙厂"), (sides.Home.Facts.Employer, sides.Host.Facts.Employer));
        Assert.Equal((Agreement.Differs, Agreement.Differs), (sides.Home.Agreement, sides.Host.Agreement));
        sides.AdoptAtHome();
        sides.Drain();
        Assert.Equal((Agreement.Matched, Agreement.Matched), (sides.Home.Agreement, sides.Host.Agreement));
        Assert.Equal("乙厂", sides.Home.Facts.Employer);
    }

    [Fact]
    public void News_taken_back_quickly_does_not_swing_for_ever()
    {
        var sides = new Sides();
        sides.Do(0);
        sides.Drain();
        sides.ChangeAtHome("甲厂");
        sides.DeliverToHost();
        sides.ChangeAtHome("测试建筑公司");
        sides.Drain();
        Assert.Equal(Agreement.Matched, sides.Home.Agreement);
        Assert.Equal("测试建筑公司", sides.Host.Facts.Employer);
    }

    /// <summary>Two cards and two ordered streams.</summary>
    private sealed class Sides
    {
        private readonly Queue<V1.CaseMessage> _toHost = new(), _toHome = new();
        private int _news;

        public OutboundCard Home { get; private set; }
        public InboundCard Host { get; private set; }

        public Sides()
        {
            Home = Cards.Outbound(OutboundStatus.Prepared);
            Host = null!;
            AtHome(c => OutboundDecider.Notify(c, Cards.Now));
            DeliverToHost();
        }

        public void Do(int step)
        {
            switch (step)
            {
                case 0: AtHost(c => InboundDecider.Admit(c, Cards.Admission(c!.Facts), Cards.Now)); break;
                case 1: AtHost(c => InboundDecider.Admit(c, Cards.Admission(Cards.Facts("别的单位")), Cards.Now)); break;
                case 2: ChangeAtHome($"甲{_news++ % 3}"); break;
                case 3: ChangeAtHost($"乙{_news++ % 3}"); break;
                case 4: AtHost(c => InboundDecider.NotFoundHere(c, "查无此人", Cards.Now)); break;
                case 5: AtHome(c => OutboundDecider.Notify(c, Cards.Now)); break;
                case 6: AdoptAtHome(); break;
                case 7: AtHome(c => OutboundDecider.FindLost(c, Cards.Finding(Side.Home, "电话"), Cards.Now)); break;
                case 8: AtHome(c => OutboundDecider.Regain(c, Cards.Day, Cards.Now)); break;
                case 9: AtHost(c => InboundDecider.GiveFeedback(c, new("在岗", Cards.Day, Cards.Now))); break;
                case 10: DeliverToHost(); break;
                default: DeliverToHome(); break;
            }
        }

        public void ChangeAtHome(string employer) => AtHome(c =>
            OutboundDecider.ChangeFacts(c, c!.Facts with { Employer = employer }, Cards.Now));

        public void ChangeAtHost(string employer) => AtHost(c =>
            InboundDecider.ChangeFacts(c, c!.Facts with { Employer = employer }, Cards.Now));

        public void AdoptAtHome() => AtHome(c =>
            OutboundDecider.ChangeFacts(c, c!.PeerFacts is { } p ? c.Facts with { Employer = p.Employer }
                : c.Facts, Cards.Now));

        public void Drain()
        {
            for (var rounds = 0; _toHost.Count + _toHome.Count > 0; rounds++)
            {
                Assert.True(rounds < 1000, "The two sides answer each other for ever.");
                DeliverToHost();
                DeliverToHome();
            }
        }

        public void DeliverToHost()
        {
            if (_toHost.TryDequeue(out var m)) AtHost(c =>
                CaseMail.ToHost(c, Cards.Inbound().Id, m, Cards.Now), mustApply: true);
        }

        public void DeliverToHome()
        {
            if (_toHome.TryDequeue(out var m)) AtHome(c => CaseMail.ToHome(c, m, Cards.Now), mustApply: true);
        }

        public void Check()
        {
            Assert.Equal(Host.Status is InboundStatus.Admitted or InboundStatus.LostContact,
                Home.Status is OutboundStatus.Admitted or OutboundStatus.LostContact && Home.PeerFacts is not null);
            Assert.Equal(Host.Agreement, Home.Agreement);
            Assert.Equal(Home.Facts, Host.PeerFacts);
            if (Home.PeerFacts is null) return;
            Assert.Equal(Host.Facts, Home.PeerFacts);
            Assert.Equal(CaseFacts.Differences(Home.Facts, Home.PeerFacts),
                CaseFacts.Differences(Host.Facts, Host.PeerFacts));
        }

        private void AtHome(Func<OutboundCard?, Platform.Kernel.Decision<OutboundEvent>> decide, bool mustApply = false)
        {
            var decision = decide(Home);
            Assert.False(mustApply && decision.Problem is not null, decision.Problem?.Code);
            foreach (var e in decision.Events)
            {
                var before = Home;
                Home = OutboundDecider.Evolve(Home, e);
                Send(Announce.Of(before, Home, e), _toHost);
            }
        }

        private void AtHost(Func<InboundCard?, Platform.Kernel.Decision<InboundEvent>> decide, bool mustApply = false)
        {
            var decision = decide(Host);
            Assert.False(mustApply && decision.Problem is not null, decision.Problem?.Code);
            foreach (var e in decision.Events)
            {
                var before = Host;
                Host = InboundDecider.Evolve(Host, e);
                Send(Announce.Of(before, Host, e), _toHome);
            }
        }

        private static void Send(IEnumerable<Outgoing> messages, Queue<V1.CaseMessage> queue)
        {
            foreach (var m in messages.OfType<RegionMessage>().Where(m => m.Type == CaseWire.CaseType))
                queue.Enqueue(V1.CaseMessage.Parser.ParseFrom(m.Payload));
        }
    }
}
