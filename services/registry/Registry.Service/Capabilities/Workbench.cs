using Npgsql;
using Platform.Hosting;
using Registry.Mobility;

namespace Registry.Service.Capabilities;

/// <summary>
/// How many cards wait for whom: the counts of the workbench, all from one snapshot and each with the list it counts
/// (the same filter on <c>/reconciliation</c>). Source: architecture 7, M-110.
/// </summary>
internal static class WorkbenchApi
{
    /// <param name="At">Instant of the snapshot.</param>
    /// <param name="Todo">Cards whose next step the own side owes; <c>turn=ours</c>.</param>
    /// <param name="Waiting">Cards whose next step the other side owes; <c>turn=theirs</c>.</param>
    /// <param name="Soon">Of <paramref name="Todo"/>: within the days before the limit; <c>due=soon</c>.</param>
    /// <param name="Overdue">Of <paramref name="Todo"/>: past the limit; <c>due=overdue</c>.</param>
    /// <param name="Steps">Of <paramref name="Todo"/>, by next step, most first.</param>
    /// <param name="Agreements">All open cards by agreement, every word present.</param>
    /// <param name="WaitingFor">Of <paramref name="Waiting"/>, by the other region, most first.</param>
    public sealed record WorkbenchReply(DateTimeOffset At, int Todo, int Waiting, int Soon, int Overdue,
        IReadOnlyList<StepReply> Steps, IReadOnlyDictionary<Agreement, int> Agreements,
        IReadOnlyList<WaitingReply> WaitingFor);

    public sealed record StepReply(string Step, int Count);

    /// <param name="OldestDays">Age of the card that waits longest.</param>
    public sealed record WaitingReply(string Region, int Count, int OldestDays);

    private sealed record Group(Agreement Agreement, bool? Ours, string Step, string Region, int Age, int Due,
        int Count);

    public static void MapWorkbench(this IEndpointRouteBuilder api) =>
        api.MapGet("/workbench", RunAsync).WithTags("cases");

    private static async Task<WorkbenchReply> RunAsync(ScopedReads reads, CallerContext context,
        RegistryOptions options, TimeProvider clock, CancellationToken ct)
    {
        var (caller, now) = (context.Current, clock.GetUtcNow());
        caller.RequireRole(Access.SeeCases);
        var limit = now.AddDays(-options.OneSidedDaysMax);
        var query = new NpgsqlBatchCommand("""
            select agreement, next_by = side, next_step,
                   case side when 'Home' then host_region else home_region end,
                   min(since), case when since < $3 then 2 when since < $4 then 1 else 0 end, count(*)::int
            from reconciliation
            where own_path >= $1 and own_path < $2 and (agreement <> 'Settled' or next_by is not null)
            group by 1, 2, 3, 4, 6
            """)
        {
            Parameters =
            {
                new() { Value = caller.Scope }, new() { Value = caller.Scope + "~" },
                new() { Value = limit }, new() { Value = limit.AddDays(options.SoonDays) },
            },
        };
        var groups = await reads.ReadAsync(caller, query, r => new Group(Enum.Parse<Agreement>(r.GetString(0)),
            r.IsDBNull(1) ? null : r.GetBoolean(1), r.GetString(2), r.GetString(3),
            CasesApi.Age(now, r.GetFieldValue<DateTimeOffset>(4)), r.GetInt32(5), r.GetInt32(6)), ct);
        return Of(now, groups);
    }

    private static WorkbenchReply Of(DateTimeOffset now, List<Group> groups)
    {
        var (ours, theirs) = (groups.Where(g => g.Ours == true).ToList(), groups.Where(g => g.Ours == false).ToList());
        return new(now, ours.Sum(g => g.Count), theirs.Sum(g => g.Count),
            ours.Where(g => g.Due == 1).Sum(g => g.Count), ours.Where(g => g.Due == 2).Sum(g => g.Count),
            [.. ours.GroupBy(g => g.Step).Select(g => new StepReply(g.Key, g.Sum(x => x.Count)))
                .OrderByDescending(s => s.Count).ThenBy(s => s.Step, StringComparer.Ordinal)],
            Enum.GetValues<Agreement>().Where(a => a != Agreement.Settled)
                .ToDictionary(a => a, a => groups.Where(g => g.Agreement == a).Sum(g => g.Count)),
            [.. theirs.GroupBy(g => g.Region).Select(g =>
                new WaitingReply(g.Key, g.Sum(x => x.Count), g.Max(x => x.Age)))
                .OrderByDescending(w => w.Count).ThenBy(w => w.Region, StringComparer.Ordinal)]);
    }
}
