using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Architecture.Tests;

/// <summary>A problem code is a promise to integrators: one meaning, one place, in one list.</summary>
public sealed class ProblemTests
{
    private static readonly ProblemFinder Shipped =
        new(Repo.CSharp.Where(f => f.IsIn("services", "gateway") && !f.IsIn("services/command-line")));

    private static IEnumerable<string> Faults(ProblemFinder finder)
    {
        var sites = finder.Sites().ToArray();
        return sites.Where(s => !Regex.IsMatch(s.Code, "^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$"))
            .Select(s => $"{s.Place}: the code {s.Code} is not UPPER_SNAKE_CASE")
            .Concat(sites.GroupBy(s => s.Code).Where(g => g.Count() > 1)
                .Select(g => $"{g.Key} is made in several places: {string.Join(", ", g.Select(s => s.Place))}"))
            .Concat(sites.Where(s => s.Detail.Length == 0).Select(s => $"{s.Place}: {s.Code} says nothing"))
            .Concat(sites.Where(s => s.DetailZh.Length == 0)
                .Select(s => $"{s.Place}: {s.Code} says nothing in Chinese"));
    }

    private static string Document(ProblemFinder finder)
    {
        var text = new StringBuilder("""
            # Problem codes (问题代码)

            Every obstacle the platform names, from the sources. A code keeps its meaning for ever; a new obstacle gets
            a new one. HTTP answers carry it as `code` (RFC 9457, `type` = `urn:platform:problem:` and the code in lower
            case with hyphens); gRPC answers carry it as the reason of `google.rpc.ErrorInfo`. "…" stands for a value.

            | code | kind | English | 中文 |
            |---|---|---|---|

            """);
        var sites = finder.Sites().OrderBy(s => s.Code, StringComparer.Ordinal).ToArray();
        foreach (var s in sites) text
            .Append(CultureInfo.InvariantCulture, $"| {s.Code} | {s.Kind} | {s.Detail} | {s.DetailZh} |\n");
        text.Append("\n## Codes in messages, receipts and ledgers between nodes\n\n");
        foreach (var code in finder.Codes.Except(sites.Select(s => s.Code)).Distinct().Order(StringComparer.Ordinal))
            text.Append(CultureInfo.InvariantCulture, $"- {code}\n");
        return text.ToString();
    }

    [Fact]
    public void Every_code_is_unique_and_well_formed() => Rule.Holds(Faults(Shipped));

    [Fact]
    public void Every_code_is_listed() => Golden.Matches("contracts/problems.md", Document(Shipped));

    [Fact]
    public void The_rules_object()
    {
        var bad = new ProblemFinder([
            new("a.cs", """
                class P { static Problem A = new(ProblemKind.Invalid, "TWICE", "x", "甲");
                static Problem B => New("TWICE", "y", "乙");
                static Problem C = new Problem(ProblemKind.Invalid, "lower", "z");
                static Problem D = new(ProblemKind.Invalid, Codes.Mute, "", "丁");
                static Problem New(string code, string detail, string zh) =>
                    new(ProblemKind.NotFound, code, detail, zh); }
                """),
            new("b.cs", "class Codes { public const string Mute = \"MUTE\"; }")]);
        var faults = Faults(bad).ToArray();
        Assert.Equal(
            ["a.cs:3: the code lower is not UPPER_SNAKE_CASE", "TWICE is made in several places: a.cs:1, a.cs:2",
            "a.cs:4: MUTE says nothing", "a.cs:3: lower says nothing in Chinese"], faults);
        Assert.Contains("| TWICE | NotFound | y | 乙 |", Document(bad), StringComparison.Ordinal);
    }
}
