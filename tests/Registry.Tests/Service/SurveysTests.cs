using Platform.Testing;

namespace Registry.Tests.Service;

/// <summary>How members are classed and what they do for a living, from the township to the county.</summary>
public sealed class SurveysTests(RegistryFixture registry) : IClassFixture<RegistryFixture>
{
    private readonly Api _admin = registry.As("tier-administrator");
    private readonly Api _clerk = registry.As("committee-clerk");

        [Fact, Trait("mechanism", "M-091")]
    public async Task A_rural_member_who_works_in_town_has_two_posts_of_which_the_urban_one_comes_first()
    {
        var seeded = await Seeded.CreateAsync(registry, "V1");
        var village = (await _admin.PostAsync("/api/v1/organisations",
            new { code = "V1V", name = "上庄村党支部", type = "BRA", parentId = seeded.Committee })).Id();
        var member = await Seeded.MemberAsync(registry, village, 8301);
        var at = seeded with { Branch = village, BranchPath = $"{seeded.CommitteePath}V1V/" };
        Assert.DoesNotContain("DUA", await SuggestedAsync(member));
        await at.AwayAsync(registry, member, new { employer = "太原某建筑公司", occupation = "钢筋工" });
        var secretary = registry.As("branch-secretary", at.BranchPath);
        Assert.Contains("DUA", await SuggestedAsync(member));
        var decided = await secretary.PostAsync($"/api/v1/members/{member}/classifications",
            new { axis = "class", code = "DUA", fromOn = "2026-02-01" });
        Assert.Equal("双重岗位：城市岗位为主，农村岗位为辅，综合目标管理", decided.String("management"));
        Assert.DoesNotContain("DUA", await SuggestedAsync(member));
        // The rural post is an appointment at home, the urban one stands on the card that both sides share.
        (await secretary.PostAsync($"/api/v1/organisations/{village}/appointments",
            new { kind = "post", code = "INF", from = "2026-02-01", memberId = member })).Id();
        Assert.Equal("INF", Assert.Single((await secretary.GetAsync($"/api/v1/members/{member}/appointments")).Ok
            .EnumerateArray()).GetProperty("code").GetString());
        Assert.Equal([member], await ClassedAsync("class", "DUA", seeded.CommitteePath));
    }

    [Fact, Trait("mechanism", "M-092")]
    public async Task Young_members_are_tiered_as_well_off_middle_or_poor()
    {
        var seeded = await Seeded.CreateAsync(registry, "V2");
        var members = new List<Guid>();
        foreach (var (tier, n) in new[] { ("RIC", 1), ("MID", 2), ("POO", 3) })
        {
            // Numbers from 39,000 on were born in 1999.
            var member = await Seeded.MemberAsync(registry, seeded.Branch, 39_310 + n);
            Assert.Contains("YOU", await SuggestedAsync(member));
            var classed = await _clerk.PostAsync($"/api/v1/members/{member}/classifications",
                new { axis = "class", code = "YOU", fromOn = "2026-02-01", tier });
            Assert.Equal((tier, "按富裕、中等、贫困分层管理"), (classed.String("tier"), classed.String("management")));
            members.Add(member);
        }
        Assert.Equal(members, await ClassedAsync("class", "YOU", seeded.CommitteePath));
        Assert.Equal([members[2]], await ClassedAsync("class", "YOU", seeded.CommitteePath, "&tier=POO"));
        var other = await Seeded.MemberAsync(registry, seeded.Branch, 39_320);
        Assert.Equal(400, (await _clerk.PostAsync($"/api/v1/members/{other}/classifications",
            new { axis = "class", code = "YOU", fromOn = "2026-02-01" })).Status);
        Assert.Equal(400, (await _clerk.PostAsync($"/api/v1/members/{other}/classifications",
            new { axis = "class", code = "NOP", fromOn = "2026-02-01", tier = "POO" })).Status);
    }

    [Fact, Trait("mechanism", "M-094")]
    public async Task Special_groups_are_managed_by_registration_and_listed_group_by_group()
    {
        var seeded = await Seeded.CreateAsync(registry, "V3");
        var secretary = registry.As("branch-secretary", seeded.BranchPath);
        var member = await Seeded.MemberAsync(registry, seeded.Branch, 8331);
        var special = await secretary.PostAsync($"/api/v1/members/{member}/classifications",
            new { axis = "class", code = "SPE", fromOn = "2026-02-01" });
        Assert.Equal("注册管理", special.String("management"));
        foreach (var group in new[] { "UPG", "UPV", "ABR", "OLD", "HAR", "REL" })
        {
            var fact = await secretary.PostAsync($"/api/v1/members/{member}/classifications",
                new { axis = "group", code = group, fromOn = "2026-02-01" });
            Assert.NotEmpty(fact.String("management")!);
            Assert.Equal([member], await ClassedAsync("group", group, seeded.CommitteePath));
        }
        Assert.Equal([member], await ClassedAsync("class", "SPE", seeded.CommitteePath));
    }

    [Fact, Trait("mechanism", "M-090")]
    public async Task Who_holds_a_post_is_not_suggested_as_a_member_without_one()
    {
        var seeded = await Seeded.CreateAsync(registry, "V4");
        var member = await Seeded.MemberAsync(registry, seeded.Branch, 30_341);
        Assert.Contains("NOP", await SuggestedAsync(member));
        var post = (await _clerk.PostAsync($"/api/v1/organisations/{seeded.Branch}/appointments",
            new { kind = "post", code = "DIL", from = "2026-02-01", memberId = member })).Id();
        Assert.DoesNotContain("NOP", await SuggestedAsync(member));
        (await _clerk.PostAsync($"/api/v1/appointments/{post}/end", new { on = "2026-03-01", reason = "期满" })).Id();
        Assert.Contains("NOP", await SuggestedAsync(member));
    }

    [Fact, Trait("mechanism", "M-096"), Trait("mechanism", "M-282")]
    public async Task Occupations_are_counted_township_by_township_consolidated_and_handed_to_the_labour_bureau()
    {
        var county = await Seeded.CreateAsync(registry, "V5");
        var other = await Seeded.CreateAsync(registry, "V6");
        foreach (var (at, number, occupation) in new[]
            { (county, 8351, "焊工"), (county, 8352, "焊工"), (county, 8353, "厨师"), (other, 8354, "焊工") })
        {
            var member = await Seeded.MemberAsync(registry, at.Branch, number);
            await at.AwayAsync(registry, member, new { occupation });
        }
        var survey = (await _clerk.GetAsync($"/api/v1/organisations/{county.Top}/occupations")).Ok;
        var lines = survey.GetProperty("lines").EnumerateArray().ToLookup(l => l.GetProperty("organisationId")
            .GetGuid(), l => (l.GetProperty("occupation").GetString(), l.GetProperty("members").GetInt64()));
        Assert.Equal([("厨师", 1L), ("焊工", 2L)], lines[county.Committee]);
        Assert.Equal([("焊工", 1L)], lines[other.Committee]);
        var total = survey.GetProperty("total");
        Assert.True(total.GetProperty("焊工").GetInt64() >= 3);
        Assert.Equal(total.EnumerateObject().Sum(t => t.Value.GetInt64()),
            lines.Sum(l => l.Sum(x => x.Item2)));
        var list = (await _clerk.GetAsync($"{survey.GetProperty("list").GetString()}&value=厨师")).Ok
            .GetProperty("items");
        Assert.Equal(total.GetProperty("厨师").GetInt64(), list.GetArrayLength());

        var file = await _clerk.PostAsync("/api/v1/exports/occupations",
            new { organisationId = county.Top, reason = "报县劳动局组织培训", format = "csv" });
        Assert.Equal(200, file.Status);
        Assert.Contains("测试镇党委V5,焊工,2,", file.Text, StringComparison.Ordinal);
        Assert.Contains($"合计,焊工,{total.GetProperty("焊工").GetInt64()},", file.Text, StringComparison.Ordinal);
    }

    [Theory, Trait("mechanism", "M-097")]
    [InlineData("餐饮", "CAT", 1), InlineData("建筑", "CON", 2), InlineData("运输", "TRA", 3)]
    [InlineData("开采", "MIN", 4), InlineData("商贸", "COM", 5), InlineData("家政", "HOU", 6)]
    [InlineData("个体工商户", "SEL", 7)]
    public async Task Each_sector_the_sources_name_is_a_code_that_units_and_figures_go_by(string word, string code,
        int number)
    {
        Assert.Equal(code, Registry.Service.Reference.ReferenceData.Codes["sector"].Find(word)?.Code);
        var seeded = await Seeded.CreateAsync(registry, $"W{code}");
        var unit = new
        {
            keptBy = seeded.Committee, name = $"{word}单位", category = "2", division = "141022", sector = code,
            surveyedOn = "2026-03-01",
        };
        (await _clerk.PostAsync("/api/v1/units", unit)).Id();
        Assert.Equal(400, (await _clerk.PostAsync("/api/v1/units", unit with { sector = word })).Status);
        var coverage = (await _clerk.GetAsync("/api/v1/units/coverage?by=sector")).Ok.EnumerateArray()
            .Single(g => g.GetProperty("group").GetString() == code);
        Assert.Equal(1, coverage.GetProperty("total").GetInt32());
        var member = await Seeded.MemberAsync(registry, seeded.Branch, 8400 + number);
        await seeded.AwayAsync(registry, member, new { occupation = word });
        var rows = (await _clerk.GetAsync($"/api/v1/figures/list?organisationId={seeded.Committee}"
            + $"&figure=mobileBySector&value={code}")).Ok.GetProperty("items");
        Assert.Equal(1, rows.GetArrayLength());
    }

    private async Task<List<string>> SuggestedAsync(Guid member) => [.. (await _clerk.GetAsync(
        $"/api/v1/members/{member}/classifications")).Ok.GetProperty("suggestions").EnumerateArray()
        .Select(s => s.GetProperty("code").GetString()!)];

    private async Task<List<Guid>> ClassedAsync(string axis, string code, string path, string more = "") =>
        [.. (await registry.As("committee-clerk", path)
            .GetAsync($"/api/v1/classifications?axis={axis}&code={code}{more}")).Ok.GetProperty("items")
            .EnumerateArray().Select(l => l.GetProperty("member").GetProperty("id").GetGuid())];
}
