using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Gateway.Tests;

public sealed class OutageTests
{
    [Fact]
    public async Task A_service_that_is_away_is_named_as_such_in_both_languages()
    {
        await using var door = await Door.OpenAsync();
        await door.Registry.DisposeAsync();
        var chinese = await door.GetAsync("/api/v1/members");
        var english = await door.GetAsync("/api/v1/members", ("Accept-Language", "en-GB"));
        Assert.Equal(HttpStatusCode.BadGateway, chinese.StatusCode);
        Assert.NotNull(chinese.Headers.RetryAfter);
        Assert.Contains("后端服务暂时无法访问", await chinese.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        var problem = await english.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal("SERVICE_UNREACHABLE", problem.GetProperty("code").GetString());
        Assert.Equal("urn:platform:problem:service-unreachable", problem.GetProperty("type").GetString());
        Assert.Equal(32, problem.GetProperty("traceId").GetString()?.Length);
        Assert.Equal(HttpStatusCode.OK, (await door.GetAsync("/api/v1/exchange/streams")).StatusCode);
    }

    [Fact]
    public async Task A_service_that_stays_silent_times_out()
    {
        await using var door = await Door.OpenAsync("--Gateway:SilenceSecondsMax=1");
        var response = await door.GetAsync("/api/v1/silent");
        Assert.Equal(HttpStatusCode.GatewayTimeout, response.StatusCode);
        Assert.Contains("SERVICE_TIMED_OUT", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("dies", "", "502 Bad Gateway", "SERVICE_UNREACHABLE")]
    [InlineData("notes", "5\r\nabcde\r\nnot a length\r\n", "400 Bad Request", "BODY_INCOMPLETE")]
    public async Task Who_broke_off_a_body_is_the_one_that_is_named(
        string path, string body, string status, string code)
    {
        await using var door = await Door.OpenAsync();
        // Which of body and answer is given up first is a race: both orders come up in so many tries.
        for (var i = 0; i < 50; i++)
        {
            using var client = new TcpClient();
            await client.ConnectAsync("127.0.0.1", door.Client.BaseAddress!.Port);
            await using var stream = client.GetStream();
            // A client that has announced a body and not yet sent all of it.
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"POST /api/v1/{path} HTTP/1.1\r\nHost: localhost\r\n"
                + $"Transfer-Encoding: chunked\r\n\r\n{body}"));
            using var reader = new StreamReader(stream, Encoding.UTF8);
            Assert.Equal($"HTTP/1.1 {status}", await reader.ReadLineAsync());
            string? line;
            while ((line = await reader.ReadLineAsync()) is { } part && !part.StartsWith('{')) { }
            Assert.Contains(code, line, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task What_a_service_says_about_itself_passes_unchanged()
    {
        await using var door = await Door.OpenAsync();
        var response = await door.GetAsync("/api/v1/away");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal("""{"code":"TEMPORARILY_UNAVAILABLE"}""", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task It_is_ready_only_when_every_service_is_and_says_which_is_not()
    {
        await using var door = await Door.OpenAsync();
        Assert.Equal(HttpStatusCode.OK, (await door.GetAsync("/ready")).StatusCode);
        door.Exchange.ReadyStatus = 503;
        var response = await door.GetAsync("/ready");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        var checks = (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("checks");
        Assert.Equal(("Unhealthy", "Healthy"),
            (checks.GetProperty("exchange").GetString(), checks.GetProperty("registry").GetString()));
        await door.Registry.DisposeAsync();
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await door.GetAsync("/ready")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await door.GetAsync("/live")).StatusCode);
    }

    [Fact]
    public async Task A_setting_meant_for_one_service_wins_over_the_common_one()
    {
        await using var door = await Door.OpenAsync("--Urls=http://127.0.0.1:1", "--gateway:Urls=http://127.0.0.1:0",
            "--registry:Urls=http://127.0.0.1:2");
        Assert.Equal(HttpStatusCode.OK, (await door.GetAsync("/live")).StatusCode);
    }

    [Theory]
    [InlineData("--Services:registry=")]
    [InlineData("--Services:registry=nonsense")]
    [InlineData("--Gateway:WindowSeconds=0")]
    public async Task A_wrong_setting_is_refused_at_the_start(string setting) =>
        await Assert.ThrowsAnyAsync<Exception>(() => Door.OpenAsync(setting));
}
