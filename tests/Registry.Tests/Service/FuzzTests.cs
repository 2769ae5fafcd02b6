using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Registry.Tests.Service;

/// <summary>
/// Ten thousand malformed requests over every command and list: each gets a 4xx with a code, none a 5xx, and refused
/// ones leave nothing behind. Seeded, so that a failure repeats.
/// </summary>
public sealed class FuzzTests(RegistryFixture registry) : IClassFixture<RegistryFixture>
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
        var seeded = await Seeded.CreateAsync(registry, "F1");
        var member = await Seeded.MemberAsync(registry, seeded.Branch, 901);
        var templates = Templates(seeded, member);
        var clerk = registry.As("committee-clerk");
        var admin = registry.As("tier-administrator");
        var random = new Random(Seed);
        var work = Enumerable.Range(0, Requests)
            .Select(_ => (Template: templates[random.Next(templates.Length)], Seed: random.Next())).ToList();
        var before = await RowsAsync();
        var (wrong, accepted) = (new System.Collections.Concurrent.ConcurrentBag<string>(), 0);
        await Parallel.ForEachAsync(work, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (item, _) =>
        {
            var (method, path, body) = Mutate(item.Template, new Random(item.Seed));
            var api = path.Contains("/organisations", StringComparison.Ordinal) ? admin : clerk;
            var content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
            var reply = await api.SendAsync(method, path, content, Guid.CreateVersion7());
            if (reply.Status < 400) Interlocked.Increment(ref accepted);
            else if (reply.Status >= 500 || (reply.Code is null && reply.Status != 404))
                wrong.Add($"{method} {path} {body?[..Math.Min(300, body.Length)]} -> {reply.Status} {reply.Text}");
        });
        Assert.Empty(wrong.Take(10));
        // Mutations that happen to be well-formed may be carried out; every other request must leave no row.
        Assert.InRange(await RowsAsync() - before, 0, accepted);
        Assert.True(accepted < Requests / 4, $"{accepted} of {Requests} were no bad requests");
    }

    private Task<long> RowsAsync() => registry.CountAsync(
        "select (select count(*) from applied_command) + (select count(*) from roster_load)");

    private static (string Method, string Path, object? Body)[] Templates(Seeded seeded, Guid member) =>
    [
        ("POST", "/api/v1/organisations", new { code = "X1", name = "甲", type = "BRA", parentId = seeded.Committee }),
        ("PATCH", $"/api/v1/organisations/{seeded.Branch}", new { name = "乙", contact = "丙" }),
        ("POST", "/api/v1/members", Seeded.Member(seeded.Branch, 902)),
        ("PATCH", $"/api/v1/members/{member}", new { name = "测试戊", phone = "13900000903", standing = "full" }),
        ("POST", $"/api/v1/members/{member}/reveal", new { reason = "核对" }),
        ("POST", "/api/v1/outbound-cases", new
        {
            memberId = member, hostRegion = "140105", reason = "1", departsOn = "2026-03-01",
                plannedReturnOn = "2026-09-01",
        }),
        ("POST", "/api/v1/inbound-cases", new
        {
            homeRegion = "140105", hostRegion = "141022", name = "测试己", idNumber = Seeded.IdNumber(904),
            arrivedOn = "2026-03-01", documentShown = "NON",
        }),
        ("POST", $"/api/v1/outbound-cases/{Guid.NewGuid()}/lost-contact",
            new { reason = "1", lastContactOn = "2026-01-01", attempts = new[] { "电话" } }),
        ("GET", "/api/v1/members?branchId=&standing=full&size=5&after=", null),
        ("POST", "/api/v1/search", new { words = "测试", kinds = new[] { "members" } }),
        ("GET", "/api/v1/reconciliation?agreement=matched&side=home&olderThanDays=3&after=&size=10", null),
        ("GET", "/api/v1/organisations?parentId=&search=测&size=3", null),
        ("GET", $"/api/v1/members/{member}/trail?after=&size=3", null),
    ];

    private static (HttpMethod Method, string Path, string? Body) Mutate(
        (string Method, string Path, object? Body) template, Random random)
    {
        var path = template.Path;
        if (template.Body is null || random.Next(10) == 0)
        {
            var at = path.IndexOf('?', StringComparison.Ordinal);
            var word = Strange[random.Next(Strange.Length)].Replace("\uD800", "?", StringComparison.Ordinal);
            // A zero byte in the path is refused by the server's HTTP layer itself, before any code of ours.
            var strange = Uri.EscapeDataString(word.Replace("\u0000", "", StringComparison.Ordinal));
            // whole characters; five of them stay below the line limit
            if (strange.Length > 600) strange = strange[..594];
            path = at < 0 ? $"{path}/{strange}" : $"{path[..at]}?{string.Join('&', path[(at + 1)..].Split('&')
                .Select(p => random.Next(2) == 0 ? $"{p.Split('=')[0]}={strange}" : p))}";
        }
        return (new(template.Method), path, template.Body is null ? null : Body(template.Body, random));
    }

    private static string Body(object template, Random random)
    {
        var json = JsonSerializer.SerializeToNode(template)!.AsObject();
        var name = json.ElementAt(random.Next(json.Count)).Key;
        switch (random.Next(8))
        {
            case 0: json.Remove(name); break;
            case 1: json[name] = random.Next(); break;
            case 2: json[name] = null; break;
            case 3: json[name] = new JsonArray(1, "x"); break;
            case 4: json["unknown"] = "field"; break;
            case 5: return json.ToJsonString()[..random.Next(json.ToJsonString().Length)];
            case 6: return new string('[', random.Next(1, 2000));
            default: json[name] = Strange[random.Next(Strange.Length)]
                .Replace("\uD800", "?", StringComparison.Ordinal); break;
        }
        return json.ToJsonString();
    }
}
