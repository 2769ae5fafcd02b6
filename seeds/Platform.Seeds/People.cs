using System.Globalization;
using Registry;

namespace Platform.Seeds;

/// <summary>Synthetic people: the same seed number makes the same ones, and nobody can take them for real.</summary>
/// <remarks>
/// Given names begin with 试, 例, 样 or 演 (trial, example, sample, demo). Sequence numbers of identity numbers are 900
/// to 999, phones begin with 154. Whoever was born while the county had another code carries that code.
/// </remarks>
public sealed class People
{
    /// <summary>All dates lie before this one, so that files do not age into the future.</summary>
    public static readonly DateOnly Reference = new(2026, 1, 1);

    private const string Surnames = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾萧田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈";
    private const string First = "试例样演";
    private const string Second = "一二三四五六七八九十甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥";
    private static readonly string[] Rare = ["𠮷", "㛃", "䶮", "𬭎"];
    private readonly Random random;
    private readonly string county;
    private readonly (string Code, int LastYear)[] formerCodes;
    private readonly HashSet<string> used = [];
    private int count;

    public People(int seed, string county, DivisionBook divisions, IEnumerable<Division> all)
    {
        random = new Random(seed);
        this.county = county;
        var name = divisions.Find(county)?.Name;
        formerCodes = [.. all.Where(d => d.Name == name && d.Code != county && d.Code[..2] == county[..2])
            .Select(d => (d.Code, int.Parse(d.LastRevision.AsSpan(0, 4), CultureInfo.InvariantCulture)))
            .OrderBy(d => d.Item2)];
    }

    public Random Random => random;

    /// <summary>The next one; numbers and phones never repeat.</summary>
    public Person Next()
    {
        count++;
        var isMan = random.Next(100) < 70;
        var bornOn = new DateOnly(1955, 1, 1).AddDays(random.Next(18_000));
        string id;
        do
        {
            var sequence = 900 + (random.Next(50) * 2) + (isMan ? 1 : 0);
            var digits = $"{AreaOf(bornOn)}{bornOn:yyyyMMdd}{sequence}";
            id = digits + ResidentId.CheckCharacterOf(digits);
        } while (!used.Add(id));
        var joinedOn = bornOn.AddYears(18).AddDays(random.Next(3_000));
        if (joinedOn >= Reference) joinedOn = Reference.AddDays(-400);
        return new(NextName(), isMan, id, bornOn, joinedOn, $"154{count:D8}");
    }

    private string AreaOf(DateOnly bornOn) =>
        formerCodes.FirstOrDefault(c => bornOn.Year <= c.LastYear) is { Code: { } code } ? code : county;

    private string NextName() => random.Next(200) switch
    {
        0 => $"{Pick(Surnames)}{Pick(First)}{Rare[random.Next(Rare.Length)]}",
        1 => $"{Pick(First)}里木·{Pick(First)}买{Pick(Second)}",
        < 40 => $"{Pick(Surnames)}{Pick(First)}",
        _ => $"{Pick(Surnames)}{Pick(First)}{Pick(Second)}",
    };

    private char Pick(string from) => from[random.Next(from.Length)];
}

/// <summary>One synthetic person.</summary>
public sealed record Person(
    string Name, bool IsMan, string IdNumber, DateOnly BornOn, DateOnly JoinedOn, string Phone);
