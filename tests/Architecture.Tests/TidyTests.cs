using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Architecture.Tests;

/// <summary>A file is read in one sitting, a method in one glance.</summary>
public sealed class TidyTests
{
    private const int LineMax = 120, MethodMax = 60, FileMax = 400;

    private static IEnumerable<string> Untidy(SourceFile file)
    {
        var lines = file.Lines;
        if (lines.Length > FileMax + 1) yield return $"{file.Path}: {lines.Length - 1} lines";
        for (var i = 0; i < lines.Length; i++)
        {
            if (lines[i].Length > LineMax) yield return $"{file.Path}:{i + 1}: {lines[i].Length} characters";
            if (Regex.IsMatch(lines[i], @"\b(TO" + "DO|FIX" + @"ME)\b|^\s*#(end)?region|Debug[.]Assert\("))
                yield return $"{file.Path}:{i + 1}: {lines[i].Trim()}";
        }
        foreach (var method in CSharpSyntaxTree.ParseText(file.Text).GetRoot().DescendantNodes()
            .Where(n => n is BaseMethodDeclarationSyntax or LocalFunctionStatementSyntax or AccessorDeclarationSyntax))
        {
            var span = method.GetLocation().GetLineSpan();
            var length = span.EndLinePosition.Line - span.StartLinePosition.Line + 1;
            var at = span.StartLinePosition.Line + 1;
            if (length > MethodMax) yield return $"{file.Path}:{at}: method of {length} lines";
        }
    }

    private static bool IsBadName(string path) => path.Split('/').Any(p => p != p.Trim()
        || Path.GetFileNameWithoutExtension(p).EndsWith(' ') || p.Contains("  ", StringComparison.Ordinal));

    [Fact]
    public void Sources_are_tidy() => Rule.Holds(Repo.CSharp.SelectMany(Untidy));

    [Fact]
    public void Names_of_files_have_no_stray_spaces() =>
        Rule.Holds(Repo.Walk(Repo.Root).Select(f => Path.GetRelativePath(Repo.Root, f)).Where(IsBadName));

    [Fact]
    public void Every_source_belongs_to_a_project()
    {
        var folders = Repo.Projects.Select(p => Path.GetDirectoryName(p.Path)! + "/").ToArray();
        Rule.Holds(Repo.CSharp.Select(f => f.Path)
            .Where(f => !folders.Any(d => f.StartsWith(d, StringComparison.Ordinal))));
        Assert.DoesNotContain(Repo.Files(".csproj"), f => f.Text.Contains("Compile Remove", StringComparison.Ordinal));
    }

    [Fact]
    public void The_rules_object()
    {
        var marker = "// TO" + "DO later"; // split, or this file would be untidy itself
        var bad = new SourceFile("bad.cs", string.Join('\n', (string[])
            ["class A {", "void M() {", .. Enumerable.Repeat("", 60), "}", new('x', 121), marker, "#reg" + "ion x",
                "}"]));
        Assert.Equal(["bad.cs:64: 121 characters", $"bad.cs:65: {marker}", "bad.cs:66: #reg" + "ion x",
            "bad.cs:2: method of 62 lines"], Untidy(bad));
        Assert.Equal(["long.cs: 401 lines"], Untidy(new("long.cs", new('\n', 401))));
        Assert.Empty(Untidy(new("good.cs", new('\n', 400))));
        Assert.All(["docs /name.md", "docs/name .md", "docs/name.md "], p => Assert.True(IsBadName(p)));
    }
}
