using System.CommandLine;
using Platform.CommandLine.Clerk;
using Platform.CommandLine.Infrastructure;
using Platform.CommandLine.Topologies;
using Platform.CommandLine.Verbs;
using Spectre.Console;

Option<string> topology = new("--topology", "-t")
{
    Description = "a name under seeds/topologies, or a file",
    DefaultValueFactory = _ => "demo",
    Recursive = true,
};
Option<string?> state =
    new("--state") { Description = "where everything is kept (default .run/TOPOLOGY)", Recursive = true };
Option<string?> mode = new("--mode") { Description = "all nodes as one process each, or one process per service" };
mode.AcceptOnlyFromAmong("all-in-one", "services");
Option<bool> fresh = new("--fresh") { Description = "delete what is there and start anew" };
Option<bool> yes = new("--yes", "-y") { Description = "do not ask" };

if (Console.IsOutputRedirected)
{
    // Nobody watches: no wrapping in the middle of a path or a command to copy.
    AnsiConsole.Profile.Width = 500;
}

var root =
    new RootCommand("The platform on one machine: a federation of nodes with its own servers.") { topology, state };
Command Verb(string name, string what, Func<ParseResult, CancellationToken, Task<int>> run, params Symbol[] parts)
{
    var command = new Command(name, what);
    foreach (var part in parts)
    {
        if (part is Option option)
        {
            command.Options.Add(option);
        }
        else
        {
            command.Arguments.Add((Argument)part);
        }
    }

    command.SetAction(run);
    return command;
}

root.Subcommands
    .Add(Verb("up", "install what is missing, start everything, say what is where", (p, c) => UpVerb.RunAsync(
    p.GetValue(topology)!, p.GetValue(state),
    p.GetValue(mode) is { } m && TopologyFile.TryMode(m, out var parsed) ? parsed : null, p.GetValue(fresh), c), mode,
        fresh));
root.Subcommands.Add(Verb(
    "down", "stop everything, keep the data", (p, _) => DownVerb.RunAsync(p.GetValue(topology)!, p.GetValue(state))));
root.Subcommands.Add(Verb("status", "what runs, how much memory, ready or not",
    (p, c) => StatusVerb.RunAsync(p.GetValue(topology)!, p.GetValue(state), c)));

Argument<string?> who =
    new("who") { Description = "a node or a server; all when left out", Arity = ArgumentArity.ZeroOrOne };
Option<bool> follow = new("--follow", "-f") { Description = "go on showing new lines" };
Option<int> lines = new("--lines", "-n") { Description = "lines of each log", DefaultValueFactory = _ => 30 };
root.Subcommands.Add(Verb("logs", "the last lines of logs", (p, c) => LogsVerb.RunAsync(
    p.GetValue(topology)!, p.GetValue(state), p.GetValue(who), p.GetValue(follow), p.GetValue(lines), c), who, follow,
        lines));
root.Subcommands.Add(Verb("reset", "stop everything and delete the data",
    (p, _) => DownVerb.ResetAsync(p.GetValue(topology)!, p.GetValue(state), p.GetValue(yes)), yes));
root.Subcommands.Add(Verb("doctor", "look at the machine: packages, ports, disk, memory",
    (p, _) => Task.FromResult(SmallVerbs.Doctor(p.GetValue(topology)!, p.GetValue(state)))));

Option<string> node = new("--node") { Description = "path or code of the node that signs", Required = true };
Option<string[]> role =
    new("--role") { Description = "repeat for several", Required = true, AllowMultipleArgumentsPerToken = true };
Option<string?> org = new("--org") { Description = "organisation path (default: the node's own committee)" };
Option<string?> name = new("--name") { Description = "name of the account" };
Option<Guid?> member = new("--member") { Description = "the account's own member record" };
Option<double> hours = new("--hours") { Description = "how long it is good", DefaultValueFactory = _ => 12 };
root.Subcommands.Add(Verb("token", "print a signed token", (p, _) => Task.FromResult(SmallVerbs.Token(
    p.GetValue(topology)!, p
        .GetValue(state), new TokenRequest(p.GetValue(node)!, p.GetValue(role)!, p.GetValue(org), p.GetValue(name),
        p.GetValue(member), p.GetValue(hours)))), node, role, org, name, member, hours));

root.Subcommands.Add(Verb("accounts", "who can sign in to the console: names, passwords, codes of this moment",
    (p, _) => Task.FromResult(DemoAccounts.Show(p.GetValue(topology)!, p.GetValue(state)))));
root.Subcommands.Add(ClerkCommands.Roster(topology, state));
root.Subcommands.Add(ClerkCommands.Verify());

Argument<string> file = new("file") { Description = "a name under seeds/topologies, or a file" };
Option<string?> broker = new("--broker") { Description = "only this one" };
root.Subcommands.Add(new Command("topology", "look at a topology file")
{
    Verb("check", "does it hold every rule?", (p, _) => Task
        .FromResult(SmallVerbs.CheckTopology(p.GetValue(file)!)), file),
    Verb("definitions", "the RabbitMQ definitions made from it",
        (p, _) => Task.FromResult(SmallVerbs.ShowDefinitions(p.GetValue(file)!, p.GetValue(broker))), file, broker),
});
root.Subcommands.Add(new Command("infrastructure", "the servers' packages")
{
    Verb("packages", "install what is missing (needs root)", (_, _) => Task.FromResult(SmallVerbs.InstallPackages())),
});
Argument<string[]> rest = new("arguments") { Arity = ArgumentArity.ZeroOrMore };
root.Subcommands
    .Add(Verb("test", "run every test", (p, _) => Task.FromResult(SmallVerbs.Test(p.GetValue(rest)!)), rest));

try
{
    return await root.Parse(args).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
}
catch (TroubleException trouble)
{
    return Complaint.Of(trouble);
}
catch (OperationCanceledException)
{
    return 130;
}
