using System.Text.RegularExpressions;

namespace Gateway.Console.Pages.Members;

/// <summary>Finds the number to call in what an office wrote about its contact person.</summary>
internal static partial class Telephone
{
    /// <summary>The first mainland number, mobile or landline; null when there is none.</summary>
    public static string? In(string text) => Number().Match(text) is { Success: true } found ? found.Value : null;

    [GeneratedRegex(@"(?<!\d)(1[3-9]\d{9}|0\d{2,3}-?\d{7,8}|\d{7,8})(?!\d)")]
    private static partial Regex Number();
}
