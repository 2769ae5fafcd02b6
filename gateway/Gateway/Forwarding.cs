using System.Net;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using Platform.Hosting;
using Platform.Kernel;
using Yarp.ReverseProxy.Forwarder;

namespace Gateway;

/// <summary>
/// Sends <c>/api/v1</c> and the sign-in pages to the service that answers them and says in plain
/// words when it does not.
/// </summary>
internal static partial class Forwarding
{
    private static readonly Problem Unreachable = new(ProblemKind.Unavailable, "SERVICE_UNREACHABLE",
        "The service behind this address does not answer now; try again shortly.", "后端服务暂时无法访问，请稍后重试。");

    private static readonly Problem TimedOut = new(ProblemKind.Unavailable, "SERVICE_TIMED_OUT",
        "The service took too long. Sending the same request with the same command id again is safe.",
        "后端服务响应超时，可用相同的命令编号原样重试。");

    private static readonly Problem BodyBroken = new(ProblemKind.Invalid, "BODY_INCOMPLETE",
        "The request body broke off or came too slowly.", "请求内容不完整或传输过慢。");

    public static void MapServices(this WebApplication app)
    {
        var options = app.Services.GetRequiredService<IOptions<GatewayOptions>>().Value;
        var upload = new RequestSizeLimitAttribute(options.UploadBytesMax);
        app.Map("/api/v1/exchange/{**rest}", ToService(app, "exchange", options));
        app.Map("/identity/{**rest}", ToService(app, "identity", options));
        app.Map("/api/v1/accounts/{**rest}", ToService(app, "identity", options));
        app.Map("/api/v1/grants/{**rest}", ToService(app, "identity", options));
        var sheet = new RequestSizeLimitAttribute(PlatformHost.SheetBytesMax);
        app.Map("/api/v1/rosters/{**rest}", ToService(app, "registry", options)).WithMetadata(upload);
        app.Map("/api/v1/screenings/{id:guid}/results", ToService(app, "registry", options)).WithMetadata(sheet);
        app.Map("/api/v1/{**rest}", ToService(app, "registry", options));
    }

    private static RequestDelegate ToService(WebApplication app, string service, GatewayOptions options)
    {
        var backends = app.Services.GetRequiredService<Backends>();
        var forwarder = app.Services.GetRequiredService<IHttpForwarder>();
        var (address, client) = (backends.AddressOf(service), backends.Client);
        var logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Gateway.Forwarding");
        var config = new ForwarderRequestConfig
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            ActivityTimeout = TimeSpan.FromSeconds(options.SilenceSecondsMax),
        };
        return async http =>
        {
            if (http.Request.ContentLength > http.Features.Get<IHttpMaxRequestBodySizeFeature>()?.MaxRequestBodySize)
            {
                await ProblemHandler.WriteAsync(http, ProblemMap.BodyTooLarge, StatusCodes.Status413PayloadTooLarge);
                return;
            }
            var error = await forwarder.SendAsync(http, address, client, config, InternalHeaders.Transformer);
            if (error == ForwarderError.None || http.RequestAborted.IsCancellationRequested) return;
            if (!http.Response.HasStarted && IsServiceFault(http))
                http.Response.StatusCode = StatusCodes.Status502BadGateway;
            if (http.Response.StatusCode >= StatusCodes.Status500InternalServerError || http.Response.HasStarted)
                LogFailed(logger, service, error, ProblemMap.TraceId(http));
            if (!http.Response.HasStarted) await WriteErrorAsync(http);
        };
    }

    [LoggerMessage(1100, LogLevel.Warning, "A request to {ServiceCode} failed: {Error}, trace {TraceCode}")]
    private static partial void LogFailed(ILogger logger, string serviceCode, ForwarderError error, string traceCode);

    // The forwarder says 400 as well when a service dies while its body is still being read: reading was given up for
    // that reason, and the client did nothing wrong. Too slow a body is 408.
    private static bool IsServiceFault(HttpContext http) => http.Response.StatusCode == StatusCodes.Status400BadRequest
        && http.Features.Get<IForwarderErrorFeature>()?.Exception is { InnerException: OperationCanceledException };

    private static Task WriteErrorAsync(HttpContext http)
    {
        var status = http.Response.StatusCode;
        var exception = http.Features.Get<IForwarderErrorFeature>()?.Exception;
        if (exception is BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge }
            or { InnerException: BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } })
        {
            status = StatusCodes.Status413PayloadTooLarge;
        }
        var problem = status switch
        {
            StatusCodes.Status413PayloadTooLarge => ProblemMap.BodyTooLarge,
            < StatusCodes.Status500InternalServerError => BodyBroken,
            StatusCodes.Status504GatewayTimeout => TimedOut,
            _ => Unreachable,
        };
        if (problem.Kind == ProblemKind.Unavailable) http.Response.Headers.RetryAfter = "1";
        return ProblemHandler.WriteAsync(http, problem, status);
    }

    /// <summary>Headers that only siblings in the node, or their sidecars, may send.</summary>
    private sealed class InternalHeaders : HttpTransformer
    {
        public static readonly InternalHeaders Transformer = new();

        public override async ValueTask TransformRequestAsync(HttpContext httpContext, HttpRequestMessage proxyRequest,
            string destinationPrefix, CancellationToken cancellationToken)
        {
            await base.TransformRequestAsync(httpContext, proxyRequest, destinationPrefix, cancellationToken);
            proxyRequest.Headers.Remove(Tokens.ServiceKeyHeader);
            proxyRequest.Headers.Remove(Sidecar.AppIdHeader);
            proxyRequest.Headers.Host = null; // the service's own name; clients choose theirs
        }
    }
}
