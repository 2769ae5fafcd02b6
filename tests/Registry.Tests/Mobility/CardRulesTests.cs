using Registry.Mobility;
using static Registry.Tests.Mobility.Cards;

namespace Registry.Tests.Mobility;

/// <summary>Rules of both cards, one sentence each.</summary>
public sealed class CardRulesTests
{
    private static string? Code<T>(Platform.Kernel.Decision<T> decision) where T : class => decision.Problem?.Code;

    [Fact, Trait("mechanism", "M-102"), Trait("mechanism", "M-103")]
    public void An_application_is_recorded_before_departure_and_a_member_has_one_open_case()
    {
        Assert.IsType<OutboundApplied>(Assert.Single(OutboundDecider.Apply(false, Outbound(), Now).Events));
        Assert.Equal("CASE_ALREADY_OPEN", Code(OutboundDecider.Apply(true, Outbound(), Now)));
        Assert.Equal("CASE_DATES_IMPOSSIBLE",
            Code(OutboundDecider.Apply(false, Outbound() with { PlannedReturnOn = Day.AddDays(-1) }, Now)));
    }

    [Fact, Trait("mechanism", "M-102")]
    public void The_committee_approves_and_never_the_applicant()
    {
        Assert.Null(OutboundDecider.Approve(Outbound(), Clerk, Now).Problem);
        Assert.Equal("CASE_SAME_PERSON", Code(OutboundDecider.Approve(Outbound(), Secretary, Now)));
        Assert.Equal("CASE_STEP_NOT_POSSIBLE",
            Code(OutboundDecider.Approve(Outbound(OutboundStatus.Approved), Clerk, Now)));
    }

    [Fact, Trait("mechanism", "M-104"), Trait("mechanism", "M-105"), Trait("mechanism", "M-119")]
    public void Talk_education_contact_person_and_certificate_come_before_the_notice()
    {
        var prepared = new DeparturePrepared(Day, Day, "联系人", "141022202600000AX", Now);
        var card = OutboundDecider.Evolve(Outbound(OutboundStatus.Approved),
            Assert.Single(OutboundDecider.Prepare(Outbound(OutboundStatus.Approved), prepared).Events));
        Assert.Equal((OutboundStatus.Prepared, "联系人", "141022202600000AX"),
            (card.Status, card.ContactPerson, card.Facts.CertificateNumber));
        Assert.Equal("CASE_DATES_IMPOSSIBLE",
            Code(OutboundDecider
                .Prepare(Outbound(OutboundStatus.Approved), prepared with { TalkOn = Day.AddDays(1) })));
        Assert.Equal("CASE_STEP_NOT_POSSIBLE", Code(OutboundDecider.Notify(Outbound(OutboundStatus.Approved), Now)));
    }

    [Fact, Trait("mechanism", "M-112"), Trait("mechanism", "M-113")]
    public void A_return_needs_the_talk_after_it_and_closes_the_case()
    {
        var back = new MemberReturned(Day.AddDays(200), Day.AddDays(201), true, Now);
        var card = OutboundDecider.Evolve(Outbound(OutboundStatus.Admitted),
            Assert.Single(OutboundDecider.Return(Outbound(OutboundStatus.Admitted), back).Events));
        Assert.False(card.IsOpen);
        Assert.Equal(Agreement.Settled, card.Agreement);
        Assert.Equal("CASE_DATES_IMPOSSIBLE",
            Code(OutboundDecider
                .Return(Outbound(OutboundStatus.Admitted), back with { TalkOn = back.On.AddDays(-1) })));
    }

    [Fact]
    public void Moving_on_begins_a_new_leg_and_a_receipt_of_the_old_one_changes_nothing()
    {
        var card = OutboundDecider.MoveOn(Outbound(OutboundStatus.Admitted), Third, Now).Events
            .Aggregate(Outbound(OutboundStatus.Admitted), OutboundDecider.Evolve);
        Assert.Equal((2, Third, OutboundStatus.Notified), (card.Leg, card.HostRegion, card.Status));
        Assert.Null(card.PeerFacts);
        Assert.Empty(OutboundDecider.ReceiveAdmission(card, 1, new(Facts(), "", "", Day, Now)).Events);
        Assert.Equal("CASE_SAME_REGION", Code(OutboundDecider.MoveOn(Outbound(OutboundStatus.Admitted), Host, Now)));
    }

    [Fact, Trait("mechanism", "M-082"), Trait("mechanism", "M-130")]
    public void A_host_may_come_first_without_paper_and_home_is_asked_to_confirm()
    {
        var opened = InboundDecider.Open(false, Inbound() with { DocumentShown = "NON" }, Now);
        var card = InboundDecider.Evolve(null, Assert.Single(opened.Events));
        Assert.Equal((InboundStatus.AwaitingHome, Agreement.HostOnly, Side.Home),
            (card.Status, card.Agreement, card.Next.By));
        Assert.Equal("CASE_NOTICE_WAITING", Code(InboundDecider.Open(true, Inbound(), Now)));
        var asked = OutboundDecider.Evolve(null, Assert.Single(
            OutboundDecider.ReceiveQuestion(null, Outbound(), Now).Events));
        Assert.Equal(("confirmIdentity", Side.Home), asked.Next);
        Assert.Equal("CASE_ALREADY_OPEN",
            Code(OutboundDecider.Confirm(asked, true, new(Clerk, "p/", "b", Facts(), Now))));
    }

    [Fact]
    public void Lost_contact_is_a_finding_with_evidence_and_nothing_decides_it_by_itself()
    {
        Assert.Equal("CASE_EVIDENCE_MISSING",
            Code(OutboundDecider.FindLost(Outbound(OutboundStatus.Admitted), Finding(Side.Home), Now)));
        var card = OutboundDecider.Evolve(Outbound(OutboundStatus.Admitted), Assert.Single(OutboundDecider.FindLost(
            Outbound(OutboundStatus.Admitted), Finding(Side.Home, "打电话三次未接"), Now).Events));
        Assert.Equal((OutboundStatus.LostContact, true), (card.Status, card.IsOpen));
        Assert.Equal(OutboundStatus.Admitted, OutboundDecider.Evolve(card,
            Assert.Single(OutboundDecider.Regain(card, Day, Now).Events)).Status);
    }

    [Theory]
    [InlineData("2026-08-31", false)]
    [InlineData("2026-09-01", true)]
    [Trait("mechanism", "M-117")]
    public void Six_consecutive_months_away_make_a_member_mobile(string asOf, bool mobile)
    {
        var departed = new DateOnly(2026, 3, 1);
        var day = DateOnly.ParseExact(asOf, "yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal(mobile, SixMonthTest.IsMobile(departed, null, day));
        Assert.False(SixMonthTest.IsMobile(departed, departed.AddMonths(3), day));
    }

    [Fact, Trait("mechanism", "M-107"), Trait("mechanism", "M-026"), Trait("mechanism", "M-030"),
        Trait("mechanism", "M-027")]
    public void The_placement_ladder_takes_the_workplace_then_the_site_then_the_community_then_a_mobile_branch()
    {
        PlacementBranch Branch(string code, bool mobile = false, string credit = "", string unit = "",
            string community = "",
            string site = "") => new(Guid.Empty, $"{code}/", code, code, mobile, credit, unit, community, site);
        var facts = Facts("测试建筑公司") with { CreditCode = "91350100M000100Y43", Residence = "测试社区1号，国贸大厦" };
        var suggested = PlacementLadder.Suggest(facts, "", [Branch("M", mobile: true), Branch("C", community: "测试社区"),
            Branch("S", site: "国贸大厦"), Branch("U", unit: "测试建筑公司"), Branch("E", credit: "91350100M000100Y43"),
            Branch("X", unit: "别的公司")]);
        Assert.Equal(["E", "U", "S", "C", "M"], suggested.Select(s => s.Branch.Code));
        Assert.Equal([1, 1, 2, 3, 4], suggested.Select(s => s.Rung));
        Assert.All(suggested, s => Assert.NotEmpty(s.ReasonZh));
    }

    [Fact, Trait("mechanism", "M-110"), Trait("mechanism", "M-088")]
    public void The_tier_above_names_the_side_whose_part_is_missing()
    {
        SideReport Report(bool stands, long version, string digest = "a") =>
            new("x", stands, true, new Dictionary<string, string> { ["name"] = digest }, "1", version, Now);
        var mirror = new CaseMirror
        {
            Id = Guid.Empty, CaseId = Guid.Empty, Leg = 1, HomeRegion = Home, HostRegion = Host,
            CommonPath = "140000/", Since = Now,
        };
        var homeOnly = mirror.With(Side.Home, Report(true, 1));
        Assert.Equal((Agreement.HomeOnly, Side.Host), (homeOnly.Agreement, homeOnly.MissingSide));
        var matched = homeOnly.With(Side.Host, Report(true, 1));
        Assert.Equal((Agreement.Matched, null), (matched.Agreement, matched.MissingSide));
        Assert.Equal(Agreement.Differs, matched.With(Side.Host, Report(true, 2, "b")).Agreement);
        Assert.Same(matched, matched.With(Side.Host, Report(false, 1)));
        Assert.Equal((Agreement.HostOnly, Side.Home), (mirror.With(Side.Host, Report(true, 1)).Agreement,
            mirror.With(Side.Host, Report(true, 1)).MissingSide));
    }
}
