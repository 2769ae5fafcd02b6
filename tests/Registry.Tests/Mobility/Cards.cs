using Registry.Mobility;

namespace Registry.Tests.Mobility;

/// <summary>Cards and facts of an obviously synthetic member.</summary>
internal static class Cards
{
    public const string Home = "141022", Host = "140105", Third = "140106";

    public static readonly DateTimeOffset Now = new(2026, 3, 1, 1, 0, 0, TimeSpan.Zero);
    public static readonly DateOnly Day = new(2026, 3, 1);
    public static readonly Guid Clerk = new("00000000-0000-7000-8000-000000000001");
    public static readonly Guid Secretary = new("00000000-0000-7000-8000-000000000002");

    public static CaseFacts Facts(string employer = "测试建筑公司") => new()
    {
        Name = "测试甲",
        IdNumber = "11010519491231002X",
        Phone = "13900000000",
        Standing = "full",
        Employer = employer,
        Residence = "测试社区1号",
    };

    public static OutboundCard Outbound(OutboundStatus status = OutboundStatus.Applied) => new()
    {
        Id = new("00000000-0000-7000-8000-00000000000a"),
        MemberId = new("00000000-0000-7000-8000-00000000000b"),
        HomePath = "140000/141000/141022/A/",
        HomeRegion = Home,
        HomeBranch = "测试支部",
        HostRegion = Host,
        Status = status,
        Facts = Facts(),
        PeerFacts = status is OutboundStatus.Admitted or OutboundStatus.LostContact ? Facts() : null,
        Reason = "1",
        DepartsOn = Day,
        AppliedBy = Secretary,
        CaseKey = new byte[16],
        Since = Now,
    };

    public static InboundCard Inbound(InboundStatus status = InboundStatus.Noticed) => new()
    {
        Id = new("00000000-0000-7000-8000-00000000000c"),
        CaseId = Outbound().Id,
        Leg = 1,
        HostPath = "140000/140100/140105/",
        HostRegion = Host,
        HomeRegion = Home,
        Status = status,
        Facts = Facts(),
        PeerFacts = status == InboundStatus.AwaitingHome ? null : Facts(),
        ArrivesOn = Day,
        AdmittedOn = status is InboundStatus.Admitted or InboundStatus.LostContact ? Day : null,
        CaseKey = new byte[16],
        Since = Now,
    };

    public static Admission Admission(CaseFacts? seen = null) => new(new("00000000-0000-7000-8000-00000000000d"),
        "140000/140100/140105/B/", "接收支部", "工作单位", "CRT", seen ?? Facts(), "联系人", Day);

    public static LostContactFinding Finding(Side by, params string[] attempts) => new("1", Day, attempts, by, Day);
}
