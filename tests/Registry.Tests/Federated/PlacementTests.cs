using static Registry.Tests.Federated.Journey;
using static Registry.Tests.Federated.TierFederation;

namespace Registry.Tests.Federated;

/// <summary>Into which organisation a member is placed, and what organisations there are, over HTTP.</summary>
[Collection(TierCollection.Name)]
public sealed class PlacementTests(TierFederation tiers)
{
    [Fact]
    [Trait("mechanism", "M-107"), Trait("mechanism", "M-023"), Trait("mechanism", "M-026"), Trait("mechanism", "M-027")]
    [Trait("mechanism", "M-029"), Trait("mechanism", "M-030"), Trait("mechanism", "M-051")]
    public async Task Wherever_a_member_works_or_lives_the_fitting_organisation_is_suggested_with_its_reason()
    {
        (string Type, object Organisation, object Facts, int Rung)[] grid =
        [
            ("BRA", new { unitName = "丁建材公司" }, new { employer = "丁建材公司" }, 1),
            ("BRS", new { unitName = "丁运输协会" }, new { employer = "丁运输协会" }, 1),
            ("PRJ", new { site = "丁高速公路项目" }, new { employer = "丁高速公路项目三标段" }, 2),
            ("MKT", new { site = "丁农贸市场" }, new { employer = "丁农贸市场12号摊位" }, 2),
            ("BLD", new { site = "丁国际大厦" }, new { employer = "丁国际大厦8层某公司" }, 2),
            ("PRK", new { site = "丁科技园" }, new { employer = "丁科技园物业" }, 2),
            ("BRA", new { site = "丁社会保障所" }, new { employer = "丁社会保障所窗口" }, 2),
            ("COM", new { community = "丁花园小区" }, new { residence = "丁花园小区3号楼", employer = "家政" }, 3),
        ];
        foreach (var (type, organisation, facts, rung) in grid)
        {
            var branch = await tiers.FoundAsync(Host, type, more: organisation);
            var journey = await NoticedAsync(tiers, Home, Host, facts);
            var suggested = (await journey.HostClerk.GetAsync($"/api/v1/inbound-cases/{journey.Card}/placements")).Ok;
            Assert.Equal((type, branch, rung), (type, suggested[0].GetProperty("branch").GetProperty("id").GetGuid(),
                suggested[0].GetProperty("rung").GetInt32()));
            Assert.NotEmpty(Text(suggested[0], "reasonZh")!);
            // Who fits nowhere else is never left out.
            Assert.Contains(suggested.EnumerateArray(), s => s.GetProperty("rung").GetInt32() == 4);
            await journey.AdmitAsync(branch);
        }
    }

    [Fact, Trait("mechanism", "M-118"), Trait("mechanism", "M-107")]
    public async Task A_member_who_changes_employer_within_the_region_is_placed_anew_and_home_hears_of_it()
    {
        var journey = await AdmittedAsync(tiers, Home, Host, new { employer = "戊厂" });
        var branch = await tiers.FoundAsync(Host, "BRA", more: new { unitName = "己厂" });
        await journey.HostStepAsync("change", new { employer = "己厂" });
        await journey.AtHomeAsync(c => Text(c.GetProperty("facts"), "employer") == "己厂");
        var best = (await journey.HostClerk.GetAsync($"/api/v1/inbound-cases/{journey.Card}/placements")).Ok[0];
        Assert.Equal(branch, best.GetProperty("branch").GetProperty("id").GetGuid());
        var placed = await journey.HostStepAsync("admit", new
        {
            branchId = branch, placementReason = Text(best, "reasonZh"), documentShown = "CRT", on = "2026-07-01",
            hostContact = "己厂支部书记",
        });
        Assert.Equal((branch, "2026-03-05"), (placed.GetProperty("branchId").GetGuid(), Text(placed, "admittedOn")));
        var home = await journey.AtHomeAsync(c => Text(c, "hostContact") == "己厂支部书记");
        Assert.Equal("matched", Text(home, "agreement"));
    }

    [Fact, Trait("mechanism", "M-067"), Trait("mechanism", "M-108")]
    public async Task The_host_branch_has_the_member_in_its_daily_list_while_home_keeps_the_relationship()
    {
        var branch = await tiers.FoundAsync(Host, "TBR");
        var journey = await NoticedAsync(tiers, Home, Host);
        var path = Text((await tiers.At(Host, "tier-administrator").GetAsync($"/api/v1/organisations/{branch}")).Ok,
            "path")!;
        var secretary = tiers.At(Host, "branch-secretary", path);
        var members = await tiers.At(Host, "tier-administrator").GetAsync("/api/v1/members?size=200");
        await journey.AdmitAsync(branch);
        var mine = (await secretary.GetAsync("/api/v1/reconciliation?side=host")).Ok.GetProperty("items");
        Assert.Equal(journey.Case, mine.EnumerateArray().Single().GetProperty("caseId").GetGuid());
        Assert.Equal(200, (await secretary.PostAsync($"/api/v1/inbound-cases/{journey.Card}/feedback",
            new { text = "按时参加组织生活", on = "2026-04-01" })).Status);
        var after = await tiers.At(Host, "tier-administrator").GetAsync("/api/v1/members?size=200");
        Assert.Equal(members.Ok.GetProperty("items").GetArrayLength(), after.Ok.GetProperty("items").GetArrayLength());
    }

    [Fact, Trait("mechanism", "M-031"), Trait("mechanism", "M-033"), Trait("mechanism", "M-015"),
        Trait("mechanism", "M-050")]
    public async Task Home_builds_outposts_where_its_members_are_alone_or_relying_on_its_office_there()
    {
        var committee = await tiers.FoundAsync(Home, "GCM");
        var inside = await tiers.FoundAsync(Home, "BRA", committee);
        var work = await tiers.OutpostAsync(Home, "OWC", committee, "440106", "广州市");
        var general = await tiers.OutpostAsync(Home, "OGB", committee, "440106", "广州市");
        var alone = await tiers.OutpostAsync(Home, "OBR", committee, "440106", "广州市白云区");
        var attached = await tiers.OutpostAsync(Home, "OBR", committee, "360103", "南昌市", "翼城县驻南昌办事处");
        foreach (var (moved, to) in new[] { (general, work), (alone, general) })
        {
            Assert.Equal(200, (await tiers.At(Home, "tier-administrator").PostAsync(
                $"/api/v1/organisations/{moved}/move",
                new { toParentId = to, on = DateOnly.FromDateTime(DateTime.UtcNow.AddHours(8)), reason = "分级设置" }))
                .Status);
        }
        var mobile = await tiers.FoundAsync(Home, "OMC", committee, new { site = "南昌市" });
        Assert.Equal([general], await ChildrenAsync(Home, work));
        Assert.Equal(new[] { inside, work, attached, mobile }.Order(), (await ChildrenAsync(Home, committee)).Order());
        foreach (var branch in new[] { inside, alone, attached }) await tiers.MemberAsync(Home, branch);
        await HoldsNobodyAsync(Home, work, general, mobile);
        var shown = (await tiers.At(Home, "committee-clerk").GetAsync($"/api/v1/organisations/{attached}")).Ok;
        Assert.Equal(("OBR", "翼城县驻南昌办事处", "南昌市"), (Text(shown, "type"), Text(shown, "unitName"), Text(shown, "site")));
    }

    [Fact, Trait("mechanism", "M-036"), Trait("mechanism", "M-037")]
    public async Task A_committee_of_mobile_members_is_a_level_of_its_own_below_the_home_committee()
    {
        var committee = await tiers.FoundAsync(Home, "MCM");
        var branches = new[]
        {
            await tiers.FoundAsync(Home, "TBR", committee), await tiers.FoundAsync(Home, "TBR", committee),
        };
        var group = await tiers.FoundAsync(Home, "MGR", branches[0], new { contact = "组长" });
        var path = Text((await tiers.At(Home, "tier-administrator").GetAsync($"/api/v1/organisations/{committee}")).Ok,
            "path")!;
        foreach (var branch in branches) await tiers.MemberAsync(Home, branch);
        await HoldsNobodyAsync(Home, committee, group);
        Assert.Equal(branches.Order(), (await ChildrenAsync(Home, committee)).Order());
        Assert.Equal([group], await ChildrenAsync(Home, branches[0]));
        // Its clerk sees its branches' members and no others; the hometown committee sees them too.
        var own = (await tiers.At(Home, "committee-clerk", path).GetAsync("/api/v1/members?size=200")).Ok;
        Assert.Equal(2, own.GetProperty("items").GetArrayLength());
        var above = (await tiers.At(Home, "committee-clerk").GetAsync($"/api/v1/members?branchId={branches[0]}")).Ok;
        Assert.Equal(1, above.GetProperty("items").GetArrayLength());
    }

    [Fact]
    [Trait("mechanism", "M-012"), Trait("mechanism", "M-043"), Trait("mechanism", "M-044"), Trait("mechanism", "M-045")]
    [Trait("mechanism", "M-047"), Trait("mechanism", "M-052")]
    public async Task Branches_are_built_alone_or_jointly_and_members_of_different_units_meet_in_one()
    {
        var general = await tiers.FoundAsync(Host, "JGB");
        var alone = await tiers.FoundAsync(Host, "BRA", general, new { unitName = "庚村" });
        var joint = await tiers.FoundAsync(Host, "JBR", general, new { unitName = "辛村、壬村" });
        var group = await tiers.FoundAsync(Host, "GRP", alone);
        var association = await tiers.FoundAsync(Host, "BRS", general, new { unitName = "养殖协会" });
        var cooperative = await tiers.FoundAsync(Host, "BRC", general, new { unitName = "果品合作社" });
        var village = await tiers.FoundAsync(Host, "VEJ", general, new { unitName = "庚矿业", community = "庚庄村" });
        var park = await tiers.FoundAsync(Host, "PRK", more: new { site = "庚工业园" });
        var enterprise = await tiers.FoundAsync(Host, "BRA", park, new { unitName = "园区企业" });
        Assert.Equal(new[] { alone, joint, association, cooperative, village }.Order(),
            (await ChildrenAsync(Host, general)).Order());
        Assert.Equal([group], await ChildrenAsync(Host, alone));
        Assert.Equal([enterprise], await ChildrenAsync(Host, park));
        foreach (var branch in new[] { alone, joint, association, cooperative, enterprise })
            await tiers.MemberAsync(Host, branch);
        await HoldsNobodyAsync(Host, general, group);
        // The enterprise's worker and the villager both fit the village-enterprise branch, each for its own reason.
        foreach (var (facts, rung) in new (object, int)[]
            { (new { employer = "庚矿业" }, 1), (new { residence = "庚庄村5组", employer = "务农" }, 3) })
        {
            var journey = await NoticedAsync(tiers, Home, Host, facts);
            var best = (await journey.HostClerk.GetAsync($"/api/v1/inbound-cases/{journey.Card}/placements")).Ok[0];
            Assert.Equal((village, rung), (best.GetProperty("branch").GetProperty("id").GetGuid(),
                best.GetProperty("rung").GetInt32()));
            await journey.AdmitAsync(village);
        }
    }

    [Fact, Trait("mechanism", "M-055")]
    public async Task City_and_county_each_have_a_work_committee_for_non_public_enterprises()
    {
        var admin = tiers.At("141000", "tier-administrator", City);
        var top = await TopAsync(admin, "141000", "测试市委");
        var city = (await admin.PostAsync("/api/v1/organisations",
            new { code = "NPC", name = "市非公企业工委", type = "NPC", parentId = top })).Id();
        var county = await tiers.FoundAsync(Home, "NPC", tiers.PlaceOf(Home).Top);
        var enterprise = await tiers.FoundAsync(Home, "BRA", county, new { unitName = "癸公司" });
        await tiers.MemberAsync(Home, enterprise);
        Assert.Equal("NPC", Text((await admin.GetAsync($"/api/v1/organisations/{city}")).Ok, "type"));
        Assert.Equal([enterprise], await ChildrenAsync(Home, county));
        await HoldsNobodyAsync(Home, county);
    }

    private async Task<List<Guid>> ChildrenAsync(string region, Guid parent) =>
        [.. (await tiers.At(region, "committee-clerk").GetAsync($"/api/v1/organisations?parentId={parent}&size=200")).Ok
            .GetProperty("items").EnumerateArray().Select(o => o.GetProperty("id").GetGuid())];

    private async Task HoldsNobodyAsync(string region, params Guid[] organisations)
    {
        foreach (var organisation in organisations)
        {
            var reply = await tiers.At(region, "committee-clerk").PostAsync("/api/v1/members",
                new { branchId = organisation, name = "测试乙", idNumber = "11010519491231002X", standing = "full" });
            Assert.Equal("MEMBER_BRANCH_WRONG", reply.Code);
        }
    }
}
