namespace Registry;

/// <summary>A unified social credit code (统一社会信用代码, GB 32100) of an employer, 18 characters.</summary>
public readonly record struct CreditCode(string Value)
{
    /// <summary>Reads what a person typed.</summary>
    /// <remarks>
    /// Length and alphabet are refused when wrong. A wrong check character is a warning only: some genuine codes
    /// fail it. Source.
    /// </remarks>
    public static CreditCodeReading Read(string? text)
    {
        var typed = Digits.Narrow((text ?? "").Trim()).ToUpperInvariant();
        if (typed.Length == 0) return new(null, CreditCodeFault.Blank);
        if (typed.Length != 18) return new(null, CreditCodeFault.Length);
        var check = Radix31.CheckCharacterOf(typed.AsSpan(0, 17));
        if (check is null || !Radix31.Alphabet.Contains(typed[17], StringComparison.Ordinal))
            return new(null, CreditCodeFault.Characters);
        return new(new CreditCode(typed), CreditCodeFault.None) { CheckDiffers = check != typed[17] };
    }
}

/// <summary>What reading a credit code gave.</summary>
/// <param name="Code">Null when a rule failed.</param>
public sealed record CreditCodeReading(CreditCode? Code, CreditCodeFault Fault)
{
    /// <summary>The check character does not fit: warn, let people decide.</summary>
    public bool CheckDiffers { get; init; }
}

/// <summary>Which rule a credit code failed.</summary>
public enum CreditCodeFault { None, Blank, Length, Characters }
