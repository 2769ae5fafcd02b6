using System.Net;
using Platform.CommandLine.Infrastructure;
using Platform.CommandLine.Topologies;

namespace Platform.CommandLine.Federation;

/// <summary>The processes of one node: one for everything, or one per service.</summary>
public sealed class NodeProcesses(Node node, NodeMode mode, StateFolder state)
{
    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(5) };

    public Node Node => node;

    public NodeMode Mode => mode;

    /// <summary>In the order in which they start; the gateway last, it is ready when the others are.</summary>
    public IReadOnlyList<Daemon> Processes { get; } = mode == NodeMode.AllInOne
        ? [Make(node, state, node.Code, "all")]
        : [.. Node.Services.Append("gateway").Select(s => Make(node, state, $"{node.Code}-{s}", s))];

    public void Start()
    {
        foreach (var process in Processes)
        {
            process.Start();
        }
    }

    /// <summary>Waits until the gateway says that it and every service behind it is ready.</summary>
    /// <exception cref="TroubleException">A process died or the limit passed.</exception>
    public async Task WaitReadyAsync(TimeSpan limit, CancellationToken cancel)
    {
        Daemon? dead = null;
        var ready = await Wait.UntilAsync(
            async c => (dead = Processes.FirstOrDefault(p => !p.IsRunning)) is not null || await ReadyAsync(c),
            limit, cancel);
        if (dead is not null)
        {
            throw dead.Died("died while starting");
        }

        if (!ready)
        {
            throw Processes[^1].Died($"is not ready after {limit.TotalSeconds:0} s ({await WhyAsync(cancel)})");
        }
    }

    public async Task<bool> ReadyAsync(CancellationToken cancel = default)
    {
        try
        {
            using var answer = await Http.GetAsync($"{NodeConfig.GatewayUrl(node)}/ready", cancel);
            return answer.StatusCode == HttpStatusCode.OK;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException && !cancel.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>The gateway first, so that nobody is let in any more.</summary>
    public async Task StopAsync()
    {
        foreach (var process in Processes.Reverse())
        {
            await process.StopAsync(TimeSpan.FromSeconds(20));
        }
    }

    private async Task<string> WhyAsync(CancellationToken cancel)
    {
        try
        {
            return await Http.GetStringAsync($"{NodeConfig.GatewayUrl(node)}/ready", cancel);
        }
        catch (HttpRequestException e)
        {
            return e.Message;
        }
    }

    private static Daemon Make(Node node, StateFolder state, string name, string target) => new(
        new DaemonSpec(name, state.Run, Repository.Dotnet,
            [Repository.AllInOne, "run", target, "--config", state.ConfigFile(node)])
        {
            WorkingDirectory = state.At(node.Code),
            Environment = new Dictionary<string, string> { ["DOTNET_gcServer"] = "0", ["DOTNET_NOLOGO"] = "1" },
        });
}
