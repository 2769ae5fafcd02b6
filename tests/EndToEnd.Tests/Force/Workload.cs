using System.Collections.Concurrent;
using Platform.Seeds;

namespace EndToEnd.Tests.Force;

/// <summary>
/// What clerks of both counties do meanwhile, in rounds: home sends a group of members out; the host admits them; in
/// the next round both sides change facts of that group at the same time and the host feeds back.
/// </summary>
internal sealed class Workload(ForceFederation demo, int cases, int rounds)
{
    public const int HostChanges = 4, HomeChanges = 2, Feedbacks = 2;

    /// <summary>
    /// Between the counties, per case: notice and receipt, a change before the admission, every later change with its
    /// echo, feedbacks.
    /// </summary>
    public const int MessagesPerCase = 3 + (2 * HostChanges) + (2 * HomeChanges) + Feedbacks;

    private readonly ConcurrentDictionary<Guid, Guid> _cards = new();
    private readonly List<Guid>[] _groups = [.. Enumerable.Range(0, rounds).Select(_ => new List<Guid>())];
    private List<Guid> _members = [];
    private Guid _branch;

    private static ParallelOptions Four => new() { MaxDegreeOfParallelism = 4 };

    /// <summary>Every case sent out.</summary>
    public IReadOnlyList<Guid> Cases => [.. _groups.SelectMany(g => g)];

    public async Task ArrangeAsync(int seed)
    {
        await TopAsync(DemoFederation.Home);
        var roster = RosterMaker.Make(new(DemoFederation.Home, cases, 0, seed, []), SeedFolder.Find());
        var clerk = demo.At(DemoFederation.Home, "committee-clerk");
        _ = (await clerk.UploadAsync($"/api/v1/rosters?region={DemoFederation.Home}&fileName=r.xlsx", roster.File)).Ok;
        _members = await demo.ReadAsync(DemoFederation.Home, "registry", "select id from member order by id",
            r => r.GetGuid(0));
        Assert.Equal(cases, _members.Count);
        _branch = (await demo.AgainAsync(DemoFederation.Host, "tier-administrator", "/api/v1/organisations",
            new { code = "K1", name = "流动党员支部", type = "TBR", parentId = await TopAsync(DemoFederation.Host) }))
            .GetProperty("id").GetGuid();
    }

    /// <summary>Round <paramref name="round"/> of both counties; there is one more round than groups.</summary>
    public Task RunAsync(int round) => Task.WhenAll(HomeAsync(round), HostAsync(round));

    private async Task<Guid> TopAsync(string region) =>
        (await demo.AgainAsync(region, "tier-administrator", "/api/v1/organisations",
            new { code = region, name = "县区委", type = "GCM", region })).GetProperty("id").GetGuid();

    private async Task HomeAsync(int round)
    {
        if (round < rounds)
        {
            var members = _members.Where((_, i) => i % rounds == round).ToList();
            await Parallel.ForEachAsync(members, Four, async (member, ct) => await SendOutAsync(member, round));
        }
        if (round == 0) return;
        await Parallel.ForEachAsync(_groups[round - 1], Four, async (id, ct) =>
        {
            for (var i = 1; i <= HomeChanges; i++)
                await HomeStepAsync(id, "change", new { residence = $"住址{i}" }, "branch-secretary");
        });
    }

    private async Task SendOutAsync(Guid member, int round)
    {
        var card = await demo.AgainAsync(DemoFederation.Home, "branch-secretary", "/api/v1/outbound-cases",
            new { memberId = member, hostRegion = DemoFederation.Host, reason = "1", departsOn = "2026-03-01" });
        var id = card.GetProperty("caseId").GetGuid();
        await HomeStepAsync(id, "approve", null, "committee-clerk");
        await HomeStepAsync(id, "prepare",
            new { talkOn = "2026-02-20", educatedOn = "2026-02-21", contactPerson = "联系人" }, "branch-secretary");
        await HomeStepAsync(id, "notify", null, "branch-secretary");
        lock (_groups) _groups[round].Add(id);
        await HomeStepAsync(id, "change", new { residence = "住址" }, "branch-secretary");
    }

    private Task HomeStepAsync(Guid id, string step, object? body, string role) =>
        demo.AgainAsync(DemoFederation.Home, role, $"/api/v1/outbound-cases/{id}/{step}", body);

    private async Task HostAsync(int round)
    {
        if (round > 0)
        {
            await Parallel.ForEachAsync(_groups[round - 1], Four, async (id, ct) =>
            {
                for (var i = 1; i <= HostChanges; i++)
                {
                    await HostStepAsync(id, "change", new { employer = $"单位{i}" });
                    if (i <= Feedbacks)
                        await HostStepAsync(id, "feedback", new { text = $"情况{i}", on = $"2026-04-0{i}" });
                }
            });
        }
        if (round == rounds) return;
        var admitted = 0;
        var expected = _members.Where((_, i) => i % rounds == round).Count();
        await ForceFederation.SaysAsync($"the notices of round {round} are on the worklist", async () =>
        {
            var arrived = await demo.ReadAsync(DemoFederation.Host, "registry",
                "select case_id, id from inbound_card where status = 'Noticed'",
                r => (Case: r.GetGuid(0), Card: r.GetGuid(1)));
            await Parallel.ForEachAsync(arrived.Where(a => _cards.TryAdd(a.Case, a.Card)), Four, async (a, ct) =>
            {
                await AdmitAsync(a.Case);
                Interlocked.Increment(ref admitted);
            });
            return admitted >= expected;
        });
    }

    private Task AdmitAsync(Guid id) => HostStepAsync(id, "admit", new
    {
        branchId = _branch,
        placementReason = "流动党员支部",
        documentShown = "CRT",
        on = "2026-03-05",
        hostContact = "联系人",
    });

    private Task HostStepAsync(Guid id, string step, object body) => demo.AgainAsync(
        DemoFederation.Host, "committee-clerk", $"/api/v1/inbound-cases/{_cards[id]}/{step}", body);
}
