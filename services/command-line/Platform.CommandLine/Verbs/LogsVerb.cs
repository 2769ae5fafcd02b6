using Platform.CommandLine.Infrastructure;
using Spectre.Console;

namespace Platform.CommandLine.Verbs;

/// <summary>The logs of processes, all or those whose name begins with a word.</summary>
public static class LogsVerb
{
    public static async Task<int> RunAsync(
        string topology, string? state, string? name, bool follow, int lines, CancellationToken cancel)
    {
        var context = Context.OfStarted(topology, state);
        var all = context.EverStarted ? context.Processes.Select(p => p.Spec).ToList() : [];
        var code = name is null ? null : context.Topology.Find(name)?.Code ?? name;
        var chosen = all.Where(s => code is null || s.Name.StartsWith(code, StringComparison.Ordinal)
            || s.Name == "rabbit-" + code).ToList();
        if (chosen.Count == 0)
        {
            throw new TroubleException(all.Count == 0 ? "Nothing was started here yet: ./platform up"
                : $"No process is called {name}. There are: {string.Join(", ", all.Select(s => s.Name))}.");
        }

        foreach (var spec in chosen)
        {
            Say.Line($"[bold]== {spec.Name}[/] [grey]{spec.LogFile}[/]");
            foreach (var line in LogTail.Read(spec.LogFile, lines))
            {
                Console.WriteLine(line);
            }
        }

        if (follow)
        {
            await Task.WhenAll(chosen.Select(s => FollowAsync(s, chosen.Count > 1, cancel)));
        }

        return 0;
    }

    private static async Task FollowAsync(DaemonSpec spec, bool named, CancellationToken cancel)
    {
        var at = File.Exists(spec.LogFile) ? new FileInfo(spec.LogFile).Length : 0;
        while (!cancel.IsCancellationRequested)
        {
            await Task.Delay(300, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!File.Exists(spec.LogFile) || new FileInfo(spec.LogFile).Length is var length && length == at)
            {
                continue;
            }

            await using var stream = new FileStream(spec.LogFile, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            stream.Seek(length < at ? 0 : at, SeekOrigin.Begin);
            using var reader = new StreamReader(stream);
            while (await reader.ReadLineAsync(CancellationToken.None) is { } line)
            {
                Console.WriteLine(named ? $"{spec.Name}: {line}" : line);
            }

            at = stream.Position;
        }
    }
}
