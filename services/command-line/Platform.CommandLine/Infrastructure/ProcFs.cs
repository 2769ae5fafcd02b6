using System.Globalization;
using System.Runtime.InteropServices;

namespace Platform.CommandLine.Infrastructure;

/// <summary>What Linux says about processes and listening ports.</summary>
public static partial class ProcFs
{
    private static readonly string[] TcpTables = ["/proc/net/tcp", "/proc/net/tcp6"];

    /// <summary>Changes with every boot, so that a pid file from before a reboot is never believed.</summary>
    public static string BootId { get; } = File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim();

    public static bool IsRoot => Environment.IsPrivilegedProcess;

    /// <summary>
    /// Clock ticks since boot at which the process started; null when it is gone or only waits to be reaped.
    /// </summary>
    public static long? StartTicks(int pid) => Stat(pid) is { } stat && stat[0] is not ("Z" or "X")
        ? long.Parse(stat[19], CultureInfo.InvariantCulture) : null;

    /// <summary>The process and everything below it, parents first.</summary>
    public static IReadOnlyList<int> Tree(int pid)
    {
        var children = Pids().Select(p => (Pid: p, Stat: Stat(p))).Where(x => x.Stat is not null)
            .ToLookup(x => int.Parse(x.Stat![1], CultureInfo.InvariantCulture), x => x.Pid);
        List<int> tree = [pid];
        for (var i = 0; i < tree.Count; i++)
        {
            tree.AddRange(children[tree[i]]);
        }

        return tree;
    }

    /// <summary>
    /// Proportional memory of the process and everything below it in bytes (resident when not readable).
    /// </summary>
    public static long Memory(int pid) => Tree(pid).Sum(MemoryOf);

    /// <summary>Pid and command line of the listener on a loopback or wildcard port, or null.</summary>
    public static (int Pid, string Command)? PortOwner(int port)
    {
        var inodes = TcpTables.Where(File.Exists)
            .SelectMany(file => File.ReadLines(file).Skip(1))
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(f => f[3] == "0A" && Convert.ToInt32(f[1].Split(':')[1], 16) == port)
            .Select(f => $"socket:[{f[9]}]").ToHashSet(StringComparer.Ordinal);
        return inodes.Count == 0 ? null : Pids().Where(pid => Holds(pid, inodes))
            .Select(pid => ((int, string)?)(pid, CommandLine(pid))).FirstOrDefault()
                ?? (0, "a process of another user");
    }

    public static string CommandLine(int pid)
    {
        var text = TryRead($"/proc/{pid}/cmdline")?.Replace('\0', ' ').Trim() ?? "";
        return text.Length > 100 ? text[..100] + "…" : text;
    }

    /// <summary>Sends a signal; false when there is no such process.</summary>
    public static bool Signal(int pid, int signal) => Kill(pid, signal) == 0;

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int pid, int signal);

    private static IEnumerable<int> Pids() => Directory.EnumerateDirectories("/proc")
        .Select(Path.GetFileName).Where(n => char.IsAsciiDigit(n![0]))
        .Select(n => int.Parse(n!, CultureInfo.InvariantCulture));

    /// <summary>Fields of stat after the command name: state, ppid, pgrp, session, ...</summary>
    private static string[]? Stat(int pid) => TryRead($"/proc/{pid}/stat") is { Length: > 0 } text
        ? text[(text.LastIndexOf(')') + 2)..].Split(' ') : null;

    private static long MemoryOf(int pid)
    {
        var kilobytes = Line($"/proc/{pid}/smaps_rollup", "Pss:") ?? Line($"/proc/{pid}/status", "VmRSS:");
        return 1024 * long.Parse(kilobytes ?? "0", CultureInfo.InvariantCulture);
    }

    /// <summary>The number of a line such as <c>Pss:   1234 kB</c>.</summary>
    private static string? Line(string file, string start) => TryRead(file)?.Split('\n')
        .FirstOrDefault(l => l.StartsWith(start, StringComparison.Ordinal))?
        .Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1];

    private static bool Holds(int pid, HashSet<string> inodes)
    {
        try
        {
            return Directory.EnumerateFiles($"/proc/{pid}/fd")
                .Any(fd => File.ResolveLinkTarget(fd, false) is { } target
                    && inodes.Contains(Path.GetFileName(target.FullName)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static string? TryRead(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
