using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Platform.CommandLine.Infrastructure;
using Platform.CommandLine.Verbs;
using Spectre.Console;

namespace Platform.CommandLine.Clerk;

/// <summary>One row's fault as the node found it.</summary>
public sealed record RosterFault(string Sheet, int Row, string Column, string Letter, string Value, string Rule,
    bool WarningOnly, string Detail, string Allowed);

/// <summary>What became of a roster.</summary>
/// <param name="LoadId">Null for a dry run.</param>
public sealed record RosterResult(Guid? LoadId, int OrganisationsAccepted, int MembersAccepted, int Refused,
    int ProblemCount, IReadOnlyList<RosterFault> Problems);

/// <summary>
/// A clerk's files, in and out: template, dry run, load, export. Codes: 0 all went well, 1 it could not be done,
/// 3 rows were refused.
/// </summary>
public static class RosterVerbs
{
    /// <summary>Rows were refused.</summary>
    public const int RowsRefused = 3;

    public static async Task<int> TemplateAsync(NodeChoice choice, string? output, bool force, CancellationToken cancel)
    {
        using var node = NodeClient.Of(choice);
        var file = output ?? "花名册模板.xlsx";
        await FetchAsync(node, HttpMethod.Get, "rosters/template", null, _ => file, force, cancel);
        return 0;
    }

    /// <summary>Sends the file; a dry run changes nothing, a load puts the right rows in.</summary>
    /// <param name="show">Faults to print.</param>
    public static async Task<int> LoadAsync(
        NodeChoice choice, string file, bool dryRun, int show, CancellationToken cancel)
    {
        if (!File.Exists(file))
        {
            throw new TroubleException($"{file}: 没有这个文件 / there is no such file");
        }

        using var node = NodeClient.Of(choice);
        var query = $"rosters?region={Uri.EscapeDataString(node.Region)}"
            + $"&fileName={Uri.EscapeDataString(Path.GetFileName(file))}" + (dryRun ? "&dryRun=true" : "");
        RosterResult? result = null;
        await Steps.WatchAsync(steps => steps.RunAsync(
            $"{(dryRun ? "检查 check" : "导入 load")} {Path.GetFileName(file)} {Size(new FileInfo(file).Length)}",
            async () =>
            {
                using var answer = await node.SendAsync(HttpMethod.Post, query, () => Upload(file), cancel);
                result = await answer.Content.ReadFromJsonAsync<RosterResult>(JsonSerializerOptions.Web, cancel);
            }));
        Show(result!, dryRun, show);
        if (result is { LoadId: { } load, Refused: > 0 })
        {
            var back = Beside(file);
            await FetchAsync(node, HttpMethod.Get, $"rosters/{load}/errors", null, _ => back, force: false, cancel);
            Steps.Note("改正后可直接导入该文件 / correct that file and load it as it is");
        }

        return result!.Refused == 0 ? 0 : RowsRefused;
    }

    /// <param name="list"><c>members</c> or <c>cases</c>.</param>
    /// <param name="question">The body: reason, format and filters; null values are left out.</param>
    /// <param name="output">Null: the node's own name for the file, in the current folder.</param>
    public static async Task<int> ExportAsync(NodeChoice choice, string list,
        Dictionary<string, object?> question, string? output, bool force, CancellationToken cancel)
    {
        // Before asking: an export that is then thrown away would stand in every member's trail.
        MayWrite(output, force);
        using var node = NodeClient.Of(choice);
        var body = question.Where(q => q.Value is not null).ToDictionary(q => q.Key, q => q.Value);
        await FetchAsync(node, HttpMethod.Post, $"exports/{list}", () => JsonContent.Create(body),
            named => output ?? Path.GetFileName(named ?? $"{list}.xlsx"), force, cancel);
        return 0;
    }

    /// <summary>Saves an answer, readable by the owner only: whole or not at all.</summary>
    private static async Task FetchAsync(NodeClient node, HttpMethod method, string path, Func<HttpContent>? body,
        Func<string?, string> name, bool force, CancellationToken cancel)
    {
        using var answer = await node.SendAsync(method, path, body, cancel);
        var named = answer.Content.Headers.ContentDisposition;
        var file = name(named?.FileNameStar ?? named?.FileName?.Trim('"'));
        MayWrite(file, force);
        var part = file + ".part";
        try
        {
            await Steps.WatchAsync(steps => steps.RunAsync($"保存 save {file}", async () =>
            {
                await using var into = new FileStream(part, new FileStreamOptions
                {
                    Mode = FileMode.Create,
                    Access = FileAccess.Write,
                    UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
                });
                await answer.Content.CopyToAsync(into, cancel);
            }));
            File.Move(part, file, overwrite: true);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or UnauthorizedAccessException)
        {
            throw new TroubleException($"{file}: 没有收全或无法写入，未保存 / broken off or not writable, nothing saved",
                [e.Message], e);
        }
        finally
        {
            File.Delete(part);
        }

        Steps.Note($"{Path.GetFullPath(file)} {Size(new FileInfo(file).Length)}");
    }

    private static void MayWrite(string? file, bool force)
    {
        if (File.Exists(file) && !force)
        {
            throw new TroubleException($"{file}: 文件已存在，--force 覆盖 / exists already, --force replaces it");
        }
    }

    private static StreamContent Upload(string file) =>
        new(File.OpenRead(file)) { Headers = { ContentType = new MediaTypeHeaderValue("application/octet-stream") } };

    private static void Show(RosterResult result, bool dryRun, int show)
    {
        var mark = result.Refused == 0 ? "✓" : "!";
        var (organisations, members) = (result.OrganisationsAccepted, result.MembersAccepted);
        Say.Line($"{mark} 组织 organisations {organisations}，党员 members {members}，退回 refused {result.Refused}");
        if (result.Problems.Count > 0)
        {
            AnsiConsole.Write(Table(result.Problems.Take(show)));
            var more = result.ProblemCount - Math.Min(show, result.Problems.Count);
            if (more > 0)
            {
                Steps.Note(string.Create(CultureInfo.InvariantCulture,
                    $"另有 {more} 条未列出（--show N；导入后见退回表）/ {more} more, all of them in the workbook given back"));
            }
        }

        if (dryRun)
        {
            Steps.Note("试导入，没有写入任何数据 / dry run, nothing was written");
        }
    }

    private static Table Table(IEnumerable<RosterFault> faults)
    {
        var table = new Table().Border(TableBorder.Simple)
            .AddColumns("工作表 sheet", "行 row", "列 column", "值 value", "规则 rule", "说明 reason");
        foreach (var f in faults)
        {
            var allowed = f.Allowed.Length == 0 || f.Detail.Contains(f.Allowed, StringComparison.Ordinal)
                ? "" : $"。{f.Allowed}";
            string[] cells =
            [
                f.Sheet, f.Row.ToString(CultureInfo.InvariantCulture), $"{f.Letter} {f.Column}", f.Value, f.Rule,
                (f.WarningOnly ? "提示 hint：" : "") + f.Detail + allowed,
            ];
            table.AddRow([.. cells.Select(c => new Text(c, f.WarningOnly ? new Style(Color.Grey) : Style.Plain))]);
        }

        return table;
    }

    /// <summary>The first free name beside the input: 花名册-退回.xlsx, 花名册-退回-2.xlsx.</summary>
    private static string Beside(string file)
    {
        var stem = Path.Combine(
            Path.GetDirectoryName(Path.GetFullPath(file))!, $"{Path.GetFileNameWithoutExtension(file)}-退回");
        return Enumerable.Range(1, int.MaxValue)
            .Select(i => i == 1 ? $"{stem}.xlsx" : string.Create(CultureInfo.InvariantCulture, $"{stem}-{i}.xlsx"))
            .First(name => !File.Exists(name));
    }

    private static string Size(long bytes) => string.Create(CultureInfo.InvariantCulture,
        $"{(bytes < 1 << 20 ? $"{Math.Max(1, bytes >> 10)} KB" : $"{bytes / 1048576.0:0.0} MB")}");
}
