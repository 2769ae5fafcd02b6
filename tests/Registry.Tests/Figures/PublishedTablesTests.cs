using System.Net;
using System.Text.Json;
using Platform.CommandLine.Topologies;
using Platform.Seeds;
using Platform.Testing;
using Registry.Tests.Federated;

namespace Registry.Tests.Figures;

/// <summary>
/// What <c>./platform up --topology published</c> does: the same node with real PostgreSQL, broker and exchange, the
/// registers of <c>seeds/demo</c> through roster, worklists and forms, and then the printed tables. Table A, which
/// prints shares, is loaded with 200 mobile members in place of 4,460: the smallest number of which 72.5, 27.0 and the
/// 0.5 left open are whole members, of 606 so that 33 in a hundred are mobile. Tables B and D print counts that must
/// close; a fifth of each is loaded. PUBLISHED=full loads all of it, as the command does.
/// </summary>
public sealed class PublishedTablesTests(PublishedTablesTests.Loaded loaded)
    : IClassFixture<PublishedTablesTests.Loaded>
{
    private const string Province = "140000/", County = "140000/141000/141022/", City = "140000/140500/";

    [Fact, Trait("mechanism", "M-276"), Trait("mechanism", "M-277"), Trait("mechanism", "M-279"),
        Trait("mechanism", "M-111"), Trait("mechanism", "M-073")]
    public async Task Loading_the_demo_registers_gives_the_published_numbers_and_shows_what_they_leave_open()
    {
        var (county, city) = (loaded.Registers[0], loaded.Registers[1]);
        // What is printed as a count has the size that was loaded; every share and every remainder is as printed.
        var printed = PublishedTables.Printed(loaded.Seeds).Select(p => p with
        {
            Printed = (p.Table, p.Figure, p.What) switch
            {
                ("A", "mobile", "count") => county.Within + county.BeyondCounty,
                ("A", "in", _) => county.Guests,
                ("B", "flow", _) => city.BeyondCounty + city.Guests,
                ("B", "out", _) => city.BeyondCounty,
                ("B", "in", _) => city.Guests,
                ("D", "twoNew", _) => city.UnitsOrganised + city.UnitsFew + city.UnitsNone,
                ("D", "twoNewOrganised", _) => city.UnitsOrganised,
                ("D", "twoNewFew", _) => city.UnitsFew,
                ("D", "twoNewNone", _) => city.UnitsNone,
                _ => p.Printed,
            },
        }).ToList();
        Assert.Equal(["M-276", "M-277", "M-279"], printed.Select(p => p.Source).Distinct());
        var compared = await PublishedComparison.RunAsync(loaded.Clerks, new(loaded.Node.Address), "140000", printed,
            TestContext.Current.CancellationToken);
        var lines = PublishedComparison.Lines(compared).ToList();
        Assert.True(compared.All(c => c.IsEqual), string.Join('\n', lines));
        Assert.DoesNotContain(lines, l => l.Contains("differs", StringComparison.Ordinal));
        Assert.Contains(PublishedComparison.Lines([compared[0] with { Counted = 1 }]),
            l => l.Contains("differs", StringComparison.Ordinal));

        var table = await FiguresAsync("analyst", County);
        Assert.Equal((county.Members, county.OwnTownship, county.OtherTownship + county.BeyondCounty, county.NotPlaced),
            (Count(table, "headcount"), Count(table, "ownTownship"), Count(table, "beyondTownship"),
            Count(table, "destinationOpen")));
        Assert.Equal(0.5m, Of(table, "mobileByDestination", "").GetProperty("share").GetDecimal());
        Assert.Equal("M-111, M-276", table.GetProperty("definitions").EnumerateArray()
            .Single(d => d.GetProperty("code").GetString() == "ownTownship").GetProperty("rule").GetString());
    }

    [Fact]
    public async Task The_sizes_on_file_are_those_the_sources_print()
    {
        var (a, b) = (PublishedTables.Registers(loaded.Seeds)[0], PublishedTables.Registers(loaded.Seeds)[1]);
        var printed = PublishedTables.Printed(loaded.Seeds);
        decimal Printed(string table, string figure, string what = "count") =>
            printed.Single(p => p.Table == table && p.Figure == figure && p.What == what).Printed;
        decimal Share(int part, int whole) => Registry.Figures.FigureBook.Share(part, whole)!.Value;
        var mobile = a.Within + a.BeyondCounty;
        Assert.Equal((4_460, 360), (Printed("A", "mobile"), Printed("A", "in")));
        Assert.Equal((Printed("A", "mobile"), Printed("A", "in")), (mobile, a.Guests));
        Assert.Equal((33.0m, 72.5m, 27.0m, 0.5m), (Printed("A", "mobile", "share"),
            Printed("A", "ownTownship", "share"), Printed("A", "beyondTownship", "share"),
            Printed("A", "destinations", "open")));
        Assert.Equal((33.0m, 72.5m, 27.0m), (Share(mobile, a.Members), Share(a.OwnTownship, mobile),
            Share(a.OtherTownship + a.BeyondCounty, mobile)));
        Assert.Equal((2_138, 507, 1_631), (Printed("B", "flow"), Printed("B", "out"), Printed("B", "in")));
        Assert.Equal((507, 1_631), (b.BeyondCounty, b.Guests));
        Assert.Equal((759, 73, 187, 499), (Printed("D", "twoNew"), Printed("D", "twoNewOrganised"),
            Printed("D", "twoNewFew"), Printed("D", "twoNewNone")));
        Assert.Equal((73, 187, 499), (b.UnitsOrganised, b.UnitsFew, b.UnitsNone));
        // The whole roster of table A, as a person loads it: read and judged row by row.
        var report = await Roster.RosterFiles.CheckAsync(PublishedRoster.Make(a, loaded.Seeds));
        Assert.Equal((13_515, 4_460), (report.AcceptedMembers.Count(),
            report.AcceptedMembers.Count(m => m.Mobility is not null)));
        Assert.Equal(a.Within, report.AcceptedMembers.Count(m => m.Mobility?.Destination == "141022"));
    }

    [Fact]
    public async Task Every_number_opens_a_list_of_that_length_and_an_analyst_reads_no_members_name()
    {
        foreach (var (role, scope, least) in new[] { ("analyst", City, 50), ("committee-clerk", $"{County}T03/", 40),
            ("analyst", $"{County}T04/T04-B01/", 40) })
        {
            var api = loaded.Node.As(role, scope);
            var figures = (await FiguresAsync(role, scope)).GetProperty("figures").EnumerateArray().ToList();
            Assert.True(figures.Count > least, $"{figures.Count}");
            foreach (var figure in figures)
            {
                var code = figure.GetProperty("code").GetString()!;
                var isOpen = role != "analyst" || code.StartsWith("twoNew", StringComparison.Ordinal);
                var (length, after) = (0, "");
                do
                {
                    var page = (await api.GetAsync($"{figure.GetProperty("list").GetString()}&size=200{after}")).Ok;
                    Assert.All(page.GetProperty("items").EnumerateArray(), r => Assert.Equal(isOpen,
                        r.GetProperty("name").ValueKind == JsonValueKind.String));
                    length += page.GetProperty("items").GetArrayLength();
                    after = page.GetProperty("next").GetString() is { } next ? $"&after={next}" : "";
                } while (after.Length > 0);
                Assert.Equal((code, figure.GetProperty("count").GetInt32()), (code, length));
            }
        }
    }

    [Fact]
    public async Task Come_in_never_enters_the_headcount_and_what_a_notice_does_not_tell_stands_by_itself()
    {
        var city = await FiguresAsync("analyst", City);
        Assert.Equal(await loaded.Node.CountAsync(
            $"select count(*) from member where starts_with(branch_path, '{City}')"), Count(city, "headcount"));
        var register = loaded.Registers[1];
        Assert.Equal(register.Members, Count(city, "headcount"));
        foreach (var figure in new[] { "inByEducation", "inByReason" })
            Assert.Equal((register.Guests, 100m),
                (Count(city, figure, ""), Of(city, figure, "").GetProperty("share").GetDecimal()));
        foreach (var figure in new[] { "mobileByOccupation", "mobileBySector", "mobileByEducation", "mobileByReason",
            "mobileByDestination", "mobileByDuration" })
        {
            var parts = city.GetProperty("figures").EnumerateArray()
                .Where(f => f.GetProperty("code").GetString() == figure).Select(f => f.GetProperty("count").GetInt32());
            Assert.Equal((figure, register.BeyondCounty), (figure, parts.Sum()));
        }
    }

    private async Task<JsonElement> FiguresAsync(string role, string scope) =>
        (await loaded.Node.As(role, scope).GetAsync("/api/v1/figures")).Ok;

    internal static int Count(JsonElement figures, string code, string? value = null) =>
        Of(figures, code, value).GetProperty("count").GetInt32();

    private static JsonElement Of(JsonElement figures, string code, string? value) => figures.GetProperty("figures")
        .EnumerateArray().Single(f => f.GetProperty("code").GetString() == code
            && f.GetProperty("value").GetString() == value);

    /// <summary>A node with the registers, loaded once.</summary>
    public sealed class Loaded : IAsyncLifetime
    {
        public SeedFolder Seeds { get; } = SeedFolder.Find();

        public IReadOnlyList<PublishedCounty> Registers { get; private set; } = [];

        public TierNode Node { get; private set; } = null!;

        public Clerks Clerks { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            var topology = Servers.OnFreePorts(TopologyFile.Load(
                Path.Combine(Seeds.Root, "seeds/topologies/published.yaml")), "published-");
            var broker = (await Servers.BrokersAsync(topology, new(user => $"secret-{user}"))).Values.Single();
            Node = await TierNode.StartAsync(topology.Root, topology, broker.Port, "");
            var tokens = new[] { "committee-clerk", "tier-administrator" }
                .ToDictionary(role => role, role => Node.TokenOf(role, Province));
            Clerks = new Clerks((_, role) => tokens[role], HttpVersion.Version20);
            var load = new PublishedLoad(Clerks, new(Node.Address), "140000", Seeds, _ => { });
            Registers = [.. PublishedTables.Registers(Seeds).Select(Sized)];
            foreach (var county in Registers) await load.RunAsync(county, TestContext.Current.CancellationToken);
            // Once more: what is done is on no worklist, and the same command changes nothing.
            await load.RunAsync(Registers[0], TestContext.Current.CancellationToken);
        }

        public async ValueTask DisposeAsync()
        {
            Clerks.Dispose();
            await Node.DisposeAsync();
        }

        private static PublishedCounty Sized(PublishedCounty county) =>
            Environment.GetEnvironmentVariable("PUBLISHED") == "full" ? county
            : county.OwnTownship == 0 ? county with
            {
                Members = 180, BeyondCounty = 101, Guests = 326, UnitsOrganised = 15, UnitsFew = 37, UnitsNone = 100,
            }
            : county with
            {
                Members = 606, OwnTownship = 145, OtherTownship = 13, BeyondCounty = 41, NotPlaced = 1, Guests = 16,
            };
    }
}
