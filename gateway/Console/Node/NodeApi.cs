using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Http;

namespace Gateway.Console.Node;

/// <summary>What a service answered when it did not do what was asked (RFC 9457), in the person's language.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Code">Problem code of contracts/problems.md.</param>
/// <param name="Text">Sentence for the person.</param>
/// <param name="TraceId">Number to read out.</param>
/// <param name="Fields">By field of the request: what is wrong with it.</param>
public sealed record NodeProblem(int Status, string Code, string Text, string TraceId,
    IReadOnlyDictionary<string, string> Fields);

/// <summary>Thrown by <see cref="NodeApi"/>; pages turn it into a state or a message beside the field.</summary>
public sealed class NodeProblemException(NodeProblem problem) : Exception(problem.Code)
{
    /// <summary>What was answered.</summary>
    public NodeProblem Problem { get; } = problem;
}

/// <summary>The JSON APIs of the node's services, asked with the token of the person's session.</summary>
public sealed class NodeApi(NodeRoads roads, IHttpContextAccessor accessor)
{
    internal static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Reads something, for example <c>cases/…</c> below <c>/api/v1/</c>.</summary>
    /// <exception cref="NodeProblemException">The service refused or did not answer.</exception>
    public async Task<T> GetAsync<T>(string path, CancellationToken ct = default)
    {
        using var answer = await SendAsync(new(HttpMethod.Get, Address(path)), ct);
        return (await answer.Content.ReadFromJsonAsync<T>(Json, ct))!;
    }

    /// <summary>
    /// Does something. The command id comes with the form, so that a form sent twice is done once.
    /// </summary>
    /// <exception cref="NodeProblemException">The service refused or did not answer.</exception>
    public async Task<T> PostAsync<T>(string path, object? body, Guid command, CancellationToken ct = default)
    {
        using var answer = await SendAsync(Command(HttpMethod.Post, path, body, command), ct);
        return (await answer.Content.ReadFromJsonAsync<T>(Json, ct))!;
    }

    /// <summary>Takes a step on a card as the person saw it; a card that changed since is left alone.</summary>
    /// <param name="seen">Revision of the card on the page.</param>
    /// <exception cref="NodeProblemException">The service refused (CASE_CHANGED) or did not answer.</exception>
    public async Task StepAsync(string path, object? body, Guid command, long? seen, CancellationToken ct = default)
    {
        var request = Command(HttpMethod.Post, path, body, command);
        if (seen is { } revision) request.Headers.IfMatch.Add(new($"\"{revision}\""));
        using var answer = await SendAsync(request, ct);
    }

    /// <summary>Does something whose answer nobody needs.</summary>
    /// <exception cref="NodeProblemException">The service refused or did not answer.</exception>
    public async Task SendAsync(HttpMethod method, string path, object? body, Guid command,
        CancellationToken ct = default)
    {
        using var answer = await SendAsync(Command(method, path, body, command), ct);
    }

    /// <summary>The answer as it comes: files, pages to print, uploads. The caller disposes it.</summary>
    /// <exception cref="NodeProblemException">The service refused or did not answer.</exception>
    public async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken ct = default)
    {
        var http = accessor.HttpContext ?? throw new InvalidOperationException("There is no request.");
        var token = await http.GetTokenAsync(CookieAuthenticationDefaults.AuthenticationScheme, "access_token");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        request.Headers.AcceptLanguage.ParseAdd(System.Globalization.CultureInfo.CurrentUICulture.Name);
        request.Version = HttpVersion.Version20;
        request.VersionPolicy = HttpVersionPolicy.RequestVersionExact;
        HttpResponseMessage answer;
        try
        {
            answer = await roads.Client.SendAsync(request, ct);
        }
        catch (HttpRequestException)
        {
            throw new NodeProblemException(new(503, "SERVICE_UNREACHABLE", "", "", new Dictionary<string, string>()));
        }
        if (answer.IsSuccessStatusCode) return answer;
        using (answer) throw new NodeProblemException(await ProblemAsync(answer, ct));
    }

    /// <summary>Absolute address of a path below <c>/api/v1/</c>.</summary>
    public Uri Address(string path) => new(roads.AddressOf(
        path.StartsWith("exchange/", StringComparison.Ordinal) ? "exchange"
        : path.StartsWith("accounts", StringComparison.Ordinal) || path.StartsWith("grants", StringComparison.Ordinal)
            ? "identity" : "registry") + "/api/v1/" + path);

    private HttpRequestMessage Command(HttpMethod method, string path, object? body, Guid command)
    {
        var request = new HttpRequestMessage(method, Address(path));
        request.Headers.Add("Idempotency-Key", command.ToString());
        if (body is not null) request.Content = JsonContent.Create(body, body.GetType(), options: Json);
        return request;
    }

    private static async Task<NodeProblem> ProblemAsync(HttpResponseMessage answer, CancellationToken ct)
    {
        var fields = new Dictionary<string, string>();
        try
        {
            using var json = await JsonDocument.ParseAsync(await answer.Content.ReadAsStreamAsync(ct), default, ct);
            var root = json.RootElement;
            string Text(string name) => root.TryGetProperty(name, out var value) ? value.ToString() : "";
            if (root.TryGetProperty("errors", out var errors)) Read(errors, fields);
            return new((int)answer.StatusCode, Text("code"), Text("detail"), Text("traceId"), fields);
        }
        catch (JsonException)
        {
            return new((int)answer.StatusCode, "", "", "", fields);
        }
    }

    private static void Read(JsonElement errors, Dictionary<string, string> fields)
    {
        if (errors.ValueKind != JsonValueKind.Array) return;
        foreach (var error in errors.EnumerateArray())
        {
            if (error.TryGetProperty("field", out var field) && error.TryGetProperty("detail", out var detail))
                fields.TryAdd(field.ToString(), detail.ToString());
        }
    }
}
