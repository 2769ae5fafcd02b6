using System.Collections.Frozen;
using System.Collections.Immutable;

namespace Registry.Roster;

/// <summary>What kind of value a column holds; chooses how it is read.</summary>
public enum RosterKind { Text, Name, Code, Identity, Date, OrganisationCode, Phone, Credit, DivisionCode, Certificate }

/// <summary>Whether a cell may stay empty. Source: R-023.</summary>
public enum RosterFill
{
    /// <summary>A value is needed.</summary>
    Required,

    /// <summary>Nothing to say is written 无 or —; an empty cell is refused.</summary>
    NoneAllowed,

    /// <summary>May stay empty.</summary>
    Optional,
}

/// <summary>One column of a roster sheet.</summary>
/// <param name="Name">Stable name in code and JSON.</param>
/// <param name="Title">The Chinese header, exactly as in the template.</param>
/// <param name="AllowedZh">What may stand there, shown in the template and beside a problem.</param>
/// <param name="AllowedEn">The same in English.</param>
public sealed record RosterColumn(
    string Name, string Title, RosterKind Kind, RosterFill Fill, string AllowedZh, string AllowedEn)
{
    /// <summary>Code table of a <see cref="RosterKind.Code"/> column.</summary>
    public string Table { get; init; } = "";

    /// <summary>In UTF-16 units.</summary>
    public int LengthMax { get; init; } = 100;

    /// <summary>In the workbook's units: about one digit each.</summary>
    public int Width { get; init; } = 12;

    /// <summary>Other headers that mean this column.</summary>
    public ImmutableArray<string> OtherTitles { get; init; } = [];
}

/// <summary>One sheet of the roster workbook (花名册) and its columns, left to right.</summary>
/// <param name="Name">Stable name in code and JSON.</param>
/// <param name="Title">The sheet's Chinese name.</param>
public sealed record RosterSheet(string Name, string Title, ImmutableArray<RosterColumn> Columns)
{
    /// <summary>Headers that are read over: the sequence, and what an error workbook adds.</summary>
    public static readonly ImmutableArray<string> Ignored = ["序号", "问题", "修改说明", "原行号"];

    /// <summary>Sheet 组织. Source: M-073, Appendix D.</summary>
    public static readonly RosterSheet Organisations = new("organisations", "组织", RosterColumns.Organisations);

    /// <summary>Sheet 党员. Source, M-070, M-079.</summary>
    public static readonly RosterSheet Members = new("members", "党员", RosterColumns.Members);

    public static readonly ImmutableArray<RosterSheet> All = [Organisations, Members];

    private readonly FrozenDictionary<string, RosterColumn> byName =
        Columns.ToFrozenDictionary(c => c.Name, StringComparer.Ordinal);

    /// <summary>A column by its stable name; an unknown name is a bug and throws.</summary>
    public RosterColumn this[string name] => byName[name];

    /// <summary>The column a header means, or null.</summary>
    public RosterColumn? ByTitle(string title)
    {
        // "*" marks required columns in the template.
        var wanted = string.Concat(title.Where(c => c is not ('*' or '＊') && !char.IsWhiteSpace(c)));
        return Columns.FirstOrDefault(c => c.Title == wanted || c.OtherTitles.Contains(wanted, StringComparer.Ordinal));
    }
}
