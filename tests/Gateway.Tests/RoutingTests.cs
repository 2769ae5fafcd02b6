using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Gateway.Tests;

public sealed class RoutingTests
{
    [Theory]
    [InlineData("/identity/sign-in")]
    [InlineData("/identity/.well-known/openid-configuration")]
    [InlineData("/api/v1/accounts")]
    [InlineData("/api/v1/accounts/7/close")]
    [InlineData("/api/v1/grants")]
    public async Task Sign_in_accounts_and_grants_go_to_identity(string path)
    {
        await using var door = await Door.OpenAsync();
        await door.GetAsync(path);
        Assert.Equal(path, Assert.Single(door.Identity.Requests).Path);
        Assert.Empty(door.Registry.Requests);
    }

    [Fact]
    public async Task Exchange_addresses_go_to_the_exchange_and_all_others_to_the_registry_over_http_2()
    {
        await using var door = await Door.OpenAsync();
        await door.GetAsync("/api/v1/exchange/streams?page=2");
        await door.GetAsync("/api/v1/members/7?fields=%E5%A7%93%E5%90%8D");
        var exchange = Assert.Single(door.Exchange.Requests);
        var registry = Assert.Single(door.Registry.Requests);
        Assert.Equal(("/api/v1/exchange/streams", "?page=2", "HTTP/2"),
            (exchange.Path, exchange.Query, exchange.Protocol));
        Assert.Equal(("/api/v1/members/7", "?fields=%E5%A7%93%E5%90%8D"), (registry.Path, registry.Query));
    }

    [Fact]
    public async Task The_token_passes_and_what_only_siblings_may_say_does_not()
    {
        await using var door = await Door.OpenAsync();
        await door.GetAsync("/api/v1/members", ("Authorization", "Bearer abc"), ("x-service-key", "guessed"),
            ("X-Service-Key", "again"), ("dapr-app-id", "exchange"), ("Accept-Language", "en"));
        var headers = Assert.Single(door.Registry.Requests).Headers;
        Assert.Equal("Bearer abc", headers["authorization"]);
        Assert.Equal("en", headers["accept-language"]);
        Assert.DoesNotContain("x-service-key", headers.Keys);
        Assert.DoesNotContain("dapr-app-id", headers.Keys);
    }

    [Fact]
    public async Task A_trace_goes_on_behind_the_gateway()
    {
        await using var door = await Door.OpenAsync();
        await door.GetAsync("/api/v1/members",
            ("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"));
        Assert.StartsWith("00-0af7651916cd43dd8448eb211c80319c-",
            Assert.Single(door.Registry.Requests).Headers["traceparent"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/platform.exchange.v1.ExchangeService/Send")]
    [InlineData("/metrics")]
    [InlineData("/api/v2/members")]
    [InlineData("/api/v1/../../platform.exchange.v1.ExchangeService/Send")]
    [InlineData("/api/v1/%2e%2e/%2e%2e/platform.exchange.v1.ExchangeService/Send")]
    [InlineData("/api/v1/..%2f..%2fplatform.exchange.v1.ExchangeService/Send")]
    [InlineData("/api/v1/%252e%252e/%252e%252e/platform.exchange.v1.ExchangeService/Send")]
    [InlineData("/api/v1/%252e%252e%252f%252e%252e%252fready")]
    [InlineData("/api/v1/..\\..\\ready")]
    [InlineData("/api/v1/..;/..;/ready")]
    [InlineData("//ready")]
    public async Task Nothing_but_the_api_of_a_service_can_be_reached(string target)
    {
        await using var door = await Door.OpenAsync();
        await RawGetAsync(door.Client.BaseAddress!.Port, target);
        Assert.All(door.Registry.Requests.Concat(door.Exchange.Requests),
            r => Assert.StartsWith("/api/v1/", r.Path, StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_address_without_a_service_is_a_problem_in_the_callers_language()
    {
        await using var door = await Door.OpenAsync();
        var chinese = await door.GetAsync("/nothing");
        var english = await door.GetAsync("/nothing", ("Accept-Language", "en"));
        Assert.Equal(HttpStatusCode.NotFound, chinese.StatusCode);
        Assert.Equal("application/problem+json", chinese.Content.Headers.ContentType?.MediaType);
        Assert.Contains("该地址不存在", await chinese.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Contains("There is nothing at this address", await english.Content.ReadAsStringAsync(),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/api/v1/members")]
    [InlineData("/nothing")]
    [InlineData("/live")]
    public async Task Every_answer_carries_the_security_headers(string path)
    {
        await using var door = await Door.OpenAsync();
        var headers = (await door.GetAsync(path)).Headers;
        Assert.Equal(["nosniff"], headers.GetValues("X-Content-Type-Options"));
        Assert.Equal(["DENY"], headers.GetValues("X-Frame-Options"));
        Assert.Equal(["no-referrer"], headers.GetValues("Referrer-Policy"));
        Assert.StartsWith("default-src 'none'", headers.GetValues("Content-Security-Policy").Single(),
            StringComparison.Ordinal);
        Assert.Contains("no-store", headers.CacheControl?.ToString() ?? "", StringComparison.Ordinal);
        Assert.False(headers.Contains("Server"));
    }

    // HttpClient would tidy the address up before sending it.
    private static async Task RawGetAsync(int port, string target)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, port);
        await using var stream = socket.GetStream();
        var request = $"GET {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        await stream.WriteAsync(Encoding.ASCII.GetBytes(request));
        using var reader = new StreamReader(stream);
        Assert.StartsWith("HTTP/1.1 ", await reader.ReadLineAsync(), StringComparison.Ordinal);
        await reader.ReadToEndAsync();
    }
}
