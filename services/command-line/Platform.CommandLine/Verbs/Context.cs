using Platform.CommandLine.Federation;
using Platform.CommandLine.Infrastructure;
using Platform.CommandLine.Topologies;

namespace Platform.CommandLine.Verbs;

/// <summary>The federation a verb is about: which topology, where its state lies, and what is known of it.</summary>
public sealed class Context
{
    private Context(Topology topology, StateFolder state, NodeMode? mode) =>
        (Topology, State, Mode) = (topology, state, mode);

    public Topology Topology { get; }

    public StateFolder State { get; }

    /// <summary>For all nodes; null takes each node's own from the topology.</summary>
    public NodeMode? Mode { get; }

    public Secrets Secrets => field ??= Secrets.Ensure(State.SecretsFile, Topology);

    public ServerSet Servers => field ??= new ServerSet(Topology, State, Secrets);

    public NodeConfig Config => field ??= new NodeConfig(Topology, Secrets, Servers.Postgres, Servers.Redis);

    public IReadOnlyList<NodeProcesses> Nodes =>
        field ??= [.. Topology.Nodes.Select(n => new NodeProcesses(n, Mode ?? n.Mode, State))];

    public IEnumerable<Daemon> Processes => [.. Servers.Processes, .. Nodes.SelectMany(n => n.Processes)];

    /// <summary>For starting: the topology file as it is now.</summary>
    public static Context ToStart(string topology, string? state, NodeMode? mode)
    {
        var loaded = Repository.Topology(topology);
        return new Context(loaded, StateFolder.For(loaded.Name, state), mode);
    }

    /// <summary>For everything else: what was started, with the mode it was started in.</summary>
    public static Context OfStarted(string topology, string? state)
    {
        var folder = StateFolder.For(Path.GetFileNameWithoutExtension(topology), state);
        var started = folder.Started;
        return new Context(Repository.Topology(started?.Topology ?? topology), folder, started?.Mode);
    }

    public bool EverStarted => File.Exists(State.SecretsFile);

    public Node NodeOrTrouble(string pathOrCode) => Topology.Find(pathOrCode) ?? throw new TroubleException(
        $"There is no node {pathOrCode}. Nodes:", [.. Topology.Nodes.Select(n => $"{n.Code} {n.NameZh} {n.NameEn}")]);
}
