using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Architecture.Tests;

/// <summary>Logs never carry names, numbers of people or bodies: only ids, enums, numbers, times and codes.</summary>
public sealed class LogTests
{
    private static readonly string[] Harmless =
        ["int", "long", "double", "bool", "Guid", "TimeSpan", "DateTimeOffset", "DateOnly", "LogLevel"];

    // Enums of libraries; ours are found in the sources.
    private static readonly string[] ForeignEnums = ["ForwarderError", "StatusCode", "HealthStatus"];

    private static readonly string[] Bypasses =
        ["LogInformation", "LogWarning", "LogError", "LogDebug", "LogCritical", "LogTrace"];

    private static SyntaxNode[] Parse(IEnumerable<SourceFile> files) =>
        [.. files.Select(f => CSharpSyntaxTree.ParseText(f.Text, path: f.Path).GetRoot())];

    private static IEnumerable<string> Faults(SyntaxNode[] roots)
    {
        var enums = roots.SelectMany(r => r.DescendantNodes().OfType<EnumDeclarationSyntax>())
            .Select(e => e.Identifier.Text).Concat(ForeignEnums).ToHashSet();
        var ids = new Dictionary<string, string>();
        foreach (var method in roots.SelectMany(r => r.DescendantNodes().OfType<MethodDeclarationSyntax>()))
        {
            var attribute = method.AttributeLists.SelectMany(l => l.Attributes)
                .FirstOrDefault(a => a.Name.ToString() == "LoggerMessage");
            if (attribute is null) continue;
            var place = $"{method.SyntaxTree.FilePath} {method.Identifier.Text}";
            var id = attribute.ArgumentList!.Arguments[0].ToString();
            if (!ids.TryAdd(id, place)) yield return $"{place}: event {id} is also {ids[id]}";
            foreach (var parameter in method.ParameterList.Parameters.Where(p => !IsHarmless(p, enums)))
                yield return $"{place}: {parameter.Type} {parameter.Identifier}";
        }
        foreach (var call in roots.SelectMany(r => r.DescendantNodes().OfType<InvocationExpressionSyntax>())
            .Where(c => c.Expression is MemberAccessExpressionSyntax m && Bypasses.Contains(m.Name.Identifier.Text)))
        {
            yield return $"{call.SyntaxTree.FilePath}: {call.Expression} bypasses the log methods";
        }
    }

    private static bool IsHarmless(ParameterSyntax parameter, HashSet<string> enums)
    {
        var type = parameter.Type!.ToString().TrimEnd('?');
        return type == "ILogger" || type.StartsWith("ILogger<", StringComparison.Ordinal) || Harmless.Contains(type)
            || enums.Contains(type.Split('.')[^1])
            || (type == "string" && parameter.Identifier.Text.EndsWith("code", StringComparison.OrdinalIgnoreCase));
    }

    // A gRPC service is for siblings; forgetting to say so would leave it to any signed-in person.
    private static IEnumerable<string> OpenGrpc(SyntaxNode[] roots)
    {
        var closed = roots.SelectMany(r => r.DescendantNodes().OfType<ClassDeclarationSyntax>())
            .Where(c => c.AttributeLists.ToString()
                .Contains("Authorize(Policy = Tokens.ServicePolicy)", StringComparison.Ordinal))
            .Select(c => c.Identifier.Text).ToHashSet();
        return roots.SelectMany(r => r.DescendantNodes().OfType<GenericNameSyntax>())
            .Where(n => n.Identifier.Text == "MapGrpcService"
                && !closed.Contains(n.TypeArgumentList.Arguments[0].ToString()))
            .Select(n => n.Ancestors().OfType<StatementSyntax>().FirstOrDefault()?.ToString() ?? n.ToString())
            .Where(s => !s.Contains(".RequireAuthorization(Tokens.ServicePolicy)", StringComparison.Ordinal));
    }

    private static SyntaxNode[] Shipped => Parse(Repo.CSharp.Where(f => f.IsIn("services", "gateway")));

    [Fact]
    public void Log_messages_carry_nothing_personal() => Rule.Holds(Faults(Shipped));

    [Fact]
    public void Services_between_themselves_ask_for_the_service_key() => Rule.Holds(OpenGrpc(Shipped));

    [Fact]
    public void The_rules_object()
    {
        var bad = Parse([new("a.cs", """
            class A { [LoggerMessage(1, LogLevel.Error, "{Name}")] static partial void LogName(ILogger l, string name);
            [LoggerMessage(1, LogLevel.Error, "")] static partial void LogMember(
              ILogger l, Member m, Guid id, string xCode, Kind k);
            enum Kind { } void M() { logger.LogWarning("x"); app.MapGrpcService<X>(); app.MapGrpcService<Y>(); } }
            [Authorize(Policy = Tokens.ServicePolicy)] class Y { }
            """)]);
        Assert.Equal(
            ["a.cs LogName: string name", "a.cs LogMember: event 1 is also a.cs LogName", "a.cs LogMember: Member m",
            "a.cs: logger.LogWarning bypasses the log methods"], Faults(bad));
        Assert.Single(OpenGrpc(bad));
    }
}
