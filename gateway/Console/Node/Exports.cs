using System.Globalization;
using System.Net.Http.Json;
using Gateway.Console.Sessions;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;

namespace Gateway.Console.Node;

/// <summary>
/// Lists and tables as files, streamed from the registry to the browser: with a reason, after a second factor shown
/// within <see cref="ConsoleOptions.StepUpMinutes"/>; reason and person are in the trail there. Source: R-154, R-166.
/// </summary>
internal sealed class Exports(NodeApi api, IAntiforgery antiforgery, TimeProvider clock,
    IOptions<ConsoleOptions> options)
{
    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapPost("/reconciliation/export", (HttpContext http, Exports exports) => exports.SendAsync(http,
            "exports/cases", Cases, form => SignInEndpoints.Local(form["back"]))).RequireAuthorization();
        app.MapPost("/overview/download", (HttpContext http, Exports exports) => exports.SendAsync(http,
            "exports/published-table", Table,
            form => $"/overview/export?month={Uri.EscapeDataString(form["month"].ToString())}")).RequireAuthorization();
        app.MapPost("/members/export", (HttpContext http, Exports exports) => exports.SendAsync(http,
            "exports/members", Members, form => SignInEndpoints.Local(form["back"]))).RequireAuthorization();
        app.MapPost("/screenings/{id:guid}/sheet", (Guid id, HttpContext http, Exports exports) => exports.SendAsync(
            http, $"screenings/{id}/sheet", Sheet,
            form => $"/screenings/{id}/branch?branchId={BranchOf(form)}")).RequireAuthorization();
    }

    private async Task<IResult> SendAsync(HttpContext http, string path, Func<IFormCollection, object> question,
        Func<IFormCollection, string> backOf)
    {
        if (!await antiforgery.IsRequestValidAsync(http)) return Results.BadRequest();
        var form = await http.Request.ReadFormAsync();
        var back = backOf(form);
        if (!http.User.HasFreshSecondFactor(clock.GetUtcNow(), options.Value))
            return Results.Redirect($"/step-up?to={Uri.EscapeDataString(back)}");
        using var request = new HttpRequestMessage(HttpMethod.Post, api.Address(path))
        {
            Content = JsonContent.Create(question(form), options: NodeApi.Json),
        };
        request.Headers.Add("Idempotency-Key", Guid.CreateVersion7().ToString());
        return await Download.SendAsync(http, api, request, back);
    }

    private static object Table(IFormCollection form) => new
    {
        reason = form["reason"].ToString(),
        month = form["month"].ToString(),
        format = One(form, "format") ?? "xlsx",
    };

    private static object Members(IFormCollection form) => new
    {
        reason = form["reason"].ToString(),
        format = One(form, "format") ?? "xlsx",
        reveal = form["reveal"] == "true",
        standing = One(form, "standing"),
        organisationId = Guid.TryParse(form["branchId"], out var branch) ? branch : (Guid?)null,
    };

    private static object Sheet(IFormCollection form) =>
        new { reason = form["reason"].ToString(), branchId = BranchOf(form) };

    private static Guid BranchOf(IFormCollection form) =>
        Guid.TryParse(form["branch"], out var branch) ? branch : Guid.Empty;

    private static object Cases(IFormCollection form) => new
    {
        reason = form["reason"].ToString(),
        format = form["format"].ToString(),
        agreement = form["agreement"].Where(a => !string.IsNullOrEmpty(a)),
        side = One(form, "side"),
        turn = One(form, "turn"),
        due = One(form, "due"),
        nextStep = One(form, "nextStep"),
        region = One(form, "region"),
        olderThanDays = int.TryParse(One(form, "olderThanDays"), CultureInfo.InvariantCulture, out var days) ? days
            : (int?)null,
    };

    private static string? One(IFormCollection form, string name) =>
        form[name].ToString() is { Length: > 0 } value ? value : null;
}
