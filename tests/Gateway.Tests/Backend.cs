using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace Gateway.Tests;

/// <summary>A service behind the gateway, as far as the gateway can tell: cleartext HTTP/2 that remembers what
/// came.</summary>
internal sealed class Backend : IAsyncDisposable
{
    private readonly WebApplication _app;

    private Backend(WebApplication app) => _app = app;

    public string Address => _app.Urls.Single();

    public ConcurrentQueue<Seen> Requests { get; } = [];

    /// <summary>Status of /ready.</summary>
    public int ReadyStatus { get; set; } = 200;

    /// <summary>Body of /openapi/v1.json.</summary>
    public string Document { get; set; } = """{"openapi":"3.1.1","paths":{}}""";

    public static async Task<Backend> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0").ConfigureKestrel(k =>
        {
            k.ConfigureEndpointDefaults(e => e.Protocols = HttpProtocols.Http2);
            k.Limits.MaxRequestBodySize = null;
        });
        var backend = new Backend(builder.Build());
        backend._app.Run(backend.AnswerAsync);
        await backend._app.StartAsync();
        return backend;
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext http)
    {
        if (http.Request.Path == "/api/v1/dies")
        {
            http.Features.GetRequiredFeature<IConnectionLifetimeFeature>().Abort();
            return;
        }
        var bytes = 0L;
        var buffer = new byte[64 * 1024];
        for (int n; (n = await http.Request.Body.ReadAsync(buffer)) > 0;) bytes += n;
        Requests.Enqueue(new(http.Request.Method, http.Request.Path, http.Request.QueryString.Value ?? "",
            http.Request.Protocol, http.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(),
                StringComparer.OrdinalIgnoreCase), bytes));
        switch (http.Request.Path.Value)
        {
            case "/ready":
                http.Response.StatusCode = ReadyStatus;
                break;
            case "/openapi/v1.json":
                await http.Response.WriteAsync(Document);
                break;
            case "/api/v1/silent":
                await Task.Delay(Timeout.Infinite, http.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
                break;
            case "/api/v1/away":
                http.Response.StatusCode = 503;
                http.Response.ContentType = "application/problem+json";
                await http.Response.WriteAsync("""{"code":"TEMPORARILY_UNAVAILABLE"}""");
                break;
            default:
                http.Response.Headers["x-answered-by"] = Address;
                await http.Response.WriteAsync("ok");
                break;
        }
    }
}

internal sealed record Seen(
    string Method, string Path, string Query, string Protocol, Dictionary<string, string> Headers, long BodyBytes);
