using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Platform.CommandLine.Infrastructure;

/// <summary>A shovel as the broker sees it. State is <c>starting</c>, <c>running</c> or <c>terminated</c>.</summary>
public sealed record ShovelState(string Vhost, string Name, string State);

/// <summary>
/// The few calls of RabbitMQ's management API that we need. Counts of quorum queues lag about 5 s there.
/// </summary>
public sealed class RabbitManagement(int port, string user, string password)
{
    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(30) };

    private readonly Uri _api = new(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}/api/"));

    private readonly AuthenticationHeaderValue _who =
        new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}")));

    public async Task<bool> AnswersAsync(CancellationToken cancel = default)
    {
        try
        {
            using var answer = await CallAsync(HttpMethod.Get, "overview", null, cancel);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    /// <summary>Adds or replaces what the JSON names; leaves everything else. Safe to repeat.</summary>
    public Task ImportAsync(string definitions, CancellationToken cancel = default) =>
        SendAsync(HttpMethod.Post, "definitions", definitions, cancel);

    public async Task<IReadOnlyList<ShovelState>> ShovelsAsync(CancellationToken cancel = default) =>
        [.. (await GetAsync("shovels", cancel)).AsArray().Select(s =>
            new ShovelState((string)s!["vhost"]!, (string)s["name"]!, (string)s["state"]!))];

    /// <summary>Messages in the queue that are ready or unconfirmed; null when there is no such queue.</summary>
    public async Task<long?> MessagesAsync(string vhost, string queue, CancellationToken cancel = default)
    {
        using var answer = await CallAsync(
            HttpMethod.Get, $"queues/{Escape(vhost)}/{Escape(queue)}", null, cancel);
        return answer.IsSuccessStatusCode
            ? (long?)JsonNode.Parse(await answer.Content.ReadAsStringAsync(cancel))!["messages"] ?? 0 : null;
    }

    /// <summary>User and vhost of every open client connection, shovels of other brokers included.</summary>
    public async Task<IReadOnlyList<(string User, string Vhost)>> ConnectionsAsync(
        CancellationToken cancel = default) =>
        [.. (await GetAsync("connections", cancel)).AsArray()
            .Select(c => ((string?)c!["user"] ?? "", (string?)c["vhost"] ?? ""))];

    /// <summary>Empties a queue: what a wiped broker does to it.</summary>
    public Task PurgeAsync(string vhost, string queue, CancellationToken cancel = default) =>
        SendAsync(HttpMethod.Delete, $"queues/{Escape(vhost)}/{Escape(queue)}/contents", null, cancel);

    public async Task<JsonNode> GetAsync(string path, CancellationToken cancel = default)
    {
        using var answer = await CallAsync(HttpMethod.Get, path, null, cancel);
        var text = await answer.Content.ReadAsStringAsync(cancel);
        return answer.IsSuccessStatusCode ? JsonNode.Parse(text)! : throw Refused(path, answer, text);
    }

    public async Task SendAsync(HttpMethod method, string path, string? json, CancellationToken cancel = default)
    {
        using var answer = await CallAsync(method, path, json, cancel);
        if (!answer.IsSuccessStatusCode)
        {
            throw Refused(path, answer, await answer.Content.ReadAsStringAsync(cancel));
        }
    }

    private async Task<HttpResponseMessage> CallAsync(
        HttpMethod method, string path, string? json, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(method, new Uri(_api, path));
        request.Headers.Authorization = _who;
        request.Content = json is null ? null : new StringContent(json, Encoding.UTF8, "application/json");
        return await Http.SendAsync(request, cancel);
    }

    private static string Escape(string name) => Uri.EscapeDataString(name);

    private TroubleException Refused(string path, HttpResponseMessage answer, string text)
    {
        var reason = text;
        try
        {
            reason = (string?)JsonNode.Parse(text)?["reason"] ?? text;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Not every refusal is JSON; the text itself is the reason then.
        }

        return new TroubleException($"The broker on port {port} refused {path} ({(int)answer.StatusCode}): {reason}");
    }
}
