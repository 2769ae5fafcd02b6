using System.Text.Json;
using Npgsql;
using Platform.CommandLine.Infrastructure;
using Platform.Testing;

namespace Registry.Tests.Service;

/// <summary>Sums of what archives lack are kept by branch: what is listed, what is due, who scores it.</summary>
public sealed class QualityTests(RegistryFixture registry) : IClassFixture<RegistryFixture>
{
    [Fact, Trait("mechanism", "M-074")]
    public async Task Archives_with_faults_are_listed_branch_by_branch_each_once_over_small_pages()
    {
        var seeded = await Seeded.CreateAsync(registry, "PQA");
        var admin = registry.As("tier-administrator");
        var below = (await admin.PostAsync("/api/v1/organisations",
            new { code = "PQAC", name = "测试支部丙", type = "BRA", parentId = seeded.Branch })).Id();
        var beside = (await admin.PostAsync("/api/v1/organisations",
            new { code = "PQAD", name = "测试支部丁", type = "BRA", parentId = seeded.Committee })).Id();
        var all = new HashSet<Guid>();
        foreach (var (branch, number) in new[] { (seeded.Branch, 8101), (seeded.Branch, 8102), (below, 8103),
            (below, 8104), (beside, 8105) }) all.Add(await Seeded.MemberAsync(registry, branch, number));

        var clerk = registry.As("committee-clerk", seeded.CommitteePath);
        var one = all.First();
        await clerk.PatchAsync($"/api/v1/members/{one}", new { education = "11" });
        Assert.Equal(all.Order(), (await WalkAsync(clerk, seeded, "native")).Order());
        Assert.Equal(all.Except([one]).Order(), (await WalkAsync(clerk, seeded, "education")).Order());
        Assert.Empty(await WalkAsync(clerk, seeded, "phone"));
        var lines = await WalkAsync(clerk, seeded, "");
        Assert.Equal(5, lines.Count);
        // Branch by branch: what stands below a branch follows it.
        Assert.Equal(new[] { seeded.Branch, seeded.Branch, below, below, beside },
            await Task.WhenAll(lines.Select(async id => (await clerk.GetAsync($"/api/v1/members/{id}")).Ok
                .GetProperty("branchId").GetGuid())));
    }

    [Fact, Trait("mechanism", "M-074")]
    public async Task A_branch_below_the_last_one_looked_at_is_not_passed_over()
    {
        var seeded = await Seeded.CreateAsync(registry, "PQF");
        var admin = registry.As("tier-administrator");
        var (all, parent) = (new HashSet<Guid>(), seeded.Committee);
        // Twenty branches are looked at at once; the twenty-first stands below the twentieth.
        for (var i = 1; i <= 21; i++)
        {
            var branch = (await admin.PostAsync("/api/v1/organisations",
                new { code = $"PQF{i:D2}", name = $"测试支部{i}", type = "BRA", parentId = parent })).Id();
            all.Add(await Seeded.MemberAsync(registry, branch, 8140 + i));
            if (i == 20) parent = branch;
        }
        var clerk = registry.As("committee-clerk", seeded.CommitteePath);
        Assert.Equal(all.Order(), (await WalkAsync(clerk, seeded, "native", size: 50)).Order());
    }

    [Fact, Trait("mechanism", "M-073")]
    public async Task A_change_that_is_committed_after_a_look_is_in_the_next_look()
    {
        var seeded = await Seeded.CreateAsync(registry, "PQB");
        var id = await Seeded.MemberAsync(registry, seeded.Branch, 8111);
        await using var connection = await registry.Behind.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using var update = new NpgsqlCommand("update member set education = '11' where id = $1", connection)
        {
            Parameters = { new() { Value = id } },
        };
        await update.ExecuteNonQueryAsync();
        Assert.Equal(1, await LackingAsync(seeded, "education"));
        await transaction.CommitAsync();
        Assert.Equal(0, await LackingAsync(seeded, "education"));
    }

    [Fact, Trait("mechanism", "M-073")]
    public async Task Who_moves_to_another_branch_takes_the_faults_along()
    {
        var (from, to) = (await Seeded.CreateAsync(registry, "PQC"), await Seeded.CreateAsync(registry, "PQD"));
        var id = await Seeded.MemberAsync(registry, from.Branch, 8121);
        Assert.Equal((1, 0), (await LackingAsync(from, "education"), await LackingAsync(to, "education")));
        await using var move = registry.Behind.CreateCommand("""
            update member m set branch_id = o.id, branch_path = o.path from organisation o where m.id = $1 and o.id = $2
            """);
        move.Parameters.Add(new() { Value = id });
        move.Parameters.Add(new() { Value = to.Branch });
        await move.ExecuteNonQueryAsync();
        Assert.Equal((0, 1), (await LackingAsync(from, "education"), await LackingAsync(to, "education")));
    }

    [Fact, Trait("mechanism", "M-073")]
    public async Task Archives_are_scored_though_nobody_looks()
    {
        var seeded = await Seeded.CreateAsync(registry, "PQE");
        await Seeded.MemberAsync(registry, seeded.Branch, 8131);
        Assert.True(await Wait.UntilAsync(async _ => await registry.CountAsync($"""
            select count(*) from branch_quality q where branch_id = '{seeded.Branch}' and members = 1
                and not exists (select from quality_due d where d.branch_id = q.branch_id)
            """) == 1, TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken));
    }

    private async Task<long> LackingAsync(Seeded seeded, string rule)
    {
        var items = (await registry.As("committee-clerk").GetAsync($"/api/v1/quality/organisations/{seeded.Branch}"))
            .Ok.GetProperty("items").EnumerateArray();
        return items.Where(i => i.GetProperty("rule").GetString() == rule)
            .Select(i => i.GetProperty("count").GetInt64()).SingleOrDefault();
    }

    private static async Task<List<Guid>> WalkAsync(Api clerk, Seeded seeded, string rule, int size = 1)
    {
        var (found, next) = (new List<Guid>(), "");
        do
        {
            var page = (await clerk.GetAsync($"/api/v1/quality/organisations/{seeded.Committee}/members"
                + $"?size={size}&rule={rule}&after={next}")).Ok;
            found.AddRange(page.GetProperty("items").EnumerateArray()
                .Select(i => i.GetProperty("member").GetProperty("id").GetGuid()));
            next = page.GetProperty("next") is { ValueKind: JsonValueKind.String } text ? text.GetString()! : "";
        }
        while (next.Length > 0);
        return found;
    }
}
