using System.Globalization;
using Registry.Organisations;

namespace Bench.Data;

/// <summary>A province: cities, counties, townships, branches; superiors first.</summary>
internal static class SyntheticTree
{
    private static readonly string[] Sectors = ["", "", "", "CON", "CAT", "TRA", "COM", "MKT"];

    public static IEnumerable<Organisation> Of(DataPlan plan)
    {
        var province = Make(DataPlan.Id(RowKind.Province, 0), "140000", "140000/", null, "140000", "测试省委", "GCM", 0);
        yield return province;
        var cities = new Dictionary<string, Organisation>(StringComparer.Ordinal);
        foreach (var code in plan.Cities)
        {
            var number = cities.Count;
            yield return cities[code] = Make(DataPlan.Id(RowKind.City, number), code, Regions.PathOf(code), province.Id,
                code, $"测试第{number}市委", "GCM", number);
        }
        for (var county = 0; county < plan.Counties.Count; county++)
            foreach (var organisation in County(plan, county, cities)) yield return organisation;
    }

    private static IEnumerable<Organisation> County(DataPlan plan, int county, Dictionary<string, Organisation> cities)
    {
        var region = plan.Counties[county];
        var top = Make(DataPlan.Id(RowKind.County, county), region, Regions.PathOf(region),
            cities[$"{region[..4]}00"].Id, region, $"测试第{county}县委", "GCM", county);
        yield return top;
        var townships = new Organisation[plan.TownshipsPerCounty];
        for (var t = 0; t < townships.Length; t++)
        {
            var path = plan.TownshipPath(county, t);
            yield return townships[t] = Make(DataPlan.Id(RowKind.Township, (county * 100) + t), Last(path), path,
                top.Id, region, $"测试第{county}县第{t}乡镇党委", "GCM", t);
        }
        for (var b = 0; b < plan.BranchesPerCounty; b++)
        {
            var path = plan.BranchPath(county, b);
            yield return Make(DataPlan.BranchId(county, b), Last(path), path, townships[b % townships.Length].Id,
                region, $"测试第{county}县第{b}支部", "BRA", b) with
            {
                Sector = Sectors[b % Sectors.Length],
                Division = string.Create(CultureInfo.InvariantCulture, $"{region}1{b % townships.Length:D2}"),
            };
        }
    }

    // The longer a path, the later: a superior is there before what is below it.
    private static Organisation Make(Guid id, string code, string path, Guid? parent, string region, string name,
        string type, int number)
    {
        var founded = new DateOnly(2000, 1, 1).AddDays((path.Length * 180) + (number % 100));
        return new()
        {
            Id = id,
            Code = code,
            Path = path,
            ParentId = parent,
            Region = region,
            Name = name,
            Type = type,
            Contact = "测试联系人",
            Division = region,
            FoundedOn = founded,
            Since = founded,
        };
    }

    private static string Last(string path) => path[(path.LastIndexOf('/', path.Length - 2) + 1)..^1];
}
