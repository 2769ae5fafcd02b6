using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Platform.CommandLine.Infrastructure;

/// <summary>Where and how a private Redis runs. It holds what may be lost, so nothing is written to disk.</summary>
public sealed record RedisSettings(string Folder, string RunFolder, int Port, string Password)
{
    public string Name { get; init; } = "redis";

    public int MemoryMaxMb { get; init; } = 128;
}

/// <summary>A private Redis 7 on loopback, with a password.</summary>
public sealed class RedisServer(RedisSettings settings)
{
    public const string Binary = "/usr/bin/redis-server";
    private readonly string? _user = Users.For("redis");
    private Daemon? _daemon;

    public int Port => settings.Port;

    public int? Pid => Process.Pid;

    public Daemon Process => _daemon ??= new Daemon(
        new DaemonSpec(settings.Name, settings.RunFolder, Binary, [ConfigurationFile])
        {
            User = _user,
            WorkingDirectory = settings.Folder,
        });

    private string ConfigurationFile => Path.Combine(settings.Folder, "redis.conf");

    /// <summary>For StackExchange.Redis.</summary>
    public string Configuration(int database = 0) => string.Create(
        CultureInfo.InvariantCulture,
        $"127.0.0.1:{settings.Port},password={settings.Password},defaultDatabase={database},abortConnect=false");

    public async Task StartAsync(CancellationToken cancel = default)
    {
        if (Process.IsRunning)
        {
            return;
        }

        await Ports.DemandFreeAsync(settings.Name, [Port], cancel);
        Directory.CreateDirectory(settings.Folder);
        File.WriteAllText(ConfigurationFile, string.Create(CultureInfo.InvariantCulture, $"""
            bind 127.0.0.1
            port {settings.Port}
            dir {settings.Folder}
            requirepass {settings.Password}
            save ""
            appendonly no
            maxmemory {settings.MemoryMaxMb}mb
            maxmemory-policy allkeys-lru
            databases 64

            """));
        Users.MakePrivate(settings.Folder, _user);
        Process.Start();
    }

    public Task WaitReadyAsync(TimeSpan? limit = null, CancellationToken cancel = default) =>
        Process.WaitReadyAsync(AnswersAsync, limit ?? TimeSpan.FromSeconds(20), cancel);

    public Task StopAsync() => Process.StopAsync();

    public Task KillAsync() => Process.KillAsync();

    public async Task<bool> AnswersAsync(CancellationToken cancel = default)
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, settings.Port, cancel);
            await using var stream = client.GetStream();
            var hello = Encoding.ASCII.GetBytes($"AUTH {settings.Password}\r\n");
            await stream.WriteAsync(hello, cancel);
            var answer = new byte[3];
            await stream.ReadExactlyAsync(answer, cancel);
            return answer.AsSpan().SequenceEqual("+OK"u8);
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            return false;
        }
    }
}
