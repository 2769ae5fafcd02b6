using Platform.CommandLine.Infrastructure;
using Platform.CommandLine.Topologies;

namespace Platform.CommandLine.Federation;

/// <summary>Where things lie in the clone that we run from.</summary>
public static class Repository
{
    public static string Root { get; } = FindRoot();

    /// <summary>The services; <c>PLATFORM_ALL_IN_ONE</c> names another build of them.</summary>
    public static string AllInOne =>
        Environment.GetEnvironmentVariable("PLATFORM_ALL_IN_ONE") ?? Binary("Platform.AllInOne");

    /// <summary>Tells one build of the services from another: when its newest file was written, UTC ticks.</summary>
    public static long Build => Directory.EnumerateFiles(Path.GetDirectoryName(AllInOne)!, "*.dll")
        .Max(f => File.GetLastWriteTimeUtc(f).Ticks);

    /// <summary>Fills a running federation with demo data.</summary>
    public static string Seeds => Binary("Platform.Seeds");

    /// <summary>Full path of <c>dotnet</c>: the one that runs us, else the first on the PATH.</summary>
    public static string Dotnet { get; } = Environment.ProcessPath is { } self && Path.GetFileName(self) == "dotnet"
        ? self
        : (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Select(d => Path.Combine(d, "dotnet"))
            .FirstOrDefault(File.Exists) ?? throw new TroubleException("There is no dotnet on the PATH.");

    /// <summary>A name under seeds/topologies, or a path to a file.</summary>
    public static Topology Topology(string nameOrFile) => TopologyFile.Load(
        nameOrFile.Contains('/', StringComparison.Ordinal) || nameOrFile.EndsWith(".yaml", StringComparison.Ordinal)
            ? Path.GetFullPath(nameOrFile) : Path.Combine(Root, "seeds/topologies", nameOrFile + ".yaml"));

    private static string Binary(string project) =>
        Path.Combine(Root, "artifacts/bin", project, "release", project + ".dll");

    private static string FindRoot()
    {
        var start = Environment.GetEnvironmentVariable("PLATFORM_ROOT") ?? AppContext.BaseDirectory;
        for (var folder = new DirectoryInfo(start); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Platform.sln")))
            {
                return folder.FullName;
            }
        }

        throw new TroubleException($"{start} lies in no clone of the platform (no Platform.sln above it).");
    }
}
