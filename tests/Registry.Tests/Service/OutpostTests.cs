using System.Text;
using System.Text.Json;
using Platform.Testing;
using Registry.Roster;
using Registry.Tests.Roster;

namespace Registry.Tests.Service;

/// <summary>There is one road to an outpost: proposal and approval; and what a roster finds is told .</summary>
public sealed class OutpostTests(RegistryFixture registry) : IClassFixture<RegistryFixture>
{
    private const string NeedsApproval = "OUTPOST_NEEDS_APPROVAL";
    private readonly Api _admin = registry.As("tier-administrator");

    private static DateOnly Today => DateOnly.FromDateTime(DateTime.UtcNow.AddHours(8));

    [Theory]
    [InlineData("OWC")]
    [InlineData("OGB")]
    [InlineData("OBR")]
    public async Task Founding_retyping_and_splitting_do_not_make_an_outpost(string type)
    {
        var seeded = await Seeded.CreateAsync(registry, $"P1{type}");
        var founded = await _admin.PostAsync("/api/v1/organisations",
            new { code = $"P1{type}N", name = "驻外", type, parentId = seeded.Committee });
        Assert.Equal((409, NeedsApproval), (founded.Status, founded.Code));
        Assert.Contains("/outposts", founded.Json.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal(NeedsApproval, (await _admin.PatchAsync($"/api/v1/organisations/{seeded.Branch}",
            new { type })).Code);
        Assert.Equal(NeedsApproval, (await _admin.PostAsync($"/api/v1/organisations/{seeded.Branch}/split", new
        {
            on = Today, reason = "试", parts = new[] { new { code = $"P1{type}S", name = "驻外", type } },
        })).Code);
        Assert.Equal(0, await registry.CountAsync(
            $"select count(*) from organisation where type = '{type}'"
            + $" and starts_with(path, '{seeded.CommitteePath}')"));
        // By the book it comes to be, and is amended like any other; its type may be said again.
        var outpost = await seeded.OutpostAsync(registry, $"P1{type}O", type);
        Assert.Equal(200, (await _admin.PatchAsync($"/api/v1/organisations/{outpost}",
            new { type, contact = "负责人" })).Status);
    }

    [Fact]
    public async Task An_outpost_in_a_roster_is_registered_as_it_is_and_its_missing_approval_is_told()
    {
        var seeded = await Seeded.CreateAsync(registry, "P3");
        var row = Workbooks.Organisation("P3R", "P3", "驻外党支部");
        var load = await registry.As("committee-clerk").UploadAsync("/api/v1/rosters?region=141022&fileName=a.csv",
            Encoding.UTF8.GetBytes(Workbooks.Csv(RosterSheet.Organisations, row)));
        Assert.Equal((200, 1), (load.Status, load.Ok.GetProperty("organisationsAccepted").GetInt32()));
        var byTheBook = await seeded.OutpostAsync(registry, "P3O");
        var alarms = (await _admin.GetAsync($"/api/v1/attention?under={seeded.Committee}&kind=approvalMissing")).Ok
            .GetProperty("items").EnumerateArray().ToList();
        var alarm = Assert.Single(alarms);
        Assert.Equal(("测试驻外党支部P3R", "R-007"), (alarm.GetProperty("name").GetString(),
            alarm.GetProperty("source").GetString()));
        Assert.NotEqual(byTheBook, alarm.GetProperty("organisationId").GetGuid());
    }

    [Fact, Trait("mechanism", "M-035")]
    public async Task A_proposal_says_which_advantages_justify_the_outpost_and_who_decides_reads_them()
    {
        var seeded = await Seeded.CreateAsync(registry, "P5");
        var township = registry.As("committee-clerk", seeded.CommitteePath);
        var body = new
        {
            committeeId = seeded.Committee, hostRegion = "140105", code = "P5O", name = "驻太原党支部", type = "OBR",
            mode = "IND", workplace = "大唐电厂", advantages = (string[])["SRC", "BRG", "SRC"],
            grounds = "去年为村里引回两个项目",
        };
        foreach (var (advantages, code) in new (string[], string)[] { ([], "ADVANTAGES_COUNT"),
            (["SRC", "TIE", "BRG", "SRC"], "ADVANTAGES_COUNT"), (["ABC"], "NOT_A_CODE") })
        {
            var refused = await township.PostAsync("/api/v1/outposts", body with { advantages = advantages });
            var error = Assert.Single(refused.Json.GetProperty("errors").EnumerateArray());
            Assert.Equal(("advantages", code),
                (error.GetProperty("field").GetString(), error.GetProperty("code").GetString()));
        }
        var proposed = (await township.PostAsync("/api/v1/outposts", body)).Id();
        var read = (await _admin.GetAsync($"/api/v1/outposts/{proposed}")).Ok;
        Assert.Equal(["SRC", "BRG"], read.GetProperty("advantages").EnumerateArray().Select(a => a.GetString()!));
        Assert.Equal(body.grounds, read.GetProperty("grounds").GetString());
        // What justified it stays with the record after the decision.
        var organisation = (await _admin.PostAsync($"/api/v1/outposts/{proposed}/approve",
            new { document = "县委批复" })).Id("organisationId");
        var advice = (await _admin.GetAsync($"/api/v1/organisations/{organisation}/formation-advice")).Ok.GetRawText();
        Assert.Contains("源头知情", advice, StringComparison.Ordinal);
        Assert.Equal(2, (await _admin.GetAsync($"/api/v1/outposts/{proposed}")).Ok.GetProperty("advantages")
            .GetArrayLength());
    }

    [Fact]
    public async Task What_waits_is_counted_and_listed_with_its_committee_until_it_is_decided()
    {
        var seeded = await Seeded.CreateAsync(registry, "P4");
        var township = registry.As("committee-clerk", seeded.CommitteePath);
        var body = new
        {
            committeeId = seeded.Committee, hostRegion = "140105", code = "P4O", name = "驻太原党支部", type = "OBR",
            mode = "IND", workplace = "大唐电厂", advantages = (string[])["TIE"],
        };
        var first = (await township.PostAsync("/api/v1/outposts", body)).Id();
        var second = (await township.PostAsync("/api/v1/outposts", body with { code = "P4P" })).Id();
        async Task<int> WaitingAsync() =>
            (await township.GetAsync("/api/v1/outposts/waiting")).Ok.GetProperty("proposed").GetInt32();
        Assert.Equal(2, await WaitingAsync());
        var list = (await township.GetAsync("/api/v1/outposts?status=proposed")).Ok.GetProperty("items");
        Assert.Equal([(first, "测试镇党委P4"), (second, "测试镇党委P4")], list.EnumerateArray().Select(o =>
            (o.GetProperty("id").GetGuid(), o.GetProperty("committee").GetString()!)));
        (await _admin.PostAsync($"/api/v1/outposts/{first}/refuse", new { why = "人数不足" })).Id();
        Assert.Equal(1, await WaitingAsync());
        var refused = (await township.GetAsync($"/api/v1/outposts/{first}")).Ok;
        Assert.Equal(("refused", "人数不足"), (refused.GetProperty("status").GetString(),
            refused.GetProperty("decision").GetString()));
        Assert.Equal(JsonValueKind.Null, refused.GetProperty("organisationId").ValueKind);
        Assert.Equal("OUTPOST_DECIDED",
            (await _admin.PostAsync($"/api/v1/outposts/{first}/approve", new { document = "批复" })).Code);
        // The proposer, even at the county, does not approve: another one does.
        var own = (await _admin.PostAsync("/api/v1/outposts", body with { code = "P4Q" })).Id();
        Assert.Equal("OUTPOST_SAME_PERSON",
            (await _admin.PostAsync($"/api/v1/outposts/{own}/approve", new { document = "批复" })).Code);
    }
}
