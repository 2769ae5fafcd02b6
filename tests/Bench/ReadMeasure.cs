using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Npgsql;
using Registry.Members;

namespace Bench;

/// <summary>
/// One archive through the gateway with token, scope, row-level security, decryption and read-audit. Raw limit: a bare
/// endpoint that reads the same row by its primary key, without any of these.
/// </summary>
internal static class ReadMeasure
{
    private const int Members = 100_000, Seconds = 2, Rounds = 11;

    public static async Task RunAsync()
    {
        await using var node = await RegistryNode.StartAsync();
        var branch = await node.BranchAsync();
        var members = Enumerable.Range(0, Members).Select(i => Member(branch.Id, branch.Path, i)).ToList();
        await node.AddAsync(members);
        await node.SettleAsync();
        await using var bare = await BareAsync(node.Source);
        var ids = members.Select(m => m.Id).Where((_, i) => i % 10 == 0).ToList();
        var (full, raw) = (new List<Wrk.Rate>(), new List<Wrk.Rate>());
        for (var round = 0; round <= Rounds; round++)
        {
            var one = await Wrk.GetAsync(bare.Urls.First(), ids.Select(i => $"/bare/{i}"), null, Seconds);
            var all = await Wrk.GetAsync(
                node.Address, ids.Select(i => $"/api/v1/members/{i}"), node.Token("committee-clerk"), Seconds);
            Say.Line($"bare {one.PerSecond:F0}/s ({one.P50}, {one.P99})");
            Say.Line($"full {all.PerSecond:F0}/s ({all.P50}, {all.P99})");
            if (round == 0) continue; // warms up
            full.Add(all);
            raw.Add(one);
        }
        var ratio = Say.Median(full.Zip(raw, (f, r) => f.PerSecond / r.PerSecond));
        var rate = Say.Median(full.Select(f => f.PerSecond));
        Say.Line($"read: {rate:F0}/s, {ratio:P1} of the bare endpoint (goal 33 %)");
    }

    /// <summary>A synthetic member; the number makes everything about it.</summary>
    public static Member Member(Guid branchId, string branchPath, int number) => new()
    {
        Id = Guid.CreateVersion7(),
        BranchId = branchId,
        BranchPath = branchPath,
        Name = $"测试{(char)('一' + (number % 5000))}",
        IdNumber = string.Create(CultureInfo.InvariantCulture, $"141022{BirthOn(number):yyyyMMdd}{number % 1000:D3}X"),
        Sex = "1",
        EthnicGroup = "01",
        BirthOn = new(1970, 1, 1),
        NativePlace = "山西翼城",
        Education = "20",
        JoinedOn = new(2000, 7, 1),
        Standing = "full",
        Phone = string.Create(CultureInfo.InvariantCulture, $"139{number:D8}"),
        Occupation = "建筑",
        Residence = "测试社区一号楼",
    };

    private static DateOnly BirthOn(int number) => new DateOnly(1950, 1, 1).AddDays(number / 1000);

    private static async Task<WebApplication> BareAsync(NpgsqlDataSource source)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.MapGet("/bare/{id:guid}", async (Guid id) =>
        {
            await using var command = source.CreateCommand("""
                select id, branch_id, branch_path, name, sex, ethnic_group, birth_on, native_place, education,
                       joined_on, standing, occupation, employer, credit_code, role_played
                from member where id = $1
                """);
            command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = id });
            await using var r = await command.ExecuteReaderAsync();
            return await r.ReadAsync() ? Results.Ok(new
            {
                id = r.GetGuid(0), branchId = r.GetGuid(1), branchPath = r.GetString(2), name = r.GetString(3),
                sex = r.GetString(4), ethnicGroup = r.GetString(5), birthOn = r.GetFieldValue<DateOnly>(6),
                nativePlace = r.GetString(7), education = r.GetString(8), joinedOn = r.GetFieldValue<DateOnly>(9),
                standing = r.GetString(10), occupation = r.GetString(11), employer = r.GetString(12),
                creditCode = r.GetString(13), rolePlayed = r.GetString(14),
            }) : Results.NotFound();
        });
        await app.StartAsync();
        return app;
    }
}
