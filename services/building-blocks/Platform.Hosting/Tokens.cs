using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Tokens;
using Platform.Kernel;

namespace Platform.Hosting;

/// <summary>
/// Who calls: people by the node's signed tokens (JWT, ES256), sibling services by the node's service key.
/// </summary>
public static class Tokens
{
    /// <summary>Policy of gRPC services that only siblings in the node may call.</summary>
    public const string ServicePolicy = "service";

    /// <summary>Header (gRPC metadata) with the node's <c>Services:Key</c>.</summary>
    public const string ServiceKeyHeader = "x-service-key";

    /// <summary>Audience of every token of the platform.</summary>
    public const string Audience = "platform";

    // Long enough to spare a busy clerk's requests the check, short enough that a changed key is noticed.
    private static readonly TimeSpan Believed = TimeSpan.FromMinutes(1);

    /// <summary>Issuer of a node's tokens.</summary>
    public static string Issuer(string nodePath) => $"urn:platform:node:{nodePath}";

    internal static void AddTokens(this IServiceCollection services, IConfiguration configuration)
    {
        var key = ECDsa.Create();
        key.ImportFromPem(configuration["Token:PublicKey"]
            ?? throw new InvalidOperationException("Token:PublicKey (PEM) is not set."));
        services.AddAuthentication(JwtBearerDefaults.AuthenticationScheme)
            .AddJwtBearer()
            .AddScheme<AuthenticationSchemeOptions, ServiceKeyHandler>(ServicePolicy, null);
        services.AddOptions<JwtBearerOptions>(JwtBearerDefaults.AuthenticationScheme)
            .Configure<TimeProvider>((options, clock) =>
            {
                options.TokenHandlers.Clear();
                options.TokenHandlers.Add(new TokenCache(
                    new MemoryCache(new MemoryCacheOptions { SizeLimit = TokenCache.CountMax }), Believed, clock));
                options.MapInboundClaims = false;
                options.TokenValidationParameters = new()
                {
                    // Another provider than the node's own identity is a matter of two settings.
                    ValidIssuer = configuration["Token:Issuer"] ?? Issuer(configuration["Node:Path"] ?? ""),
                    ValidAudience = Audience,
                    IssuerSigningKey = new ECDsaSecurityKey(key),
                    ValidAlgorithms = [SecurityAlgorithms.EcdsaSha256],
                    ClockSkew = TimeSpan.FromSeconds(30),
                    NameClaimType = "name",
                    RoleClaimType = "roles",
                };
            });
        services.AddAuthorizationBuilder()
            .SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build())
            .AddPolicy(ServicePolicy, p => p.AddAuthenticationSchemes(ServicePolicy).RequireAuthenticatedUser());
    }

    internal static void UseCaller(this IApplicationBuilder app) => app.Use((http, next) =>
    {
        if (http.User.Identity is { IsAuthenticated: true } identity)
        {
            http.RequestServices.GetRequiredService<CallerContext>().Current =
                identity.AuthenticationType == ServicePolicy ? Caller.Service : Caller.Of(http.User);
        }
        return next(http);
    });

    /// <summary>Gives an empty 401, 403, 404, 405 or 415 a body that says what to do.</summary>
    public static Task WriteBareStatusAsync(StatusCodeContext context)
    {
        var http = context.HttpContext;
        if (http.Request.ContentType?.StartsWith("application/grpc", StringComparison.Ordinal) == true)
            return Task.CompletedTask;
        var status = http.Response.StatusCode;
        return ProblemHandler.WriteAsync(http, Bare(status), status);
    }

    private static Problem Bare(int status) => status switch
    {
        401 => new(ProblemKind.Forbidden, "NOT_SIGNED_IN",
            "Send a valid token of this node: Authorization: Bearer <token>.", "请使用本节点签发的有效令牌登录。"),
        403 => ProblemMap.RoleNotAllowed,
        404 => new(ProblemKind.NotFound, "NO_SUCH_ADDRESS", "There is nothing at this address.", "该地址不存在。"),
        405 => new(ProblemKind.Invalid, "METHOD_NOT_ALLOWED",
            "This address does not know this method.", "该地址不支持此请求方法。"),
        413 => ProblemMap.BodyTooLarge,
        415 => new(ProblemKind.Invalid, "MEDIA_TYPE_NOT_ALLOWED",
            "Send application/json (or the type the endpoint names).", "请按接口要求的内容类型发送。"),
        _ => new(ProblemKind.Invalid, "REQUEST_NOT_POSSIBLE",
            "The request cannot be served as it stands.", "无法处理该请求。"),
    };

    private sealed class ServiceKeyHandler(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger,
        UrlEncoder encoder, IConfiguration configuration)
        : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
    {
        protected override Task<AuthenticateResult> HandleAuthenticateAsync()
        {
            var expected = Encoding.UTF8.GetBytes(configuration["Services:Key"] ?? "");
            var given = Encoding.UTF8.GetBytes(Request.Headers[ServiceKeyHeader].ToString());
            if (given.Length == 0) return Task.FromResult(AuthenticateResult.NoResult());
            if (expected.Length < 16 || !CryptographicOperations.FixedTimeEquals(expected, given))
                return Task.FromResult(AuthenticateResult.Fail("Wrong service key."));
            var principal = new ClaimsPrincipal(new ClaimsIdentity([], ServicePolicy));
            return Task.FromResult(AuthenticateResult.Success(new(principal, ServicePolicy)));
        }
    }
}
