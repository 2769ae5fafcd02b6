using System.Text.Json;
using Platform.Testing;

namespace Registry.Tests.Service;

/// <summary>What a merger or a split would do is told before it is done, and is what is done.</summary>
public sealed class ReorganisationPreviewTests(RegistryFixture registry) : IClassFixture<RegistryFixture>
{
    private readonly Api _admin = registry.As("tier-administrator");

    private static DateOnly Today => DateOnly.FromDateTime(DateTime.UtcNow.AddHours(8));

    [Fact]
    public async Task A_merger_tells_members_cases_and_places_and_writes_nothing()
    {
        var seeded = await Seeded.CreateAsync(registry, "W1");
        var into = await FoundAsync("W1T", "BRA", seeded.Committee);
        var group = await FoundAsync("W1G", "GRP", seeded.Branch);
        for (var i = 0; i < 3; i++)
        {
            var member = await Seeded.MemberAsync(registry, seeded.Branch, 7901 + i);
            if (i == 0) await seeded.AwayAsync(registry, member);
        }
        var body = new { organisationIds = new[] { seeded.Branch }, on = Today, reason = "人数不足" };
        var told = (await _admin.PostAsync($"/api/v1/organisations/{into}/merge/preview", body)).Ok;
        var part = Assert.Single(told.GetProperty("parts").EnumerateArray());
        Assert.Equal((2, 3, 1, 0, seeded.BranchPath, $"{seeded.CommitteePath}W1T/"), Numbers(part));
        Assert.Equal(JsonValueKind.Null, (await _admin.GetAsync($"/api/v1/organisations/{seeded.Branch}")).Ok
            .GetProperty("dissolvedOn").ValueKind);
        Assert.Equal(0, await registry.CountAsync(
            $"select count(*) from reorganisation where '{into}' = any (involved)"));
        var done = (await _admin.PostAsync($"/api/v1/organisations/{into}/merge", body)).Ok;
        Assert.Equal((2, 3), (done.GetProperty("organisationCount").GetInt32(),
            done.GetProperty("memberCount").GetInt32()));
        Assert.Equal($"{seeded.CommitteePath}W1T/W1G/", (await _admin.GetAsync($"/api/v1/organisations/{group}"))
            .String("path"));
        // What is refused when it is done is refused when it is looked at.
        Assert.Equal("ORGANISATION_NOT_FOUND",
            (await _admin.PostAsync($"/api/v1/organisations/{into}/merge/preview", body)).Code);
    }

    [Fact]
    public async Task A_split_tells_what_goes_and_what_stays()
    {
        var seeded = await Seeded.CreateAsync(registry, "W2");
        var group = await FoundAsync("W2G", "GRP", seeded.Branch);
        var members = new List<Guid>();
        for (var i = 0; i < 3; i++) members.Add(await Seeded.MemberAsync(registry, seeded.Branch, 7921 + i));
        await seeded.AwayAsync(registry, members[1]);
        var body = new
        {
            on = Today, reason = "分开", parts = new[]
            {
                new { code = "W2N", name = "新支部", type = "BRA", memberIds = members.Take(2).ToArray(),
                    organisationIds = new[] { group } },
            },
        };
        var told = (await _admin.PostAsync($"/api/v1/organisations/{seeded.Branch}/split/preview", body)).Ok;
        Assert.Equal((1, 2, 1, 0, seeded.BranchPath, $"{seeded.CommitteePath}W2N/"),
            Numbers(Assert.Single(told.GetProperty("parts").EnumerateArray())));
        Assert.Equal((1, 1, 0, 0, seeded.BranchPath, seeded.BranchPath), Numbers(told.GetProperty("stays")));
        // In names as well, and the new one by the name it will have.
        Assert.Equal("新支部", Place(told.GetProperty("parts")[0], "toPlace")[^1]);
        Assert.Equal(Place(told.GetProperty("parts")[0], "fromPlace"), Place(told.GetProperty("stays"), "toPlace"));
        Assert.Equal(Place(told.GetProperty("stays"), "fromPlace")[..^1],
            Place(told.GetProperty("parts")[0], "toPlace")[..^1]);
        Assert.Equal(0, await registry.CountAsync("select count(*) from organisation where code = 'W2N'"));
        var done = await _admin.PostAsync($"/api/v1/organisations/{seeded.Branch}/split", body);
        Assert.Equal(2, done.Ok.GetProperty("memberCount").GetInt32());
        Assert.Equal(1, await registry.CountAsync($"select count(*) from member where branch_id = '{seeded.Branch}'"));
    }

    private static string[] Place(JsonElement part, string side) =>
        [.. part.GetProperty(side).EnumerateArray().Select(n => n.GetString()!)];

    private static (int, int, int, int, string?, string?) Numbers(JsonElement part) => (
        part.GetProperty("organisations").GetInt32(), part.GetProperty("members").GetInt32(),
        part.GetProperty("outboundCases").GetInt32(), part.GetProperty("inboundCases").GetInt32(),
        part.GetProperty("fromPath").GetString(), part.GetProperty("toPath").GetString());

    private async Task<Guid> FoundAsync(string code, string type, Guid parent) => (await _admin.PostAsync(
        "/api/v1/organisations", new { code, name = $"测试{code}", type, parentId = parent })).Id();
}
