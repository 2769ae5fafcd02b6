using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Gateway.Console.Node;

/// <summary>Files of the services, handed through as they come.</summary>
internal static class Download
{
    private static readonly string[] Kept = [HeaderNames.ContentType, HeaderNames.ContentDisposition,
        HeaderNames.ContentLength];

    /// <param name="back">Where a person is led when there is no file; <c>refused</c> is the problem's code.</param>
    public static async Task<IResult> SendAsync(HttpContext http, NodeApi api, HttpRequestMessage request, string back)
    {
        try
        {
            using var answer = await api.SendAsync(request, http.RequestAborted);
            foreach (var name in Kept)
            {
                if (answer.Content.Headers.TryGetValues(name, out var values))
                    http.Response.Headers[name] = values.ToArray();
            }
            await answer.Content.CopyToAsync(http.Response.Body, http.RequestAborted);
            return Results.Empty;
        }
        catch (NodeProblemException e)
        {
            var mark = back.Contains('?', StringComparison.Ordinal) ? '&' : '?';
            return Results.Redirect($"{back}{mark}refused={Uri.EscapeDataString(e.Problem.Code)}");
        }
    }
}
