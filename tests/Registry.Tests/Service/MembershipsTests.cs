using System.Text;
using System.Text.Json;
using Platform.Testing;
using Registry.Roster;
using Registry.Tests.Roster;

namespace Registry.Tests.Service;

/// <summary>Memberships moved, ended, resumed over HTTP: who is counted, who is found, what the trail says.</summary>
public sealed class MembershipsTests(RegistryFixture registry) : IClassFixture<RegistryFixture>
{
    private static readonly string Now =
        DateTime.UtcNow.AddHours(8).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);

    private Api Clerk => registry.As("committee-clerk");

    [Fact, Trait("mechanism", "M-101")]
    public async Task Who_left_is_counted_nowhere_found_by_name_and_never_deleted()
    {
        var seeded = await Seeded.CreateAsync(registry, "M1");
        var member = await Seeded.MemberAsync(registry, seeded.Branch, 1101, "翟离去");
        await Seeded.MemberAsync(registry, seeded.Branch, 1102, "翟留下");
        await PastAsync(seeded, member);
        Assert.Equal(2, await HeldOnAsync(seeded.Branch, "2026-02-09"));
        var key = Guid.CreateVersion7();
        foreach (var _ in new[] { 1, 2 })
        {
            var ended = await EndAsync(member, new { because = "DEC", on = "2026-02-10", reason = "病故，家属报告" }, key);
            Assert.Equal(("2026-02-10", "DEC"), (ended.Ok.GetProperty("endedOn").GetString(),
                ended.Ok.GetProperty("endedBecause").GetString()));
        }
        // Every list and count of today is without the member, every past day as it was.
        Assert.Equal((2, 1, 1), (await HeldOnAsync(seeded.Branch, "2026-02-09"),
            await HeldOnAsync(seeded.Branch, "2026-02-10"), await HeldOnAsync(seeded.Branch, Now)));
        Assert.Equal(1, await FigureAsync(seeded.Branch, ""));
        Assert.Equal(2, await FigureAsync(seeded.Branch, "&on=2026-02-09"));
        Assert.Single(Items(await Clerk.GetAsync($"/api/v1/members?branchId={seeded.Branch}")));
        Assert.Equal(1, (await Clerk.GetAsync($"/api/v1/quality/organisations/{seeded.Branch}")).Ok
            .GetProperty("members").GetInt32());
        var export = (await Clerk.PostAsync("/api/v1/exports/members",
            new { reason = "核对", format = "csv", organisationId = seeded.Branch })).Text;
        Assert.Contains("翟留下", export, StringComparison.Ordinal);
        Assert.DoesNotContain("翟离去", export, StringComparison.Ordinal);
        // The archive stays where it was, says what became of it, and is found.
        Assert.Equal("DEC", (await Clerk.GetAsync($"/api/v1/members/{member}")).String("endedBecause"));
        Assert.Equal(200, (await Clerk.GetAsync($"/api/v1/members/{member}/history")).Status);
        Assert.Equal("2026-02-10", (await Clerk.GetAsync($"/api/v1/members/{member}/memberships")).Ok[0]
            .GetProperty("until").GetString());
        Assert.Equal(member, (await Clerk.PostAsync("/api/v1/search", new { words = "翟离去" })).Ok.GetProperty("members")
            .GetProperty("items")[0].GetProperty("member").GetProperty("id").GetGuid());
        var trail = (await registry.As("auditor").GetAsync($"/api/v1/members/{member}/trail")).Ok.GetProperty("items")
            .EnumerateArray().Where(t => t.GetProperty("action").GetString() == "MembershipEnded").ToList();
        Assert.Equal("病故，家属报告", Assert.Single(trail).GetProperty("reason").GetString());
    }

    [Fact]
    public async Task Who_left_is_not_amended_sent_out_or_registered_again_and_comes_back_by_being_resumed()
    {
        var seeded = await Seeded.CreateAsync(registry, "M2");
        var member = await Seeded.MemberAsync(registry, seeded.Branch, 1201);
        await PastAsync(seeded, member);
        Assert.Equal("INPUT_INVALID", (await EndAsync(member, new { because = "XXX", on = Now, reason = "误" })).Code);
        Assert.Equal("MEMBERSHIP_DATE_AHEAD",
            (await EndAsync(member, new { because = "TRO", on = "2999-01-01", reason = "转出" })).Code);
        (await EndAsync(member, new { because = "TRO", on = "2026-02-01", reason = "转往外省" })).Id();
        Assert.Equal("MEMBER_ENDED", (await EndAsync(member, new { because = "TRO", on = Now, reason = "转出" })).Code);
        Assert.Equal("MEMBER_ENDED", (await Clerk.PatchAsync($"/api/v1/members/{member}", new { phone = "" })).Code);
        Assert.Equal("MEMBER_EXISTS",
            (await Clerk.PostAsync("/api/v1/members", Seeded.Member(seeded.Branch, 1201))).Code);
        Assert.Equal("MEMBER_NOT_FOUND", (await registry.As("branch-secretary", seeded.BranchPath).PostAsync(
            "/api/v1/outbound-cases",
            new { memberId = member, hostRegion = "140105", reason = "1", departsOn = "2026-03-01" })).Code);
        var row = new Dictionary<string, string>(Workbooks.Member(1))
        {
            ["branch"] = "M2B", ["id-number"] = Seeded.IdNumber(1201), ["born-on"] = "1961-01-01",
        };
        var load = (await Clerk.UploadAsync("/api/v1/rosters?region=141022&fileName=a.csv",
            Encoding.UTF8.GetBytes(Workbooks.Csv(RosterSheet.Members, row)))).Ok;
        Assert.Equal("MEMBER_ELSEWHERE", load.GetProperty("problems")[0].GetProperty("rule").GetString());

        Assert.Equal("MEMBERSHIP_DATE_TOO_EARLY", (await ResumeAsync(member, "2026-01-31")).Code);
        (await ResumeAsync(member, "2026-02-15")).Id();
        Assert.Equal("MEMBERSHIP_HELD", (await ResumeAsync(member, Now)).Code);
        var held = new[]
        {
            await HeldOnAsync(seeded.Branch, "2026-01-31"), await HeldOnAsync(seeded.Branch, "2026-02-01"),
            await HeldOnAsync(seeded.Branch, "2026-02-14"), await HeldOnAsync(seeded.Branch, "2026-02-15"),
            await FigureAsync(seeded.Branch, ""),
        };
        Assert.Equal([1, 0, 0, 1, 1], held);
        Assert.Equal(200, (await Clerk.PatchAsync($"/api/v1/members/{member}", new { phone = "" })).Status);
    }

    [Fact]
    public async Task Who_is_out_under_an_open_case_moves_with_the_case_and_does_not_leave_before_it_ends()
    {
        var seeded = await Seeded.CreateAsync(registry, "M3");
        var other = (await registry.As("tier-administrator").PostAsync("/api/v1/organisations",
            new { code = "M3N", name = "迁入支部", type = "BRA", parentId = seeded.Committee })).Id();
        var member = await Seeded.MemberAsync(registry, seeded.Branch, 1301);
        var outbound = await seeded.AwayAsync(registry, member);
        Assert.Equal("MEMBERSHIP_CASE_OPEN",
            (await EndAsync(member, new { because = "RES", on = Now, reason = "本人申请" })).Code);
        // Neither branch alone may be out of the caller's reach.
        foreach (var org in new[] { seeded.BranchPath, $"{seeded.CommitteePath}M3N/" })
            Assert.Equal(404, (await registry.As("committee-clerk", org).PostAsync(
                $"/api/v1/members/{member}/membership/move",
                new { branchId = other, on = Now, reason = "就近" })).Status);
        var moved = (await registry.As("committee-clerk", seeded.CommitteePath).PostAsync(
            $"/api/v1/members/{member}/membership/move", new { branchId = other, on = Now, reason = "就近" })).Ok;
        Assert.Equal(other, moved.GetProperty("branchId").GetGuid());
        Assert.Equal(1, await registry.CountAsync($"select count(*) from outbound_card where id = '{outbound}' "
            + $"and home_path = '{seeded.CommitteePath}M3N/'"));
        Assert.Equal((0, 1), (await HeldOnAsync(seeded.Branch, Now), await HeldOnAsync(other, Now)));
        // Not into a committee, which holds no members.
        Assert.Equal("MEMBER_BRANCH_WRONG", (await Clerk.PostAsync($"/api/v1/members/{member}/membership/move",
            new { branchId = seeded.Committee, on = Now, reason = "就近" })).Code);
    }

    // The register was typed in today; what it says of earlier days is set as if it had been kept then.
    private async Task PastAsync(Seeded seeded, Guid member)
    {
        await using var command = registry.Behind.CreateCommand($"""
            update organisation_spell set from_on = '2026-01-05' where organisation_id = '{seeded.Branch}';
            update organisation set founded_on = '2026-01-05' where id = '{seeded.Branch}';
            update membership_spell set from_on = '2026-01-05' where branch_id = '{seeded.Branch}';
            update member set held_since = '2026-01-05' where branch_id = '{seeded.Branch}'
            """);
        Assert.True(await command.ExecuteNonQueryAsync() > 0, $"{member}");
    }

    private Task<Reply> EndAsync(Guid member, object body, Guid? key = null) =>
        Clerk.PostAsync($"/api/v1/members/{member}/membership/end", body, key);

    private Task<Reply> ResumeAsync(Guid member, string on) =>
        Clerk.PostAsync($"/api/v1/members/{member}/membership/resume", new { on, reason = "原转出未成" });

    private async Task<int> HeldOnAsync(Guid branch, string day) => Items(await registry.As("committee-clerk")
        .GetAsync($"/api/v1/organisations/{branch}/members?asOf={day}")).Length;

    private async Task<int> FigureAsync(Guid branch, string day) => Figures.PublishedTablesTests.Count((await registry
        .As("analyst").GetAsync($"/api/v1/figures?organisationId={branch}{day}")).Ok, "headcount");

    private static JsonElement[] Items(Reply reply) => [.. reply.Ok.GetProperty("items").EnumerateArray()];
}
