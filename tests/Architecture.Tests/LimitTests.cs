using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Architecture.Tests;

/// <summary>
/// Every limit and setting with a default is in one table, taken from the sources, each with its meaning.
/// </summary>
public sealed class LimitTests
{
    private sealed record Limit(string Name, string Default, string Meaning, string Path);

    private static IEnumerable<Limit> LimitsIn(IEnumerable<SourceFile> files)
    {
        foreach (var file in files)
        {
            var root = CSharpSyntaxTree.ParseText(file.Text).GetRoot();
            foreach (var property in root.DescendantNodes().OfType<PropertyDeclarationSyntax>())
            {
                var owner = TypeOf(property);
                var isOption = owner.EndsWith("Options", StringComparison.Ordinal);
                if ((!isOption && !owner.EndsWith("Limits", StringComparison.Ordinal))
                    || property.Initializer is null) continue;
                var name = isOption ? $"{owner[..^"Options".Length]}:{property.Identifier.Text}"
                    : $"{owner}.{property.Identifier.Text}";
                yield return new(name, property.Initializer.Value.ToString(), MeaningOf(property), file.Path);
            }
            foreach (var field in root.DescendantNodes().OfType<FieldDeclarationSyntax>()
                .Where(f => f.Modifiers.Any(SyntaxKind.ConstKeyword) && f.Modifiers.Any(SyntaxKind.PublicKeyword)))
            {
                foreach (var variable in field.Declaration.Variables
                    .Where(v => v.Identifier.Text.EndsWith("Max", StringComparison.Ordinal)))
                {
                    yield return new($"{TypeOf(field)}.{variable.Identifier.Text}",
                        variable.Initializer!.Value.ToString(),
                        MeaningOf(field), file.Path);
                }
            }
        }
    }

    private static string TypeOf(SyntaxNode node) =>
        node.Ancestors().OfType<TypeDeclarationSyntax>().First().Identifier.Text;

    private static string MeaningOf(SyntaxNode member)
    {
        var comment = string.Join(' ', member.GetLeadingTrivia().ToFullString().Split('\n')
            .Select(l => l.Trim()).Where(l => l.StartsWith("///", StringComparison.Ordinal))
                .Select(l => l[3..].Trim()));
        var summary = Regex.Match(comment, "<summary>(.*?)</summary>").Groups[1].Value;
        return Regex.Replace(summary, "<[^>]*?\"(.*?)\"[^>]*?>|</?c>", "`$1`")
            .Replace("``", "`", StringComparison.Ordinal)
            .Replace("|", "\\|", StringComparison.Ordinal).Trim();
    }

    private static string Document(IEnumerable<Limit> limits)
    {
        var text = new StringBuilder("""
            # Limits and settings (限值与设置)

            Every limit and every setting with a default, taken from the sources (`UPDATE_GOLDEN=1` on
            Architecture.Tests rewrites this table; a difference turns the tests red). `Section:Name` is a setting:
            environment `Section__Name`, command line `--Section:Name=`, or the node's configuration file. A name with
            a dot is fixed in the code. Sizes are bytes unless the name says otherwise. PostgreSQL, RabbitMQ and Redis
            have limits of their own.

            | name | default | what it bounds | where |
            |---|---|---|---|

            """);
        foreach (var l in limits.OrderBy(l => l.Name, StringComparer.Ordinal))
            text.Append(CultureInfo.InvariantCulture, $"| `{l.Name}` | `{l.Default}` | {l.Meaning} | {l.Path} |\n");
        return text.ToString();
    }

    [Fact]
    public void Every_limit_is_in_the_table() => Golden.Matches("docs/limits.md",
        Document(LimitsIn(Repo.CSharp.Where(f => f.IsIn("services", "gateway") && !f.IsIn("services/command-line")))));

    /// <summary>A name in backticks and a number in brackets behind it: `Registry:RosterRowsMax`（1,048,576）.</summary>
    private static IEnumerable<(string Name, string Told)> Told(string text) =>
        Regex.Matches(text, @"`(\w+[:.]\w+)`\s?[(（]([\d,]+(?: MiB)?)[)）]")
            .Select(m => (m.Groups[1].Value, m.Groups[2].Value));

    /// <summary>A default as a number; one that names another limit is what that one is.</summary>
    private static long Number(string text, IReadOnlyDictionary<string, string> defaults) =>
        text.Split("<<") is [var number, var places] ? Number(number, defaults) << int.Parse(places, Invariant)
        : text.Contains('*', StringComparison.Ordinal)
            ? text.Split('*').Aggregate(1L, (product, part) => product * Number(part, defaults))
        : long.TryParse(text.Replace("_", "", StringComparison.Ordinal).Trim().TrimEnd('L'), Invariant, out var value)
            ? value : Number(defaults[string.Join('.', text.Trim().Split('.')[^2..])], defaults);

    private static CultureInfo Invariant => CultureInfo.InvariantCulture;

    [Fact]
    public void Manuals_tell_the_numbers_that_the_code_has()
    {
        var defaults = LimitsIn(Repo.CSharp.Where(f => f.IsIn("services", "gateway")))
            .ToLookup(l => l.Name, l => l.Default).ToDictionary(l => l.Key, l => l.First());
        var told = Repo.Files(".md").Where(f => f.IsIn("docs/operators", "docs/integrators"))
            .SelectMany(f => Told(f.Text), (f, t) => (f.Path, t.Name, t.Told)).ToList();
        Assert.Contains(told, t => t is { Path: "docs/operators/rosters.md", Name: "Registry:RosterRowsMax" });
        Assert.All(told, t => Assert.Equal((t.Path, t.Name, t.Told), (t.Path, t.Name, t.Told.EndsWith("MiB",
            StringComparison.Ordinal) ? $"{Number(defaults[t.Name], defaults) >> 20} MiB"
            : Number(defaults[t.Name], defaults).ToString("N0", Invariant))));
    }

    [Theory]
    [InlineData("512 * 1024 * 1024", 512L << 20)]
    [InlineData("4L << 30", 4L << 30)]
    [InlineData("1_048_576", 1_048_576)]
    [InlineData("Some.Where.Other.BytesMax", 2048)]
    public void Defaults_are_read_as_numbers(string text, long number) => Assert.Equal(number,
        Number(text, new Dictionary<string, string> { ["Other.BytesMax"] = "2 * 1024" }));

    [Fact]
    public void The_table_finds_settings_and_constants()
    {
        var found = LimitsIn([new("a.cs", """
            class RegistryOptions { /// <summary>Page of <c>any</c> list.</summary>
            [Range(1, 2)] public int PageMax { get; set; } = 200; public string Path { get; set; } }
            class A { /// <summary>Bytes.</summary>
            public const int BodyMax = 1 << 20; const int Hidden = 1; }
            """)]).ToArray();
        Assert.Equal(
            [new("Registry:PageMax", "200", "Page of `any` list.", "a.cs"),
                new("A.BodyMax", "1 << 20", "Bytes.", "a.cs")],
            found);
    }
}
