using System.Collections.Immutable;
using System.Globalization;

namespace Registry.Roster;

/// <summary>A rule a row can break.</summary>
/// <param name="Id">Stable, UPPER_SNAKE_CASE; what a program compares.</param>
/// <param name="Source">R-… or M-… ids, see docs/rules.md and the mechanism catalogue.</param>
/// <param name="Zh">What to tell the clerk. {0} is a detail such as another row.</param>
/// <param name="En">The same in English.</param>
public sealed record RosterRule(string Id, string Source, string Zh, string En)
{
    /// <summary>The row is accepted all the same, and the clerk is told.</summary>
    public bool WarningOnly { get; init; }
}

/// <summary>One thing wrong with one cell: enough to find it, to see the rule, and to know what is allowed.</summary>
/// <param name="Sheet">The sheet's Chinese name.</param>
/// <param name="Row">As the clerk sees it, 1-based.</param>
/// <param name="Column">Stable name of the column.</param>
/// <param name="Title">The column's Chinese header.</param>
/// <param name="Letter">The column's letter in this workbook; "" when the workbook leaves the column out.</param>
/// <param name="Value">What stood there; identifiers masked.</param>
public sealed record RosterProblem(
    string Sheet, int Row, string Column, string Title, string Letter, string Value, RosterRule Rule, string Detail)
{
    public string Zh => string.Format(CultureInfo.InvariantCulture, Rule.Zh, Detail);

    public string En => string.Format(CultureInfo.InvariantCulture, Rule.En, Detail);

    /// <summary>What may stand there, Chinese.</summary>
    public required string AllowedZh { get; init; }

    /// <summary>What may stand there, English.</summary>
    public required string AllowedEn { get; init; }

    internal static RosterProblem At(RosterRow row, RosterColumn column, RosterRule rule, string detail = "") =>
        new(row.Sheet.Title, row.Number, column.Name, column.Title, row.Header.LetterOf(column.Name),
            Shown(column.Kind, row[column.Name].Text), rule, detail)
        {
            AllowedZh = column.AllowedZh,
            AllowedEn = column.AllowedEn,
        };

    /// <summary>
    /// The value as a list may show it. Whatever looks like an identity or phone number is masked wherever it
    /// stands: numbers slip into the neighbouring column. Source: R-166.
    /// </summary>
    internal static string Shown(RosterKind kind, string text)
    {
        var typed = text.Trim();
        var digits = typed.Count(char.IsAsciiDigit);
        var shown = kind switch
        {
            RosterKind.Identity => ResidentId.Mask(typed),
            RosterKind.Phone => PhoneNumber.Mask(typed),
            RosterKind.Credit when typed.Length == 18 && digits < 17 => typed,
            RosterKind.Certificate when typed.Length == 17 => typed,
            _ when digits >= 15 => ResidentId.Mask(typed),
            _ when digits >= 11 && kind != RosterKind.OrganisationCode => PhoneNumber.Mask(typed),
            _ => typed,
        };
        if (shown.Length <= 40) return shown;
        return string.Concat(shown.AsSpan(0, char.IsHighSurrogate(shown[38]) ? 38 : 39), "…");
    }
}

/// <summary>What became of a row.</summary>
/// <param name="Entry">Null when a rule refused the row.</param>
/// <param name="Problems">In the order of the columns; warnings too.</param>
public sealed record RosterOutcome<TEntry>(RosterRow Row, TEntry? Entry, ImmutableArray<RosterProblem> Problems)
    where TEntry : class
{
    public bool IsAccepted => Entry is not null;
}
