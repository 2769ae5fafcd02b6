using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using Platform.Hosting;
using Platform.Kernel;

namespace Gateway;

/// <summary>The services' OpenAPI documents as they are, and one for the whole node, each kept for a while.</summary>
public sealed class OpenApiDocuments(Backends backends, IOptions<GatewayOptions> options, TimeProvider clock)
    : IDisposable
{
    private static readonly Problem Unavailable = new(ProblemKind.Unavailable, "DOCUMENT_UNAVAILABLE",
        "A service does not answer, so its API description cannot be shown now.", "有服务未响应，暂时无法提供接口文档。");

    private readonly SemaphoreSlim _one = new(1);
    private readonly Dictionary<string, (string Json, DateTimeOffset Until)> _kept = [];

    /// <summary>JSON of one service's document, or of all of them merged when <paramref name="service"/> is
    /// null.</summary>
    /// <exception cref="ProblemException">DOCUMENT_UNAVAILABLE.</exception>
    public async Task<string> GetAsync(string? service, CancellationToken ct)
    {
        await _one.WaitAsync(ct);
        try
        {
            if (_kept.TryGetValue(service ?? "", out var kept) && clock.GetUtcNow() < kept.Until) return kept.Json;
            var json = service is null ? await MergeAsync(ct) : await FetchAsync(service, ct);
            _kept[service ?? ""] = (json, clock.GetUtcNow().AddSeconds(options.Value.DocumentSeconds));
            return json;
        }
        finally
        {
            _one.Release();
        }
    }

    public void Dispose() => _one.Dispose();

    private async Task<string> MergeAsync(CancellationToken ct)
    {
        var documents = new List<(string, JsonObject)>();
        foreach (var service in Backends.Names)
            documents.Add((service, JsonNode.Parse(await FetchAsync(service, ct))!.AsObject()));
        return OpenApiMerge.Of(documents).ToJsonString();
    }

    private async Task<string> FetchAsync(string service, CancellationToken ct)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(TimeSpan.FromSeconds(10));
        try
        {
            using var response = await backends.GetAsync(service, "/openapi/v1.json", limit.Token);
            if (!response.IsSuccessStatusCode) throw new ProblemException(Unavailable);
            return await response.Content.ReadAsStringAsync(limit.Token);
        }
        catch (Exception e) when (e is HttpRequestException
            || (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            throw new ProblemException(Unavailable);
        }
    }
}
