using System.Diagnostics;
using System.Net;
using Yarp.ReverseProxy.Forwarder;

namespace Gateway;

/// <summary>The services behind the gateway and the one HTTP/2 client that reaches them.</summary>
public sealed class Backends : IDisposable
{
    /// <summary>Services with a JSON API, by the name under <c>Services</c> in the configuration.</summary>
    public static readonly IReadOnlyList<string> Names = ["exchange", "identity", "registry"];

    private readonly Dictionary<string, string> _addresses;

    /// <exception cref="InvalidOperationException">An address is missing or not an absolute http address.</exception>
    public Backends(IConfiguration configuration) => _addresses = Names.ToDictionary(n => n, n =>
        Uri.TryCreate(configuration[$"Services:{n}"], UriKind.Absolute, out var address) && address.Scheme == "http"
            ? address.GetLeftPart(UriPartial.Authority)
            : throw new InvalidOperationException($"Services:{n} must be an address such as http://127.0.0.1:5001."));

    /// <summary>Client for forwarding: no redirects, cookies, proxies or decompression of its own.</summary>
    public HttpMessageInvoker Client { get; } = new(new SocketsHttpHandler
    {
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
        EnableMultipleHttp2Connections = true,
        ConnectTimeout = TimeSpan.FromSeconds(3),
        PooledConnectionIdleTimeout = TimeSpan.FromMinutes(5),
        PooledConnectionLifetime = TimeSpan.FromMinutes(5), // so that new replicas behind one name get their share
        KeepAlivePingDelay = TimeSpan.FromSeconds(20),
        KeepAlivePingTimeout = TimeSpan.FromSeconds(10),
        KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
        ActivityHeadersPropagator = new ReverseProxyPropagator(DistributedContextPropagator.Current),
    });

    /// <summary>Address of a service without a trailing slash.</summary>
    public string AddressOf(string service) => _addresses[service];

    /// <summary>GET of a service's own pages (readiness, OpenAPI).</summary>
    public Task<HttpResponseMessage> GetAsync(string service, string path, CancellationToken ct) => Client.SendAsync(
        new(HttpMethod.Get, AddressOf(service) + path)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        }, ct);

    public void Dispose() => Client.Dispose();
}
