using Registry.Mobility;

namespace Registry.Tests.Mobility;

/// <summary>留言: words between the two sides of a case.</summary>
public sealed class RemarkRulesTests
{
    private static readonly HomeRemarked FromHome = new("请联系本人", "测试镇党委", Cards.Now);
    private static readonly HostRemarked FromHost = new("已联系上", "接收镇党委", Cards.Now);

    public static TheoryData<OutboundStatus> OutboundStatuses => [.. Enum.GetValues<OutboundStatus>()];

    public static TheoryData<InboundStatus> InboundStatuses => [.. Enum.GetValues<InboundStatus>()];

    [Theory, MemberData(nameof(OutboundStatuses))]
    public void Home_speaks_once_the_host_knows_of_the_case_and_until_it_ends(OutboundStatus status)
    {
        var knows = status is OutboundStatus.Notified or OutboundStatus.Admitted or OutboundStatus.NotFound
            or OutboundStatus.LostContact or OutboundStatus.ToConfirm;
        var (card, decision) = (Cards.Outbound(status), OutboundDecider.Remark(Cards.Outbound(status), FromHome));
        Assert.Equal(knows ? null : "CASE_STEP_NOT_POSSIBLE", decision.Problem?.Code);
        if (!knows) return;
        Assert.Same(FromHome, Assert.Single(decision.Events));
        Assert.Equivalent(card with { Revision = card.Revision + 1 }, OutboundDecider.Evolve(card, FromHome));
    }

    [Theory, MemberData(nameof(InboundStatuses))]
    public void The_host_speaks_while_its_card_is_open(InboundStatus status)
    {
        var card = Cards.Inbound(status);
        var decision = InboundDecider.Remark(card, FromHost);
        Assert.Equal(card.IsOpen ? null : "CASE_STEP_NOT_POSSIBLE", decision.Problem?.Code);
        if (!card.IsOpen) return;
        Assert.Same(FromHost, Assert.Single(decision.Events));
        Assert.Equivalent(card with { Revision = card.Revision + 1 }, InboundDecider.Evolve(card, FromHost));
    }

    [Theory, MemberData(nameof(OutboundStatuses))]
    public void A_word_of_the_host_is_kept_whatever_became_of_the_case(OutboundStatus status)
    {
        var (said, card) = (new HostRemarkArrived("已联系上", "接收镇党委", Cards.Now), Cards.Outbound(status));
        Assert.Same(said, Assert.Single(OutboundDecider.ReceiveRemark(card, said).Events));
        var after = OutboundDecider.Evolve(card, said);
        Assert.Equal((card.Status, card.Since, card.Facts), (after.Status, after.Since, after.Facts));
    }

    [Theory, MemberData(nameof(InboundStatuses))]
    public void A_word_of_home_is_kept_whatever_became_of_the_card(InboundStatus status)
    {
        var (said, card) = (new HomeRemarkArrived("请联系本人", "测试镇党委", Cards.Now), Cards.Inbound(status));
        Assert.Same(said, Assert.Single(InboundDecider.ReceiveRemark(card, said).Events));
        var after = InboundDecider.Evolve(card, said);
        Assert.Equal((card.Status, card.Since, card.Facts), (after.Status, after.Since, after.Facts));
    }

    [Fact]
    public void Nobody_speaks_of_a_case_that_is_not_there() => Assert.Equal(
        Enumerable.Repeat("CASE_NOT_FOUND", 4), new[]
        {
            OutboundDecider.Remark(null, FromHome).Problem, InboundDecider.Remark(null, FromHost).Problem,
            OutboundDecider.ReceiveRemark(null, new("x", "y", Cards.Now)).Problem,
            InboundDecider.ReceiveRemark(null, new("x", "y", Cards.Now)).Problem,
        }.Select(p => p?.Code));
}
