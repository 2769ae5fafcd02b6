using Platform.CommandLine.Topologies;
using Xunit;

namespace CommandLine.Tests;

public sealed class TopologyRulesTests
{
    [Fact]
    public void The_demo_holds_every_rule()
    {
        var (topology, complaints) = TopologyFile.TryParse(Demo.Yaml);
        Assert.Empty(complaints);
        Assert.Equal(["140000", "140000.141022", "140000.140105"], topology!.Nodes.Select(n => n.Path));
        Assert.Equal(["140105", "140106"], topology.NodeAt("140105").Regions);
        Assert.Equal(["n140000", "n141022", "n140105"], topology.Brokers.Select(b => b.Name));
    }

    [Fact]
    public void Nodes_may_share_a_broker()
    {
        var (topology, complaints) = TopologyFile.TryParse(Demo.DeepYaml);
        Assert.Empty(complaints);
        Assert.Equal("shared", Assert.Single(topology!.Brokers).Name);
    }

    [Theory]
    [InlineData("parent: \"140000\"", "parent: \"150000\"", "its parent 150000 is unknown")]
    [InlineData("\"140000.141022\"", "\"14.1022\"", "six-digit codes joined by dots")]
    [InlineData(
        "\"140000.141022\"", "\"150000.141022\"", "must be its parent's path and one more code (140000.141022)")]
    [InlineData("[\"141022\"]", "[\"140106\"]", "region 140106 is served twice: by 140000.141022 and by 140000.140105")]
    [InlineData("[\"141022\"]", "[\"1401\"]",
        "region 140105 of 140000.140105 lies in region 1401 of 140000.141022, which is not above it")]
    [InlineData("[\"141022\"]", "[\"1410\", \"141022\"]", "region 141022 already lies in its region 1410")]
    [InlineData("[\"141022\"]", "[\"141000\"]", "region '141000' must be 2, 4 or 6 digits")]
    [InlineData("[\"141022\"]", "[]", "node 140000.141022: it serves no region")]
    [InlineData("basePort: 18100", "basePort: 18000", "port 18001 is used 2 times: 140000 registry, 141022 registry")]
    [InlineData("basePort: 18100", "basePort: 80", "141022 gateway: port 80 is missing or outside 1024 to 65000")]
    [InlineData("port: 18091", "port: 18090", "port 18090 is used 2 times: postgres, redis")]
    [InlineData("tier: county\n    regions: [\"141022\"]", "tier: village\n    regions: [\"141022\"]",
        "tier 'village' is none of")]
    [InlineData("tier: province", "tier: city", "140000 is a province code, the tier cannot be city")]
    [InlineData("mode: all-in-one", "mode: both", "mode 'both' is neither all-in-one nor services")]
    [InlineData(
        "mode: all-in-one\n    basePort: 18100", "broker: hub\n    basePort: 18100", "broker 'hub' is not in brokers")]
    [InlineData("zh: 翼城县, ", "", "it needs a name in both languages")]
    [InlineData("    parent: \"140000\"\n", "", "only one node can be the root")]
    [InlineData("name: demo", "name: ../demo", "name '../demo' must be small letters")]
    [InlineData("postgres:", "postgress:", "line 5: Property 'postgress' not found")]
    public void A_breach_is_named(string good, string bad, string complaint)
    {
        Assert.Contains(good, Demo.Yaml, StringComparison.Ordinal);
        var (_, complaints) = TopologyFile.TryParse(Demo.Yaml.Replace(good, bad, StringComparison.Ordinal));
        Assert.Contains(complaints, c => c.Contains(complaint, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("")]
    [InlineData("name: [")]
    [InlineData("nodes: 3")]
    [InlineData("name: demo")]
    public void Broken_files_are_refused_without_a_crash(string yaml) =>
        Assert.NotEmpty(TopologyFile.TryParse(yaml).Complaints);
}
