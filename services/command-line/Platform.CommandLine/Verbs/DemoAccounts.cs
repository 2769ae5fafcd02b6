using System.Text.Json;
using System.Text.Json.Nodes;
using Platform.CommandLine.Federation;
using Platform.CommandLine.Infrastructure;
using Platform.CommandLine.Topologies;
using Spectre.Console;

namespace Platform.CommandLine.Verbs;

/// <summary>The demo's accounts: opened in each node's identity, shown to whoever has the state folder.</summary>
public static class DemoAccounts
{
    /// <summary>Opens what is not there yet; safe to repeat.</summary>
    public static async Task OpenAsync(Context context, Node node, CancellationToken cancel)
    {
        var file = context.State.AccountsFile(node);
        StateFolder.WriteSecret(file, FileOf(node, context.Secrets));
        await UpVerb.AllInOneAsync(context, node, cancel, "identity-accounts", "--file", file);
    }

    /// <summary>One line per account.</summary>
    public static int Show(string topology, string? state)
    {
        var context = Context.OfStarted(topology, state);
        var secrets = Secrets.Read(context.State.SecretsFile)
            ?? throw new TroubleException("This federation has no accounts yet: ./platform up makes them.");
        var now = TimeProvider.System.GetUtcNow();
        foreach (var node in context.Topology.Nodes)
        {
            Say.Line($"[bold]{node.NameZh}[/] {NodeConfig.ConsoleUrl(node)}");
            var table = new Table().Border(TableBorder.Simple).AddColumns("name", "office", "role", "password", "code");
            foreach (var p in Principals.Of(node))
            {
                if (secrets.Nodes.GetValueOrDefault(node.Code)?.Accounts.GetValueOrDefault(p.UserName) is { } own)
                {
                    table.AddRow(p.UserName, p.Principal.Org, string.Join(' ', p.Principal.Roles), own.Password,
                        TotpCode.At(own.TotpSecret, now));
                }
            }

            AnsiConsole.Write(table);
        }

        if (File.Exists(context.State.DemoFile))
        {
            var told = File.ReadLines(context.State.DemoFile);
            foreach (var line in told.Where(l => l.StartsWith("a member ", StringComparison.Ordinal)))
                Say.Line($"{line}");
        }

        return 0;
    }

    private static string FileOf(Node node, Secrets secrets) => JsonSerializer.Serialize(new JsonArray(
    [
        .. Principals.Of(node).Select(p =>
        {
            var own = secrets.Nodes[node.Code].Accounts[p.UserName];
            return new JsonObject
            {
                ["id"] = p.Principal.Subject,
                ["userName"] = p.UserName,
                ["name"] = p.Principal.Name,
                ["path"] = p.Principal.Org,
                ["role"] = p.Principal.Roles[0],
                ["password"] = own.Password,
                ["totpSecret"] = own.TotpSecret,
            };
        }),
    ]));
}
