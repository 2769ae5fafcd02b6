using System.Diagnostics;
using System.Globalization;
using Npgsql;

namespace Console.Tests;

/// <summary>What opening a level costs in a tree of 100,000; by hand; it only fails when rows are missing.</summary>
public sealed class TreeMeasure(ConsoleFixture fixture)
{
    private const int Committees = 100, Branches = 1000, Calls = 40;

    [Fact(Explicit = true)]
    public async Task Opening_a_level()
    {
        var place = await Place.CreateAsync(fixture, "M9", "十万组织");
        await ExecuteAsync($"""
            insert into organisation (id, code, path, parent_id, region, name, type, contact, phone, unit_name,
                credit_code, community, site)
            select gen_random_uuid(), 'C' || lpad(n::text, 3, '0'), '{place.Path}C' || lpad(n::text, 3, '0') || '/',
                '{place.Town}', '141022', '第' || n || '党委', 'GCM', '', '', '', '', '', ''
            from generate_series(1, {Committees}) n
            """);
        await ExecuteAsync($"""
            insert into organisation (id, code, path, parent_id, region, name, type, contact, phone, unit_name,
                credit_code, community, site)
            select gen_random_uuid(), p.code || 'B' || lpad(n::text, 4, '0'),
                p.path || p.code || 'B' || lpad(n::text, 4, '0') || '/', p.id, '141022',
                p.name || '第' || n || '支部', 'BRA', '', '', '', '', '', ''
            from organisation p, generate_series(1, {Branches}) n where p.parent_id = '{place.Town}'
            """);
        // As autovacuum leaves a tree that was not founded a second ago.
        await ExecuteAsync("vacuum (analyze) organisation");
        await ExecuteAsync("vacuum (analyze) organisation_spell");
        using var http = new HttpClient(new HttpClientHandler { UseCookies = false });
        http.BaseAddress = new(fixture.Address);
        http.DefaultRequestHeaders.Add("Cookie", $"session={await fixture.SessionAsync("analyst", place.Path)}");
        await TimedAsync(http, "a level of 100 committees", Committees,
            _ => $"/organisations/rows?parent={place.Town}&level=2&of={Committees}");
        var ids = await IdsAsync(place.Town);
        await TimedAsync(http, "the first hundred of a level of 1,000 branches", 101,
            i => $"/organisations/rows?parent={ids[i % ids.Count]}&level=3&of={Branches}");
        await TimedAsync(http, "the whole page of a committee", 101,
            i => $"/organisations/{ids[i % ids.Count]}");
    }

    private static async Task TimedAsync(HttpClient http, string what, int rowsMin, Func<int, string> path)
    {
        List<double> took = [];
        for (var i = 0; i < Calls + 5; i++)
        {
            var began = Stopwatch.GetTimestamp();
            var text = await http.GetStringAsync(path(i));
            if (i >= 5) took.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            Assert.True(text.Split("role=\"treeitem\"").Length > rowsMin, $"{what}: {text.Length} characters");
        }
        took.Sort();
        System.Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"MEASURE {what}: p50 {took[Calls / 2]:0} ms, p95 {took[Calls * 95 / 100]:0} ms, least {took[0]:0} ms"));
    }

    private async Task<List<Guid>> IdsAsync(Guid parent)
    {
        await using var command = fixture.Behind.CreateCommand(
            $"select id from organisation where parent_id = '{parent}' order by path");
        await using var reader = await command.ExecuteReaderAsync();
        List<Guid> ids = [];
        while (await reader.ReadAsync()) ids.Add(reader.GetGuid(0));
        return ids;
    }

    private async Task ExecuteAsync(string sql)
    {
        await using NpgsqlCommand command = fixture.Behind.CreateCommand(sql);
        command.CommandTimeout = 600;
        await command.ExecuteNonQueryAsync();
    }
}
