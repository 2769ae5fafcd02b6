using System.Reflection;
using System.Text;
using Registry.Service.Roster;

namespace Registry.Service.Reference;

/// <summary>Divisions and code tables, built into the program from <c>seeds/</c>: one release, one set.</summary>
public static class ReferenceData
{
    private static readonly Lazy<CodeBook> LazyCodes = new(LoadCodes);
    private static readonly Lazy<DivisionBook> LazyDivisions = new(LoadDivisions);

    /// <summary>All tables of <c>seeds/code-tables</c>.</summary>
    public static CodeBook Codes => LazyCodes.Value;

    /// <summary>All codes of <c>seeds/divisions/history.csv</c>.</summary>
    public static DivisionBook Divisions => LazyDivisions.Value;

    private static CodeBook LoadCodes() => new(
        from name in Assembly.GetExecutingAssembly().GetManifestResourceNames()
        where name.StartsWith("code-tables/", StringComparison.Ordinal)
        select new CodeTable(Path.GetFileNameWithoutExtension(name), Rows(name).Select(r =>
            new CodeEntry(r[0], r[1], r[2]) { Aliases = [.. Words(r[3])], Flags = [.. Words(r[4])] })));

    private static DivisionBook LoadDivisions() =>
        new(Rows("divisions/history.csv").Select(r => new Division(r[0], r[1], r[2], r[3])));

    private static IEnumerable<List<string>> Rows(string resource)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(resource)
            ?? throw new InvalidOperationException($"{resource} is not built in.");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return [.. CsvText.Read(reader, cellLengthMax: 1000, columnsMax: 20).Skip(1).Select(r => r.Fields)];
    }

    private static string[] Words(string field) => field.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
