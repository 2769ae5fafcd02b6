using System.Text;
using System.Text.Json;
using Platform.Testing;
using Registry.Roster;
using Registry.Tests.Roster;

namespace Registry.Tests.Service;

/// <summary>A level of the tree with its alarms, and a roster whose header is refused.</summary>
public sealed class TreeLevelTests(RegistryFixture registry) : IClassFixture<RegistryFixture>
{
    private Api Clerk => registry.As("committee-clerk");

    [Fact]
    public async Task A_level_says_what_lies_below_how_many_are_held_and_what_needs_attention()
    {
        var seeded = await Seeded.CreateAsync(registry, "L1");
        await Seeded.MemberAsync(registry, seeded.Branch, 901);
        var committee = await OnlyAsync($"/api/v1/organisations/tree?under={seeded.Committee}&size=1");
        Assert.Equal((1, JsonValueKind.Null), (committee.GetProperty("children").GetInt32(),
            committee.GetProperty("members").ValueKind));
        var branch = await OnlyAsync($"/api/v1/organisations/tree?parentId={seeded.Committee}");
        Assert.Equal((0, 1), (branch.GetProperty("children").GetInt32(), branch.GetProperty("members").GetInt32()));
        var alarms = branch.GetProperty("alarms").EnumerateArray().Select(a => a.GetString()).ToArray();
        Assert.Equal(["tooFewMembers", "noSecretary"], alarms);
        // The same of this organisation alone, not what its superior's own list says.
        var own = (await Clerk.GetAsync($"/api/v1/attention?of={seeded.Branch}")).Ok.GetProperty("items");
        Assert.Equal(alarms, own.EnumerateArray().Select(a => a.GetProperty("kind").GetString()));
        Assert.Equal(["termMissing"], (await Clerk.GetAsync($"/api/v1/attention?of={seeded.Committee}")).Ok
            .GetProperty("items").EnumerateArray().Select(a => a.GetProperty("kind").GetString()));
        var elsewhere = registry.As("committee-clerk", RegistryFixture.County + "OTHER/");
        Assert.Equal(404, (await elsewhere.GetAsync($"/api/v1/attention?of={seeded.Branch}")).Status);
    }

    [Fact]
    public async Task A_dry_run_with_an_unknown_header_keeps_its_file_until_its_columns_are_mapped()
    {
        await Seeded.CreateAsync(registry, "L2");
        var row = new Dictionary<string, string>(Workbooks.Member(903)) { ["branch"] = "L2B" };
        var own = Workbooks.Csv(RosterSheet.Members, row).Replace(
            RosterSheet.Members["name"].Title, "党员大名", StringComparison.Ordinal);
        var load = Guid.CreateVersion7();
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(own));
        await Clerk.SendAsync(HttpMethod.Post, "/api/v1/rosters?region=141022&fileName=a.csv&dryRun=true", content,
            load, ("Prefer", "respond-async"));
        await RestAsync(load, "refused");
        var guess = (await Clerk.PostAsync($"/api/v1/rosters/{load}/guess")).Ok;
        var mapping = JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(guess.GetProperty("mapping"))!;
        var place = guess.GetProperty("columns").EnumerateArray().ToList().FindIndex(c =>
            c.GetProperty("header").GetString() == "党员大名");
        var columns = mapping["columns"].EnumerateArray().Cast<object>()
            .Where(c => ((JsonElement)c).GetProperty("column").GetString() != "name")
            .Append(new { column = "name", place, @fixed = "", words = new Dictionary<string, string>() }).ToArray();
        var saved = await Clerk.SendAsync(HttpMethod.Put, "/api/v1/rosters/mappings?region=141022",
            System.Net.Http.Json.JsonContent.Create(new { sheet = "members", headers = mapping["headers"], columns }),
            Guid.CreateVersion7());
        Assert.Equal(200, saved.Status);
        Assert.Equal(202, (await Clerk.PostAsync($"/api/v1/rosters/{load}/check")).Status);
        var done = await RestAsync(load, "checked");
        Assert.Equal((1, 0), (done.GetProperty("rows").GetInt32(), done.GetProperty("refused").GetInt32()));
        // What is checked has nothing left to map.
        Assert.Equal("ROSTER_STEP_NOT_POSSIBLE", (await Clerk.PostAsync($"/api/v1/rosters/{load}/guess")).Code);
    }

    private async Task<JsonElement> OnlyAsync(string path) =>
        (await Clerk.GetAsync(path)).Ok.GetProperty("items").EnumerateArray().First();

    private async Task<JsonElement> RestAsync(Guid load, string status)
    {
        for (var tries = 0; ; tries++)
        {
            var reply = (await Clerk.GetAsync($"/api/v1/rosters/{load}")).Ok;
            if (reply.GetProperty("status").GetString() == status) return reply;
            Assert.True(tries < 3000, reply.ToString());
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }
}
