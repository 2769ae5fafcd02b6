using System.Reflection;
using System.Text;
using Registry.Names;
using Registry.Quality;
using Registry.Organisations;
using Registry.Service.Roster;

namespace Registry.Service.Reference;

/// <summary>Divisions and code tables, built into the program from <c>seeds/</c>: one release, one set.</summary>
public static class ReferenceData
{
    private static readonly Lazy<CodeBook> LazyCodes = new(LoadCodes);
    private static readonly Lazy<DivisionBook> LazyDivisions = new(LoadDivisions);
    private static readonly Lazy<NameBook> LazyNames = new(LoadNames);
    private static readonly Lazy<QualityRules> LazyQuality = new(LoadQuality);

    private static readonly Lazy<IReadOnlyList<FormationRule>> LazyFormation =
        new(() => [.. Rows("formation-rules.csv").Select(FormationBook.Read)]);

    /// <summary>All rules of <c>seeds/formation-rules.csv</c>, in the order of the file.</summary>
    public static IReadOnlyList<FormationRule> FormationRules => LazyFormation.Value;

    /// <summary>All tables of <c>seeds/code-tables</c>.</summary>
    public static CodeBook Codes => LazyCodes.Value;

    /// <summary>All codes of <c>seeds/divisions/history.csv</c>.</summary>
    public static DivisionBook Divisions => LazyDivisions.Value;

    /// <summary>Readings, variants and surnames of <c>seeds/names</c>.</summary>
    public static NameBook Names => LazyNames.Value;

    /// <summary>Rules of <c>seeds/quality-rules.csv</c>.</summary>
    public static QualityRules Quality => LazyQuality.Value;

    private static QualityRules LoadQuality() => new(Rows("quality-rules.csv").Select(r => new QualityRule(
        r[0], r[1], r[2], r[3], r[4], int.Parse(r[5], System.Globalization.CultureInfo.InvariantCulture), r[6], r[7],
        r[8])), Codes, Divisions);

    private static CodeBook LoadCodes() => new(
        from name in Assembly.GetExecutingAssembly().GetManifestResourceNames()
        where name.StartsWith("code-tables/", StringComparison.Ordinal)
        select new CodeTable(Path.GetFileNameWithoutExtension(name), Rows(name).Select(r =>
            new CodeEntry(r[0], r[1], r[2]) { Aliases = [.. Words(r[3])], Flags = [.. Words(r[4])] })));

    private static DivisionBook LoadDivisions() =>
        new(Rows("divisions/history.csv").Select(r => new Division(r[0], r[1], r[2], r[3])));

    private static NameBook LoadNames() => new(
        Lines("names/readings.tsv").Select(r => (r[0], r.ElementAtOrDefault(1) ?? "", r.ElementAtOrDefault(2) ?? "")),
        Lines("names/variants.tsv").Concat(Lines("names/own-variants.tsv")).Select(r =>
            new CharacterVariant(r[0], r[1], Enum.Parse<CharacterLikeness>(r[2], ignoreCase: true))),
        Lines("names/surnames.tsv").Select(r => (r[0], (IReadOnlyList<string>)r[1].Split('|'))));

    private static IEnumerable<string[]> Lines(string resource)
    {
        using var reader = Open(resource);
        while (reader.ReadLine() is { } line)
            if (line[0] != '#') yield return line.Split('\t');
    }

    private static StreamReader Open(string resource) =>
        new(Assembly.GetExecutingAssembly().GetManifestResourceStream(resource)
            ?? throw new InvalidOperationException($"{resource} is not built in."), Encoding.UTF8);

    internal static IEnumerable<List<string>> Rows(string resource)
    {
        using var reader = Open(resource);
        return [.. CsvText.Read(reader, cellLengthMax: 1000, columnsMax: 20).Skip(1)
            .Select(r => r.Fields.ToList())];
    }

    private static string[] Words(string field) => field.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
