using static Registry.Tests.Service.KilledRows;

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
        var file = File(Enumerable.Range(0, Rows).Select(Row));
        var calm = await LoadedAsync(file, kills: 0);
        var disturbed = await LoadedAsync(file, Kills);
        Assert.Equal(calm, disturbed);
        Assert.Contains("created 2900, refused 100", calm, StringComparison.Ordinal);
    }

    /// <summary>Loads in a database of its own and says what is there at the end.</summary>
    private static async Task<string> LoadedAsync(byte[] file, int kills)
    {
        await using var registry = await KilledRegistry.StartAsync(ChunkRows);
        await using (await registry.BrakeAsync("Done"))
        {
            await registry.SendAsync(file);
            // Places over the first nine tenths of checking and loading; whoever starts behind one dies at once.
            await registry.KillAsync(kills, Seed, 2 * Rows * 9 / 10,
                "select coalesce(sum(checked_to + loaded_to), 0) from roster_load",
                "status in ('Checking', 'Comparing', 'Loading', 'Reporting')");
        }
        await registry.UntilAsync("select count(*) from roster_load where status = 'Done'", 1);
        return await registry.RegisterAsync() + await registry.SayAsync($"""
            select 'created ' || l.created || ', refused ' || l.refused || ', rows ' || l.rows || ', problems '
                || l.problem_count || ', cases ' || l.cases_opened
                || ', trail ' || (select count(*) || ' ' || count(distinct subject_id) from audit
                    where command_id = l.id and action = 'MemberRegistered')
                || ', facts ' || {Facts}
                || ', staged ' || (select count(*) from roster_part where kind = 'file')
                || ', lines ' || (select count(*) || ' ' || sum(state) || ' ' || count(twin_line) from roster_line)
            from roster_load l
            """);
    }

    /// <summary>Every thirtieth row is wrong or a twin of the one before, every tenth is out.</summary>
    private static Dictionary<string, string> Row(int number)
    {
        var row = Right(number);
        if (number % 60 == 31) row["phone"] = "1";
        if (number % 60 == 59) row["id-number"] = Right(number - 1)["id-number"];
        if (number % 10 == 0) Leave(row);
        return row;
    }
}
