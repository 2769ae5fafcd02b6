using System.Globalization;
using System.Text.Json;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Platform.Kernel;

namespace Platform.Hosting;

/// <summary>One table from problems to statuses, for gRPC (google.rpc.Status) and HTTP (RFC 9457).</summary>
public static class ProblemMap
{
    /// <summary>Answer to a lost race; the same command id may be sent again.</summary>
    public static Problem ConcurrentUpdate { get; } = new(ProblemKind.Conflict, "CONCURRENT_UPDATE",
        "Another change to the same record came first; send the same request again.", "同一记录刚被他人修改，请原样重试。");

    /// <summary>The problem an exception stands for; null when it is a bug.</summary>
    public static Problem? Of(Exception exception) => exception switch
    {
        ProblemException e => e.Problem,
        DbUpdateConcurrencyException => ConcurrentUpdate,
        DbUpdateException { InnerException: PostgresException { SqlState: PostgresErrorCodes.UniqueViolation } } =>
            ConcurrentUpdate,
        PostgresException { SqlState: PostgresErrorCodes.UniqueViolation } => ConcurrentUpdate,
        DbUpdateException
        {
            InnerException: PostgresException { SqlState: PostgresErrorCodes.InsufficientPrivilege }
        } => OutOfScope,
        PostgresException { SqlState: PostgresErrorCodes.InsufficientPrivilege } => OutOfScope,
        NpgsqlException { IsTransient: true } or TimeoutException => Unavailable,
        Grpc.Core.RpcException
        {
            StatusCode: Grpc.Core.StatusCode.Unavailable or Grpc.Core.StatusCode.DeadlineExceeded
        } => Unavailable,
        DbUpdateException { InnerException: NpgsqlException { IsTransient: true } } => Unavailable,
        InvalidOperationException { InnerException: NpgsqlException { IsTransient: true } } => Unavailable,
        BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } => BodyTooLarge,
        BadHttpRequestException { InnerException: JsonException json } => MalformedAt(json.Path),
        JsonException json => MalformedAt(json.Path),
        BadHttpRequestException => Malformed,
        _ => null,
    };

    /// <summary>The rows asked for belong to another organisation; said by the service or by the database.</summary>
    public static Problem OutOfScope { get; } = new(ProblemKind.Forbidden, "OUT_OF_SCOPE",
        "This organisation is outside the part of the tree you act for.", "该组织不在您的管理范围内。");

    /// <summary>The caller's roles do not include one that may do this.</summary>
    public static Problem RoleNotAllowed { get; } = new(ProblemKind.Forbidden, "ROLE_NOT_ALLOWED",
        "None of your roles may do this.", "您的角色无权执行此操作。");

    /// <summary>The token's second factor is missing or older than <see cref="Caller.SecondFactorMax"/>.</summary>
    public static Problem SecondFactorNeeded { get; } = new(ProblemKind.Forbidden, "SECOND_FACTOR_NEEDED",
        "This needs a second factor shown within the last 10 minutes; sign in again with it.",
        "此操作需要在10分钟内完成第二因素验证，请重新验证。");

    /// <summary>Several fields at once.</summary>
    public static Problem InputInvalid(IReadOnlyList<Violation> violations) => new(ProblemKind.Invalid, "INPUT_INVALID",
        "Some fields are missing or not as required; see errors.", "部分字段缺失或不符合要求，详见 errors。")
    { Violations = violations };

    /// <summary>A page of no rows, or of more than the list gives.</summary>
    public static Problem PageSizeOutOfRange(int max) => new(ProblemKind.Invalid, "PAGE_SIZE_OUT_OF_RANGE",
        $"size is between 1 and {max}.", $"size 应在 1 至 {max} 之间。");

    private static Problem Unavailable { get; } = new(ProblemKind.Unavailable, "TEMPORARILY_UNAVAILABLE",
        "Something this service needs does not answer; nothing was changed. Try again shortly.",
        "所依赖的服务暂时没有响应，未作任何更改，请稍后重试。");

    /// <summary>More bytes than the endpoint takes.</summary>
    public static Problem BodyTooLarge { get; } = new(ProblemKind.TooLarge, "BODY_TOO_LARGE",
        "The request body is larger than this endpoint accepts.", "请求内容超过允许的大小。");

    private static Problem Malformed { get; } = new(ProblemKind.Invalid, "MALFORMED_REQUEST",
        "The request cannot be read: check the JSON, the types of its fields and the parameters.",
        "无法读取请求，请检查 JSON 格式、字段类型与参数。");

    // The path names the field ("$.member.idNumber"); the value is not repeated.
    private static Problem MalformedAt(string? path) => path is null or "$" ? Malformed : Malformed with
    {
        Violations = [new(path.TrimStart('$', '.'), "WRONG_TYPE_OR_UNKNOWN",
            "This field is unknown here, missing or of another type; see the OpenAPI document.",
            "该字段不存在、缺失或类型不符，请对照接口文档。")],
    };

    /// <summary>HTTP status of a kind.</summary>
    public static int HttpStatus(ProblemKind kind) => kind switch
    {
        ProblemKind.Invalid => StatusCodes.Status400BadRequest,
        ProblemKind.Forbidden => StatusCodes.Status403Forbidden,
        ProblemKind.NotFound => StatusCodes.Status404NotFound,
        ProblemKind.Precondition or ProblemKind.Conflict => StatusCodes.Status409Conflict,
        ProblemKind.TooLarge => StatusCodes.Status413PayloadTooLarge,
        ProblemKind.Unavailable => StatusCodes.Status503ServiceUnavailable,
    };

    /// <summary>gRPC code of a kind.</summary>
    public static Code GrpcCode(ProblemKind kind) => kind switch
    {
        ProblemKind.Invalid => Code.InvalidArgument,
        ProblemKind.Forbidden => Code.PermissionDenied,
        ProblemKind.NotFound => Code.NotFound,
        ProblemKind.Precondition => Code.FailedPrecondition,
        ProblemKind.Conflict => Code.Aborted,
        ProblemKind.TooLarge => Code.ResourceExhausted,
        ProblemKind.Unavailable => Code.Unavailable,
    };

    /// <summary>Rich gRPC status: ErrorInfo with the code, BadRequest with the fields.</summary>
    public static Google.Rpc.Status ToStatus(Problem problem)
    {
        var status = new Google.Rpc.Status
        {
            Code = (int)GrpcCode(problem.Kind),
            Message = problem.Detail,
            Details = { Any.Pack(new ErrorInfo { Reason = problem.Code, Domain = "platform" }) },
        };
        if (problem.Violations.Count > 0)
        {
            var fields = problem.Violations.Select(v => new BadRequest.Types.FieldViolation
            {
                Field = v.Field,
                Description = v.Detail,
            });
            status.Details.Add(Any.Pack(new BadRequest { FieldViolations = { fields } }));
        }
        return status;
    }

    /// <summary>RFC 9457 details in the caller's language (Chinese unless English is asked for).</summary>
    public static ProblemDetails ToDetails(Problem problem, HttpContext http)
    {
        var english = PrefersEnglish(http.Request);
        var slug = problem.Code.ToLower(CultureInfo.InvariantCulture).Replace('_', '-');
        var details = new ProblemDetails
        {
            Type = $"urn:platform:problem:{slug}",
            Title = problem.Code,
            Status = HttpStatus(problem.Kind),
            Detail = english ? problem.Detail : problem.DetailZh ?? problem.Detail,
            Instance = http.Request.Path,
            Extensions = { ["code"] = problem.Code, ["traceId"] = TraceId(http) },
        };
        if (problem.Violations.Count > 0)
        {
            details.Extensions["errors"] = problem.Violations
                .Select(v => new { field = v.Field, code = v.Code, detail = english ? v.Detail : v.DetailZh })
                    .ToArray();
        }
        return details;
    }

    /// <summary>Trace id to quote to the operators; the same as in logs and audit rows.</summary>
    public static string TraceId(HttpContext http) =>
        System.Diagnostics.Activity.Current?.TraceId.ToHexString() ?? http.TraceIdentifier;

    private static bool PrefersEnglish(Microsoft.AspNetCore.Http.HttpRequest request)
    {
        var language = request.Headers.AcceptLanguage.ToString();
        return language.StartsWith("en", StringComparison.OrdinalIgnoreCase);
    }
}
