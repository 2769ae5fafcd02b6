using System.Text.Json;
using Platform.Testing;

namespace Registry.Tests.Service;

/// <summary>What the register knows is held against the rules of formation; the rest stays for a person.</summary>
public sealed class FormationFactsTests(RegistryFixture registry) : IClassFixture<RegistryFixture>
{
    private readonly Api _admin = registry.As("tier-administrator");
    private readonly Api _clerk = registry.As("committee-clerk");

    private static DateOnly Today => DateOnly.FromDateTime(DateTime.UtcNow.AddHours(8));

    [Fact]
    public async Task An_outpost_answers_each_rule_from_the_cases_it_was_proposed_for()
    {
        var seeded = await Seeded.CreateAsync(registry, "Y1");
        for (var i = 0; i < 3; i++)
        {
            var member = await Seeded.MemberAsync(registry, seeded.Branch, 7951 + i);
            await seeded.AwayAsync(registry, member, new { employer = "大唐电厂", plannedReturnOn = "2026-09-05" });
        }
        var outpost = await seeded.OutpostAsync(registry, "Y1O");
        var said = await FactsAsync(outpost);
        Assert.Equal((3, true), said["OBR-FULL"]);
        Assert.Equal((1, true), said["OBR-PLACE"]);
        Assert.Equal((1, true), said["OBR-SAME"]);
        Assert.Equal((1, true), said["OBR-COUNTY"]);
        Assert.True(said["OBR-MONTHS"] is (>= 8, true)); // as planned, or longer by now
    }

    [Fact]
    public async Task What_no_record_tells_stays_unknown()
    {
        var seeded = await Seeded.CreateAsync(registry, "Y2");
        var outpost = await seeded.OutpostAsync(registry, "Y2O"); // proposed for nobody who counts
        var said = await FactsAsync(outpost);
        Assert.Equal(((int?)null, (bool?)null), said["OBR-PLACE"]);
        Assert.Equal((null, null), said["OBR-MONTHS"]);
        Assert.Equal((null, null), said["OBR-SAME"]);
        Assert.Equal((0, false), said["OBR-FULL"]);
    }

    [Theory]
    [InlineData("PRJ", "项目部", 7, "PRJ-MONTHS", 7, true)]
    [InlineData("PRJ", "项目部", 5, "PRJ-MONTHS", null, null)] // it may last longer
    [InlineData("TBR", "临时党支部", 5, "TBR-TEMP", 5, true)]
    [InlineData("TBR", "临时党支部", 6, "TBR-TEMP", 6, false)]
    [InlineData("TBR", "流动党支部", 40, "TBR-TEMP", null, null)] // a mobile branch may stand
    public async Task How_long_it_stands_counts_where_it_says_something(string type, string name, int months,
        string rule, int? value, bool? holds)
    {
        var seeded = await Seeded.CreateAsync(registry, $"Y3{type}{months}");
        await registry.CountAsync("with old as (update organisation set founded_on = '2019-01-01',"
            + $" since = '2019-01-01' where id = '{seeded.Committee}' returning 1) select count(*) from old");
        var made = (await _admin.PostAsync("/api/v1/organisations", new
        {
            code = $"Y3{type}{months}X", name, type, parentId = seeded.Committee,
            formation = type == "PRJ" ? "SYN" : "", foundedOn = Today.AddMonths(-months),
        })).Id();
        var said = await FactsAsync(made);
        Assert.Equal((value, holds), said[rule]);
        if (type == "PRJ") Assert.Equal((1, true), said["PRJ-SYN"]);
        var over = (await _clerk.GetAsync($"/api/v1/attention?of={made}&kind=temporaryOver")).Ok.GetProperty("items");
        Assert.Equal(rule == "TBR-TEMP" && holds == false ? 1 : 0, over.GetArrayLength());
    }

    [Fact, Trait("mechanism", "M-065")]
    public async Task Where_there_are_members_there_is_an_organisation_or_a_line_that_says_so()
    {
        var seeded = await Seeded.CreateAsync(registry, "Y4");
        await Seeded.MemberAsync(registry, seeded.Branch, 7981);
        // No organisation goes while somebody is held there, and nobody is held by what holds no members.
        Assert.Equal("ORGANISATION_NOT_EMPTY", (await _admin.PostAsync(
            $"/api/v1/organisations/{seeded.Branch}/dissolve", new { on = Today, reason = "试" })).Code);
        Assert.NotNull((await _clerk.PostAsync("/api/v1/members", Seeded.Member(seeded.Committee, 7982))).Code);
        // Members at work where no organisation is stand on a list until one covers them.
        var unit = (await _clerk.PostAsync("/api/v1/units", new
        {
            keptBy = seeded.Committee, name = "某企业", category = "2", division = "141022100", surveyedOn = Today,
            members = 2,
        })).Id();
        Assert.Contains(unit, await WithoutAsync());
        (await _clerk.PatchAsync($"/api/v1/units/{unit}",
            new { organisationId = seeded.Branch, reason = "联合组建" })).Id();
        Assert.DoesNotContain(unit, await WithoutAsync());
        // And where there is an organisation, what it lacks for a sound life is told.
        var alarms = (await _clerk.GetAsync($"/api/v1/attention?of={seeded.Branch}")).Ok.GetProperty("items")
            .EnumerateArray().Select(a => a.GetProperty("kind").GetString()).ToList();
        Assert.Contains("noSecretary", alarms);
    }

    private async Task<List<Guid>> WithoutAsync() => [.. (await _clerk.GetAsync(
        "/api/v1/units?coverage=membersOnly&size=200")).Ok.GetProperty("items").EnumerateArray()
        .Select(u => u.GetProperty("id").GetGuid())];

    private async Task<Dictionary<string, (int? Value, bool? Holds)>> FactsAsync(Guid organisation) =>
        (await _clerk.GetAsync($"/api/v1/organisations/{organisation}/formation-advice")).Ok.GetProperty("advice")
            .EnumerateArray().ToDictionary(a => a.GetProperty("rule").GetString()!, a => (
                a.GetProperty("value") is { ValueKind: JsonValueKind.Number } v ? v.GetInt32() : (int?)null,
                a.GetProperty("holds").ValueKind switch
                {
                    JsonValueKind.True => (bool?)true,
                    JsonValueKind.False => false,
                    _ => null,
                }));
}
