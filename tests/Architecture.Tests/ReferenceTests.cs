namespace Architecture.Tests;

/// <summary>Who may reference whom; everything that is not listed is forbidden.</summary>
public sealed class ReferenceTests
{
    private static readonly string[] Blocks = ["Platform.Kernel", "Platform.Hosting", "Platform.Contracts"];

    /// <summary>Projects of ours that <paramref name="project"/> may reference; null when no rule names it.</summary>
    private static Func<string, bool>? AllowedFor(string project) => project switch
    {
        "Platform.Kernel" or "Platform.Contracts" => _ => false,
        "Platform.Hosting" => r => r is "Platform.Kernel",
        "Gateway" => r => r is "Gateway.Console" || Blocks.Contains(r),
        "Gateway.Console" => r => Blocks.Contains(r),
        "Platform.AllInOne" => r =>
            r.EndsWith(".Service", StringComparison.Ordinal) || r is "Gateway" || Blocks.Contains(r),
        "Platform.CommandLine" => r => r is "Platform.Seeds",
        "Platform.Seeds" => r => r is "Platform.Kernel" or "Registry.Core",
        _ when project.EndsWith(".Core", StringComparison.Ordinal) => r => r is "Platform.Kernel",
        _ when project.EndsWith(".Service", StringComparison.Ordinal) =>
            r => Blocks.Contains(r) || r == project[..^"Service".Length] + "Core",
        _ => null,
    };

    private static IEnumerable<string> Violations(string project, IEnumerable<string> references,
        IEnumerable<string> ours)
    {
        var allowed = AllowedFor(project);
        if (allowed is null) return [$"{project}: no rule names this project"];
        return references.Intersect(ours).Where(r => !allowed(r)).Select(r => $"{project} references {r}");
    }

    [Fact]
    public void Projects_reference_only_what_they_may()
    {
        var ours = Repo.Projects.Select(p => p.Name).ToArray();
        Rule.Holds(Repo.Built.Where(p => p.Ships).SelectMany(p => Violations(p.Name, p.References, ours)));
    }

    [Fact]
    public void Assemblies_import_only_what_they_may()
    {
        var ours = Repo.Projects.Select(p => p.Assembly).ToArray();
        Rule.Holds(Repo.Built.Where(p => p.Ships)
            .SelectMany(p => Violations(p.Name, Imports.Of(p.Dll).Assemblies.Where(a => a != p.Assembly), ours)));
    }

    [Theory]
    [InlineData("Registry.Service", "Exchange.Core")]
    [InlineData("Registry.Service", "Exchange.Service")]
    [InlineData("Exchange.Core", "Platform.Contracts")]
    [InlineData("Platform.Hosting", "Platform.Contracts")]
    [InlineData("Platform.Kernel", "Platform.Hosting")]
    [InlineData("Gateway", "Registry.Service")]
    [InlineData("Gateway.Console", "Gateway")]
    [InlineData("Gateway.Console", "Registry.Core")]
    [InlineData("Platform.AllInOne", "Registry.Core")]
    [InlineData("Some.Newcomer", "Platform.Kernel")]
    public void The_rule_objects(string project, string reference) =>
        Assert.NotEmpty(Violations(project, [reference], [reference]));

    [Fact]
    public void Every_project_is_in_the_solution()
    {
        var solution = Repo.Text("Platform.sln").Replace('\\', '/');
        Rule.Holds(Repo.Projects.Select(p => p.Path)
            .Where(p => !solution.Contains($"\"{p}\"", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_new_coupling_to_a_contract_shows_up_in_review()
    {
        var lines = Repo.Built.Where(p => p.Ships && p.Name != "Platform.Contracts")
            .SelectMany(p => Imports.Of(p.Dll).Types
            .Where(t => t.StartsWith("Platform.Contracts.", StringComparison.Ordinal))
            .Select(t => string.Join('.', t.Split('.').Take(4))).Distinct().Select(n => $"{p.Name} uses {n}"));
        Golden.Matches("tests/Architecture.Tests/Golden/contract-couplings.txt", string.Join('\n', lines) + "\n");
    }
}
