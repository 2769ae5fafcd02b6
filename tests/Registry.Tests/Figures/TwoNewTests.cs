using System.Text.Json;
using Platform.Testing;
using Registry.Tests.Service;
using static Registry.Tests.Figures.PublishedTablesTests;

namespace Registry.Tests.Figures;

/// <summary>Coverage of two-new organisations as of a day, from the register of units.</summary>
public sealed class TwoNewTests(RegistryFixture registry) : IClassFixture<RegistryFixture>
{
    private Api Clerk => registry.As("committee-clerk");

    [Fact, Trait("mechanism", "M-099")]
    public async Task Each_unit_counts_as_it_stood_on_the_day_and_every_number_opens_its_list()
    {
        var seeded = await Seeded.CreateAsync(registry, "N1");
        var first = await UnitAsync(seeded, "2026-02-01", members: 0);
        var second = await UnitAsync(seeded, "2026-02-10", members: 2, category: "8");
        await UnitAsync(seeded, "2026-02-10", members: 1, category: "5"); // a school is none
        await AmendAsync(first, new { members = 1, surveyedOn = "2026-03-01" });
        await AmendAsync(first, new { organisationId = seeded.Branch, members = 4, surveyedOn = "2026-04-01" });
        await AmendAsync(second, new { closedOn = "2026-05-01" });
        (string Day, int Organised, int Few, int None)[] expected =
        [
            ("2026-01-31", 0, 0, 0), ("2026-02-01", 0, 0, 1), ("2026-02-28", 0, 1, 1), ("2026-03-01", 0, 2, 0),
            ("2026-04-01", 1, 1, 0), ("2026-04-30", 1, 1, 0), ("2026-05-01", 1, 0, 0),
        ];
        foreach (var (day, organised, few, none) in expected)
        {
            var table = await FiguresAsync(seeded, day);
            Assert.Equal((day, organised + few + none, organised, few, none), (day, Count(table, "twoNew"),
                Count(table, "twoNewOrganised"), Count(table, "twoNewFew"), Count(table, "twoNewNone")));
            Assert.Equal(0, Remainder(table));
        }
        var april = await FiguresAsync(seeded, "2026-04-01");
        Assert.Equal([first], await ListAsync(april, "twoNewOrganised"));
        Assert.Equal([second], await ListAsync(april, "twoNewFew"));
        Assert.Equal(50.0m, Figure(april, "twoNewOrganised").GetProperty("share").GetDecimal());
        var row = (await Clerk.GetAsync(Link(april, "twoNewFew"))).Ok.GetProperty("items")[0];
        Assert.Equal(("示例单位", "141022"), (row.GetProperty("name").GetString(), row.GetProperty("region").GetString()));
    }

    [Fact, Trait("mechanism", "M-279")]
    public async Task The_rule_says_by_how_many_the_table_does_not_close_and_they_open_their_list()
    {
        var seeded = await Seeded.CreateAsync(registry, "N2");
        await UnitAsync(seeded, "2026-02-01", members: 0);
        var due = await UnitAsync(seeded, "2026-02-01", members: 3);
        var table = await FiguresAsync(seeded, "2026-02-01");
        Assert.Equal((2, 1, 1), (Count(table, "twoNew"), Count(table, "twoNewNone"), Remainder(table)));
        Assert.Equal([due], await ListAsync(table, "twoNewDue"));
        await AmendAsync(due, new { organisationId = seeded.Branch, surveyedOn = "2026-02-01" });
        var known = Link(table, "twoNewDue");
        // The list of a number counted before stays what was known then; what follows closes.
        Assert.Single((await Clerk.GetAsync(known)).Ok.GetProperty("items").EnumerateArray());
        var today = await FiguresAsync(seeded, null);
        Assert.Equal((0, 1), (Remainder(today), Count(today, "twoNewOrganised")));
    }

    private async Task<Guid> UnitAsync(Seeded seeded, string surveyedOn, int members, string category = "2") =>
        (await Clerk.PostAsync("/api/v1/units", new
        {
            keptBy = seeded.Committee, name = "示例单位", category, division = "141022", surveyedOn, members,
        })).Id();

    private async Task AmendAsync(Guid unit, object change) =>
        Assert.Equal(200, (await Clerk.PatchAsync($"/api/v1/units/{unit}", change)).Status);

    private async Task<JsonElement> FiguresAsync(Seeded seeded, string? day) => (await Clerk.GetAsync(
        $"/api/v1/figures?organisationId={seeded.Committee}" + (day is null ? "" : $"&on={day}"))).Ok;

    private async Task<Guid[]> ListAsync(JsonElement table, string code) =>
        [.. (await Clerk.GetAsync(Link(table, code))).Ok.GetProperty("items").EnumerateArray()
            .Select(r => r.GetProperty("id").GetGuid())];

    private static string Link(JsonElement table, string code) => Figure(table, code).GetProperty("list").GetString()!;

    private static JsonElement Figure(JsonElement table, string code) => table.GetProperty("figures").EnumerateArray()
        .Single(f => f.GetProperty("code").GetString() == code);

    private static int Remainder(JsonElement table) => table.GetProperty("checks").EnumerateArray()
        .Single(c => c.GetProperty("code").GetString() == "two-new-closes").GetProperty("remainder").GetInt32();
}
