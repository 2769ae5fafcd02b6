using Gateway.Console.Parts;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;
using MediaTypeHeaderValue = Microsoft.Net.Http.Headers.MediaTypeHeaderValue;

namespace Gateway.Console.Node;

/// <summary>
/// Roster files on their way to the registry and back. A file is passed on as it comes and is never held whole.
/// </summary>
internal static class RosterTraffic
{
    /// <summary>What the form around a file may weigh, bytes.</summary>
    private const int EnvelopeBytesMax = 64 * 1024;

    private const int FieldCharsMax = 4096;
    private const int NameCharsMax = 200;

    public static void Map(IEndpointRouteBuilder app, int fileBytesMax)
    {
        app.MapPost("/imports/upload", ReceiveAsync).RequireAuthorization()
            .WithMetadata(new RequestSizeLimitAttribute(fileBytesMax + EnvelopeBytesMax));
        app.MapGet("/imports/template", (NodeApi api, HttpContext http) =>
            Download.SendAsync(http, api, new(HttpMethod.Get, api.Address("rosters/template")), "/imports"))
            .RequireAuthorization();
        app.MapGet("/imports/{id:guid}/errors", (Guid id, NodeApi api, HttpContext http) =>
            Download.SendAsync(http, api, new(HttpMethod.Get, api.Address($"rosters/{id}/errors")), $"/imports/{id}"))
            .RequireAuthorization();
        app.MapGet("/imports/{id:guid}/progress", ProgressAsync).RequireAuthorization();
    }

    private static async Task<IResult> ProgressAsync(Guid id, NodeApi api, HttpContext http)
    {
        try
        {
            var load = await api.GetAsync<RosterProgress>($"rosters/{id}", http.RequestAborted);
            return new RazorComponentResult<ImportProgress>(new { Load = load });
        }
        catch (NodeProblemException e)
        {
            return Results.StatusCode(e.Problem.Status);
        }
    }

    /// <summary>The fields stand before the file in the form: the guard is checked before a byte of it moves.</summary>
    private static async Task<IResult> ReceiveAsync(HttpContext http, NodeApi api, IAntiforgery antiforgery)
    {
        if (BoundaryOf(http.Request) is not { } boundary) return Results.BadRequest();
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        var reader = new MultipartReader(boundary, http.Request.Body) { BodyLengthLimit = null };
        try
        {
            while (await reader.ReadNextSectionAsync(http.RequestAborted) is { } section)
            {
                var about = section.GetContentDispositionHeader();
                if (about is null || fields.Count > 8) return Results.BadRequest();
                if (about.IsFileDisposition())
                {
                    http.Request.Headers["RequestVerificationToken"] =
                        fields.GetValueOrDefault("__RequestVerificationToken", "");
                    if (!await antiforgery.IsRequestValidAsync(http)) return Results.BadRequest();
                    return await PassOnAsync(section.Body, NameOf(about), fields, http, api);
                }
                fields[HeaderUtilities.RemoveQuotes(about.Name).ToString()] = await FieldAsync(section, http);
            }
        }
        catch (BadHttpRequestException e)
        {
            return Back(e.StatusCode == StatusCodes.Status413PayloadTooLarge ? "too-large" : "broken");
        }
        catch (IOException)
        {
            return Back("broken");
        }
        return Back("no-file");
    }

    private static async Task<IResult> PassOnAsync(Stream file, string name, Dictionary<string, string> fields,
        HttpContext http, NodeApi api)
    {
        if (name.Length == 0) return Back("no-file");
        if (!Guid.TryParse(fields.GetValueOrDefault("command"), out var command)) return Results.BadRequest();
        var region = Uri.EscapeDataString(fields.GetValueOrDefault("region", ""));
        using var request = new HttpRequestMessage(HttpMethod.Post, api.Address(
            $"rosters?region={region}&dryRun=true&fileName={Uri.EscapeDataString(name)}"));
        request.Headers.Add("Idempotency-Key", command.ToString());
        request.Headers.Add("Prefer", "respond-async");
        request.Content = new StreamContent(file);
        request.Content.Headers.ContentType = new("application/octet-stream");
        try
        {
            using var answer = await api.SendAsync(request, http.RequestAborted);
            return Results.Redirect($"/imports/{command}");
        }
        catch (NodeProblemException e)
        {
            return Back(e.Problem.Status switch
            {
                StatusCodes.Status403Forbidden or StatusCodes.Status404NotFound => "denied",
                StatusCodes.Status413PayloadTooLarge => "too-large",
                StatusCodes.Status400BadRequest => "region",
                _ => "broken",
            });
        }
    }

    private static string? BoundaryOf(HttpRequest request) =>
        MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
        && type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase)
        && HeaderUtilities.RemoveQuotes(type.Boundary) is { Length: > 0 and <= 100 } boundary
            ? boundary.ToString() : null;

    private static async Task<string> FieldAsync(MultipartSection section, HttpContext http)
    {
        using var text = new StreamReader(section.Body);
        var buffer = new char[FieldCharsMax];
        return new(buffer, 0, await text.ReadBlockAsync(buffer, http.RequestAborted));
    }

    private static string NameOf(Microsoft.Net.Http.Headers.ContentDispositionHeaderValue about)
    {
        var given = about.FileNameStar.HasValue ? about.FileNameStar : HeaderUtilities.RemoveQuotes(about.FileName);
        var name = Path.GetFileName(string.Concat(given.ToString().Where(c => !char.IsControl(c))).Replace('\\', '/'));
        return name.Length <= NameCharsMax ? name : name[^NameCharsMax..];
    }

    private static IResult Back(string reason) => Results.Redirect($"/imports?refused={reason}");
}
