using System.Text.Json;
using Platform.Seeds;
using Registry.Organisations;
using Registry.Service.Reference;
using Registry.Tests.Service;

namespace Registry.Tests.Figures;

/// <summary>The published tables follow from loaded registers, with what they leave open.</summary>
public sealed class PublishedTablesTests(PublishedTablesTests.Loaded loaded)
    : IClassFixture<PublishedTablesTests.Loaded>
{
    private static readonly FiguresDemo Demo = new(7, SeedFolder.Find().Divisions());
    private readonly RegistryFixture registry = loaded.Registry;

    /// <summary>A registry with the demo registers, loaded once.</summary>
    public sealed class Loaded : IAsyncLifetime
    {
        public RegistryFixture Registry { get; } = new();

        public async ValueTask InitializeAsync()
        {
            await Registry.InitializeAsync();
            await new PublishedRegister(Registry).LoadAsync(Demo);
        }

        public ValueTask DisposeAsync() => Registry.DisposeAsync();
    }

    [Fact, Trait("mechanism", "M-276"), Trait("mechanism", "M-277"), Trait("mechanism", "M-111"),
        Trait("mechanism", "M-073")]
    public async Task Loading_the_demo_registers_gives_the_published_numbers_and_shows_what_they_leave_open()
    {
        var county = (await registry.As("analyst", "140000/").GetAsync("/api/v1/figures?region=141022")).Ok;
        Assert.Equal((13_515, 4_460, 360), (Count(county, "headcount"), Count(county, "mobile"), Count(county, "in")));
        Assert.Equal(33.0m, Share(county, "mobile"));
        Assert.Equal((3_234, 1_204, 22), (Count(county, "ownTownship"), Count(county, "beyondTownship"),
            Count(county, "destinationOpen")));
        Assert.Equal((72.5m, 27.0m), (Share(county, "ownTownship"), Share(county, "beyondTownship")));
        Assert.Equal(0.5m, county.GetProperty("destinationsOpen").GetDecimal());
        Assert.Equal(0.5m, Share(county, "mobileByDestination", ""));
        var city = (await registry.As("analyst", "140000/140500/").GetAsync("/api/v1/figures")).Ok;
        Assert.Equal((2_138, 507, 1_631), (Count(city, "flow"), Count(city, "out"), Count(city, "in")));
        foreach (var table in new[] { county, city })
        {
            Assert.Contains("flow-closes", Checks(table).Select(c => c.Code));
            Assert.All(Checks(table), c => Assert.Equal(0, c.Remainder));
            // Come in from elsewhere never enters the headcount.
            Assert.Equal(await registry.CountAsync("select count(*) from member where starts_with(branch_path, "
                + $"'{table.GetProperty("path").GetString()}')"), Count(table, "headcount"));
        }
        var definition = county.GetProperty("definitions").EnumerateArray()
            .Single(d => d.GetProperty("code").GetString() == "ownTownship");
        Assert.Equal("M-111, M-276", definition.GetProperty("rule").GetString());
    }

    [Fact]
    public async Task Every_number_opens_a_list_of_that_length_and_an_analyst_reads_no_name()
    {
        foreach (var (role, scope) in new[] { ("analyst", "140000/140500/"), ("committee-clerk",
            $"{Regions.PathOf("141022")}T3/"), ("analyst", $"{Regions.PathOf("141022")}T4/T4B1/") })
        {
            var api = registry.As(role, scope);
            var figures = (await api.GetAsync("/api/v1/figures")).Ok.GetProperty("figures").EnumerateArray().ToList();
            Assert.True(figures.Count > 50);
            foreach (var figure in figures)
            {
                var (length, after) = (0, "");
                do
                {
                    var page = (await api.GetAsync($"{figure.GetProperty("list").GetString()}&size=200{after}")).Ok;
                    Assert.All(page.GetProperty("items").EnumerateArray(), r => Assert.Equal(role == "analyst",
                        r.GetProperty("name").ValueKind == JsonValueKind.Null));
                    length += page.GetProperty("items").GetArrayLength();
                    after = page.GetProperty("next").GetString() is { } next ? $"&after={next}" : "";
                } while (after.Length > 0);
                Assert.Equal((figure.GetProperty("code").GetString(), figure.GetProperty("count").GetInt32()),
                    (figure.GetProperty("code").GetString(), length));
            }
        }
    }

    [Fact, Trait("mechanism", "M-279")]
    public void The_table_of_two_new_organisations_closes_and_one_that_does_not_says_by_how_much()
    {
        var table = new Dictionary<string, long>
        {
            ["twoNew"] = Demo.Units.Count,
            ["twoNewOrganised"] = Demo.Units.Count(u => u.HasOrganisation),
            ["twoNewFew"] = Demo.Units.Count(u => u is { HasOrganisation: false, Members: 1 or 2 }),
            ["twoNewNone"] = Demo.Units.Count(u => u is { HasOrganisation: false, Members: 0 }),
        };
        Assert.Equal((759, 73, 187, 499), (table["twoNew"], table["twoNewOrganised"], table["twoNewFew"],
            table["twoNewNone"]));
        Assert.Equal(0, FigureData.Book.Check(table).Single().Remainder);
        table["twoNewNone"]--;
        Assert.Equal(1, FigureData.Book.Check(table).Single().Remainder);
    }

    [Fact]
    public void The_same_seed_number_makes_the_same_registers()
    {
        var again = new FiguresDemo(7, SeedFolder.Find().Divisions());
        Assert.Equal(Demo.Members, again.Members);
        Assert.Equal(Demo.Guests, again.Guests);
        Assert.NotEqual(Demo.Members, new FiguresDemo(8, SeedFolder.Find().Divisions()).Members);
    }

    internal static int Count(JsonElement figures, string code, string? value = null) =>
        Of(figures, code, value).GetProperty("count").GetInt32();

    private static decimal Share(JsonElement figures, string code, string? value = null) =>
        Of(figures, code, value).GetProperty("share").GetDecimal();

    private static JsonElement Of(JsonElement figures, string code, string? value) => figures.GetProperty("figures")
        .EnumerateArray().Single(f => f.GetProperty("code").GetString() == code
            && f.GetProperty("value").GetString() == value);

    private static IEnumerable<(string? Code, long Remainder)> Checks(JsonElement figures) =>
        figures.GetProperty("checks").EnumerateArray().Select(c =>
            (c.GetProperty("code").GetString(), c.GetProperty("remainder").GetInt64()));
}
