using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Platform.Seeds;

/// <summary>
/// Speaks to a node as its clerks would. Every command's id follows from what it does, so doing it again changes
/// nothing.
/// </summary>
/// <param name="tokenOf">Token of a role of a region.</param>
/// <param name="version">HTTP version: 1.1 to a gateway, 2.0 to a service.</param>
public sealed class Clerks(Func<string, string, string> tokenOf, Version version) : IDisposable
{
    private readonly HttpClient http = new(new SocketsHttpHandler { EnableMultipleHttp2Connections = true })
    {
        Timeout = TimeSpan.FromMinutes(10),
    };

    /// <exception cref="HttpRequestException">The answer was no; the message is the problem as it came.</exception>
    public Task<JsonElement> GetAsync(Uri node, string region, string role, string path, CancellationToken cancel) =>
        SendAsync(Request(HttpMethod.Get, node, region, role, path), cancel);

    /// <param name="what">What the command does, different for every command of a region.</param>
    /// <exception cref="HttpRequestException">As above.</exception>
    public Task<JsonElement> PostAsync(Uri node, string region, string role, string what, string path, object body,
        CancellationToken cancel) => SendAsync(Command(node, region, role, what, path, JsonContent.Create(body)),
        cancel);

    /// <summary>Loads a roster as the region's clerk.</summary>
    /// <exception cref="HttpRequestException">As above.</exception>
    public Task<JsonElement> LoadAsync(Uri node, string region, string asRegion, string what, byte[] file,
        CancellationToken cancel)
    {
        var content = new ByteArrayContent(file);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        return SendAsync(Command(node, asRegion, "committee-clerk", what,
            $"rosters?region={region}&fileName=roster.xlsx", content), cancel);
    }

    public void Dispose() => http.Dispose();

    private HttpRequestMessage Command(
        Uri node, string region, string role, string what, string path, HttpContent content)
    {
        var request = Request(HttpMethod.Post, node, region, role, path);
        request.Content = content;
        var id = new Guid(SHA256.HashData(Encoding.UTF8.GetBytes($"demo:{region}:{what}")).AsSpan(0, 16));
        request.Headers.Add("Idempotency-Key", id.ToString());
        return request;
    }

    private HttpRequestMessage Request(HttpMethod method, Uri node, string region, string role, string path)
    {
        var request = new HttpRequestMessage(method, new Uri(node, "/api/v1/" + path))
        {
            Version = version,
            VersionPolicy = version == HttpVersion.Version20 ? HttpVersionPolicy.RequestVersionExact
                : HttpVersionPolicy.RequestVersionOrLower,
        };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", tokenOf(region, role));
        return request;
    }

    private async Task<JsonElement> SendAsync(HttpRequestMessage request, CancellationToken cancel)
    {
        using (request)
        using (var reply = await http.SendAsync(request, cancel))
        {
            var text = await reply.Content.ReadAsStringAsync(cancel);
            if (!reply.IsSuccessStatusCode)
                throw new HttpRequestException(
                    $"{request.Method} {request.RequestUri}: {(int)reply.StatusCode} {text}");
            return JsonDocument.Parse(text).RootElement.Clone();
        }
    }
}
