using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Gateway.Tests;

public sealed class LimitTests
{
    private const int MiB = 1024 * 1024;
    private const string Screening = "/api/v1/screenings/0190a0b0-0000-7000-8000-000000000001";

    [Theory]
    [InlineData("/api/v1/members", MiB, HttpStatusCode.OK)]
    [InlineData("/api/v1/members", MiB + 1, HttpStatusCode.RequestEntityTooLarge)]
    [InlineData("/api/v1/rosters?region=141022", 40 * MiB, HttpStatusCode.OK)]
    [InlineData("/api/v1/rosters/x", 512 * MiB + 1, HttpStatusCode.RequestEntityTooLarge)]
    [InlineData($"{Screening}/results?dryRun=true", 8 * MiB, HttpStatusCode.OK)]
    [InlineData($"{Screening}/results", 8 * MiB + 1, HttpStatusCode.RequestEntityTooLarge)]
    [InlineData($"{Screening}/sheet", MiB + 1, HttpStatusCode.RequestEntityTooLarge)]
    public async Task Bodies_are_bounded_and_uploads_may_be_large(string path, int bytes, HttpStatusCode status)
    {
        await using var door = await Door.OpenAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, path)
        {
            Content = new ByteArrayContent(new byte[bytes]),
            Headers = { ExpectContinue = true }, // a client that asks first is spared sending in vain
        };
        var response = await door.Client.SendAsync(request);
        Assert.Equal(status, response.StatusCode);
        if (status == HttpStatusCode.OK) Assert.Equal(bytes, Assert.Single(door.Registry.Requests).BodyBytes);
        else Assert.Equal("BODY_TOO_LARGE", await CodeOf(response));
    }

    [Fact]
    public async Task A_body_of_undeclared_length_is_bounded_too()
    {
        await using var door = await Door.OpenAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/members")
        {
            Content = new StreamContent(new MemoryStream(new byte[3 * MiB])),
            Headers = { TransferEncodingChunked = true },
        };
        var response = await door.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        Assert.Equal("BODY_TOO_LARGE", await CodeOf(response));
    }

    [Fact]
    public async Task Each_token_has_a_window_of_its_own()
    {
        await using var door = await Door.OpenAsync("--Gateway:TokenRequestsMax=3", "--Gateway:WindowSeconds=3600");
        for (var i = 0; i < 3; i++) Assert.Equal(HttpStatusCode.OK, (await With(door, "one")).StatusCode);
        var refused = await With(door, "one");
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.Equal("RATE_LIMITED", await CodeOf(refused));
        Assert.InRange(refused.Headers.RetryAfter?.Delta ?? default, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1));
        Assert.Equal(HttpStatusCode.OK, (await With(door, "two")).StatusCode);
        Assert.Equal(4, door.Registry.Requests.Count);
    }

    [Fact]
    public async Task Pages_of_one_session_are_counted_and_files_are_not()
    {
        await using var door = await Door.OpenAsync("--Gateway:TokenRequestsMax=3", "--Gateway:WindowSeconds=3600");
        for (var i = 0; i < 3; i++)
            Assert.Equal(HttpStatusCode.NotFound, (await PageAsync(door, "/page", "one")).StatusCode);
        Assert.Equal(HttpStatusCode.TooManyRequests, (await PageAsync(door, "/page", "one")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await PageAsync(door, "/assets/x.css", "one")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await PageAsync(door, "/page", "two")).StatusCode);
    }

    [Fact]
    public async Task Changing_the_token_does_not_get_round_the_limit_of_the_address()
    {
        await using var door = await Door.OpenAsync("--Gateway:AddressRequestsMax=3", "--Gateway:WindowSeconds=3600");
        for (var i = 0; i < 3; i++) Assert.Equal(HttpStatusCode.OK, (await With(door, $"forged {i}")).StatusCode);
        Assert.Equal(HttpStatusCode.TooManyRequests, (await With(door, "forged 4")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await door.GetAsync("/live")).StatusCode);
    }

    [Fact]
    public async Task Only_a_trusted_proxy_may_name_the_client()
    {
        string[] limits = ["--Gateway:AddressRequestsMax=1", "--Gateway:WindowSeconds=3600"];
        await using var trusting = await Door.OpenAsync([.. limits, "--Gateway:TrustedProxies=127.0.0.1"]);
        await using var wary = await Door.OpenAsync([.. limits, "--Gateway:TrustedProxies=10.9.9.9"]);
        Assert.Equal(HttpStatusCode.OK, (await From(trusting, "192.0.2.1")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await From(trusting, "192.0.2.2")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await From(wary, "192.0.2.1")).StatusCode);
        Assert.Equal(HttpStatusCode.TooManyRequests, (await From(wary, "192.0.2.2")).StatusCode);
    }

    private static async Task<HttpResponseMessage> PageAsync(Door door, string path, string session)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Add("Cookie", $"session={session}");
        return await door.Client.SendAsync(request);
    }

    private static Task<HttpResponseMessage> With(Door door, string token) =>
        door.GetAsync("/api/v1/members", ("Authorization", $"Bearer {token}"));

    private static Task<HttpResponseMessage> From(Door door, string address) =>
        door.GetAsync("/api/v1/members", ("X-Forwarded-For", address));

    private static async Task<string?> CodeOf(HttpResponseMessage response) =>
        (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("code").GetString();
}
