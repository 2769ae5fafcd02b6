using System.Text;
using System.Text.RegularExpressions;

namespace Platform.Seeds;

/// <summary>A test that says it shows a mechanism.</summary>
/// <param name="Test">Class and method.</param>
public sealed record TraitClaim(string Mechanism, string Test);

/// <summary>
/// Finds tests and their trait "mechanism" in C# sources, without a compiler: comments and the inside of strings are
/// blanked first, then attributes are matched with the declaration that follows them.
/// </summary>
/// <remarks>
/// Claims of a test that is or may be skipped do not count: Skip…, Explicit in an attribute, Assert.Skip… in the body.
/// A trait on something that is no test does not count either.
/// </remarks>
public static partial class TestTraits
{
    public static IReadOnlyList<TraitClaim> In(string source)
    {
        ArgumentNullException.ThrowIfNull(source);
        var code = Blank(source);
        var claims = new List<TraitClaim>();
        var (className, classTraits) = ("", (IReadOnlyList<string>)[]);
        foreach (Match head in Head().Matches(code))
        {
            var attributes = code.Substring(head.Groups["attributes"].Index, head.Groups["attributes"].Length);
            var traits = Traits(source, code, head.Groups["attributes"]);
            if (head.Groups["class"].Success)
            {
                (className, classTraits) = (head.Groups["class"].Value, traits);
                continue;
            }
            var mayBeSkipped = Skips().IsMatch(attributes)
                || BodyAt(code, head.Index + head.Length).Contains("Assert.Skip", StringComparison.Ordinal);
            if (!IsTest().IsMatch(attributes) || mayBeSkipped) continue;
            claims.AddRange(traits.Concat(classTraits).Distinct()
                .Select(id => new TraitClaim(id, $"{className}.{head.Groups["method"].Value}")));
        }
        return claims;
    }

    /// <summary>The ids between the quotes, read from the source where the blanked code has a trait.</summary>
    private static List<string> Traits(string source, string code, Group attributes)
    {
        var ids = new List<string>();
        foreach (Match trait in Trait().Matches(code[attributes.Index..(attributes.Index + attributes.Length)]))
        {
            var text = source.Substring(attributes.Index + trait.Index, trait.Length);
            if (MechanismTrait().Match(text) is { Success: true } found) ids.Add(found.Groups[1].Value);
        }
        return ids;
    }

    /// <summary>From inside a head's parameters to the end of its body, whether braces or an arrow.</summary>
    private static string BodyAt(string code, int start)
    {
        var depth = 1;
        for (var i = start; i < code.Length; i++)
        {
            if (code[i] is '{' or '(') depth++;
            if (code[i] is '}' or ')') depth--;
            if (depth == 0 && (code[i] is '}' or ';')) return code[start..i];
        }
        return code[start..];
    }

    /// <summary>The source with comments and the inside of strings and characters as blanks; same length.</summary>
    internal static string Blank(string source)
    {
        var code = new StringBuilder(source);
        foreach (Match found in Literal().Matches(source))
        {
            var isComment = found.Value[0] == '/';
            var quotes = isComment ? 0 : found.Value.StartsWith("\"\"\"", StringComparison.Ordinal) ? 3 : 1;
            for (var i = quotes; i < found.Length - quotes; i++)
                if (code[found.Index + i] is not ('\n' or '\r')) code[found.Index + i] = ' ';
        }
        return code.ToString();
    }

    [GeneratedRegex(""""
        //[^\n]*|/\*[\s\S]*?\*/
        |"""[\s\S]*?"""
        |(?<=@\$?|\$@)"(?:[^"]|"")*"
        |"(?:[^"\\\n]|\\.)*"
        |'(?:[^'\\\n]|\\.)+'
        """", RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Literal();

    [GeneratedRegex("""
        (?<attributes>(?:\[[^\]]*(?:\[[^\]]*\][^\]]*)*\]\s*)*)
        (?:public|internal|private)\s+(?:(?:static|sealed|abstract|partial|async|override)\s+)*
        (?:class\s+(?<class>\w+)|(?:void|(?:Value)?Task(?:<[^>]+>)?)\s+(?<method>\w+)\s*\()
        """, RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Head();

    [GeneratedRegex("""\b(?:Fact|Theory|\w+Fact|\w+Theory)\b""")]
    private static partial Regex IsTest();

    [GeneratedRegex("""\b(?:Skip\w*|Explicit)\s*=""")]
    private static partial Regex Skips();

    [GeneratedRegex("""\bTrait\(\s*"[^"]*"\s*,\s*"[^"]*"\s*\)""")]
    private static partial Regex Trait();

    [GeneratedRegex("""^Trait\(\s*"mechanism"\s*,\s*"([^"]*)"\s*\)$""")]
    private static partial Regex MechanismTrait();
}
