using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Platform.Kernel;

namespace Platform.Hosting;

/// <summary>
/// Answers every HTTP failure as RFC 9457: problems with their own status, bugs as 500 with a trace id only.
/// </summary>
public sealed partial class ProblemHandler(ILogger<ProblemHandler> logger) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(
        HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (exception is OperationCanceledException && httpContext.RequestAborted.IsCancellationRequested) return true;
        var problem = ProblemMap.Of(exception);
        if (problem is null)
        {
            LogBug(logger, exception.GetType().Name, exception.StackTrace ?? "", ProblemMap.TraceId(httpContext));
            problem = new(ProblemKind.Unavailable, "INTERNAL_ERROR",
                "The service failed on this request; nothing was changed. Quote the trace id to the operators.",
                "系统处理该请求时出错，未作任何更改。请把追踪号告知运维人员。");
            await WriteAsync(httpContext, problem, StatusCodes.Status500InternalServerError);
            return true;
        }
        if (problem.Kind is ProblemKind.Conflict or ProblemKind.Unavailable)
            httpContext.Response.Headers.RetryAfter = "1";
        await WriteAsync(httpContext, problem, ProblemMap.HttpStatus(problem.Kind));
        return true;
    }

    /// <summary>Writes one problem as the response.</summary>
    public static Task WriteAsync(HttpContext http, Problem problem, int status)
    {
        var details = ProblemMap.ToDetails(problem, http);
        details.Status = status;
        http.Response.StatusCode = status;
        return http.Response.WriteAsJsonAsync(details, options: null, contentType: "application/problem+json");
    }

    // The message of an unknown exception may quote data, so only its type and stack are logged.
    [LoggerMessage(1000, LogLevel.Error, "Unhandled {ExceptionCode} trace {TraceCode} at {StackCode}")]
    private static partial void LogBug(ILogger logger, string exceptionCode, string stackCode, string traceCode);
}
