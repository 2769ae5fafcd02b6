using System.Globalization;
using Platform.CommandLine.Federation;
using Platform.CommandLine.Infrastructure;
using Spectre.Console;

namespace Platform.CommandLine.Verbs;

/// <summary>What is where, who can sign in, what to try.</summary>
public static class Board
{
    public static void Show(Context context, string how)
    {
        Say.Line($"\n[bold]Federation {context.Topology.Name} {how}.[/]");
        foreach (var n in context.Nodes)
        {
            var broker = context.Topology.BrokerOf(n.Node);
            var mode = n.Mode == Topologies.NodeMode.AllInOne ? "all-in-one" : "services";
            Say.Line($"  [bold]{NodeConfig.ConsoleUrl(n.Node)}[/]  {n.Node.NameZh} {n.Node.NameEn}");
            Console.WriteLine($"    node {n.Node.Path}, {mode}, broker 127.0.0.1:{broker.AmqpPort} "
                + $"(management http://127.0.0.1:{broker.ManagementPort})");
        }

        var (postgres, redis) = (context.Topology.PostgresPort, context.Topology.RedisPort);
        Console.WriteLine($"  PostgreSQL 127.0.0.1:{postgres}, Redis 127.0.0.1:{redis}");
        Console.WriteLine($"  passwords and keys: {context.State.SecretsFile}");
        AnsiConsole.MarkupLine("\n[bold]Console[/]: an address above in a browser; ./platform accounts shows names, "
            + "passwords and the codes of this moment");
        AnsiConsole.MarkupLine("\n[bold]Who can sign in[/] (tokens, good for seven days)");
        foreach (var group in Principals.Of(context.Topology).GroupBy(p => p.Node))
        {
            Say.Line($"  {group.Key.NameZh} [grey]{string.Join(", ", group.Select(p => p.FileName))}[/]");
        }

        Try(context);
    }

    /// <summary>Lines to copy: a county's daily list, what the province sees, the way between two counties.</summary>
    private static void Try(Context context)
    {
        var root = context.Topology.Root;
        var counties = context.Topology.Nodes.Where(n => n.Parent is not null).DefaultIfEmpty(root).ToList();
        var (home, host) = (counties[0], counties.Count > 1 ? counties[^1] : root);
        Console.WriteLine();
        AnsiConsole.MarkupLine("[bold]Three things to try[/]");
        Curl("the home county's reconciliation list", context, home, "committee-clerk", "reconciliation");
        Curl("the province's counts, county by county", context, root, "analyst", "overview");
        Curl("a signed question to the other county and its answer, through every broker on the way",
            context, home, "operator", $"exchange/nodes/{host.Path}/ping", "-X POST ");
        Console.WriteLine();
        AnsiConsole.MarkupLine("[grey]Also: ./platform status · logs · token · accounts · doctor · down · --help[/]");
    }

    private static void Curl(
        string what, Context context, Topologies.Node node, string role, string path, string post = "")
    {
        var token = context.State.TokenFile($"{node.Code}-{role}");
        Say.Line($"[grey]  # {what}[/]");
        Console.WriteLine(
            $"  curl -s {post}-H \"Authorization: Bearer $(cat {token})\" {NodeConfig.GatewayUrl(node)}/api/v1/{path}");
    }
}

/// <summary>One line per process: pid, since when, memory.</summary>
public static class StatusVerb
{
    public static async Task<int> RunAsync(string topology, string? state, CancellationToken cancel)
    {
        var context = Context.OfStarted(topology, state);
        if (!context.EverStarted)
        {
            Say.Line(
                $"Federation {context.Topology.Name} was never started here ({context.State.Path}). ./platform up");
            return 3;
        }

        var table = new Table().Border(TableBorder.Simple)
            .AddColumns("process", "pid", "since (UTC)", "memory", "state");
        long total = 0;
        foreach (var process in context.Processes)
        {
            var pid = process.Pid;
            var memory = pid is { } p ? ProcFs.Memory(p) : 0;
            total += memory;
            table.AddRow(process.Spec.Name, pid?.ToString(CultureInfo.InvariantCulture) ?? "-",
                pid is null ? "-" : process.StartedAt?.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture)
                    ?? "-",
                Megabytes(memory), pid is null ? "[red]not running[/]" : "[green]running[/]");
        }

        AnsiConsole.Write(table);
        var ready = await Task.WhenAll(context.Nodes.Select(async n => (n.Node, Ready: await n.ReadyAsync(cancel))));
        foreach (var (node, isReady) in ready)
        {
            var words = isReady ? "✓ ready    " : "✗ not ready";
            Say.Line($"  {words} {node.Code} {node.NameZh} {NodeConfig.GatewayUrl(node)}");
        }

        Say.Line($"  memory in all: {Megabytes(total)}");
        return ready.All(r => r.Ready) && context.Processes.All(p => p.IsRunning) ? 0 : 3;
    }

    private static string Megabytes(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1048576} MB");
}
