using System.Collections.Concurrent;
using System.Globalization;
using Platform.CommandLine.Infrastructure;
using Spectre.Console;

namespace Platform.CommandLine.Verbs;

/// <summary>
/// Shows what is being done: a line per finished step with its time, and at a terminal what is still under way.
/// </summary>
public sealed class Steps
{
    private readonly ConcurrentDictionary<string, byte> _running = new();
    private StatusContext? _status;

    /// <summary>Runs the work with a spinner when somebody watches.</summary>
    public static Task WatchAsync(Func<Steps, Task> work)
    {
        var steps = new Steps();
        return !AnsiConsole.Profile.Capabilities.Interactive
            ? work(steps) : AnsiConsole.Status().StartAsync("…", status =>
        {
            steps._status = status;
            return work(steps);
        });
    }

    public async Task RunAsync(string name, Func<Task> work)
    {
        var start = TimeProvider.System.GetTimestamp();
        _running[name] = 0;
        Show();
        try
        {
            await work();
            Done(name, TimeProvider.System.GetElapsedTime(start));
        }
        catch
        {
            Say.Line($"[red]  ✗[/] {name}");
            throw;
        }
        finally
        {
            _running.TryRemove(name, out _);
            Show();
        }
    }

    public static void Note(string words) => Say.Line($"[grey]  · {words}[/]");

    private static void Done(string name, TimeSpan took) =>
        Say.Line($"[green]  ✓[/] {name} [grey]{took.TotalSeconds:0.0} s[/]");

    private void Show() =>
        _status?.Status(Markup.Escape(string.Join(", ", _running.Keys.Order(StringComparer.Ordinal))));
}

/// <summary>Lines for people; what is put in is never taken for markup.</summary>
public static class Say
{
    public static void Line(FormattableString text) =>
        AnsiConsole.MarkupLineInterpolated(CultureInfo.InvariantCulture, text);
}

/// <summary>Says what went wrong: the sentence, and the log's last lines when there are any.</summary>
public static class Complaint
{
    public static int Of(TroubleException trouble)
    {
        Say.Line($"[red]✗ {trouble.Message}[/]");
        foreach (var line in trouble.LogLines)
        {
            Say.Line($"[grey]    {line}[/]");
        }

        return 1;
    }
}
