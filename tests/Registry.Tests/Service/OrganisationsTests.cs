using System.Globalization;
using System.Text.Json;
using Platform.Testing;

namespace Registry.Tests.Service;

/// <summary>Organisations in depth through the real service: types, history, views, alarms, records.</summary>
public sealed class OrganisationsTests(RegistryFixture registry) : IClassFixture<RegistryFixture>
{
    private readonly Api _admin = registry.As("tier-administrator");

    private static DateOnly Today => DateOnly.FromDateTime(DateTime.UtcNow.AddHours(8));

    [Fact, Trait("mechanism", "M-037")]
    public async Task Every_type_of_the_table_can_be_founded_and_a_mobile_committee_holds_branches_and_groups()
    {
        var seeded = await Seeded.CreateAsync(registry, "T1");
        string[] types = ["WCM", "GCM", "MCM", "GBR", "JGB", "BRA", "JBR", "TBR", "PRJ", "BLD", "MKT", "PRK", "NWH",
            "COM", "BRS", "BRC", "VEJ", "GRP", "MGR", "OMC", "NPC"];
        string[] outposts = ["OWC", "OGB", "OBR"]; // proposed and approved, see OutpostTests
        foreach (var type in types) await FoundAsync(seeded.Committee, $"T1-{type}", type);
        foreach (var type in outposts) await seeded.OutpostAsync(registry, $"T1-{type}", type);
        var list = await AllAsync($"/api/v1/organisations?parentId={seeded.Committee}&size=100");
        Assert.Equal(types.Concat(outposts).Append("BRA").Order(),
            list.Select(o => o.GetProperty("type").GetString()!).Order());
        var mobile = list.Single(o => o.GetProperty("type").GetString() == "MCM").GetProperty("id").GetGuid();
        var branch = await FoundAsync(mobile, "T1-M1", "TBR");
        await FoundAsync(branch, "T1-M1G", "MGR");
        var tree = await AllAsync($"/api/v1/organisations/tree?under={mobile}");
        Assert.Equal(["MCM", "TBR", "MGR"], tree.Select(o => o.GetProperty("type").GetString()));
    }

    [Theory]
    [InlineData("type=BRA&mode=ALO&fullMembers=2", "BRA-FULL", false, "M-025")]
    [InlineData("type=BRA&mode=ALO&fullMembers=3", "BRA-FULL", true, "M-025")]
    [InlineData("type=JBR&mode=JOI&fullMembers=3&units=2", "JBR-FULL", true, "M-025")]
    [InlineData("type=JBR&fullMembers=4&units=6", "JBR-UNITS", false, "R-090")]
    [InlineData("type=BRA&mode=SYN&beingSetUp=true", "BRA-SYN", true, "M-025")]
    [InlineData("type=BRA&mode=SYN&beingSetUp=false", "BRA-SYN", false, "M-025")]
    [InlineData("type=PRJ&mode=SYN&beingSetUp=true", "PRJ-SYN", true, "M-029")]
    [InlineData("type=PRJ&mode=SYN&beingSetUp=false", "PRJ-SYN", false, "M-029")]
    [InlineData("type=PRK&fullMembers=9&units=12", "PRK-1", true, "M-052")]
    [InlineData("type=PRK&fullMembers=9&units=1", "PRK-1", false, "M-052")]
    [InlineData("type=PRK&fullMembers=2", "PRK-2", true, "M-053")]
    [InlineData("type=PRK&fullMembers=3", "PRK-2", false, "M-053")]
    [InlineData("type=PRK&units=1", "PRK-3", true, "M-054")]
    [InlineData("type=PRK&units=2", "PRK-3", false, "M-054")]
    [InlineData("type=PRK&mode=SYN&beingSetUp=true", "PRK-SYN", true, "M-028")]
    [InlineData("type=PRK&mode=SYN&beingSetUp=false", "PRK-SYN", false, "M-028")]
    [InlineData("type=NWH&fullMembers=3", "NWH-FULL", true, "M-028")]
    [InlineData("type=NWH&fullMembers=2", "NWH-FULL", false, "M-028")]
    [InlineData("type=MKT&members=3", "MKT-MEMBERS", true, "M-039")]
    [InlineData("type=MKT&members=2", "MKT-MEMBERS", false, "M-039")]
    [InlineData("type=BLD&units=2", "BLD-UNITS", true, "M-027")]
    [InlineData("type=BLD&units=1", "BLD-UNITS", false, "M-027")]
    [InlineData("type=OBR&mode=IND&fullMembers=3&months=6&fixedWorkplace=true&sameCommittee=false", "OBR-SAME", false,
        "M-032")]
    [InlineData("type=OBR&mode=ATT&support=true", "OBR-ATT", true, "M-033")]
    [Trait("mechanism", "M-025"), Trait("mechanism", "M-027"), Trait("mechanism", "M-029"),
     Trait("mechanism", "M-039"), Trait("mechanism", "M-052"), Trait("mechanism", "M-053"),
     Trait("mechanism", "M-054")]
    public async Task A_formation_rule_advises_with_its_reason_and_source(string asked, string rule, bool holds,
        string source)
    {
        var advice = (await _admin.GetAsync($"/api/v1/formation-advice?{asked}")).Ok.GetProperty("advice")
            .EnumerateArray().Single(a => a.GetProperty("rule").GetString() == rule);
        Assert.Equal(holds, advice.GetProperty("holds").GetBoolean());
        Assert.Contains(source, advice.GetProperty("source").GetString()!.Split(", "));
        Assert.NotEqual("", advice.GetProperty("reasonZh").GetString());
    }

    [Fact]
    public async Task A_move_keeps_yesterday_and_brings_members_cards_and_records_along()
    {
        var (from, to) = (await Seeded.CreateAsync(registry, "V1"), await Seeded.CreateAsync(registry, "V2"));
        var member = await Seeded.MemberAsync(registry, from.Branch, 7001);
        var secretary = registry.As("branch-secretary", from.BranchPath);
        var caseId = (await secretary.PostAsync("/api/v1/outbound-cases",
            new { memberId = member, hostRegion = "140105", reason = "1", departsOn = "2026-03-01" })).Id("caseId");
        await AgeAsync("V1", "V2");
        var key = Guid.CreateVersion7();
        var body = new { toParentId = to.Committee, on = Today, reason = "撤乡并镇" };
        var moved = await _admin.PostAsync($"/api/v1/organisations/{from.Branch}/move", body, key);
        Assert.Equal(("move", 1, 1), (moved.String("kind"), moved.Json.GetProperty("organisationCount").GetInt32(),
            moved.Json.GetProperty("memberCount").GetInt32()));
        Assert.Equal(moved.Id(), (await _admin.PostAsync($"/api/v1/organisations/{from.Branch}/move", body, key)).Id());
        var path = $"{to.CommitteePath}V1B/";
        Assert.Equal(path, (await registry.As("committee-clerk").GetAsync($"/api/v1/members/{member}"))
            .String("branchPath"));
        Assert.Equal(path, (await registry.As("committee-clerk").GetAsync($"/api/v1/cases/{caseId}")).Ok
            .GetProperty("home").GetProperty("homePath").GetString());
        Assert.Equal(404, (await registry.As("branch-secretary", from.BranchPath)
            .PatchAsync($"/api/v1/members/{member}", new { occupation = "木工" })).Status);

        var yesterday = $"asOf={Today.AddDays(-1):yyyy-MM-dd}";
        Assert.Equal((1, 0), (await HeadcountAsync(from.Committee, yesterday), await HeadcountAsync(from.Committee)));
        Assert.Equal((0, 1), (await HeadcountAsync(to.Committee, yesterday), await HeadcountAsync(to.Committee)));
        Assert.Contains(from.Branch, (await AllAsync(
            $"/api/v1/organisations/tree?parentId={from.Committee}&{yesterday}")).Select(o =>
                o.GetProperty("id").GetGuid()));
        var history = (await _admin.GetAsync($"/api/v1/organisations/{from.Branch}/history")).Ok.GetProperty("spells");
        Assert.Equal(("move", "撤乡并镇", 2), (history[0].GetProperty("kind").GetString(),
            history[0].GetProperty("reason").GetString(), history.GetArrayLength()));

        // Who managed it yesterday still sees yesterday, and no more than that.
        var former = registry.As("committee-clerk", from.CommitteePath);
        var then = (await former.GetAsync($"/api/v1/organisations/{from.Committee}/members?{yesterday}")).Ok;
        Assert.Equal((member, ""), (then.GetProperty("items")[0].GetProperty("memberId").GetGuid(),
            then.GetProperty("items")[0].GetProperty("name").GetString()));
        Assert.Equal(404, (await former.GetAsync($"/api/v1/members/{member}")).Status);
    }

    [Fact]
    public async Task A_hand_over_to_another_region_keeps_the_figures_of_both()
    {
        var seeded = await Seeded.CreateAsync(registry, "H1");
        await Seeded.MemberAsync(registry, seeded.Branch, 7101);
        var city = registry.As("tier-administrator", "140000/141000/");
        var made = await city.PostAsync("/api/v1/organisations",
            new { code = "141023", name = "邻县县委", type = "GCM", region = "141023" });
        var other = made.Id();
        await AgeAsync("H1", "141023");
        var body = new { toParentId = other, on = Today, reason = "移交流入地管理" };
        var refused = await _admin.PostAsync($"/api/v1/organisations/{seeded.Committee}/move", body);
        Assert.Equal("ORGANISATION_PARENT_MISSING", refused.Code);
        var done = await city.PostAsync($"/api/v1/organisations/{seeded.Committee}/move", body);
        Assert.Equal(("handOver", 2), (done.String("kind"), done.Json.GetProperty("organisationCount").GetInt32()));
        var yesterday = $"asOf={Today.AddDays(-1):yyyy-MM-dd}";
        var now = registry.As("tier-administrator", "140000/141000/141023/");
        Assert.Equal(1,
            (await now.GetAsync($"/api/v1/organisations/{other}/headcount")).Ok.GetProperty("members").GetInt32());
        Assert.Equal(0, (await now.GetAsync($"/api/v1/organisations/{other}/headcount?{yesterday}")).Ok
            .GetProperty("members").GetInt32());
        Assert.Equal(1, (await registry.As("committee-clerk", "140000/141000/141023/H1/")
            .GetAsync($"/api/v1/organisations/{seeded.Committee}/headcount?{yesterday}")).Ok
            .GetProperty("members").GetInt32());
        Assert.Equal("141023", (await now.GetAsync($"/api/v1/organisations/{seeded.Branch}")).String("region"));
    }

    [Fact]
    public async Task What_cannot_be_done_is_said_with_the_reason()
    {
        var seeded = await Seeded.CreateAsync(registry, "N1");
        var group = await FoundAsync(seeded.Branch, "N1G", "GRP");
        async Task RefusedAsync(string path, object body, string code) =>
            Assert.Equal(code, (await _admin.PostAsync($"/api/v1/organisations/{path}", body)).Code);
        object To(Guid parent, DateOnly on) => new { toParentId = parent, on, reason = "试" };
        await RefusedAsync($"{seeded.Branch}/move", To(group, Today), "ORGANISATION_UNDER_ITSELF");
        await RefusedAsync($"{seeded.Branch}/move", To(seeded.Committee, Today), "ORGANISATION_ALREADY_THERE");
        await RefusedAsync($"{seeded.Top}/move", To(seeded.Committee, Today), "ORGANISATION_TOP_STAYS");
        await RefusedAsync($"{group}/move", To(seeded.Committee, Today.AddDays(1)), "ORGANISATION_DATE_AHEAD");
        await RefusedAsync($"{group}/move", To(seeded.Committee, Today.AddDays(-1)), "ORGANISATION_DATE_TOO_EARLY");
        await RefusedAsync($"{seeded.Committee}/dissolve", new { on = Today }, "ORGANISATION_NOT_EMPTY");
        await RefusedAsync($"{group}/correct-date", new { from = "2020-01-01", to = "2020-01-02", reason = "试" },
            "ORGANISATION_DATE_NOT_FOUND");
        await RefusedAsync($"{seeded.Branch}/split", new
        {
            on = Today, reason = "试",
            parts = new[] { new { code = "N1X", name = "分", type = "BRA", memberIds = new[] { Guid.NewGuid() } } },
        }, "ORGANISATION_MEMBERS_NOT_HELD");
        Assert.Equal(403, (await registry.As("committee-clerk").PostAsync(
            $"/api/v1/organisations/{group}/move", To(seeded.Committee, Today))).Status);
    }

    [Fact]
    public async Task A_wrong_founding_date_is_corrected_with_a_reason()
    {
        var seeded = await Seeded.CreateAsync(registry, "K1");
        await AgeAsync("K1");
        var late = await FoundAsync(seeded.Committee, "K1L", "BRA");
        var right = Today.AddDays(-10);
        var history = await _admin.PostAsync($"/api/v1/organisations/{late}/correct-date",
            new { from = Today, to = right, reason = "批复日期录错" });
        Assert.Equal(right.ToString("O", CultureInfo.InvariantCulture), history.String("foundedOn"));
        Assert.Contains(late, (await AllAsync($"/api/v1/organisations/tree?parentId={seeded.Committee}&asOf={right:O}"))
            .Select(o => o.GetProperty("id").GetGuid()));
    }

    [Fact]
    public async Task A_dissolution_on_the_day_of_a_move_is_in_the_way_of_another_date_for_the_move()
    {
        var (from, to) = (await Seeded.CreateAsync(registry, "VD"), await Seeded.CreateAsync(registry, "VE"));
        var gone = (await _admin.PostAsync("/api/v1/organisations",
            new { code = "VDG", name = "测试小组", type = "GRP", parentId = from.Branch })).Id();
        await AgeAsync("VD", "VE");
        var day = Today.AddDays(-4);
        (await _admin.PostAsync($"/api/v1/organisations/{from.Branch}/move",
            new { toParentId = to.Committee, on = day, reason = "调整" })).Id();
        (await _admin.PostAsync($"/api/v1/organisations/{gone}/dissolve", new { on = day })).Id();
        var corrected = await _admin.PostAsync($"/api/v1/organisations/{from.Branch}/correct-date",
            new { from = day, to = day.AddDays(2), reason = "更正" });
        Assert.Equal((409, "ORGANISATION_DATE_CONFLICT"), (corrected.Status, corrected.Code));
        var history = (await _admin.GetAsync($"/api/v1/organisations/{gone}/history")).Ok;
        Assert.Equal($"{day:yyyy-MM-dd}", history.GetProperty("dissolvedOn").GetString());
    }

    [Fact, Trait("mechanism", "M-023"), Trait("mechanism", "M-043")]
    public async Task The_same_organisations_form_trees_by_place_and_by_industry()
    {
        var seeded = await Seeded.CreateAsync(registry, "G1");
        var joint = (await _admin.PostAsync("/api/v1/organisations", new
        {
            code = "G1J", name = "建材行业联建党总支", type = "JGB", parentId = seeded.Committee,
            division = "141022100", sector = "CON", department = "住建局", formation = "JOI",
        })).Id();
        foreach (var (code, division) in new[] { ("G1V", "141022100001"), ("G1W", "141022100002") })
        {
            await _admin.PostAsync("/api/v1/organisations", new
            {
                code, name = code, type = "BRA", parentId = joint, division, sector = "CON", department = "住建局",
            });
        }
        await FoundAsync((await AllAsync($"/api/v1/organisations?parentId={joint}"))[0].GetProperty("id").GetGuid(),
            "G1P", "GRP");
        var places = (await _admin.GetAsync("/api/v1/organisations/by-place?within=141022100")).Ok;
        Assert.Equal(["141022100", "141022100001", "141022100002"],
            places.EnumerateArray().Select(p => p.GetProperty("code").GetString()));
        Assert.All(places.EnumerateArray(), p => Assert.Equal(1, p.GetProperty("organisations").GetInt32()));
        // One plan for a county, another one for each place above it: both see the same.
        foreach (var api in new[] { _admin, registry.As("tier-administrator", "140000/141000/") })
        {
            foreach (var (place, codes) in new[] { ("141022100", "G1J G1V G1W"), ("141022100002", "G1W"),
                ("141022100003", ""), ("140107", "") })
            {
                var found = (await api.GetAsync($"/api/v1/organisations/list?division={place}")).Ok.GetProperty("items")
                    .EnumerateArray().Select(o => o.GetProperty("code").GetString());
                Assert.Equal(codes, string.Join(' ', found));
            }
        }
        var sector = (await _admin.GetAsync("/api/v1/organisations/by-sector?within=141022100")).Ok.EnumerateArray()
            .Single(s => s.GetProperty("code").GetString() == "CON");
        Assert.Equal(3, sector.GetProperty("organisations").GetInt32());
        Assert.Equal(3, (await AllAsync(sector.GetProperty("list").GetString()!)).Count);
        Assert.Equal(3, (await AllAsync($"/api/v1/organisations/list?department={Uri.EscapeDataString("住建局")}")).Count);
    }

    [Fact, Trait("mechanism", "M-023")]
    public async Task The_trees_by_place_and_by_industry_are_of_any_day()
    {
        var (from, to) = (await Seeded.CreateAsync(registry, "J7"), await Seeded.CreateAsync(registry, "J8"));
        var branch = (await _admin.PostAsync("/api/v1/organisations", new
        {
            code = "J7X", name = "老街党支部", type = "BRA", parentId = from.Committee, division = "141022301001",
            sector = "CAT",
        })).Id();
        var gone = (await _admin.PostAsync("/api/v1/organisations", new
        {
            code = "J7Y", name = "老厂党支部", type = "BRA", parentId = from.Committee, division = "141022301002",
            sector = "CON",
        })).Id();
        await AgeAsync("J7", "J8");
        var (before, moved) = (Today.AddDays(-9), Today.AddDays(-5));
        (await _admin.PostAsync($"/api/v1/organisations/{branch}/move",
            new { toParentId = to.Committee, on = moved, reason = "调整" })).Id();
        (await _admin.PostAsync($"/api/v1/organisations/{gone}/dissolve", new { on = moved, reason = "撤厂" })).Id();
        Assert.Equal(200, (await _admin.PatchAsync($"/api/v1/organisations/{branch}",
            new { name = "新街党支部", division = "141022302001", sector = "CON" })).Status);

        async Task<string> PlacesAsync(string query) => string.Join(' ', (await _admin.GetAsync(
            $"/api/v1/organisations/by-place?within=1410223{query}")).Ok.EnumerateArray().Select(p =>
            $"{p.GetProperty("code").GetString()}={p.GetProperty("organisations").GetInt32()}"));
        Assert.Equal("141022301=2", await PlacesAsync($"&asOf={before:yyyy-MM-dd}"));
        Assert.Equal("141022302=1", await PlacesAsync(""));
        Assert.Equal(await PlacesAsync(""), await PlacesAsync($"&asOf={Today:yyyy-MM-dd}"));
        var trade = (await _admin.GetAsync(
            $"/api/v1/organisations/by-sector?within=1410223&asOf={before:yyyy-MM-dd}")).Ok.EnumerateArray()
            .Single(s => s.GetProperty("code").GetString() == "CAT");
        Assert.Equal(1, trade.GetProperty("organisations").GetInt32());
        var list = trade.GetProperty("list").GetString()!;
        // Who was below the old committee lists it as it was, who is above it now does not list it of that day.
        foreach (var (path, codes) in new[] { (from.CommitteePath, "老街党支部"), (to.CommitteePath, "") })
        {
            var found = (await registry.As("committee-clerk", path).GetAsync(list)).Ok;
            Assert.Equal(codes, string.Join(' ', found.GetProperty("items").EnumerateArray()
                .Select(o => o.GetProperty("name").GetString())));
        }
        var line = (await _admin.GetAsync(list)).Ok.GetProperty("items")[0];
        Assert.Equal((branch, System.Text.Json.JsonValueKind.Null),
            (line.GetProperty("id").GetGuid(), line.GetProperty("lacksVenue").ValueKind));
        foreach (var (query, code) in new[] { ($"asOf={Today.AddDays(1):yyyy-MM-dd}", "IN_THE_FUTURE"),
            ($"asOf={before:yyyy-MM-dd}&lacking=venue", "OF_TODAY_ONLY") })
        {
            var refused = await _admin.GetAsync($"/api/v1/organisations/list?{query}");
            Assert.Equal((400, "INPUT_INVALID"), (refused.Status, refused.Code));
            Assert.Contains(code, refused.Text, StringComparison.Ordinal);
        }
    }

    private async Task<Guid> FoundAsync(Guid parent, string code, string type) => (await _admin.PostAsync(
        "/api/v1/organisations", new { code, name = $"测试{code}", type, parentId = parent })).Id();

    private async Task<int> HeadcountAsync(Guid id, string query = "") => (await _admin.GetAsync(
        $"/api/v1/organisations/{id}/headcount?{query}")).Ok.GetProperty("members").GetInt32();

    private async Task<List<JsonElement>> AllAsync(string path) =>
        [.. (await _admin.GetAsync(path)).Ok.GetProperty("items").EnumerateArray()];

    /// <summary>What these tests founded a moment ago has stood for a hundred days.</summary>
    private async Task AgeAsync(params string[] codes)
    {
        await using var age = registry.Behind.CreateCommand("""
            with old as (
                update organisation set founded_on = current_date - 100, since = current_date - 100
                where code = '141022' or exists (select from unnest($1) c where starts_with(code, c)) returning id),
            spells as (
                update organisation_spell set from_on = current_date - 100
                where organisation_id in (select id from old) returning organisation_id),
            held as (
                update member set held_since = current_date - 50 where branch_id in (select id from old) returning id)
            update membership_spell set from_on = current_date - 50 where member_id in (select id from held)
            """);
        age.Parameters.AddWithValue(codes);
        await age.ExecuteNonQueryAsync();
    }
}
