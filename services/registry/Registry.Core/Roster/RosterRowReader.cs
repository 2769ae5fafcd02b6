using System.Buffers;
using System.Globalization;
using System.Text;

namespace Registry.Roster;

/// <summary>Reads the cells of one row by the kind of their column and collects what is wrong, left to right.</summary>
internal sealed class RosterRowReader(RosterRow row, CodeBook codes, DivisionBook divisions, DateOnly today)
{
    private static readonly string[] DateForms =
        ["yyyy-M-d", "yyyy/M/d", "yyyy.M.d", "yyyy年M月d日", "yyyyMMdd", "yyyy-M-d H:mm:ss", "yyyy/M/d H:mm:ss"];

    // Most cells hold nothing else, and none of these breaks a rule of characters.
    private static readonly SearchValues<char> Plain =
        SearchValues.Create([.. Range(' ', '~'), .. Range('\u4E00', '\u9FFF')]);

    public List<RosterProblem> Problems { get; } = [];

    /// <summary>A rule that is more than a warning was broken.</summary>
    public bool IsRefused => Problems.Any(p => !p.Rule.WarningOnly);

    public void Say(string column, RosterRule rule, string detail = "") =>
        Problems.Add(RosterProblem.At(row, row.Sheet[column], rule, detail));

    /// <summary>Free text, inner line breaks as spaces; null when nothing was said or a rule was broken.</summary>
    public string? Text(string column) => Take(column);

    public PersonName? Name(string column)
    {
        if (Take(column) is not { } text) return null;
        var (name, fault) = PersonName.Read(text);
        if (name is null) Say(column, NameRule(fault));
        return name;
    }

    public CodeEntry? Code(string column)
    {
        if (Take(column, out var at, out _) is not { } text) return null;
        var entry = codes[at.Table].Find(text);
        if (entry is null) Say(column, RosterRuleBook.Code);
        return entry;
    }

    public ResidentId? Identity(string column)
    {
        if (Take(column) is not { } text) return null;
        var reading = ResidentId.Read(text, divisions, today);
        if (reading.Id is null) Say(column, IdRule(reading.Fault));
        else if (reading.Area == AreaStanding.Unlisted) Say(column, RosterRuleBook.IdUnlisted);
        else if (reading.WasFifteen) Say(column, RosterRuleBook.IdFifteen);
        return reading.Id;
    }

    public CreditCode? Credit(string column)
    {
        if (Take(column) is not { } text) return null;
        var reading = CreditCode.Read(text);
        if (reading.Code is null)
            Say(column, reading.Fault == CreditCodeFault.Length
                ? RosterRuleBook.CreditLength
                : RosterRuleBook.CreditCharacters);
        else if (reading.CheckDiffers) Say(column, RosterRuleBook.CreditCheck);
        return reading.Code;
    }

    public PhoneNumber? Phone(string column)
    {
        if (Take(column, out _, out var kind) is not { } text) return null;
        var phone = PhoneNumber.Read(kind == CellKind.Number ? Whole(text) : text);
        if (phone is null) Say(column, RosterRuleBook.Phone);
        return phone;
    }

    public CertificateNumber? Certificate(string column)
    {
        if (Take(column) is not { } text) return null;
        var number = CertificateNumber.Read(text);
        if (number is null) Say(column, RosterRuleBook.Certificate);
        return number;
    }

    public string? Division(string column)
    {
        if (Take(column, out _, out var kind) is not { } text) return null;
        var code = Digits.Narrow(kind == CellKind.Number ? Whole(text) : text);
        if (code.Length == 6 && divisions.IsCurrent(code)) return code;
        Say(column, RosterRuleBook.DivisionUnknown);
        return null;
    }

    public string? OrganisationCode(string column)
    {
        if (Take(column) is not { } text) return null;
        if (IsOrganisationCode(text)) return text;
        Say(column, RosterRuleBook.OrgCode);
        return null;
    }

    public string? ExternalCode(string column)
    {
        if (Take(column) is not { } text) return null;
        if (text.Length == 12 && Digits.All(text)) return text;
        Say(column, RosterRuleBook.OrgCode);
        return null;
    }

    public DateOnly? Date(string column, bool mayLieAhead = false)
    {
        if (Take(column, out _, out var kind) is not { } text) return null;
        if (DateOf(text, kind) is not { Year: >= 1880 and <= 2200 } date)
            Say(column, RosterRuleBook.DateFormat);
        else if (date > today && !mayLieAhead) Say(column, RosterRuleBook.DateFuture);
        else return date;
        return null;
    }

    public static bool IsOrganisationCode(string text) =>
        text.Length is > 0 and <= 20 && text.All(c => char.IsAsciiDigit(c) || char.IsAsciiLetterUpper(c) || c == '-');

    private string? Take(string columnName) => Take(columnName, out _, out _);

    private string? Take(string columnName, out RosterColumn column, out CellKind kind)
    {
        column = row.Sheet[columnName];
        var cell = row[columnName];
        kind = cell.Kind;
        var text = cell.Text.Trim();
        if (RuleOf(column, cell, text) is not { } rule)
            return cell.IsBlank || IsNone(text) ? null : text.ReplaceLineEndings(" ");
        Say(columnName, rule, rule == RosterRuleBook.TooLong ? $"{column.LengthMax}" : "");
        return null;
    }

    private static RosterRule? RuleOf(RosterColumn column, RosterCell cell, string text)
    {
        if (cell.Kind == CellKind.Formula) return RosterRuleBook.Formula;
        if (cell.Kind == CellKind.Error) return RosterRuleBook.ErrorCell;
        if (cell.IsBlank) return column.Fill switch
        {
            RosterFill.Required => RosterRuleBook.Required,
            RosterFill.NoneAllowed => RosterRuleBook.Blank,
            RosterFill.Optional => null,
        };
        if (IsNone(text)) return column.Fill == RosterFill.Required ? RosterRuleBook.Required : null;
        var mustBeText = column.Kind is RosterKind.Identity or RosterKind.OrganisationCode or RosterKind.Credit
            or RosterKind.Certificate;
        if (mustBeText && cell.Kind == CellKind.Number) return RosterRuleBook.NumericId;
        if (text.Length > column.LengthMax) return RosterRuleBook.TooLong;
        // Names have their own, finer rules.
        return column.Kind == RosterKind.Name ? null : CharacterRuleOf(text);
    }

    private static IEnumerable<char> Range(char first, char last) =>
        Enumerable.Range(first, last - first + 1).Select(c => (char)c);

    private static RosterRule? CharacterRuleOf(string text)
    {
        if (!text.AsSpan().ContainsAnyExcept(Plain)) return null;
        for (var i = 0; i < text.Length;)
        {
            if (!Rune.TryGetRuneAt(text, i, out var rune)) return RosterRuleBook.Lost;
            i += rune.Utf16SequenceLength;
            if (rune.Value is '\r' or '\n' or '\t') continue;
            if (Rune.IsControl(rune)) return RosterRuleBook.Control;
            if (rune.Value == 0xFFFD || Rune.GetUnicodeCategory(rune) == UnicodeCategory.PrivateUse)
                return RosterRuleBook.Lost;
        }
        return null;
    }

    private static bool IsNone(string text) => text is "无" or "—" or "——" or "-" or "--" or "－" or "/";

    private DateOnly? DateOf(string text, CellKind kind)
    {
        var typed = kind == CellKind.Number ? Whole(text) : Digits.Narrow(text);
        // A date cell of a workbook is a number of days; eight digits are a date typed as a number.
        if (kind == CellKind.Number && typed.Length is > 0 and <= 6)
        {
            var days = int.Parse(typed, CultureInfo.InvariantCulture) + (row.Header.From1904 ? 1462 : 0);
            // Day 60 is 1900-02-29, which never was; before it the count is one off and nobody's date matters.
            return days is > 60 and < 110_000 ? new DateOnly(1899, 12, 30).AddDays(days) : null;
        }
        // Most dates are written so, and trying every form costs as much as the rest of the row.
        if (DateOnly.TryParseExact(typed, "O", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
            return day;
        return DateTime.TryParseExact(typed, DateForms, CultureInfo.InvariantCulture, DateTimeStyles.None, out var date)
            ? DateOnly.FromDateTime(date)
            : null;
    }

    /// <summary>The digits of a numeric cell ("1.54E10" → "15400000000"); "" when it is no whole number.</summary>
    private static string Whole(string text) =>
        decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            && number >= 0 && decimal.Truncate(number) == number
            ? number.ToString("F0", CultureInfo.InvariantCulture)
            : "";

    private static RosterRule NameRule(PersonNameFault fault) => fault switch
    {
        PersonNameFault.TooShort => RosterRuleBook.NameShort,
        PersonNameFault.TooLong => RosterRuleBook.NameLong,
        PersonNameFault.Dot => RosterRuleBook.NameDot,
        PersonNameFault.BrokenCharacter => RosterRuleBook.NameBroken,
        PersonNameFault.LostCharacter => RosterRuleBook.NameLost,
        PersonNameFault.PrivateUse => RosterRuleBook.NamePrivate,
        PersonNameFault.None or PersonNameFault.Blank or PersonNameFault.Sign => RosterRuleBook.NameSign,
    };

    private static RosterRule IdRule(ResidentIdFault fault) => fault switch
    {
        ResidentIdFault.Length => RosterRuleBook.IdLength,
        ResidentIdFault.Area => RosterRuleBook.IdArea,
        ResidentIdFault.BirthDate => RosterRuleBook.IdBirth,
        ResidentIdFault.CheckCharacter => RosterRuleBook.IdCheck,
        ResidentIdFault.None or ResidentIdFault.Blank or ResidentIdFault.Characters => RosterRuleBook.IdCharacters,
    };
}
