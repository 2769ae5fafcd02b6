using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Platform.CommandLine.Topologies;

/// <summary>What the generator needs to know besides the topology.</summary>
/// <param name="Password">Of a broker user by name.</param>
/// <param name="ParentPort">
/// The AMQP port at which a child reaches its parent; null means the parent broker's own. A test puts a cable to cut
/// there.
/// </param>
public sealed record RabbitAccess(Func<string, string> Password, Func<Node, int>? ParentPort = null);

/// <summary>
/// The inter-region transport as RabbitMQ definitions, one document per broker. Pure: same topology, same document.
/// What a node's vhost holds is decided here and nowhere else.
/// </summary>
public static class RabbitDefinitions
{
    /// <summary>Where everything enters that this node or one of its children sends.</summary>
    public const string Exchange = "interregion";

    /// <summary>
    /// Where comes in what the parent hands down: the same ways except up, so that nothing is thrown to and fro.
    /// </summary>
    public const string DownExchange = "interregion.down";

    public const string Inbox = "exchange.in";
    public const string Uplink = "uplink";
    public const string Unrouted = "unrouted";

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static string Downlink(Node child) => $"downlink.{child.Path}";

    /// <summary>The services of a node sign in as this user, in their own vhost only.</summary>
    public static string NodeUser(Node node) => $"node-{node.Code}";

    /// <summary>
    /// A child's shovels sign in at the parent as this user: read its downlink, write the exchange, nothing else.
    /// </summary>
    public static string LinkUser(Node child) => $"link-{child.Code}";

    public static string ToJson(DefinitionsDocument document) => JsonSerializer.Serialize(document, Json) + "\n";

    /// <summary>Everything on one broker: a vhost per node that lives there.</summary>
    public static DefinitionsDocument For(Topology topology, Broker broker, RabbitAccess access)
    {
        var nodes = topology.Nodes.Where(n => n.Broker == broker.Name).ToList();
        var children = nodes.SelectMany(topology.ChildrenOf).ToList();
        return new DefinitionsDocument
        {
            Vhosts = [.. nodes.Select(n => new VhostDefinition(n.Code))],
            Users =
            [
                .. nodes.Select(n => new UserDefinition(NodeUser(n), access.Password(NodeUser(n)), "management")),
                .. children.Select(c => new UserDefinition(LinkUser(c), access.Password(LinkUser(c)), "")),
            ],
            Permissions =
            [
                .. nodes.Select(n => new PermissionDefinition(NodeUser(n), n.Code, ".*", ".*", ".*")),
                .. children.Select(c => new PermissionDefinition(
                    LinkUser(c), topology.ParentOf(c)!.Code, "^$", $"^{Exchange}$",
                        $"^{Downlink(c).Replace(".", "\\.", StringComparison.Ordinal)}$")),
            ],
            Exchanges = [.. nodes.SelectMany(Exchanges)],
            Queues = [.. nodes.SelectMany(n => Queues(topology, n))],
            Bindings = [.. nodes.SelectMany(n => Bindings(topology, n))],
            Parameters = [.. nodes.Where(n => n.Parent is not null).SelectMany(n => Shovels(topology, n, access))],
        };
    }

    private static string Unmatched(string exchange) => exchange + ".unmatched";

    private static string[] EntriesOf(Node node) => node.Parent is null ? [Exchange] : [Exchange, DownExchange];

    private static IEnumerable<ExchangeDefinition> Exchanges(Node node) =>
        EntriesOf(node).SelectMany(entry => (ExchangeDefinition[])
    [
        new(entry, node.Code, "topic") { Arguments = new() { ["alternate-exchange"] = Unmatched(entry) } },
        new(Unmatched(entry), node.Code, "fanout"),
    ]);

    private static IEnumerable<QueueDefinition> Queues(Topology topology, Node node) =>
    [
        new(Inbox, node.Code),
        .. topology.ChildrenOf(node).Select(c => new QueueDefinition(Downlink(c), node.Code)),
        .. node.Parent is null ? (QueueDefinition[])[] : [new(Uplink, node.Code)],
        new(Unrouted, node.Code),
    ];

    private static IEnumerable<BindingDefinition> Bindings(Topology topology, Node node)
    {
        foreach (var entry in EntriesOf(node))
        {
            yield return new(entry, node.Code, Inbox, node.Path);
            foreach (var child in topology.ChildrenOf(node))
            {
                // "a.#" matches "a" itself as well.
                yield return new(entry, node.Code, Downlink(child), child.Path + ".#");
            }

            var climbs = entry == Exchange && node.Parent is not null;
            yield return new(Unmatched(entry), node.Code, climbs ? Uplink : Unrouted, "");
        }
    }

    /// <summary>Both run in the child's broker: a child only ever dials out.</summary>
    private static IEnumerable<ParameterDefinition> Shovels(Topology topology, Node child, RabbitAccess access)
    {
        var parent = topology.ParentOf(child)!;
        var here = Uri(NodeUser(child), access, topology.BrokerOf(child).AmqpPort, child);
        var there = Uri(
            LinkUser(child), access, access.ParentPort?.Invoke(child) ?? topology.BrokerOf(parent).AmqpPort, parent);
        yield return new("shovel", child.Code, "uplink", new(here, Uplink, there, Exchange));
        yield return new("shovel", child.Code, "downlink", new(there, Downlink(child), here, DownExchange));
    }

    private static string Uri(string user, RabbitAccess access, int port, Node at) => string.Create(
        CultureInfo.InvariantCulture, $"amqp://{user}:{access.Password(user)}@127.0.0.1:{port}/{at.Code}?heartbeat=10");
}
