using System.Globalization;
using Registry;
using Registry.Members;
using Registry.Mobility;
using Registry.Organisations;

namespace Bench.Data;

/// <summary>Members and cases that follow from their number: nobody's data, with right id numbers.</summary>
internal static class SyntheticPeople
{
    private const string Surnames =
        "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊";
    private const string Given =
        "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰梅红春云峰辉建国志文斌鹏宇浩凯博雪琳晨佳欣怡雨萱梓涵";
    private static readonly string[] Elsewhere = ["440105", "440106", "110105", "310115", "330106", "320505", "810000"];
    private static readonly string[] Occupations = ["建筑", "餐饮", "运输", "木工", "家政", "商贸", "电工", "保安"];
    private static readonly string[] Education = ["20", "31", "41", "61", "71", "81"];
    private static readonly string[] Fields = [.. CaseFacts.Fields.Select(f => f.Name)];

    public static Member Member(DataPlan plan, int number)
    {
        var county = plan.CountyOf(number);
        // Neighbours by number are not neighbours in the tree.
        var branch = (int)(number * 7919L % plan.BranchesPerCounty);
        var id = IdNumber(plan.Counties[county], number);
        return new()
        {
            Id = DataPlan.Id(RowKind.Member, number),
            BranchId = DataPlan.BranchId(county, branch),
            BranchPath = plan.BranchPath(county, branch),
            Name = Name(number),
            IdNumber = id.Value,
            Sex = id.Sex == Sex.Male ? "1" : "2",
            EthnicGroup = "01",
            BirthOn = id.BornOn,
            NativePlace = "山西测试县",
            Education = Education[number % Education.Length],
            JoinedOn = id.BornOn.AddYears(20 + (number % 10)),
            Standing = number % 40 == 0 ? "probationary" : "full",
            Phone = string.Create(CultureInfo.InvariantCulture, $"199{number:D8}"),
            Occupation = Occupations[number % Occupations.Length],
            Employer = "测试有限公司",
            Residence = string.Create(CultureInfo.InvariantCulture, $"山西省测试县测试社区{number % 900}号"),
        };
    }

    public static OutboundCard? Outbound(DataPlan plan, int number)
    {
        if (number % 20 >= 18) return null;
        var member = Member(plan, plan.MemberOf(number));
        var (facts, home) = (Facts(member, number), plan.CountyOf(plan.MemberOf(number)));
        var departed = Began(plan, number);
        return new()
        {
            Id = DataPlan.Id(RowKind.Outbound, number),
            MemberId = member.Id,
            HomePath = member.BranchPath,
            HomeRegion = plan.Counties[home],
            HomeBranch = "测试支部",
            HostRegion = Host(plan, number, home),
            Leg = 1,
            Status = (number % 10) switch
            {
                0 => OutboundStatus.Returned,
                < 4 => OutboundStatus.Notified,
                _ => OutboundStatus.Admitted,
            },
            Facts = facts,
            PeerFacts = number % 10 < 4 ? null : IsDisputed(number) ? Disputed(facts) : facts,
            Reason = $"{1 + (number % 3)}",
            DepartsOn = departed,
            ContactPerson = "测试联系人",
            EndedOn = number % 10 == 0 ? Ended(plan, departed) : null,
            CaseKey = new byte[16],
            Since = Since(plan, number),
        };
    }

    public static InboundCard? Inbound(DataPlan plan, int number)
    {
        if (number % 20 is >= 15 and < 18) return null;
        var arrives = number % 20 >= 18;
        var home = plan.CountyOf(plan.MemberOf(number));
        var host = arrives ? home : plan.Counties.ToList().IndexOf(Host(plan, number, home));
        // Who comes from elsewhere is not one of the members.
        var person = arrives ? Member(plan, plan.MemberOf(number)) with
        {
            Name = Name(number + plan.Members),
            IdNumber = IdNumber(Elsewhere[number % 6], number).Value,
        } : Member(plan, plan.MemberOf(number));
        var facts = Facts(person, number);
        var came = Began(plan, number);
        var status = arrives ? (number % 3 == 0 ? InboundStatus.AwaitingHome : InboundStatus.Admitted)
            : (number % 10) switch
            {
                0 => InboundStatus.Left,
                < 4 => InboundStatus.Noticed,
                _ => InboundStatus.Admitted,
            };
        var branch = number % plan.BranchesPerCounty;
        var placed = status is InboundStatus.Admitted or InboundStatus.Left;
        return new()
        {
            Id = DataPlan.Id(RowKind.Inbound, number),
            CaseId = DataPlan.Id(RowKind.Outbound, number),
            Leg = 1,
            HostPath = placed ? plan.BranchPath(host, branch) : Regions.PathOf(plan.Counties[host]),
            HostRegion = plan.Counties[host],
            HomeRegion = arrives ? Elsewhere[number % 6] : plan.Counties[home],
            HomeBranch = "测试支部",
            Status = status,
            Facts = IsDisputed(number) ? Disputed(facts) : facts,
            PeerFacts = status == InboundStatus.AwaitingHome ? null : facts,
            ArrivesOn = came,
            BranchId = placed ? DataPlan.BranchId(host, branch) : null,
            BranchName = placed ? "测试支部" : "",
            AdmittedOn = placed ? came : null,
            LeftOn = status == InboundStatus.Left ? Ended(plan, came) : null,
            LeftBecause = status == InboundStatus.Left ? DepartureReason.Returned : null,
            CaseKey = new byte[16],
            Since = Since(plan, number),
        };
    }

    public static CaseMirror? Mirror(DataPlan plan, int number)
    {
        if (number % 20 >= 15) return null;
        var (home, at) = (plan.CountyOf(plan.MemberOf(number)), Since(plan, number));
        var host = Host(plan, number, home);
        var (open, digests) = (number % 10 != 0, Fields.ToDictionary(f => f, f => "00112233445566aa"));
        var mirror = new CaseMirror
        {
            Id = DataPlan.Id(RowKind.Mirror, number),
            CaseId = DataPlan.Id(RowKind.Outbound, number),
            Leg = 1,
            HomeRegion = plan.Counties[home],
            HostRegion = host,
            CommonPath = Regions.CommonPath(plan.Counties[home], host),
            Since = at,
        }.With(Side.Home, new(open ? "Notified" : "Returned", true, open, digests, "1", 1, at));
        if (number % 10 is > 0 and < 4) return mirror;
        if (IsDisputed(number)) digests = new(digests) { ["phone"] = "ffeeddccbbaa9988" };
        return mirror.With(Side.Host, new(open ? "Admitted" : "Left", open, open, digests, "1", 1, at));
    }

    /// <summary>Distinct for each number within an area, with a right check character.</summary>
    public static ResidentId IdNumber(string area, int number)
    {
        var born = new DateOnly(1941, 1, 1).AddDays(number % 23_000);
        var digits = string.Create(CultureInfo.InvariantCulture, $"{area}{born:yyyyMMdd}{1 + (number / 23_000):D3}");
        return new(digits + ResidentId.CheckCharacterOf(digits));
    }

    public static string Name(int number)
    {
        var mixed = unchecked((uint)number * 2_654_435_761u);
        var first = Given[(int)(mixed / 97 % Given.Length)];
        var name = $"{Surnames[(int)(mixed % Surnames.Length)]}{first}";
        return number % 5 == 0 ? name : $"{name}{Given[(int)(mixed / 7919 % Given.Length)]}";
    }

    // A third each: the own county, another one of the city, any.
    private static string Host(DataPlan plan, int number, int home)
    {
        if (number % 20 >= 15) return Elsewhere[number % 7];
        if (number % 3 == 0) return plan.Counties[home];
        if (number % 3 == 2) return plan.Counties[(int)(number * 31L % plan.Counties.Count)];
        var near = plan.Counties[(home + 1) % plan.Counties.Count];
        return near[..4] == plan.Counties[home][..4] ? near : plan.Counties[Math.Max(0, home - 1)];
    }

    private static CaseFacts Facts(Member member, int number) => new()
    {
        Name = member.Name,
        IdNumber = member.IdNumber,
        Phone = member.Phone,
        Standing = member.Standing,
        Employer = "测试厂",
        Occupation = member.Occupation,
        Residence = "测试社区一号楼",
        CertificateNumber = Registry.CertificateNumber.Of(member.IdNumber[..6], 2026, 1 + (number % 999_999)).Value,
    };

    private static bool IsDisputed(int number) => number % 20 is 5;

    private static CaseFacts Disputed(CaseFacts facts) => facts with { Phone = "19900000000" };

    private static DateOnly Began(DataPlan plan, int number) => plan.Today.AddDays(-1 - (number % 1500 * 31 % 1500));

    private static DateOnly Ended(DataPlan plan, DateOnly began) =>
        began.AddDays(200) < plan.Today ? began.AddDays(200) : plan.Today.AddDays(-1);

    private static DateTimeOffset Since(DataPlan plan, int number) =>
        new DateTimeOffset(plan.Today, default, TimeSpan.Zero).AddMinutes(-1 - (number % 90_000));
}
