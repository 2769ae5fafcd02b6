namespace Registry;

/// <summary>A telephone number of the mainland (电话号码), normalised.</summary>
/// <param name="Value">Mobile: 11 digits. Landline: area code, dash, number, then dash extension if any.</param>
public readonly record struct PhoneNumber(string Value)
{
    public bool IsMobile => Value[0] == '1';

    /// <summary>Three digits in front, four behind, as lists show it. Source: R-166.</summary>
    public string Masked => Mask(Value);

    public static string Mask(string text) => text.Length <= 7
        ? new string('*', text.Length)
        : string.Concat(text.AsSpan(0, 3), new string('*', text.Length - 7), text.AsSpan(text.Length - 4));

    /// <summary>Reads a number as people write it, or null when it is none.</summary>
    /// <remarks>
    /// Forgiven: spaces, dashes, brackets, full-width digits, +86 or 0086 in front. A landline needs its area code:
    /// the reader of the number sits in another county. Area codes: 010, 02x, or four digits 03xx to 09xx.
    /// </remarks>
    public static PhoneNumber? Read(string? text)
    {
        var typed = Digits.Narrow((text ?? "").Trim());
        var (main, extension) = SplitExtension(typed);
        var bare = string.Concat(main.Where(c => c is not (' ' or '-' or '(' or ')' or '－' or '—' or '\u00A0')));
        if (bare.StartsWith("+86", StringComparison.Ordinal)) bare = bare[3..];
        else if (bare.StartsWith("0086", StringComparison.Ordinal)) bare = bare[4..];
        else if (bare.Length == 13 && bare.StartsWith("861", StringComparison.Ordinal)) bare = bare[2..];
        if (!Digits.All(bare)) return null;
        if (bare.Length == 11 && bare[0] == '1' && bare[1] >= '3') return extension.Length == 0 ? new(bare) : null;
        if (bare.Length is < 10 or > 12 || bare[0] != '0') return null;
        var areaLength = bare[1] is '1' or '2' ? 3 : 4;
        var local = bare[areaLength..];
        if (bare[1] == '0' || (bare[1] == '1' && bare[2] != '0')) return null;
        if (local.Length is not (7 or 8) || local[0] is '0' or '1') return null;
        return new(string.Concat(bare[..areaLength], "-", local, extension.Length == 0 ? "" : "-" + extension));
    }

    /// <summary>Splits "转801", "ext801", "#801" and a third dashed group from the number.</summary>
    private static (string Main, string Extension) SplitExtension(string typed)
    {
        foreach (var mark in (ReadOnlySpan<string>)["转", "ext.", "ext", "#"])
        {
            var at = typed.IndexOf(mark, StringComparison.OrdinalIgnoreCase);
            if (at > 0) return Checked(typed[..at], typed[(at + mark.Length)..].Trim());
        }
        var parts = typed.Split('-');
        return parts.Length == 3 && parts[0].StartsWith('0') && parts[1].Length is 7 or 8
            ? Checked(parts[0] + parts[1], parts[2])
            : (typed, "");

        static (string, string) Checked(string main, string extension) =>
            extension.Length is > 0 and <= 6 && Digits.All(extension) ? (main, extension) : ("?", "");
    }
}
