using System.Collections.Frozen;
using System.Collections.Immutable;

namespace Registry.Roster;

/// <summary>What a cell of the workbook held.</summary>
public enum CellKind { Blank, Text, Number, Boolean, Formula, Error }

/// <summary>One cell: its text as stored and what it was. A number keeps the digits of the file.</summary>
public readonly record struct RosterCell(string Text, CellKind Kind)
{
    public static readonly RosterCell Blank = new("", CellKind.Blank);

    /// <summary>Nothing but spaces.</summary>
    public bool IsBlank => Kind == CellKind.Blank || (Kind == CellKind.Text && string.IsNullOrWhiteSpace(Text));
}

/// <summary>Where the columns of a sheet stand in this workbook.</summary>
/// <param name="Sheet">Which of the two sheets.</param>
/// <param name="Number">Row number of the header, 1-based.</param>
/// <param name="Places">Column name → 0-based place in the row.</param>
public sealed record RosterHeader(RosterSheet Sheet, int Number, FrozenDictionary<string, int> Places)
{
    /// <summary>Numbers of dates count from 1904 instead of 1900.</summary>
    public bool From1904 { get; init; }

    /// <summary>Column name → how its cells are read; null for a file that follows the template.</summary>
    public FrozenDictionary<string, MappedColumn>? Mapped { get; init; }

    /// <summary>The sheet's letter of the column, or "" when the workbook leaves the column out.</summary>
    public string LetterOf(string column) => Places.TryGetValue(column, out var place) ? LetterOf(place) : "";

    /// <summary>0 → A, 25 → Z, 26 → AA.</summary>
    public static string LetterOf(int place)
    {
        var letters = "";
        for (var rest = place + 1; rest > 0; rest = (rest - 1) / 26)
            letters = (char)('A' + ((rest - 1) % 26)) + letters;
        return letters;
    }
}

/// <summary>One row of a sheet as it came.</summary>
/// <param name="Number">Row number in the workbook, 1-based, as the clerk sees it.</param>
/// <param name="Cells">By place; shorter than the header when the end is empty.</param>
public sealed record RosterRow(RosterHeader Header, int Number, ImmutableArray<RosterCell> Cells)
{
    public RosterSheet Sheet => Header.Sheet;

    /// <summary>The cell of a column; blank when the workbook leaves the column out.</summary>
    public RosterCell this[string column]
    {
        get
        {
            var cell = Header.Places.TryGetValue(column, out var place) && place < Cells.Length
                ? Cells[place] : RosterCell.Blank;
            if (Header.Mapped is null || !Header.Mapped.TryGetValue(column, out var mapped)) return cell;
            if (mapped.Place < 0) return new(mapped.Fixed, CellKind.Text);
            return mapped.Words.TryGetValue(cell.Text.Trim(), out var word) ? new(word, CellKind.Text) : cell;
        }
    }
}
