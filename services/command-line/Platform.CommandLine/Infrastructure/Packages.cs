namespace Platform.CommandLine.Infrastructure;

/// <summary>The Debian packages the servers come from.</summary>
public static class Packages
{
    private static readonly (string Package, string File)[] Needed =
    [
        ("postgresql-15", $"{PostgresServer.Binaries}/postgres"),
        ("redis-server", RedisServer.Binary),
        ("rabbitmq-server", RabbitServer.Binary),
    ];

    public static IReadOnlyList<string> Missing() =>
        [.. Needed.Where(n => !File.Exists(n.File)).Select(n => n.Package)];

    /// <summary>Installs what is missing; the system's own services are kept from starting.</summary>
    /// <exception cref="TroubleException">In plain words what to do, with apt's last lines.</exception>
    public static void Install(
        IReadOnlyList<string> packages, Action<string> say, string policyFile = PolicyRcD.SystemFile)
    {
        if (packages.Count == 0)
        {
            return;
        }

        var list = string.Join(' ', packages);
        if (!ProcFs.IsRoot)
        {
            throw new TroubleException(
                $"Missing packages: {list}. Installing needs root: sudo ./platform infrastructure packages");
        }

        using var noAutostart = PolicyRcD.Deny(policyFile);
        say($"installing {list} (apt-get, about 60 MB)");
        string[] install = ["install", "-y", "-q", "--no-install-recommends", .. packages];
        var (code, output) = Tool.Try("apt-get", install);
        if (code != 0)
        {
            say("apt-get update, then once more");
            Tool.Try("apt-get", ["update", "-q"]);
            (code, output) = Tool.Try("apt-get", install);
        }

        if (code != 0)
        {
            var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
            throw new TroubleException(
                $"apt-get could not install {list} (code {code}). Mend what the lines below say; then ./platform up.",
                [.. lines.TakeLast(15)]);
        }

        if (Missing() is { Count: > 0 } still)
        {
            throw new TroubleException(
                $"apt-get said it was done, but these are still not there: {string.Join(' ', still)}.");
        }
    }
}

/// <summary>
/// /usr/sbin/policy-rc.d with exit code 101 keeps packages from starting the system's services while they are
/// installed.
/// A file that is there already is somebody's decision and stays.
/// </summary>
public sealed class PolicyRcD : IDisposable
{
    public const string SystemFile = "/usr/sbin/policy-rc.d";
    private readonly string? _written;

    private PolicyRcD(string? written) => _written = written;

    public static PolicyRcD Deny(string file = SystemFile)
    {
        if (File.Exists(file))
        {
            return new PolicyRcD(null);
        }

        File.WriteAllText(file, "#!/bin/sh\nexit 101\n");
        File.SetUnixFileMode(file, (UnixFileMode)0b111_101_101);
        return new PolicyRcD(file);
    }

    public void Dispose()
    {
        if (_written is not null)
        {
            File.Delete(_written);
        }
    }
}
