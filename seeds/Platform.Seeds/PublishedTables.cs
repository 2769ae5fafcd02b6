using System.Globalization;

namespace Platform.Seeds;

/// <summary>How many of what a county's register holds, so that a published table follows from it.</summary>
/// <param name="OwnTownship">Mobile members whom a branch of their own township has taken in.</param>
/// <param name="OtherTownship">The same of another township of the county.</param>
/// <param name="BeyondCounty">Mobile members who went beyond the city.</param>
/// <param name="NotPlaced">Mobile members who stay in the county and whom no branch has taken in yet.</param>
/// <param name="Guests">Members of elsewhere who turned up.</param>
/// <param name="UnitsFew">Two-new organisations in which one or two members work.</param>
public sealed record PublishedCounty(string County, int Members, int OwnTownship, int OtherTownship, int BeyondCounty,
    int NotPlaced, int Guests, int UnitsOrganised, int UnitsFew, int UnitsNone)
{
    /// <summary>Mobile members who stay in the county.</summary>
    public int Within => OwnTownship + OtherTownship + NotPlaced;
}

/// <summary>A number as a source prints it.</summary>
/// <param name="Table">A of a county, B of a prefecture, D of its two-new organisations.</param>
/// <param name="County">Whose register, or whose city's.</param>
/// <param name="What">count, share per hundred, remainder of a rule, or open: per hundred left by the shares.</param>
public sealed record PublishedNumber(string Table, string Source, string County, string Scope, string Figure,
    string What, decimal Printed)
{
    /// <summary>Region whose figures are asked for: the county, or its city.</summary>
    public string Region => Scope == "city" ? $"{County[..4]}00" : County;
}

/// <summary>What <c>seeds/demo</c> says: the printed tables and the registers they follow from.</summary>
public static class PublishedTables
{
    /// <summary>Rows of <c>seeds/demo/published.csv</c>.</summary>
    public static IReadOnlyList<PublishedNumber> Printed(SeedFolder seeds)
    {
        ArgumentNullException.ThrowIfNull(seeds);
        return [.. seeds.Rows("demo/published.csv").Select(r => new PublishedNumber(r[0], r[1], r[2], r[3], r[4], r[5],
            decimal.Parse(r[6], CultureInfo.InvariantCulture)))];
    }

    /// <summary>The counties of <c>seeds/demo/register.csv</c>.</summary>
    public static IReadOnlyList<PublishedCounty> Registers(SeedFolder seeds)
    {
        ArgumentNullException.ThrowIfNull(seeds);
        return [.. seeds.Rows("demo/register.csv").GroupBy(r => r[0], StringComparer.Ordinal).Select(rows =>
        {
            int Of(string what) => rows.FirstOrDefault(r => r[1] == what) is { } row
                ? int.Parse(row[2], CultureInfo.InvariantCulture) : 0;
            return new PublishedCounty(rows.Key, Of("members"), Of("ownTownship"), Of("otherTownship"),
                Of("beyondCounty"), Of("notPlaced"), Of("guests"), Of("unitsOrganised"), Of("unitsFew"),
                Of("unitsNone"));
        })];
    }

}
