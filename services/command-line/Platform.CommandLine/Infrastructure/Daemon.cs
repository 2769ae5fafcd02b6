using System.Diagnostics;
using System.Text.Json;

namespace Platform.CommandLine.Infrastructure;

/// <summary>How to start a process that outlives us.</summary>
/// <param name="Name">For people and for the pid file's name.</param>
/// <param name="Folder">Where the pid file <c>NAME.pid</c> and the log <c>NAME.log</c> go.</param>
public sealed record DaemonSpec(string Name, string Folder, string FileName, IReadOnlyList<string> Arguments)
{
    /// <summary>The whole environment besides PATH, LANG and HOME; nothing is inherited.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    public string? WorkingDirectory { get; init; }

    /// <summary>The user to become; null means oneself. Only root can become another.</summary>
    public string? User { get; init; }

    /// <summary>What asks it to end: 15 (TERM) unless the program wants another.</summary>
    public int StopSignal { get; init; } = 15;

    public string LogFile => Path.Combine(Folder, Name + ".log");

    public string PidFile => Path.Combine(Folder, Name + ".pid");
}

/// <summary>
/// A private background process, known by pid *and* start time, so that a recycled pid is never taken for it.
/// It has its own session: neither Ctrl-C nor the end of the caller reaches it.
/// </summary>
public sealed class Daemon(DaemonSpec spec)
{
    private sealed record Identity(int Pid, long StartTicks, string BootId, DateTimeOffset StartedAt);

    public DaemonSpec Spec => spec;

    /// <summary>The live process, or null when it does not run.</summary>
    public int? Pid => Read() is { } id && Lives(id) ? id.Pid : null;

    public DateTimeOffset? StartedAt => Read()?.StartedAt;

    public bool IsRunning => Pid is not null;

    /// <summary>Starts it unless it already runs; returns its pid.</summary>
    public int Start()
    {
        if (Pid is { } running)
        {
            return running;
        }

        Directory.CreateDirectory(spec.Folder);
        using var process = Process.Start(StartInfo())
            ?? throw new TroubleException($"{spec.Name}: {spec.FileName} could not be started.");
        var ticks = ProcFs.StartTicks(process.Id);
        if (ticks is null)
        {
            throw Died("ended at once");
        }

        var identity = new Identity(process.Id, ticks.Value, ProcFs.BootId, TimeProvider.System.GetUtcNow());
        File.WriteAllText(spec.PidFile, JsonSerializer.Serialize(identity));
        return process.Id;
    }

    /// <summary>Waits until it answers.</summary>
    /// <exception cref="TroubleException">It died, or it did not answer within the limit; carries the log's last
    /// lines.</exception>
    public async Task WaitReadyAsync(
        Func<CancellationToken, Task<bool>> answers, TimeSpan limit, CancellationToken cancel = default)
    {
        var died = false;
        var ready = await Wait.UntilAsync(
            async c => (died = !IsRunning) || await answers(c), limit, cancel);
        if (died)
        {
            throw Died("died while starting");
        }

        if (!ready)
        {
            throw Died($"did not answer within {limit.TotalSeconds:0} s");
        }
    }

    /// <summary>Asks it to end, waits, and kills what is left after the limit.</summary>
    public async Task StopAsync(TimeSpan? limit = null, int? alsoSignal = null)
    {
        if (Pid is not { } pid)
        {
            Forget();
            return;
        }

        ProcFs.Signal(alsoSignal ?? pid, spec.StopSignal);
        if (!await GoneAsync(limit ?? TimeSpan.FromSeconds(20)))
        {
            await KillAsync();
        }

        Forget();
    }

    /// <summary>Kill -9 of the process and everything below it; returns when all of them are gone.</summary>
    public async Task KillAsync()
    {
        if (Pid is { } pid)
        {
            var tree = ProcFs.Tree(pid).Select(p => (Pid: p, Ticks: ProcFs.StartTicks(p)))
                .Where(p => p.Ticks is not null).ToList();
            tree.ForEach(p => ProcFs.Signal(p.Pid, 9));
            await Wait.UntilAsync(
                _ => Task.FromResult(tree.All(p => ProcFs.StartTicks(p.Pid) != p.Ticks)), TimeSpan.FromSeconds(20));
        }

        Forget();
    }

    /// <summary>Trouble with the log's last lines.</summary>
    public TroubleException Died(string what) => new(
        $"{spec.Name} {what}. Its log: {spec.LogFile}", LogTail.Read(spec.LogFile));

    private Task<bool> GoneAsync(TimeSpan limit) => Wait.UntilAsync(_ => Task.FromResult(!IsRunning), limit);

    private void Forget() => File.Delete(spec.PidFile);

    private Identity? Read()
    {
        try
        {
            return File.Exists(spec.PidFile)
                ? JsonSerializer.Deserialize<Identity>(File.ReadAllText(spec.PidFile)) : null;
        }
        catch (Exception e) when (e is JsonException or IOException)
        {
            return null;
        }
    }

    private static bool Lives(Identity id) => id.BootId == ProcFs.BootId && ProcFs.StartTicks(id.Pid) == id.StartTicks;

    /// <summary>sh opens the log, setsid and setpriv replace it in place: one pid from start to end.</summary>
    private ProcessStartInfo StartInfo()
    {
        var info = new ProcessStartInfo("/bin/sh") { WorkingDirectory = spec.WorkingDirectory ?? spec.Folder };
        string[] become = spec.User is { } user && ProcFs.IsRoot
            ? ["setpriv", "--reuid", user, "--regid", $"{Users.GroupOf(user)}", "--init-groups"] : [];
        const string script = "exec >>\"$0\" 2>&1 </dev/null; exec setsid \"$@\"";
        foreach (var a in (string[])["-c", script, spec.LogFile, .. become, spec.FileName, .. spec.Arguments])
        {
            info.ArgumentList.Add(a);
        }

        info.Environment.Clear();
        info.Environment["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
        info.Environment["LANG"] = "C.UTF-8";
        info.Environment["HOME"] = spec.WorkingDirectory ?? spec.Folder;
        foreach (var (key, value) in spec.Environment)
        {
            info.Environment[key] = value;
        }

        return info;
    }
}
