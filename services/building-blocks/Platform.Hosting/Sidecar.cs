using Dapr.Client;
using Grpc.Net.Client;
using Microsoft.Extensions.Configuration;

namespace Platform.Hosting;

/// <summary>
/// Where a call to a sibling service goes: straight to its address, or through the Dapr sidecar by app id. The only
/// file that knows Dapr; services never learn which it was. Source: architecture 12.
/// </summary>
public static class Sidecar
{
    /// <summary>gRPC metadata by which the sidecar finds the service.</summary>
    public const string AppIdHeader = "dapr-app-id";

    private const string DefaultEndpoint = "http://127.0.0.1:50001";

    /// <summary>
    /// A channel to <paramref name="service"/> that carries the node's service key. Keep one per service and process:
    /// a channel holds its connections. Disposing it is the owner's business.
    /// </summary>
    /// <exception cref="InvalidOperationException"><c>Services:[service]</c> or <c>Services:Key</c> is not
    /// set.</exception>
    public static GrpcChannel CreateChannel(IConfiguration configuration, string service)
    {
        var route = RouteTo(configuration, service);
        return GrpcChannel.ForAddress(route.Address, new GrpcChannelOptions
        {
            HttpHandler = new HeaderHandler(route.Headers)
            {
                InnerHandler = new SocketsHttpHandler
                {
                    EnableMultipleHttp2Connections = true,
                    ConnectTimeout = TimeSpan.FromSeconds(3),
                    PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
                    KeepAlivePingDelay = TimeSpan.FromSeconds(20),
                    KeepAlivePingTimeout = TimeSpan.FromSeconds(10),
                    KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
                },
            },
            DisposeHttpClient = true,
            MaxReceiveMessageSize = MessageBytesMax,
            MaxSendMessageSize = MessageBytesMax,
        });
    }

    /// <summary>Largest gRPC message between services, bytes: a full batch of messages for other regions.</summary>
    public const int MessageBytesMax = 32 * 1024 * 1024;

    /// <summary>Address and headers of calls to <paramref name="service"/>.</summary>
    public static SidecarRoute RouteTo(IConfiguration configuration, string service)
    {
        var key = configuration["Services:Key"] ?? throw new InvalidOperationException("Services:Key is not set.");
        var headers = new Dictionary<string, string> { [Tokens.ServiceKeyHeader] = key };
        if (IsEnabled(configuration))
        {
            headers[AppIdHeader] = configuration[$"Dapr:AppIds:{service}"] ?? service;
            return new(Endpoint(configuration), headers);
        }
        var address = configuration[$"Services:{service}"]
            ?? throw new InvalidOperationException($"Services:{service} is not set.");
        return new(new(address), headers);
    }

    /// <summary>
    /// Adds the secrets of the sidecar's store <c>Dapr:SecretStore</c> to the configuration; nothing without Dapr or
    /// without a store. A secret <c>Keys__Field</c> (or one <c>Keys</c> with a part <c>Field</c>) becomes
    /// <c>Keys:Field</c>.
    /// </summary>
    public static void AddSecrets(ConfigurationManager configuration)
    {
        if (!IsEnabled(configuration) || configuration["Dapr:SecretStore"] is not { Length: > 0 } store) return;
        var builder = new DaprClientBuilder().UseGrpcEndpoint(Endpoint(configuration).ToString());
        if (configuration["Dapr:HttpEndpoint"] is { } http) builder.UseHttpEndpoint(http); // else DAPR_HTTP_PORT, 3500
        using var client = builder.Build();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        // Configuration is built before anything can run asynchronously; there is no context to block.
        client.WaitForSidecarAsync(limit.Token).GetAwaiter().GetResult();
        var secrets = client.GetBulkSecretAsync(store, cancellationToken: limit.Token).GetAwaiter().GetResult();
        configuration.AddInMemoryCollection(Flat(secrets));
    }

    /// <summary>Configuration keys of the store's secrets, each a name with its parts.</summary>
    public static IEnumerable<KeyValuePair<string, string?>> Flat(
        IReadOnlyDictionary<string, Dictionary<string, string>> secrets) =>
        from secret in secrets
        from part in secret.Value
        let name = part.Key == secret.Key ? secret.Key : $"{secret.Key}:{part.Key}"
        select KeyValuePair.Create(name.Replace("__", ":", StringComparison.Ordinal), (string?)part.Value);

    private static bool IsEnabled(IConfiguration configuration) => configuration.GetValue("Dapr:Enabled", false);

    private static Uri Endpoint(IConfiguration configuration) => new(configuration["Dapr:GrpcEndpoint"]
        ?? configuration["DAPR_GRPC_ENDPOINT"]
        ?? (configuration["DAPR_GRPC_PORT"] is { } port ? $"http://127.0.0.1:{port}" : DefaultEndpoint));

    private sealed class HeaderHandler(IReadOnlyDictionary<string, string> headers) : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request, CancellationToken cancellationToken)
        {
            foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
            return base.SendAsync(request, cancellationToken);
        }
    }
}

/// <summary>Where calls to one service go and what they carry besides the call itself.</summary>
/// <param name="Address">The service's own address, or the sidecar's.</param>
/// <param name="Headers">Metadata of each call, lower case names.</param>
public sealed record SidecarRoute(Uri Address, IReadOnlyDictionary<string, string> Headers);
