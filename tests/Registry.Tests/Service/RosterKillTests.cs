using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Npgsql;
using Platform.CommandLine.Infrastructure;
using Platform.Hosting;
using Platform.Testing;
using Registry.Roster;
using Registry.Service;
using Registry.Tests.Roster;

namespace Registry.Tests.Service;

/// <summary>
/// A load whose process is killed (-9) twenty times, somewhere between the first row checked and the last one loaded,
/// ends as one that nobody disturbed. The registry is a process of its own; when it dies is seeded.
/// </summary>
public sealed class RosterKillTests
{
    private const int Rows = 3000, ChunkRows = 30, Kills = 20, Seed = 20261124;

    [Fact, Trait("mechanism", "M-077")]
    public async Task A_load_killed_twenty_times_ends_as_if_it_had_not_been()
    {
        var rows = Enumerable.Range(0, Rows).Select(Row).ToArray();
        var file = Encoding.UTF8.GetBytes(Workbooks.Csv(RosterSheet.Members, rows));
        var calm = await RunAsync(file, kills: 0);
        var disturbed = await RunAsync(file, Kills);
        Assert.Equal(calm, disturbed);
        Assert.Contains("created 2900, refused 100", calm, StringComparison.Ordinal);
    }

    /// <summary>Loads in a database of its own and says what is there at the end.</summary>
    private static async Task<string> RunAsync(byte[] file, int kills)
    {
        using var tokens = new TestTokens("140000.141022");
        await using var database = await TestDatabase.CreateAsync("killed");
        Migrations.Run(database.Owner, typeof(RegistryHost).Assembly);
        await using var behind = NpgsqlDataSource.Create(database.Superuser);
        await using (var branch = behind.CreateCommand("""
            insert into organisation (id, code, path, parent_id, region, name, type, contact, phone, unit_name,
                credit_code, community, site) values
            ('00000000-0000-7000-8000-000000000001', '141022', '140000/141000/141022/', null, '141022', '测试县委',
                'GCM', '', '', '', '', '', ''),
            ('00000000-0000-7000-8000-000000000002', 'B01', '140000/141000/141022/B01/',
                '00000000-0000-7000-8000-000000000001', '141022', '测试支部', 'BRA', '', '', '', '', '', '')
            """)) await branch.ExecuteNonQueryAsync();
        var address = $"http://127.0.0.1:{FreePorts.Take()}";
        var registry = Start(address, database, tokens);
        try
        {
            await SendAsync(new Api(address, tokens.For(RegistryFixture.County, "committee-clerk")), file);
            var random = new Random(Seed);
            // Places over the first nine tenths of checking and loading; whoever starts behind one dies at once.
            var places = Enumerable.Range(0, kills).Select(_ => random.Next(2 * Rows * 9 / 10)).Order().ToArray();
            foreach (var place in places)
            {
                while (await ProgressAsync(behind) <= place) await Task.Delay(random.Next(1, 8));
                registry.Kill();
                await registry.WaitForExitAsync();
                registry.Dispose();
                Assert.Equal(1, await CountAsync(behind,
                    "select count(*) from roster_load where status in ('Checking', 'Comparing', 'Loading')"));
                registry = Start(address, database, tokens);
            }
            while (await CountAsync(behind, "select count(*) from roster_load where status = 'Done'") == 0)
                await Task.Delay(50);
        }
        finally
        {
            registry.Kill();
            registry.Dispose();
        }
        return await SayAsync(behind);
    }

    /// <summary>Everything a load leaves: each member once, each in the trail and in one message once.</summary>
    private static async Task<string> SayAsync(NpgsqlDataSource behind)
    {
        const string Sql = """
            select 'created ' || l.created || ', refused ' || l.refused || ', rows ' || l.rows || ', problems '
                || l.problem_count || ', cases ' || l.cases_opened
                || ', members ' || (select count(*) || ' ' || md5(string_agg(name || birth_on || branch_path
                    || occupation || encode(id_number_index, 'hex'), ',' order by id_number_index)) from member)
                || ', cards ' || (select count(*) || ' ' || md5(string_agg(name || host_region, ',' order by name,
                    encode(id_number_index, 'hex'))) from outbound_card)
                || ', trail ' || (select count(*) || ' ' || count(distinct subject_id) from audit
                    where command_id = l.id and action = 'MemberRegistered')
                || ', facts ' || (select string_agg(type || ' ' || n, ',' order by type)
                    from (select type, count(*) as n from outbox group by type) t)
                || ', staged ' || (select count(*) from roster_part where kind = 'file')
                || ', lines ' || (select count(*) || ' ' || sum(state) || ' ' || count(twin_line) from roster_line)
            from roster_load l
            """;
        await using var command = behind.CreateCommand(Sql);
        return (string)(await command.ExecuteScalarAsync())!;
    }

    private static async Task SendAsync(Api api, byte[] file)
    {
        for (var tries = 0; ; tries++)
        {
            try
            {
                using var content = new ByteArrayContent(file);
                var reply = await api.SendAsync(HttpMethod.Post, "/api/v1/rosters?region=141022&fileName=a.csv",
                    content, Guid.CreateVersion7(), ("Prefer", "respond-async"));
                Assert.Equal(202, reply.Status);
                return;
            }
            catch (HttpRequestException) when (tries < 600)
            {
                await Task.Delay(100);
            }
        }
    }

    private static Task<long> ProgressAsync(NpgsqlDataSource behind) =>
        CountAsync(behind, "select coalesce(sum(checked_to + loaded_to), 0) from roster_load");

    private static async Task<long> CountAsync(NpgsqlDataSource behind, string sql)
    {
        await using var command = behind.CreateCommand(sql);
        return Convert.ToInt64(await command.ExecuteScalarAsync(), CultureInfo.InvariantCulture);
    }

    private static Process Start(string address, TestDatabase database, TestTokens tokens)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "Registry.Service"), ["run"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in new Dictionary<string, string>
        {
            ["Urls"] = address,
            ["ConnectionStrings__registry"] = database.App,
            ["Rabbit__Uri"] = "amqp://guest:guest@127.0.0.1:1/",
            ["Services__exchange"] = "http://127.0.0.1:1",
            ["Services__Key"] = "a-service-key-of-the-tests",
            ["Node__Path"] = "140000.141022",
            ["Node__Parent"] = "140000",
            ["Node__Regions"] = "141022",
            ["Registry__RosterChunkRows"] = $"{ChunkRows}",
            ["Token__PublicKey"] = tokens.PublicKey,
            ["Keys__Field"] = Convert.ToBase64String(SHA256.HashData("field"u8)),
            ["Keys__Blind"] = Convert.ToBase64String(SHA256.HashData("blind"u8)),
        }) start.Environment[name] = value;
        var process = Process.Start(start)!;
        // Whoever does not read what a process says may stop it.
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    /// <summary>Every thirtieth row is wrong or a twin of the one before, every tenth is out.</summary>
    private static Dictionary<string, string> Row(int number)
    {
        var born = new DateOnly(1960, 1, 1).AddDays(number / 400);
        var sequence = (number % 400 * 2) + 1;
        var row = Workbooks.Member(1);
        row["name"] = $"翟{(char)('一' + number)}";
        var digits = born.ToString("yyyyMMdd", CultureInfo.InvariantCulture);
        row["id-number"] = Workbooks.IdNumber("141022", digits, sequence);
        row["born-on"] = born.ToString("O", CultureInfo.InvariantCulture);
        row["phone"] = $"1540000{number:D4}";
        if (number % 60 == 31) row["phone"] = "1";
        if (number % 60 == 59) row["id-number"] = Row(number - 1)["id-number"];
        if (number % 10 != 0) return row;
        foreach (var (column, value) in new[] { ("mobile", "是"), ("mobility-type", "跨省流动"), ("mobility-reason", "1"),
            ("destination", "440106"), ("departed-on", "2025-03-01") }) row[column] = value;
        return row;
    }
}
