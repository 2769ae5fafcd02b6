using System.Globalization;

namespace Registry;

/// <summary>
/// The number of an activity certificate (流动党员活动证编号): county (6 digits), year (4), serial in that county and
/// year (6, from 1), check character.
/// </summary>
/// <remarks>
/// Source. The check character is radix 31 with the alphabet of GB 32100 and weights 3^i mod 31, not
/// ISO 7064 MOD 37-2, because that one may end a number in '*' and uses letters that look like digits. It finds every
/// wrong digit and every swap of two digits, neighbours or not.
/// </remarks>
/// <param name="Value">17 characters, such as 1410222026000001K.</param>
public readonly record struct CertificateNumber(string Value)
{
    public const int SerialMax = 999_999;

    public string County => Value[..6];

    public int Year => int.Parse(Value.AsSpan(6, 4), CultureInfo.InvariantCulture);

    public int Serial => int.Parse(Value.AsSpan(10, 6), CultureInfo.InvariantCulture);

    /// <summary>In groups, as it is printed: 141022 2026 000001 K.</summary>
    public string Printed => $"{Value[..6]} {Value[6..10]} {Value[10..16]} {Value[16]}";

    /// <summary>Makes the number.</summary>
    /// <param name="county">Six digits, GB/T 2260.</param>
    /// <param name="year">1900 to 9999.</param>
    /// <param name="serial">1 to <see cref="SerialMax"/>.</param>
    public static CertificateNumber Of(string county, int year, int serial)
    {
        ArgumentNullException.ThrowIfNull(county);
        if (county.Length != 6 || !Digits.All(county)) throw new ArgumentException("Six digits.", nameof(county));
        ArgumentOutOfRangeException.ThrowIfLessThan(year, 1900);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(year, 9999);
        ArgumentOutOfRangeException.ThrowIfLessThan(serial, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(serial, SerialMax);
        var digits = string.Create(CultureInfo.InvariantCulture, $"{county}{year:D4}{serial:D6}");
        return new(digits + Radix31.CheckCharacterOf(digits));
    }

    /// <summary>Reads a typed or scanned number, or null. Forgives spaces, dashes, full-width, small letters.</summary>
    public static CertificateNumber? Read(string? text)
    {
        var typed = Digits.Narrow(text ?? "").ToUpperInvariant();
        var bare = string.Concat(typed.Where(c => c is not (' ' or '-')));
        if (bare.Length != 17 || !Digits.All(bare.AsSpan(0, 16))) return null;
        if (string.CompareOrdinal(bare, 6, "1900", 0, 4) < 0) return null;
        return Radix31.CheckCharacterOf(bare.AsSpan(0, 16)) == bare[16] ? new(bare) : null;
    }
}
