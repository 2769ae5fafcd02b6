using Registry.Duplicates;

namespace Registry.Tests.Duplicates;

/// <summary>
/// A county's people with planted doubles of every kind that clerks make, and the people who only look like doubles:
/// namesakes, twins, families on one telephone, people born the same day. Seeded: the same number makes the same set.
/// </summary>
internal sealed class PlantedPeople
{
    private const string Surnames = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾萧田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈"
        + "姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤单解仇朴";

    private const string Given = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂兰英华玉秀珍红梅建国文志海燕春玲波辉晓小东峰鑫宇浩俊雪婷欣"
        + "慧佳怡琳颖晨旭鹏飞龙虎金银山川林森永康福贵祥瑞德才学良忠义仁智信诚立新光荣昌盛兴旺启发达顺利安宁和美善";

    // Characters clerks put for each other; none needs the tables under test to be told.
    private static readonly (char, char)[] Homophones =
        [('小', '晓'), ('玉', '钰'), ('红', '虹'), ('华', '骅'), ('明', '铭'), ('英', '瑛'), ('伟', '炜'), ('军', '钧'),
            ('平', '萍'), ('新', '欣'), ('志', '智'), ('建', '健'), ('国', '帼'), ('文', '雯'), ('春', '椿')];

    private static readonly (char, char)[] Variants =
        [('升', '昇'), ('坤', '堃'), ('峰', '峯'), ('国', '國'), ('陈', '陳'), ('刘', '劉'), ('华', '華'), ('萧', '肖'),
            ('付', '傅'), ('闫', '阎'), ('邱', '丘'), ('戴', '代'), ('黄', '黃'), ('丽', '麗'), ('兰', '蘭'), ('云', '雲')];

    private static readonly (char, char)[] Lookalikes =
        [('晴', '睛'), ('杨', '扬'), ('颖', '颍'), ('晨', '宸'), ('余', '佘'), ('侯', '候'), ('治', '冶'), ('辛', '幸'),
            ('瑞', '端'), ('班', '斑'), ('徒', '徙'), ('土', '士'), ('未', '末'), ('昌', '晶'), ('准', '淮'), ('兔', '免')];

    private readonly Random _random;
    private readonly List<PersonTraits> _people = [];
    private readonly HashSet<(Guid, Guid)> _planted = [];
    private readonly Dictionary<(Guid, Guid), string> _kinds = [];
    private int _ids;

    public PlantedPeople(int seed, int people)
    {
        _random = new Random(seed);
        for (var i = 0; i < people; i++) Add(Fresh());
        var originals = _people.ToList();
        foreach (var person in originals.Where(_ => _random.Next(100) < 6)) Plant(person);
        foreach (var person in originals.Where(_ => _random.Next(100) < 4)) AddLookalikePerson(person);
    }

    public IReadOnlyList<PersonTraits> People => _people;

    public IReadOnlySet<(Guid, Guid)> Planted => _planted;

    public string KindOf((Guid, Guid) pair) => _kinds.GetValueOrDefault(pair, "chance");

    private void Plant(PersonTraits person)
    {
        var (kind, twin) = _random.Next(12) switch
        {
            0 => ("homophone", Exchange(person, Homophones)),
            1 => ("variant", Exchange(person, Variants)),
            2 => ("look-alike", Exchange(person, Lookalikes)),
            3 when person.Name.Length == 3 => ("swapped", person with
            {
                Name = $"{person.Name[0]}{person.Name[2]}{person.Name[1]}",
            }),
            4 => ("id area", person),
            5 => ("id slip", person),
            6 => ("birth slip", person with { BirthOn = SlipOf(person.BirthOn!.Value) }),
            7 => ("old id", person with { IdNumber = Fifteen(person.IdNumber) }),
            8 => ("dot", person with { Name = "阿里木·买买提" }),
            9 when person.Name.Length == 3 && _random.Next(3) == 0 => ("other character", person with
            {
                Name = $"{person.Name[..2]}{Pick(Given)}",
            }),
            9 or 10 => ("retyped", person),
            _ => ("new phone", person with { Phone = Phone() }),
        };
        if (kind == "dot")
        {
            var at = _people.FindIndex(p => p.Id == person.Id);
            var full = $"{Pick("阿艾吐买库热")}{Pick("里尔布克孜")}{Pick("木肯江提")}{Pick(Given)}·"
                + $"{Pick("买吐库阿")}{Pick("买尔热布")}{Pick("提逊木江")}";
            person = _people[at] = person with { Name = full };
            twin = person with { Name = full.Replace('·', _random.Next(2) == 0 ? '•' : '．') };
        }
        if (kind == "old id")
        {
            // Two files: one kept the 15 digits, the other was brought to 18.
            AddTwin(person, twin with { JoinedOn = _random.Next(3) == 0 ? null : twin.JoinedOn }, kind);
            return;
        }
        // A second archive has another identity number: the node refuses the same one at once.
        var id = kind switch
        {
            "id area" => Area(person.IdNumber),
            "birth slip" => Id(person.IdNumber[..6], twin.BirthOn!.Value, person.IdNumber[14..17]),
            _ => Slip(person.IdNumber),
        };
        twin = twin with { IdNumber = id };
        // Second files are filled in by other people: items are missing or newer.
        if (_random.Next(4) == 0) twin = twin with { JoinedOn = null };
        if (_random.Next(3) == 0) twin = twin with { NativePlace = "" };
        if (_random.Next(3) == 0) twin = twin with { Employer = "另一单位" };
        if (_random.Next(3) == 0) twin = twin with { Phone = _random.Next(2) == 0 ? "" : Phone() };
        AddTwin(person, twin, kind);
    }

    private void AddTwin(PersonTraits person, PersonTraits twin, string kind)
    {
        twin = twin with { Id = Next(), BranchId = _random.Next(2) == 0 ? person.BranchId : Branch() };
        _people.Add(twin);
        var pair = Pair(person.Id, twin.Id);
        _planted.Add(pair);
        _kinds[pair] = kind;
    }

    // Real people who share much with another one.
    private void AddLookalikePerson(PersonTraits person)
    {
        var other = Fresh();
        Add(_random.Next(6) switch
        {
            // A namesake of the same county, born in another year.
            0 => other with { Name = person.Name, NativePlace = person.NativePlace },
            // A twin: same day, next number, other given name, often the family's telephone.
            1 => other with
            {
                Name = person.Name[..^1]
                    + Pick(Given.Replace(person.Name[^1].ToString(), "", StringComparison.Ordinal)),
                BirthOn = person.BirthOn,
                IdNumber = Id(person.IdNumber[..6], person.BirthOn!.Value, $"{_random.Next(900, 1000)}"),
                NativePlace = person.NativePlace,
                Phone = _random.Next(3) == 0 ? person.Phone : other.Phone,
            },
            // Father and son on one telephone.
            2 => other with
            {
                Name = $"{person.Name[0]}{Pick(Given)}{Pick(Given)}",
                Phone = person.Phone,
                NativePlace = person.NativePlace,
                BranchId = person.BranchId,
            },
            // A namesake born the same day: it happens in a big county.
            3 => other with
            {
                Name = person.Name,
                BirthOn = person.BirthOn,
                IdNumber = Id(other.IdNumber[..6], person.BirthOn!.Value, other.IdNumber[14..17]),
            },
            // Joined at the same ceremony, works at the same place, reads alike.
            4 => other with
            {
                Name = Exchange(person, Homophones).Name,
                JoinedOn = person.JoinedOn,
                Employer = person.Employer,
                BranchId = person.BranchId,
            },
            _ => other with { Name = Exchange(person, Lookalikes).Name, NativePlace = person.NativePlace },
        });
    }

    private void Add(PersonTraits person) => _people.Add(person);

    private PersonTraits Fresh()
    {
        var born = new DateOnly(1950, 1, 1).AddDays(_random.Next(19_000));
        var name = $"{Pick(Surnames)}{Pick(Given)}{(_random.Next(100) < 80 ? Pick(Given).ToString() : "")}";
        // Every pair of confusable characters occurs, as it does in a county.
        if (_random.Next(3) == 0)
        {
            var table = (_random.Next(3)) switch { 0 => Homophones, 1 => Variants, _ => Lookalikes };
            name = $"{name[0]}{name[1]}{table[_random.Next(table.Length)].Item1}";
        }
        return new(Next(), Branch(), name, Id($"1410{_random.Next(21, 35)}", born, $"{_random.Next(1000):D3}"), born,
            $"{_random.Next(1, 3)}", $"山西{Pick("汾侯隰蒲吉乡襄曲翼")}县", Phone(),
            born.AddYears(18).AddDays(_random.Next(8000)), $"{Pick(Surnames)}记{Pick(Given)}公司");
    }

    private static PersonTraits Exchange(PersonTraits person, (char From, char To)[] table)
    {
        foreach (var (from, to) in table)
            if (person.Name.Contains(from)) return person with { Name = person.Name.Replace(from, to) };
        return person;
    }

    private static DateOnly SlipOf(DateOnly on) => on.Day <= 12 && on.Day != on.Month
        ? new(on.Year, on.Day, on.Month) : on.AddDays(on.Day % 10 == 9 ? -1 : 1) is var near && near.Month == on.Month
            && near.Day / 10 == on.Day / 10 ? near : new(on.Year, on.Month, on.Day > 10 ? on.Day - 10 : on.Day + 10);

    private string Slip(string id)
    {
        // One digit of the sequence number is another one, or two stand in the wrong order; the check character fits.
        var sequence = id[14..17].ToCharArray();
        if (_random.Next(2) == 0 && sequence[0] != sequence[1]) (sequence[0], sequence[1]) = (sequence[1], sequence[0]);
        else sequence[_random.Next(2)] = (char)('0' + ((sequence[0] - '0' + 1 + _random.Next(8)) % 10));
        var made = Id(id[..6], Born(id), new string(sequence));
        return made == id ? Area(id) : made;
    }

    private string Area(string id) => Id($"1411{_random.Next(21, 30)}", Born(id), id[14..17]);

    private static DateOnly Born(string id) =>
        DateOnly.ParseExact(id[6..14], "yyyyMMdd", System.Globalization.CultureInfo.InvariantCulture);

    private static string Fifteen(string id) => string.Concat(id.AsSpan(0, 6), id.AsSpan(8, 9));

    private static string Id(string area, DateOnly born, string sequence)
    {
        var digits = $"{area}{born:yyyyMMdd}{sequence}";
        return digits + ResidentId.CheckCharacterOf(digits);
    }

    private string Phone() => $"1{_random.Next(30, 99)}{_random.Next(100_000_000):D8}";

    private Guid Branch() => new(_random.Next(400), 1, 0, [0, 0, 0, 0, 0, 0, 0, 0]);

    private Guid Next() => new(++_ids, 0, 0, [0, 0, 0, 0, 0, 0, 0, 0]);

    private char Pick(string from) => from[_random.Next(from.Length)];

    public static (Guid, Guid) Pair(Guid a, Guid b) => a.CompareTo(b) < 0 ? (a, b) : (b, a);
}
