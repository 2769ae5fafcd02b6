using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Architecture.Tests;

/// <summary>A problem as the sources make it.</summary>
/// <param name="Place">Path and line.</param>
internal sealed record ProblemSite(string Code, string Kind, string Detail, string DetailZh, string Place);

/// <summary>
/// Finds where problems are made: <c>new(ProblemKind.X, code, detail, detailZh)</c>, the code being a literal, a
/// constant
/// or the parameter of a helper that is called with a literal.
/// </summary>
internal sealed class ProblemFinder
{
    private readonly Dictionary<string, string> _constants = [];
    private readonly List<(string Path, SyntaxNode Root)> _trees;

    public ProblemFinder(IEnumerable<SourceFile> files)
    {
        _trees = [.. files.Select(f => (f.Path, CSharpSyntaxTree.ParseText(f.Text).GetRoot()))];
        foreach (var constant in _trees.SelectMany(t => t.Root.DescendantNodes().OfType<FieldDeclarationSyntax>())
            .Where(f => f.Modifiers.Any(SyntaxKind.ConstKeyword)))
        {
            foreach (var variable in constant.Declaration.Variables)
            {
                if (variable.Initializer?.Value is LiteralExpressionSyntax { Token.Value: string text })
                    _constants[$"{TypeOf(constant)}.{variable.Identifier.Text}"] = text;
            }
        }
    }

    /// <summary>Constants of classes whose name ends in <c>Codes</c>: they stand in messages and ledgers.</summary>
    public IEnumerable<string> Codes => _constants.Where(c => c.Key.Contains("Codes.", StringComparison.Ordinal))
        .Select(c => c.Value);

    /// <summary>Every site; a code that cannot be read off is reported as "?".</summary>
    public IEnumerable<ProblemSite> Sites()
    {
        foreach (var (path, root) in _trees)
        {
            foreach (var creation in root.DescendantNodes().OfType<BaseObjectCreationExpressionSyntax>())
            {
                var arguments = creation.ArgumentList?.Arguments ?? default;
                if (arguments.Count < 2
                    || !arguments[0].ToString().StartsWith("ProblemKind.", StringComparison.Ordinal)) continue;
                foreach (var site in SitesOf(path, root, creation,
                    [.. arguments.Select(a => a.Expression)])) yield return site;
            }
        }
    }

    private IEnumerable<ProblemSite> SitesOf(
        string path, SyntaxNode root, SyntaxNode creation, ExpressionSyntax[] arguments)
    {
        var kind = arguments[0].ToString()["ProblemKind.".Length..];
        var helper = creation.Ancestors().OfType<MethodDeclarationSyntax>().FirstOrDefault();
        var parameters = helper?.ParameterList.Parameters.Select(p => p.Identifier.Text).ToList() ?? [];
        var place = parameters.IndexOf(arguments[1].ToString());
        if (place < 0)
        {
            yield return Site(path, kind, creation, arguments, e => e);
            yield break;
        }
        foreach (var call in root.DescendantNodes().OfType<InvocationExpressionSyntax>()
            .Where(c => c.Expression.ToString() == helper!.Identifier.Text))
        {
            var given = call.ArgumentList.Arguments;
            yield return Site(path, kind, call, arguments, e =>
                parameters.IndexOf(e.ToString()) is var i and >= 0 && i < given.Count ? given[i].Expression : e);
        }
    }

    private ProblemSite Site(string path, string kind, SyntaxNode node, ExpressionSyntax[] arguments,
        Func<ExpressionSyntax, ExpressionSyntax> resolve)
    {
        var code = resolve(arguments[1]);
        return new(TextOf(code) is { Length: > 0 } text ? text : "?", kind,
            arguments.Length > 2 ? DetailOf(resolve(arguments[2])) : "",
            arguments.Length > 3 ? DetailOf(resolve(arguments[3])) : "",
            $"{path}:{node.GetLocation().GetLineSpan().StartLinePosition.Line + 1}");
    }

    // What is put together elsewhere stands for a value too.
    private string DetailOf(ExpressionSyntax expression) => expression is LiteralExpressionSyntax ? TextOf(expression)
        : TextOf(expression) is { Length: > 0 } text ? text : "…";

    private string TextOf(ExpressionSyntax expression) => expression switch
    {
        LiteralExpressionSyntax { Token.Value: string text } => text,
        InterpolatedStringExpressionSyntax text => string.Concat(text.Contents.Select(c => c switch
        {
            InterpolatedStringTextSyntax t => t.TextToken.ValueText,
            _ => "…",
        })),
        BinaryExpressionSyntax sum => TextOf(sum.Left) + TextOf(sum.Right),
        MemberAccessExpressionSyntax member => _constants.GetValueOrDefault(member.ToString(), ""),
        IdentifierNameSyntax name => _constants.GetValueOrDefault($"{TypeOf(name)}.{name}", ""),
        _ => "",
    };

    private static string? TypeOf(SyntaxNode node) =>
        node.Ancestors().OfType<TypeDeclarationSyntax>().FirstOrDefault()?.Identifier.Text;
}
