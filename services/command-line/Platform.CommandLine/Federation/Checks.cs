using System.Globalization;
using Platform.CommandLine.Infrastructure;
using Platform.CommandLine.Topologies;

namespace Platform.CommandLine.Federation;

/// <summary>One look at the machine. <see cref="Fine"/> is null when it is only worth knowing.</summary>
public sealed record Finding(string What, bool? Fine, string Words);

/// <summary>
/// What must hold before a federation can start; the doctor shows all, <c>up</c> stops at the first that is not fine.
/// </summary>
public static class Checks
{
    private const long DiskMin = 1_500_000_000;

    public static IReadOnlyList<Finding> All(Topology topology, StateFolder state) =>
        [Sdk(), Binaries(), Missing(), Disk(state), Memory(topology), Folder(state), .. PortsOf(topology, state)];

    public static Finding Missing() => Packages.Missing() is { Count: > 0 } missing
        ? new("packages", false, $"missing: {string.Join(' ', missing)}; mend with: ./platform infrastructure packages")
        : new("packages", true, "PostgreSQL 15, RabbitMQ and Redis are installed");

    public static Finding Disk(StateFolder state)
    {
        var at = new DirectoryInfo(state.Servers);
        while (!at.Exists)
        {
            at = at.Parent!;
        }

        var free = new DriveInfo(at.FullName).AvailableFreeSpace;
        return new("disk", free >= DiskMin, string.Create(CultureInfo.InvariantCulture,
            $"{free / 1e9:0.0} GB free at {at.FullName}, at least {DiskMin / 1e9:0.0} GB are needed"));
    }

    public static Finding Memory(Topology topology)
    {
        var line = File.ReadLines("/proc/meminfo").First(l => l.StartsWith("MemAvailable:", StringComparison.Ordinal));
        var free = 1024L * long.Parse(
            line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
        var need = 300_000_000L + (topology.Nodes.Count * 400_000_000L) + (topology.Brokers.Count * 150_000_000L);
        return new("memory", free >= need, string.Create(CultureInfo.InvariantCulture,
            $"{free / 1e9:0.0} GB available, about {need / 1e9:0.0} GB are needed for {topology.Nodes.Count} nodes"));
    }

    /// <summary>A port is fine when it is free or one of our own live processes has it.</summary>
    public static IEnumerable<Finding> PortsOf(Topology topology, StateFolder state)
    {
        var ours = OurPids(state).SelectMany(ProcFs.Tree).ToHashSet();
        var taken = TopologyRules.PortsOf(topology)
            .Where(
                p => !FreePorts.IsFree(p.Port) && !(ProcFs.PortOwner(p.Port) is { } owner && ours.Contains(owner.Pid)))
            .Select(p => new Finding(
                "port", false, Ports.Taken(p.Use, p.Port) ?? $"port {p.Port} ({p.Use}) was taken a moment ago"))
            .ToList();
        return taken.Count > 0 ? taken
            : [new("ports", true, $"{TopologyRules.PortsOf(topology).Count()} ports are free or ours")];
    }

    private static Finding Sdk() =>
        new("dotnet", Environment.Version.Major >= 10, $".NET {Environment.Version} runs this");

    private static Finding Binaries() => File.Exists(Repository.AllInOne)
        ? new("build", true, "the services are built")
        : new("build", false, $"{Repository.AllInOne} is not there; ./platform up builds it");

    private static Finding Folder(StateFolder state) => new("folder", null, state.Servers == state.At("servers")
        ? $"everything lies in {state.Path}"
        : $"other users cannot walk to {state.Path}: the servers' data lies in {state.Servers}");

    private static IEnumerable<int> OurPids(StateFolder state) => !Directory.Exists(state.Run) ? []
        : Directory.EnumerateFiles(state.Run, "*.pid")
            .Select(f => new Daemon(new DaemonSpec(Path.GetFileNameWithoutExtension(f), state.Run, "", [])).Pid)
            .OfType<int>();
}
