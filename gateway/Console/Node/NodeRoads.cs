namespace Gateway.Console.Node;

/// <summary>How the console reaches the services of its node: HTTP/2 inside, never by the front door.</summary>
/// <param name="Client">Sends; owned by the gateway.</param>
/// <param name="AddressOf">Address of a service by its name, without a trailing slash.</param>
public sealed record NodeRoads(HttpMessageInvoker Client, Func<string, string> AddressOf);

/// <summary>Sends what the provider's documents address by its public name along the road inside.</summary>
internal sealed class InnerRoad(NodeRoads roads, Uri publicUrl) : HttpMessageHandler
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken ct)
    {
        if (request.RequestUri is { } to && publicUrl.IsBaseOf(to))
        {
            request.RequestUri = new(roads.AddressOf("identity") + to.PathAndQuery);
            request.Version = System.Net.HttpVersion.Version20;
            request.VersionPolicy = HttpVersionPolicy.RequestVersionExact;
        }
        return roads.Client.SendAsync(request, ct);
    }
}
