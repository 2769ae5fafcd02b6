using CsCheck;
using Registry.Members;
using Registry.Organisations;

namespace Registry.Tests.Members;

/// <summary>Moving, ending and resuming a membership: any acts in any order on any days.</summary>
public sealed class MembershipPropertyTests
{
    private static readonly DateOnly Since = new(2025, 1, 1), Today = new(2026, 3, 1);
    private static readonly Organisation[] Branches = [Branch(1, Since), Branch(2, Since), Branch(3, new(2026, 1, 1))];

    private enum Act { Move, End, Resume }

    private static readonly Gen<(Act Act, int Branch, int Days, bool Out)[]> Acts = Gen.Select(
        Gen.Int[0, 2].Select(i => (Act)i), Gen.Int[0, 2], Gen.Int[-20, 450], Gen.Bool).Array[1, 40];

    [Fact, Trait("mechanism", "M-101")]
    public void On_every_day_a_member_is_held_by_one_branch_or_by_none_whatever_is_done() => Acts.Sample(acts =>
    {
        var (member, held) = (Member, new List<(DateOnly From, DateOnly? Until, Guid Branch)>
        {
            (Since, null, Branches[0].Id),
        });
        foreach (var (act, branch, days, isOut) in acts)
        {
            var on = Since.AddDays(days);
            var last = held[^1].From;
            var decision = act switch
            {
                Act.Move => MembershipDecider.Move(member, last, Branches[branch], true, on, Today, "就近"),
                Act.End => MembershipDecider.End(member, last, isOut, "DEC", on, Today, "病故"),
                _ => MembershipDecider.Resume(member, Branches[0], on, Today, "误办"),
            };
            if (decision.Problem is not null) continue;
            var happened = Assert.Single(decision.Events);
            // A refused day is never carried out: nothing lies ahead, nothing before what was held.
            Assert.InRange(on, act == Act.Resume ? member.EndedOn!.Value : last, Today);
            var after = MemberDecider.Evolve(member, happened);
            if (happened is not MembershipResumed) held[^1] = held[^1] with { Until = on };
            if (happened is not MembershipEnded) held.Add((on, null, after.BranchId));
            Assert.Equal(happened is MembershipEnded, after.EndedOn is not null);
            Assert.Equal(after.EndedOn is null, after.EndedBecause.Length == 0);
            // Nothing but who holds it changes.
            Assert.Empty(MemberFields.Changes(member, after));
            member = after;
        }
        for (var day = Since; day <= Today; day = day.AddDays(1))
        {
            var holders = held.Count(h => h.From <= day && (h.Until is null || h.Until > day));
            Assert.InRange(holders, 0, 1);
        }
        Assert.Equal(member.EndedOn is null ? 1 : 0, held.Count(h => h.Until is null));
        Assert.True(held.Where(h => h.Branch == Branches[2].Id).All(h => h.From >= Branches[2].FoundedOn));
    });

    [Theory]
    [InlineData("none", "MEMBER_NOT_FOUND")]
    [InlineData("ended", "MEMBER_ENDED")]
    [InlineData("unsaid", "MEMBERSHIP_REASON_MISSING")]
    [InlineData("no branch", "MEMBER_BRANCH_WRONG")]
    [InlineData("dissolved", "MEMBER_BRANCH_WRONG")]
    [InlineData("committee", "MEMBER_BRANCH_WRONG")]
    [InlineData("same", "MEMBERSHIP_BRANCH_SAME")]
    [InlineData("ahead", "MEMBERSHIP_DATE_AHEAD")]
    [InlineData("before", "MEMBERSHIP_DATE_TOO_EARLY")]
    [InlineData("unfounded", "MEMBERSHIP_DATE_TOO_EARLY")]
    [InlineData("right", null)]
    public void A_move_is_refused_for_the_first_thing_that_is_wrong(string what, string? code) => Assert.Equal(code,
        MembershipDecider.Move(what switch
        {
            "none" => null,
            "ended" => Member with { EndedOn = Today, EndedBecause = "DEC" },
            _ => Member,
        }, Since, what switch
        {
            "no branch" => null,
            "dissolved" => Branches[1] with { DissolvedOn = Today },
            "same" => Branches[0],
            "unfounded" => Branches[2],
            _ => Branches[1],
        }, what != "committee", what switch
        {
            "ahead" => Today.AddDays(1),
            "before" => Since.AddDays(-1),
            _ => Since,
        }, Today, what == "unsaid" ? " " : "就近编入").Problem?.Code);

    [Theory]
    [InlineData("none", "MEMBER_NOT_FOUND")]
    [InlineData("ended", "MEMBER_ENDED")]
    [InlineData("unsaid", "MEMBERSHIP_REASON_MISSING")]
    [InlineData("out", "MEMBERSHIP_CASE_OPEN")]
    [InlineData("ahead", "MEMBERSHIP_DATE_AHEAD")]
    [InlineData("before", "MEMBERSHIP_DATE_TOO_EARLY")]
    [InlineData("right", null)]
    public void An_ending_is_refused_for_the_first_thing_that_is_wrong(string what, string? code) => Assert.Equal(code,
        MembershipDecider.End(what == "none" ? null : what == "ended"
            ? Member with { EndedOn = Today, EndedBecause = "DEC" } : Member, Since, what == "out", "DEC",
            what == "ahead" ? Today.AddDays(1) : what == "before" ? Since.AddDays(-1) : Today, Today,
            what == "unsaid" ? "" : "病故").Problem?.Code);

    [Theory]
    [InlineData("none", "MEMBER_NOT_FOUND")]
    [InlineData("held", "MEMBERSHIP_HELD")]
    [InlineData("unsaid", "MEMBERSHIP_REASON_MISSING")]
    [InlineData("dissolved", "MEMBER_BRANCH_WRONG")]
    [InlineData("ahead", "MEMBERSHIP_DATE_AHEAD")]
    [InlineData("before", "MEMBERSHIP_DATE_TOO_EARLY")]
    [InlineData("right", null)]
    public void Resuming_is_refused_for_the_first_thing_that_is_wrong(string what, string? code) => Assert.Equal(code,
        MembershipDecider.Resume(what == "none" ? null : what == "held" ? Member
            : Member with { EndedOn = new(2026, 2, 1), EndedBecause = "REM" },
            what == "dissolved" ? Branches[0] with { DissolvedOn = Today } : Branches[0],
            what == "ahead" ? Today.AddDays(1) : what == "before" ? new(2026, 1, 31) : new(2026, 2, 1), Today,
            what == "unsaid" ? "" : "误办").Problem?.Code);

    [Fact]
    public void An_ended_archive_is_put_right_but_not_amended_or_merged()
    {
        var ended = Member with { EndedOn = Today, EndedBecause = "DEC" };
        Assert.Equal("MEMBER_ENDED", MemberDecider.Amend(ended, m => m with { Phone = "1" }).Problem?.Code);
        var corrected = MemberDecider.Correct(ended, false, "证件核对", m => m with { Name = "乙", EndedOn = null });
        Assert.Equal(ended with { Name = "乙" }, MemberDecider.Evolve(ended, Assert.Single(corrected.Events)));
        var other = Member with { Id = Guid.NewGuid() };
        foreach (var (kept, gone) in new[] { (ended, other), (other, ended) })
            Assert.Equal("MEMBER_ENDED", MergeDecider.Merge(Guid.NewGuid(), kept, gone, [], false, [], Guid.Empty,
                DateTimeOffset.UnixEpoch, "同一人").Problem?.Code);
    }

    private static Member Member => new()
    {
        Id = new("00000000-0000-7000-8000-000000000001"), BranchId = Branches[0].Id, BranchPath = Branches[0].Path,
        Name = "测试甲", IdNumber = "1", Sex = "1", BirthOn = new(1980, 1, 1), Standing = "full",
    };

    private static Organisation Branch(int number, DateOnly founded) => new()
    {
        Id = new($"00000000-0000-7000-8000-00000000010{number}"), Code = $"B{number}",
        Path = $"140000/141000/141022/B{number}/", Region = "141022", Name = $"第{number}支部", Type = "BRA",
        FoundedOn = founded, Since = founded,
    };
}
