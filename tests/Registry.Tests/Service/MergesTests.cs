using System.Globalization;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Platform.Hosting;
using Platform.Testing;
using Registry.Service.Persistence;

namespace Registry.Tests.Service;

/// <summary>
/// Merges on PostgreSQL: undone, every row of every table that names the two is what it was. Seeded; 24 of them, or as
/// many as the environment variable MERGES says.
/// </summary>
public sealed class MergesTests(RegistryFixture registry) : IClassFixture<RegistryFixture>
{
    private const int People = 9, Seed = 20260301;

    private static readonly int Merges = int.Parse(
        Environment.GetEnvironmentVariable("MERGES") ?? "24", CultureInfo.InvariantCulture);

    [Fact, Trait("mechanism", "M-101"), Trait("mechanism", "M-075")]
    public async Task Random_merges_are_undone_to_the_last_column_of_the_last_link()
    {
        var seeded = await Seeded.CreateAsync(registry, "G1");
        var random = new Random(Seed);
        var clerk = registry.As("committee-clerk");
        var people = await PeopleAsync(seeded);
        var before = await SnapshotAsync();
        Assert.Contains(Seeded.IdNumber(600), before, StringComparison.Ordinal);
        foreach (var (table, least) in new[] { ("outbound_card", 3), ("member_class", People), ("appointment", People),
            ("member_request", 6), ("certificate_review", 3), ("screening_finding", 4), ("membership_spell", 12) })
            Assert.True(await registry.CountAsync($"select count(*) from {table} where member_id is not null") >= least,
                table);
        var (standing, there, refused) = (new List<Guid>(), people.ToHashSet(), 0);
        for (var done = 0; done < Merges || standing.Count > 0;)
        {
            if (done < Merges && there.Count > 3 && random.Next(3) > 0)
            {
                var two = there.OrderBy(_ => random.Next()).Take(2).ToArray();
                string[] fields = [.. Registry.Members.MemberFields.All.Where(_ => random.Next(2) == 0)
                    .Select(f => f.Name)];
                var key = Guid.CreateVersion7();
                var body = new { keptId = two[0], goneId = two[1], reason = "同一人", fromGone = fields };
                var merged = await clerk.PostAsync("/api/v1/member-merges", body, key);
                if (merged.Code == "MERGE_BOTH_AWAY") continue;
                if (done % 6 == 0)
                    Assert.Equal(merged.Id(), (await clerk.PostAsync("/api/v1/member-merges", body, key)).Id());
                Assert.Equal(404, (await clerk.GetAsync($"/api/v1/members/{two[1]}")).Status);
                Assert.Equal(0, await registry.CountAsync(
                    $"select count(*) from outbound_card where member_id = '{two[1]}'"));
                there.Remove(two[1]);
                standing.Add(merged.Id());
                done++;
            }
            else if (standing.Count > 0)
            {
                var pick = standing[random.Next(standing.Count)];
                var undone = await clerk.PostAsync($"/api/v1/member-merges/{pick}/undo", new { reason = "弄错了" });
                if (undone.Code == "MERGE_LATER_FIRST")
                {
                    refused++;
                    continue;
                }
                there.Add(undone.Id("goneId"));
                standing.Remove(pick);
            }
            else if (done >= Merges) break;
        }
        Assert.Equal(before, await SnapshotAsync());
        Assert.True(refused > 0);
        Assert.Equal(Merges, await registry.CountAsync(
            $"select count(*) from member_merge where undone_at is not null and path like '{seeded.CommitteePath}%'"));
    }

    /// <summary>People whom everything names that can name a member; some were held by two branches.</summary>
    private async Task<List<Guid>> PeopleAsync(Seeded seeded)
    {
        var (clerk, people) = (registry.As("committee-clerk"), new List<Guid>());
        for (var i = 0; i < People; i++)
        {
            var id = await Seeded.MemberAsync(registry, seeded.Branch, 600 + i, $"测试{(char)('甲' + i)}");
            people.Add(id);
            (await clerk.PostAsync($"/api/v1/members/{id}/classifications",
                new { axis = "class", code = i % 2 == 0 ? "ELD" : "NOP", fromOn = "2026-01-01" })).Id();
            (await clerk.PostAsync($"/api/v1/organisations/{seeded.Branch}/appointments",
                new { kind = "post", code = i % 2 == 0 ? "INF" : "EMP", from = "2026-01-01", memberId = id })).Id();
            if (i % 3 != 2)
                (await clerk.PostAsync($"/api/v1/members/{id}/requests",
                    new { kind = "change", about = "phone", text = $"换号{i}" })).Id();
            if (i % 3 != 0) continue;
            var away = await seeded.AwayAsync(registry, id);
            (await clerk.PostAsync($"/api/v1/outbound-cases/{away}/certificate-reviews",
                new { year = 2026, result = "PAS", appraisal = $"按期汇报{i}" })).Id();
        }
        await ScreenAsync(seeded);
        // Held since before today, so that the branch's division gives each of them a second spell.
        await using (var since = registry.Behind.CreateCommand("""
            update organisation_spell set from_on = '2026-01-01' where from_on > '2026-01-01';
            update membership_spell set from_on = '2026-01-01' where from_on > '2026-01-01'
            """))
            await since.ExecuteNonQueryAsync();
        (await registry.As("tier-administrator").PostAsync($"/api/v1/organisations/{seeded.Branch}/split", new
        {
            on = DateOnly.FromDateTime(DateTime.UtcNow.AddHours(8)), reason = "分设",
            parts = new[] { new { code = "G1P", name = "测试分设支部", type = "BRA", memberIds = people[..3] } },
        })).Id();
        return people;
    }

    /// <summary>Four of them were looked for at home.</summary>
    private async Task ScreenAsync(Seeded seeded)
    {
        var secretary = registry.As("branch-secretary", seeded.BranchPath);
        var screening = (await registry.As("committee-clerk").PostAsync("/api/v1/screenings", new
        {
            organisationId = seeded.Committee, name = "排查", kind = "members", fromOn = "2026-02-01",
            untilOn = "2026-02-28",
        })).Id();
        var sheet = (await secretary.PostAsync($"/api/v1/screenings/{screening}/sheet",
            new { branchId = seeded.Branch, reason = "入户排查" })).Body;
        var filled = FilledSheet.Fill(sheet, [.. Enumerable.Range(4, 4).Select(row => (row, "H", "找到"))]);
        Assert.Equal(200, (await secretary.UploadAsync(
            $"/api/v1/screenings/{screening}/results?branchId={seeded.Branch}", filled)).Status);
    }

    [Fact]
    public async Task Two_archives_stand_side_by_side_and_what_changes_after_a_merge_stays()
    {
        var seeded = await Seeded.CreateAsync(registry, "G2");
        var kept = await Seeded.MemberAsync(registry, seeded.Branch, 701, "测试子");
        var gone = await Seeded.MemberAsync(registry, seeded.Branch, 702, "测试丑");
        var clerk = registry.As("committee-clerk", seeded.CommitteePath);
        var beside = (await clerk.GetAsync($"/api/v1/members/{kept}/beside/{gone}")).Ok;
        var phone = beside.GetProperty("fields").EnumerateArray()
            .Single(f => f.GetProperty("field").GetString() == "phone");
        Assert.Equal(("139****0701", "139****0702", false), (phone.GetProperty("first").GetString(),
            phone.GetProperty("second").GetString(), phone.GetProperty("same").GetBoolean()));
        var merge = (await clerk.PostAsync("/api/v1/member-merges", new
        {
            keptId = kept, goneId = gone, reason = "同一人", fromGone = new[] { "idNumber", "name" },
        })).Id();
        Assert.Equal("测试丑", (await clerk.GetAsync($"/api/v1/members/{kept}")).String("name"));
        (await clerk.PatchAsync($"/api/v1/members/{kept}", new { employer = "后来的单位" })).Id();
        (await clerk.PostAsync($"/api/v1/member-merges/{merge}/undo", new { reason = "两人" })).Id();
        var after = await clerk.GetAsync($"/api/v1/members/{kept}");
        Assert.Equal(("测试子", "后来的单位"), (after.String("name"), after.String("employer")));
        Assert.Equal("测试丑", (await clerk.GetAsync($"/api/v1/members/{gone}")).String("name"));
        Assert.Equal("MERGE_UNDONE",
            (await clerk.PostAsync($"/api/v1/member-merges/{merge}/undo", new { reason = "再来" })).Code);
        var names = (await clerk.GetAsync($"/api/v1/members/{kept}/history")).Ok.GetProperty("fields")[0]
            .GetProperty("values").EnumerateArray().Select(v => v.GetProperty("kind").GetString());
        Assert.Equal(["registered", "merged", "unmerged"], names);
    }

    [Fact, Trait("mechanism", "M-075")]
    public async Task A_pair_is_found_from_either_archive_and_a_merge_tells_who_did_what()
    {
        var seeded = await Seeded.CreateAsync(registry, "G3");
        var one = await Seeded.MemberAsync(registry, seeded.Branch, 711, "测试寅");
        var two = await Seeded.MemberAsync(registry, seeded.Branch, 712, "测试寅");
        var clerk = registry.As("committee-clerk", seeded.CommitteePath);
        (await clerk.PostAsync("/api/v1/duplicates/runs", new { organisationId = seeded.Branch })).Ok.ToString();
        foreach (var (member, other) in new[] { (one, two), (two, one) })
        {
            var pair = Assert.Single((await clerk.GetAsync($"/api/v1/duplicates?memberId={member}")).Ok
                .GetProperty("items").EnumerateArray()).GetProperty("id").GetGuid();
            Assert.Equal(pair, (await clerk.GetAsync($"/api/v1/members/{member}/beside/{other}")).Ok
                .GetProperty("pair").GetProperty("id").GetGuid());
        }
        Assert.Single((await clerk.GetAsync($"/api/v1/duplicates?organisationId={seeded.Branch}")).Ok
            .GetProperty("items").EnumerateArray());
        Assert.Equal(404, (await clerk.GetAsync($"/api/v1/duplicates?organisationId={seeded.Top}")).Status);

        var merge = (await clerk.PostAsync("/api/v1/member-merges",
            new { keptId = one, goneId = two, reason = "重复建档", fromGone = new[] { "phone" } })).Id();
        (await clerk.PatchAsync($"/api/v1/members/{one}", new { employer = "后来的单位" })).Id();
        var shown = (await clerk.GetAsync($"/api/v1/member-merges/{merge}")).Ok;
        var phone = shown.GetProperty("fields").EnumerateArray()
            .Single(f => f.GetProperty("field").GetString() == "phone");
        Assert.Equal(("139****0711", "139****0712", "139****0712", true), (phone.GetProperty("kept").GetString(),
            phone.GetProperty("gone").GetString(), phone.GetProperty("after").GetString(),
            phone.GetProperty("fromGone").GetBoolean()));
        Assert.Equal(["employer"], shown.GetProperty("staysChanged").EnumerateArray().Select(f => f.GetString()));
        Assert.Equal(merge, Assert.Single((await clerk.GetAsync($"/api/v1/member-merges?memberId={two}&newest=true"))
            .Ok.GetProperty("items").EnumerateArray()).GetProperty("id").GetGuid());
        (await clerk.PostAsync($"/api/v1/member-merges/{merge}/undo", new { reason = "是两人" })).Id();
        Assert.Equal(["重复建档", "是两人"], (await clerk.GetAsync($"/api/v1/member-merges/{merge}")).Ok
            .GetProperty("acts").EnumerateArray().Select(a => a.GetProperty("reason").GetString()));
    }

    // xmin and the places of rows change, and sealed again a text has other bytes; what the rows say does not.
    private async Task<string> SnapshotAsync()
    {
        await using var command = registry.Behind.CreateCommand("""
            select string_agg(line, E'\n' order by line) from (
                select 'm' || (to_jsonb(m) - 'id_number' - 'phone' - 'residence')::text as line from member m
                union all select 'o' || (to_jsonb(o) - 'facts' - 'peer_facts')::text from outbound_card o
                union all select 'c' || to_jsonb(c)::text from member_class c
                union all select 'a' || to_jsonb(a)::text from appointment a
                union all select 'q' || to_jsonb(q)::text from member_request q
                union all select 'v' || to_jsonb(v)::text from certificate_review v
                union all select 'f' || to_jsonb(f)::text from screening_finding f
                union all select 's' || to_jsonb(s)::text from membership_spell s
                union all select 'g' || (to_jsonb(g) - 'id' - 'recorded_at')::text from figure_span g
                    where superseded_at is null) rows
            """);
        var rows = (string)(await command.ExecuteScalarAsync())!;
        await using var scope = registry.Services.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<CallerContext>().Current = Caller.Service;
        var db = scope.ServiceProvider.GetRequiredService<RegistryDb>();
        var members = await db.Members.AsNoTracking().OrderBy(m => m.Id).ToListAsync();
        var cards = await db.OutboundCards.AsNoTracking().OrderBy(c => c.Id).ToListAsync();
        return $"{rows}\n{JsonSerializer.Serialize(members)}\n{JsonSerializer.Serialize(cards)}";
    }
}
