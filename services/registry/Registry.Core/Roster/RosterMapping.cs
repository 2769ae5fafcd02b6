using System.Collections.Immutable;

namespace Registry.Roster;

/// <summary>How a file that does not follow the template is read: mapped once by a clerk, then remembered.</summary>
/// <param name="Sheet">Name of the sheet the file's rows become: organisations or members.</param>
/// <param name="Headers">The file's header, left to right, as <see cref="Normal"/> leaves it; the key.</param>
/// <param name="Columns">Our columns that are filled; each at most once.</param>
/// <remarks>Source: M-073, M-077.</remarks>
public sealed record RosterMapping(
    string Sheet, ImmutableArray<string> Headers, ImmutableArray<MappedColumn> Columns)
{
    /// <summary>A header as it is compared: no spaces, no star, nothing in brackets.</summary>
    public static string Normal(string title)
    {
        ArgumentNullException.ThrowIfNull(title);
        var depth = 0;
        var kept = new List<char>(title.Length);
        foreach (var c in title)
        {
            if (c is '(' or '（') depth++;
            else if (c is ')' or '）') depth = Math.Max(0, depth - 1);
            else if (depth == 0 && c is not ('*' or '＊') && !char.IsWhiteSpace(c)) kept.Add(c);
        }
        return new string([.. kept]);
    }

    /// <summary>What is wrong with the mapping itself, as our column names; empty when it can be used.</summary>
    /// <remarks>
    /// Wrong are: an unknown sheet ("sheet"), a column unknown or mapped twice, a place that the header lacks, and a
    /// required column that nothing fills.
    /// </remarks>
    public ImmutableArray<string> Faults()
    {
        if (RosterSheet.All.FirstOrDefault(s => s.Name == Sheet) is not { } sheet) return ["sheet"];
        var known = sheet.Columns.Select(c => c.Name).ToHashSet(StringComparer.Ordinal);
        var wrong = Columns.Where(c => !known.Contains(c.Column) || c.Place >= Headers.Length
            || (c.Place < 0 && string.IsNullOrEmpty(c.Fixed))).Select(c => c.Column);
        var twice = Columns.GroupBy(c => c.Column, StringComparer.Ordinal).Where(g => g.Count() > 1).Select(g => g.Key);
        var filled = Columns.Select(c => c.Column).ToHashSet(StringComparer.Ordinal);
        var missing = sheet.Columns.Where(c => c.Fill != RosterFill.Optional && !filled.Contains(c.Name))
            .Select(c => c.Name);
        return [.. wrong.Concat(twice).Concat(missing).Distinct(StringComparer.Ordinal)];
    }

    /// <summary>The nearest reading of a header nobody has mapped yet, for a clerk to look over.</summary>
    /// <param name="headers">As in the file.</param>
    public static RosterMapping Guess(ImmutableArray<string> headers)
    {
        var titles = headers.Select(Normal).ToImmutableArray();
        return RosterSheet.All.Select(sheet => Guess(sheet, titles)).MaxBy(m => m.Columns.Length)!;
    }

    private static RosterMapping Guess(RosterSheet sheet, ImmutableArray<string> titles)
    {
        var pairs =
            from place in Enumerable.Range(0, titles.Length)
            from column in sheet.Columns
            let likeness = Likeness(titles[place], column)
            where likeness >= 50
            orderby likeness descending, place
            select (place, column.Name);
        var (places, names, columns) = (new HashSet<int>(), new HashSet<string>(StringComparer.Ordinal),
            ImmutableArray.CreateBuilder<MappedColumn>());
        foreach (var (place, name) in pairs)
        {
            if (places.Contains(place) || !names.Add(name)) continue;
            places.Add(place);
            columns.Add(new(name, place));
        }
        return new(sheet.Name, titles, [.. columns.OrderBy(c => c.Place)]);
    }

    /// <summary>0 to 100: 100 for our own title, else twice the shared characters over all characters.</summary>
    private static int Likeness(string title, RosterColumn column) => column.OtherTitles.Append(column.Title).Max(own =>
    {
        if (own == title) return 100;
        if (title.Length == 0) return 0;
        var rest = own.ToList();
        var shared = title.Count(rest.Remove);
        return Math.Min(99, 200 * shared / (own.Length + title.Length));
    });
}

/// <summary>Where one of our columns comes from.</summary>
/// <param name="Column">Our column's name.</param>
/// <param name="Place">0-based place in the file; -1 for a column the file lacks.</param>
public sealed record MappedColumn(string Column, int Place)
{
    /// <summary>What every row holds when the file lacks the column, such as 汉族 or 无; else "".</summary>
    public string Fixed { get; init; } = "";

    /// <summary>The file's words and ours, such as 男性 → 男; a word that is not listed stays.</summary>
    public ImmutableDictionary<string, string> Words { get; init; } = ImmutableDictionary<string, string>.Empty;
}

/// <summary>What comparing a row with other rows and with the register found.</summary>
/// <param name="HeldElsewhere">Another branch holds the relationship.</param>
/// <param name="TwinLine">First row with the same id number; null for none. So are the others.</param>
public sealed record RosterFinding(bool HeldElsewhere, int? TwinLine, int? AlikeLine, int? PhoneLine)
{
    public static readonly RosterFinding None = new(false, null, null, null);

    /// <summary>The member is out under a case that is still open.</summary>
    public bool CaseOpen { get; init; }
}
