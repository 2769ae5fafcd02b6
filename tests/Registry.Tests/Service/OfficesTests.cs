using System.Text.Json;
using Platform.Testing;

namespace Registry.Tests.Service;

/// <summary>What offices write to each other: reports, papers, numbers of other departments, certificates.</summary>
public sealed class OfficesTests(RegistryFixture registry) : IClassFixture<RegistryFixture>
{
    private readonly Api _admin = registry.As("tier-administrator");
    private readonly Api _clerk = registry.As("committee-clerk");

    private static DateOnly Today => DateOnly.FromDateTime(DateTime.UtcNow.AddHours(8));

    private static string Quarter => $"{Today.Year}-Q{((Today.Month - 1) / 3) + 1}";

    [Fact, Trait("mechanism", "M-172"), Trait("mechanism", "M-173"), Trait("mechanism", "M-284")]
    public async Task Each_quarter_branches_report_to_the_mobile_committee_and_it_reports_to_the_committee_at_home()
    {
        var seeded = await Seeded.CreateAsync(registry, "O1");
        var mobile = await FoundAsync("O1M", "MCM", seeded.Committee);
        var (first, second) = (await FoundAsync("O1X", "TBR", mobile), await FoundAsync("O1Y", "TBR", mobile));
        Assert.Equal([first, second], Missing(await ReceivedAsync(mobile, "BQR", Quarter)));
        Assert.Equal([mobile], Missing(await ReceivedAsync(seeded.Committee, "CQR", Quarter)));

        var secretary = registry.As("branch-secretary", $"{seeded.CommitteePath}O1M/O1X/");
        var sent = await SendAsync(secretary, first, "BQR", Quarter);
        Assert.Equal((409, "RECORD_EXISTS"), Said(await SendAsync(secretary, first, "BQR", Quarter)));
        Assert.Equal(400, (await SendAsync(secretary, first, "BQR", "2026-H1")).Status);
        Assert.Equal(400, (await SendAsync(secretary, first, "BQR", $"{Today.Year + 1}-Q1")).Status);
        var stranger = registry.As("branch-secretary", seeded.BranchPath);
        Assert.Equal("ORGANISATION_NOT_FOUND", (await SendAsync(stranger, second, "BQR", Quarter)).Code);
        var committee = registry.As("committee-clerk", $"{seeded.CommitteePath}O1M/");
        var quarter = (await committee.GetAsync($"/api/v1/organisations/{mobile}/reports?kind=BQR&period={Quarter}"))
            .Ok;
        Assert.Equal(sent.Id(), Assert.Single(quarter.GetProperty("reports").EnumerateArray()).GetProperty("id")
            .GetGuid());
        Assert.Equal([second], Missing(quarter));

        (await SendAsync(committee, mobile, "CQR", Quarter)).Id();
        var home = await ReceivedAsync(seeded.Committee, "CQR", Quarter);
        Assert.Equal("运行情况", Assert.Single(home.GetProperty("reports").EnumerateArray()).GetProperty("title")
            .GetString());
        Assert.Empty(Missing(home));
    }

    [Fact, Trait("mechanism", "M-174"), Trait("mechanism", "M-285")]
    public async Task Each_half_year_every_branch_sums_up_and_the_committee_sees_who_has_not()
    {
        var seeded = await Seeded.CreateAsync(registry, "O2");
        var other = await FoundAsync("O2C", "BRA", seeded.Committee);
        var half = $"{Today.Year - 1}-H2";
        (await SendAsync(registry.As("branch-secretary", seeded.BranchPath), seeded.Branch, "BHR", half)).Id();
        var received = await ReceivedAsync(seeded.Committee, "BHR", half);
        Assert.Equal(seeded.Branch, Assert.Single(received.GetProperty("reports").EnumerateArray())
            .GetProperty("organisationId").GetGuid());
        Assert.Equal([other], Missing(received));
        Assert.Equal([seeded.Branch, other], Missing(await ReceivedAsync(seeded.Committee, "BHR", $"{Today.Year}-H1")));
    }

    [Fact, Trait("mechanism", "M-283")]
    public async Task A_committees_special_report_reaches_the_countys_organisation_department()
    {
        var seeded = await Seeded.CreateAsync(registry, "O3");
        var farm = registry.As("committee-clerk", seeded.CommitteePath);
        var report = await farm.PostAsync($"/api/v1/organisations/{seeded.Committee}/reports", new
        {
            kind = "SPE", period = $"{Today.Year}", title = "流动党员教育管理服务专题报告", text = "一、基本情况\n二、主要做法",
        });
        var county = await ReceivedAsync(seeded.Top, "SPE", $"{Today.Year}");
        var read = county.GetProperty("reports").EnumerateArray().Single(r => r.GetProperty("id").GetGuid()
            == report.Id());
        Assert.Equal(("流动党员教育管理服务专题报告", "一、基本情况\n二、主要做法"), (read.GetProperty("title").GetString(),
            read.GetProperty("text").GetString()));
        Assert.Equal("REPORT_NOBODY_ABOVE", (await SendAsync(_clerk, seeded.Top, "SPE", $"{Today.Year}")).Code);
    }

    [Fact, Trait("mechanism", "M-038")]
    public async Task Duties_of_both_sides_and_notes_for_members_are_written_published_and_supervised()
    {
        var seeded = await Seeded.CreateAsync(registry, "O4");
        var other = await FoundAsync("O4C", "BRA", seeded.Committee);
        var township = registry.As("committee-clerk", seeded.CommitteePath);
        var member = await Seeded.MemberAsync(registry, seeded.Branch, 8101);
        var own = registry.As("member", seeded.BranchPath, member);
        var draft = (await township.PostAsync("/api/v1/papers", Paper(seeded.Committee, "NOT", "流动党员须知", false))).Id();
        Assert.Equal(404, (await own.GetAsync($"/api/v1/papers/{draft}")).Status);
        var home = (await township.PostAsync("/api/v1/papers", Paper(seeded.Committee, "DHM", "流出地职责"))).Id();
        var host = (await township.PostAsync("/api/v1/papers", Paper(seeded.Committee, "DHS", "流入地职责"))).Id();
        var notes = (await township.PostAsync("/api/v1/papers", new
        {
            organisationId = seeded.Committee, kind = "NOT", title = "流动党员须知", text = "外出前报告\n每月联系一次",
            issuedOn = "2026-03-01", replacesId = draft,
        })).Ok;
        Assert.Equal(2, notes.GetProperty("version").GetInt32());
        // Papers of the county, which other tests issue, are for the members of every township.
        var published = (await own.GetAsync("/api/v1/papers?size=200")).Ok.GetProperty("items").EnumerateArray()
            .Where(p => p.GetProperty("organisationId").GetGuid() == seeded.Committee)
            .Select(p => p.GetProperty("id").GetGuid()).ToList();
        Assert.Equal([home, host, notes.GetProperty("id").GetGuid()], published.Order());
        Assert.Equal("外出前报告\n每月联系一次", (await own.GetAsync($"/api/v1/papers/{notes.GetProperty("id").GetGuid()}"))
            .String("text"));

        var branch = registry.As("committee-clerk", seeded.BranchPath);
        (await branch.PostAsync($"/api/v1/papers/{home}/receipts",
            new { organisationId = seeded.Branch, note = "已组织学习" })).Id();
        Assert.Equal("PAPER_REPLACED", (await township.PostAsync($"/api/v1/papers/{draft}/receipts",
            new { organisationId = seeded.Branch })).Code);
        var supervised = (await township.GetAsync($"/api/v1/papers/{home}/receipts")).Ok;
        Assert.Equal("已组织学习", Assert.Single(supervised.GetProperty("receipts").EnumerateArray())
            .GetProperty("note").GetString());
        Assert.Equal([other], Missing(supervised));
    }

    [Fact, Trait("mechanism", "M-248")]
    public async Task The_countys_rules_of_preferential_treatment_can_be_read_by_everybody_and_keep_their_versions()
    {
        var seeded = await Seeded.CreateAsync(registry, "O5");
        var member = await Seeded.MemberAsync(registry, seeded.Branch, 8111);
        var first = (await _clerk.PostAsync("/api/v1/papers", Paper(seeded.Top, "PRE", "流动党员就业维权待遇优惠政策"))).Id();
        var second = (await _clerk.PostAsync("/api/v1/papers", new
        {
            organisationId = seeded.Top, kind = "PRE", number = "县发〔2026〕7号", title = "流动党员就业维权待遇优惠政策",
            text = "一、就业\n二、维权\n三、待遇", issuedOn = "2026-04-01", replacesId = first,
        })).Id();
        Assert.Equal("PAPER_REPLACED", (await _clerk.PostAsync("/api/v1/papers", new
        {
            organisationId = seeded.Top, kind = "PRE", title = "又一版", text = "x", issuedOn = "2026-05-01",
            replacesId = first,
        })).Code);
        var own = registry.As("member", seeded.BranchPath, member);
        List<Guid> Shown(Reply reply) => [.. reply.Ok.GetProperty("items").EnumerateArray()
            .Select(p => p.GetProperty("id").GetGuid())];
        Assert.Equal([second], Shown(await own.GetAsync("/api/v1/papers?kind=PRE")));
        Assert.Equal([first, second], Shown(await own.GetAsync("/api/v1/papers?kind=PRE&all=true")));
        Assert.Equal("县发〔2026〕7号", (await own.GetAsync($"/api/v1/papers/{second}")).String("number"));
        Assert.Equal(403, (await own.PostAsync("/api/v1/papers", Paper(seeded.Top, "PRE", "自拟"))).Status);
    }

    [Fact, Trait("mechanism", "M-120"), Trait("mechanism", "M-135")]
    public async Task Certificates_are_reviewed_every_year_and_the_result_stands_in_the_members_file()
    {
        var seeded = await Seeded.CreateAsync(registry, "O6");
        var (member, late) = (await Seeded.MemberAsync(registry, seeded.Branch, 8121),
            await Seeded.MemberAsync(registry, seeded.Branch, 8122));
        var (reviewed, due) = (await seeded.AwayAsync(registry, member), await seeded.AwayAsync(registry, late));
        var secretary = registry.As("branch-secretary", seeded.BranchPath);
        var review = new { year = Today.Year, result = "EXC", appraisal = "按时汇报，介绍两名同乡就业" };
        var path = $"/api/v1/outbound-cases/{reviewed}/certificate-reviews";
        (await secretary.PostAsync(path, review)).Id();
        Assert.Equal("RECORD_EXISTS", (await secretary.PostAsync(path, review)).Code);
        Assert.Equal(400, (await secretary.PostAsync(path, review with { year = Today.Year + 1 })).Status);
        var year = (await secretary.GetAsync($"/api/v1/organisations/{seeded.Branch}/certificate-reviews")).Ok;
        Assert.Equal(1, year.GetProperty("reviewed").GetInt32());
        var line = Assert.Single(year.GetProperty("due").EnumerateArray());
        Assert.Equal(due, line.GetProperty("caseId").GetGuid());
        var file = Assert.Single((await registry.As("member", seeded.BranchPath, member)
            .GetAsync($"/api/v1/members/{member}/certificate-reviews")).Ok.EnumerateArray());
        var card = (await _clerk.GetAsync($"/api/v1/cases/{reviewed}")).Ok.GetProperty("home").GetProperty("facts");
        Assert.Equal(("EXC", "按时汇报，介绍两名同乡就业", card.GetProperty("certificateNumber").GetString()),
            (file.GetProperty("result").GetString(), file.GetProperty("appraisal").GetString(),
            file.GetProperty("certificateNumber").GetString()));
    }

    [Fact, Trait("mechanism", "M-063"), Trait("mechanism", "M-064")]
    public async Task Host_led_with_joint_management_holds_until_an_agreement_names_another_of_the_three_modes()
    {
        var seeded = await Seeded.CreateAsync(registry, "O7");
        async Task<(string?, string?, bool)> ModeAsync(Guid organisation, string on = "2026-06-01")
        {
            var mode = (await _clerk.GetAsync(
                $"/api/v1/organisations/{organisation}/management-mode?peer=140105&on={on}")).Ok;
            return (mode.GetProperty("mode").GetString(), mode.GetProperty("title").GetString(),
                mode.GetProperty("byDefault").GetBoolean());
        }
        var byDefault = ("JNT", "以流入地为主、双方共同管理", true);
        Assert.Equal(byDefault, await ModeAsync(seeded.Branch));
        foreach (var (organisation, mode, from) in new[]
            { (seeded.Committee, "HOS", "2026-02-01"), (seeded.Branch, "HOM", "2026-04-01") })
        {
            (await _clerk.PostAsync($"/api/v1/organisations/{organisation}/management-mode",
                new { peerRegion = "140105", mode, agreement = "共管协议〔2026〕1号", from })).Id();
        }
        Assert.Equal(byDefault, await ModeAsync(seeded.Branch, "2026-01-31"));
        Assert.Equal(("HOS", "流入地为主", false), await ModeAsync(seeded.Branch, "2026-03-01"));
        Assert.Equal(("HOM", "流出地为主", false), await ModeAsync(seeded.Branch));
        Assert.Equal(("HOS", "流入地为主", false), await ModeAsync(seeded.Committee));
        Assert.Equal(400, (await _clerk.PostAsync($"/api/v1/organisations/{seeded.Branch}/management-mode",
            new { peerRegion = "140105", mode = "XXX", agreement = "a", from = "2026-05-01" })).Status);
    }

    [Fact, Trait("mechanism", "M-193")]
    public async Task A_host_committee_keeps_a_quota_of_its_congress_delegates_for_mobile_members()
    {
        var seeded = await Seeded.CreateAsync(registry, "O8");
        var path = $"/api/v1/organisations/{seeded.Committee}/delegate-quotas";
        var quota = new { congress = "镇第九次党代会", delegates = 80, forMobile = 6, decidedOn = "2026-03-01" };
        Assert.Equal(400, (await _clerk.PostAsync(path, quota with { forMobile = 81 })).Status);
        (await _clerk.PostAsync(path, quota)).Id();
        Assert.Equal("RECORD_EXISTS", (await _clerk.PostAsync(path, quota with { forMobile = 5 })).Code);
        var kept = Assert.Single((await _clerk.GetAsync(path)).Ok.EnumerateArray());
        Assert.Equal(("镇第九次党代会", 80, 6), (kept.GetProperty("congress").GetString(),
            kept.GetProperty("delegates").GetInt32(), kept.GetProperty("forMobile").GetInt32()));
    }

    private async Task<Guid> FoundAsync(string code, string type, Guid parent) => (await _admin.PostAsync(
        "/api/v1/organisations", new { code, name = $"测试{code}", type, parentId = parent })).Id();

    private static object Paper(Guid organisation, string kind, string title, bool published = true) => new
    {
        organisationId = organisation, kind, title, text = $"{title}\n全文", issuedOn = "2026-03-01", published,
    };

    private static Task<Reply> SendAsync(Api api, Guid organisation, string kind, string period) =>
        api.PostAsync($"/api/v1/organisations/{organisation}/reports",
            new { kind, period, title = "运行情况", text = "本期情况" });

    private async Task<JsonElement> ReceivedAsync(Guid organisation, string kind, string period) =>
        (await _clerk.GetAsync($"/api/v1/organisations/{organisation}/reports?kind={kind}&period={period}")).Ok;

    private static (int, string?) Said(Reply reply) => (reply.Status, reply.Code);

    private static List<Guid> Missing(JsonElement reply) => [.. reply.GetProperty("missing").EnumerateArray()
        .Select(m => m.GetProperty("id").GetGuid())];
}
