using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace Platform.Testing;

/// <summary>JSON over HTTP, to a service (2.0, as the gateway speaks) or to a gateway (1.1).</summary>
public sealed class Api
{
    private readonly HttpClient _http;
    private readonly Version _version;

    public Api(string address, string? token, string version = "2.0")
    {
        _version = new(version);
        _http = new HttpClient(new SocketsHttpHandler { EnableMultipleHttp2Connections = true })
        {
            BaseAddress = new(address),
        };
        if (token is not null) _http.DefaultRequestHeaders.Authorization = new("Bearer", token);
    }

    public Task<Reply> GetAsync(string path) => SendAsync(HttpMethod.Get, path, null, null);

    public Task<Reply> PostAsync(string path, object? body = null, Guid? key = null) =>
        SendAsync(HttpMethod.Post, path, body is null ? null : JsonContent.Create(body), key ?? Guid.CreateVersion7());

    public Task<Reply> PatchAsync(string path, object body, Guid? key = null) =>
        SendAsync(HttpMethod.Patch, path, JsonContent.Create(body), key ?? Guid.CreateVersion7());

    public Task<Reply> UploadAsync(string path, byte[] file, Guid? key = null) => SendAsync(HttpMethod.Post, path,
        new ByteArrayContent(file) { Headers = { ContentType = new MediaTypeHeaderValue("application/octet-stream") } },
        key ?? Guid.CreateVersion7());

    public async Task<Reply> SendAsync(HttpMethod method, string path, HttpContent? content, Guid? key,
        params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path)
        {
            Content = content,
            Version = _version,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        if (key is { } id) request.Headers.Add("Idempotency-Key", id.ToString());
        foreach (var (name, value) in headers) request.Headers.Add(name, value);
        using var response = await _http.SendAsync(request);
        return new((int)response.StatusCode, await response.Content.ReadAsByteArrayAsync());
    }
}

/// <summary>Status and body of an answer.</summary>
public sealed record Reply(int Status, byte[] Body)
{
    public JsonElement Json => Body.Length == 0 ? default : JsonSerializer.Deserialize<JsonElement>(Body);

    /// <summary>Problem code; null when the answer is none.</summary>
    public string? Code =>
        Json.ValueKind == JsonValueKind.Object && Json.TryGetProperty("code", out var c) ? c.GetString() : null;

    public string Text => System.Text.Encoding.UTF8.GetString(Body);

    /// <summary>The body of a success; a failure fails the test with what was said.</summary>
    public JsonElement Ok
    {
        get
        {
            return Status is >= 200 and < 300 ? Json : throw new InvalidOperationException($"{Status}: {Text}");
        }
    }

    public Guid Id(string property = "id") => Ok.GetProperty(property).GetGuid();

    public string? String(string property) => Ok.GetProperty(property).GetString();
}
