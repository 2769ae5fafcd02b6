using Platform.Seeds;
using Registry.Tests.Roster;

namespace Registry.Tests.Seeds;

public sealed class RosterMakerTests
{
    private static readonly SeedFolder Folder = SeedFolder.Find();

    [Theory]
    [InlineData("141022", 1000, 60, 7)]
    [InlineData("140105", 300, 45, 1)]
    [InlineData("440106", 200, 10, 3)]
    [Trait("mechanism", "M-074")]
    public async Task Exactly_the_wrong_rows_are_refused_each_by_the_rule_it_breaks(
        string county, int members, int wrong, int seed)
    {
        var made = RosterMaker.Make(new(county, members, wrong, seed, ["140105", "140106"]), Folder);
        var report = await RosterFiles.CheckAsync(made.File);
        Assert.Null(report.Refusal);
        Assert.Equal(made.OrganisationCount, report.AcceptedOrganisations.Count());
        // Twins are found where the rows of a whole load meet, in the database (RostersTests, MainJobTests).
        var alone = made.Expected.Where(e => e.Rule != "MEMBER_DUPLICATE").ToList();
        Assert.Equal(wrong, made.Expected.Count);
        Assert.Equal(members - alone.Count, report.AcceptedMembers.Count());
        var twins = made.Expected.Except(alone).Select(e => e.Row).ToHashSet();
        Assert.Equal(made.MobileCount, report.Members.Count(m => m.IsAccepted && !twins.Contains(m.Row.Number)
            && m.Entry!.Mobility is not null));
        Assert.Equal(
            alone.Select(e => (e.Row, e.Column, e.Rule)),
            report.Members.Where(m => !m.IsAccepted).Select(m => (m.Row.Number, m.Problems)).Select(m =>
            {
                var first = m.Problems.First(p => !p.Rule.WarningOnly);
                return (m.Number, first.Column, first.Rule.Id);
            }));
    }

    [Fact]
    public void The_same_seed_makes_the_same_file_and_another_seed_another()
    {
        var order = new RosterOrder("141022", 50, 5, 7, ["140105"]);
        Assert.Equal(RosterMaker.Make(order, Folder).File, RosterMaker.Make(order, Folder).File);
        Assert.NotEqual(RosterMaker.Make(order, Folder).File, RosterMaker.Make(order with { Seed = 8 }, Folder).File);
    }

    [Fact]
    public async Task Some_people_carry_the_code_their_county_had_when_they_were_born()
    {
        var made = RosterMaker.Make(new("141022", 100, 0, 7, []), Folder);
        var report = await RosterFiles.CheckAsync(made.File);
        var areas = report.AcceptedMembers.Select(m => m.IdNumber.Area).Distinct().ToList();
        Assert.Contains(areas, area => area != "141022");
    }
}
