using System.Globalization;
using System.Text.RegularExpressions;
using Platform.CommandLine.Federation;
using Platform.CommandLine.Infrastructure;
using Platform.CommandLine.Topologies;
using Spectre.Console;

namespace Platform.CommandLine.Verbs;

/// <summary>From nothing to a ready federation; what already runs is left alone.</summary>
public static partial class UpVerb
{
    private static readonly string[] DemoRegions = ["141022", "140105", "140106"];
    private static readonly TimeSpan ReadyLimit = TimeSpan.FromSeconds(120);

    public static async Task<int> RunAsync(
        string topology, string? state, NodeMode? mode, bool fresh, CancellationToken cancel)
    {
        var start = TimeProvider.System.GetTimestamp();
        var context = Context.ToStart(topology, state, mode);
        using var alone = context.State.Lock();
        if (context.State.Started is { } started && started.Mode != mode && Running(Context.OfStarted(topology, state)))
        {
            throw new TroubleException(
                $"Topology {context.Topology.Name} runs in another mode. First: ./platform down --topology {topology}");
        }

        if (fresh)
        {
            await DownVerb.StopAsync(Context.OfStarted(topology, state));
            context.State.Delete();
            Directory.CreateDirectory(context.State.Run);
        }

        if (await IsUpAsync(context, cancel))
        {
            WriteTokens(context);
            Board.Show(context, "is up already");
            if (context.Nodes.SelectMany(n => n.Processes)
                .Any(p => p.StartedAt < File.GetLastWriteTimeUtc(Repository.AllInOne)))
            {
                Steps.Note("The build is newer than what runs: ./platform down, then ./platform up, to run it.");
            }

            return 0;
        }

        await Steps.WatchAsync(steps => StartAsync(context, topology, steps, cancel));
        WriteTokens(context);
        var took = TimeProvider.System.GetElapsedTime(start).TotalSeconds;
        Board.Show(context, string.Create(CultureInfo.InvariantCulture, $"is ready after {took:0} s"));
        return 0;
    }

    private static bool Running(Context context) =>
        context.EverStarted && context.Nodes.SelectMany(n => n.Processes).Any(p => p.IsRunning);

    private static async Task<bool> IsUpAsync(Context context, CancellationToken cancel) => context.EverStarted
        && context.Processes.All(p => p.IsRunning)
        && (await Task.WhenAll(context.Nodes.Select(n => n.ReadyAsync(cancel)))).All(ready => ready);

    private static async Task StartAsync(Context context, string topology, Steps steps, CancellationToken cancel)
    {
        var servers = context.Servers;
        await steps.RunAsync("machine checked", () => Task.Run(() => CheckMachine(context), cancel));
        context.State.Remember(new Started(topology, context.Mode));
        WriteConfigs(context, context.State.Prepared?.Fingerprint ?? "");
        await WhenAllAsync(
        [
            steps.RunAsync("redis", () => servers.StartRedisAsync(cancel)),
            .. servers.Brokers
                .Select(b => steps.RunAsync($"rabbit {b.Name}", () => servers.StartBrokerAsync(b, cancel))),
            PrepareDatabasesAsync(context, steps, cancel),
        ]);
        await WhenAllAsync([.. context.Nodes.Select(n => steps.RunAsync($"node {n.Node.Code} {n.Node.NameZh}", () =>
        {
            n.Start();
            return n.WaitReadyAsync(ReadyLimit, cancel);
        }))]);
        await SeedDemoAsync(context, steps, cancel);
    }

    private static void CheckMachine(Context context)
    {
        if (Packages.Missing() is { Count: > 0 } missing)
        {
            Packages.Install(missing, Steps.Note);
        }

        if (!File.Exists(Repository.AllInOne))
        {
            throw new TroubleException($"{Repository.AllInOne} is not there; ./platform up builds it.");
        }

        foreach (var finding in Checks.All(context.Topology, context.State).Where(f => f.Fine == false))
        {
            throw new TroubleException(finding.Words);
        }
    }

    /// <summary>
    /// PostgreSQL, databases, tables; then the root's fingerprint into every child's configuration. What this build
    /// brought up to date before is not looked at again: mending one process must not wait for it.
    /// </summary>
    private static async Task PrepareDatabasesAsync(Context context, Steps steps, CancellationToken cancel)
    {
        var (build, nodes) = (Repository.Build, string.Join(',', context.Topology.Nodes.Select(n => n.Path)));
        var before = context.Servers.Postgres.HasData ? context.State.Prepared : null;
        await steps.RunAsync("postgres", () => context.Servers.StartPostgresAsync(context.Config, cancel));
        if (before is not null && before.Build == build && before.Nodes == nodes)
        {
            return;
        }

        await WhenAllAsync([.. context.Topology.Nodes.Select(n => steps.RunAsync(
            $"tables of {n.Code}", () => AllInOneAsync(context, n, cancel, "migrate")))]);
        await WhenAllAsync([.. context.Topology.Nodes.Select(n => steps.RunAsync(
            $"accounts of {n.Code}", () => DemoAccounts.OpenAsync(context, n, cancel)))]);
        await steps.RunAsync("root key", async () =>
        {
            var output = await AllInOneAsync(context, context.Topology.Root, cancel, "exchange-fingerprint");
            var fingerprint = Fingerprint().Match(output) is { Success: true } found ? found.Value
                : throw new TroubleException(
                    "The root's exchange named no fingerprint.", [.. output.Split('\n').TakeLast(15)]);
            WriteConfigs(context, fingerprint);
            context.State.Remember(new Prepared(build, nodes, fingerprint));
        });
    }

    private static void WriteConfigs(Context context, string fingerprint)
    {
        foreach (var node in context.Topology.Nodes)
        {
            StateFolder.WriteSecret(context.State.ConfigFile(node), context.Config.For(node, fingerprint));
            StateFolder.WriteSecret(
                context.State.At(node.Code, "token-key.pem"), context.Secrets.Nodes[node.Code].TokenKey);
        }
    }

    /// <summary>One verb of the all-in-one for one node, to its end.</summary>
    internal static async Task<string> AllInOneAsync(
        Context context, Node node, CancellationToken cancel, params string[] verb)
    {
        var (code, output) = await Task.Run(
            () => Tool.Try(
                Repository.Dotnet, [Repository.AllInOne, .. verb, "--config", context.State.ConfigFile(node)]), cancel);
        return code == 0 ? output : throw new TroubleException(
            $"'{string.Join(' ', verb)}' of node {node.Code} failed with code {code}.",
            [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).TakeLast(15)]);
    }

    /// <summary>
    /// The topology's data, once: <c>Platform.Seeds demo</c> or <c>published</c> with <c>--state FOLDER</c>. The
    /// program finds the nodes in the topology and the tokens in the state folder. Without the program, or for another
    /// topology, the federation stays empty.
    /// </summary>
    private static async Task SeedDemoAsync(Context context, Steps steps, CancellationToken cancel)
    {
        var done = context.State.DemoFile;
        var regions = context.Topology.Nodes.SelectMany(n => n.Regions).ToHashSet();
        var verb = context.Topology.Name == "published" ? "published" : DemoRegions.All(regions.Contains) ? "demo" : "";
        if (File.Exists(done) || verb.Length == 0 || !File.Exists(Repository.Seeds))
        {
            return;
        }

        WriteTokens(context);
        // It takes minutes; of the demo's lines one is a member's one-time code, which stays in the file.
        Action<string> hear = verb == "published" ? Steps.Note : _ => { };
        var told = "";
        await steps.RunAsync($"{verb} data", () => Task.Run(() => told = Tool.Run(
            hear, Repository.Dotnet, Repository.Seeds, verb, "--state", context.State.Path), cancel));
        StateFolder.WriteSecret(done, told);
    }

    /// <summary>Fresh tokens, a week long, so that the printed lines work.</summary>
    private static void WriteTokens(Context context)
    {
        var now = TimeProvider.System.GetUtcNow();
        foreach (var p in Principals.Of(context.Topology))
        {
            StateFolder.WriteSecret(context.State.TokenFile(p.FileName), TokenIssuer.Issue(
                p.Node, context.Secrets.Nodes[p.Node.Code].TokenKey, p.Principal, now, TimeSpan.FromDays(7)));
        }
    }

    /// <summary>Waits for all, then throws the first trouble: what else was being started is still tidy.</summary>
    private static async Task WhenAllAsync(Task[] tasks)
    {
        await Task.WhenAll(tasks).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var task in tasks)
        {
            await task;
        }
    }

    [GeneratedRegex("\\b[0-9a-f]{64}\\b")]
    private static partial Regex Fingerprint();
}
