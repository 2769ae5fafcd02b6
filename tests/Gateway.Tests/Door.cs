using Microsoft.AspNetCore.Builder;

namespace Gateway.Tests;

/// <summary>A gateway on a free port in front of recorded services.</summary>
internal sealed class Door : IAsyncDisposable
{
    private readonly WebApplication _app;

    private Door(WebApplication app, Backend registry, Backend exchange, Backend identity)
    {
        (_app, Registry, Exchange, Identity) = (app, registry, exchange, identity);
        Client = new() { BaseAddress = new(app.Urls.Single()) };
    }

    public Backend Registry { get; }

    public Backend Exchange { get; }

    public Backend Identity { get; }

    public HttpClient Client { get; }

    public static async Task<Door> OpenAsync(params string[] settings)
    {
        var (registry, exchange, identity) =
            (await Backend.StartAsync(), await Backend.StartAsync(), await Backend.StartAsync());
        var app = GatewayHost.Build(["--Urls=http://127.0.0.1:0", $"--Services:registry={registry.Address}",
            $"--Services:exchange={exchange.Address}", $"--Services:identity={identity.Address}", .. settings]);
        await app.StartAsync();
        return new(app, registry, exchange, identity);
    }

    public async Task<HttpResponseMessage> GetAsync(string path, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        return await Client.SendAsync(request);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
        await Registry.DisposeAsync();
        await Exchange.DisposeAsync();
        await Identity.DisposeAsync();
    }
}
