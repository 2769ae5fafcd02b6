using Platform.Testing;

namespace Registry.Tests.Service;

/// <summary>Questions kept under a name, alone or with everybody below.</summary>
public sealed class SavedFiltersTests(RegistryFixture registry) : IClassFixture<RegistryFixture>
{
    private const string Filters = "/api/v1/filters";
    private static readonly object Overdue =
        new { agreement = new[] { "homeOnly", "differs" }, olderThanDays = new[] { "30" } };

    [Fact]
    public async Task A_kept_filter_opens_its_list_is_renamed_and_deleted_and_the_trail_has_it_all()
    {
        var supervisor = registry.As("supervisor");
        var key = Guid.CreateVersion7();
        var body = new { name = "超期未对上", list = "reconciliation", parameters = Overdue };
        var kept = await supervisor.PostAsync(Filters, body, key);
        Assert.Equal(kept.Id(), (await supervisor.PostAsync(Filters, body, key)).Id());
        Assert.Equal("/api/v1/reconciliation?agreement=homeOnly&agreement=differs&olderThanDays=30",
            kept.String("address"));
        Assert.Equal(200, (await supervisor.GetAsync(kept.String("address")!)).Status);
        var path = $"{Filters}/{kept.Id()}";
        var renamed = (await supervisor.PatchAsync(path, new { name = "三十天未对上" })).Ok;
        Assert.Equal(2, renamed.GetProperty("parameters").GetProperty("agreement").GetArrayLength());
        Assert.Equal(["三十天未对上"], await NamesAsync(supervisor));
        Assert.Equal(204, (await supervisor.SendAsync(HttpMethod.Delete, path, null, Guid.CreateVersion7())).Status);
        Assert.Empty(await NamesAsync(supervisor));
        Assert.Equal(404, (await supervisor.PatchAsync(path, new { name = "又" })).Status);
        Assert.NotEqual(kept.Id(), (await supervisor.PostAsync(Filters, body)).Id()); // The name is free again.
        Assert.Equal(["FilterKept", "FilterChanged", "FilterDeleted"], await ActionsAsync(kept.Id()));
    }

    [Fact]
    public async Task A_private_filter_is_nobody_elses_and_a_shared_one_is_seen_below_and_managed_from_above()
    {
        var seeded = await Seeded.CreateAsync(registry, "V1");
        var owner = registry.As("committee-clerk", seeded.CommitteePath);
        var (below, beside) = (registry.As("branch-secretary", seeded.BranchPath),
            registry.As("branch-secretary", $"{RegistryFixture.County}V2/"));
        var (above, same) = (registry.As("tier-administrator"), registry.As("supervisor", seeded.CommitteePath));
        var id = (await owner.PostAsync(Filters, new
        {
            name = "本镇预备党员", list = "members", parameters = new { standing = new[] { "probationary" } },
        })).Id();
        foreach (var other in new[] { below, beside, above, same })
        {
            Assert.Empty(await NamesAsync(other));
            Assert.Equal((404, "FILTER_NOT_FOUND"),
                Answer(await other.PatchAsync($"{Filters}/{id}", new { name = "我的" })));
        }
        (await owner.PatchAsync($"{Filters}/{id}", new { shared = true })).Id();
        Assert.Equal(["本镇预备党员"], await NamesAsync(below));
        Assert.Equal(["本镇预备党员"], await NamesAsync(same));
        Assert.Empty(await NamesAsync(beside));
        Assert.Empty(await NamesAsync(above));
        Assert.Equal(403, (await below.PatchAsync($"{Filters}/{id}", new { name = "我的" })).Status);
        Assert.Equal((409, "FILTER_SHARED"), Answer(await owner.SendAsync(HttpMethod.Delete, $"{Filters}/{id}", null,
            Guid.CreateVersion7())));
        (await above.PatchAsync($"{Filters}/{id}", new { shared = false })).Id();
        Assert.Empty(await NamesAsync(below));
        Assert.Equal(["本镇预备党员"], await NamesAsync(owner));
    }

    [Theory]
    [InlineData("""{ "name": "甲", "list": "members", "parameters": { "search": ["王小明"] } }""", "parameters.search")]
    [InlineData("""{ "name": "甲", "list": "members", "parameters": { "standing": ["王小明"] } }""", "parameters.standing")]
    [InlineData("""{ "name": "甲", "list": "members", "parameters": { "standing": [] } }""", "parameters.standing")]
    [InlineData("""{ "name": "甲", "list": "members", "parameters": { "standing": [null] } }""", "parameters.standing")]
    [InlineData("""{ "name": "甲", "list": "people", "parameters": { } }""", "list")]
    [InlineData("""{ "name": "13900000011", "list": "members", "parameters": { } }""", "name")]
    [InlineData("""{ "name": " ", "list": "members", "parameters": { } }""", "name")]
    public async Task What_may_hold_personal_data_or_is_no_list_is_refused_by_field(string body, string field)
    {
        var reply = await registry.As("liaison-officer").SendAsync(HttpMethod.Post, Filters,
            new StringContent(body, System.Text.Encoding.UTF8, "application/json"), Guid.CreateVersion7());
        Assert.Equal((400, "INPUT_INVALID"), Answer(reply));
        Assert.Equal(field,
            Assert.Single(reply.Json.GetProperty("errors").EnumerateArray()).GetProperty("field").GetString());
    }

    [Fact]
    public async Task A_name_is_kept_once_and_an_account_keeps_a_hundred_filters()
    {
        var auditor = registry.As("auditor");
        object Body(int i) => new { name = $"条件{i}", list = "organisations", parameters = new { } };
        for (var i = 0; i < 100; i++) (await auditor.PostAsync(Filters, Body(i))).Id();
        Assert.Equal((409, "FILTER_NAME_TAKEN"), Answer(await auditor.PostAsync(Filters, Body(7))));
        Assert.Equal((409, "FILTERS_TOO_MANY"), Answer(await auditor.PostAsync(Filters, Body(100))));
        Assert.Equal(100, (await NamesAsync(auditor)).Count);
    }

    private static (int, string?) Answer(Reply reply) => (reply.Status, reply.Code);

    private static async Task<List<string?>> NamesAsync(Api api) =>
        [.. (await api.GetAsync(Filters)).Ok.EnumerateArray().Select(f => f.GetProperty("name").GetString())];

    private async Task<List<string>> ActionsAsync(Guid id)
    {
        await using var command =
            registry.Behind.CreateCommand("select action from audit where subject_id = $1 order by id");
        command.Parameters.Add(new() { Value = id });
        await using var reader = await command.ExecuteReaderAsync();
        var actions = new List<string>();
        while (await reader.ReadAsync()) actions.Add(reader.GetString(0));
        return actions;
    }
}
