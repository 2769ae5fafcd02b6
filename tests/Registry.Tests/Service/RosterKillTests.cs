using System.Globalization;
using System.Text;
using Registry.Roster;
using Registry.Tests.Roster;

namespace Registry.Tests.Service;

/// <summary>
/// A load whose process is killed (-9) twenty times, somewhere between the first row checked and the last one loaded,
/// ends as one that nobody disturbed; so does its undo. The registry is a process of its own; when it dies is seeded.
/// </summary>
public sealed class RosterKillTests
{
    private const int Rows = 3000, ChunkRows = 30, Kills = 20, Seed = 20261124;
    private const string Facts = """
        (select string_agg(type || ' ' || n, ',' order by type)
         from (select type, count(*) as n from outbox group by type) t)
        """;

    [Fact, Trait("mechanism", "M-077")]
    public async Task A_load_killed_twenty_times_ends_as_if_it_had_not_been()
    {
        var file = File(Enumerable.Range(0, Rows).Select(Row));
        var calm = await LoadedAsync(file, kills: 0);
        var disturbed = await LoadedAsync(file, Kills);
        Assert.Equal(calm, disturbed);
        Assert.Contains("created 2900, refused 100", calm, StringComparison.Ordinal);
    }

    [Fact, Trait("mechanism", "M-077")]
    public async Task An_undo_killed_five_times_ends_as_if_it_had_not_been()
    {
        var calm = await UndoneAsync(kills: 0);
        var disturbed = await UndoneAsync(Kills / 4);
        Assert.Equal(calm, disturbed);
        Assert.Contains("withdrawn 299, restored 599, kept 4 0 phone,92 0 ,", calm, StringComparison.Ordinal);
    }

    /// <summary>Loads in a database of its own and says what is there at the end.</summary>
    private static async Task<string> LoadedAsync(byte[] file, int kills)
    {
        await using var registry = await KilledRegistry.StartAsync(ChunkRows);
        await registry.SendAsync(file);
        // Places over the first nine tenths of checking and loading; whoever starts behind one dies at once.
        await registry.KillAsync(kills, Seed, 2 * Rows * 9 / 10,
            "select coalesce(sum(checked_to + loaded_to), 0) from roster_load",
            "status in ('Checking', 'Comparing', 'Loading')");
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
        await registry.Clerk.PostAsync($"/api/v1/rosters/{load}/undo", new { reason = "错表" });
        await registry.KillAsync(kills, Seed, All * 6 / 10, "select sum(undone_to) from roster_load",
            "status = 'Undoing'");
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

    private static byte[] File(IEnumerable<Dictionary<string, string>> rows) =>
        Encoding.UTF8.GetBytes(Workbooks.Csv(RosterSheet.Members, [.. rows]));

    /// <summary>Every thirtieth row is wrong or a twin of the one before, every tenth is out.</summary>
    private static Dictionary<string, string> Row(int number)
    {
        var row = Right(number);
        if (number % 60 == 31) row["phone"] = "1";
        if (number % 60 == 59) row["id-number"] = Right(number - 1)["id-number"];
        if (number % 10 == 0) Leave(row);
        return row;
    }

    /// <summary>Another telephone and occupation than the register has; some who are home are said to be out.</summary>
    private static Dictionary<string, string> Wrong(int number)
    {
        var row = Right(number);
        (row["occupation"], row["phone"]) = ("船员", $"1551100{number:D4}");
        if (number % 20 == 0) Leave(row);
        return row;
    }

    private static void Leave(Dictionary<string, string> row)
    {
        foreach (var (column, value) in new[] { ("mobile", "是"), ("mobility-type", "跨省流动"), ("mobility-reason", "1"),
            ("destination", "440106"), ("departed-on", "2025-03-01") }) row[column] = value;
    }

    private static Dictionary<string, string> Right(int number)
    {
        var born = new DateOnly(1960, 1, 1).AddDays(number / 400);
        var sequence = (number % 400 * 2) + 1;
        var row = Workbooks.Member(1);
        row["name"] = $"翟{(char)('一' + number)}";
        var digits = born.ToString("yyyyMMdd", CultureInfo.InvariantCulture);
        row["id-number"] = Workbooks.IdNumber("141022", digits, sequence);
        row["born-on"] = born.ToString("O", CultureInfo.InvariantCulture);
        row["phone"] = $"1540000{number:D4}";
        return row;
    }
}
