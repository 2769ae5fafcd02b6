using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Platform.CommandLine.Infrastructure;
using Xunit;

namespace CommandLine.Tests;

public sealed class DaemonTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("daemon").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_stopped_process_is_gone_and_forgotten()
    {
        var sleeper = Make("sleeper", "exec sleep 60");
        sleeper.Start();
        var again = Make("sleeper", "exec sleep 60");
        Assert.Equal(sleeper.Pid, again.Pid);
        Assert.Equal(sleeper.Pid, again.Start());

        await again.StopAsync();
        Assert.Null(sleeper.Pid);
        Assert.Empty(Directory.EnumerateFiles(_folder, "*.pid"));
    }

    [Fact]
    public async Task What_ignores_the_signal_is_killed_with_its_children()
    {
        var stubborn = Make("stubborn", "trap '' TERM; sleep 61 & echo $! >child; wait; sleep 62");
        var pid = stubborn.Start();
        var child = Path.Combine(_folder, "child");
        Assert.True(await Wait.UntilAsync(
            _ => Task.FromResult(File.Exists(child) && File.ReadAllText(child).Length > 1), TimeSpan.FromSeconds(10)));
        var tree = ProcFs.Tree(pid);
        Assert.True(tree.Count >= 2);
        await stubborn.StopAsync(TimeSpan.FromMilliseconds(300));
        Assert.All(tree, p => Assert.Null(ProcFs.StartTicks(p)));
    }

    [Theory]
    [InlineData("StartTicks")]
    [InlineData("BootId")]
    public async Task A_recycled_pid_is_not_ours_and_is_never_killed(string changed)
    {
        var sleeper = Make("sleeper", "exec sleep 63");
        var pid = sleeper.Start();
        var file = sleeper.Spec.PidFile;
        var honest = File.ReadAllText(file);
        var identity = JsonNode.Parse(honest)!;
        identity[changed] = changed == "BootId" ? "another boot" : 1;
        File.WriteAllText(file, identity.ToJsonString());

        Assert.Null(sleeper.Pid);
        await sleeper.KillAsync();
        Assert.NotNull(ProcFs.StartTicks(pid));

        File.WriteAllText(file, honest);
        await sleeper.KillAsync();
        Assert.Null(ProcFs.StartTicks(pid));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("17")]
    public void A_broken_pid_file_means_not_running(string text)
    {
        File.WriteAllText(Path.Combine(_folder, "x.pid"), text);
        Assert.Null(Make("x", "true").Pid);
    }

    [Fact]
    public async Task A_server_that_dies_at_start_is_reported_with_the_end_of_its_log()
    {
        var server = Make("server", "sleep 0.2; echo out of luck >&2; exit 3");
        server.Start();
        var trouble = await Assert.ThrowsAsync<TroubleException>(
            () => server.WaitReadyAsync(_ => Task.FromResult(false), TimeSpan.FromSeconds(20)));
        Assert.Contains("server died while starting", trouble.Message, StringComparison.Ordinal);
        Assert.Equal(["out of luck"], trouble.LogLines);
    }

    [Fact]
    public async Task A_taken_port_names_the_process()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        var trouble = await Assert.ThrowsAsync<TroubleException>(() => Ports.DemandFreeAsync("postgres", [port]));
        Assert.StartsWith(
            $"Port {port} (postgres) is taken by pid {Environment.ProcessId}: ", trouble.Message,
                StringComparison.Ordinal);
    }

    [Fact]
    public void Ports_in_a_row_are_free_and_not_given_twice()
    {
        var first = FreePorts.TakeRun(4);
        var second = FreePorts.TakeRun(4);
        Assert.All(Enumerable.Range(first, 4), p => Assert.True(FreePorts.IsFree(p)));
        Assert.Empty(Enumerable.Range(first, 4).Intersect(Enumerable.Range(second, 4)));
    }

    [Fact]
    public void The_autostart_guard_is_written_only_when_absent_and_removed_again()
    {
        var file = Path.Combine(_folder, "policy-rc.d");
        using (PolicyRcD.Deny(file))
        {
            Assert.Contains("exit 101", File.ReadAllText(file), StringComparison.Ordinal);
            Assert.True(File.GetUnixFileMode(file).HasFlag(UnixFileMode.UserExecute));
        }

        Assert.False(File.Exists(file));
        File.WriteAllText(file, "#!/bin/sh\nexit 0\n");
        using (PolicyRcD.Deny(file))
        {
            Assert.Contains("exit 0", File.ReadAllText(file), StringComparison.Ordinal);
        }

        Assert.True(File.Exists(file));
    }

    private Daemon Make(string name, string script) =>
        new(new DaemonSpec(name, _folder, "/bin/sh", ["-c", script]) { WorkingDirectory = _folder });
}
