namespace Registry;

/// <summary>Small things every number typed by people needs.</summary>
internal static class Digits
{
    /// <summary>Whether every character is an ASCII digit. Empty text is.</summary>
    public static bool All(ReadOnlySpan<char> text) => text.IndexOfAnyExceptInRange('0', '9') < 0;

    /// <summary>Full-width letters, digits and signs (U+FF01..U+FF5E) become ASCII; the rest stays.</summary>
    public static string Narrow(string text) => text.AsSpan().IndexOfAnyInRange('！', '～') < 0
        ? text
        : string.Create(text.Length, text, static (into, from) =>
        {
            for (var i = 0; i < from.Length; i++)
                into[i] = from[i] is >= '！' and <= '～' ? (char)(from[i] - '！' + '!') : from[i];
        });
}
