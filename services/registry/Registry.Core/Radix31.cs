namespace Registry;

/// <summary>The alphabet of GB 32100: 31 signs, without the letters that look like digits (I, O, S, V, Z).</summary>
/// <remarks>
/// Weights are 3^i mod 31. 31 is prime and 3 a primitive root, so up to 30 places every wrong sign and every swap of
/// two different signs, neighbours or not, changes the sum.
/// </remarks>
internal static class Radix31
{
    public const string Alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY";

    /// <summary>The check character of the text, or null when it holds a foreign sign.</summary>
    public static char? CheckCharacterOf(ReadOnlySpan<char> text)
    {
        var (sum, weight) = (0, 1);
        foreach (var sign in text)
        {
            var value = Alphabet.IndexOf(sign, StringComparison.Ordinal);
            if (value < 0) return null;
            sum = (sum + (value * weight)) % 31;
            weight = weight * 3 % 31;
        }
        // The outer modulo matters: when the sum is 0, (31 - 0) would point past the alphabet. Source: R-136.
        return Alphabet[(31 - sum) % 31];
    }
}
