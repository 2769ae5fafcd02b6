using Registry;

namespace Platform.Seeds;

/// <summary>A branch of a synthetic unit.</summary>
/// <param name="Town">Position of its township within the county, from 1.</param>
public sealed record FigureBranch(string County, int Town, int Number);

/// <summary>A member on a synthetic roster, and whether on the move.</summary>
/// <param name="HostRegion">Where to; "" for who stays.</param>
/// <param name="HostTown">Township that placed the member, 0 for none: a host of another county, or none yet.</param>
public sealed record FigureMember(FigureBranch Branch, Person Person, string Education, string Occupation,
    string Reason, string HostRegion, int HostTown, DateOnly LeftOn);

/// <summary>A member of elsewhere whom a unit has registered.</summary>
public sealed record FigureGuest(FigureBranch Branch, Person Person, string Occupation, string HomeRegion,
    DateOnly ArrivedOn);

/// <summary>A two-new organisation. Source: M-099.</summary>
/// <param name="Members">Members who work there.</param>
public sealed record FigureUnit(string County, string Name, int Members, bool HasOrganisation);

/// <summary>
/// Registers from which the published tables follow again: set A (a county, M-276), set B (a prefecture, M-277), set D
/// (two-new organisations, M-279). The same seed number makes the same ones.
/// </summary>
public sealed class FiguresDemo
{
    /// <summary>County of set A, and of sets B and D, in another city.</summary>
    public const string CountyA = "141022", CountyB = "140581";

    /// <summary>Townships of a county and branches of a township.</summary>
    public const int Towns = 10, Branches = 3;

    // What the sources print: 4,460 = 33 % of all; 72.5 % in the own township, 27 % beyond, 360 come in; 507 and 1,631.
    private const int MembersA = 13_515, OwnTownshipA = 3_234, BeyondA = 1_204, OpenA = 22, GuestsA = 360;
    private const int MembersB = 900, OutB = 507, GuestsB = 1_631;
    private const int Organised = 73, Few = 187, None = 499;

    private static readonly string[] Educations = ["11", "21", "31", "41", "61", "71", "81", ""];
    private static readonly string[] Occupations = ["建筑", "餐饮", "运输", "商业", "家政", "采矿", "电工", ""];
    private static readonly string[] Away = ["140105", "110105", "440305", "330106", "990000"];
    private readonly Random _random;

    public FiguresDemo(int seed, DivisionBook divisions)
    {
        _random = new Random(seed);
        var (a, b) = (new People(seed, CountyA, divisions, []), new People(seed + 1, CountyB, divisions, []));
        Members = [.. Enumerable.Range(0, MembersA).Select(i => MemberOfA(i, a.Next())),
            .. Enumerable.Range(0, MembersB).Select(i => Member(CountyB, b.Next(), i < OutB ? Pick(Away) : "", 0))];
        var guests = new People(seed + 2, "110105", divisions, []);
        Guests = [.. Enumerable.Range(0, GuestsA).Select(_ => Guest(CountyA, guests.Next())),
            .. Enumerable.Range(0, GuestsB).Select(_ => Guest(CountyB, guests.Next()))];
        Units = [.. Enumerable.Range(0, Organised + Few + None).Select(i => new FigureUnit(CountyB, $"示例单位{i + 1}",
            i < Organised ? 3 + _random.Next(30) : i < Organised + Few ? 1 + _random.Next(2) : 0, i < Organised))];
    }

    public IReadOnlyList<FigureMember> Members { get; }

    public IReadOnlyList<FigureGuest> Guests { get; }

    public IReadOnlyList<FigureUnit> Units { get; }

    private FigureMember MemberOfA(int i, Person person) => i switch
    {
        < OwnTownshipA => Member(CountyA, person, CountyA, -1),
        < OwnTownshipA + (BeyondA / 4) => Member(CountyA, person, CountyA, -2),
        < OwnTownshipA + BeyondA => Member(CountyA, person, Pick(Away), 0),
        < OwnTownshipA + BeyondA + OpenA => Member(CountyA, person, CountyA, 0),
        _ => Member(CountyA, person, "", 0),
    };

    /// <param name="town">-1: the own township places; -2: another one of the county; 0: none yet.</param>
    private FigureMember Member(string county, Person person, string host, int town)
    {
        var branch = Branch(county);
        var hostTown = town switch { -1 => branch.Town, -2 => (branch.Town % Towns) + 1, _ => 0 };
        return new(branch, person, Pick(Educations), Pick(Occupations), $"{1 + _random.Next(8)}", host, hostTown,
            Day());
    }

    private FigureGuest Guest(string county, Person person) =>
        new(Branch(county), person, Pick(Occupations), Pick(["110105", "440305", "330106"]), Day());

    private FigureBranch Branch(string county) => new(county, 1 + _random.Next(Towns), 1 + _random.Next(Branches));

    // All six months and more before the reference day: mobile in the sense of R-001.
    private DateOnly Day() => People.Reference.AddDays(-200 - _random.Next(1500));

    private string Pick(string[] from) => from[_random.Next(from.Length)];
}
