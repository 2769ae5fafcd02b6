using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Npgsql;
using Platform.Hosting;
using Platform.Testing;
using Registry.Service;

namespace Registry.Tests.Service;

/// <summary>
/// A real registry on a loopback port with a real database; broker and exchange are away and stay away.
/// </summary>
public sealed class RegistryFixture : IAsyncLifetime
{
    public const string County = "140000/141000/141022/";
    public const string Region = "141022";

    private readonly TestTokens _tokens = new("140000.141022");
    private TestDatabase _database = null!;
    private WebApplication _app = null!;

    /// <summary>Looks behind row-level security.</summary>
    public NpgsqlDataSource Behind { get; private set; } = null!;

    public IServiceProvider Services => _app.Services;

    public string Address => _app.Urls.First();

    public TestDatabase Database => _database;

    public async ValueTask InitializeAsync()
    {
        _database = await TestDatabase.CreateAsync("registry");
        Migrations.Run(_database.Owner, typeof(RegistryHost).Assembly);
        Behind = NpgsqlDataSource.Create(_database.Superuser);
        _app = RegistryHost.Build([], Configure);
        await _app.StartAsync();
    }

    /// <summary>
    /// What every host of these tests is told; a test may change the caller with <paramref name="builder"/>.
    /// </summary>
    public void Configure(WebApplicationBuilder builder)
    {
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Urls"] = "http://127.0.0.1:0",
            ["ConnectionStrings:registry"] = _database.App,
            ["Rabbit:Uri"] = "amqp://guest:guest@127.0.0.1:1/",
            ["Services:exchange"] = "http://127.0.0.1:1",
            ["Services:Key"] = "a-service-key-of-the-tests",
            ["Node:Path"] = "140000.141022",
            ["Node:Parent"] = "140000",
            ["Node:Regions"] = "141022,141023",
            ["Token:PublicKey"] = _tokens.PublicKey,
            ["Keys:Field"] = Convert.ToBase64String(SHA256.HashData("field"u8)),
            ["Keys:Blind"] = Convert.ToBase64String(SHA256.HashData("blind"u8)),
        });
        builder.WebHost.UseSetting("urls", "http://127.0.0.1:0");
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        await Behind.DisposeAsync();
        await _database.DisposeAsync();
        _tokens.Dispose();
    }

    /// <summary>A client that speaks as <paramref name="role"/> of <paramref name="org"/>.</summary>
    public Api As(string role, string org = County, Guid? member = null) =>
        new(_app.Urls.First(), _tokens.For(org, role, member));

    /// <summary>The same at another host over the same database.</summary>
    public Api At(WebApplication app, string role, string org = County) =>
        new(app.Urls.First(), _tokens.For(org, role));

    public async Task<long> CountAsync(string sql)
    {
        await using var command = Behind.CreateCommand(sql);
        return Convert.ToInt64(await command.ExecuteScalarAsync(), System.Globalization.CultureInfo.InvariantCulture);
    }
}

/// <summary>JSON over HTTP/2, as the gateway speaks to a service.</summary>
public sealed class Api
{
    private readonly HttpClient _http;

    public Api(string address, string? token)
    {
        _http = new HttpClient(new SocketsHttpHandler { EnableMultipleHttp2Connections = true })
        {
            BaseAddress = new(address),
            DefaultRequestVersion = new(2, 0),
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        if (token is not null) _http.DefaultRequestHeaders.Authorization = new("Bearer", token);
    }

    public Task<Reply> GetAsync(string path) => SendAsync(HttpMethod.Get, path, null, null);

    public Task<Reply> PostAsync(string path, object? body = null, Guid? key = null) =>
        SendAsync(HttpMethod.Post, path, body is null ? null : JsonContent.Create(body), key ?? Guid.CreateVersion7());

    public Task<Reply> PatchAsync(string path, object body, Guid? key = null) =>
        SendAsync(HttpMethod.Patch, path, JsonContent.Create(body), key ?? Guid.CreateVersion7());

    public Task<Reply> UploadAsync(string path, byte[] file, Guid? key = null) => SendAsync(HttpMethod.Post, path,
        new ByteArrayContent(file) { Headers = { ContentType = new MediaTypeHeaderValue("application/octet-stream") } },
        key ?? Guid.CreateVersion7());

    public async Task<Reply> SendAsync(HttpMethod method, string path, HttpContent? content, Guid? key)
    {
        using var request = new HttpRequestMessage(method, path)
        {
            Content = content,
            Version = new(2, 0),
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        if (key is { } id) request.Headers.Add("Idempotency-Key", id.ToString());
        using var response = await _http.SendAsync(request);
        return new((int)response.StatusCode, await response.Content.ReadAsByteArrayAsync());
    }
}

/// <summary>Status and body of an answer.</summary>
public sealed record Reply(int Status, byte[] Body)
{
    public JsonElement Json => Body.Length == 0 ? default : JsonSerializer.Deserialize<JsonElement>(Body);

    /// <summary>Problem code; null when the answer is none.</summary>
    public string? Code =>
        Json.ValueKind == JsonValueKind.Object && Json.TryGetProperty("code", out var c) ? c.GetString() : null;

    public string Text => System.Text.Encoding.UTF8.GetString(Body);

    /// <summary>The body of a success; a failure fails the test with what was said.</summary>
    public JsonElement Ok
    {
        get
        {
            Assert.True(Status is >= 200 and < 300, $"{Status}: {Text}");
            return Json;
        }
    }

    public Guid Id(string property = "id") => Ok.GetProperty(property).GetGuid();

    public string? String(string property) => Ok.GetProperty(property).GetString();
}
