using System.Runtime.CompilerServices;

namespace Platform.Testing;

/// <summary>
/// Compares with a file in the folder <c>Golden</c> beside the test; <c>UPDATE_GOLDEN=1</c> rewrites it.
/// </summary>
public static class Golden
{
    /// <summary>What the file says; when updating, what you give.</summary>
    public static string Expect(string name, string actual, [CallerFilePath] string testFile = "")
    {
        var file = Path.Combine(Path.GetDirectoryName(testFile)!, "Golden", name);
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, actual);
        }

        return File.Exists(file)
            ? File.ReadAllText(file) : $"There is no golden file {file}; UPDATE_GOLDEN=1 writes it.";
    }
}
