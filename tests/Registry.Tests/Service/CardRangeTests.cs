using System.Net.Http.Json;
using System.Text.RegularExpressions;

namespace Registry.Tests.Service;

/// <summary>What the registration card says of how far and when a member goes.</summary>
public sealed partial class CardRangeTests(RegistryFixture registry) : IClassFixture<RegistryFixture>
{
    private static int _number = 700;

    [Theory, Trait("mechanism", "M-111"), Trait("mechanism", "M-124")]
    [InlineData("141023", "市内跨县")]
    [InlineData("140105", "省内跨市")]
    [InlineData("440106", "跨省流动")]
    [InlineData("810000", "出国(境)")]
    [InlineData("710000", "出国(境)")]
    public async Task The_box_of_the_range_is_ticked_by_where_the_member_goes(string hostRegion, string ticked)
    {
        var (seeded, member) = await MemberAsync($"R{hostRegion}");
        var secretary = registry.As("branch-secretary", seeded.BranchPath);
        var outbound = (await secretary.PostAsync("/api/v1/outbound-cases", new
        {
            memberId = member, hostRegion, reason = "1", departsOn = "2026-03-01",
        })).Id("caseId");
        var page = (await secretary.GetAsync($"/api/v1/outbound-cases/{outbound}/card")).Text;
        Assert.Equal([ticked], Ticked(page));
        // Every box of the form is there, once.
        Assert.Equal(6, Row(page).Count(c => c is '☑' or '☐'));
    }

    [Theory, Trait("mechanism", "M-111")]
    [InlineData(true, "乡镇内流动")]
    [InlineData(false, "县内跨乡镇")]
    public async Task Within_the_county_the_branch_that_takes_the_member_in_decides(bool sameTownship, string ticked)
    {
        var (seeded, member) = await MemberAsync(sameTownship ? "RT1" : "RT2");
        var branch = sameTownship ? (await registry.As("tier-administrator").PostAsync("/api/v1/organisations",
            new { code = "RT1N", name = "邻村支部", type = "BRA", parentId = seeded.Committee })).Id()
            : (await Seeded.CreateAsync(registry, "RT3")).Branch;
        var path = sameTownship ? $"{seeded.CommitteePath}RT1N/" : $"{RegistryFixture.County}RT3/RT3B/";
        var outbound = await seeded.AwayAsync(registry, member, new { hostRegion = RegistryFixture.Region });
        var secretary = registry.As("branch-secretary", seeded.BranchPath);
        var card = $"/api/v1/outbound-cases/{outbound}/card";
        // Nobody has taken the member in yet: nothing is ticked, and the form says why.
        var before = (await secretary.GetAsync(card)).Text;
        Assert.Empty(Ticked(before));
        Assert.Contains("接收党支部未定", before, StringComparison.Ordinal);
        await using (var admitted = registry.Behind.CreateCommand($"""
            insert into inbound_card (id, case_id, leg, host_path, host_region, home_region, home_branch, home_contact,
                status, facts, name, id_number_index, certificate_number, arrives_on, document_shown, branch_id,
                branch_name, placement_reason, host_contact, case_key, since, revision, agreement, differences,
                next_step, admitted_on)
            select gen_random_uuid(), id, leg, '{path}', host_region, home_region, '', '', 'Admitted', facts, name,
                id_number_index, '', departs_on, 'CRT', '{branch}', '', '', '', case_key, now(), 1, 'Matched', '', '',
                departs_on from outbound_card where id = '{outbound}'
            """)) Assert.Equal(1, await admitted.ExecuteNonQueryAsync());
        var after = (await secretary.GetAsync(card)).Text;
        Assert.Equal([ticked], Ticked(after));
        Assert.DoesNotContain("接收党支部未定", after, StringComparison.Ordinal);
    }

    [Fact, Trait("mechanism", "M-124")]
    public async Task The_day_that_was_planned_and_the_day_of_leaving_both_stand_on_the_card()
    {
        var (seeded, member) = await MemberAsync("RD1");
        var secretary = registry.As("branch-secretary", seeded.BranchPath);
        var outbound = (await secretary.PostAsync("/api/v1/outbound-cases", new
        {
            memberId = member, hostRegion = "140105", reason = "1", departsOn = "2026-03-01",
            plannedReturnOn = "2027-03-01",
        })).Id("caseId");
        var card = $"/api/v1/outbound-cases/{outbound}/card";
        Assert.Equal(("2026年3月1日", "—", "2026年9月1日", "2027年3月1日"), Days((await secretary.GetAsync(card)).Text));
        Assert.Equal(200, (await PutAsync(new { departedOn = "2026-03-09" })).Status);
        // Six months are counted from the day on which the member really left.
        Assert.Equal(("2026年3月1日", "2026年3月9日", "2026年9月9日", "2027年3月1日"),
            Days((await secretary.GetAsync(card)).Text));
        Assert.Equal("INPUT_INVALID", (await PutAsync(new { departedOn = "2999-01-01" })).Code);

        Task<Platform.Testing.Reply> PutAsync(object detail) => secretary.SendAsync(HttpMethod.Put, $"{card}/detail",
            JsonContent.Create(detail), Guid.CreateVersion7());
    }

    private static (string Planned, string Left, string SixMonths, string Back) Days(string page) =>
        (Value(page, "计划外出"), Value(page, "实际外出"), Value(page, "满6个月"), Value(page, "计划返回"));

    private static string Row(string page) => Value(page, "流动范围");

    private static string[] Ticked(string page) => [.. Tick().Matches(Row(page)).Select(m => m.Groups[1].Value)];

    private static string Value(string page, string title) =>
        Regex.Match(page, $"<th scope=\"row\">{title}</th><td colspan=\"\\d\">(.*?)</td>").Groups[1].Value;

    private async Task<(Seeded Seeded, Guid Member)> MemberAsync(string code)
    {
        var seeded = await Seeded.CreateAsync(registry, code);
        return (seeded, await Seeded.MemberAsync(registry, seeded.Branch, Interlocked.Increment(ref _number)));
    }

    [GeneratedRegex("☑\u202F(\\S+)")]
    private static partial Regex Tick();
}
