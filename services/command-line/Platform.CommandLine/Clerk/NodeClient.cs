using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Platform.CommandLine.Federation;
using Platform.CommandLine.Infrastructure;
using Platform.CommandLine.Topologies;
using Platform.CommandLine.Verbs;

namespace Platform.CommandLine.Clerk;

/// <summary>Which node to speak to, and as whom.</summary>
/// <param name="Url">A gateway anywhere; null for a node of the federation on this machine.</param>
/// <param name="TokenFile">A token somebody gave out; null to sign one with the key of this machine's node.</param>
/// <param name="Node">Path or code of a node on this machine; null for the one that serves the region.</param>
/// <param name="Region">Six digits; null for the node's own.</param>
public sealed record NodeChoice(
    string Topology, string? State, string? Url, string? TokenFile, string? Node, string? Region, string As);

/// <summary>Speaks to a gateway as a clerk; what it refuses becomes a trouble in the gateway's own words.</summary>
public sealed class NodeClient : IDisposable
{
    private const int TriesMax = 4;
    private readonly HttpClient _http;
    private readonly string? _region;

    private NodeClient(Uri url, string token, string? region)
    {
        _region = region;
        _http = new HttpClient { BaseAddress = new Uri(url, "/api/v1/"), Timeout = TimeSpan.FromMinutes(30) };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        var english = (Environment.GetEnvironmentVariable("LANG") ?? "").StartsWith("en", StringComparison.Ordinal);
        _http.DefaultRequestHeaders.AcceptLanguage.ParseAdd(english ? "en" : "zh-CN");
        if (url.Scheme == Uri.UriSchemeHttp && !url.IsLoopback)
        {
            Steps.Note($"{url}: 未加密，令牌与个人信息将明文传输 / not encrypted, the token travels in the clear");
        }
    }

    /// <summary>The region asked for or the node's own.</summary>
    public string Region => _region ?? throw new TroubleException(
        "请用 --region 指明区划代码（六位）/ say which region with --region (six digits)");

    public static NodeClient Of(NodeChoice choice)
    {
        if (choice.Url is null)
        {
            return OfThisMachine(choice);
        }

        if (choice.TokenFile is null)
        {
            throw new TroubleException("--url 须同时给出 --token-file / --url needs --token-file");
        }

        return Uri.TryCreate(choice.Url, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"
            ? new NodeClient(url, ReadToken(choice.TokenFile), choice.Region)
            : throw new TroubleException($"{choice.Url}: 不是网址 / not an address such as https://node.example");
    }

    private static NodeClient OfThisMachine(NodeChoice choice)
    {
        var context = Context.OfStarted(choice.Topology, choice.State);
        if (!context.EverStarted)
        {
            throw new TroubleException("本机没有联邦，请先 ./platform up，或用 --url 与 --token-file 指明节点 / "
                + "no federation here: ./platform up first, or name a node with --url and --token-file");
        }

        var node = choice.Node is { } named ? context.NodeOrTrouble(named) : Serving(context.Topology, choice.Region);
        var region = choice.Region ?? node.Code;
        var url = new Uri(NodeConfig.GatewayUrl(node));
        if (choice.TokenFile is { } file)
        {
            return new NodeClient(url, ReadToken(file), region);
        }

        var name = $"演示-{choice.As}-{region}";
        var principal = new Principal(
            TokenIssuer.SubjectOf(node, name), name, TokenIssuer.OrganisationOf(region), [choice.As]);
        return new NodeClient(url, TokenIssuer.Issue(node, context.Secrets.Nodes[node.Code].TokenKey, principal,
            TimeProvider.System.GetUtcNow(), TimeSpan.FromHours(1)), region);
    }

    private static Node Serving(Topology topology, string? region) => topology.Nodes
        .Where(n => region is not null && n.Regions.Any(r => region.StartsWith(r, StringComparison.Ordinal)))
        .MaxBy(n => n.Regions.Where(r => region!.StartsWith(r, StringComparison.Ordinal)).Max(r => r.Length))
        ?? throw new TroubleException("请用 --node 或 --region 指明节点 / say which node with --node or --region:",
            [.. topology.Nodes.Select(n => $"--node {n.Code}  {n.NameZh} {n.NameEn}")]);

    private static string ReadToken(string file) => File.Exists(file) ? File.ReadAllText(file).Trim()
        : throw new TroubleException($"{file}: 没有这个令牌文件 / there is no such token file");

    /// <summary>
    /// Sends a command or a question; what is only busy is asked again under the same command id, so that nothing is
    /// done twice.
    /// </summary>
    /// <returns>A success, its body not yet read; the caller disposes it.</returns>
    public async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, string path, Func<HttpContent>? body, CancellationToken cancel)
    {
        var command = Guid.CreateVersion7();
        for (var left = TriesMax - 1; ; left--)
        {
            var (answer, wait) = await TryAsync(method, path, body?.Invoke(), command, left, cancel);
            if (answer is { IsSuccessStatusCode: true })
            {
                return answer;
            }

            using (answer)
            {
                if (wait is null)
                {
                    throw await RefusalAsync(answer!, cancel);
                }
            }

            Steps.Note($"节点忙，{wait.Value.TotalSeconds:0} 秒后重试 / busy, trying again");
            await Task.Delay(wait.Value, cancel);
        }
    }

    private async Task<(HttpResponseMessage? Answer, TimeSpan? Wait)> TryAsync(HttpMethod method, string path,
        HttpContent? body, Guid command, int left, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body };
        request.Headers.Add("Idempotency-Key", command.ToString());
        try
        {
            var answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);
            var busy = answer.StatusCode is HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable
                or HttpStatusCode.GatewayTimeout or HttpStatusCode.TooManyRequests;
            return (answer, busy && left > 0 ? answer.Headers.RetryAfter?.Delta ?? TimeSpan.FromSeconds(1) : null);
        }
        catch (HttpRequestException broken)
        {
            return left > 0 && broken.HttpRequestError != HttpRequestError.ConnectionError
                ? (null, TimeSpan.FromSeconds(1))
                : throw new TroubleException($"{_http.BaseAddress}: 连接不上 / does not answer", [broken.Message], broken);
        }
    }

    /// <summary>What the node said, with the fields at fault and the trace id for its operators.</summary>
    private static async Task<TroubleException> RefusalAsync(HttpResponseMessage answer, CancellationToken cancel)
    {
        var text = await answer.Content.ReadAsStringAsync(cancel);
        var status = (int)answer.StatusCode;
        try
        {
            var problem = JsonDocument.Parse(text).RootElement;
            var lines = problem.TryGetProperty("errors", out var errors)
                ? errors.EnumerateArray().Select(e => $"{e.GetProperty("field")}: {e.GetProperty("detail")}") : [];
            var trace = problem.TryGetProperty("traceId", out var id) ? $" 追踪号 trace {id}" : "";
            return new TroubleException(
                $"{problem.GetProperty("detail")} [{problem.GetProperty("code")}]{trace}", [.. lines]);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return new TroubleException(string.Create(
                CultureInfo.InvariantCulture, $"{answer.RequestMessage?.RequestUri}: HTTP {status}"), inner: e);
        }
    }

    public void Dispose() => _http.Dispose();
}
