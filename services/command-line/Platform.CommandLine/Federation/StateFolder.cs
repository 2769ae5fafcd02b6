using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Platform.CommandLine.Infrastructure;
using Platform.CommandLine.Topologies;

namespace Platform.CommandLine.Federation;

/// <summary>What <c>up</c> was asked for, so that the other verbs need not be told again.</summary>
public sealed record Started(string Topology, NodeMode? Mode);

/// <summary>For which build and nodes the databases were brought up to date last, and the root's fingerprint.</summary>
public sealed record Prepared(long Build, string Nodes, string Fingerprint);

/// <summary>Everything a federation keeps on disk: <c>.run/TOPOLOGY</c> unless <c>--state</c> says otherwise.</summary>
public sealed class StateFolder
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private static readonly string[] Files = ["secrets.json", "started.json", "prepared.json", "demo-data", "lock"];

    public StateFolder(string path) => Path = System.IO.Path.GetFullPath(path);

    public string Path { get; }

    /// <summary>Pid files and logs of every process.</summary>
    public string Run => At("run");

    public string SecretsFile => At("secrets.json");

    /// <summary>
    /// Data of the servers. Root gives servers to unprivileged users, who must be able to walk there; below a closed
    /// home folder
    /// they cannot, and the data goes to /var/tmp under a name made from the state folder's path.
    /// </summary>
    public string Servers => !ProcFs.IsRoot || Users.OthersReach(Path) ? At("servers")
        : $"/var/tmp/platform-{System.IO.Path.GetFileName(Path)}-{Hash()}";

    public static StateFolder For(string topologyName, string? given) =>
        new(given ?? System.IO.Path.Combine(Repository.Root, ".run", topologyName));

    public string At(params string[] parts) => System.IO.Path.Combine([Path, .. parts]);

    public string ConfigFile(Node node) => At(node.Code, "config.json");

    public string TokenFile(string name) => At("tokens", name + ".jwt");

    /// <summary>The demo's accounts of one node, as identity's verb reads them.</summary>
    public string AccountsFile(Node node) => At(node.Code, "accounts.json");

    /// <summary>What filling the demo told; there when it was filled.</summary>
    public string DemoFile => At("demo-data");

    public Started? Started => Read<Started>("started.json");

    public Prepared? Prepared => Read<Prepared>("prepared.json");

    public void Remember(Started started) => WriteSecret(At("started.json"), JsonSerializer.Serialize(started));

    public void Remember(Prepared prepared) => WriteSecret(At("prepared.json"), JsonSerializer.Serialize(prepared));

    public void Forget() => File.Delete(At("started.json"));

    /// <summary>Only one at a time may start or stop things here; the lock goes with the process.</summary>
    public FileStream Lock()
    {
        Directory.CreateDirectory(Run);
        try
        {
            return new FileStream(At("lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e)
        {
            throw new TroubleException(
                $"Another ./platform is at work on {Path}. Wait for it, then try again.", inner: e);
        }
    }

    /// <summary>Writes in one step, readable by the owner only.</summary>
    public static void WriteSecret(string file, string text)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(file)!);
        var fresh = file + ".new";
        File.Delete(fresh);
        using (var stream = new FileStream(fresh, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = OwnerOnly,
        }))
        {
            stream.Write(Encoding.UTF8.GetBytes(text));
        }

        File.Move(fresh, file, overwrite: true);
    }

    /// <summary>
    /// Removes what we made, secrets included, and nothing else: somebody may have pointed <c>--state</c> at a folder
    /// of theirs.
    /// Nothing may run any more.
    /// </summary>
    public void Delete()
    {
        if (Directory.Exists(Servers))
        {
            Directory.Delete(Servers, recursive: true);
        }

        if (!Directory.Exists(Path))
        {
            return;
        }

        var nodes = Directory.EnumerateDirectories(Path)
            .Where(d => File.Exists(System.IO.Path.Combine(d, "config.json")));
        foreach (var folder in nodes.Append(Run).Append(At("tokens")).Where(Directory.Exists).ToList())
        {
            Directory.Delete(folder, recursive: true);
        }

        foreach (var file in Files)
        {
            File.Delete(At(file));
        }

        if (!Directory.EnumerateFileSystemEntries(Path).Any())
        {
            Directory.Delete(Path);
        }
    }

    private T? Read<T>(string name) where T : class =>
        File.Exists(At(name)) ? JsonSerializer.Deserialize<T>(File.ReadAllText(At(name))) : null;

    private string Hash() => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Path)))[..8];
}
