using Registry.Members;

namespace Registry.Tests.Members;

/// <summary>Taking back what a load put over a member, whatever it put there and whatever was changed since.</summary>
public sealed class MemberRestorePropertyTests
{
    private const int Rounds = 10_000, Seed = 20261126;
    private static readonly Guid Load = new("00000000-0000-7000-8000-0000000000aa");

    [Fact, Trait("mechanism", "M-077")]
    public void Fields_nobody_changed_since_are_what_they_were_and_the_others_stay()
    {
        var random = new Random(Seed);
        var (whole, partly) = (0, 0);
        for (var round = 0; round < Rounds; round++)
        {
            var before = MergePropertyTests.Books.Person(random, 1);
            var loaded = Amended(before, MergePropertyTests.Books.Person(random, 2) with { Source = $"import:{Load}" },
                _ => true);
            var now = Amended(loaded.After, MergePropertyTests.Books.Person(random, 3), _ => random.Next(6) == 0);
            var since = now.Changes.Select(c => c.Field).ToHashSet();
            var decision = MemberDecider.Restore(now.After, Load, loaded.Changes, since);
            var after = decision.Events.Aggregate(now.After, MemberDecider.Evolve);
            Assert.All(MemberFields.All, f => Assert.Equal((f.Name, f.Get(since.Contains(f.Name) ? now.After : before)),
                (f.Name, f.Get(after))));
            Assert.Equal((now.After.Id, now.After.BranchId, now.After.BranchPath),
                (after.Id, after.BranchId, after.BranchPath));
            if (since.Count == 0)
            {
                whole++;
                Assert.Equal(before, after);
            }
            else partly++;
        }
        Assert.True(whole > 100 && partly > 100, $"{whole} {partly}");
    }

    [Fact]
    public void Nothing_to_restore_says_nothing_and_a_member_who_is_gone_cannot_be_restored()
    {
        var member = MergePropertyTests.Books.Person(new Random(Seed), 1);
        FieldChange[] amended = [new("phone", "", member.Phone)];
        Assert.Empty(MemberDecider.Restore(member, Load, amended, ["phone"]).Events);
        Assert.Equal("MEMBER_NOT_FOUND", MemberDecider.Restore(null, Load, amended, []).Problem?.Code);
    }

    private static (Member After, IReadOnlyList<FieldChange> Changes) Amended(
        Member before, Member other, Func<MemberField, bool> choose)
    {
        var decision = MemberDecider.Amend(before, m => MemberFields.All.Where(choose)
            .Aggregate(m, (x, f) => f.Set(x, f.Get(other))));
        return decision.Events.Count == 0 ? (before, [])
            : (MemberDecider.Evolve(before, decision.Events[0]), ((MemberAmended)decision.Events[0]).Changes);
    }
}
