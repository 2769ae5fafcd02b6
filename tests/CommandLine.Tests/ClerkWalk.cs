using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;
using Platform.CommandLine.Federation;
using Platform.CommandLine.Infrastructure;
using Platform.CommandLine.Topologies;
using Platform.CommandLine.Verbs;
using Platform.Seeds;
using Platform.Testing;
using Xunit;

namespace CommandLine.Tests;

/// <summary>
/// A county clerk and an operator at the command line of a running federation: the program itself, as people call it.
/// </summary>
internal sealed partial class ClerkWalk(string topology, string state, string folder)
{
    private const string County = "141022";
    private readonly Context _context = Context.OfStarted(topology, state);

    public async Task RunAsync(CancellationToken cancel)
    {
        var desk = Directory.CreateDirectory(Path.Combine(folder, "desk")).FullName;
        var roster = Path.Combine(desk, "花名册.xlsx");
        var made = RosterMaker.Make(new RosterOrder(County, 40, 5, 3, ["140105"]), SeedFolder.Find());
        await File.WriteAllBytesAsync(roster, made.File, cancel);
        await LoadAsync(desk, roster, made, cancel);
        await ExportAsync(desk, cancel);
        await ElsewhereAsync(desk, roster, cancel);
        await VerifyAsync(desk, cancel);
    }

    private async Task LoadAsync(string desk, string roster, MadeRoster made, CancellationToken cancel)
    {
        var blank = Path.Combine(desk, "空白.xlsx");
        await SaysAsync(0, ["roster", "template", "-o", blank, "--node", County], "✓", cancel);
        await SaysAsync(1, ["roster", "check", blank, "--node", County], "[WORKBOOK_NO_ROWS]", cancel);

        var said = await SaysAsync(3, ["roster", "check", roster, "--region", County], "试导入", cancel);
        Assert.Contains("党员 members 35，退回 refused 5", said, StringComparison.Ordinal);
        Assert.All(made.Expected, e => Assert.Contains(said.Split('\n'), line =>
            line.Contains($" {e.Row} ", StringComparison.Ordinal) && line.Contains(e.Rule, StringComparison.Ordinal)));
        Assert.False(File.Exists(Path.Combine(desk, "花名册-退回.xlsx")));

        await SaysAsync(3, ["roster", "load", roster, "--region", County, "--show", "2"], "另有", cancel);
        var back = Path.Combine(desk, "花名册-退回.xlsx");
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(back));
        await SaysAsync(3, ["roster", "load", roster, "--region", County], "花名册-退回-2.xlsx", cancel);
    }

    private async Task ExportAsync(string desk, CancellationToken cancel)
    {
        var register = Path.Combine(desk, "名册.csv");
        string[] export = ["roster", "export", "--node", County, "--reason", "季度核对", "--format", "csv", "-o", register];
        await SaysAsync(0, export, "✓", cancel);
        Assert.Equal(1 + 35, (await File.ReadAllLinesAsync(register, Encoding.UTF8, cancel)).Length);
        await SaysAsync(1, export, "--force", cancel);
        var cases = Path.Combine(desk, "核对.xlsx");
        await SaysAsync(0, ["roster", "export", "cases", "--node", County, "--reason", "核对", "--agreement", "homeOnly",
            "matched", "-o", cases], "✓", cancel);
        Assert.Equal("PK", Encoding.ASCII.GetString(await File.ReadAllBytesAsync(cases, cancel), 0, 2));
        await SaysAsync(1, ["roster", "export", "--node", County, "--reason", "核对", "--reveal", "--as", "supervisor",
            "-o", Path.Combine(desk, "没有.xlsx")], "[ROLE_NOT_ALLOWED]", cancel);
        await SaysAsync(1, ["roster", "export", "--node", County, "--reason", " "], "reason: 必填", cancel);
        Assert.DoesNotContain(Directory.EnumerateFiles(desk), f =>
            f.EndsWith(".part", StringComparison.Ordinal) || f.EndsWith("没有.xlsx", StringComparison.Ordinal));
    }

    /// <summary>With an address and a token alone, as from any other machine.</summary>
    private async Task ElsewhereAsync(string desk, string roster, CancellationToken cancel)
    {
        var url = NodeConfig.GatewayUrl(_context.Topology.NodeAt(County));
        var token = _context.State.TokenFile($"{County}-committee-clerk");
        string[] node = ["--url", url, "--token-file", token];
        await SaysAsync(0, ["roster", "export", .. node, "--reason", "远程", "-o", Path.Combine(desk, "远程.xlsx")], "✓",
            cancel);
        await SaysAsync(1, ["roster", "check", roster, .. node], "--region", cancel);
        await SaysAsync(3, ["roster", "check", roster, .. node, "--region", County], "refused", cancel);
    }

    /// <summary>The operator takes the ledger of what went to the province and checks it without any server.</summary>
    private async Task VerifyAsync(string desk, CancellationToken cancel)
    {
        _ = (await As("committee-clerk").PostAsync("/api/v1/inbound-cases", new
        {
            homeRegion = "140105", hostRegion = County, name = "测试丙", idNumber = "11010519491231002X",
            arrivedOn = "2026-03-01", documentShown = "NON",
        })).Ok;
        var (file, ledger) = (Path.Combine(desk, "ledger.bin"), Array.Empty<byte>());
        Assert.True(await Wait.UntilAsync(async c =>
        {
            ledger = (await As("operator").GetAsync("/api/v1/exchange/ledgers/outgoing/140000")).Body;
            await File.WriteAllBytesAsync(file, ledger, c);
            return Entries().IsMatch((await CallAsync(["verify", file], c)).Said);
        }, TimeSpan.FromSeconds(60), cancel));
        await SaysAsync(1, ["verify", file, "--root", new string('0', 64)], "NOT GOOD", cancel);
        ledger[ledger.Length / 2] ^= 1;
        await File.WriteAllBytesAsync(file, ledger, cancel);
        Assert.NotEqual(0, (await CallAsync(["verify", file], cancel)).Code);
        await SaysAsync(2, ["verify", Path.Combine(desk, "nothing.bin")], "cannot be read", cancel);
    }

    private Api As(string role)
    {
        var node = _context.Topology.NodeAt(County);
        var token = File.ReadAllText(_context.State.TokenFile($"{County}-{role}"));
        return new Api(NodeConfig.GatewayUrl(node), token, "1.1");
    }

    private async Task<string> SaysAsync(int code, string[] arguments, string words, CancellationToken cancel)
    {
        var (was, said) = await CallAsync(arguments, cancel);
        Assert.True(was == code, $"{string.Join(' ', arguments)}: {was}\n{said}");
        Assert.Contains(words, said, StringComparison.Ordinal);
        return said;
    }

    private async Task<(int Code, string Said)> CallAsync(string[] arguments, CancellationToken cancel)
    {
        string[] place = arguments.Contains("--url") ? [] : ["--topology", topology, "--state", state];
        var start = new ProcessStartInfo(
            Repository.Dotnet, [typeof(Topology).Assembly.Location, .. arguments, .. place])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder,
        };
        start.Environment["LANG"] = "C.UTF-8";
        using var process = Process.Start(start)!;
        var (output, error) = (
            process.StandardOutput.ReadToEndAsync(cancel), process.StandardError.ReadToEndAsync(cancel));
        await process.WaitForExitAsync(cancel);
        return (process.ExitCode, await output + await error);
    }

    [GeneratedRegex("[1-9][0-9]* entries\\. Good")]
    private static partial Regex Entries();
}
