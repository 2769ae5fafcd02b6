using System.Globalization;
using Registry.Roster;

namespace Platform.Seeds;

/// <summary>
/// A county's roster from which a published table follows. Who stays in the county comes from branches whose place in
/// the township says which branch will take the member in.
/// </summary>
public static class PublishedRoster
{
    /// <summary>Away from the county and its city, within the province: so that every notice arrives.</summary>
    private static readonly string[] Away = ["140105", "140106", "140303", "140403", "140826"];

    /// <summary>Branches of each township; the last two are those of <see cref="PlaceOf"/>.</summary>
    public static int BranchesEach(PublishedCounty county, int towns)
    {
        ArgumentNullException.ThrowIfNull(county);
        return Math.Max(3, (int)Math.Ceiling(county.Members / (double)RosterMaker.MembersPerBranch / towns));
    }

    /// <summary>What becomes of a branch's members who stay in the county.</summary>
    /// <param name="number">Of the branch within its township, from 1.</param>
    /// <returns>0 the own township takes them in, 1 the next one, null nobody yet.</returns>
    public static int? PlaceOf(int number, int branchesEach) =>
        number == branchesEach ? null : number == branchesEach - 1 ? 1 : 0;

    /// <summary>The workbook; the same numbers make the same bytes.</summary>
    public static byte[] Make(PublishedCounty county, SeedFolder seeds)
    {
        ArgumentNullException.ThrowIfNull(county);
        ArgumentNullException.ThrowIfNull(seeds);
        var divisions = seeds.Divisions();
        var name = divisions.Find(county.County)?.Name ?? county.County;
        var towns = RosterMaker.TownsOf(seeds, county.County);
        var each = BranchesEach(county, towns.Count);
        var people = new People(int.Parse(county.County, CultureInfo.InvariantCulture), county.County, divisions, []);
        var rows = Enumerable.Range(0, county.Members).Select(i => Row(county, name, people, i, towns.Count, each));
        return SeedWorkbook.Write(
            (RosterSheet.Organisations.Title, RosterMaker.Table(RosterSheet.Organisations,
                RosterMaker.Organisations(county.County, name, towns, each))),
            (RosterSheet.Members.Title, RosterMaker.Table(RosterSheet.Members, rows)));
    }

    private static Dictionary<string, SeedCell> Row(
        PublishedCounty county, string name, People people, int i, int towns, int each)
    {
        var (town, round) = (1 + (i % towns), i / towns);
        var (own, other) = (county.OwnTownship, county.OwnTownship + county.OtherTownship);
        var number = i < own || i >= county.Within ? 1 + (round % (each - 2)) : i < other ? each - 1 : each;
        var isBeyond = i >= county.Within && i < county.Within + county.BeyondCounty;
        string[] destinations = i < county.Within ? [county.County] : isBeyond ? Away : [];
        var row = RosterMaker.Member(people, RosterMaker.BranchCode(town, number), name, destinations);
        if (destinations.Length == 0) return row;
        // Six months and more before the reference day, so that everybody counts as mobile.
        var departedOn = People.Reference.AddDays(-200 - people.Random.Next(1500));
        row["departed-on"] = departedOn.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        row["mobility-type"] = isBeyond ? "PRV" : i < own ? "TWN" : "CTY";
        row["mobility-reason"] = $"{Reasons[people.Random.Next(Reasons.Length)]}";
        row["occupation"] = Works[people.Random.Next(Works.Length)];
        return row;
    }

    private const string Reasons = "1111124678";

    private static readonly string[] Works = ["建筑", "建筑", "餐饮", "运输", "商贸", "家政", "采矿", "电工"];
}
