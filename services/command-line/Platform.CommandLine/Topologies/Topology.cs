namespace Platform.CommandLine.Topologies;

/// <summary>A federation on one machine (拓扑): its nodes, its brokers and the servers they share.</summary>
public sealed record Topology
{
    public required string Name { get; init; }

    public required int PostgresPort { get; init; }

    public required int RedisPort { get; init; }

    public required int EpmdPort { get; init; }

    public required IReadOnlyList<Broker> Brokers { get; init; }

    /// <summary>In file order.</summary>
    public required IReadOnlyList<Node> Nodes { get; init; }

    public Node Root => Nodes.Single(n => n.Parent is null);

    public Node NodeAt(string pathOrCode) => Find(pathOrCode)
        ?? throw new KeyNotFoundException($"There is no node {pathOrCode} in topology {Name}.");

    /// <summary>By path (140000.141022) or by code (141022).</summary>
    public Node? Find(string pathOrCode) => Nodes.FirstOrDefault(n => n.Path == pathOrCode || n.Code == pathOrCode);

    public Node? ParentOf(Node node) => node.Parent is { } path ? NodeAt(path) : null;

    public IEnumerable<Node> ChildrenOf(Node node) => Nodes.Where(n => n.Parent == node.Path);

    public Broker BrokerOf(Node node) => Brokers.Single(b => b.Name == node.Broker);
}

/// <summary>One deployment, authoritative for one or more region prefixes (节点).</summary>
public sealed record Node
{
    /// <summary>Dotted codes from the root: <c>140000.141022</c>.</summary>
    public required string Path { get; init; }

    public required string NameZh { get; init; }

    public required string NameEn { get; init; }

    public required Tier Tier { get; init; }

    /// <summary>Region prefixes: "14", "1410", "141022". The longest prefix over all nodes wins.</summary>
    public required IReadOnlyList<string> Regions { get; init; }

    /// <summary>Path of the parent; null at the root.</summary>
    public string? Parent { get; init; }

    public required NodeMode Mode { get; init; }

    /// <summary>Name of its broker; several nodes may name the same one, each has its own vhost there.</summary>
    public required string Broker { get; init; }

    /// <summary>The gateway listens here, the services on the next ports: <see cref="Services"/>.</summary>
    public required int BasePort { get; init; }

    /// <summary>The last code of the path; names its vhost and its databases.</summary>
    public string Code => Path[(Path.LastIndexOf('.') + 1)..];

    public int PortOf(string service) => BasePort + 1 + Array.IndexOf(Services, service) is var port && port > BasePort
        ? port : throw new ArgumentException($"There is no service {service}.", nameof(service));

    /// <summary>Services with a port of their own behind the gateway, in port order. Only add at the end.</summary>
    public static readonly string[] Services = ["registry", "exchange", "identity"];
}

/// <summary>One RabbitMQ process: AMQP at its base port, then management, Prometheus, Erlang distribution.</summary>
public sealed record Broker(string Name, int BasePort)
{
    public int AmqpPort => BasePort;

    public int ManagementPort => BasePort + 1;

    public int PrometheusPort => BasePort + 2;

    public int DistributionPort => BasePort + 3;
}

public enum Tier { Central, Province, City, County }

public enum NodeMode { AllInOne, Services }
