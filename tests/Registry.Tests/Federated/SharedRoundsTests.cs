using System.Text.Json;
using Npgsql;
using Registry.Tests.Service;
using static Registry.Tests.Federated.Journey;
using static Registry.Tests.Federated.TierFederation;

namespace Registry.Tests.Federated;

/// <summary>
/// Two counties with nodes of their own find out that they have registered the same person, through the province, which
/// sees keyed hashes without the key.
/// </summary>
[Collection(TierCollection.Name)]
public sealed class SharedRoundsTests(TierFederation tiers)
{
    private static readonly string[] Both = [Home, OwnNode];

    [Fact, Trait("mechanism", "M-075"), Trait("mechanism", "M-101")]
    public async Task Two_counties_learn_who_is_registered_in_both_and_neither_shows_its_list()
    {
        await tiers.MemberAsync(Home);
        await tiers.MemberAsync(OwnNode);
        var twice = new Dictionary<string, Guid>();
        foreach (var region in Both) twice.Add(region, await RegisterAsync(region, Seeded.IdNumber(77_001)));
        var round = await RunAsync();
        foreach (var (region, other) in new[] { (Home, OwnNode), (OwnNode, Home) })
        {
            var hint = Assert.Single((await HintsAsync(region)).EnumerateArray());
            Assert.Equal((other, twice[region]), (Text(hint, "region"),
                hint.GetProperty("member").GetProperty("id").GetGuid()));
            Assert.DoesNotContain(Seeded.IdNumber(77_001), hint.ToString(), StringComparison.Ordinal);
        }

        // The province knows how many, not who; hashes and keys are gone everywhere.
        var closed = (await Province140000().GetAsync("/api/v1/shared-rounds?size=200")).Ok.GetProperty("items")
            .EnumerateArray().Single(r => r.GetProperty("round").GetProperty("id").GetGuid() == round);
        Assert.Equal(1, closed.GetProperty("round").GetProperty("matches").GetInt32());
        foreach (var region in Both)
        {
            Assert.True(closed.GetProperty("sent").GetProperty(region).GetInt32() >= 2);
            Assert.Equal(0, await tiers.NodeOf(region).CountAsync(
                "select (select count(*) from shared_key where part_id = p.id) + (select count(*) from shared_own_hash "
                + $"where part_id = p.id) from shared_part p where round_id = '{round}' and region = '{region}'"));
        }
        Assert.Equal(0, await tiers.NodeOf("140000").CountAsync("select (select count(*) from shared_hash where "
            + $"round_id = '{round}') + (select count(*) from shared_key) + (select count(*) from also_registered)"));

        // People decide; what they found out is remembered when the next round finds the same again.
        var settle = (await HintsAsync(Home))[0].GetProperty("id").GetGuid();
        Assert.Equal("组织关系已转出，待注销", (await Clerk(Home).PostAsync($"/api/v1/duplicates/elsewhere/{settle}/settle",
            new { outcome = "组织关系已转出，待注销" })).String("outcome"));
        Assert.Equal("DUPLICATE_DECIDED", (await Clerk(Home).PostAsync(
            $"/api/v1/duplicates/elsewhere/{settle}/settle", new { outcome = "再说一次" })).Code);
        await RunAsync();
        Assert.Empty((await HintsAsync(Home)).EnumerateArray());
        Assert.Equal(1, (await HintsAsync(OwnNode)).GetArrayLength());
    }

    [Fact]
    public async Task A_round_that_somebody_does_not_join_is_closed_by_people_and_compares_nothing_of_that_region()
    {
        var round = await OpenAsync();
        await JoinAsync(Home, round);
        await EventuallyAsync("the hashes of one region are here", async () => await tiers.NodeOf("140000").CountAsync(
            $"select count(*) from shared_total where round_id = '{round}'") == 1);
        var closed = await Province140000().PostAsync($"/api/v1/shared-rounds/{round}/close");
        Assert.Equal(0, closed.Ok.GetProperty("matches").GetInt32());
        await EventuallyAsync("the region that joined is answered", async () => (await PartAsync(Home, round))
            .GetProperty("answeredAt").ValueKind != JsonValueKind.Null);
        Assert.Equal(0, await tiers.NodeOf("140000").CountAsync(
            $"select count(*) from shared_hash where round_id = '{round}'"));
        // Who joins afterwards is told that it is over; nothing is taken in, and its own hashes go as well.
        await JoinAsync(OwnNode, round);
        await EventuallyAsync("the late region is told", async () => (await PartAsync(OwnNode, round))
            .GetProperty("answeredAt").ValueKind != JsonValueKind.Null);
        Assert.Equal(0, await tiers.NodeOf("140000").CountAsync(
            $"select count(*) from shared_hash where round_id = '{round}'"));
        Assert.Equal(0, await tiers.NodeOf(OwnNode).CountAsync("select count(*) from shared_own_hash h "
            + $"join shared_part p on p.id = h.part_id where p.round_id = '{round}'"));
    }

    [Fact]
    public async Task Hashes_that_arrive_while_the_round_is_closed_are_answered_and_forgotten_with_it()
    {
        var (node, round) = (tiers.NodeOf("140000"), await OpenAsync());
        await using var behind = await node.OpenAsync();
        await ExecuteAsync(behind, "begin; lock table shared_hash in exclusive mode");
        foreach (var region in Both) await JoinAsync(region, round);
        await EventuallyAsync("the hashes wait", () => node.WaitsAsync("%insert into shared_hash%"));
        var closing = Province140000().PostAsync($"/api/v1/shared-rounds/{round}/close");
        await EventuallyAsync("the closing waits for them", () => node.WaitsAsync("%shared_round%for update%"));
        await ExecuteAsync(behind, "commit");
        Assert.Equal(200, (await closing).Status);
        foreach (var region in Both) await AnsweredAsync(region, round);
        Assert.Equal(0, await node.CountAsync($"select count(*) from shared_hash where round_id = '{round}'"));
    }

    [Fact]
    public async Task A_key_that_arrives_while_somebody_joins_is_used()
    {
        var (node, round) = (tiers.NodeOf(OwnNode), await OpenAsync());
        await EventuallyAsync("the own node is invited", async () =>
            (await PartAsync(OwnNode, round)).ValueKind != JsonValueKind.Undefined);
        // Whoever joins waits at the very end: it has seen that there is no key, nobody yet sees that it joined.
        await using var behind = await node.OpenAsync();
        await ExecuteAsync(behind, """
            create function late() returns trigger language plpgsql as
                $$ begin perform pg_advisory_xact_lock(7); return null; end $$;
            create constraint trigger late after update on shared_part deferrable initially deferred
                for each row when (old.joined_at is null and new.joined_at is not null) execute function late();
            """);
        await ExecuteAsync(behind, "select pg_advisory_lock(7)");
        var joining = JoinAsync(OwnNode, round);
        await EventuallyAsync("it waits", () => node.WaitsAsync("commit%"));
        await JoinAsync(Home, round);
        await EventuallyAsync("the key is here or waits", async () => await node.WaitsAsync("%shared_part%")
            || await node.CountAsync("select count(*) from shared_key") > 0);
        await ExecuteAsync(behind, "select pg_advisory_unlock(7)");
        await joining;
        await ExecuteAsync(behind, "drop trigger late on shared_part; drop function late()");
        foreach (var region in Both) await AnsweredAsync(region, round);
    }

    [Fact]
    public async Task A_node_that_serves_one_of_the_regions_may_not_compare_as_it_would_hold_hashes_and_key()
    {
        var admin = tiers.At("141000", "tier-administrator", City);
        var city = await TopAsync(admin, "141000", "测试市委");
        var refused = await admin.PostAsync("/api/v1/shared-rounds",
            new { organisationId = city, regions = Both, reason = "查重" });
        Assert.Equal((409, "SHARED_MATCHER_TAKES_PART"), (refused.Status, refused.Code));
        foreach (var regions in new[] { [Home], [Home, Home], [Home, "150105"], new[] { Home, "140000" } })
        {
            Assert.Equal(400, (await Province140000().PostAsync("/api/v1/shared-rounds",
                new { organisationId = await ProvinceAsync(), regions, reason = "查重" })).Status);
        }
    }

    private async Task<Guid> RunAsync()
    {
        var round = await OpenAsync();
        foreach (var region in Both) await JoinAsync(region, round);
        foreach (var region in Both) await AnsweredAsync(region, round);
        return round;
    }

    private Task AnsweredAsync(string region, Guid round) => EventuallyAsync($"{region} is answered", async () =>
        (await PartAsync(region, round)).GetProperty("answeredAt").ValueKind != JsonValueKind.Null);

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private async Task<Guid> OpenAsync() => (await Province140000().PostAsync("/api/v1/shared-rounds",
        new { organisationId = await ProvinceAsync(), regions = Both, reason = "年度查重" })).Id();

    private async Task JoinAsync(string region, Guid round)
    {
        JsonElement part = default;
        await EventuallyAsync($"{region} is invited", async () => (part = await PartAsync(region, round)).ValueKind
            != JsonValueKind.Undefined && part.GetProperty("invited").GetBoolean());
        var path = $"/api/v1/shared-parts/{part.GetProperty("id").GetGuid()}/join";
        var joined = (await Clerk(region).PostAsync(path)).Ok;
        Assert.NotEqual(JsonValueKind.Null, joined.GetProperty("joinedAt").ValueKind);
        Assert.Equal(200, (await Clerk(region).PostAsync(path)).Status);
    }

    private async Task<JsonElement> PartAsync(string region, Guid round) => (await Clerk(region)
        .GetAsync("/api/v1/shared-parts?size=200")).Ok.GetProperty("items").EnumerateArray()
        .FirstOrDefault(p => p.GetProperty("roundId").GetGuid() == round);

    private async Task<JsonElement> HintsAsync(string region) =>
        (await Clerk(region).GetAsync("/api/v1/duplicates/elsewhere?size=200")).Ok.GetProperty("items");

    private Task<Guid> ProvinceAsync() => TopAsync(Province140000(), "140000", "测试省委");

    private async Task<Guid> RegisterAsync(string region, string idNumber) => (await Clerk(region).PostAsync(
        "/api/v1/members", new
        {
            branchId = tiers.PlaceOf(region).Branch, name = "测试双重", idNumber, standing = "full",
        })).Id();

    private Platform.Testing.Api Clerk(string region) => tiers.At(region, "committee-clerk");

    private Platform.Testing.Api Province140000() =>
        tiers.At("140000", "tier-administrator", Registry.Tests.Federated.TierFederation.Province);
}
