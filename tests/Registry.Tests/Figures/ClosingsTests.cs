using System.Text.Json;
using Registry.Tests.Service;

namespace Registry.Tests.Figures;

/// <summary>Months closed over HTTP: the identity, what comes to light late, and lists that open as counted.</summary>
public sealed class ClosingsTests(RegistryFixture registry) : IClassFixture<RegistryFixture>
{
    [Fact, Trait("mechanism", "M-275")]
    public async Task A_month_closes_last_month_plus_increases_less_decreases_is_this_month()
    {
        var unit = await UnitAsync("K1", 3);
        var january = await CloseAsync(unit, "2026-01-01");
        Assert.Equal((0, 3, 0, 3, 0), Identity(january));
        await HeldSinceAsync(unit.Members[0], "2025-12-01");
        var ended = (await registry.As("committee-clerk").PostAsync($"/api/v1/members/{unit.Members[0]}/membership/end",
            new { because = "DEC", on = "2026-02-10", reason = "病故，家属报告" })).Ok;
        Assert.Equal("2026-02-10", ended.GetProperty("endedOn").GetString());
        await HeldSinceAsync(await Seeded.MemberAsync(registry, unit.Seeded.Branch, 8_190), "2026-02-20");
        // The one who left had been counted as come in January and is known now to have been there before.
        var february = await CloseAsync(unit, "2026-02-01");
        Assert.Equal((3, 1, 1, 3, 0), Identity(february));
        // Each number of the identity opens the people it counted.
        Assert.Equal(await ListAsync(january), await ListAsync(february, "opening"));
        Assert.Equal([unit.Members[0]], await ListAsync(february, "decreases"));
        var came = Assert.Single(await ListAsync(february, "increases"));
        Assert.DoesNotContain(came, await ListAsync(january));
        var history = (await registry.As("auditor").GetAsync($"/api/v1/closings?organisationId={unit.Seeded.Branch}"))
            .Ok;
        Assert.Equal(["2026-01", "2026-02"], history.GetProperty("closings").EnumerateArray()
            .Select(c => c.GetProperty("month").GetString()));
        Assert.Empty(history.GetProperty("chainBreaks").EnumerateArray());
        var early = await registry.As("committee-clerk").PostAsync("/api/v1/closings",
            new { organisationId = unit.Seeded.Branch, month = "2099-01-01" });
        Assert.Equal((400, "INPUT_INVALID"), (early.Status, early.Code));
    }

    [Fact]
    public async Task What_comes_to_light_late_is_named_and_amended_beside_the_closing_that_stays_as_it_was()
    {
        var unit = await UnitAsync("K2", 4);
        var january = await CloseAsync(unit, "2026-01-01");
        var listed = await ListAsync(january);
        var late = await Seeded.MemberAsync(registry, unit.Seeded.Branch, 8_290);
        await HeldSinceAsync(late, "2026-01-15");
        var february = await CloseAsync(unit, "2026-02-01");
        Assert.Equal((4, 0, 0, 5, 1), Identity(february));
        Assert.Equal(late, Assert.Single(february.GetProperty("lateAdded").EnumerateArray()).GetGuid());
        Assert.Equal([late], await ListAsync(february, "lateAdded"));
        Assert.Empty(await ListAsync(february, "lateRemoved"));
        var unsaid = await registry.As("committee-clerk").PostAsync("/api/v1/closings",
            new { organisationId = unit.Seeded.Branch, month = "2026-01-01" });
        Assert.Equal("INPUT_INVALID", unsaid.Code);
        var amended = await CloseAsync(unit, "2026-01-01", "一月补登一人");
        Assert.Equal((2, 5), (amended.GetProperty("revision").GetInt32(), amended.GetProperty("headcount").GetInt32()));
        var again = await CloseAsync(unit, "2026-02-01", "按一月更正重报");
        Assert.Equal((5, 0, 0, 5, 0), Identity(again));
        // The closing that was published first still opens exactly the people it counted.
        Assert.Equal(listed, await ListAsync(january));
        Assert.Equal(listed.Append(late).Order(), (await ListAsync(amended)).Order());
        var trend = (await registry.As("analyst").GetAsync(
            $"/api/v1/closings/trend?organisationId={unit.Seeded.Branch}")).Ok;
        Assert.Equal([5, 5], trend.EnumerateArray().Select(t => t.GetProperty("headcount").GetInt32()));
    }

    [Fact]
    public async Task Nobody_changes_a_closing_and_a_repeated_command_closes_once()
    {
        var unit = await UnitAsync("K3", 1);
        var key = Guid.CreateVersion7();
        var body = new { organisationId = unit.Seeded.Branch, month = "2026-01-01" };
        var first = (await registry.As("committee-clerk").PostAsync("/api/v1/closings", body, key)).Id();
        Assert.Equal(first, (await registry.As("committee-clerk").PostAsync("/api/v1/closings", body, key)).Id());
        await using var app = Npgsql.NpgsqlDataSource.Create(registry.Database.App);
        foreach (var sql in new[] { "update closing set headcount = 0", "delete from closing",
            "update figure_span set from_on = from_on", "delete from figure_span" })
        {
            await using var command = app.CreateCommand(sql);
            var refused = await Assert.ThrowsAsync<Npgsql.PostgresException>(() => command.ExecuteNonQueryAsync());
            Assert.Equal("42501", refused.SqlState);
        }
    }

    [Fact]
    public async Task A_move_within_the_unit_is_no_increase_and_the_day_before_still_shows_the_old_branch()
    {
        var unit = await UnitAsync("K4", 2);
        var other = (await registry.As("tier-administrator").PostAsync("/api/v1/organisations", new
        {
            code = "K4X", name = "测试新支部", type = "BRA", parentId = unit.Seeded.Committee,
        })).Id();
        foreach (var member in unit.Members) await HeldSinceAsync(member, "2026-01-10");
        await MoveAsync(unit.Members[0], other, DateOnly.FromDateTime(DateTime.UtcNow.AddHours(8)));
        async Task<int> OnAsync(Guid organisation, string day) => PublishedTablesTests.Count((await registry
            .As("analyst").GetAsync($"/api/v1/figures?organisationId={organisation}{day}")).Ok, "headcount");
        Assert.Equal((2, 0), (await OnAsync(unit.Seeded.Branch, "&on=2026-02-01"), await OnAsync(other,
            "&on=2026-02-01")));
        Assert.Equal((1, 1, 2), (await OnAsync(unit.Seeded.Branch, ""), await OnAsync(other, ""),
            await OnAsync(unit.Seeded.Committee, "")));
    }

    [Fact]
    public async Task A_move_dated_back_counts_from_its_day_on_and_what_was_known_before_stays_known()
    {
        var unit = await UnitAsync("K9", 2);
        var other = (await registry.As("tier-administrator").PostAsync("/api/v1/organisations", new
        {
            code = "K9X", name = "测试迁入支部", type = "BRA", parentId = unit.Seeded.Committee,
        })).Id();
        await SqlAsync($"update organisation_spell set from_on = '2026-01-05' where organisation_id = '{other}'; "
            + $"update organisation set founded_on = '2026-01-05' where id = '{other}'");
        async Task<JsonElement> OnAsync(Guid organisation, string query) => (await registry.As("analyst").GetAsync(
            $"/api/v1/figures?organisationId={organisation}&{query}")).Ok;
        async Task<(int, int)> BothAsync(string query) => (
            PublishedTablesTests.Count(await OnAsync(unit.Seeded.Branch, query), "headcount"),
            PublishedTablesTests.Count(await OnAsync(other, query), "headcount"));
        var before = (await OnAsync(unit.Seeded.Branch, "on=2026-02-10")).GetProperty("knownAt").GetString();
        await MoveAsync(unit.Members[0], other, new(2026, 2, 1));
        Assert.Equal((2, 0), await BothAsync("on=2026-01-31"));
        Assert.Equal((1, 1), await BothAsync("on=2026-02-01"));
        Assert.Equal((2, 0), await BothAsync($"on=2026-02-10&knownAt={Uri.EscapeDataString(before!)}"));
        var counted = (await registry.As("analyst").GetAsync(
            $"/api/v1/organisations/{other}/headcount?asOf=2026-02-01")).Ok.GetProperty("members").GetInt32();
        Assert.Equal(1, counted);
    }

    [Fact, Trait("mechanism", "M-287")]
    public async Task The_trend_shows_growth_education_sector_cycle_length_and_how_many_stayed_mobile()
    {
        var unit = await UnitAsync("K5", 5);
        await AwayAsync(unit, 0, "2025-01-31", education: "21", sector: "CON");
        await AwayAsync(unit, 1, "2025-01-31", education: "31", sector: "CON", endedOn: "2026-02-15");
        await CloseAsync(unit, "2026-01-01");
        await AwayAsync(unit, 2, "2025-08-28", education: "21", sector: "CAT");
        await AwayAsync(unit, 3, "2026-02-01", education: "21", sector: "CAT");
        var february = await CloseAsync(unit, "2026-02-01");
        Assert.Equal(1, february.GetProperty("figures").GetProperty("shortOut").GetInt32());
        var trend = (await registry.As("analyst").GetAsync(
            $"/api/v1/closings/trend?organisationId={unit.Seeded.Branch}")).Ok.EnumerateArray().ToList();
        Assert.Equal([2, 2], trend.Select(t => t.GetProperty("mobile").GetInt32()));
        Assert.Equal((12m, 9.0m), (trend[0].GetProperty("cycleMonths").GetDecimal(),
            trend[1].GetProperty("cycleMonths").GetDecimal()));
        Assert.Equal(JsonValueKind.Null, trend[0].GetProperty("stability").ValueKind);
        Assert.Equal((50.0m, 40.0m), (trend[1].GetProperty("stability").GetDecimal(),
            trend[1].GetProperty("mobileShare").GetDecimal()));
        Assert.Equal("""{"21":1,"31":1}""", trend[0].GetProperty("education").GetRawText());
        Assert.Equal("""{"CAT":1,"CON":1}""", trend[1].GetProperty("sector").GetRawText());
    }

    [Fact]
    public async Task Going_on_elsewhere_counts_from_the_day_and_past_days_stay_what_they_were()
    {
        var unit = await UnitAsync("K6", 1);
        await AwayAsync(unit, 0, "2025-01-31", education: "21", sector: "CON");
        var card = $"where member_id = '{unit.Members[0]}'";
        await SqlAsync($"update outbound_card set host_region = '110105', leg = 2 {card}");
        await SqlAsync($"update outbound_card set sector = 'MIN' {card}");
        async Task<List<string?>> CellsAsync(string day) => [.. (await registry.As("analyst").GetAsync(
            $"/api/v1/figures?organisationId={unit.Seeded.Branch}{day}")).Ok.GetProperty("figures").EnumerateArray()
            .Where(f => f.GetProperty("code").GetString() is "mobileByDestination" or "mobileBySector")
            .Select(f => f.GetProperty("value").GetString())];
        Assert.Equal(["PRV", "CON"], await CellsAsync("&on=2026-02-01"));
        Assert.Equal(["NAT", "MIN"], await CellsAsync(""));
    }

    // A card as it stands after all its steps; facts nobody opens here.
    private async Task AwayAsync((Seeded Seeded, List<Guid> Members) unit, int member, string on, string education,
        string sector, string? endedOn = null)
    {
        await SqlAsync($"update member set education = '{education}' where id = '{unit.Members[member]}'");
        await SqlAsync($"""
            insert into outbound_card (id, member_id, home_path, home_region, home_branch, host_region, leg, status,
                facts, name, id_number_index, certificate_number, reason, departs_on, ended_on, contact_person,
                host_branch, host_contact, case_key, since, revision, agreement, differences, next_step, sector)
            values (gen_random_uuid(), '{unit.Members[member]}', '{unit.Seeded.BranchPath}', '141022', '', '140105', 1,
                '{(endedOn is null ? "Admitted" : "Returned")}', '', '', '', '', '1', '{on}',
                {(endedOn is null ? "null" : $"'{endedOn}'")}, '', '', '', '', now(), 1, 'Matched', '', '', '{sector}')
            """);
    }

    private async Task<(Seeded Seeded, List<Guid> Members)> UnitAsync(string code, int members)
    {
        var seeded = await Seeded.CreateAsync(registry, code);
        var made = new List<Guid>();
        for (var i = 0; i < members; i++)
        {
            made.Add(await Seeded.MemberAsync(registry, seeded.Branch, 8_000 + (code[1] - '0') * 100 + i));
            await HeldSinceAsync(made[i], "2026-01-05");
        }
        return (seeded, made);
    }

    // The register was typed in today; what it says of earlier days is set as if it had been kept then.
    private Task HeldSinceAsync(Guid member, string from) => SqlAsync($"""
        update organisation_spell set from_on = '{from}' where from_on > '{from}' and until_on is null
            and organisation_id in (select branch_id from member where id = '{member}');
        update membership_spell set from_on = '{from}' where member_id = '{member}';
        update member set held_since = '{from}' where id = '{member}'
        """);

    private async Task MoveAsync(Guid member, Guid branch, DateOnly on) =>
        Assert.Equal(200, (await registry.As("committee-clerk").PostAsync($"/api/v1/members/{member}/membership/move",
            new { branchId = branch, on, reason = "就近编入" })).Status);

    private async Task SqlAsync(string sql)
    {
        await using var command = registry.Behind.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }

    private async Task<JsonElement> CloseAsync((Seeded Seeded, List<Guid>) unit, string month, string? reason = null) =>
        (await registry.As("committee-clerk").PostAsync("/api/v1/closings",
            new { organisationId = unit.Seeded.Branch, month, reason })).Ok;

    private async Task<List<Guid>> ListAsync(JsonElement closing, string number = "headcount") => [.. (
        await registry.As("analyst").GetAsync(
        $"/api/v1/closings/{closing.GetProperty("id").GetGuid()}/list?figure={number}&size=200")).Ok
        .GetProperty("items").EnumerateArray().Select(r => r.GetProperty("id").GetGuid())];

    private static (long, long, long, long, long) Identity(JsonElement c) => (c.GetProperty("opening").GetInt64(),
        c.GetProperty("increases").GetInt64(), c.GetProperty("decreases").GetInt64(),
        c.GetProperty("headcount").GetInt64(), c.GetProperty("difference").GetInt64());
}
