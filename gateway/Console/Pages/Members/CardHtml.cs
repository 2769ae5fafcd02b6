using System.Net.Http.Json;
using Gateway.Console.Node;

namespace Gateway.Console.Pages.Members;

/// <summary>A registration card as the registry lays it out.</summary>
/// <param name="Body">What stands between the body tags, every value encoded by the registry.</param>
internal sealed record CardHtml(string Body)
{
    /// <summary>Asks for a card: GET masked, POST with a reason in full.</summary>
    /// <exception cref="NodeProblemException">The registry refused or did not answer.</exception>
    public static async Task<CardHtml> AskAsync(NodeApi api, HttpMethod method, string path, object? body,
        CancellationToken ct)
    {
        using var request = new HttpRequestMessage(method, api.Address(path));
        request.Headers.Add("Idempotency-Key", Guid.CreateVersion7().ToString());
        if (body is not null) request.Content = JsonContent.Create(body, body.GetType(), options: NodeApi.Json);
        using var answer = await api.SendAsync(request, ct);
        var html = await answer.Content.ReadAsStringAsync(ct);
        var (from, until) = (html.IndexOf("<body>", StringComparison.Ordinal),
            html.LastIndexOf("</body>", StringComparison.Ordinal));
        // One heading of the first rank a page: the page around it has its own.
        return new(html[(from + "<body>".Length)..until].Replace("<h1 ", "<h2 ", StringComparison.Ordinal)
            .Replace("</h1>", "</h2>", StringComparison.Ordinal));
    }
}
