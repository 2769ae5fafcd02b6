using Gateway.Console.Sessions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;

namespace Gateway.Console.Node;

/// <summary>
/// The reconciliation list as a file, streamed from the registry to the browser; the reason and the person are in the
/// trail there. Needs a second factor shown within <see cref="ConsoleOptions.StepUpMinutes"/>. Source.
/// </summary>
internal static class CaseExport
{
    public static void Map(IEndpointRouteBuilder app) =>
        app.MapPost("/reconciliation/export", RunAsync).RequireAuthorization();

    private static async Task RunAsync(HttpContext http, NodeApi api, IAntiforgery antiforgery, TimeProvider clock,
        IOptions<ConsoleOptions> options)
    {
        await antiforgery.ValidateRequestAsync(http);
        var form = await http.Request.ReadFormAsync();
        var back = SignInEndpoints.Local(form["back"]);
        if (http.User.SecondFactorAt() is not { } shown
            || clock.GetUtcNow() - shown > TimeSpan.FromMinutes(options.Value.StepUpMinutes))
        {
            http.Response.Redirect($"/step-up?to={Uri.EscapeDataString(back)}");
            return;
        }
        using var request = new HttpRequestMessage(HttpMethod.Post, api.Address("exports/cases"))
        {
            Content = System.Net.Http.Json.JsonContent.Create(Question(form), options: NodeApi.Json),
        };
        request.Headers.Add("Idempotency-Key", form["command"].ToString());
        try
        {
            using var file = await api.SendAsync(request, http.RequestAborted);
            http.Response.ContentType = file.Content.Headers.ContentType?.ToString();
            http.Response.Headers.ContentDisposition = file.Content.Headers.ContentDisposition?.ToString();
            http.Response.Headers.CacheControl = "no-store";
            await file.Content.CopyToAsync(http.Response.Body, http.RequestAborted);
        }
        catch (NodeProblemException e)
        {
            // The page says why, beside the form.
            http.Response.Redirect($"{back}&refused={Uri.EscapeDataString(e.Problem.Code)}");
        }
    }

    private static object Question(IFormCollection form) => new
    {
        reason = form["reason"].ToString(),
        format = form["format"].ToString(),
        agreement = form["agreement"].Where(a => !string.IsNullOrEmpty(a)),
        side = One(form, "side"),
        turn = One(form, "turn"),
        due = One(form, "due"),
        nextStep = One(form, "nextStep"),
        region = One(form, "region"),
        olderThanDays = int.TryParse(One(form, "olderThanDays"), System.Globalization.CultureInfo.InvariantCulture,
            out var days) ? days : (int?)null,
    };

    private static string? One(IFormCollection form, string name) =>
        form[name].ToString() is { Length: > 0 } value ? value : null;
}
