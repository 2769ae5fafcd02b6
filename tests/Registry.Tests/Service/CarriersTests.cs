using System.Text.Json;
using Platform.Testing;

namespace Registry.Tests.Service;

/// <summary>What a place has to carry the work: service places, pairings, officers, mobile organisations.</summary>
public sealed class CarriersTests(RegistryFixture registry) : IClassFixture<RegistryFixture>
{
    private readonly Api _admin = registry.As("tier-administrator");
    private readonly Api _clerk = registry.As("committee-clerk");

    [Fact]
    [Trait("mechanism", "M-280"), Trait("mechanism", "M-057"), Trait("mechanism", "M-058"), Trait("mechanism", "M-062")]
    public async Task The_prefectures_carriers_are_counted_in_one_table_and_every_number_opens_its_list()
    {
        var seeded = await Seeded.CreateAsync(registry, "K1");
        await FillAsync(seeded);
        var table = (await _clerk.GetAsync($"/api/v1/organisations/{seeded.Committee}/carriers")).Ok.EnumerateArray()
            .ToDictionary(l => (l.GetProperty("kind").GetString()!, l.GetProperty("code").GetString()!));
        (string, string, int)[] published =
        [
            ("organisation", "GRP", 216), ("organisation", "BRS", 25), ("organisation", "VEJ", 3),
            ("facility", "CEN", 36), ("facility", "MFP", 36), ("facility", "RED", 4), ("facility", "HSE", 80),
            ("facility", "VOL", 55), ("pairing", "ONE", 356), ("pairing", "LCP", 150), ("pairing", "LDP", 41),
            ("pairing", "HUN", 114), ("officer", "FST", 10), ("officer", "ORG", 6),
        ];
        foreach (var (kind, code, count) in published)
        {
            var line = table[(kind, code)];
            Assert.Equal((code, (long)count), (code, line.GetProperty("count").GetInt64()));
            Assert.Equal((code, count), (code, await LengthAsync(line.GetProperty("list").GetString()!)));
        }
        // 71 enterprises are linked with 114 villages; each pair is a row of its own.
        Assert.Equal(71, table[("pairing", "HUN")].GetProperty("units").GetInt64());
        var one = (await _clerk.PostAsync("/api/v1/joint-buildings", new
        {
            organisationId = seeded.Branch, kind = "ONE", from = "2026-01-01", partner = "州财政局", purpose = "共建",
        })).Ok;
        Assert.Equal("州财政局", one.GetProperty("partner").GetString());
        Assert.Equal(357, await LengthAsync(table[("pairing", "ONE")].GetProperty("list").GetString()!));
        (await _clerk.PostAsync($"/api/v1/joint-buildings/{one.GetProperty("id").GetGuid()}/end",
            new { on = "2026-02-01", reason = "结束" })).Id();
        Assert.Equal(356, (await _clerk.GetAsync($"/api/v1/organisations/{seeded.Committee}/carriers")).Ok
            .EnumerateArray().Single(l => l.GetProperty("code").GetString() == "ONE").GetProperty("count").GetInt64());
    }

    [Fact, Trait("mechanism", "M-016"), Trait("mechanism", "M-302")]
    public async Task A_survey_phase_covers_every_mobile_member_and_shows_which_farms_lack_their_station()
    {
        var seeded = await Seeded.CreateAsync(registry, "K2");
        var (farm, enterprise) = (await FoundAsync("K2F", "GCM", seeded.Committee),
            await FoundAsync("K2E", "BRA", seeded.Committee));
        await OpenAsync(seeded.Committee, "OFF", "总场流动党员服务管理办公室");
        foreach (var unit in new[] { seeded.Branch, farm }) await OpenAsync(unit, "STA", "流动党员服务站");
        Assert.Equal([enterprise], await WithoutAsync(seeded.Committee, "STA"));
        await OpenAsync(enterprise, "STA", "流动党员服务站");
        Assert.Empty(await WithoutAsync(seeded.Committee, "STA"));
        Assert.DoesNotContain(seeded.Committee, await WithoutAsync(seeded.Top, "OFF"));

        var (out1, out2) = (await Seeded.MemberAsync(registry, seeded.Branch, 8201),
            await Seeded.MemberAsync(registry, seeded.Branch, 8202));
        foreach (var member in new[] { out1, out2 }) await seeded.AwayAsync(registry, member);
        var survey = (await _clerk.PostAsync("/api/v1/screenings", new
        {
            organisationId = seeded.Committee, name = "调查摸底", kind = "members", fromOn = "2013-03-25",
            untilOn = "2013-04-05", purpose = "全面重新摸底流动党员",
        })).Ok;
        var progress = (await _clerk.GetAsync($"/api/v1/screenings/{survey.GetProperty("id").GetGuid()}/progress")).Ok;
        Assert.Equal((2, 2, "2013-03-25", "2013-04-05"), (progress.GetProperty("members").GetInt32(),
            progress.GetProperty("open").GetInt32(), survey.GetProperty("fromOn").GetString(),
            survey.GetProperty("untilOn").GetString()));
    }

    [Fact, Trait("mechanism", "M-059"), Trait("mechanism", "M-238")]
    public async Task A_service_centre_has_its_registration_station_its_window_and_somebody_on_duty()
    {
        var seeded = await Seeded.CreateAsync(registry, "K3");
        var (street, town) = (await FoundAsync("K3S", "COM", seeded.Committee),
            await FoundAsync("K3T", "BRA", seeded.Committee));
        foreach (var (type, name) in new[] { ("CEN", "党员服务中心"), ("REG", "党员登记管理站"), ("WIN", "服务接待窗口") })
            await OpenAsync(street, type, name);
        await OpenAsync(town, "CEN", "党员服务中心");
        Assert.DoesNotContain(street, await WithoutAsync(seeded.Committee, "WIN"));
        Assert.Contains(town, await WithoutAsync(seeded.Committee, "REG"));
        Assert.Contains(seeded.Branch, await WithoutAsync(seeded.Committee, "")); // of any type
        Assert.DoesNotContain(town, await WithoutAsync(seeded.Committee, ""));
        var nobody = await _clerk.PostAsync("/api/v1/facilities", Facility(town, "WIN", "服务接待窗口", onDuty: ""));
        Assert.Equal((400, "INPUT_INVALID"), (nobody.Status, nobody.Code));
        var windows = (await _clerk.GetAsync($"/api/v1/facilities?type=WIN&under={seeded.Committee}")).Ok
            .GetProperty("items");
        Assert.Equal("专职人员赵某", Assert.Single(windows.EnumerateArray()).GetProperty("onDuty").GetString());

        // A red post relies on an enterprise: the organisation owns it, the enterprise provides the place.
        (await _clerk.PostAsync("/api/v1/facilities", Facility(street, "RED", "红色驿站", provider: "盐湖集团"))).Id();
        var post = Assert.Single((await _clerk.GetAsync($"/api/v1/facilities?type=RED&under={street}")).Ok
            .GetProperty("items").EnumerateArray());
        Assert.Equal((street, "盐湖集团"), (post.GetProperty("organisationId").GetGuid(),
            post.GetProperty("provider").GetString()));
    }

    [Fact, Trait("mechanism", "M-022"), Trait("mechanism", "M-041"), Trait("mechanism", "M-068")]
    public async Task From_the_county_to_the_branch_it_is_known_who_leads_takes_part_and_carries_out_and_who_answers()
    {
        var seeded = await Seeded.CreateAsync(registry, "K4");
        var member = await Seeded.MemberAsync(registry, seeded.Branch, 8221);
        await AppointAsync(seeded.Top, "CRD", "县委组织部部长", "2000-01-01");
        await AppointAsync(seeded.Committee, "RFI", "镇党委书记");
        await AppointAsync(seeded.Committee, "RDI", "镇组织员");
        await AppointAsync(seeded.Committee, "LGM", "甲支部书记");
        await AppointAsync(seeded.Committee, "LGM", "乙支部书记");
        (await _clerk.PostAsync($"/api/v1/organisations/{seeded.Branch}/appointments",
            new { kind = "role", code = "RDI", from = "2026-01-01", memberId = member })).Id();
        var chain = (await _clerk.GetAsync($"/api/v1/organisations/{seeded.Branch}/responsibility?on=2026-03-01")).Ok
            .EnumerateArray().ToList();
        Assert.Equal([(seeded.Top, "leads", "牵头抓总"), (seeded.Committee, "takesPart", "主动参与"),
            (seeded.Branch, "implements", "主抓落实")], chain.Select(l => (l.GetProperty("organisationId").GetGuid(),
            l.GetProperty("part").GetString()!, l.GetProperty("title").GetString()!)));
        List<(string, string)> People(JsonElement line) => [.. line.GetProperty("people").EnumerateArray()
            .Select(p => (p.GetProperty("title").GetString()!, p.GetProperty("holder").GetString()!))];
        Assert.Contains(("总协调", "县委组织部部长"), People(chain[0]));
        Assert.Equal([("第一责任人", "镇党委书记"), ("直接责任人", "镇组织员"), ("领导小组成员", "甲支部书记"),
            ("领导小组成员", "乙支部书记")], People(chain[1]));
        var direct = Assert.Single(chain[2].GetProperty("people").EnumerateArray());
        Assert.Equal(("RDI", member), (direct.GetProperty("code").GetString(),
            direct.GetProperty("memberId").GetGuid()));
        Assert.Empty((await _clerk.GetAsync($"/api/v1/organisations/{seeded.Branch}/responsibility?on=2025-12-31")).Ok
            .EnumerateArray().Last().GetProperty("people").EnumerateArray());
    }

    [Fact, Trait("mechanism", "M-048"), Trait("mechanism", "M-049")]
    public async Task A_mobile_organisation_is_headed_by_a_non_leading_cadre_and_has_five_functions_in_hand()
    {
        var seeded = await Seeded.CreateAsync(registry, "K5");
        var mobile = await seeded.OutpostAsync(registry, "K5M");
        var path = $"/api/v1/organisations/{mobile}/appointments";
        var head = new { kind = "role", code = "SEC", from = "2026-01-01", holder = "熟悉党务的干部", leadingCadre = true };
        Assert.Equal((400, "INPUT_INVALID"), ((await _clerk.PostAsync(path, head)).Status,
            (await _clerk.PostAsync(path, new { head.kind, head.code, head.from, head.holder })).Code));
        Assert.False((await _clerk.PostAsync(path, head with { leadingCadre = false })).Ok.GetProperty("leadingCadre")
            .GetBoolean());
        (await _clerk.PostAsync($"/api/v1/organisations/{seeded.Branch}/appointments", head)).Id();

        async Task<string?> MissingAsync() => (await _clerk.GetAsync(
            $"/api/v1/attention?under={seeded.Committee}&kind=functionsMissing")).Ok.GetProperty("items")
            .EnumerateArray().Select(a => a.GetProperty("reasonZh").GetString()).SingleOrDefault();
        Assert.Equal("无人负责：党员发展、教育管理、权益维护、招商引资、就业服务。", await MissingAsync());
        foreach (var code in new[] { "FDE", "FRI", "FEM" }) await AppointAsync(mobile, code, "某某");
        Assert.Equal("无人负责：教育管理、招商引资。", await MissingAsync());
        foreach (var code in new[] { "FED", "FIV" }) await AppointAsync(mobile, code, "某某");
        Assert.Null(await MissingAsync());
    }

    [Fact, Trait("mechanism", "M-149"), Trait("mechanism", "M-150"), Trait("mechanism", "M-159")]
    public async Task A_county_and_a_community_have_one_liaison_officer_each_and_information_officers_beside()
    {
        var seeded = await Seeded.CreateAsync(registry, "K6");
        var community = await FoundAsync("K6C", "COM", seeded.Committee);
        async Task<List<(Guid, string)>> AlarmsAsync(Guid under) => [.. (await _clerk.GetAsync(
            $"/api/v1/attention?under={under}&kind=liaison&size=200")).Ok.GetProperty("items").EnumerateArray()
            .Select(a => (a.GetProperty("organisationId").GetGuid(), a.GetProperty("source").GetString()!))];
        Assert.Contains((seeded.Top, "M-149"), await AlarmsAsync(seeded.Top));
        Assert.Equal([(community, "M-150")], await AlarmsAsync(seeded.Committee));
        var county = await AppointAsync(seeded.Top, "LIA", "在流入地务工多年的党员");
        await AppointAsync(community, "LIA", "街道党建指导员");
        Assert.DoesNotContain((seeded.Top, "M-149"), await AlarmsAsync(seeded.Top));
        Assert.Empty(await AlarmsAsync(seeded.Committee));
        var second = await AppointAsync(community, "LIA", "又一名");
        Assert.Equal([(community, "M-150")], await AlarmsAsync(community));
        foreach (var id in new[] { county, second })
        {
            (await _clerk.PostAsync($"/api/v1/appointments/{id}/end", new { on = "2026-02-01", reason = "调整" }))
                .Id();
        }

        // Retired members and cadres of the community grasp the situation; as many as there are.
        var retired = await Seeded.MemberAsync(registry, community, 8231);
        (await _clerk.PostAsync($"/api/v1/organisations/{community}/appointments", new
        {
            kind = "role", code = "INF", from = "2026-01-01", memberId = retired, note = "退休老党员，住本社区",
        })).Id();
        await AppointAsync(community, "INF", "退休干部");
        Assert.Equal(2, await LengthAsync($"/api/v1/appointments?code=INF&under={community}"));
    }

    [Fact, Trait("mechanism", "M-042")]
    public async Task Units_of_any_line_ownership_and_side_of_the_town_wall_build_together_in_one_region()
    {
        var seeded = await Seeded.CreateAsync(registry, "K7");
        var region = await FoundAsync("K7R", "JGB", seeded.Committee);
        var village = await FoundAsync("K7V", "BRA", seeded.Committee);
        (await _clerk.PostAsync("/api/v1/joint-buildings", new
        {
            organisationId = region, kind = "REG", from = "2026-01-01", partnerId = village, purpose = "共享活动场所",
        })).Id();
        foreach (var partner in new[] { "县交通局", "首旺民营煤业公司", "养殖协会" })
        {
            (await _clerk.PostAsync("/api/v1/joint-buildings", new
            {
                organisationId = region, kind = "REG", from = "2026-01-01", partner, purpose = "人员与资金整合使用",
            })).Id();
        }
        Assert.Equal(4, await LengthAsync($"/api/v1/joint-buildings?kind=REG&organisationId={region}"));
        // Seen from the village as well, whichever side recorded it.
        Assert.Equal(1, await LengthAsync($"/api/v1/joint-buildings?kind=REG&organisationId={village}"));
    }

    [Fact, Trait("mechanism", "M-020")]
    public async Task Where_members_concentrate_an_organisation_relies_on_a_capable_one_of_them_who_heads_it()
    {
        var seeded = await Seeded.CreateAsync(registry, "K9");
        var members = new List<Guid>();
        for (var i = 0; i < 3; i++)
        {
            members.Add(await Seeded.MemberAsync(registry, seeded.Branch, 8251 + i));
            await seeded.AwayAsync(registry, members[i], new { employer = "测试甲创办的建材公司" });
        }
        var place = Assert.Single((await _clerk.GetAsync("/api/v1/outposts/possible")).Ok.GetProperty("items")
            .EnumerateArray(), l => l.GetProperty("committeeId").GetGuid() == seeded.Committee);
        Assert.Equal("测试甲创办的建材公司", place.GetProperty("workplaces")[0].GetString());
        var proposed = await _clerk.PostAsync("/api/v1/outposts", new
        {
            committeeId = seeded.Committee, hostRegion = "140105", code = "K9O", name = "驻太原流动党支部", type = "OBR",
            mode = "ATT", workplace = "测试甲创办的建材公司", reliesOn = "创业能人测试甲的建材公司",
            advantages = (string[])["SRC"],
        });
        var outpost = (await _admin.PostAsync($"/api/v1/outposts/{proposed.Id()}/approve",
            new { document = "县委批复〔2026〕9号" })).Ok;
        Assert.Equal("创业能人测试甲的建材公司", outpost.GetProperty("reliesOn").GetString());
        var branch = outpost.GetProperty("organisationId").GetGuid();
        var head = (await _clerk.PostAsync($"/api/v1/organisations/{branch}/appointments", new
        {
            kind = "role", code = "SEC", from = "2026-03-01", memberId = members[0], leadingCadre = false,
        })).Ok;
        Assert.Equal(members[0], head.GetProperty("memberId").GetGuid());
    }

    [Fact, Trait("mechanism", "M-024")]
    public async Task The_rate_of_organised_enterprises_below_scale_rises_as_they_get_their_organisation()
    {
        var seeded = await Seeded.CreateAsync(registry, "K8");
        var units = new List<Guid>();
        for (var i = 0; i < 4; i++)
        {
            units.Add((await _clerk.PostAsync("/api/v1/units", new
            {
                keptBy = seeded.Committee, name = $"作坊{i}", category = "2", division = "141022108",
                surveyedOn = "2026-03-01", belowScale = i < 3,
            })).Id());
        }
        async Task<(int, decimal)> RateAsync(string filter)
        {
            var line = (await _clerk.GetAsync($"/api/v1/units/coverage?by=town&category=2{filter}")).Ok
                .EnumerateArray().Single(g => g.GetProperty("group").GetString() == "141022108");
            Assert.Equal(line.GetProperty("total").GetInt32(), await LengthAsync(line.GetProperty("list")
                .GetString()!));
            return (line.GetProperty("total").GetInt32(), line.GetProperty("rate").GetDecimal());
        }
        Assert.Equal((3, 0m), await RateAsync("&belowScale=true"));
        await _clerk.PatchAsync($"/api/v1/units/{units[0]}", new { organisationId = seeded.Branch, reason = "联合组建" });
        Assert.Equal((3, 33.3m), await RateAsync("&belowScale=true"));
        Assert.Equal((4, 25.0m), await RateAsync(""));
    }

    private async Task FillAsync(Seeded seeded)
    {
        await using var all = registry.Behind.CreateCommand($"""
            insert into organisation (id, code, path, parent_id, region, name, type, contact, phone, unit_name,
                credit_code, community, site, founded_on, since)
            select gen_random_uuid(), 'K' || t || n, '{seeded.CommitteePath}K' || t || n || '/', '{seeded.Committee}',
                '141022', t || n, t, '', '', '', '', '', '', '2020-01-01', '2020-01-01'
            from (values ('GRP', 216), ('BRS', 25), ('VEJ', 3)) x (t, c), generate_series(1, c) n;
            insert into facility (id, path, organisation_id, type, tier, name, address, division, phone, opening,
                on_duty, provider, published)
            select gen_random_uuid(), '{seeded.CommitteePath}', '{seeded.Committee}', t, 'Village', t, '一号',
                '141022', '13900000000', '每日', '甲', '', false
            from (values ('CEN', 36), ('MFP', 36), ('RED', 4), ('HSE', 80), ('VOL', 55)) x (t, c),
                generate_series(1, c) n;
            insert into joint_building (id, path, kind, organisation_id, partner_id, partner, purpose, from_on)
            select gen_random_uuid(), o.path, t, o.id, null, '单位' || n, '', '2024-01-01'
            from (values ('ONE', 356, 100), ('LCP', 150, 100), ('LDP', 41, 41), ('HUN', 114, 71)) x (t, c, u),
                generate_series(1, c) n,
                lateral (select id, path from organisation where type = 'GRP' and code = 'KGRP' || (n - 1) % u + 1) o;
            insert into appointment (id, path, organisation_id, kind, code, holder, sent_by, paid_by, note, from_on,
                ended_because)
            select gen_random_uuid(), '{seeded.CommitteePath}', '{seeded.Committee}', 'Role', t, '干部' || n, '州直机关',
                '', '', '2024-01-01', ''
            from (values ('FST', 10), ('ORG', 6)) x (t, c), generate_series(1, c) n
            """);
        await all.ExecuteNonQueryAsync();
    }

    private async Task<Guid> FoundAsync(string code, string type, Guid parent) => (await _admin.PostAsync(
        "/api/v1/organisations", new { code, name = $"测试{code}", type, parentId = parent })).Id();

    private async Task<Guid> AppointAsync(Guid organisation, string code, string holder, string from = "2026-01-01") =>
        (await _clerk.PostAsync($"/api/v1/organisations/{organisation}/appointments",
            new { kind = "role", code, from, holder })).Id();

    private static object Facility(Guid organisation, string type, string name, string onDuty = "专职人员赵某",
        string provider = "") => new
        {
            organisationId = organisation, type, tier = "township", name, address = "人民路1号", division = "141022100",
            phone = "13900001234", opening = "工作日 8:00-18:00", onDuty, provider,
        };

    private async Task OpenAsync(Guid organisation, string type, string name) =>
        (await _clerk.PostAsync("/api/v1/facilities", Facility(organisation, type, name))).Id();

    private async Task<List<Guid>> WithoutAsync(Guid organisation, string type) => [.. (await _clerk.GetAsync(
        $"/api/v1/organisations/{organisation}/without-facility?type={type}")).Ok.EnumerateArray()
        .Select(m => m.GetProperty("id").GetGuid())];

    private async Task<int> LengthAsync(string list)
    {
        var (count, after) = (0, "");
        while (true)
        {
            var page = (await _clerk.GetAsync($"{list}&size=150{after}")).Ok;
            count += page.GetProperty("items").GetArrayLength();
            if (page.GetProperty("next").GetString() is not { } next) return count;
            after = $"&after={Uri.EscapeDataString(next)}";
        }
    }
}
