using Registry;

namespace Platform.Seeds;

/// <summary>The folder <c>seeds/</c> of this repository and what generators read from it.</summary>
public sealed class SeedFolder(string path)
{
    public string Root => Path.GetDirectoryName(path)!;

    /// <summary>Climbs from the working folder, then from the program's, to the one that holds the solution.</summary>
    public static SeedFolder Find()
    {
        foreach (var start in new[] { Environment.CurrentDirectory, AppContext.BaseDirectory })
            for (var at = new DirectoryInfo(start); at is not null; at = at.Parent)
                if (File.Exists(Path.Combine(at.FullName, "Platform.sln")))
                    return new SeedFolder(Path.Combine(at.FullName, "seeds"));
        throw new DirectoryNotFoundException("Platform.sln was not found above the working folder.");
    }

    /// <summary>Rows of a table without its header. Fields with commas are quoted.</summary>
    public IEnumerable<IReadOnlyList<string>> Rows(string file) =>
        File.ReadLines(Path.Combine(path, file)).Skip(1).Where(line => line.Length > 0).Select(Fields);

    public DivisionBook Divisions() =>
        new(Rows("divisions/history.csv").Select(r => new Division(r[0], r[1], r[2], r[3])));

    /// <summary>Names of the county's towns and streets; empty outside the demo province.</summary>
    public IReadOnlyList<string> Towns(string county) =>
        [.. Rows("divisions/towns-14.csv").Where(r => r[2] == county).Select(r => r[1])];

    private static List<string> Fields(string line)
    {
        var fields = new List<string>();
        var (start, quoted) = (0, false);
        for (var i = 0; i <= line.Length; i++)
        {
            if (i < line.Length && line[i] == '"') quoted = !quoted;
            if (i < line.Length && (quoted || line[i] != ',')) continue;
            fields.Add(line[start..i].Trim('"').Replace("\"\"", "\"", StringComparison.Ordinal));
            start = i + 1;
        }
        return fields;
    }
}
