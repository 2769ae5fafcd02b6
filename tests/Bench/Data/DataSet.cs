using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Platform.Hosting;
using Registry.Service.Persistence;

namespace Bench.Data;

/// <summary>
/// Fills a registry's empty database by binary COPY. Rows pass through the service's own model, so that derived columns
/// and encryption are the service's; triggers are off meanwhile, and what they would have written is written by the set
/// afterwards. The trail of who registered whom is left out.
/// </summary>
/// <param name="services">Of the registry.</param>
/// <param name="superuser">Connection string: only a superuser may turn triggers off.</param>
internal sealed class DataSet(DataPlan plan, IServiceProvider services, string superuser)
{
    private const int Batch = 5000, Hands = 2;

    /// <summary>What the triggers of members, organisations and cards write.</summary>
    private static readonly string[] History =
    [
        """
        insert into organisation_spell
        select id, founded_on, dissolved_on, parent_id, region, path, code, name, type, division, sector
        from organisation
        """,
        "insert into membership_spell (member_id, branch_id, from_on) select id, branch_id, held_since from member",
        """
        insert into figure_span (side, subject_id, person_id, path, region, other_region, leg, distance, occupation,
                                 sector, education, reason, began_on, from_on, recorded_at)
        select 'held', id, id, branch_path, '', '', 0, 0, '', '', '', '', held_since, held_since, now() from member
        """,
        """
        insert into organisation_word
        select substr(name, at, 12), path, id
        from organisation cross join lateral generate_series(1, greatest(length(name) - 1, 1)) at
        on conflict do nothing
        """,
        """
        insert into name_reading
        select r, path, kind, id
        from (select 'member' as kind, id, branch_path as path, name_readings from member where name_readings <> ''
              union all select 'outbound_card', id, home_path, name_readings from outbound_card
              union all select 'inbound_card', id, host_path, name_readings from inbound_card) n,
            unnest(string_to_array(nullif(name_readings, ''), ' ')) r
        """,
        """
        insert into card_span (side, card_id, person_id, held_by, path, region, other_region, leg, distance, occupation,
                               sector, education, reason, began_on, from_on, until_on)
        select side, subject_id, person_id, held_by, path, region, other_region, leg, distance, occupation, sector,
               education, reason, began_on, began_on, until_on
        from figure_cards((select array_agg(id) from (
            select id from outbound_card union all select id from inbound_card) c))
        """,
        """
        insert into figure_span (side, subject_id, person_id, path, region, other_region, leg, distance, occupation,
                                 sector, education, reason, began_on, from_on, until_on, recorded_at)
        select side, card_id, person_id, path, region, other_region, leg, distance, occupation, sector, education,
               reason, began_on, from_on, until_on, now()
        from card_span
        """,
    ];

    /// <summary>Everything, with times taken when <paramref name="say"/> listens.</summary>
    public async Task FillAsync(Action<string> say)
    {
        var started = Stopwatch.GetTimestamp();
        var (at, cpu) = (started, Environment.CpuUsage.TotalTime);
        void Took(string what)
        {
            var (wall, used) = (Stopwatch.GetElapsedTime(at), Environment.CpuUsage.TotalTime - cpu);
            say(string.Create(CultureInfo.InvariantCulture,
                $"  {what}: {wall.TotalSeconds:F1} s, of this process's processor time {used.TotalSeconds:F1} s"));
            (at, cpu) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
        }
        var indexes = await SecondaryIndexes.DropAsync(superuser);
        await WriteAsync(CopyAsync, Took);
        // Without it the history is planned for empty tables.
        await RunAsync("analyze");
        foreach (var sql in History) await RunAsync(sql);
        Took("history by the set");
        await indexes.CreateAsync(Hands);
        Took("indexes");
        await RunAsync("vacuum analyze");
        Took("vacuum analyze");
        say(string.Create(CultureInfo.InvariantCulture,
            $"generated {plan.Members} members, {plan.Cases} cases, {plan.Organisations} organisations in "
            + $"{Stopwatch.GetElapsedTime(started).TotalSeconds:F0} s"));
    }

    /// <summary>The same rows the way the service writes them, triggers and all.</summary>
    public Task FillByServiceAsync() => WriteAsync(async (db, rows) =>
    {
        db.AddRange(rows);
        await db.SaveChangesAsync();
    }, _ => { });

    private async Task WriteAsync(Func<RegistryDb, IEnumerable<object>, Task> write, Action<string> took)
    {
        var tree = SyntheticTree.Of(plan).ToList();
        // Superiors first: these are not spread over hands.
        for (var i = 0; i < tree.Count; i += Batch) await OneAsync(i / Batch, tree.Skip(i).Take(Batch), write);
        took("organisations");
        await BatchesAsync(plan.Members, i => SyntheticPeople.Member(plan, i), write);
        took("members");
        await BatchesAsync(plan.Cases, i => SyntheticPeople.Outbound(plan, i), write);
        await BatchesAsync(plan.Cases, i => SyntheticPeople.Inbound(plan, i), write);
        await BatchesAsync(plan.Cases, i => SyntheticPeople.Mirror(plan, i), write);
        took("cards and mirrors");
    }

    private Task BatchesAsync(int count, Func<int, object?> make, Func<RegistryDb, IEnumerable<object>, Task> write) =>
        Parallel.ForAsync(0, (count + Batch - 1) / Batch, new ParallelOptions { MaxDegreeOfParallelism = Hands },
            async (batch, _) => await OneAsync(batch, Enumerable.Range(batch * Batch,
                Math.Min(Batch, count - (batch * Batch))).Select(make).OfType<object>(), write));

    private async Task OneAsync(int batch, IEnumerable<object> rows, Func<RegistryDb, IEnumerable<object>, Task> write)
    {
        await using var scope = services.CreateAsyncScope();
        var context = scope.ServiceProvider.GetRequiredService<CallerContext>();
        context.Current = Caller.Service;
        // Every batch was registered on a day of its own.
        var clock = new Past(new DateTimeOffset(2021, 1, 1, 4, 0, 0, TimeSpan.Zero).AddDays(batch * 37 % 1800));
        await using var db = ActivatorUtilities.CreateInstance<RegistryDb>(scope.ServiceProvider,
            new DbContextServices(clock, scope.ServiceProvider.GetRequiredService<FieldCipher>(), context));
        db.ChangeTracker.AutoDetectChangesEnabled = false;
        await write(db, rows);
    }

    private async Task CopyAsync(RegistryDb db, IEnumerable<object> entities)
    {
        var set = db.Rows(entities);
        await using var connection = await OpenAsync();
        foreach (var rows in set.Tables)
        {
            var names = string.Join(", ", rows.Columns.Select(c => $"\"{c.Name}\""));
            await using var copy = await connection.BeginBinaryImportAsync(
                $"copy \"{rows.Table}\" ({names}) from stdin (format binary)");
            for (var row = 0; row < rows.Values[0].Length; row++)
            {
                await copy.StartRowAsync();
                for (var i = 0; i < rows.Columns.Count; i++)
                {
                    if (rows.Values[i].GetValue(row) is { } value) await copy.WriteAsync(value, rows.Columns[i].Type);
                    else await copy.WriteNullAsync();
                }
            }
            await copy.CompleteAsync();
        }
    }

    private async Task RunAsync(string sql)
    {
        await using var connection = await OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 3600 };
        await command.ExecuteNonQueryAsync();
    }

    private async Task<NpgsqlConnection> OpenAsync()
    {
        var connection = new NpgsqlConnection(superuser);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("""
            set session_replication_role = replica; set synchronous_commit = off; set maintenance_work_mem = '1GB';
            set work_mem = '512MB'; set platform.scope = '*'
            """, connection);
        await command.ExecuteNonQueryAsync();
        return connection;
    }

    private sealed class Past(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
