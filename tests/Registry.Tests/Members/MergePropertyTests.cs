using Platform.Kernel;
using Registry.Members;

namespace Registry.Tests.Members;

/// <summary>
/// Ten thousand times: archives and links are merged at random, again and again, and every merge is taken back in any
/// order that is possible. Then both sides and all links are what they were.
/// </summary>
public sealed class MergePropertyTests
{
    private const int Rounds = 10_000, Seed = 20260301;
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact, Trait("mechanism", "M-101"), Trait("mechanism", "M-075")]
    public void Ten_thousand_random_merges_are_undone_exactly()
    {
        var random = new Random(Seed);
        var (merges, undone, refused) = (0, 0, 0);
        for (var round = 0; round < Rounds; round++)
        {
            var books = new Books(random);
            var before = books.Snapshot();
            for (var step = random.Next(1, 5); step > 0; step--)
                if (books.MergeTwo(random)) merges++;
            while (books.Standing.Count > 0)
            {
                // Any order is tried; one that is not possible is refused and leaves everything alone.
                if (books.Undo(books.Standing[random.Next(books.Standing.Count)])) undone++;
                else refused++;
            }
            Assert.Equal(before, books.Snapshot());
        }
        Assert.True(merges >= Rounds && merges == undone && refused > 0, $"{merges} {undone} {refused}");
    }

    [Fact]
    public void What_was_changed_after_the_merge_stays_changed()
    {
        var random = new Random(Seed);
        var (kept, gone) = (Books.Person(random, 1), Books.Person(random, 2));
        var merge = Merged(MergeDecider.Merge(Guid.NewGuid(), kept, gone, ["phone", "employer"], false, [], Guid.Empty,
            Now, "同一人"));
        var back = MergeDecider.Restore(merge, merge.KeptAfter with { Employer = "新单位" });
        Assert.Equal(kept with { Employer = "新单位" }, back.Kept);
        Assert.Equal(gone, back.Gone);
        Assert.Equal(["employer"], back.StayedChanged);
    }

    [Fact]
    public void Merges_that_make_no_sense_are_refused()
    {
        var random = new Random(Seed);
        var (a, b) = (Books.Person(random, 1), Books.Person(random, 2));
        string? Code(Member kept, Member gone, string[] fields, bool away) => MergeDecider.Merge(Guid.NewGuid(), kept,
            gone, fields, away, [], Guid.Empty, Now, "").Problem?.Code;
        Assert.Equal("MERGE_SAME", Code(a, a, [], false));
        Assert.Equal("MERGE_FIELD_UNKNOWN", Code(a, b, ["shoeSize"], false));
        Assert.Equal("MERGE_BOTH_AWAY", Code(a, b, [], true));
        Assert.Equal("MERGE_NOT_FOUND", MergeDecider.Undo(null, true, false, Guid.Empty, Now).Problem?.Code);
    }

    private static MemberMerge Merged(Decision<MergeEvent> decision) =>
        MergeDecider.Evolve(null, Assert.Single(decision.Events));

    /// <summary>Archives and what names them, in memory.</summary>
    internal sealed class Books
    {
        private readonly Dictionary<Guid, Member> _members = [];
        private List<MemberLink> _links = [];
        private int _clock;

        public List<MemberMerge> Standing { get; } = [];

        public Books(Random random)
        {
            for (var i = 0; i < 5; i++)
            {
                var person = Person(random, random.Next());
                _members[person.Id] = person;
                for (var l = random.Next(4); l > 0; l--)
                    _links.Add(new(l % 2 == 0 ? "outbound_card" : "member_class", $"{random.Next()}", person.Id));
            }
        }

        public string Snapshot() => string.Join('\n', _members.Values.OrderBy(m => m.Id).Select(m => m.ToString())
            .Concat(_links.OrderBy(l => l.Table).ThenBy(l => l.Key).Select(l => l.ToString())));

        public bool MergeTwo(Random random)
        {
            if (_members.Count < 2) return false;
            var two = _members.Values.OrderBy(_ => random.Next()).Take(2).ToList();
            var fields = MemberFields.All.Where(_ => random.Next(2) == 0).Select(f => f.Name).ToList();
            var merge = Merged(MergeDecider.Merge(Guid.NewGuid(), two[0], two[1], fields, false,
                [.. _links.Where(l => l.MemberId == two[1].Id)], Guid.Empty, Now.AddSeconds(++_clock), "同一人"));
            _members.Remove(merge.GoneId);
            _members[merge.KeptId] = merge.KeptAfter;
            _links = [.. _links.Select(l => merge.Moved.Contains(l) ? l with { MemberId = merge.KeptId } : l)];
            Standing.Add(merge);
            return true;
        }

        public bool Undo(MemberMerge merge)
        {
            var later = Standing.Any(m => m.KeptId == merge.KeptId && m.Id != merge.Id
                && m.MergedAt >= merge.MergedAt);
            var exists = _members.TryGetValue(merge.KeptId, out var kept);
            var decision = MergeDecider.Undo(merge, exists, later, Guid.Empty, Now);
            if (decision.Problem is not null)
            {
                Assert.Equal("MERGE_LATER_FIRST", decision.Problem.Code);
                return false;
            }
            Assert.NotNull(MergeDecider.Evolve(merge, decision.Events[0]).UndoneAt);
            var back = MergeDecider.Restore(merge, kept!);
            _members[merge.KeptId] = back.Kept;
            _members[merge.GoneId] = back.Gone;
            _links = [.. _links.Select(l => merge.Moved.Any(m => m.Table == l.Table && m.Key == l.Key)
                ? l with { MemberId = merge.GoneId } : l)];
            Standing.Remove(merge);
            return true;
        }

        public static Member Person(Random random, int number) => new()
        {
            Id = new Guid(number, 0, 0, BitConverter.GetBytes(random.NextInt64())),
            BranchId = Guid.Empty,
            BranchPath = $"140000/141000/141022/A/{random.Next(3)}/",
            Name = $"测试{(char)('甲' + random.Next(100))}",
            IdNumber = $"{random.Next()}",
            Sex = $"{random.Next(1, 3)}",
            BirthOn = new DateOnly(1960, 1, 1).AddDays(random.Next(15_000)),
            JoinedOn = random.Next(3) == 0 ? null : new DateOnly(1990, 1, 1).AddDays(random.Next(9_000)),
            Standing = random.Next(2) == 0 ? "full" : "probationary",
            Phone = random.Next(3) == 0 ? "" : $"139{random.Next(100_000_000):D8}",
            Employer = random.Next(2) == 0 ? "" : $"单位{random.Next(9)}",
            NativePlace = random.Next(2) == 0 ? "" : "山西",
            Residence = random.Next(2) == 0 ? "" : $"社区{random.Next(9)}号",
        };
    }
}
