using System.Text.Json;
using Platform.Testing;

namespace Registry.Tests.Service;

/// <summary>One box for people, organisations and cases, in the caller's part of the tree only.</summary>
public sealed class SearchTests(RegistryFixture registry) : IClassFixture<RegistryFixture>
{
    private Api Clerk => registry.As("committee-clerk");

    [Theory]
    [InlineData("单鎔小", "name", true)]
    [InlineData("单镕小", "name", true)]
    [InlineData("單 镕", "name", false)]
    [InlineData("shanrongxiao", "pinyin", true)]
    [InlineData("Dàn Róng Xiǎo", "pinyin", true)]
    [InlineData("shanrongx", "pinyin", false)]
    [InlineData("danrongxi", "pinyin", false)]
    [InlineData("srx", "initials", true)]
    [InlineData("SR", "initials", false)]
    [InlineData("单rong", "pinyin", false)]
    [InlineData("山蓉晓", "sameSound", true)]
    public async Task A_member_is_found_by_characters_variants_sound_and_first_letters(string words, string why,
        bool whole)
    {
        var id = await OnceAsync("Q1", 21, "单鎔小");
        var hit = Hits(await Clerk.PostAsync("/api/v1/search", new { words }), "members")
            .Single(h => h.GetProperty("member").GetProperty("id").GetGuid() == id);
        Assert.Equal((why, whole), (hit.GetProperty("why").GetString(), hit.GetProperty("isWhole").GetBoolean()));
        Assert.Equal("测试支部Q1", hit.GetProperty("branchName").GetString());
    }

    [Theory]
    [InlineData("阿卜杜热依木·买买提")]
    [InlineData("阿卜杜热依木•买买提")]
    [InlineData("阿卜杜热依木买")]
    [InlineData("abdrymmmt")]
    [InlineData("𠮷野𡈽")]
    public async Task Names_with_dots_and_rare_characters_are_found_however_they_are_typed(string words)
    {
        var dotted = await OnceAsync("Q1", 22, "阿卜杜热依木·买买提");
        var rare = await OnceAsync("Q1", 23, "𠮷野𡈽");
        var hit = Assert.Single(Hits(await Clerk.PostAsync("/api/v1/search", new { words }), "members"));
        Assert.Equal(words[0] == '\uD842' ? rare : dotted, hit.GetProperty("member").GetProperty("id").GetGuid());
    }

    [Fact]
    public async Task Whole_numbers_find_their_member_masked_and_the_trail_says_who_was_shown_but_not_what_was_typed()
    {
        var id = await OnceAsync("Q1", 24, "翟试");
        string[] typed = [Seeded.IdNumber(24), Fifteen(24), $" {Seeded.IdNumber(24)[..6]} {Seeded.IdNumber(24)[6..]}",
            "13900000024", "+86 139-0000-0024", id.ToString()];
        foreach (var words in typed)
        {
            var reply = await Clerk.PostAsync("/api/v1/search", new { words });
            var hit = Assert.Single(Hits(reply, "members"));
            Assert.Equal(id, hit.GetProperty("member").GetProperty("id").GetGuid());
            Assert.DoesNotContain(Seeded.IdNumber(24), reply.Text, StringComparison.Ordinal);
            Assert.DoesNotContain("13900000024", reply.Text, StringComparison.Ordinal);
        }
        var trail = (await registry.As("auditor").GetAsync($"/api/v1/members/{id}/trail")).Ok.GetProperty("items");
        Assert.Equal(typed.Length,
            trail.EnumerateArray().Count(t => t.GetProperty("action").GetString() == "Found"));
        Assert.All(trail.EnumerateArray().Skip(1),
            t => Assert.Equal(JsonValueKind.Null, t.GetProperty("body").ValueKind));
    }

    [Fact]
    public async Task A_mistyped_number_is_told_apart_from_an_unknown_one()
    {
        var number = Seeded.IdNumber(25);
        var wrong = number[..17] + (number[17] == '0' ? '1' : '0');
        var read = (await Clerk.PostAsync("/api/v1/search", new { words = wrong })).Ok.GetProperty("readAs")[0];
        Assert.Equal(("idNumber", "checkCharacter"),
            (read.GetProperty("kind").GetString(), read.GetProperty("fault").GetString()));
        var unknown = (await Clerk.PostAsync("/api/v1/search", new { words = Seeded.IdNumber(99_999) })).Ok;
        Assert.Equal(JsonValueKind.Null, unknown.GetProperty("readAs")[0].GetProperty("fault").ValueKind);
        Assert.Empty(unknown.GetProperty("members").GetProperty("items").EnumerateArray());
    }

    [Fact]
    public async Task A_case_is_found_on_either_side_by_its_number_its_person_and_the_persons_name()
    {
        var seeded = await Seeded.CreateAsync(registry, "Q2");
        var member = await Seeded.MemberAsync(registry, seeded.Branch, 31, "曾试远");
        var home = (await registry.As("branch-secretary", seeded.BranchPath).PostAsync("/api/v1/outbound-cases",
            new { memberId = member, hostRegion = "140105", reason = "1", departsOn = "2026-03-01" })).Id("caseId");
        var host = (await registry.As("committee-clerk", ScopeMatrix.HostPath).PostAsync("/api/v1/inbound-cases", new
        {
            homeRegion = "140105", hostRegion = "141023", name = "曾试近", idNumber = Seeded.IdNumber(32),
            arrivedOn = "2026-03-01", documentShown = "NON",
        })).Id();
        var both = registry.As("committee-clerk", "140000/141000/");
        Assert.Equal([home], await CardsAsync(both, home.ToString()));
        Assert.Equal([home], await CardsAsync(both, Seeded.IdNumber(31)));
        Assert.Equal([host], await CardsAsync(both, Seeded.IdNumber(32)));
        Assert.Equal([home], await CardsAsync(both, "曾试远"));
        Assert.Equal([host], await CardsAsync(both, "zengshijin"));
        Assert.Equal([home, host], (await CardsAsync(both, "zsy", "曾试")).Order());
        Assert.Equal([host], await CardsAsync(registry.As("liaison-officer", ScopeMatrix.HostPath), "曾试"));
    }

    [Fact]
    public async Task An_organisation_is_found_by_code_and_by_any_part_of_its_name_the_nearest_first()
    {
        var seeded = await Seeded.CreateAsync(registry, "Q3");
        var admin = registry.As("tier-administrator");
        async Task<Guid> FoundAsync(string code, string name) => (await admin.PostAsync("/api/v1/organisations",
            new { code, name, type = "BRA", parentId = seeded.Committee, creditCode = "91350100M000100Y43" })).Id();
        var (far, near) = (await FoundAsync("Q3X", "第二望海楼支部"), await FoundAsync("Q3Y", "望海楼支部"));
        Assert.Equal([near, far], await OrganisationsAsync("望海楼"));
        Assert.Equal([far], await OrganisationsAsync("Q3X"));
        Assert.Equal([near, far], (await OrganisationsAsync("91350100M000100Y43")).OrderDescending());
        Assert.Equal([far], await OrganisationsAsync(far.ToString()));
        var today = DateOnly.FromDateTime(DateTime.UtcNow.AddHours(8));
        (await admin.PatchAsync($"/api/v1/organisations/{near}", new { name = "听涛阁支部" })).Id();
        Assert.Equal([far], await OrganisationsAsync("望海楼"));
        Assert.Equal([near], await OrganisationsAsync("涛阁"));
        (await admin.PostAsync($"/api/v1/organisations/{near}/move",
            new { toParentId = seeded.Top, on = today, reason = "调整" })).Id();
        Assert.Equal([near], await OrganisationsAsync("涛阁"));
        Assert.Empty(await OrganisationsAsync("涛阁", seeded.CommitteePath));
        (await admin.PostAsync($"/api/v1/organisations/{near}/dissolve",
            new { on = today })).Id();
        Assert.Empty(await OrganisationsAsync("涛阁"));

        async Task<Guid[]> OrganisationsAsync(string words, string org = RegistryFixture.County) =>
            [.. Hits(await registry.As("analyst", org).PostAsync("/api/v1/search", new { words }), "organisations")
                .Select(h => h.GetProperty("id").GetGuid())];
    }

    [Fact]
    public async Task Everybody_finds_what_their_role_and_place_show_and_nothing_else()
    {
        var seeded = await Seeded.CreateAsync(registry, "Q4");
        await Seeded.MemberAsync(registry, seeded.Branch, 41, "瞿试一");
        var other = await Seeded.CreateAsync(registry, "Q5");
        await Seeded.MemberAsync(registry, other.Branch, 42, "瞿试二");
        var ask = new { words = "瞿试" };
        Assert.Equal(["瞿试一", "瞿试二"], MembersOf(await Clerk.PostAsync("/api/v1/search", ask)).Order());
        Assert.Equal(["瞿试二"], MembersOf(await registry.As("branch-secretary", other.BranchPath)
            .PostAsync("/api/v1/search", ask)));
        Assert.Empty(MembersOf(await registry.As("committee-clerk", ScopeMatrix.HostPath)
            .PostAsync("/api/v1/search", ask)));
        Assert.Empty(MembersOf(await registry.As("analyst").PostAsync("/api/v1/search", ask)));
        var refused = await registry.As("analyst").PostAsync("/api/v1/search",
            new { words = "瞿试", kinds = new[] { "members" } });
        Assert.Equal((403, "ROLE_NOT_ALLOWED"), (refused.Status, refused.Code));
    }

    [Fact]
    public async Task At_most_twenty_are_shown_and_the_reply_says_that_there_are_more()
    {
        var seeded = await Seeded.CreateAsync(registry, "Q6");
        for (var i = 0; i < 21; i++) await Seeded.MemberAsync(registry, seeded.Branch, 60 + i, i == 20 ? "蔺试" : "蔺试多");
        var members = (await Clerk.PostAsync("/api/v1/search", new { words = "蔺试" })).Ok.GetProperty("members");
        Assert.Equal(20, members.GetProperty("items").GetArrayLength());
        Assert.True(members.GetProperty("more").GetBoolean());
        Assert.Equal("蔺试", members.GetProperty("items")[0].GetProperty("member").GetProperty("name").GetString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("\u0007")]
    [InlineData("long")]
    public async Task Words_that_cannot_be_looked_for_are_refused(string words)
    {
        var reply = await Clerk.PostAsync("/api/v1/search",
            new { words = words == "long" ? new string('长', 101) : words });
        Assert.Equal((400, "INPUT_INVALID"), (reply.Status, reply.Code));
    }

    [Fact]
    public async Task A_reading_follows_its_member_to_another_branch_a_new_name_and_out_of_the_register()
    {
        var seeded = await Seeded.CreateAsync(registry, "Q7");
        var id = await Seeded.MemberAsync(registry, seeded.Branch, 91, "单试行");
        async Task<int> FoundAsync(string words, string org) => Hits(await registry.As("committee-clerk", org)
            .PostAsync("/api/v1/search", new { words }), "members").Count;
        Assert.Equal(1, await FoundAsync("danshixing", seeded.BranchPath));
        var target = (await registry.As("tier-administrator").PostAsync("/api/v1/organisations",
            new { code = "Q7T", name = "测试支部Q7T", type = "BRA", parentId = seeded.Committee })).Id();
        await using (var move = registry.Behind.CreateCommand("update member set branch_id = $2, branch_path = $3, "
            + "held_since = current_date + 1 where id = $1"))
        {
            foreach (object value in new object[] { id, target, seeded.CommitteePath + "Q7T/" })
                move.Parameters.Add(new() { Value = value });
            await move.ExecuteNonQueryAsync();
        }
        Assert.Equal(0, await FoundAsync("danshixing", seeded.BranchPath));
        Assert.Equal(1, await FoundAsync("danshixing", seeded.CommitteePath + "Q7T/"));
        (await Clerk.PatchAsync($"/api/v1/members/{id}", new { name = "贾试星", reason = "更名" })).Id();
        Assert.Equal(0, await FoundAsync("danshixing", RegistryFixture.County));
        Assert.Equal(1, await FoundAsync("jiashixing", RegistryFixture.County));
        Assert.Equal(1, await FoundAsync("gushixing", RegistryFixture.County));
        var readings = $"select count(*) from name_reading where id = '{id}'";
        Assert.True(await registry.CountAsync(readings) > 0);
        await using var remove = registry.Behind.CreateCommand("delete from member where id = $1");
        remove.Parameters.Add(new() { Value = id });
        Assert.Equal(1, await remove.ExecuteNonQueryAsync());
        Assert.Equal(0, await registry.CountAsync(readings));
    }

    /// <summary>The branch moved between the reading of its path and the writing of the member.</summary>
    [Fact]
    public async Task Readings_and_figures_of_a_new_member_stand_where_the_branch_stands_not_where_it_was_read()
    {
        var seeded = await Seeded.CreateAsync(registry, "Q8");
        var like = await Seeded.MemberAsync(registry, seeded.Branch, 92, "单试移");
        var late = Guid.CreateVersion7();
        await using (var add = registry.Behind.CreateCommand("""
            insert into member select (jsonb_populate_record(m, jsonb_build_object('id', $2::uuid,
                'branch_path', '140000/was/elsewhere/', 'id_number_index', '\\x00'))).*
            from member m where m.id = $1
            """))
        {
            add.Parameters.Add(new() { Value = like });
            add.Parameters.Add(new() { Value = late });
            Assert.Equal(1, await add.ExecuteNonQueryAsync());
        }
        Assert.Equal(1, await registry.CountAsync($"""
            select count(*) from member where id = '{late}' and branch_path = '{seeded.BranchPath}'
            """));
        var readings = $"select count(*) from name_reading where id = '{late}'";
        Assert.Equal(await registry.CountAsync($"select count(*) from name_reading where id = '{like}'"),
            await registry.CountAsync($"{readings} and path = '{seeded.BranchPath}'"));
        Assert.Equal(0, await registry.CountAsync($"{readings} and path <> '{seeded.BranchPath}'"));
        Assert.Equal(1, await registry.CountAsync($"""
            select count(*) from figure_span where subject_id = '{late}' and side = 'held' and superseded_at is null
                and path = '{seeded.BranchPath}'
            """));
    }

    private static List<string?> MembersOf(Reply reply) => [.. Hits(reply, "members")
        .Select(h => h.GetProperty("member").GetProperty("name").GetString())];

    private static async Task<List<Guid>> CardsAsync(Api api, params string[] words)
    {
        var cards = new List<Guid>();
        foreach (var word in words)
            cards.AddRange(Hits(await api.PostAsync("/api/v1/search", new { words = word }), "cases")
                .Select(h => h.GetProperty("cardId").GetGuid()));
        return [.. cards.Distinct()];
    }

    private static List<JsonElement> Hits(Reply reply, string kind) =>
        [.. reply.Ok.GetProperty(kind).GetProperty("items").EnumerateArray()];

    // The old form of 15 digits.
    private static string Fifteen(int number) => Seeded.IdNumber(number) is var id ? id[..6] + id[8..17] : "";

    /// <summary>One member for all rows of a theory.</summary>
    private async Task<Guid> OnceAsync(string code, int number, string name)
    {
        var known = Hits(await Clerk.PostAsync("/api/v1/search", new { words = Seeded.IdNumber(number) }), "members");
        if (known.Count > 0) return known[0].GetProperty("member").GetProperty("id").GetGuid();
        var branches = Hits(await Clerk.PostAsync("/api/v1/search", new { words = $"{code}B" }), "organisations");
        var branch = branches.Count > 0 ? branches[0].GetProperty("id").GetGuid()
            : (await Seeded.CreateAsync(registry, code)).Branch;
        return await Seeded.MemberAsync(registry, branch, number, name);
    }
}
