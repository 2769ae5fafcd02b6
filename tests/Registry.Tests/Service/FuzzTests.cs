using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Registry.Tests.Service;

/// <summary>
/// Ten thousand malformed requests over every command and list: each gets a 4xx with a code, none a 5xx, and refused
/// ones leave nothing behind. Seeded, so that a failure repeats.
/// </summary>
public sealed partial class FuzzTests(RegistryFixture registry) : IClassFixture<RegistryFixture>
{
    private const int Requests = 10_000, Seed = 20260301;

    private static readonly string[] Strange =
    [
        "", " ", "\u0000", "'; drop table member; --", "../../etc/passwd", "𠮷·𡈽", "\uD800", new string('长', 5000),
        "-1", "NaN", "2026-13-45", "0001-01-01", "99999999-9999-9999-9999-999999999999", "<script>alert(1)</script>",
        "null",
    ];

    [Fact]
    public async Task Ten_thousand_malformed_requests_get_a_reason_and_change_nothing()
    {
        var (rows, _) = await ScopeMatrix.ArrangeAsync(registry, "F1");
        EveryCommandIsAmong(rows);
        var random = new Random(Seed);
        // Every endpoint at least a few times, whatever the numbers say.
        var work = Enumerable.Range(0, Requests).Select(i => (Row: i < rows.Count * 5 ? rows[i % rows.Count]
            : rows[random.Next(rows.Count)], Seed: random.Next())).ToList();
        var before = await RowsAsync();
        var (wrong, accepted) = (new System.Collections.Concurrent.ConcurrentBag<string>(), 0);
        await Parallel.ForEachAsync(work, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (item, _) =>
        {
            var (method, path, body) = Mutate(item.Row, new Random(item.Seed));
            var content = body is null ? null : new ByteArrayContent(body)
            {
                Headers =
                {
                    { "Content-Type", item.Row.File is null ? "application/json" : "application/octet-stream" },
                },
            };
            var reply = await As(item.Row).SendAsync(method, path, content, Guid.CreateVersion7());
            if (reply.Status < 400) Interlocked.Increment(ref accepted);
            else if (reply.Status >= 500 || (reply.Code is null && reply.Status is not (404 or 405)))
                wrong.Add($"{method} {path} {Shown(body)} -> {reply.Status} {reply.Text}");
        });
        Assert.True(wrong.IsEmpty, string.Join("\n", wrong.Take(10)));
        // Mutations that happen to be well-formed may be carried out; every other request must leave no row.
        Assert.InRange(await RowsAsync() - before, 0, accepted);
        Assert.True(accepted < Requests / 3, $"{accepted} of {Requests} were no bad requests");
    }

    // The rows of the scope matrix are the templates; what changes something must not be missing.
    private void EveryCommandIsAmong(List<Row> rows)
    {
        var commands = registry.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .SelectMany(e => (e.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? [])
                .Where(m => m != "GET").Select(m => $"{m} /{Parameter().Replace(e.RoutePattern.RawText!, "{id}")
                    .Trim('/')}".Replace(" /api/v1/", " /", StringComparison.Ordinal))).ToHashSet();
        Assert.True(commands.Count > 60);
        Assert.Empty(commands.Except(rows.Select(r => r.Endpoint)));
    }

    private readonly System.Collections.Concurrent.ConcurrentDictionary<string, Platform.Testing.Api> _callers = [];

    private Platform.Testing.Api As(Row row)
    {
        var role = row.Roles.Contains("committee-clerk") ? "committee-clerk" : row.Roles[0];
        return _callers.GetOrAdd($"{role} {row.IsHome}", _ => registry.As(role, row.IsHome ? RegistryFixture.County
            : ScopeMatrix.HostPath));
    }

    private Task<long> RowsAsync() => registry.CountAsync(
        "select (select count(*) from applied_command) + (select count(*) from roster_load)");

    private static string Shown(byte[]? body) => body is null ? ""
        : Encoding.UTF8.GetString(body.AsSpan(0, Math.Min(300, body.Length)));

    private static (HttpMethod Method, string Path, byte[]? Body) Mutate(Row row, Random random)
    {
        var path = row.Path;
        if ((row.Body is null && row.File is null) || random.Next(10) == 0)
        {
            var at = path.IndexOf('?', StringComparison.Ordinal);
            var word = Strange[random.Next(Strange.Length)].Replace("\uD800", "?", StringComparison.Ordinal);
            // A zero byte in the path is refused by the server's HTTP layer itself, before any code of ours.
            var strange = Uri.EscapeDataString(word.Replace("\u0000", "", StringComparison.Ordinal));
            // whole characters; five of them stay below the line limit
            if (strange.Length > 600) strange = strange[..594];
            path = (row.Id, random.Next(3)) switch
            {
                ({ } id, 0) => path.Replace($"{id}", strange, StringComparison.Ordinal),
                ({ } id, 1) => path.Replace($"{id}", $"{Guid.CreateVersion7()}", StringComparison.Ordinal),
                _ when at < 0 => $"{path}/{strange}",
                _ => $"{path[..at]}?{string.Join('&', path[(at + 1)..].Split('&')
                    .Select(p => random.Next(2) == 0 ? $"{p.Split('=')[0]}={strange}" : p))}",
            };
        }
        return (new(row.Endpoint.Split(' ')[0]), path, row switch
        {
            { File: { } file } => Broken(file, random),
            { Body: { } body } => Encoding.UTF8.GetBytes(Body(body, random)),
            _ => null,
        });
    }

    private static IEnumerable<JsonObject> Below(JsonObject of) => of.SelectMany(p => p.Value switch
    {
        JsonObject o => [o],
        JsonArray a => a.OfType<JsonObject>(),
        _ => Enumerable.Empty<JsonObject>(),
    });

    private static byte[] Broken(byte[] file, Random random)
    {
        if (random.Next(2) == 0) return file[..random.Next(file.Length)];
        var copy = (byte[])file.Clone();
        for (var i = 0; i < 20; i++) copy[random.Next(copy.Length)] ^= (byte)random.Next(1, 256);
        return copy;
    }

    private static string Body(object template, Random random)
    {
        var json = JsonSerializer.SerializeToNode(template)!.AsObject();
        var inner = json;
        while (random.Next(2) == 0 && Below(inner).ToList() is { Count: > 0 } below)
            inner = below[random.Next(below.Count)];
        var name = inner.Count == 0 ? "memberId" : inner.ElementAt(random.Next(inner.Count)).Key;
        switch (random.Next(8))
        {
            case 0: inner.Remove(name); break;
            case 1: inner[name] = random.Next(); break;
            case 2: inner[name] = null; break;
            case 3: inner[name] = new JsonArray(1, "x"); break;
            case 4: inner["unknown"] = "field"; break;
            case 5: return json.ToJsonString()[..random.Next(json.ToJsonString().Length)];
            case 6: return new string('[', random.Next(1, 2000));
            default: inner[name] = Strange[random.Next(Strange.Length)]
                .Replace("\uD800", "?", StringComparison.Ordinal); break;
        }
        return json.ToJsonString();
    }

    [GeneratedRegex(@"\{\w+(:\w+)?\}")]
    private static partial Regex Parameter();
}
