using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using Bench.Data;
using Registry.Organisations;
using Registry.Service.Reference;

namespace Bench;

/// <summary>
/// A province at <c>BENCH_MEMBERS</c>: what clerks wait for all day, through the gateway, another node or word each
/// call. Raw limit of the lists: the SQL of the page.
/// </summary>
internal static class ScaleMeasure
{
    private const int Calls = 200, FigureCalls = 5;
    private const string Province = "140000/";

    public static async Task RunAsync()
    {
        await using var node = await RegistryNode.StartAsync();
        var plan = DataPlan.OfEnvironment();
        await node.FillAsync(plan);
        await FigureMeasure.RunAsync(node, plan, FigureCalls);
        await ListsAsync(node, plan);
        await PagesAsync(node, plan);
        await TreeAsync(node, plan);
        await SearchAsync(node, plan);
        await QualityAsync(node, plan);
    }

    private static async Task TreeAsync(RegistryNode node, DataPlan plan)
    {
        using var client = node.Client("tier-administrator", Province);
        var past = plan.Today.AddDays(-400).ToString("O", CultureInfo.InvariantCulture);
        // Provinces, cities, counties and townships in turn: most people open townships, few the province.
        Guid Node(int call) => (call % 10) switch
        {
            0 => DataPlan.Id(RowKind.Province, 0),
            1 => DataPlan.Id(RowKind.City, call % plan.Cities.Count),
            < 5 => DataPlan.Id(RowKind.County, call % plan.Counties.Count),
            _ => DataPlan.Id(RowKind.Township,
                (call * 7 % plan.Counties.Count * 100) + (call % plan.TownshipsPerCounty)),
        };
        await TimedAsync("children of a node", 20, i => client.GetByteArrayAsync(
            $"/api/v1/organisations?parentId={Node(i)}"));
        await TimedAsync("one level of the tree as of a past day", 200, i => client.GetByteArrayAsync(
            $"/api/v1/organisations/tree?parentId={Node(i)}&asOf={past}"));
        await TimedAsync("page of a subtree as of a past day", 200, i => client.GetByteArrayAsync(
            $"/api/v1/organisations/tree?under={Node(i)}&asOf={past}&size=200"));
        foreach (var (when, day) in new[] { ("today", ""), ("of a past day", $"&asOf={past}") })
        {
            await TimedAsync($"one level of the tree by place {when}, province", 200, i => client.GetByteArrayAsync(
                $"/api/v1/organisations/by-place?within={(i % 2 == 0 ? "" : "14")}{day}"));
            await TimedAsync($"the tree by industry {when}, province", 200, i => client.GetByteArrayAsync(
                $"/api/v1/organisations/by-sector?within={(i % 2 == 0 ? "" : "14")}{day}"));
        }
        await TimedAsync("headcount of a county and its parts as of a past day", 1000, i => client.GetByteArrayAsync(
            $"/api/v1/organisations/{DataPlan.Id(RowKind.County, i % plan.Counties.Count)}/headcount?asOf={past}"));
    }

    // The whole box, members, organisations and cases, for the province: the widest scope there is.
    private static async Task SearchAsync(RegistryNode node, DataPlan plan)
    {
        using var client = node.Client("committee-clerk", Province);
        // Numbers far from each other, none twice.
        int Number(int call) => (int)((call + 1) * 7_368_787L % plan.Members);
        var names = ReferenceData.Names;
        foreach (var (what, words) in new (string, Func<int, string>)[]
        {
            ("id number", i => SyntheticPeople.Member(plan, Number(i)).IdNumber),
            ("telephone number", i => SyntheticPeople.Member(plan, Number(i)).Phone),
            ("whole name", i => SyntheticPeople.Name(Number(i))),
            ("two characters", i => SyntheticPeople.Name(Number(i))[..2]),
            ("surname", i => SyntheticPeople.Name(Number(i))[..1]),
            ("pinyin", i => names.KeysOf(SyntheticPeople.Name(Number(i))).Pinyin),
            ("initials", i => names.KeysOf(SyntheticPeople.Name(Number(i))).Initials),
            ("organisation", i => $"测试第{i % plan.Counties.Count}县第{i}支部"),
        })
        {
            await TimedAsync($"quick search, {what}", 100, async i =>
            {
                using var reply = await client.PostAsJsonAsync("/api/v1/search", new { words = words(i) });
                reply.EnsureSuccessStatusCode();
                await reply.Content.ReadAsByteArrayAsync();
            });
        }
    }

    private static async Task TimedAsync(string name, int goal, Func<int, Task> call, int calls = Calls)
    {
        var each = await Say.EachAsync(calls, call);
        Say.Line($"{name}: p50 {each.At(0.5):F1} ms, p95 {each.At(0.95):F1} ms (goal {goal} ms)");
    }

    // Every archive is scored as after a load of all of them, then looked at from a county and from the province.
    private static async Task QualityAsync(RegistryNode node, DataPlan plan)
    {
        var started = Stopwatch.GetTimestamp();
        await node.ScoreAsync(plan.Today);
        Say.Line($"all archives scored: {plan.Members / Stopwatch.GetElapsedTime(started).TotalSeconds:F0} a second");
        using var client = node.Client("committee-clerk", Province);
        foreach (var (name, goal, id) in new (string, int, Func<int, Guid>)[]
        {
            ("county", 1000, i => DataPlan.Id(RowKind.County, i % plan.Counties.Count)),
            ("province", 5000, _ => DataPlan.Id(RowKind.Province, 0)),
        })
        {
            await TimedAsync($"completeness and validity, {name}", goal, i => client.GetByteArrayAsync(
                $"/api/v1/quality/organisations/{id(i)}"), calls: 20);
            foreach (var rule in new[] { "", "credit" })
            {
                await TimedAsync($"archives behind it, {name}, rule \"{rule}\"", 1000, i => client.GetByteArrayAsync(
                    $"/api/v1/quality/organisations/{id(i)}/members?rule={rule}"), calls: 20);
            }
        }
    }

    // Pages that are more than one statement.
    private static async Task PagesAsync(RegistryNode node, DataPlan plan)
    {
        foreach (var (name, org) in new[] { ("county", Regions.PathOf(plan.Counties[plan.Counties.Count / 2])),
            ("province", Province) })
        {
            using var clerk = node.Client("committee-clerk", org);
            foreach (var path in new[] { "outposts/possible", "problem-cases", "attention" })
                await TimedAsync($"{path}, {name}", 1000, _ => clerk.GetByteArrayAsync($"/api/v1/{path}"), calls: 20);
        }
    }

    private static async Task ListsAsync(RegistryNode node, DataPlan plan)
    {
        var county = plan.Counties[plan.Counties.Count / 2];
        foreach (var (name, org) in new[] { ("county", Regions.PathOf(county)), ("province", Province) })
        {
            string Bound(string column) => $"{column} >= '{org}' and {column} < '{org}~'";
            await Compared.RunAsync(node, $"members, {name}", "committee-clerk", org, Calls, _ => "/api/v1/members",
                _ => $"select * from member where {Bound("branch_path")} order by branch_path, id limit 51",
                trail: true);
            await Compared.RunAsync(node, $"reconciliation, {name}", "committee-clerk", org, Calls,
                _ => "/api/v1/reconciliation", _ => $"""
                select * from reconciliation where agreement in ('Matched', 'HomeOnly', 'HostOnly', 'Differs')
                  and {Bound("own_path")} order by since, id limit 51
                """, trail: true);
            await Compared.RunAsync(node, $"mirrors past the limit, {name}", "analyst", org, Calls,
                _ => "/api/v1/mirrors?pastLimit=true", _ => $"""
                select * from case_mirror where agreement in ('HomeOnly', 'HostOnly') and home_region <> host_region
                  and {Bound("common_path")} and since < now() - interval '30 days' order by since, id limit 51
                """);
            await Compared.RunAsync(node, $"overdue, {name}", "committee-clerk", org, Calls,
                _ => "/api/v1/reconciliation?due=overdue", _ => $"""
                select * from reconciliation where next_by is not null and {Bound("own_path")}
                  and since < now() - interval '30 days' order by since, id limit 51
                """, trail: true);
            await Compared.RunAsync(node, $"mirrors, {name}", "analyst", org, Calls, _ => "/api/v1/mirrors", _ => $"""
                select * from case_mirror where agreement <> 'Settled' and {Bound("common_path")}
                order by since, id limit 51
                """);
            // A county looks at itself and its towns, the province at any county.
            string Place(int call) => org == Province ? plan.Counties[call % plan.Counties.Count]
                : call % 2 == 0 ? county : $"{county}1{call / 2 % plan.TownshipsPerCounty:D2}";
            await Compared.RunAsync(node, $"organisations by place, {name}", "tier-administrator", org, Calls,
                i => $"/api/v1/organisations/list?division={Place(i)}",
                i => $"select * from organisation where dissolved_on is null and {Bound("path")} and division >= "
                    + $"'{Place(i)}' and division < '{Place(i)}~' order by path limit 51");
        }
    }
}
