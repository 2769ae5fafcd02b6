using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Platform.CommandLine.Federation;
using Platform.CommandLine.Infrastructure;
using Platform.CommandLine.Topologies;
using Platform.CommandLine.Verbs;
using Platform.Testing;
using Xunit;

namespace CommandLine.Tests;

/// <summary>
/// The verbs on the real services: a province and a county, from nothing to a question that crosses both.
/// </summary>
public sealed class UpTests : IAsyncDisposable
{
    private const long MemoryMax = 3_000_000_000;
    private static readonly HttpClient Http = new();
    private readonly string _folder = Path.Combine(Servers.Folder, $"up-{Guid.NewGuid():n}");

    private string Topology => Path.Combine(_folder, "pair.yaml");

    private string State => Path.Combine(_folder, "state");

    public async ValueTask DisposeAsync() => await DownVerb.ResetAsync(Topology, State, yes: true);

    [Fact]
    public async Task Up_makes_a_federation_that_talks_and_serves_a_clerk_and_repeating_it_only_mends_what_died()
    {
        var cancel = TestContext.Current.CancellationToken;
        var built = Path.Combine(Demo.Root(), "artifacts/bin/Platform.AllInOne", Built(), "Platform.AllInOne.dll");
        Environment.SetEnvironmentVariable("PLATFORM_ALL_IN_ONE", built);
        Directory.CreateDirectory(_folder);
        File.WriteAllText(Topology, Pair());

        var cold = Stopwatch.StartNew();
        Assert.Equal(0, await UpVerb.RunAsync(Topology, State, mode: null, fresh: false, cancel));
        Report($"cold start of a pair: {cold.Elapsed.TotalSeconds:0.0} s");
        Assert.Equal(0, await StatusVerb.RunAsync(Topology, State, cancel));
        var context = Context.OfStarted(Topology, State);
        Assert.True(await Wait.UntilAsync(c => AnswersAsync(context, c), TimeSpan.FromSeconds(60), cancel));
        var memory = context.Processes.Sum(p => ProcFs.Memory(p.Pid!.Value));
        Report($"idle memory of a pair: {memory / 1e6:0} MB");
        Assert.InRange(memory, 1, MemoryMax);

        var walk = Stopwatch.StartNew();
        await new ClerkWalk(Topology, State, _folder).RunAsync(cancel);
        Report($"a clerk's and an operator's walk: {walk.Elapsed.TotalSeconds:0.0} s");

        await DemoSignIn.RunAsync(context, "clerk-141022", cancel);

        var pids = Pids(context);
        var again = Stopwatch.StartNew();
        Assert.Equal(0, await UpVerb.RunAsync(Topology, State, mode: null, fresh: false, cancel));
        Report($"second up: {again.Elapsed.TotalSeconds:0.0} s");
        Assert.Equal(pids, Pids(context));

        await context.Nodes[1].Processes[0].KillAsync();
        Assert.Equal(3, await StatusVerb.RunAsync(Topology, State, cancel));
        Assert.Equal(0, await UpVerb.RunAsync(Topology, State, mode: null, fresh: false, cancel));
        Assert.Equal(pids[..^1], Pids(context)[..^1]);

        Assert.Equal(0, await DownVerb.RunAsync(Topology, State));
        Assert.All(context.Processes, p => Assert.Null(p.Pid));
        Assert.All(TopologyRules.PortsOf(context.Topology), p => Assert.True(FreePorts.IsFree(p.Port), p.Use));
    }

    /// <summary>
    /// The county asks the province for a signed answer: keys, enrolment, brokers and shovels all have to be right.
    /// </summary>
    private static async Task<bool> AnswersAsync(Context context, CancellationToken cancel)
    {
        var county = context.Topology.NodeAt("141022");
        var url = $"{NodeConfig.GatewayUrl(county)}/api/v1/exchange/nodes/140000/ping";
        using var request = new HttpRequestMessage(HttpMethod.Post, url);
        request.Headers.Authorization = new AuthenticationHeaderValue(
            "Bearer", await File.ReadAllTextAsync(context.State.TokenFile("141022-operator"), cancel));
        using var answer = await Http.SendAsync(request, cancel);
        return answer.IsSuccessStatusCode
            && (bool?)JsonNode.Parse(await answer.Content.ReadAsStringAsync(cancel))?["answered"] == true;
    }

    private static List<int?> Pids(Context context) => [.. context.Processes.Select(p => p.Pid)];

    private static void Report(FormattableString text) =>
        TestContext.Current.TestOutputHelper?.WriteLine(text.ToString(CultureInfo.InvariantCulture));

    /// <summary>debug or release, as this test itself was built.</summary>
    private static string Built() => Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));

    /// <summary>Two nodes that share a broker, on free ports.</summary>
    private static string Pair() => string.Create(CultureInfo.InvariantCulture, $$"""
        name: pair
        postgres: { port: {{FreePorts.Take()}} }
        redis: { port: {{FreePorts.Take()}} }
        epmd: { port: {{FreePorts.Take()}} }
        brokers:
          shared: { basePort: {{FreePorts.TakeRun(4)}} }
        nodes:
          - { path: "140000", name: { zh: 山西省, en: Shanxi }, tier: province, regions: ["14"], broker: shared,
              basePort: {{FreePorts.TakeRun(4)}} }
          - { path: "140000.141022", name: { zh: 翼城县, en: Yicheng }, tier: county, regions: ["141022"],
              parent: "140000", broker: shared, basePort: {{FreePorts.TakeRun(4)}} }
        """);
}
