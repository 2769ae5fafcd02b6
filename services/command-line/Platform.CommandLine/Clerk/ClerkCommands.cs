using System.CommandLine;
using Platform.CommandLine.Federation;
using Platform.CommandLine.Infrastructure;

namespace Platform.CommandLine.Clerk;

/// <summary>The verbs a clerk uses, with their help.</summary>
public static class ClerkCommands
{
    /// <param name="topology">The root's option.</param>
    /// <param name="state">The root's option.</param>
    public static Command Roster(Option<string> topology, Option<string?> state)
    {
        Option<string?> url = new("--url")
        {
            Description = "任一节点的网址，须同时给出 --token-file / address of any node's gateway",
            Recursive = true,
        };
        Option<string?> token = new("--token-file")
        {
            Description = "存放令牌的文件 / file that holds the token",
            Recursive = true,
        };
        Option<string?> node = new("--node")
        {
            Description = "本机联邦的节点代码 / code of a node of the federation on this machine",
            Recursive = true,
        };
        Option<string?> region = new("--region")
        {
            Description = "六位区划代码 / six digits (default: the node's own)",
            Recursive = true,
        };
        Option<string> role = new("--as")
        {
            Description = "本机联邦中以何角色办理 / role to act in, on this machine",
            DefaultValueFactory = _ => "committee-clerk",
            Recursive = true,
        };
        NodeChoice Choice(ParseResult p) => new(p.GetValue(topology)!, p.GetValue(state), p.GetValue(url),
            p.GetValue(token), p.GetValue(node), p.GetValue(region), p.GetValue(role)!);

        var roster = new Command("roster", "花名册：模板、检查、导入、导出 / rosters: template, check, load, export")
        {
            Template(Choice),
            Load("check", "试导入，只指出问题，不写入 / dry run: says what is wrong, writes nothing", true, Choice),
            Load("load", "导入，有误的行另存为退回表 / load; wrong rows come back in a workbook beside the file", false, Choice),
            Export(Choice),
        };
        foreach (var option in new Option[] { url, token, node, region, role })
        {
            roster.Options.Add(option);
        }

        return roster;
    }

    /// <summary>Offline check of exported ledgers, done by the services' own program.</summary>
    public static Command Verify()
    {
        Argument<string[]> files = new("files")
        {
            Description = "导出的台账文件 / exported ledger files",
            Arity = ArgumentArity.OneOrMore,
        };
        Option<string?> root = new("--root") { Description = "根节点公钥指纹 / fingerprint of the root's key" };
        var verify = new Command("verify",
            "离线核验导出的台账；0 完好，1 不符，2 无法读取 / check exported ledgers offline") { files, root };
        verify.SetAction((p, _) => Task.FromResult(File.Exists(Repository.AllInOne)
            ? Tool.Try(Repository.Dotnet, [Repository.AllInOne, "verify", .. p.GetValue(files)!,
                .. p.GetValue(root) is { } pin ? new[] { "--root", pin } : []], quiet: false).Code
            : throw new TroubleException($"{Repository.AllInOne} is not there; ./platform verify builds it.")));
        return verify;
    }

    private static Command Template(Func<ParseResult, NodeChoice> choice)
    {
        var (output, force) = (Out(), Force());
        var command = new Command("template", "下载空白模板 / download the empty template") { output, force };
        command.SetAction((p, c) =>
            RosterVerbs.TemplateAsync(choice(p), p.GetValue(output), p.GetValue(force), c));
        return command;
    }

    private static Command Load(string name, string what, bool dryRun, Func<ParseResult, NodeChoice> choice)
    {
        Argument<string> file = new("file") { Description = "花名册 .xlsx 或 .csv / the roster" };
        Option<int> show = new("--show")
        {
            Description = "列出多少条问题 / faults to print",
            DefaultValueFactory = _ => 50,
        };
        var command = new Command(name, what) { file, show };
        command.SetAction((p, c) =>
            RosterVerbs.LoadAsync(choice(p), p.GetValue(file)!, dryRun, Math.Max(0, p.GetValue(show)), c));
        return command;
    }

    private static Command Export(Func<ParseResult, NodeChoice> choice)
    {
        Argument<string> list = new("list")
        {
            Description = "members 党员名册，cases 流动党员核对表",
            DefaultValueFactory = _ => "members",
        };
        list.AcceptOnlyFromAmong("members", "cases");
        Option<string> reason = new("--reason")
        {
            Description = "用途，记入留痕并印在每页 / for what; kept in the trail and printed on the copy",
            Required = true,
        };
        Option<string> format = new("--format")
        {
            Description = "gb18030 为旧程序用的 CSV / csv is UTF-8, gb18030 for older programs",
            DefaultValueFactory = _ => "xlsx",
        };
        format.AcceptOnlyFromAmong("xlsx", "csv", "gb18030");
        Option<bool> reveal = new("--reveal") { Description = "members：显示完整号码，须有权限 / identifiers unmasked" };
        Option<Guid?> organisation = new("--organisation") { Description = "只导出该组织及其下级 / only this one and below" };
        Option<string[]> agreement = new("--agreement")
        {
            Description = "cases：matched, homeOnly, hostOnly, differs, settled",
            AllowMultipleArgumentsPerToken = true,
        };
        Option<string?> side = new("--side") { Description = "cases：home 流出，host 流入" };
        Option<string?> other = new("--with") { Description = "cases：只看涉及该地区的 / only those with this region" };
        Option<int?> older = new("--older-than") { Description = "cases：超过多少天未更新 / days without a change" };
        var (output, force) = (Out(), Force());
        var command = new Command("export", "导出名册或核对表 / export the register or the lists of cases")
        {
            list, reason, format, reveal, organisation, agreement, side, other, older, output, force,
        };
        command.SetAction((p, c) => RosterVerbs.ExportAsync(choice(p), p.GetValue(list)!, new()
        {
            ["reason"] = p.GetValue(reason),
            ["format"] = p.GetValue(format) is "gb18030" ? "csvGb18030" : p.GetValue(format),
            ["organisationId"] = p.GetValue(organisation),
            ["reveal"] = p.GetValue(reveal) ? true : null,
            ["agreement"] = p.GetValue(agreement) is { Length: > 0 } words ? words : null,
            ["side"] = p.GetValue(side),
            ["region"] = p.GetValue(other),
            ["olderThanDays"] = p.GetValue(older),
        }, p.GetValue(output), p.GetValue(force), c));
        return command;
    }

    private static Option<string?> Out() => new("--out", "-o") { Description = "存为 / where to save it" };

    private static Option<bool> Force() => new("--force") { Description = "覆盖已有文件 / replace what is there" };
}
