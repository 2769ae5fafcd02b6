using System.Diagnostics;
using System.Globalization;
using Platform.CommandLine.Federation;
using Platform.CommandLine.Infrastructure;
using Platform.CommandLine.Topologies;
using Platform.CommandLine.Verbs;
using Platform.Testing;

[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)] // one federation at a time

namespace EndToEnd.Tests;

/// <summary>Tests of the demo federation as it is: they share one, whichever comes first.</summary>
[CollectionDefinition(Name)]
public sealed class DemoCollection : ICollectionFixture<DemoFederation>
{
    public const string Name = "the demo federation";
}

/// <summary>
/// The demo federation brought up as a newcomer does, by the command line, on free ports and without demo data: three
/// brokers, PostgreSQL, Redis, three node processes, shovels between them.
/// </summary>
public class DemoFederation : IAsyncLifetime
{
    public const string Hub = "140000", Home = "141022", Host = "140105", OtherHost = "140106";

    private readonly string _folder = Directory.CreateTempSubdirectory("platform-e2e-").FullName;
    private Context _context = null!;

    private string State => Path.Combine(_folder, "state");

    private string TopologyPath => Path.Combine(_folder, "demo.yaml");

    /// <summary>What runs, to look at and to break.</summary>
    public Context Context => _context;

    /// <summary>The demo topology as this test wants it.</summary>
    protected virtual string Adjust(string yaml) => yaml;

    public virtual async ValueTask InitializeAsync()
    {
        File.SetUnixFileMode(_folder, (UnixFileMode)0b111_101_101); // The servers' users pass through.
        var yaml = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "seeds/topologies/demo.yaml"));
        var shift = FreePorts.TakeRun(300) - 18000;
        foreach (var port in new[] { 18000, 18090, 18091, 18092, 18100, 18200 })
        {
            yaml = yaml.Replace(port.ToString(CultureInfo.InvariantCulture),
                (port + shift).ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
        }
        await File.WriteAllTextAsync(TopologyPath, Adjust(yaml));
        Directory.CreateDirectory(State);
        await File.WriteAllTextAsync(Path.Combine(State, "demo-data"), ""); // The tests bring their own.
        Environment.SetEnvironmentVariable("PLATFORM_ALL_IN_ONE", AllInOne);
        await RunAsync("up");
        _context = Context.OfStarted(TopologyPath, State);
    }

    public virtual async ValueTask DisposeAsync()
    {
        await RunAsync("down");
        Directory.Delete(_folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Speaks through the gateway of the node that serves <paramref name="region"/>.</summary>
    public Api At(string region, string role, string? org = null)
    {
        var node = _context.Topology.Nodes.Single(n => n.Code == region || n.Regions.Contains(region));
        var path = org ?? TokenIssuer.OrganisationOf(region);
        var token = TokenIssuer.Issue(node, _context.Secrets.Nodes[node.Code].TokenKey,
            new Principal(TestTokens.Subject(path, role), role, path, [role]), DateTimeOffset.UtcNow,
                TimeSpan.FromHours(2));
        return new Api(NodeConfig.GatewayUrl(node), token, "1.1");
    }

    /// <summary>The top organisation of a region and, below it, a branch for mobile members; founded once.</summary>
    /// <returns>The branch.</returns>
    public async Task<Guid> MobileBranchAsync(string region)
    {
        var top = await FoundedAsync(region, new { code = region, name = $"{region}党委", type = "GCM", region });
        return await FoundedAsync(region, new { code = "M1", name = "流动党员支部", type = "TBR", parentId = top }, top);
    }

    private async Task<Guid> FoundedAsync(string region, object founding, Guid? parent = null)
    {
        var admin = At(region, "tier-administrator");
        var reply = await admin.PostAsync("/api/v1/organisations", founding);
        if (reply.Code != "ORGANISATION_EXISTS") return reply.Id();
        var (code, where) = parent is null ? (region, $"search={region}") : ("M1", $"parentId={parent}");
        return (await admin.GetAsync($"/api/v1/organisations?{where}")).Ok.GetProperty("items").EnumerateArray()
            .Single(o => o.GetProperty("code").GetString() == code).GetProperty("id").GetGuid();
    }

    /// <summary>Checks an exported ledger with the offline verifier; its exit code and its words.</summary>
    public async Task<(int Code, string Said)> VerifyAsync(byte[] ledger)
    {
        var file = Path.Combine(_folder, $"{Guid.NewGuid():n}.ledger");
        await File.WriteAllBytesAsync(file, ledger);
        var start = new ProcessStartInfo(Repository.Dotnet, [AllInOne, "verify", file])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, await output + await error);
    }

    // Debug or release, as these tests are.
    private static string AllInOne => Path.Combine(Repository.Root, "artifacts/bin/Platform.AllInOne",
        Path.GetFileName(AppContext.BaseDirectory.TrimEnd('/')), "Platform.AllInOne.dll");

    /// <summary>Runs a verb of the command line to its end.</summary>
    public async Task<string> RunAsync(string verb, params string[] more)
    {
        var start = new ProcessStartInfo(Repository.Dotnet)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var word in new[] { typeof(Topology).Assembly.Location, verb, "--topology", TopologyPath, "--state",
            State }.Concat(more))
            start.ArgumentList.Add(word);
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{verb}: {await output}{await error}");
        return await output;
    }

    /// <summary>Waits for a fact, with a limit.</summary>
    public static async Task EventuallyAsync(string fact, Func<Task<bool>> holds, int seconds = 90)
    {
        var watch = Stopwatch.StartNew();
        while (!await holds())
        {
            Assert.True(watch.Elapsed.TotalSeconds < seconds, $"Not within {seconds} s: {fact}");
            await Task.Delay(200);
        }
    }
}
