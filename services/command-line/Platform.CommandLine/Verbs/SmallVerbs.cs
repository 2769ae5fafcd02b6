using Platform.CommandLine.Federation;
using Platform.CommandLine.Infrastructure;
using Platform.CommandLine.Topologies;
using Spectre.Console;

namespace Platform.CommandLine.Verbs;

/// <summary>Verbs of a few lines each.</summary>
public static class SmallVerbs
{
    public static int Doctor(string topology, string? state)
    {
        var context = Context.OfStarted(topology, state);
        var findings = Checks.All(context.Topology, context.State);
        foreach (var f in findings)
        {
            var mark = f.Fine switch { true => "[green]✓[/]", false => "[red]✗[/]", null => "[grey]·[/]" };
            AnsiConsole.MarkupLine($"{mark} {Markup.Escape(f.What),-9} {Markup.Escape(f.Words)}");
        }

        return findings.Any(f => f.Fine == false) ? 1 : 0;
    }

    /// <summary>Prints a token and nothing else, so that it can stand in $(…).</summary>
    public static int Token(string topology, string? state, TokenRequest request)
    {
        var context = Context.OfStarted(topology, state);
        var node = context.NodeOrTrouble(request.Node);
        var key = Secrets.Read(context.State.SecretsFile)?.Nodes.GetValueOrDefault(node.Code)?.TokenKey
            ?? throw new TroubleException("This federation has no keys yet: ./platform up makes them.");
        var name = request.Name ?? $"演示-{string.Join('+', request.Roles)}-{node.Code}";
        var org = request.Org ?? TokenIssuer.OrganisationOf(node.Code);
        if (!org.EndsWith('/'))
        {
            throw new TroubleException(
                $"An organisation path ends with a slash, such as {TokenIssuer.OrganisationOf(node.Code)}");
        }

        Console.WriteLine(TokenIssuer.Issue(
            node, key, new Principal(TokenIssuer.SubjectOf(node, name), name, org, request.Roles, request.Member),
            TimeProvider.System.GetUtcNow(), TimeSpan.FromHours(request.Hours)));
        return 0;
    }

    public static int CheckTopology(string file)
    {
        var topology = Repository.Topology(file);
        Say.Line(
            $"[green]✓[/] {topology.Name}: {topology.Nodes.Count} nodes, {topology.Brokers.Count} brokers");
        return 0;
    }

    /// <summary>What each broker is given, with words in place of passwords.</summary>
    public static int ShowDefinitions(string file, string? broker)
    {
        var topology = Repository.Topology(file);
        var chosen = topology.Brokers.Where(b => broker is null || b.Name == broker).ToList();
        if (chosen.Count == 0)
        {
            throw new TroubleException(
                $"No broker is called {broker}: {string.Join(", ", topology.Brokers.Select(b => b.Name))}.");
        }

        foreach (var b in chosen)
        {
            Console.Write(RabbitDefinitions.ToJson(
                RabbitDefinitions.For(topology, b, new RabbitAccess(user => $"PASSWORD-OF-{user}"))));
        }

        return 0;
    }

    public static int InstallPackages()
    {
        var missing = Packages.Missing();
        Packages.Install(missing, Steps.Note);
        AnsiConsole.MarkupLine(missing.Count == 0 ? "[green]✓[/] Nothing is missing." : "[green]✓[/] Installed.");
        return 0;
    }

    /// <summary>Every test, as the pipeline runs them.</summary>
    public static int Test(IEnumerable<string> arguments)
    {
        var script = Path.Combine(Repository.Root, ".ci/run");
        return File.Exists(script) ? Tool.Try("bash", [script, .. arguments], quiet: false).Code
            : throw new TroubleException($"{script} is not there.");
    }
}

/// <summary>For whom a token is asked.</summary>
public sealed record TokenRequest(string Node, string[] Roles, string? Org, string? Name, Guid? Member, double Hours);
