using System.Text;
using Platform.CommandLine.Infrastructure;
using Platform.CommandLine.Topologies;
using Platform.Testing;
using RabbitMQ.Client;
using Xunit;

namespace CommandLine.Tests;

/// <summary>The generated definitions on real brokers, joined by real shovels.</summary>
public sealed class InterregionTests
{
    private static readonly RabbitAccess Access = new(user => "secret-of-" + user);
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Three_brokers_carry_a_message_from_county_to_county_and_lose_nothing()
    {
        var topology = Servers.OnFreePorts(Demo.Topology, "t");
        var servers = await Servers.BrokersAsync(topology, Access);
        var (hub, home, host) = (topology.NodeAt("140000"), topology.NodeAt("141022"), topology.NodeAt("140105"));
        await RunningAsync(servers.Values, 4);

        await PublishAsync(topology, home, host.Path, "to the other county");
        Assert.Equal("to the other county", await ReceiveAsync(topology, host, RabbitDefinitions.Inbox));

        await PublishAsync(topology, home, hub.Path, "to the province");
        Assert.Equal("to the province", await ReceiveAsync(topology, hub, RabbitDefinitions.Inbox));

        await PublishAsync(topology, host, host.Path, "to oneself");
        Assert.Equal("to oneself", await ReceiveAsync(topology, host, RabbitDefinitions.Inbox));

        await PublishAsync(topology, host, "999999.123456", "to nobody");
        Assert.Equal("to nobody", await ReceiveAsync(topology, hub, RabbitDefinitions.Unrouted));

        // A path below a county that no longer has such a child comes down and ends there; it does not climb again.
        await PublishAsync(topology, home, host.Path + ".140199", "to a gone child");
        Assert.Equal("to a gone child", await ReceiveAsync(topology, host, RabbitDefinitions.Unrouted));
        Assert.Equal(0, await servers[topology.BrokerOf(host).Name].Management
            .MessagesAsync(host.Code, RabbitDefinitions.Uplink));

        await OnlyOutgoingAsync(topology, servers, hub, home, host);
        await SurvivesTheParentAsync(topology, servers, hub, home, host);
    }

    [Fact]
    public async Task Nodes_that_share_a_broker_are_joined_by_shovels_between_vhosts()
    {
        var topology = Servers.OnFreePorts(TopologyFile.Parse(Demo.DeepYaml), "d");
        var servers = await Servers.BrokersAsync(topology, Access);
        var (province, city, county) =
            (topology.NodeAt("140000"), topology.NodeAt("140100"), topology.NodeAt("140105"));
        await RunningAsync(servers.Values, 4);

        await PublishAsync(topology, county, province.Path, "two tiers up");
        Assert.Equal("two tiers up", await ReceiveAsync(topology, province, RabbitDefinitions.Inbox));
        await PublishAsync(topology, province, county.Path, "two tiers down");
        Assert.Equal("two tiers down", await ReceiveAsync(topology, county, RabbitDefinitions.Inbox));
        await PublishAsync(topology, province, city.Path + ".149999", "no such county");
        Assert.Equal("no such county", await ReceiveAsync(topology, city, RabbitDefinitions.Unrouted));
    }

    /// <summary>
    /// The children's brokers have no client but their own shovels; at the hub only the link users come in.
    /// </summary>
    private static async Task OnlyOutgoingAsync(
        Topology topology, IReadOnlyDictionary<string, RabbitServer> servers, Node hub, params Node[] children)
    {
        foreach (var child in children)
        {
            var users = await UsersAsync(servers[topology.BrokerOf(child).Name]);
            Assert.All(users, u => Assert.Equal(RabbitDefinitions.NodeUser(child), u));
        }

        var atHub = await UsersAsync(servers[topology.BrokerOf(hub).Name]);
        Assert.All(children, c => Assert.Contains(RabbitDefinitions.LinkUser(c), atHub));
    }

    /// <summary>With the hub dead, a county goes on sending; it arrives when the hub is back.</summary>
    private static async Task SurvivesTheParentAsync(
        Topology topology, IReadOnlyDictionary<string, RabbitServer> servers, Node hub, Node home, Node host)
    {
        var broker = servers[topology.BrokerOf(hub).Name];
        await broker.KillAsync();
        await PublishAsync(topology, home, host.Path, "while the hub is dead");
        await broker.StartAsync();
        await broker.WaitReadyAsync();
        Assert.Equal("while the hub is dead", await ReceiveAsync(topology, host, RabbitDefinitions.Inbox));
    }

    private static async Task<List<string>> UsersAsync(RabbitServer broker)
    {
        IReadOnlyList<(string User, string Vhost)> connections = [];
        // The management's view of connections fills with a delay.
        await Wait.UntilAsync(async c => (connections = await broker.Management.ConnectionsAsync(c)).Count >= 2
            && connections.All(x => x.User.Length > 0), Limit);
        return [.. connections.Select(c => c.User)];
    }

    private static async Task RunningAsync(IEnumerable<RabbitServer> brokers, int count)
    {
        IReadOnlyList<ShovelState> shovels = [];
        Assert.True(await Wait.UntilAsync(async c =>
        {
            shovels = [.. (await Task.WhenAll(brokers.Select(b => b.Management.ShovelsAsync(c)))).SelectMany(s => s)];
            return shovels.Count(s => s.State == "running") == count;
        }, Limit), $"shovels: {string.Join(", ", shovels)}");
    }

    private static Task<IConnection> ConnectAsync(Topology topology, Node node) => new ConnectionFactory
    {
        HostName = "127.0.0.1",
        Port = topology.BrokerOf(node).AmqpPort,
        VirtualHost = node.Code,
        UserName = RabbitDefinitions.NodeUser(node),
        Password = Access.Password(RabbitDefinitions.NodeUser(node)),
    }.CreateConnectionAsync();

    private static async Task PublishAsync(Topology topology, Node from, string routingKey, string text)
    {
        await using var connection = await ConnectAsync(topology, from);
        await using var channel = await connection.CreateChannelAsync(new CreateChannelOptions(true, true, null));
        await channel.BasicPublishAsync(
            RabbitDefinitions.Exchange, routingKey, mandatory: true, new BasicProperties { Persistent = true },
                Encoding.UTF8.GetBytes(text));
    }

    private static async Task<string?> ReceiveAsync(Topology topology, Node at, string queue)
    {
        await using var connection = await ConnectAsync(topology, at);
        await using var channel = await connection.CreateChannelAsync();
        BasicGetResult? got = null;
        await Wait.UntilAsync(
            async c => (got = await channel.BasicGetAsync(queue, autoAck: true, c)) is not null, Limit);
        return got is null ? null : Encoding.UTF8.GetString(got.Body.Span);
    }
}
