using Grpc.Core;
using Microsoft.Extensions.Configuration;
using Platform.Hosting;

namespace Gateway.Tests;

public sealed class SidecarTests
{
    [Fact]
    public void Without_a_sidecar_a_call_goes_to_the_services_own_address()
    {
        var route = Sidecar.RouteTo(Settings(("Services:exchange", "http://127.0.0.1:5001")), "exchange");
        Assert.Equal(new Uri("http://127.0.0.1:5001"), route.Address);
        Assert.Equal([new("x-service-key", "0123456789abcdef")], route.Headers);
    }

    [Theory]
    [InlineData("Dapr:GrpcEndpoint", "http://127.0.0.1:7001", "http://127.0.0.1:7001")]
    [InlineData("DAPR_GRPC_PORT", "7002", "http://127.0.0.1:7002")]
    [InlineData("DAPR_GRPC_ENDPOINT", "http://sidecar:7003", "http://sidecar:7003")]
    [InlineData("Unrelated", "", "http://127.0.0.1:50001")]
    public void With_a_sidecar_a_call_goes_there_with_the_app_id(string key, string value, string address)
    {
        var route = Sidecar.RouteTo(Settings(("Dapr:Enabled", "true"), (key, value)), "exchange");
        Assert.Equal(new Uri(address), route.Address);
        Assert.Equal("exchange", route.Headers["dapr-app-id"]);
        Assert.Equal("0123456789abcdef", route.Headers["x-service-key"]);
    }

    [Fact]
    public void An_app_may_have_another_name_than_its_service() => Assert.Equal("county-exchange", Sidecar.RouteTo(
        Settings(("Dapr:Enabled", "true"), ("Dapr:AppIds:exchange", "county-exchange")),
            "exchange").Headers["dapr-app-id"]);

    [Fact]
    public void A_missing_address_or_key_is_named()
    {
        Assert.Contains("Services:exchange", Assert.Throws<InvalidOperationException>(
            () => Sidecar.RouteTo(Settings(), "exchange")).Message, StringComparison.Ordinal);
        Assert.Contains("Services:Key", Assert.Throws<InvalidOperationException>(
            () => Sidecar.RouteTo(new ConfigurationManager(), "exchange")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Secrets_become_settings_whether_named_flat_or_in_parts() => Assert.Equal(
        [new("Keys:Field", "a"), new("ConnectionStrings:registry", "b")],
        Sidecar.Flat(new Dictionary<string, Dictionary<string, string>>
        {
            ["Keys__Field"] = new() { ["Keys__Field"] = "a" },
            ["ConnectionStrings"] = new() { ["registry"] = "b" },
        }));

    [Fact]
    public async Task Every_call_on_the_channel_carries_the_headers_over_http_2()
    {
        await using var sidecar = await Backend.StartAsync();
        using var channel = Sidecar.CreateChannel(
            Settings(("Dapr:Enabled", "true"), ("Dapr:GrpcEndpoint", sidecar.Address)), "exchange");
        var bytes = Marshallers.Create<byte[]>(b => b, b => b);
        var method = new Method<byte[],
            byte[]>(MethodType.Unary, "platform.exchange.v1.ExchangeService", "Send", bytes, bytes);
        await Assert.ThrowsAsync<RpcException>(async () => // the recording server speaks no gRPC
            await channel.CreateCallInvoker().AsyncUnaryCall(method, null, new(), []));
        var seen = Assert.Single(sidecar.Requests);
        Assert.Equal(("/platform.exchange.v1.ExchangeService/Send", "HTTP/2"), (seen.Path, seen.Protocol));
        Assert.Equal("exchange", seen.Headers["dapr-app-id"]);
        Assert.Equal("0123456789abcdef", seen.Headers["x-service-key"]);
    }

    private static ConfigurationManager Settings(params (string Key, string Value)[] settings)
    {
        var configuration = new ConfigurationManager { ["Services:Key"] = "0123456789abcdef" };
        foreach (var (key, value) in settings) configuration[key] = value;
        return configuration;
    }
}
