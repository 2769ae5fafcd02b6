using static Registry.Tests.Service.KilledRows;

namespace Registry.Tests.Service;

/// <summary>The undo of a load whose process is killed (-9) five times ends as one that nobody disturbed.</summary>
public sealed class RosterUndoKillTests
{
    private const int ChunkRows = 30, Kills = 5, Seed = 20261124;

    [Fact, Trait("mechanism", "M-077")]
    public async Task An_undo_killed_five_times_ends_as_if_it_had_not_been()
    {
        var calm = await UndoneAsync(kills: 0);
        var disturbed = await UndoneAsync(Kills);
        Assert.Equal(calm, disturbed);
        Assert.Contains("withdrawn 299, restored 599, kept 4 0 phone,92 0 ,", calm, StringComparison.Ordinal);
    }

    /// <summary>
    /// Loads; loads a file that amends all of it and creates half as many more; changes a member of either kind;
    /// undoes the second load. Says what is there at the end.
    /// </summary>
    private static async Task<string> UndoneAsync(int kills)
    {
        const int Known = 600, All = 900;
        await using var registry = await KilledRegistry.StartAsync(ChunkRows);
        await registry.SendAsync(File(Enumerable.Range(0, Known).Select(Right)));
        await registry.UntilAsync("select count(*) from roster_load where status = 'Done'", 1);
        var wrong = Enumerable.Range(0, All).Select(i => Wrong(i * 7 % All)).ToArray();
        // The first row of the file is number 2: rows 4 and 92 amend and create.
        var changed = new[] { wrong[2]["name"], wrong[90]["name"] };
        var before = await registry.RegisterAsync(changed);
        var load = await registry.SendAsync(File(wrong));
        await registry.UntilAsync("select count(*) from roster_load where status = 'Done'", 2);
        await registry.ChangeAsync(changed[0], new { phone = "13900000001" });
        await registry.ChangeAsync(changed[1], new { occupation = "教师" });
        await using (await registry.BrakeAsync("Undone"))
        {
            await registry.Clerk.PostAsync($"/api/v1/rosters/{load}/undo", new { reason = "错表" });
            await registry.KillAsync(kills, Seed, All * 6 / 10, "select sum(undone_to) from roster_load",
                "status = 'Undoing'");
        }
        await registry.UntilAsync("select count(*) from roster_load where status = 'Undone'", 1);
        // But for the two who were changed, the register is what it was before the wrong file.
        Assert.Equal(before, await registry.RegisterAsync(changed));
        return await registry.RegisterAsync() + await registry.SayAsync($"""
            select 'withdrawn ' || l.withdrawn || ', restored ' || l.restored
                || ', kept ' || (select string_agg(line || ' ' || why || ' ' || kept_fields, ',' order by line)
                    from roster_line where load_id = l.id and state = 5)
                || ', trail ' || (select string_agg(action || ' ' || n || ' ' || subjects, ',' order by action)
                    from (select action, count(*) as n, count(distinct subject_id) as subjects from audit
                          group by action) t)
                || ', facts ' || {Facts}
            from roster_load l where l.id = '{load}'
            """);
    }

    /// <summary>Another telephone and occupation than the register has; some who are home are said to be out.</summary>
    private static Dictionary<string, string> Wrong(int number)
    {
        var row = Right(number);
        (row["occupation"], row["phone"]) = ("船员", $"1551100{number:D4}");
        if (number % 20 == 0) Leave(row);
        return row;
    }
}
