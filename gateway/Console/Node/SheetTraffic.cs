using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Platform.Hosting;
using StackExchange.Redis;

namespace Gateway.Console.Node;

/// <summary>
/// Screening sheets on their way back to the registry. What was wrong in which row is kept for a while under the id of
/// the form, for whoever sent it: rows, columns and sentences, nothing about persons.
/// </summary>
internal sealed class SheetTraffic(NodeApi api, IAntiforgery antiforgery, IConnectionMultiplexer redis)
{
    /// <summary>What the form around a sheet may weigh, bytes.</summary>
    private const int EnvelopeBytesMax = 64 * 1024;

    private static readonly TimeSpan Keep = TimeSpan.FromMinutes(30);

    // In memory, never on a disk: names, telephones and addresses are in it.
    private static readonly FormOptions InMemory = new()
    {
        MemoryBufferThreshold = PlatformHost.SheetBytesMax + EnvelopeBytesMax,
    };

    public static void Map(IEndpointRouteBuilder app) => app.MapPost("/screenings/{id:guid}/results",
        (Guid id, HttpContext http, SheetTraffic sheets) => sheets.ReceiveAsync(id, http)).RequireAuthorization()
        .WithMetadata(new RequestSizeLimitAttribute(PlatformHost.SheetBytesMax + EnvelopeBytesMax));

    /// <summary>The report of a sheet the caller sent; null once it is forgotten.</summary>
    public async Task<SheetReport?> ReportAsync(Caller caller, Guid command)
    {
        string? kept = await redis.GetDatabase().StringGetAsync(KeyOf(caller, command));
        return kept is null ? null : JsonSerializer.Deserialize<SheetReport>(kept, NodeApi.Json);
    }

    private async Task<IResult> ReceiveAsync(Guid id, HttpContext http)
    {
        IFormCollection form;
        try
        {
            form = await http.Request.ReadFormAsync(InMemory, http.RequestAborted);
        }
        catch (Exception e) when (e is BadHttpRequestException or InvalidDataException)
        {
            return Results.Redirect($"/screenings/{id}?refused=too-large");
        }
        if (!await antiforgery.IsRequestValidAsync(http)) return Results.BadRequest();
        if (!Guid.TryParse(form["command"], out var command) || !Guid.TryParse(form["branch"], out var branch))
            return Results.BadRequest();
        var back = $"/screenings/{id}/branch?branchId={branch}";
        if (form.Files.Count != 1) return Results.Redirect($"{back}&refused=no-file");
        using var request = new HttpRequestMessage(HttpMethod.Post,
            api.Address($"screenings/{id}/results?branchId={branch}"));
        request.Headers.Add("Idempotency-Key", command.ToString());
        await using var file = form.Files[0].OpenReadStream();
        request.Content = new StreamContent(file);
        request.Content.Headers.ContentType = new("application/octet-stream");
        try
        {
            using var answer = await api.SendAsync(request, http.RequestAborted);
            var report = await answer.Content.ReadFromJsonAsync<SheetReport>(NodeApi.Json, http.RequestAborted);
            await redis.GetDatabase().StringSetAsync(KeyOf(Caller.Of(http.User), command),
                JsonSerializer.Serialize(report, NodeApi.Json), Keep);
            return Results.Redirect($"{back}&report={command}");
        }
        catch (NodeProblemException e)
        {
            return Results.Redirect($"{back}&refused={Uri.EscapeDataString(e.Problem.Code)}");
        }
    }

    private static string KeyOf(Caller caller, Guid command) => $"gateway:v1:sheet:{caller.Subject}:{command}";
}
