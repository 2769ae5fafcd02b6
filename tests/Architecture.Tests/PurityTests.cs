using System.Security.Cryptography;

namespace Architecture.Tests;

/// <summary>The rules of the offices are functions: no clock, no chance, no files, no threads.</summary>
public sealed class PurityTests
{
    private static readonly string[] AllowedAssemblies =
    [
        "Platform.Kernel", "System.Runtime", "System.Collections", "System.Collections.Immutable", "System.Linq",
        "System.Memory", "System.Text.RegularExpressions", "System.Runtime.Numerics",
    ];

    // The border post signs and seals; key and nonce come from outside.
    private static readonly string[] ExchangeAssemblies = [.. AllowedAssemblies, "System.Security.Cryptography"];

    private static readonly string[] BannedMembers =
    [
        .. Clocks, "System.TimeProvider.get_System", "System.Guid.NewGuid", "System.Guid.CreateVersion7",
            "System.Random.",
        "System.Environment.", "System.IO.", "System.Threading.", "System.Console.", "System.Net.",
            "System.Diagnostics.Process",
        "System.Security.Cryptography.RandomNumberGenerator.",
    ];

    private static string[] Clocks =>
    [
        "System.DateTime.get_Now", "System.DateTime.get_UtcNow", "System.DateTime.get_Today",
        "System.DateTimeOffset.get_Now", "System.DateTimeOffset.get_UtcNow",
    ];

    private static IEnumerable<string> Impurities(string project, Imports imports)
    {
        var allowed = project == "Exchange.Core" ? ExchangeAssemblies : AllowedAssemblies;
        return imports.Assemblies.Except(allowed).Select(a => $"{project} imports {a}").Concat(
            Matching(imports, BannedMembers).Select(m => $"{project} uses {m}"));
    }

    private static IEnumerable<string> Matching(Imports imports, string[] starts) =>
        imports.Members.Concat(imports.Types).Where(m => starts.Any(b => m.StartsWith(b, StringComparison.Ordinal)));

    public static TheoryData<string> Cores() =>
        new(Repo.Built.Where(p => p.Ships && p.Name.EndsWith(".Core", StringComparison.Ordinal))
            .Select(p => p.Name));

    [Theory, MemberData(nameof(Cores))]
    public void A_core_is_pure(string project) =>
        Rule.Holds(Impurities(project, Imports.Of(Repo.Projects.Single(p => p.Name == project).Dll)));

    [Fact]
    public void Services_take_the_time_from_the_clock_they_are_given()
    {
        // Composition hands the system's clock over; the command line has nobody to hand it over.
        var exempt = new[] { "Platform.CommandLine", "Platform.Seeds", "Platform.Contracts" };
        Rule.Holds(Repo.Built.Where(p => p.Ships && !exempt.Contains(p.Name))
            .SelectMany(p => Matching(Imports.Of(p.Dll), Clocks).Select(m => $"{p.Name} uses {m}")));
    }

    [Fact]
    public void Only_composition_names_the_clock_of_the_system()
    {
        var files = Repo.CSharp.Where(f => f.IsIn("services", "gateway")
            && !f.IsIn("services/command-line") && f.Text.Contains("TimeProvider.System", StringComparison.Ordinal));
        Assert.Equal(["gateway/Gateway/GatewayHost.cs", "services/building-blocks/Platform.Hosting/PlatformHost.cs"],
            files.Select(f => f.Path));
    }

    [Fact]
    public void The_rules_object()
    {
        var self = Imports.Of(typeof(PurityTests).Assembly.Location); // imports BadCore's sins
        var found = Impurities("Exchange.Core", self).ToArray();
        Assert.Contains("Exchange.Core uses System.DateTimeOffset.get_UtcNow", found);
        Assert.Contains("Exchange.Core uses System.Guid.NewGuid", found);
        Assert.Contains("Exchange.Core uses System.Security.Cryptography.RandomNumberGenerator.GetBytes", found);
        Assert.Contains("Exchange.Core uses System.IO.File.Exists", found);
        Assert.Contains(found, f => f.StartsWith("Exchange.Core imports xunit", StringComparison.Ordinal));
        Assert.Contains("Registry.Core imports System.Security.Cryptography", Impurities("Registry.Core", self));
        Assert.NotEmpty(Matching(self, Clocks));
    }

    /// <summary>Everything a core may not do.</summary>
    internal static class BadCore
    {
        public static string Sin() => $"{DateTimeOffset.UtcNow} {Guid.NewGuid()} {File.Exists("")} "
            + Convert.ToHexString(RandomNumberGenerator.GetBytes(8));
    }
}
