using System.Diagnostics;
using Registry.Duplicates;
using Registry.Names;
using Registry.Service.Reference;

namespace Registry.Tests.Duplicates;

public sealed class DuplicateFinderTests
{
    private static readonly NameBook Book = ReferenceData.Names;

    [Theory, Trait("mechanism", "M-075")]
    [InlineData(20260301)]
    [InlineData(20260302)]
    [InlineData(20260303)]
    public void Planted_doubles_are_found_and_people_who_only_look_alike_are_left_alone(int seed)
    {
        var set = new PlantedPeople(seed, 20_000);
        var clock = Stopwatch.StartNew();
        var found = DuplicateFinder.Find(Book, set.People);
        clock.Stop();
        var right = found.Count(p => set.Planted.Contains((p.First, p.Second)));
        var (precision, recall) = ((double)right / found.Count, (double)right / set.Planted.Count);
        var missed = set.Planted.Except(found.Select(p => (p.First, p.Second))).GroupBy(set.KindOf)
            .Select(g => $"{g.Key} {g.Count()}");
        TestContext.Current.TestOutputHelper!.WriteLine($"{set.People.Count} people, {set.Planted.Count} doubles, "
            + $"{found.Count} pairs shown: precision {precision:P2}, recall {recall:P2}, "
            + $"{clock.ElapsedMilliseconds} ms; missed: {string.Join(", ", missed)}");
        Assert.True(precision >= 0.99 && recall >= 0.97, $"precision {precision:P2}, recall {recall:P2}; missed: "
            + string.Join(", ", missed) + "; wrong: " + string.Join("; ", found
                .Where(p => !set.Planted.Contains((p.First, p.Second))).Take(5).Select(p => Explain(set, p))));
    }

    [Fact]
    public void The_old_form_of_an_identity_number_equals_the_new_one()
    {
        var score = Score(Person("王小明", "141022196001019015"), Person("王小明", "141022600101901"));
        Assert.Contains(score.Signs, s => s.Code == "id-same");
        Assert.True(score.IsCandidate);
    }

    [Fact]
    public void A_score_is_the_sum_of_its_reasons_and_each_reason_has_words()
    {
        var score = Score(Person("萧红", "141022196001019015"), Person("肖红", "141022196001019023"));
        Assert.Equal(score.Points, score.Signs.Sum(s => s.Points));
        Assert.All(score.Signs, s => Assert.Contains(DuplicateRules.All, r => r.Code == s.Code && r.Zh.Length > 0));
        Assert.Contains(score.Signs, s => s.Code == "name-similar");
    }

    [Theory]
    [InlineData("王建国", "王建军")]
    [InlineData("王芳", "王敏")]
    [InlineData("王小明", "李小明")]
    public void Twins_with_neighbouring_numbers_are_two_people(string one, string other) =>
        Assert.False(Score(Person(one, "141022196001019015"), Person(other, "141022196001019031")).IsCandidate);

    private static DuplicateScore Score(PersonTraits one, PersonTraits other) =>
        DuplicateRules.Score(Book, one, Book.Fold(one.Name), other, Book.Fold(other.Name));

    private static PersonTraits Person(string name, string id) =>
        new(Guid.NewGuid(), Guid.Empty, name, id, new DateOnly(1960, 1, 1), "1", "", "", null, "");

    private static string Explain(PlantedPeople set, DuplicatePair pair)
    {
        var (a, b) = (set.People.First(p => p.Id == pair.First), set.People.First(p => p.Id == pair.Second));
        return $"{a.Name} {a.IdNumber} / {b.Name} {b.IdNumber}: "
            + string.Join(' ', pair.Score.Signs.Select(s => $"{s.Code} {s.Points}"));
    }
}
