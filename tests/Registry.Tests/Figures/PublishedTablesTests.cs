using System.Diagnostics;
using System.Net;
using System.Text.Json;
using Platform.CommandLine.Topologies;
using Platform.Seeds;
using Platform.Testing;
using Registry.Tests.Federated;

namespace Registry.Tests.Figures;

/// <summary>
/// What <c>./platform up --topology published</c> does: the same node with real PostgreSQL, broker and exchange, the
/// same registers of <c>seeds/demo</c> through roster, worklists and forms, and then the printed tables.
/// </summary>
public sealed class PublishedTablesTests(PublishedTablesTests.Loaded loaded)
    : IClassFixture<PublishedTablesTests.Loaded>
{
    private const string Province = "140000/", County = "140000/141000/141022/", City = "140000/140500/";

    /// <summary>A node with the registers, loaded once.</summary>
    public sealed class Loaded : IAsyncLifetime
    {
        public SeedFolder Seeds { get; } = SeedFolder.Find();

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
            var load = new PublishedLoad(Clerks, new(Node.Address), "140000", Seeds, Tell);
            foreach (var county in PublishedTables.Registers(Seeds)) await load.RunAsync(county, CancellationToken.None);
        }

        private static readonly Stopwatch Watch = Stopwatch.StartNew();
        private static void Tell(string line) => Console.Error.WriteLine($"{Watch.Elapsed.TotalSeconds:0.0} {line}");

        public async ValueTask DisposeAsync()
        {
            Clerks.Dispose();
            await Node.DisposeAsync();
        }
    }

    [Fact, Trait("mechanism", "M-276"), Trait("mechanism", "M-277"), Trait("mechanism", "M-279"),
        Trait("mechanism", "M-111")]
    public async Task Loading_the_demo_registers_gives_the_published_numbers_and_shows_what_they_leave_open()
    {
        var compared = await PublishedComparison.RunAsync(loaded.Clerks, new(loaded.Node.Address), "140000",
            PublishedTables.Printed(loaded.Seeds), TestContext.Current.CancellationToken);
        foreach (var line in PublishedComparison.Lines(compared)) Console.Error.WriteLine(line);
        Assert.True(compared.All(c => c.IsEqual), string.Join('\n', PublishedComparison.Lines(compared)));
    }

    internal static int Count(JsonElement figures, string code, string? value = null) =>
        Of(figures, code, value).GetProperty("count").GetInt32();

    private static JsonElement Of(JsonElement figures, string code, string? value) => figures.GetProperty("figures")
        .EnumerateArray().Single(f => f.GetProperty("code").GetString() == code
            && f.GetProperty("value").GetString() == value);
}
