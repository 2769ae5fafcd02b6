using Platform.CommandLine.Topologies;
using Platform.Testing;
using Xunit;

namespace CommandLine.Tests;

public sealed class RabbitDefinitionsTests
{
    private static readonly RabbitAccess Access = new(user => $"secret-of-{user}");

    [Theory]
    [InlineData("n140000")]
    [InlineData("n141022")]
    [InlineData("n140105")]
    public void The_demo_brokers_get_what_the_design_says(string broker)
    {
        var topology = Demo.Topology;
        var json = RabbitDefinitions.ToJson(
            RabbitDefinitions.For(topology, topology.Brokers.Single(b => b.Name == broker), Access));
        Assert.Equal(Golden.Expect($"definitions.{broker}.json", json), json);
    }

    [Fact]
    public void Nodes_that_share_a_broker_get_a_vhost_each()
    {
        var topology = TopologyFile.Parse(Demo.DeepYaml);
        var json = RabbitDefinitions.ToJson(RabbitDefinitions.For(topology, topology.Brokers[0], Access));
        Assert.Equal(Golden.Expect("definitions.shared.json", json), json);
    }

    [Fact]
    public void A_broker_of_a_parent_dials_no_child()
    {
        var topology = Demo.Topology;
        var hub = RabbitDefinitions.For(topology, topology.BrokerOf(topology.Root), Access);
        Assert.Empty(hub.Parameters);
        Assert.DoesNotContain(hub.Queues, q => q.Name == RabbitDefinitions.Uplink);
    }

    [Fact]
    public void What_comes_down_has_no_way_up()
    {
        var topology = TopologyFile.Parse(Demo.DeepYaml);
        var city = topology.NodeAt("140100");
        var bindings = RabbitDefinitions.For(topology, topology.Brokers[0], Access).Bindings
            .Where(b => b.Vhost == city.Code).ToList();
        Assert.Equal(
            ["exchange.in 140000.140100", "downlink.140000.140100.140105 140000.140100.140105.#"],
            bindings.Where(b => b.Source == RabbitDefinitions.DownExchange)
                .Select(b => $"{b.Destination} {b.RoutingKey}"));
        Assert.Equal("unrouted", bindings.Single(b => b.Source == "interregion.down.unmatched").Destination);
        Assert.Equal("uplink", bindings.Single(b => b.Source == "interregion.unmatched").Destination);
    }

    [Fact]
    public void A_cut_cable_can_be_put_between_child_and_parent()
    {
        var topology = Demo.Topology;
        var child = topology.NodeAt("141022");
        var shovel = RabbitDefinitions.For(
            topology, topology.BrokerOf(child), Access with { ParentPort = _ => 4711 }).Parameters[0];
        Assert.Contains("@127.0.0.1:4711/140000", shovel.Value.DestinationUri, StringComparison.Ordinal);
        Assert.Contains(
            $"@127.0.0.1:{topology.BrokerOf(child).AmqpPort}/141022", shovel.Value.SourceUri, StringComparison.Ordinal);
    }
}
