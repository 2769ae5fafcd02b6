namespace Registry.Tests.Service;

/// <summary>The reconciliation list: page by page, and nobody is shown without a line in the trail.</summary>
public sealed class CaseListTests(RegistryFixture registry) : IClassFixture<RegistryFixture>
{
    private const string List = "/api/v1/reconciliation?agreement=settled&agreement=homeOnly";

    [Fact]
    public async Task Each_page_goes_on_where_the_one_before_ended_and_notes_every_card_it_showed_and_no_other()
    {
        var seeded = await Seeded.CreateAsync(registry, "CL1");
        var cases = new List<Guid>();
        foreach (var number in new[] { 611, 612, 613 })
            cases.Add(await OutAsync(seeded, await Seeded.MemberAsync(registry, seeded.Branch, number)));
        var secretary = registry.As("branch-secretary", seeded.BranchPath);
        var first = (await secretary.GetAsync($"{List}&size=2")).Ok;
        Assert.Equal(cases[..2], first.GetProperty("items").EnumerateArray()
            .Select(i => i.GetProperty("caseId").GetGuid()));
        Assert.Equal("1, 1, 0", await LooksAsync(cases));
        var next = first.GetProperty("next").GetString();
        var second = (await secretary.GetAsync($"{List}&size=2&after={next}")).Ok;
        Assert.Equal(cases[2], Assert.Single(second.GetProperty("items").EnumerateArray())
            .GetProperty("caseId").GetGuid());
        Assert.Equal(System.Text.Json.JsonValueKind.Null, second.GetProperty("next").ValueKind);
        Assert.Equal("1, 1, 1", await LooksAsync(cases));
    }

    [Fact]
    public async Task Who_sees_no_card_leaves_no_line_in_its_trail()
    {
        var seeded = await Seeded.CreateAsync(registry, "CL2");
        var id = await OutAsync(seeded, await Seeded.MemberAsync(registry, seeded.Branch, 621));
        var stranger = (await registry.As("committee-clerk", "140000/150000/").GetAsync(List)).Ok;
        Assert.Empty(stranger.GetProperty("items").EnumerateArray());
        Assert.Equal("0", await LooksAsync([id]));
    }

    [Fact]
    public async Task A_departure_that_is_being_prepared_is_open_and_a_refused_one_is_not()
    {
        var seeded = await Seeded.CreateAsync(registry, "CL3");
        var waiting = await OutAsync(seeded, await Seeded.MemberAsync(registry, seeded.Branch, 631));
        var refused = await OutAsync(seeded, await Seeded.MemberAsync(registry, seeded.Branch, 632));
        (await registry.As("committee-clerk").PostAsync($"/api/v1/outbound-cases/{refused}/refuse",
            new { why = "暂缓" })).Id("caseId");
        var secretary = registry.As("branch-secretary", seeded.BranchPath);
        async Task<IEnumerable<Guid>> ListedAsync(string filter) =>
            (await secretary.GetAsync($"/api/v1/reconciliation?side=home{filter}")).Ok.GetProperty("items")
                .EnumerateArray().Select(i => i.GetProperty("caseId").GetGuid());
        Assert.Equal([waiting], await ListedAsync("&open=true"));
        Assert.Equal([waiting], await ListedAsync("&open=true&nextStep=approve"));
        Assert.Equal([refused], await ListedAsync("&open=false"));
        Assert.Empty(await ListedAsync(""));
    }

    private async Task<Guid> OutAsync(Seeded seeded, Guid member) =>
        (await registry.As("branch-secretary", seeded.BranchPath).PostAsync("/api/v1/outbound-cases",
            new { memberId = member, hostRegion = "140105", reason = "1", departsOn = "2026-03-01" })).Id("caseId");

    private async Task<string> LooksAsync(IEnumerable<Guid> cases)
    {
        var looks = new List<int>();
        foreach (var id in cases)
        {
            var trail = (await registry.As("auditor").GetAsync($"/api/v1/cases/{id}/trail")).Ok;
            looks.Add(trail.GetProperty("items").EnumerateArray()
                .Count(t => t.GetProperty("action").GetString() == "ListShown"));
        }
        return string.Join(", ", looks);
    }
}
