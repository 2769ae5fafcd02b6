namespace Architecture.Tests;

/// <summary>Text that may change only in plain sight; <c>UPDATE_GOLDEN=1</c> rewrites it.</summary>
internal static class Golden
{
    public static void Matches(string path, string actual)
    {
        var file = Path.Combine(Repo.Root, path);
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, actual);
        }
        Assert.True(File.Exists(file), $"{path} is missing; UPDATE_GOLDEN=1 writes it.");
        Assert.Equal(File.ReadAllText(file), actual);
    }
}
