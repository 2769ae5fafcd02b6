using Platform.CommandLine.Infrastructure;
using Spectre.Console;

namespace Platform.CommandLine.Verbs;

/// <summary>Stops what runs, in reverse order, by pid; only processes that we started.</summary>
public static class DownVerb
{
    public static async Task<int> RunAsync(string topology, string? state)
    {
        var context = Context.OfStarted(topology, state);
        if (!context.EverStarted || !context.Processes.Any(p => p.IsRunning))
        {
            Say.Line($"Nothing of federation {context.Topology.Name} runs.");
            return 0;
        }

        using var alone = context.State.Lock();
        await StopAsync(context);
        Say.Line($"[bold]Federation {context.Topology.Name} is down.[/] Its data stays in {context.State.Path}.");
        return 0;
    }

    public static Task StopAsync(Context context) =>
        !context.EverStarted ? Task.CompletedTask : Steps.WatchAsync(async steps =>
    {
        await Task.WhenAll(context.Nodes.Where(n => n.Processes.Any(p => p.IsRunning)).Select(
            n => steps.RunAsync($"node {n.Node.Code} stopped", n.StopAsync)));
        await context.Servers.StopAsync((process, stop) => process.IsRunning
            ? steps.RunAsync($"{process.Spec.Name} stopped", stop) : Task.CompletedTask);
    });

    /// <summary>Down, and everything on disk gone.</summary>
    public static async Task<int> ResetAsync(string topology, string? state, bool yes)
    {
        var context = Context.OfStarted(topology, state);
        if (!Directory.Exists(context.State.Path))
        {
            Say.Line($"There is nothing at {context.State.Path}.");
            return 0;
        }

        if (!yes && !(AnsiConsole.Profile.Capabilities.Interactive && AnsiConsole.Confirm(
            $"Delete federation {context.Topology.Name} with all its data in {context.State.Path}?",
                defaultValue: false)))
        {
            throw new TroubleException("Nothing was deleted. Say --yes to delete without being asked.");
        }

        using (context.State.Lock())
        {
            await StopAsync(context);
        }

        context.State.Delete();
        Say.Line($"[bold]Federation {context.Topology.Name} is gone.[/]");
        return 0;
    }
}
