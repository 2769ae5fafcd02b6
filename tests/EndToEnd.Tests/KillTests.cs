using System.Text.Json;
using static EndToEnd.Tests.DemoFederation;

namespace EndToEnd.Tests;

/// <summary>
/// P2 by force, the short run: while members go out, nodes, brokers and PostgreSQL are killed (-9) one after another
/// and brought up again. At the end nothing is lost, nothing is there twice, both sides and the province agree, and the
/// ledgers verify offline.
/// </summary>
public sealed class KillTests(DemoFederation demo) : IClassFixture<DemoFederation>
{
    private const int Cases = 80, Seed = 11;

    private static readonly string[] Victims =
        [Home, Host, Hub, "rabbit-n140000", "rabbit-n141022", "rabbit-n140105", "postgres"];

    [Fact]
    public async Task Nothing_is_lost_or_doubled_while_nodes_brokers_and_the_database_are_killed()
    {
        var (members, branch) = await ArrangeAsync();
        var sending = SendOutAsync(members);
        var random = new Random(Seed);
        foreach (var victim in Victims.OrderBy(_ => random.Next()))
        {
            demo.Kill(victim);
            await demo.RunAsync("up");
        }
        await sending;
        var cards = new List<Guid>();
        await EventuallyAsync("every notice is on the worklist once", async () =>
        {
            var lines = await LinesAsync(Host, "homeOnly");
            cards = [.. lines.Select(l => l.GetProperty("cardId").GetGuid())];
            return cards.Count >= Cases;
        }, seconds: 180);
        Assert.Equal(Cases, cards.Count);
        await Parallel.ForEachAsync(cards, Four, async (card, ct) =>
            await AgainAsync(Host, "committee-clerk", $"/api/v1/inbound-cases/{card}/admit", new
            {
                branchId = branch,
                placementReason = "流动党员支部",
                documentShown = "CRT",
                on = "2026-03-05",
                hostContact = "联系人",
            }));
        await EventuallyAsync("home has every receipt", async () => (await LinesAsync(Home, "matched")).Count == Cases);
        Assert.Empty(await LinesAsync(Home, "homeOnly"));
        await EventuallyAsync("the province has every report", async () => (await demo.At(Hub, "analyst", "140000/")
            .GetAsync("/api/v1/mirrors?agreement=matched&size=200")).Ok.GetProperty("items").GetArrayLength() == Cases);
        await LedgersVerifyAsync();
    }

    private static ParallelOptions Four => new() { MaxDegreeOfParallelism = 4 };

    private async Task<(List<Guid> Members, Guid HostBranch)> ArrangeAsync()
    {
        var home = await BranchAsync(Home, "BRA");
        var members = new List<Guid>();
        for (var i = 0; i < Cases; i++)
        {
            members.Add((await AgainAsync(Home, "committee-clerk", "/api/v1/members", new
            {
                branchId = home,
                name = "测试甲",
                idNumber = IdNumber(i),
                standing = "full",
            })).GetProperty("id").GetGuid());
        }
        return (members, await BranchAsync(Host, "TBR"));
    }

    private async Task<Guid> BranchAsync(string region, string type)
    {
        var top = await AgainAsync(region, "tier-administrator", "/api/v1/organisations",
            new { code = region, name = "县区委", type = "GCM", region });
        return (await AgainAsync(region, "tier-administrator", "/api/v1/organisations",
            new { code = "K1", name = "测试支部", type, parentId = top.GetProperty("id").GetGuid() }))
            .GetProperty("id").GetGuid();
    }

    private Task SendOutAsync(List<Guid> members) => Parallel.ForEachAsync(members, Four, async (member, ct) =>
    {
        var card = await AgainAsync(Home, "branch-secretary", "/api/v1/outbound-cases",
            new { memberId = member, hostRegion = Host, reason = "1", departsOn = "2026-03-01" });
        var path = $"/api/v1/outbound-cases/{card.GetProperty("caseId").GetGuid()}";
        await AgainAsync(Home, "committee-clerk", $"{path}/approve", null);
        await AgainAsync(Home, "branch-secretary", $"{path}/prepare",
            new { talkOn = "2026-02-20", educatedOn = "2026-02-21", contactPerson = "联系人" });
        await AgainAsync(Home, "branch-secretary", $"{path}/notify", null);
    });

    /// <summary>As a good client does: the same command with the same key until there is an answer.</summary>
    private async Task<JsonElement> AgainAsync(string region, string role, string path, object? body)
    {
        var key = Guid.CreateVersion7();
        JsonElement? answer = null;
        await EventuallyAsync($"{path} is answered", async () =>
        {
            try
            {
                var reply = await demo.At(region, role).PostAsync(path, body, key);
                if (reply.Status is >= 500 or 429 || reply.Code == "CONCURRENT_UPDATE") return false;
                answer = reply.Ok;
                return true;
            }
            catch (HttpRequestException)
            {
                return false;
            }
        }, seconds: 300);
        return answer!.Value;
    }

    private async Task<List<JsonElement>> LinesAsync(string region, string agreement) =>
        [.. (await demo.At(region, "committee-clerk")
            .GetAsync($"/api/v1/reconciliation?agreement={agreement}&size=200")).Ok.GetProperty("items")
            .EnumerateArray()];

    private async Task LedgersVerifyAsync()
    {
        foreach (var (at, side, peer) in new[]
        {
            (Home, "outgoing", "140000.140105"), (Host, "incoming", "140000.141022"),
            (Host, "outgoing", "140000.141022"),
        })
        {
            var ledger = await demo.At(at, "operator").GetAsync($"/api/v1/exchange/ledgers/{side}/{peer}");
            Assert.Equal(200, ledger.Status);
            var (code, said) = await demo.VerifyAsync(ledger.Body);
            Assert.True(code == 0, $"{at} {side} {peer}: {said}");
        }
    }

    private static string IdNumber(int number)
    {
        var digits = $"1410221970{1 + (number / 28 % 12):D2}{1 + (number % 28):D2}{number:D3}";
        int[] weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
        var sum = digits.Zip(weights, (d, w) => (d - '0') * w).Sum();
        return $"{digits}{"10X98765432"[sum % 11]}";
    }
}
