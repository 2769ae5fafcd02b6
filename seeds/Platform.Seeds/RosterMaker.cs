using System.Globalization;
using Registry.Roster;

namespace Platform.Seeds;

/// <summary>What to make.</summary>
/// <param name="County">Six digits.</param>
/// <param name="Members">Rows of sheet 党员, wrong ones included.</param>
/// <param name="Wrong">How many of them break exactly one rule.</param>
/// <param name="Seed">The same number makes the same file, byte by byte.</param>
/// <param name="Destinations">Where mobile members went, six digits each; one in five is out.</param>
public sealed record RosterOrder(string County, int Members, int Wrong, int Seed, IReadOnlyList<string> Destinations);

/// <summary>A row that must be refused, and by which rule.</summary>
public sealed record ExpectedProblem(string Sheet, int Row, string Column, string Rule);

/// <summary>What was made.</summary>
/// <param name="File">The workbook.</param>
/// <param name="Expected">The wrong rows, by row.</param>
/// <param name="MobileCount">Right rows of members who are out.</param>
public sealed record MadeRoster(
    byte[] File, IReadOnlyList<ExpectedProblem> Expected, int OrganisationCount, int MemberCount, int MobileCount)
{
    /// <summary>Name and identity number of the right rows, in the order of the file.</summary>
    public required IReadOnlyList<(string Name, string IdNumber)> People { get; init; }
}

/// <summary>Makes a county's roster of synthetic members, with wrong rows where they are wanted.</summary>
public static class RosterMaker
{
    internal const int MembersPerBranch = 25;

    /// <summary>What a repeated row has from the one it repeats.</summary>
    private static readonly string[] Copied =
        ["name", "sex", "id-number", "born-on", "joined-on", "full-on", "membership"];

    private static readonly string[] Educations = ["小学", "初中", "高中", "中专", "大专", "本科", "硕士"];
    private static readonly string[] Groups = ["汉族", "汉族", "汉族", "汉族", "汉族", "回族", "满族", "蒙古族"];
    private static readonly string[] Works = ["木工", "司机", "厨师", "矿工", "售货员", "家政服务员", "务农", "无"];
    private static readonly string[] Sectors = ["建筑", "运输", "餐饮", "采矿", "商贸", "家政", "", ""];

    public static MadeRoster Make(RosterOrder order, SeedFolder seeds)
    {
        ArgumentNullException.ThrowIfNull(order);
        ArgumentNullException.ThrowIfNull(seeds);
        var divisions = seeds.Divisions();
        var people = new People(order.Seed, order.County, divisions,
            seeds.Rows("divisions/history.csv").Select(r => new Registry.Division(r[0], r[1], r[2], r[3])));
        var county = divisions.Find(order.County)?.Name ?? order.County;
        var towns = TownsOf(seeds, order.County);
        var organisations = Organisations(order.County, county, towns,
            Math.Max(1, (int)Math.Ceiling(order.Members / (double)MembersPerBranch / towns.Count)));
        var branches = organisations.Where(o => o["type"].Text == "党支部").Select(o => o["code"].Text).ToList();
        var rows = Enumerable.Range(0, order.Members)
            .Select(i => Member(people, branches[i % branches.Count], county, i % 5 == 0 ? order.Destinations : []))
            .ToList();
        var expected = Spoil(rows, order, people.Random);
        var wrong = expected.Select(e => e.Row - 2).ToHashSet();
        var file = SeedWorkbook.Write(
            (RosterSheet.Organisations.Title, Table(RosterSheet.Organisations, organisations)),
            (RosterSheet.Members.Title, Table(RosterSheet.Members, rows)));
        return new(file, expected, organisations.Count, rows.Count,
            rows.Where((row, i) => !wrong.Contains(i) && row["mobile"].Text == "是").Count())
        {
            People = [.. rows.Where((_, i) => !wrong.Contains(i)).Select(r => (r["name"].Text, r["id-number"].Text))],
        };
    }

    private static List<ExpectedProblem> Spoil(
        List<Dictionary<string, SeedCell>> rows, RosterOrder order, Random random)
    {
        // The first tenth stays right, so that a repeated identity number has somebody to repeat.
        var places = Enumerable.Range(0, rows.Count).Skip(rows.Count / 10).ToArray();
        random.Shuffle(places);
        var expected = new List<ExpectedProblem>();
        foreach (var (place, turn) in places.Take(order.Wrong).Select((place, turn) => (place, turn)))
        {
            var kinds = WrongRows.All.Count + 1;
            var (rule, column) = ("MEMBER_DUPLICATE", "id-number");
            if (turn % kinds < WrongRows.All.Count)
            {
                var kind = WrongRows.All[turn % kinds];
                (rule, column) = (kind.Rule, kind.Column);
                kind.Spoil(rows[place]);
            }
            else
                foreach (var copied in Copied)
                    rows[place][copied] = rows[turn % (rows.Count / 10)][copied];
            expected.Add(new(RosterSheet.Members.Title, place + 2, column, rule));
        }
        return [.. expected.OrderBy(e => e.Row)];
    }

    /// <summary>Names of the county's townships, or invented ones.</summary>
    internal static IReadOnlyList<string> TownsOf(SeedFolder seeds, string county) =>
        seeds.Towns(county) is { Count: > 0 } towns ? towns : ["示例镇", "样例镇", "演示乡"];

    /// <summary>Code of a branch by its township and its place in it, both from 1.</summary>
    internal static string BranchCode(int town, int number) =>
        string.Create(CultureInfo.InvariantCulture, $"T{town:D2}-B{number:D2}");

    internal static List<Dictionary<string, SeedCell>> Organisations(
        string division, string county, IReadOnlyList<string> towns, int branchesEach)
    {
        // The county's own committee comes first; its code is the division's.
        List<Dictionary<string, SeedCell>> list =
            [Organisation(division, $"{county}示例委员会", "基层党委", "无", division)];
        for (var t = 0; t < towns.Count; t++)
        {
            var town = string.Create(CultureInfo.InvariantCulture, $"T{t + 1:D2}");
            list.Add(Organisation(town, $"{county}{towns[t]}党委", "基层党委", division, division));
            list.Add(Organisation($"{town}-C01", $"{towns[t]}示例社区党组织", "社区党组织", town, division));
            for (var b = 1; b <= branchesEach; b++)
                list.Add(Organisation(
                    BranchCode(t + 1, b), $"{towns[t]}第{b}示例党支部", "党支部", town, division));
        }
        return list;
    }

    private static Dictionary<string, SeedCell> Organisation(
        string code, string name, string type, string parent, string division) => new()
        {
            ["code"] = code,
            ["name"] = name,
            ["type"] = type,
            ["parent"] = parent,
            ["division"] = division,
            ["contact"] = "王试一",
            ["phone"] = "15400000000",
        };

    internal static Dictionary<string, SeedCell> Member(
        People people, string branch, string county, IReadOnlyList<string> destinations)
    {
        var person = people.Next();
        var random = people.Random;
        var isProbationary = person.JoinedOn > People.Reference.AddDays(-365);
        var row = new Dictionary<string, SeedCell>
        {
            ["name"] = person.Name,
            ["sex"] = person.IsMan ? "男" : "女",
            ["ethnic-group"] = Pick(Groups),
            ["id-number"] = person.IdNumber,
            ["born-on"] = Day(person.BornOn),
            ["native-place"] = county,
            ["education"] = Pick(Educations),
            ["joined-on"] = Day(person.JoinedOn),
            ["membership"] = isProbationary ? "预备党员" : "正式党员",
            ["full-on"] = isProbationary ? "" : Day(person.JoinedOn.AddYears(1)),
            ["branch"] = branch,
            ["phone"] = person.Phone,
            ["occupation"] = Pick(Works),
            ["sector"] = Pick(Sectors),
            ["employer"] = "无",
            ["residence"] = $"{county}示例村{random.Next(1, 400)}号",
            ["mobile"] = "否",
        };
        if (destinations.Count == 0) return row;
        row["mobile"] = "是";
        row["mobility-type"] = "省内跨市";
        row["mobility-reason"] = "外出务工经商";
        row["destination"] = destinations[random.Next(destinations.Count)];
        row["departed-on"] = Day(new DateOnly(2025, 1, 1).AddDays(random.Next(300)));
        return row;

        string Pick(string[] from) => from[random.Next(from.Length)];
    }

    internal static IEnumerable<IReadOnlyList<SeedCell>> Table(
        RosterSheet sheet, IEnumerable<Dictionary<string, SeedCell>> rows) =>
        rows.Select(row => (IReadOnlyList<SeedCell>)[.. sheet.Columns.Select(c => row.GetValueOrDefault(c.Name, ""))])
            .Prepend([.. sheet.Columns.Select(c => (SeedCell)c.Title)]);

    private static string Day(DateOnly date) => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
