using System.Globalization;
using System.IO.Hashing;
using System.Net;
using System.Runtime.InteropServices;
using System.Threading.RateLimiting;
using Gateway.Console;
using Microsoft.AspNetCore.RateLimiting;
using Platform.Hosting;
using Platform.Kernel;

namespace Gateway;

/// <summary>
/// Fixed windows per client address and per token or session, counted in each replica's memory. Neither is checked
/// here: a forged one gets a window of its own, which is why the address is counted first.
/// </summary>
internal static class RateLimits
{
    private static readonly Problem Limited = new(ProblemKind.TooLarge, "RATE_LIMITED",
        "Too many requests in a short time; wait as long as Retry-After says.", "请求过于频繁，请按 Retry-After 提示稍后再试。");

    public static void AddRateLimits(this IServiceCollection services, GatewayOptions options) =>
        services.AddRateLimiter(limiter =>
        {
            limiter.GlobalLimiter = PartitionedRateLimiter.CreateChained(
                Windows(options.AddressRequestsMax, options, http => AddressOf(http.Connection.RemoteIpAddress)),
                Windows(options.TokenRequestsMax, options, TokenOf));
            limiter.OnRejected = (context, _) => RejectAsync(context);
        });

    private static PartitionedRateLimiter<HttpContext> Windows(
        int permits, GatewayOptions options, Func<HttpContext, UInt128?> keyOf) =>
        PartitionedRateLimiter.Create<HttpContext, UInt128>(http =>
        {
            // Styles come ready from memory; who asks after the health of a replica must always be answered.
            var path = http.Request.Path;
            var free = path.StartsWithSegments("/assets") || path == "/live" || path == "/ready";
            var key = permits == 0 || free ? null : keyOf(http);
            return key is null ? RateLimitPartition.GetNoLimiter(UInt128.Zero)
                : RateLimitPartition.GetFixedWindowLimiter(key.Value, _ => new()
                {
                    PermitLimit = permits,
                    Window = TimeSpan.FromSeconds(options.WindowSeconds),
                });
        });

    // An IPv6 client usually owns a whole /64, so that is what counts.
    private static UInt128? AddressOf(IPAddress? address)
    {
        if (address is null) return null;
        Span<byte> bytes = stackalloc byte[16];
        address.MapToIPv6().TryWriteBytes(bytes, out _);
        return XxHash128.HashToUInt128(address.IsIPv4MappedToIPv6 || address.GetAddressBytes().Length == 4
            ? bytes : bytes[..8]);
    }

    private static UInt128? TokenOf(HttpContext http)
    {
        var token = http.Request.Headers.Authorization.ToString();
        if (token.Length == 0) token = ConsoleHost.SessionOf(http.Request) ?? "";
        return token.Length == 0 ? null : XxHash128.HashToUInt128(MemoryMarshal.AsBytes(token.AsSpan()));
    }

    private static async ValueTask RejectAsync(OnRejectedContext context)
    {
        var wait = context.Lease.TryGetMetadata(MetadataName.RetryAfter, out var after) ? after
            : TimeSpan.FromSeconds(1);
        context.HttpContext.Response.Headers.RetryAfter =
            Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        await ProblemHandler.WriteAsync(context.HttpContext, Limited, StatusCodes.Status429TooManyRequests);
    }
}
