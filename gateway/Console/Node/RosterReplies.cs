namespace Gateway.Console.Node;

/// <summary>A load of a roster and how far it is.</summary>
/// <param name="Status">receiving, checking, comparing, checked, loading, reporting, done, refused, undoing,
/// undone.</param>
public sealed record RosterProgress(Guid Id, string FileName, string Region, bool DryRun, string Status,
    DateTimeOffset At, DateTimeOffset ChangedAt, long FileBytes, int Rows, int CheckedTo, int LoadedTo,
    int OrganisationsAccepted, int Created, int Amended, int CasesOpened, int Refused, int ProblemCount, int Withdrawn,
    int Restored, int Kept, RosterRefusal? Problem, IReadOnlyList<RosterProblem> Problems)
{
    /// <summary>True when nothing happens until somebody asks.</summary>
    public bool IsAtRest => Status is "checked" or "done" or "refused" or "undone";

    /// <summary>True when its columns wait to be mapped.</summary>
    public bool IsUnmapped => DryRun && Status == "refused" && Problem?.Code is "WORKBOOK_SHEET_MISSING"
        or "WORKBOOK_HEADER_MISSING" or "WORKBOOK_COLUMN_MISSING" or "WORKBOOK_COLUMN_UNKNOWN"
        or "WORKBOOK_COLUMN_DUPLICATE";
}

/// <summary>Why a file as a whole was refused.</summary>
public sealed record RosterRefusal(string Code, string Detail, string DetailZh);

/// <summary>One thing wrong with one cell; identifiers come masked.</summary>
/// <param name="Column">The column's title.</param>
public sealed record RosterProblem(string Sheet, int Row, string Column, string Letter, string Value, string Rule,
    string Source, bool WarningOnly, string Detail, string Allowed, string DetailEn = "", string AllowedEn = "");

/// <summary>What an own header was taken for.</summary>
public sealed record RosterGuess(bool Saved, int HeaderRow, RosterMapping Mapping, IReadOnlyList<GuessedColumn> Columns,
    IReadOnlyList<string> Missing, IReadOnlyList<ColumnChoice> Choices);

/// <summary>How a file that does not follow the template is read.</summary>
public sealed record RosterMapping(string Sheet, IReadOnlyList<string> Headers, IReadOnlyList<MappedColumn> Columns);

/// <param name="Place">0-based place in the file; -1 for a column the file lacks.</param>
/// <param name="Fixed">What every row holds when the file lacks the column.</param>
/// <param name="Words">The file's words and ours.</param>
public sealed record MappedColumn(string Column, int Place, string Fixed, IReadOnlyDictionary<string, string> Words);

/// <summary>One column of the file.</summary>
public sealed record GuessedColumn(string Letter, string Header, string? Column, IReadOnlyList<string> UnknownWords);

/// <summary>One column of ours.</summary>
/// <param name="Table">Code table of its words; "" for other values.</param>
public sealed record ColumnChoice(string Column, string Title, bool Required, string Table, string Allowed);
