using System.Text.Json;
using Platform.Testing;

namespace Registry.Tests.Service;

/// <summary>What hangs on organisations: officers, terms, facilities, units, pairings, outposts, and the
/// alarms.</summary>
public sealed class OrganisationRecordsTests(RegistryFixture registry) : IClassFixture<RegistryFixture>
{
    private readonly Api _admin = registry.As("tier-administrator");
    private readonly Api _clerk = registry.As("committee-clerk");

    private static DateOnly Today => DateOnly.FromDateTime(DateTime.UtcNow.AddHours(8));

    [Fact, Trait("mechanism", "M-061"), Trait("mechanism", "M-184"), Trait("mechanism", "M-185"),
     Trait("mechanism", "M-220")]
    public async Task Officers_and_posts_are_dated_appointments()
    {
        var seeded = await Seeded.CreateAsync(registry, "A1");
        var member = await Seeded.MemberAsync(registry, seeded.Branch, 7201);
        var path = $"/api/v1/organisations/{seeded.Branch}/appointments";
        async Task<Guid> AppointAsync(object body) => (await _clerk.PostAsync(path, body)).Id();
        await AppointAsync(new { kind = "role", code = "RFI", from = "2026-01-01", memberId = member });
        await AppointAsync(new { kind = "role", code = "RDI", from = "2026-01-01", holder = "李组织员" });
        var first = await AppointAsync(new { kind = "role", code = "FST", from = "2026-01-01", holder = "张某",
            sentBy = "县财政局" });
        await AppointAsync(new { kind = "role", code = "INS", from = "2026-01-01", holder = "王某", paidBy = "首旺煤业" });
        foreach (var post in new[] { "INF", "EMP", "SAL", "INV", "DIL", "ECO", "STA" })
            await AppointAsync(new { kind = "post", code = post, from = "2026-02-01", memberId = member });
        var refused = await _clerk.PostAsync(path, new { kind = "post", code = "INF", from = "2026-02-01" });
        Assert.Equal((400, "INPUT_INVALID"), (refused.Status, refused.Code));
        (await _clerk.PostAsync($"/api/v1/appointments/{first}/end", new { on = "2026-06-01", reason = "任期届满" })).Id();
        Assert.Equal("RECORD_CLOSED", (await _clerk.PostAsync($"/api/v1/appointments/{first}/end",
            new { on = "2026-07-01", reason = "重复" })).Code);
        Assert.Equal((4, 11, 10), (await CountAsync($"{path}?asOf=2026-01-15"),
            await CountAsync($"{path}?asOf=2026-03-01"),
            await CountAsync($"{path}?asOf=2026-06-01")));
        Assert.Equal(8, (await _clerk.GetAsync($"/api/v1/members/{member}/appointments")).Ok.GetArrayLength());
    }

    [Fact, Trait("mechanism", "M-228")]
    public async Task What_needs_attention_is_listed_with_its_source_and_nothing_changes_by_itself()
    {
        var seeded = await Seeded.CreateAsync(registry, "B1");
        for (var i = 0; i < 7; i++) await Seeded.MemberAsync(registry, seeded.Branch, 7300 + i);
        var small = (await _admin.PostAsync("/api/v1/organisations",
            new { code = "B1S", name = "小支部", type = "BRA", parentId = seeded.Committee })).Id();
        await _admin.PatchAsync($"/api/v1/organisations/{small}",
            new { lacksManagers = true, lacksVenue = true, lacksFunds = true });
        (await _clerk.PostAsync($"/api/v1/organisations/{seeded.Branch}/terms",
            new { electedOn = Today.AddYears(-3).AddDays(30) })).Id();
        var over = await _clerk.PostAsync($"/api/v1/organisations/{small}/terms",
            new { electedOn = Today.AddYears(-4) });
        var before = await AlarmsAsync(seeded.Committee);
        Assert.Equal(
            [
                ("B1", "termMissing", "R-094"), ("B1B", "noSecretary", "R-092"), ("B1B", "noCommittee", "R-092"),
                ("B1B", "termEnding", "R-094"),
                ("B1S", "tooFewMembers", "R-090, R-095"), ("B1S", "noSecretary", "R-092"), ("B1S", "termOver", "R-094"),
                ("B1S", "lacks", "M-228"),
            ], before);
        Assert.Equal(400, (await _clerk.PostAsync($"/api/v1/terms/{over.Id()}/move",
            new { months = 13, approval = "县委组织部" })).Status);
        (await _clerk.PostAsync($"/api/v1/terms/{over.Id()}/move", new { months = 12,
            approval = "县委组织部〔2026〕1号" })).Id();
        foreach (var code in new[] { "SEC", "DSE", "COM" })
            await _clerk.PostAsync($"/api/v1/organisations/{seeded.Branch}/appointments",
                new { kind = "role", code, from = "2026-01-01", holder = "甲" });
        Assert.DoesNotContain(await AlarmsAsync(seeded.Committee), a => a.Code == "B1B" && a.Kind != "termEnding");
        Assert.Equal(1, await CountAsync($"/api/v1/attention?kind=lacks&under={seeded.Committee}"));
        foreach (var lack in new[] { "managers", "venue", "funds" })
            Assert.Contains(small,
                (await _admin.GetAsync($"/api/v1/organisations/list?lacking={lack}")).Ok.GetProperty("items")
                .EnumerateArray().Select(o => o.GetProperty("id").GetGuid()));
        Assert.True((await _admin.GetAsync($"/api/v1/organisations/{small}")).Ok.GetProperty("dissolvedOn").ValueKind
            == JsonValueKind.Null);
    }

    [Fact, Trait("mechanism", "M-040"), Trait("mechanism", "M-060"), Trait("mechanism", "M-157")]
    public async Task The_service_network_has_three_levels_with_telephones_that_members_can_read()
    {
        var seeded = await Seeded.CreateAsync(registry, "C1");
        var member = await Seeded.MemberAsync(registry, seeded.Branch, 7401);
        object Facility(Guid organisation, string type, string tier, string phone = "13900001234",
            bool published = true) =>
            new
            {
                organisationId = organisation, type, tier, name = $"{type}站", address = "人民路1号",
                division = "141022100", phone, opening = "工作日 8:00-18:00", onDuty = "赵某", published,
            };
        (Guid, string, string)[] places =
        [
            (seeded.Top, "CEN", "county"), (seeded.Committee, "STA", "township"),
            (seeded.Committee, "REG", "township"), (seeded.Branch, "POI", "village"), (seeded.Branch, "RED", "village"),
            (seeded.Branch, "MFP", "village"), (seeded.Branch, "HSE", "village"), (seeded.Branch, "VOL", "village"),
            (seeded.Branch, "NET", "village"),
        ];
        foreach (var (o, type, tier) in places)
            (await _clerk.PostAsync("/api/v1/facilities", Facility(o, type, tier))).Id();
        var hidden = (await _clerk.PostAsync("/api/v1/facilities",
            Facility(seeded.Branch, "RHM", "village", published: false))).Id();
        Assert.Equal(400, (await _clerk.PostAsync("/api/v1/facilities",
            Facility(seeded.Branch, "CEN", "county", phone: ""))).Status);
        var own = registry.As("member", seeded.BranchPath, member);
        var seen = (await own.GetAsync("/api/v1/facilities?division=141022")).Ok.GetProperty("items");
        Assert.Equal(9, seen.GetArrayLength());
        Assert.All(seen.EnumerateArray(), f => Assert.Equal("13900001234", f.GetProperty("phone").GetString()));
        Assert.Equal((1, 2, 7), (await CountAsync("/api/v1/facilities?tier=county"),
            await CountAsync("/api/v1/facilities?tier=township"), await CountAsync("/api/v1/facilities?tier=village")));
        await _clerk.PatchAsync($"/api/v1/facilities/{hidden}", new { closedOn = Today, reason = "撤并" });
        Assert.Equal(6, await CountAsync("/api/v1/facilities?tier=village"));
    }

    [Fact, Trait("mechanism", "M-069"), Trait("mechanism", "M-099")]
    public async Task The_two_new_register_adds_up_and_each_number_opens_its_list()
    {
        var seeded = await Seeded.CreateAsync(registry, "D1");
        var unit = (await _clerk.PostAsync("/api/v1/units", new
        {
            keptBy = seeded.Committee, name = "某企业", category = "2", division = "141022100", site = "开发区",
            surveyedOn = Today, members = 4,
        })).Id();
        await _clerk.PatchAsync($"/api/v1/units/{unit}", new { organisationId = seeded.Branch, reason = "建立党组织" });
        await using (var rest = registry.Behind.CreateCommand($"""
            insert into unit (id, path, kept_by, name, category, credit_code, division, site, sector, employees,
                members,
                organisation_id, instructor, surveyed_on)
            select gen_random_uuid(), '{seeded.CommitteePath}', '{seeded.Committee}', 'u' || n, '2', '', '141022100',
                case when n % 3 = 0 then '开发区' else '' end, '', 10, case when n <= 72 + 187 then 1 + n % 2 else 0 end,
                case when n <= 72 then '{seeded.Branch}'::uuid end, '', current_date
            from generate_series(1, 758) n
            """))
            await rest.ExecuteNonQueryAsync();
        var counties = (await _clerk.GetAsync("/api/v1/units/coverage?by=county&category=2")).Ok;
        var all = Assert.Single(counties.EnumerateArray());
        Assert.Equal((759, 73, 187, 499), Numbers(all));
        var park = (await _clerk.GetAsync("/api/v1/units/coverage?by=site")).Ok.EnumerateArray()
            .Single(g => g.GetProperty("group").GetString() == "开发区");
        var (total, organised, members, none) = Numbers(park);
        Assert.Equal(total, organised + members + none);
        Assert.Equal(none, await PagesAsync($"{park.GetProperty("list").GetString()}&coverage=noMembers"));
        Assert.Equal(total, await PagesAsync(park.GetProperty("list").GetString()!));

        static (int, int, int, int) Numbers(JsonElement g) => (g.GetProperty("total").GetInt32(),
            g.GetProperty("organised").GetInt32(), g.GetProperty("membersOnly").GetInt32(),
            g.GetProperty("noMembers").GetInt32());
    }

    [Fact, Trait("mechanism", "M-028")]
    public async Task A_new_park_has_its_organisations_and_is_examined_for_its_economy_and_party_building_together()
    {
        var seeded = await Seeded.CreateAsync(registry, "P1");
        async Task<Guid> FoundAsync(string code, string type, string formation = "") => (await _admin.PostAsync(
            "/api/v1/organisations", new { code, name = $"高新园区{code}", type, parentId = seeded.Committee,
                site = "高新园区", formation })).Id();
        var park = await FoundAsync("P1K", "PRK", "SYN");
        await Seeded.MemberAsync(registry, await FoundAsync("P1H", "NWH"), 7701);
        foreach (var (name, covered, members) in new[] { ("甲", true, 3), ("乙", false, 1), ("丙", false, 0) })
        {
            (await _clerk.PostAsync("/api/v1/units", new
            {
                keptBy = seeded.Committee, name, category = "9", division = "141022100", site = "高新园区", members,
                surveyedOn = Today, organisationId = covered ? park : (Guid?)null,
            })).Id();
        }
        var line = Assert.Single((await _clerk.GetAsync($"/api/v1/organisations/{park}/parks")).Ok.EnumerateArray());
        Assert.Equal(("高新园区", 3, 33.3m), (line.GetProperty("site").GetString(),
            line.GetProperty("total").GetInt32(), line.GetProperty("rate").GetDecimal()));
        var path = $"/api/v1/organisations/{park}/park-examinations";
        var body = new
        {
            site = "高新园区", period = "2026-H1", examinedOn = Today, economicGoals = "产值增长百分之八",
            economicResult = "增长百分之九", partyGoals = "三家企业全部覆盖", partyResult = "覆盖一家", conclusion = "党建进度落后，下半年补上。",
        };
        foreach (var (half, field) in new[] { (body with { partyGoals = "", partyResult = " " }, "partyResult"),
            (body with { economicResult = "" }, "economicResult") })
        {
            var refused = await _clerk.PostAsync(path, half);
            Assert.Equal((400, "INPUT_INVALID"), (refused.Status, refused.Code));
            Assert.Contains(field, refused.Text, StringComparison.Ordinal);
        }
        Assert.Contains("SITE_UNKNOWN", (await _clerk.PostAsync(path, body with { site = "别的园区" })).Text,
            StringComparison.Ordinal);
        Assert.Contains("NOT_A_PERIOD", (await _clerk.PostAsync(path, body with { period = "2026-H3" })).Text,
            StringComparison.Ordinal);
        var first = (await _clerk.PostAsync(path, body)).Id();
        var second = (await _clerk.PostAsync(path, body with { period = "2026" })).Id();
        await _admin.PostAsync($"/api/v1/organisations/{park}/move",
            new { toParentId = seeded.Top, on = Today, reason = "园区归县直" });
        var kept = (await _clerk.GetAsync($"/api/v1/park-examinations?under={park}")).Ok.GetProperty("items");
        Assert.Equal([second, first], kept.EnumerateArray().Select(e => e.GetProperty("id").GetGuid()));
        Assert.Equal((3, 1, 1, "党建进度落后，下半年补上。"), (kept[1].GetProperty("units").GetInt32(),
            kept[1].GetProperty("organised").GetInt32(), kept[1].GetProperty("membersOnly").GetInt32(),
            kept[1].GetProperty("conclusion").GetString()));
        Assert.Equal(0, await CountAsync($"/api/v1/park-examinations?under={seeded.Committee}"));
    }

    [Fact, Trait("mechanism", "M-065")]
    public async Task An_organisation_goes_when_nothing_stands_in_it_and_takes_its_offices_and_pairings_along()
    {
        var seeded = await Seeded.CreateAsync(registry, "P2");
        async Task<Guid> BranchAsync(string code) => (await _admin.PostAsync("/api/v1/organisations",
            new { code, name = $"支部{code}", type = "BRA", parentId = seeded.Committee })).Id();
        var (gone, into) = (await BranchAsync("P2G"), await BranchAsync("P2I"));
        var unit = (await _clerk.PostAsync("/api/v1/units", new
        {
            keptBy = seeded.Committee, name = "某企业", category = "9", division = "141022100", surveyedOn = Today,
            organisationId = gone,
        })).Id();
        var place = (await _clerk.PostAsync("/api/v1/facilities", new
        {
            organisationId = gone, type = "POI", tier = "village", name = "服务点", address = "一号", phone = "13900001234",
            division = "141023100", opening = "每日", onDuty = "甲", published = false,
        })).Id();
        foreach (var branch in new[] { gone, into })
        {
            (await _clerk.PostAsync($"/api/v1/organisations/{branch}/appointments",
                new { kind = "role", code = "SEC", from = "2026-01-01", holder = "甲" })).Id();
        }
        foreach (var (first, second) in new[] { (gone, seeded.Branch), (gone, into) })
        {
            (await _clerk.PostAsync("/api/v1/joint-buildings",
                new { organisationId = first, partnerId = second, kind = "HVV", from = "2026-01-01" })).Id();
        }
        Task<Reply> DissolveAsync(Guid id) => _admin.PostAsync($"/api/v1/organisations/{id}/dissolve",
            new { on = Today, reason = "撤并" });
        Assert.Equal("ORGANISATION_NOT_EMPTY", (await DissolveAsync(gone)).Code);
        (await _clerk.PatchAsync($"/api/v1/units/{unit}", new { organisationId = Guid.Empty, reason = "不再覆盖" })).Id();
        Assert.Equal("ORGANISATION_NOT_EMPTY", (await DissolveAsync(gone)).Code);
        (await _clerk.PatchAsync($"/api/v1/facilities/{place}", new { closedOn = Today, reason = "撤并" })).Id();
        // Merged into another one its pairings go along, but for the one with that one.
        (await _admin.PostAsync($"/api/v1/organisations/{into}/merge",
            new { organisationIds = new[] { gone }, on = Today, reason = "合并" })).Id();
        var pairs = (await _clerk.GetAsync($"/api/v1/joint-buildings?organisationId={into}")).Ok.GetProperty("items");
        Assert.Equal([(seeded.Branch, true), (into, false)], pairs.EnumerateArray().Select(p => (
            p.GetProperty("partnerId").GetGuid(), p.GetProperty("untilOn").ValueKind == JsonValueKind.Null)));
        Assert.Equal(200, (await DissolveAsync(into)).Status);
        Assert.Equal(0, await registry.CountAsync("select (select count(*) from joint_building where until_on is null "
            + $"and '{into}' in (organisation_id, partner_id)) + (select count(*) from appointment where until_on is "
            + $"null and organisation_id in ('{into}', '{gone}'))"));
    }

    [Fact, Trait("mechanism", "M-046"), Trait("mechanism", "M-047")]
    public async Task Vertical_and_horizontal_pairings_are_recorded_and_ended()
    {
        var seeded = await Seeded.CreateAsync(registry, "E1");
        Guid pair = default;
        foreach (var kind in new[] { "VAG", "VPM", "VFI", "HVV", "HVE" })
        {
            pair = (await _clerk.PostAsync("/api/v1/joint-buildings", new
            {
                organisationId = seeded.Branch, kind, from = "2026-01-01", partner = "某单位", purpose = "帮带",
            })).Id();
        }
        Assert.Equal(5, await CountAsync($"/api/v1/joint-buildings?organisationId={seeded.Branch}"));
        Assert.Equal("RECORD_DATES_IMPOSSIBLE", (await _clerk.PostAsync($"/api/v1/joint-buildings/{pair}/end",
            new { on = "2025-01-01", reason = "录错" })).Code);
        (await _clerk.PostAsync($"/api/v1/joint-buildings/{pair}/end", new { on = "2026-06-01", reason = "到期" })).Id();
    }

    [Fact, Trait("mechanism", "M-031"), Trait("mechanism", "M-032"), Trait("mechanism", "M-033")]
    public async Task Where_three_full_members_are_out_together_an_outpost_is_possible_and_the_county_approves_it()
    {
        var seeded = await Seeded.CreateAsync(registry, "F1");
        for (var i = 0; i < 4; i++) await AwayAsync(seeded, 7501 + i, i == 3 ? "" : "大唐电厂");
        var line = Assert.Single((await _clerk.GetAsync("/api/v1/outposts/possible")).Ok.GetProperty("items")
            .EnumerateArray(), l => l.GetProperty("committeeId").GetGuid() == seeded.Committee);
        Assert.Equal((3, "140105", "M-032"), (line.GetProperty("fullMembers").GetInt32(),
            line.GetProperty("hostRegion").GetString(), line.GetProperty("rule").GetString()));
        Assert.Equal(3, (await _clerk.GetAsync(line.GetProperty("list").GetString()!)).Ok.GetArrayLength());
        Assert.Equal(3, await registry.CountAsync("select count(*) from audit where action = 'ListShown' and "
            + $"subject_kind = 'outbound-card' and starts_with(subject_path, '{seeded.CommitteePath}')"));

        var body = new
        {
            committeeId = seeded.Committee, hostRegion = "140105", code = "F1O", name = "驻太原党支部", type = "OBR",
            mode = "IND", workplace = "大唐电厂", advantages = (string[])["SRC", "TIE"],
        };
        Assert.Equal("OUTPOST_SUPPORT_MISSING", (await _clerk.PostAsync("/api/v1/outposts",
            body with { mode = "ATT" })).Code);
        var township = registry.As("committee-clerk", seeded.CommitteePath);
        var proposed = await township.PostAsync("/api/v1/outposts", body);
        Assert.True(proposed.Ok.GetProperty("meetsRule").GetBoolean());
        var approval = new { document = "县委批复〔2026〕3号" };
        Assert.Equal("OUTPOST_APPROVER_TOO_LOW", (await registry.As("tier-administrator", seeded.CommitteePath)
            .PostAsync($"/api/v1/outposts/{proposed.Id()}/approve", approval)).Code);
        var key = Guid.CreateVersion7();
        var approved = await _admin.PostAsync($"/api/v1/outposts/{proposed.Id()}/approve", approval, key);
        Assert.Equal(approved.Id("organisationId"), (await _admin.PostAsync(
            $"/api/v1/outposts/{proposed.Id()}/approve", approval, key)).Id("organisationId"));
        var outpost = await _admin.GetAsync($"/api/v1/organisations/{approved.Id("organisationId")}");
        Assert.Equal(("OBR", "IND", "140105", $"{seeded.CommitteePath}F1O/"), (outpost.String("type"),
            outpost.String("formation"), outpost.String("division"), outpost.String("path")));

        var relying = await township.PostAsync("/api/v1/outposts",
            new { body.committeeId, body.hostRegion, code = "F1P", name = "驻太原办事处党支部", type = "OBR", mode = "ATT",
                workplace = "办事处", reliesOn = "驻太原办事处", body.advantages });
        var attached = (await _admin.PostAsync($"/api/v1/outposts/{relying.Id()}/approve", approval))
            .Id("organisationId");
        Assert.Equal("ATT", (await _admin.GetAsync($"/api/v1/organisations/{attached}")).String("formation"));
    }

    private async Task AwayAsync(Seeded seeded, int number, string employer)
    {
        var member = await Seeded.MemberAsync(registry, seeded.Branch, number);
        await seeded.AwayAsync(registry, member, new { employer });
    }

    private async Task<List<(string Code, string Kind, string Source)>> AlarmsAsync(Guid under) =>
        [.. (await _clerk.GetAsync($"/api/v1/attention?under={under}")).Ok.GetProperty("items").EnumerateArray()
            .Select(a => (a.GetProperty("path").GetString()!.Split('/')[^2], a.GetProperty("kind").GetString()!,
                a.GetProperty("source").GetString()!))];

    private async Task<int> CountAsync(string path) =>
        (await _clerk.GetAsync(path)).Ok.GetProperty("items").GetArrayLength();

    private async Task<int> PagesAsync(string path)
    {
        var (count, after) = (0, "");
        while (true)
        {
            var page = (await _clerk.GetAsync($"{path}&size=100{after}")).Ok;
            count += page.GetProperty("items").GetArrayLength();
            if (page.GetProperty("next").GetString() is not { } next) break;
            after = $"&after={next}";
        }
        return count;
    }
}
