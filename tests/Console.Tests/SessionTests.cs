using System.Net;
using Gateway.Console.Sessions;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Playwright;
using StackExchange.Redis;

namespace Console.Tests;

/// <summary>Sessions at the gateway: what the browser holds, what it may send, where it may be sent.</summary>
public sealed class SessionTests(ConsoleFixture fixture)
{
    // How every signed token begins: {"alg": in base64. Less than that stands in ciphertext now and then by chance.
    private const string Token = "eyJhbGciOi";

    private static readonly string[] Secrets = [Token, "access_token", "refresh_token"];

    [Theory]
    [InlineData("/members", "/members")]
    [InlineData("/?list=todo", "/?list=todo")]
    [InlineData(null, "/")]
    [InlineData("", "/")]
    [InlineData("members", "/")]
    [InlineData("//evil.example/", "/")]
    [InlineData("/\\evil.example", "/")]
    [InlineData("/a\\b", "/")]
    [InlineData("/a\nb", "/")]
    [InlineData("https://evil.example/", "/")]
    [InlineData("javascript:alert(1)", "/")]
    public void Nobody_is_sent_to_another_site_after_signing_in(string? asked, string sent) =>
        Assert.Equal(sent, SignInEndpoints.Local(asked));

    [Fact]
    public async Task The_browser_never_holds_a_token()
    {
        await using var visit = await fixture.VisitAsync("committee-clerk");
        await visit.Page.GotoAsync("/");
        var html = await visit.Page.ContentAsync();
        var stores = await visit.Page.EvaluateAsync<string>(
            "JSON.stringify([document.cookie, {...localStorage}, {...sessionStorage}])");
        var cookies = string.Join(' ', (await visit.Page.Context.CookiesAsync()).Select(c => c.Value));
        Assert.All(Secrets, s => Assert.DoesNotContain(s, html + stores + cookies, StringComparison.Ordinal));
        Assert.All(await visit.Page.Context.CookiesAsync(), c => Assert.True(c.HttpOnly, c.Name));
    }

    [Fact]
    public async Task Redis_holds_no_readable_session_and_no_id_to_take_one_over()
    {
        var cookie = await fixture.SessionAsync("committee-clerk");
        var redis = fixture.Gateway.GetRequiredService<IConnectionMultiplexer>();
        var server = redis.GetServers().Single();
        var found = 0;
        await foreach (var key in server.KeysAsync(pattern: "gateway:v1:session:*"))
        {
            found++;
            Assert.DoesNotContain(key.ToString()["gateway:v1:session:".Length..], cookie, StringComparison.Ordinal);
            var value = System.Text.Encoding.Latin1.GetString((byte[])(await redis.GetDatabase().StringGetAsync(key))!);
            Assert.DoesNotContain(Token, value, StringComparison.Ordinal);
            Assert.NotNull(await redis.GetDatabase().KeyTimeToLiveAsync(key));
        }
        Assert.True(found > 0);
    }

    [Fact]
    public async Task A_session_whose_keys_are_gone_ends_and_breaks_nothing()
    {
        using var browser = await SignedInAsync();
        var redis = fixture.Gateway.GetRequiredService<IConnectionMultiplexer>();
        var store = fixture.Gateway.GetRequiredService<IOptionsMonitor<CookieAuthenticationOptions>>()
            .Get(CookieAuthenticationDefaults.AuthenticationScheme).SessionStore!;
        const string Id = "0123";
        var key = $"gateway:v1:session:{Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(
            System.Text.Encoding.ASCII.GetBytes(Id)))}";
        await redis.GetDatabase().StringSetAsync(key, "not a session", TimeSpan.FromMinutes(1));
        Assert.Null(await store.RetrieveAsync(Id));
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/")).StatusCode);
    }

    [Theory]
    [InlineData("/look")]
    [InlineData("/palette")]
    [InlineData("/sign-out")]
    public async Task A_form_of_another_site_is_refused(string path)
    {
        using var browser = await SignedInAsync();
        using var forged = new FormUrlEncodedContent([new("name", "theme"), new("value", "dark"), new("words", "a")]);
        var answer = await browser.PostAsync(path, forged);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Fact]
    public async Task A_cookie_somebody_brought_along_is_no_session()
    {
        using var stranger = Client("session=somebody-chose-this-before");
        Assert.Equal(HttpStatusCode.Unauthorized, (await stranger.GetAsync("/")).StatusCode);
    }

    [Fact]
    public async Task A_person_without_a_session_is_led_to_signing_in_and_back_to_the_page()
    {
        using var stranger = Client("session=none");
        stranger.DefaultRequestHeaders.Accept.ParseAdd("text/html");
        var answer = await stranger.GetAsync("/?list=overdue");
        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        Assert.Equal("/sign-in?to=%2F%3Flist%3Doverdue", answer.Headers.Location!.PathAndQuery);
    }

    [Fact]
    public async Task A_sign_in_service_that_is_away_is_said_in_words()
    {
        using var stranger = Client("session=none", fixture.AwayAddress);
        stranger.DefaultRequestHeaders.Host = new Uri(fixture.PublicUrl).Authority;
        var answer = await stranger.GetAsync("/sign-in");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Contains("SIGN_IN_UNAVAILABLE", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_session_does_not_open_the_programming_interface()
    {
        using var browser = await SignedInAsync();
        Assert.Equal(HttpStatusCode.Unauthorized, (await browser.GetAsync("/api/v1/members")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await browser.GetAsync("/api/v9/members")).StatusCode);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/assets/console.css")]
    [InlineData("/no-such-page")]
    public async Task Every_answer_forbids_frames_inline_code_and_sniffing(string path)
    {
        using var browser = await SignedInAsync();
        var answer = await browser.GetAsync(path);
        var policy = string.Join(' ', answer.Headers.GetValues("Content-Security-Policy"));
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.Equal("nosniff", string.Join(' ', answer.Headers.GetValues("X-Content-Type-Options")));
        Assert.Equal("DENY", string.Join(' ', answer.Headers.GetValues("X-Frame-Options")));
    }

    [Fact]
    public async Task What_is_personal_is_not_kept_by_caches_and_files_are()
    {
        using var browser = await SignedInAsync();
        Assert.Contains("no-store", (await browser.GetAsync("/")).Headers.CacheControl!.ToString(),
            StringComparison.Ordinal);
        var html = await browser.GetStringAsync("/");
        var at = html.IndexOf("/assets/console.css?v=", StringComparison.Ordinal);
        var file = await browser.GetAsync(html[at..html.IndexOf('"', at)]);
        Assert.Contains("immutable", file.Headers.CacheControl!.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/", true)]
    [InlineData("/assets/tokens.css", false)]
    [InlineData("/api/v1/members", false)]
    [InlineData("/identity/sign-in", false)]
    public async Task Only_pages_renew_a_session_so_that_no_cache_keeps_its_cookie(string path, bool renews)
    {
        using var browser = Client($"session={await fixture.SessionAsync("committee-clerk",
            age: TimeSpan.FromMinutes(20))}");
        var answer = await browser.GetAsync(path);
        Assert.Equal(renews, answer.Headers.TryGetValues("Set-Cookie", out var cookies)
            && cookies.Any(c => c.StartsWith("session=", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task The_language_is_chosen_and_kept()
    {
        await using var visit = await fixture.VisitAsync("committee-clerk");
        await visit.Page.GotoAsync("/");
        await Assertions.Expect(visit.Page.Locator("h1")).ToHaveTextAsync("工作台");
        await visit.Page.ClickAsync("a[hreflang=en].only-wide");
        await Assertions.Expect(visit.Page.Locator("h1")).ToHaveTextAsync("Workbench");
        await visit.Page.ReloadAsync();
        await Assertions.Expect(visit.Page.Locator("h1")).ToHaveTextAsync("Workbench");
        await visit.Page.LookAsync("workbench-english");
    }

    private async Task<HttpClient> SignedInAsync() =>
        Client($"session={await fixture.SessionAsync("committee-clerk")}");

    private HttpClient Client(string cookie, string? address = null)
    {
        var http = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false, UseCookies = false })
        {
            BaseAddress = new(address ?? fixture.Address),
        };
        http.DefaultRequestHeaders.Add("Cookie", cookie);
        return http;
    }
}
