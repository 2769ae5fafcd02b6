using System.Text.RegularExpressions;

namespace Platform.CommandLine.Topologies;

/// <summary>What a topology must hold. Pure; one sentence per breach, in file order.</summary>
public static partial class TopologyRules
{
    public static IReadOnlyList<string> Check(Topology topology) =>
    [
        .. Names(topology), .. topology.Nodes
            .SelectMany(n => CheckNode(topology, n)), .. Tree(topology), .. Regions(topology), .. Ports(topology),
    ];

    private static IEnumerable<string> Names(Topology topology)
    {
        if (!NamePattern().IsMatch(topology.Name))
        {
            yield return $"name '{topology.Name}' must be small letters, digits and dashes";
        }

        foreach (var broker in topology.Brokers.Where(b => !NamePattern().IsMatch(b.Name)))
        {
            yield return $"broker name '{broker.Name}' must be small letters, digits and dashes";
        }
    }

    private static IEnumerable<string> CheckNode(Topology topology, Node node)
    {
        if (!PathPattern().IsMatch(node.Path))
        {
            yield return $"node '{node.Path}': the path must be six-digit codes joined by dots, such as 140000.141022";
            yield break;
        }

        var fits = TierOf(node.Code);
        // A district or county code may carry a bigger tier's node (a province-level new area), never a smaller one.
        if (node.Tier > fits)
        {
            yield return $"node {node.Path}: {node.Code} is a {Word(fits)} code, the tier cannot be {Word(node.Tier)}";
        }

        if (node.NameZh.Length == 0 || node.NameEn.Length == 0)
        {
            yield return $"node {node.Path}: it needs a name in both languages (name: {{ zh, en }})";
        }

        if (topology.Brokers.All(b => b.Name != node.Broker))
        {
            yield return $"node {node.Path}: broker '{node.Broker}' is not in brokers";
        }

        if (node.Regions.Count == 0)
        {
            yield return $"node {node.Path}: it serves no region";
        }

        foreach (var region in node.Regions.Where(r => !RegionPattern().IsMatch(r)))
        {
            yield return $"node {node.Path}: region '{region}' must be 2, 4 or 6 digits, no zeros at the end";
        }
    }

    private static IEnumerable<string> Tree(Topology topology)
    {
        foreach (var same in topology.Nodes.GroupBy(n => n.Code).Where(g => g.Count() > 1))
        {
            yield return $"code {same.Key} is used by {same.Count()} nodes; it names databases and vhosts";
        }

        var roots = topology.Nodes.Where(n => n.Parent is null).Select(n => n.Path).ToList();
        if (roots.Count != 1)
        {
            yield return roots.Count == 0 ? "no node is the root (one without parent)"
                : $"only one node can be the root, these have no parent: {string.Join(", ", roots)}";
        }

        foreach (var node in topology.Nodes.Where(n => n.Parent is not null))
        {
            if (topology.Nodes.All(n => n.Path != node.Parent))
            {
                yield return $"node {node.Path}: its parent {node.Parent} is unknown";
            }
            else if (node.Path != $"{node.Parent}.{node.Code}")
            {
                yield return $"node {node.Path}: the path must be its parent's path and one more code "
                    + $"({node.Parent}.{node.Code})";
            }
        }
    }

    private static IEnumerable<string> Regions(Topology topology)
    {
        var all = topology.Nodes.SelectMany(n => n.Regions.Select(r => (Node: n, Region: r))).ToList();
        return from i in Enumerable.Range(0, all.Count)
               from j in Enumerable.Range(0, all.Count)
               where i != j && all[j].Region.StartsWith(all[i].Region, StringComparison.Ordinal)
               let complaint = Overlap(all[i].Node, all[i].Region, all[j].Node, all[j].Region, once: i < j)
               where complaint is not null
               select complaint;
    }

    /// <summary>A region inside another one is fine when its node is below the other's.</summary>
    private static string? Overlap(Node outer, string outerRegion, Node inner, string innerRegion, bool once)
    {
        if (innerRegion == outerRegion)
        {
            return once ? $"region {innerRegion} is served twice: by {outer.Path} and by {inner.Path}" : null;
        }

        if (inner == outer)
        {
            return $"node {inner.Path}: region {innerRegion} already lies in its region {outerRegion}";
        }

        return inner.Path.StartsWith(outer.Path + ".", StringComparison.Ordinal) ? null
            : $"region {innerRegion} of {inner.Path} lies in region {outerRegion} of {outer.Path}, "
                + "which is not above it";
    }

    private static IEnumerable<string> Ports(Topology topology) => PortsOf(topology)
        .Where(p => p.Port is < 1024 or > 65000)
            .Select(p => $"{p.Use}: port {p.Port} is missing or outside 1024 to 65000")
        .Concat(PortsOf(topology).Where(p => p.Port >= 1024).GroupBy(p => p.Port).Where(g => g.Count() > 1)
            .Select(g => $"port {g.Key} is used {g.Count()} times: {string.Join(", ", g.Select(p => p.Use))}"));

    /// <summary>Every port the topology listens on and what for.</summary>
    public static IEnumerable<(string Use, int Port)> PortsOf(Topology topology) =>
    [
        ("postgres", topology.PostgresPort), ("redis", topology.RedisPort), ("epmd", topology.EpmdPort),
        .. topology.Brokers.SelectMany(b => ((string, int)[])
        [
            ($"broker {b.Name} amqp", b.AmqpPort), ($"broker {b.Name} management", b.ManagementPort),
            ($"broker {b.Name} metrics", b.PrometheusPort), ($"broker {b.Name} distribution", b.DistributionPort),
        ]),
        .. topology.Nodes.SelectMany(
            n => Node.Services.Select(s => ($"{n.Code} {s}", n.PortOf(s))).Prepend(($"{n.Code} gateway", n.BasePort))),
    ];

    private static string Word(Tier tier) => tier.ToString().ToLowerInvariant();

    private static Tier TierOf(string code) => code switch
    {
        "000000" => Tier.Central,
        [_, _, '0', '0', '0', '0'] => Tier.Province,
        [_, _, _, _, '0', '0'] => Tier.City,
        _ => Tier.County,
    };

    [GeneratedRegex("^[a-z][a-z0-9-]{0,30}$")]
    private static partial Regex NamePattern();

    [GeneratedRegex(@"^\d{6}(\.\d{6})*$")]
    private static partial Regex PathPattern();

    [GeneratedRegex(@"^\d\d((?!00)\d\d){0,2}$")]
    private static partial Regex RegionPattern();
}
