using System.Runtime.CompilerServices;

namespace Contracts.Tests;

/// <summary>Files of the repository, found from this source file.</summary>
internal static class Repo
{
    public static string Root { get; } = Path.GetFullPath(Path.Combine(Here(), "..", "..", ".."));

    /// <summary>Whether goldens are rewritten instead of compared.</summary>
    public static bool Updates => Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1";

    public static string Golden(string name) => Path.Combine(Here(), "..", "Golden", name);

    /// <summary>Compares with a golden; when updating, writes it first.</summary>
    public static void Matches(string name, string actual)
    {
        var file = Golden(name);
        if (Updates)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, actual);
        }
        Assert.True(File.Exists(file), $"{name} is missing; UPDATE_GOLDEN=1 writes it.");
        Assert.Equal(File.ReadAllText(file), actual);
    }

    private static string Here([CallerFilePath] string file = "") => file;
}
