using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Architecture.Tests;

/// <summary>What comes from outside: few packages, each with a reason, some kept to one place.</summary>
public sealed class DependencyTests
{
    private static IEnumerable<(string Name, string Version)> Packages => XDocument
        .Parse(Repo.Text("Directory.Packages.props")).Descendants("PackageVersion")
        .Select(e => ((string)e.Attribute("Include")!, (string)e.Attribute("Version")!));

    private static IEnumerable<string> WithoutReason(IEnumerable<string> packages, string document)
    {
        var named = Regex.Matches(document, @"^\| (.+?) \|", RegexOptions.Multiline)
            .SelectMany(m => m.Groups[1].Value.Split(", ")).Select(n => n.Split(' ')[0]).ToArray();
        return packages.Where(p => !named.Any(n => n == p
            || (n.EndsWith(".*", StringComparison.Ordinal) && p.StartsWith(n[..^1], StringComparison.Ordinal))));
    }

    private static IEnumerable<string> Inexact(IEnumerable<(string Name, string Version)> packages) => packages
        .Where(p => !Regex.IsMatch(p.Version, p.Name.StartsWith("MassTransit", StringComparison.Ordinal)
            ? @"^\[8\.5\.\d+\]$" : @"^\d+(\.\d+){1,3}$")).Select(p => $"{p.Name} {p.Version}");

    private static IEnumerable<string> NamingDapr(IEnumerable<SourceFile> files) => files
        .Where(f => Regex.IsMatch(f.Text, @"\bDapr\.|DaprClient|dapr-app-id")).Select(f => f.Path);

    [Fact]
    public void Every_package_has_its_reason_in_writing() =>
        Rule.Holds(WithoutReason(Packages.Select(p => p.Name), Repo.Text("docs/dependencies.md")));

    [Fact]
    public void Every_package_has_an_exact_version_and_MassTransit_stays_free() => Rule.Holds(Inexact(Packages));

    [Fact]
    public void No_package_is_kept_that_nobody_uses()
    {
        var used = Repo.Projects.SelectMany(p => p.Packages).ToHashSet();
        // Drawn in by others, pinned because the version they ask for is not to be had.
        string[] pinned = ["Grpc.Reflection", "Microsoft.Bcl.Cryptography"];
        Rule.Holds(Packages.Select(p => p.Name).Where(p => !used.Contains(p) && !pinned.Contains(p)));
    }

    [Fact]
    public void One_file_knows_the_sidecar()
    {
        var shipped = Repo.CSharp.Where(f => f.IsIn("services", "gateway", "contracts", "seeds"));
        Assert.Equal(["services/building-blocks/Platform.Hosting/Sidecar.cs"], NamingDapr(shipped));
        Assert.Equal(["Platform.Hosting"], Repo.Projects
            .Where(p => p.Packages.Any(n => n.StartsWith("Dapr", StringComparison.Ordinal))).Select(p => p.Name));
    }

    [Fact]
    public void The_rules_object()
    {
        Assert.Equal(["B"], WithoutReason(["A", "B"], "| package | why |\n|---|---|\n| A, C.* 1.2 | because |\n"));
        Assert.Equal(["MassTransit [9.0.1]", "A *", "B [1.0,2.0)"],
            Inexact([("MassTransit", "[9.0.1]"), ("A", "*"), ("B", "[1.0,2.0)"), ("C", "1.2.3")]));
        Assert.Equal(["x.cs"], NamingDapr([new("x.cs", "using Dapr.Client;"), new("y.cs", "// adapr.")]));
    }
}
