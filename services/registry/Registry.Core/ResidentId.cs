using System.Globalization;

namespace Registry;

/// <summary>A resident identity number (公民身份号码, GB 11643) in its 18 character form, upper case X.</summary>
/// <param name="Value">17 digits and a check character.</param>
public readonly record struct ResidentId(string Value)
{
    private const string CheckCharacters = "10X98765432";
    private static ReadOnlySpan<byte> Weights => [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];

    /// <summary>First six digits: where the number was given out, by the division list of that day.</summary>
    public string Area => Value[..6];

    public DateOnly BornOn => DateOnly.ParseExact(Value[6..14], "yyyyMMdd", CultureInfo.InvariantCulture);

    /// <summary>Odd sequence numbers are men's.</summary>
    public Sex Sex => (Value[16] - '0') % 2 == 1 ? Sex.Male : Sex.Female;

    /// <summary>Three digits in front, two behind, as lists show it. Source: R-166.</summary>
    public string Masked => Mask(Value);

    /// <summary>Hides the middle of any text that stands where an identity number should.</summary>
    public static string Mask(string text) => text.Length <= 5
        ? new string('*', text.Length)
        : string.Concat(text.AsSpan(0, 3), new string('*', text.Length - 5), text.AsSpan(text.Length - 2));

    /// <summary>The check character of the first 17 digits (weights modulo 11). Source: R-133.</summary>
    public static char CheckCharacterOf(ReadOnlySpan<char> digits)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(digits.Length, 17);
        var sum = 0;
        for (var i = 0; i < 17; i++)
            sum += (digits[i] - '0') * Weights[i];
        return CheckCharacters[sum % 11];
    }

    /// <summary>Reads what a person typed. Spaces around it and full-width digits are forgiven, nothing else.</summary>
    /// <param name="text">15 digits (before 1999, century 19) or 18 characters.</param>
    /// <param name="divisions">All codes that were ever in force.</param>
    /// <param name="today">Civil date in Asia/Shanghai; nobody is born after it.</param>
    /// <remarks>Rules in order: R-133 length, characters, R-134 area, R-133 birth date, check character.</remarks>
    public static ResidentIdReading Read(string? text, DivisionBook divisions, DateOnly today)
    {
        ArgumentNullException.ThrowIfNull(divisions);
        var typed = Digits.Narrow((text ?? "").Trim());
        if (typed.Length == 0) return new(null, ResidentIdFault.Blank);
        if (typed.Length is not (15 or 18)) return new(null, ResidentIdFault.Length);
        var body = typed.Length == 18 ? typed.AsSpan(0, 17) : typed;
        if (!Digits.All(body) || (typed.Length == 18 && typed[17] is not ((>= '0' and <= '9') or 'X' or 'x')))
            return new(null, ResidentIdFault.Characters);
        var area = divisions.StandingOf(typed[..6]);
        if (area == AreaStanding.Unknown) return new(null, ResidentIdFault.Area) { Area = area };
        var birth = typed.Length == 18 ? typed.Substring(6, 8) : string.Concat("19", typed.AsSpan(6, 6));
        if (!DateOnly.TryParseExact(birth, "yyyyMMdd", CultureInfo.InvariantCulture, 0, out var bornOn)
            || bornOn > today || bornOn.Year < 1880)
            return new(null, ResidentIdFault.BirthDate) { Area = area };
        var digits = string.Concat(typed.AsSpan(0, 6), birth, body[^3..]);
        var check = CheckCharacterOf(digits);
        if (typed.Length == 18 && char.ToUpperInvariant(typed[17]) != check)
            return new(null, ResidentIdFault.CheckCharacter) { Area = area };
        return new(new ResidentId(digits + check), ResidentIdFault.None)
        {
            Area = area,
            WasFifteen = typed.Length == 15,
        };
    }
}

/// <summary>What reading an identity number gave.</summary>
/// <param name="Id">Null when a rule failed.</param>
/// <param name="Fault">The first rule that failed.</param>
public sealed record ResidentIdReading(ResidentId? Id, ResidentIdFault Fault)
{
    public AreaStanding Area { get; init; } = AreaStanding.Unknown;

    /// <summary>The number was given in the old form of 15 digits.</summary>
    public bool WasFifteen { get; init; }
}

/// <summary>Which rule an identity number failed.</summary>
public enum ResidentIdFault { None, Blank, Length, Characters, Area, BirthDate, CheckCharacter }

/// <summary>Sex (性别), GB/T 2261.1: 0 unknown, 1 male, 2 female, 9 not stated. Source: R-137.</summary>
public enum Sex { Unknown = 0, Male = 1, Female = 2, NotStated = 9 }
