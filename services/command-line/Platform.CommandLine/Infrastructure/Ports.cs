namespace Platform.CommandLine.Infrastructure;

/// <summary>Words for a port that is taken.</summary>
public static class Ports
{
    /// <summary>A killed process may hold its ports for a moment after it is gone; we wait that long.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <exception cref="TroubleException">Names the process that has the port.</exception>
    public static async Task DemandFreeAsync(string purpose, IEnumerable<int> ports, CancellationToken cancel = default)
    {
        foreach (var port in ports)
        {
            var free = await Wait.UntilAsync(
                _ => Task.FromResult(FreePorts.IsFree(port) || ProcFs.PortOwner(port) is { Pid: > 0 }),
                Patience, cancel) && FreePorts.IsFree(port);
            if (!free)
            {
                throw new TroubleException(
                    Taken(purpose, port) ?? $"Port {port} ({purpose}) was taken a moment ago; try again.");
            }
        }
    }

    /// <summary>Null when the port is free.</summary>
    public static string? Taken(string purpose, int port) =>
        FreePorts.IsFree(port) ? null : ProcFs.PortOwner(port) switch
    {
        { Pid: > 0 } owner => $"Port {port} ({purpose}) is taken by pid {owner.Pid}: {owner.Command}",
        _ => $"Port {port} ({purpose}) is taken, by a process that you may not see; try as root: ss -ltnp",
    };
}
