using Platform.CommandLine.Infrastructure;
using YamlDotNet.Core;
using YamlDotNet.Serialization;
using YamlDotNet.Serialization.NamingConventions;

namespace Platform.CommandLine.Topologies;

/// <summary>Reads a topology from YAML; every complaint names the place.</summary>
public static class TopologyFile
{
    /// <summary>Parses and checks.</summary>
    /// <exception cref="TroubleException">Not YAML, or one line per broken rule.</exception>
    public static Topology Load(string path)
    {
        if (!File.Exists(path))
        {
            throw new TroubleException($"There is no topology file {path}.");
        }

        return Parse(File.ReadAllText(path), path);
    }

    public static Topology Parse(string yaml, string source = "topology")
    {
        var (topology, complaints) = TryParse(yaml);
        return complaints.Count == 0 ? topology! : throw new TroubleException($"{source} has problems:", complaints);
    }

    /// <summary>The topology, or what is wrong with it, in file order.</summary>
    public static (Topology? Topology, IReadOnlyList<string> Complaints) TryParse(string yaml)
    {
        FileShape? shape;
        try
        {
            shape = new DeserializerBuilder().WithNamingConvention(CamelCaseNamingConvention.Instance).Build()
                .Deserialize<FileShape?>(yaml);
        }
        catch (YamlException e)
        {
            return (null, [$"line {e.Start.Line}: {e.InnerException?.Message ?? e.Message}"]);
        }

        if (shape is null)
        {
            return (null, ["the file is empty"]);
        }

        var complaints = new List<string>();
        var topology = Build(shape, complaints);
        complaints.AddRange(TopologyRules.Check(topology));
        return (topology, complaints);
    }

    private static Topology Build(FileShape shape, List<string> complaints)
    {
        var nodes = shape.Nodes.Select((n, i) => BuildNode(n, i, complaints)).ToList();
        var named = shape.Brokers.Select(b => new Broker(b.Key, b.Value.BasePort)).ToList();
        return new Topology
        {
            Name = shape.Name,
            PostgresPort = shape.Postgres.Port,
            RedisPort = shape.Redis.Port,
            EpmdPort = shape.Epmd.Port,
            Nodes = nodes,
            // A node that names no broker has its own, fifty ports above its base port.
            Brokers =
            [
                .. named,
                .. nodes.Where(n => n.Broker == OwnBroker(n)).DistinctBy(n => n.Broker)
                    .Where(n => named.All(b => b.Name != n.Broker)).Select(n => new Broker(n.Broker, n.BasePort + 50)),
            ],
        };
    }

    private static string OwnBroker(Node node) => "n" + node.Code;

    private static Node BuildNode(NodeShape shape, int index, List<string> complaints)
    {
        var where = $"node {(shape.Path.Length > 0 ? shape.Path : $"number {index + 1}")}";
        if (!Enum.TryParse<Tier>(shape.Tier, ignoreCase: true, out var tier))
        {
            complaints.Add($"{where}: tier '{shape.Tier}' is none of central, province, city, county");
        }

        if (!TryMode(shape.Mode, out var mode))
        {
            complaints.Add($"{where}: mode '{shape.Mode}' is neither all-in-one nor services");
        }

        var node = new Node
        {
            Path = shape.Path,
            NameZh = shape.Name.Zh,
            NameEn = shape.Name.En,
            Tier = tier,
            Regions = shape.Regions,
            Parent = shape.Parent,
            Mode = mode,
            Broker = "",
            BasePort = shape.BasePort,
        };
        return node with { Broker = shape.Broker ?? OwnBroker(node) };
    }

    public static bool TryMode(string text, out NodeMode mode)
    {
        mode = text == "services" ? NodeMode.Services : NodeMode.AllInOne;
        return text is "services" or "all-in-one";
    }

    private sealed class FileShape
    {
        public string Name { get; set; } = "";

        public PortShape Postgres { get; set; } = new();

        public PortShape Redis { get; set; } = new();

        public PortShape Epmd { get; set; } = new();

        public Dictionary<string, BrokerShape> Brokers { get; set; } = [];

        public List<NodeShape> Nodes { get; set; } = [];
    }

    private sealed class PortShape
    {
        public int Port { get; set; }
    }

    private sealed class BrokerShape
    {
        public int BasePort { get; set; }
    }

    private sealed class NameShape
    {
        public string Zh { get; set; } = "";

        public string En { get; set; } = "";
    }

    private sealed class NodeShape
    {
        public string Path { get; set; } = "";

        public NameShape Name { get; set; } = new();

        public string Tier { get; set; } = "";

        public List<string> Regions { get; set; } = [];

        public string? Parent { get; set; }

        public string Mode { get; set; } = "all-in-one";

        public string? Broker { get; set; }

        public int BasePort { get; set; }
    }
}
