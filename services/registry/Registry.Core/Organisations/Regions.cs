namespace Registry.Organisations;

/// <summary>
/// Arithmetic on GB/T 2260 codes: which tier a code is, and where it stands in the organisation paths.
/// </summary>
public static class Regions
{
    /// <summary>Six digits, not all zero.</summary>
    public static bool IsCode(string? text) =>
        text is { Length: 6 } && text.All(char.IsAsciiDigit) && text != "000000";

    /// <summary>Path of the region's top organisation: <c>141022</c> gives <c>140000/141000/141022/</c>.</summary>
    public static string PathOf(string region)
    {
        var province = $"{region[..2]}0000";
        var city = $"{region[..4]}00";
        return region == province ? $"{province}/" : region == city ? $"{province}/{city}/"
            : $"{province}/{city}/{region}/";
    }

    /// <summary>Path of the lowest tier that contains both regions; "" when only the centre does.</summary>
    public static string CommonPath(string a, string b)
    {
        var (left, right) = (PathOf(a).Split('/'), PathOf(b).Split('/'));
        var common = left.Zip(right).TakeWhile(p => p.First == p.Second && p.First.Length > 0).Select(p => p.First);
        return string.Concat(common.Select(c => $"{c}/"));
    }
}
