namespace Gateway.Console.Pages.Members;

/// <summary>
/// Says what does not fit in a typed identity number before it is sent: how many characters it has, and whether the
/// last one follows from the seventeen before it (GB 11643). The registry judges; this explains.
/// </summary>
internal static class IdNumber
{
    private const int Length = 18;
    private static readonly int[] Weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];

    /// <summary>Key of the sentence and the number in it; null when both hold.</summary>
    public static (string Word, int Number)? Fault(string typed)
    {
        var id = typed.Trim();
        if (id.Length != Length) return ("id-length", id.Length);
        if (!id[..17].All(char.IsAsciiDigit)) return ("id-digits", 17);
        var sum = id[..17].Zip(Weights, (digit, weight) => (digit - '0') * weight).Sum();
        return "10X98765432"[sum % 11] == char.ToUpperInvariant(id[17]) ? null : ("id-check", Length);
    }
}
