using Gateway.Console.Parts;

namespace Gateway.Console.Node;

/// <summary>Figures of a unit as of a day, as known at a moment.</summary>
/// <param name="DestinationsOpen">Per hundred that the rounded shares of destinations leave open.</param>
public sealed record FigureTable(string Path, DateOnly On, DateTimeOffset KnownAt, IReadOnlyList<Figure> Figures,
    decimal? DestinationsOpen, IReadOnlyList<FigureCheck> Checks, IReadOnlyList<FigureWord> Definitions)
{
    /// <summary>A figure as a whole.</summary>
    public Figure? Of(string code) => Figures.FirstOrDefault(f => f.Code == code && f.Value is null);
}

/// <summary>One number; <see cref="Value"/> is null for the figure as a whole.</summary>
public sealed record Figure(string Code, string? Value, long Count, decimal? Share);

/// <param name="Remainder">0: the table closes; else by how much it does not.</param>
public sealed record FigureCheck(string Code, string Rule, string Zh, string En, long Remainder);

/// <summary>What a figure is called and how it is made.</summary>
/// <param name="Dimension">What it is broken down by; "" for a number alone.</param>
public sealed record FigureWord(string Code, string Chinese, string English, string Formula, string FormulaZh,
    string Dimension)
{
    /// <summary>Its name in the language of the page.</summary>
    public string Word => Say.IsChinese ? Chinese : English;

    /// <summary>How it is made, in the language of the page.</summary>
    public string How => Say.IsChinese ? FormulaZh : Formula;
}

/// <summary>A row behind a number; the name is null for who may see counts only.</summary>
/// <param name="OtherRegion">Where the other side is; null or "" for who is only held.</param>
public sealed record FigureRow(Guid Id, string? Name, string Path, string? OtherRegion, DateOnly BeganOn);

/// <summary>Mobile tallies of the regions, counted now.</summary>
public sealed record Overview(DateTimeOffset At, long? Headcount, IReadOnlyList<Tally> Tallies);

/// <summary>Mobile tallies of one region.</summary>
public sealed record Tally(string Region, int Out, int In, int Within, int Matched, int HomeOnly, int HostOnly,
    int Differs)
{
    /// <summary>Cases that both sides do not yet tell alike.</summary>
    public int Open => HomeOnly + HostOnly + Differs;
}

/// <summary>A month's closing of one unit.</summary>
/// <param name="Difference">What the month is off by; 0 when it closes.</param>
/// <param name="LateAdded">Archives that came to light late and make a difference.</param>
/// <param name="Own">Kept at this node: its lists can be opened.</param>
public sealed record Closing(Guid Id, string Path, string Region, string Name, string Month, int Revision,
    DateTimeOffset KnownAt, long Opening, long Increases, long Decreases, long Headcount, long Difference,
    IReadOnlyDictionary<string, long> Figures, decimal? MobileShare, decimal? DestinationsOpen,
    IReadOnlyList<Guid> LateAdded, IReadOnlyList<Guid> LateRemoved, string Reason, string ClosedBy, bool Own);

/// <summary>The published table of a month.</summary>
public sealed record PublishedTable(string Month, int Tier, IReadOnlyList<Closing> Rows,
    IReadOnlyDictionary<string, long> Total, IReadOnlyList<FigureCheck> Checks, IReadOnlyList<MissingUnit> Missing);

/// <summary>A unit that has not reported.</summary>
public sealed record MissingUnit(string Path, string Name);

/// <summary>One month of the series.</summary>
public sealed record TrendPoint(string Month, long Headcount, long Mobile, decimal? MobileShare, decimal? Stability);
