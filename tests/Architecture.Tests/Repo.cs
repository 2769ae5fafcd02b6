using System.Xml.Linq;

namespace Architecture.Tests;

/// <summary>One text file of the repository.</summary>
/// <param name="Path">From the root, with forward slashes.</param>
internal sealed record SourceFile(string Path, string Text)
{
    public string[] Lines => Text.Split('\n');

    public bool IsIn(params string[] folders) => folders.Any(f => Path.StartsWith(f + "/", StringComparison.Ordinal));
}

/// <summary>One project of the repository.</summary>
/// <param name="Name">File name without extension.</param>
/// <param name="Path">Of the project file, from the root.</param>
/// <param name="References">Names of the projects it references.</param>
/// <param name="Packages">Names of the packages it references.</param>
/// <param name="Assembly">Name of what it builds.</param>
internal sealed record Project(string Name, string Path, string[] References, string[] Packages, string Assembly)
{
    public bool Ships => !Path.StartsWith("tests/", StringComparison.Ordinal);

    /// <summary>Where the build put its assembly, in the configuration these tests were built with.</summary>
    public string Dll => System.IO.Path.Combine(AppContext.BaseDirectory, "..", "..", Name,
        new DirectoryInfo(AppContext.BaseDirectory).Name, $"{Assembly}.dll");
}

/// <summary>The repository as it lies on disk; nothing is looked up by a list that somebody could forget to
/// extend.</summary>
internal static class Repo
{
    private static readonly string[] Skipped =
        ["artifacts", "node_modules", "bin", "obj", ".git", ".run", "TestResults"];

    public static string Root { get; } = FindRoot();

    public static SourceFile[] CSharp { get; } = Files(".cs");

    public static Project[] Projects { get; } = [.. Files(".csproj").Select(Read)];

    /// <summary>Projects with something to build.</summary>
    public static Project[] Built { get; } =
        [.. Projects.Where(p => CSharp.Any(f => f.IsIn(Path.GetDirectoryName(p.Path)!)))];

    public static string Text(string path) => File.ReadAllText(Path.Combine(Root, path));

    public static SourceFile[] Files(string extension) => [.. Walk(Root)
        .Where(f => f.EndsWith(extension, StringComparison.Ordinal))
        .Select(f => new SourceFile(Path.GetRelativePath(Root, f), File.ReadAllText(f)))
        .OrderBy(f => f.Path, StringComparer.Ordinal)];

    public static IEnumerable<string> Walk(string folder) => Directory.GetFiles(folder).Concat(
        Directory.GetDirectories(folder).Where(d => !Skipped.Contains(Path.GetFileName(d))).SelectMany(Walk));

    private static Project Read(SourceFile file)
    {
        var xml = XDocument.Parse(file.Text);
        string[] Includes(string element) => [.. xml.Descendants(element)
            .Select(e => (string?)e.Attribute("Include")).OfType<string>()];
        var name = Path.GetFileNameWithoutExtension(file.Path);
        return new(name, file.Path,
            [.. Includes("ProjectReference").Select(r => Path.GetFileNameWithoutExtension(r.Replace('\\', '/')))],
            Includes("PackageReference"), xml.Descendants("AssemblyName").FirstOrDefault()?.Value ?? name);
    }

    private static string FindRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Platform.sln")))
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("Platform.sln is not above.");
        return folder;
    }
}
