using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using Npgsql;
using Platform.CommandLine.Infrastructure;
using Platform.Testing;
using Registry.Service;

namespace Registry.Tests.Service;

/// <summary>A registry in a process of its own over a database of its own, so that it can be killed (-9).</summary>
internal sealed class KilledRegistry : IAsyncDisposable
{
    private readonly string _address = $"http://127.0.0.1:{FreePorts.Take()}";
    private readonly TestTokens _tokens = new("140000.141022");
    private readonly int _chunkRows;
    private readonly TestDatabase _database;
    private readonly NpgsqlDataSource _behind;
    private Process _process;

    private KilledRegistry(TestDatabase database, int chunkRows)
    {
        (_database, _chunkRows) = (database, chunkRows);
        _behind = NpgsqlDataSource.Create(database.Superuser);
        _process = Run();
    }

    public Api Clerk => new(_address, _tokens.For(RegistryFixture.County, "committee-clerk"));

    /// <summary>With one branch, B01, below the county.</summary>
    public static async Task<KilledRegistry> StartAsync(int chunkRows)
    {
        var database = await TestDatabase.CreateAsync("killed", migrated: typeof(RegistryHost).Assembly);
        var registry = new KilledRegistry(database, chunkRows);
        await using var branch = registry._behind.CreateCommand("""
            insert into organisation (id, code, path, parent_id, region, name, type, contact, phone, unit_name,
                credit_code, community, site) values
            ('00000000-0000-7000-8000-000000000001', '141022', '140000/141000/141022/', null, '141022', '测试县委',
                'GCM', '', '', '', '', '', ''),
            ('00000000-0000-7000-8000-000000000002', 'B01', '140000/141000/141022/B01/',
                '00000000-0000-7000-8000-000000000001', '141022', '测试支部', 'BRA', '', '', '', '', '', '')
            """);
        await branch.ExecuteNonQueryAsync();
        return registry;
    }

    /// <summary>Answers with the load's id as soon as the file is staged.</summary>
    public async Task<Guid> SendAsync(byte[] file)
    {
        for (var tries = 0; ; tries++)
        {
            try
            {
                using var content = new ByteArrayContent(file);
                var reply = await Clerk.SendAsync(HttpMethod.Post, "/api/v1/rosters?region=141022&fileName=a.csv",
                    content, Guid.CreateVersion7(), ("Prefer", "respond-async"));
                Assert.Equal(202, reply.Status);
                return reply.Id();
            }
            catch (HttpRequestException) when (tries < 600)
            {
                await Task.Delay(100);
            }
        }
    }

    /// <summary>
    /// No load comes to this status while what is answered is held: a test that is slow to kill finds the work
    /// unfinished all the same.
    /// </summary>
    public async Task<NpgsqlConnection> BrakeAsync(string status)
    {
        // A pool would keep the lock beyond the connection's end.
        var held = new NpgsqlConnection(_database.Superuser + ";Pooling=false");
        await held.OpenAsync();
        await using var command = new NpgsqlCommand($"""
            create function brake() returns trigger language plpgsql as
                $$ begin perform pg_advisory_xact_lock_shared(1); return new; end $$;
            create trigger brake before update on roster_load for each row
                when (new.status = '{status}' and old.status <> new.status) execute function brake();
            select pg_advisory_lock(1)
            """, held);
        await command.ExecuteNonQueryAsync();
        return held;
    }

    /// <summary>Kills and starts again each time <paramref name="progress"/> passes a place below the last.</summary>
    /// <param name="open">Holds of the one load as long as the work is not over.</param>
    public async Task KillAsync(int kills, int seed, int last, string progress, string open)
    {
        var random = new Random(seed);
        foreach (var place in Enumerable.Range(0, kills).Select(_ => random.Next(last)).Order().ToArray())
        {
            while (await CountAsync(progress) <= place) await Task.Delay(random.Next(1, 8));
            _process.Kill();
            await _process.WaitForExitAsync();
            Assert.Equal(1, await CountAsync($"select count(*) from roster_load where {open}"));
            _process.Dispose();
            _process = Run();
        }
    }

    public async Task UntilAsync(string sql, long count)
    {
        while (await CountAsync(sql) != count) await Task.Delay(20);
    }

    /// <summary>Everything the register says of members and cards, but for members of these names.</summary>
    public Task<string> RegisterAsync(params string[] except) => SayAsync($"""
        select 'members ' || (select count(*) || ' ' || coalesce(md5(string_agg(name || birth_on || branch_path || sex
                || ethnic_group || native_place || education || joined_on || standing || occupation || employer
                || credit_code || role_played || encode(id_number_index, 'hex') || encode(phone_index, 'hex')
                || name_key || (select count(*) from roster_load l where l.id::text <= split_part(source, ':', 2)),
                ',' order by id_number_index)), '') from member where name <> all ({List(except)}))
            || ', cards ' || (select count(*) || ' ' || coalesce(md5(string_agg(name || host_region || status, ','
                order by name, encode(id_number_index, 'hex'))), '') from outbound_card
                where name <> all ({List(except)})) || ', '
        """);

    /// <summary>A clerk changes the member of that name.</summary>
    public async Task ChangeAsync(string name, object change)
    {
        var id = await SayAsync($"select id::text from member where name = '{name}'");
        Assert.Equal(200, (await Clerk.PatchAsync($"/api/v1/members/{id}", change)).Status);
    }

    public async Task<string> SayAsync(string sql)
    {
        await using var command = _behind.CreateCommand(sql);
        return (string)(await command.ExecuteScalarAsync())!;
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        await _behind.DisposeAsync();
        await _database.DisposeAsync();
        _tokens.Dispose();
    }

    private static string List(string[] names) => $"array[{string.Join(',', names.Select(n => $"'{n}'"))}]::text[]";

    private async Task<long> CountAsync(string sql)
    {
        await using var command = _behind.CreateCommand(sql);
        return Convert.ToInt64(await command.ExecuteScalarAsync(), CultureInfo.InvariantCulture);
    }

    private Process Run()
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "Registry.Service"), ["run"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in new Dictionary<string, string>
        {
            ["Urls"] = _address,
            ["ConnectionStrings__registry"] = _database.App,
            ["Rabbit__Uri"] = "amqp://guest:guest@127.0.0.1:1/",
            ["Services__exchange"] = "http://127.0.0.1:1",
            ["Services__Key"] = "a-service-key-of-the-tests",
            ["Node__Path"] = "140000.141022",
            ["Node__Parent"] = "140000",
            ["Node__Regions"] = "141022",
            ["Registry__RosterChunkRows"] = $"{_chunkRows}",
            ["Token__PublicKey"] = _tokens.PublicKey,
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
}
