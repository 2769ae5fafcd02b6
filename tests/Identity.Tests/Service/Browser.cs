using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Web;

namespace Identity.Tests.Service;

/// <summary>
/// What a browser does, without one: keeps cookies, follows redirects of this site, fills in the forms it was given.
/// </summary>
public sealed partial class Browser(IdentityFixture identity) : IDisposable
{
    public const string Callback = $"{IdentityFixture.PublicUrl}/signin-oidc";

    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false })
    {
        BaseAddress = new(identity.Address),
    };

    /// <summary>Name to value, as a jar for one site.</summary>
    public Dictionary<string, string> Jar { get; } = [];

    public string? AcceptLanguage { get; set; }

    /// <summary>Lines of Set-Cookie of the last answer.</summary>
    public IReadOnlyList<string> SetCookies { get; private set; } = [];

    public string Verifier { get; } = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    public string AuthorizeUrl(string more = "") => "/identity/connect/authorize?client_id=console&response_type=code"
        + $"&redirect_uri={Uri.EscapeDataString(Callback)}&scope=openid%20profile%20offline_access&state=xyz&nonce=n1"
        + "&code_challenge_method=S256&code_challenge="
        + Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(Verifier))) + more;

    public Task<Answer> GetAsync(string path) => SendAsync(HttpMethod.Get, path, null);

    /// <summary>GET, then every redirect that stays on the site.</summary>
    public async Task<Answer> OpenAsync(string path) => await FollowAsync(await GetAsync(path));

    public async Task<Answer> FollowAsync(Answer answer)
    {
        for (var hops = 0; answer.Location is { } to && to.StartsWith("/identity/", StringComparison.Ordinal); hops++)
        {
            Assert.True(hops < 10, $"Redirects do not end: {to}");
            answer = await GetAsync(to);
        }
        return answer;
    }

    /// <summary>Sends the page's form with that action, its hidden fields and what is typed; follows.</summary>
    public async Task<Answer> SubmitAsync(Answer page, string action, params (string Name, string Value)[] typed) =>
        await FollowAsync(await PostAsync(page, action, typed));

    public Task<Answer> PostAsync(Answer page, string action, params (string Name, string Value)[] typed)
    {
        var form = FormPattern().Matches(page.Body).Select(m => m.Value)
            .First(f => f.Contains($"action=\"{action}\"", StringComparison.Ordinal));
        var fields = HiddenPattern().Matches(form)
            .ToDictionary(m => m.Groups[1].Value, m => HttpUtility.HtmlDecode(m.Groups[2].Value));
        foreach (var (name, value) in typed) fields[name] = value;
        return PostRawAsync(action, fields);
    }

    public Task<Answer> PostRawAsync(string path, IEnumerable<KeyValuePair<string, string>> fields) =>
        SendAsync(HttpMethod.Post, path, new FormUrlEncodedContent(fields));

    /// <summary>From the console's first redirect to its callback, with password and code.</summary>
    public async Task<Answer> SignInAsync(Person person, string more = "")
    {
        var page = await OpenAsync(AuthorizeUrl(more));
        page = await SubmitAsync(page, "/identity/sign-in", ("user", person.UserName), ("password", person.Password));
        return await SubmitAsync(page, "/identity/code", ("code", person.CodeAt(identity.Clock.GetUtcNow())));
    }

    /// <summary>Changes the code at the callback into tokens.</summary>
    public async Task<(int Status, JsonElement Json)> ExchangeAsync(Answer callback)
    {
        Assert.True(callback.Location?.StartsWith(Callback, StringComparison.Ordinal) == true, callback.ToString());
        var code = HttpUtility.ParseQueryString(new Uri(callback.Location!).Query)["code"]!;
        return await TokenAsync(new()
        {
            ["grant_type"] = "authorization_code",
            ["code"] = code,
            ["redirect_uri"] = Callback,
            ["code_verifier"] = Verifier,
        });
    }

    public Task<(int Status, JsonElement Json)> RefreshAsync(string refreshToken) =>
        TokenAsync(new() { ["grant_type"] = "refresh_token", ["refresh_token"] = refreshToken });

    private async Task<(int Status, JsonElement Json)> TokenAsync(Dictionary<string, string> fields)
    {
        (fields["client_id"], fields["client_secret"]) = ("console", IdentityFixture.Secret);
        var answer = await PostRawAsync("/identity/connect/token", fields);
        return (answer.Status, JsonSerializer.Deserialize<JsonElement>(answer.Body));
    }

    public void Dispose() => _http.Dispose();

    private async Task<Answer> SendAsync(HttpMethod method, string path, HttpContent? content)
    {
        using var request = new HttpRequestMessage(method, path)
        {
            Content = content,
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        if (Jar.Count > 0)
            request.Headers.Add("Cookie", string.Join("; ", Jar.Select(c => $"{c.Key}={c.Value}")));
        if (AcceptLanguage is not null) request.Headers.Add("Accept-Language", AcceptLanguage);
        using var response = await _http.SendAsync(request);
        SetCookies = response.Headers.TryGetValues("Set-Cookie", out var lines) ? [.. lines] : [];
        foreach (var line in SetCookies)
        {
            var (name, value) = (line[..line.IndexOf('=')], line[(line.IndexOf('=') + 1)..line.IndexOf(';')]);
            if (value.Length == 0) Jar.Remove(name);
            else Jar[name] = value;
        }
        return new((int)response.StatusCode, await response.Content.ReadAsStringAsync(),
            response.Headers.Location?.ToString(), response.Headers.Concat(response.Content.Headers)
                .ToDictionary(h => h.Key, h => string.Join(", ", h.Value)));
    }

    [GeneratedRegex("<form.*?</form>", RegexOptions.Singleline)]
    private static partial Regex FormPattern();

    [GeneratedRegex("<input type=\"hidden\" name=\"([^\"]+)\"(?: value=\"([^\"]*)\")?")]
    private static partial Regex HiddenPattern();
}

/// <summary>One answer.</summary>
public sealed record Answer(int Status, string Body, string? Location, IReadOnlyDictionary<string, string> Headers)
{
    public bool Shows(string id) => Body.Contains($"id=\"{id}\"", StringComparison.Ordinal);
}
