using Registry.Mobility;

namespace Bench;

/// <summary>
/// First pages at 200,000 cases through the gateway. Raw limit: the SQL of the same page on the same connection string,
/// read to its last row.
/// </summary>
internal static class ListMeasure
{
    private const int Cases = 200_000, Calls = 300;

    public static async Task RunAsync()
    {
        await using var node = await RegistryNode.StartAsync();
        var branch = await node.BranchAsync();
        var members = Enumerable.Range(0, Cases).Select(i => ReadMeasure.Member(branch.Id, branch.Path, i)).ToList();
        await node.AddAsync(members);
        await node.AddAsync(members.Select((m, i) => Card(m, i)));
        await node.AddAsync(Enumerable.Range(0, Cases).Select(Mirror));
        await node.SettleAsync();
        using (var client = node.Client("committee-clerk"))
        {
            var road = await Say.EachAsync(Calls, async _ => (await client.GetAsync("/api/v1/nothing")).Dispose());
            Say.Line($"the road alone (gateway, token, no such address): p50 {road.At(0.5):F2} ms");
        }
        await PageAsync(node, "reconciliation", "committee-clerk", "/api/v1/reconciliation", """
            select * from reconciliation where agreement in ('Matched', 'HomeOnly', 'HostOnly', 'Differs')
              and own_path >= '140000/141000/141022/' and own_path < '140000/141000/141022/~'
            order by since, id limit 51
            """);
        await PageAsync(node, "home only, mine, 30 days", "committee-clerk",
            "/api/v1/reconciliation?agreement=homeOnly&nextBy=host&olderThanDays=30", """
            select * from reconciliation where agreement = 'HomeOnly' and next_by = 'Host'
              and own_path >= '140000/141000/141022/' and own_path < '140000/141000/141022/~'
              and since < now() - interval '30 days' order by since, id limit 51
            """);
        await PageAsync(node, "mirrors past the limit", "analyst", "/api/v1/mirrors?pastLimit=true", """
            select * from case_mirror where agreement in ('HomeOnly', 'HostOnly') and home_region <> host_region
              and common_path >= '140000/141000/141022/' and common_path < '140000/141000/141022/~'
              and since < now() - interval '30 days' order by since, id limit 51
            """);
        await PageAsync(node, "overview", "analyst", "/api/v1/overview", """
            select home_region, host_region, agreement, count(*) from case_mirror
            where common_path >= '140000/141000/141022/' and common_path < '140000/141000/141022/~'
            group by 1, 2, 3
            """);
    }

    private static async Task PageAsync(RegistryNode node, string name, string role, string path, string sql)
    {
        using var client = node.Client(role);
        var full = await Say.EachAsync(Calls, async _ => await client.GetByteArrayAsync(path));
        var raw = await Say.EachAsync(Calls, async _ =>
        {
            await using var command = node.Source.CreateCommand(sql);
            await using var reader = await command.ExecuteReaderAsync();
            while (await reader.ReadAsync()) reader.GetValue(0);
        });
        Say.Line($"{name}: p50 {full.At(0.5):F2} ms, p95 {full.At(0.95):F2} ms");
        var ratio = full.At(0.5) / raw.At(0.5);
        Say.Line($"  raw SQL {raw.At(0.5):F2} and {raw.At(0.95):F2} ms; ratio {ratio:F1} (goal 3)");
    }

    private static OutboundCard Card(Registry.Members.Member m, int number)
    {
        var facts = new CaseFacts
        {
            Name = m.Name,
            IdNumber = m.IdNumber,
            Phone = m.Phone,
            Standing = m.Standing,
            Employer = "测试厂",
            Occupation = m.Occupation,
            Residence = m.Residence,
        };
        return new()
        {
            Id = Guid.CreateVersion7(),
            MemberId = m.Id,
            HomePath = m.BranchPath,
            HomeRegion = RegistryNode.Region,
            HomeBranch = "测试支部",
            HostRegion = (number % 3) switch { 0 => "140105", 1 => "140106", _ => "440105" },
            Leg = 1,
            Status = (number % 10) switch
            {
                0 => OutboundStatus.Returned,
                < 4 => OutboundStatus.Notified,
                _ => OutboundStatus.Admitted,
            },
            Facts = facts,
            PeerFacts = number % 10 < 4 ? null : number % 20 == 5 ? facts with { Phone = "13800000000" } : facts,
            Reason = "1",
            DepartsOn = new(2026, 3, 1),
            ContactPerson = "联系人",
            CaseKey = new byte[16],
            Since = DateTimeOffset.UtcNow.AddMinutes(-number % 90_000),
        };
    }

    private static CaseMirror Mirror(int number)
    {
        var at = DateTimeOffset.UtcNow.AddMinutes(-number % 90_000);
        var digests = new Dictionary<string, string> { ["name"] = "00112233445566aa" };
        var mirror = new CaseMirror
        {
            Id = Guid.CreateVersion7(),
            CaseId = Guid.CreateVersion7(),
            Leg = 1,
            HomeRegion = RegistryNode.Region,
            HostRegion = (number % 3) switch { 0 => RegistryNode.Region, 1 => "141023", _ => "141024" },
            CommonPath = RegistryNode.County,
            Since = at,
        }.With(Side.Home, new("Notified", true, true, digests, "1", 1, at));
        return number % 4 == 0 ? mirror : mirror.With(Side.Host, new("Admitted", true, true, digests, "1", 1, at));
    }
}
