using System.Net.Http.Json;
using Gateway.Console.Parts;
using Gateway.Console.Sessions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;

namespace Gateway.Console.Node;

/// <summary>The published table as a file: with a reason, after a second factor, handed through as it comes.</summary>
internal static class ExportRoad
{
    public static void Map(IEndpointRouteBuilder app) =>
        app.MapPost("/overview/download", SendAsync).RequireAuthorization();

    /// <summary>Whether the second factor was shown a moment ago.</summary>
    public static bool IsFresh(DateTimeOffset? shownAt, DateTimeOffset now, ConsoleOptions options) =>
        shownAt is { } at && now - at <= TimeSpan.FromMinutes(options.StepUpMinutes);

    private static async Task<IResult> SendAsync([FromForm] string? month, [FromForm] string? reason,
        [FromForm] string? format, HttpContext http, NodeApi api, Say say, IOptions<ConsoleOptions> options)
    {
        var back = $"/overview/export?month={Uri.EscapeDataString(month ?? "")}";
        if (!IsFresh(http.User.SecondFactorAt(), say.Now, options.Value))
            return Results.Redirect($"/step-up?to={Uri.EscapeDataString(back)}");
        using var request = new HttpRequestMessage(HttpMethod.Post, api.Address("exports/published-table"));
        request.Headers.Add("Idempotency-Key", Guid.CreateVersion7().ToString());
        request.Content = JsonContent.Create(
            new { reason = reason ?? "", month = month ?? "", format = format ?? "xlsx" }, options: NodeApi.Json);
        return await Download.SendAsync(http, api, request, back);
    }
}
