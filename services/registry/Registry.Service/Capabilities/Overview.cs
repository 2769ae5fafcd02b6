using Microsoft.EntityFrameworkCore;
using Platform.Hosting;
using Registry.Mobility;
using Registry.Service.Persistence;

namespace Registry.Service.Capabilities;

/// <summary>
/// Counts per region. Formal headcount and mobile tallies are two measures that never mix: a member is counted once, by
/// the organisation that holds the relationship; going out and coming in are tallied beside it. Source: R-120, M-080,
/// M-087, M-111, M-275, M-277.
/// </summary>
internal static class OverviewApi
{
    /// <summary>
    /// Mobile tallies of one region; each count opens the list under <c>list</c> with the same filter.
    /// </summary>
    /// <param name="Out">Cases out of this region to another one, not settled.</param>
    /// <param name="In">Cases into this region from another one, not settled.</param>
    /// <param name="Within">Cases inside the region (M-111), not settled.</param>
    public sealed record TallyReply(string Region, int Out, int In, int Within, int Matched, int HomeOnly, int HostOnly,
        int Differs, string List);

    /// <param name="Headcount">Members whose relationship is held in the caller's subtree of this node; null where
    /// members are kept at other nodes.</param>
    public sealed record OverviewReply(DateTimeOffset At, long? Headcount, IReadOnlyList<TallyReply> Tallies);

    public static void MapOverview(this IEndpointRouteBuilder api) =>
        api.MapGet("/overview", RunAsync).WithTags("overview");

    private static async Task<OverviewReply> RunAsync(RegistryDb db, CallerContext context, TimeProvider clock,
        CancellationToken ct)
    {
        var caller = context.Current;
        caller.RequireRole(Access.SeeCounts);
        var groups = await db.Mirrors.AsNoTracking().InScope(caller.Scope)
            .GroupBy(m => new { m.HomeRegion, m.HostRegion, Agreement = EF.Property<Agreement>(m, "AgreementNow") })
            .Select(g => new Group(g.Key.HomeRegion, g.Key.HostRegion, g.Key.Agreement, g.Count())).ToListAsync(ct);
        var open = groups.Where(g => g.Agreement != Agreement.Settled).ToList();
        var regions = open.SelectMany(g => new[] { g.Home, g.Host }).Distinct().Order(StringComparer.Ordinal);
        var headcount = await db.Members.InScope(caller.Scope).LongCountAsync(ct);
        return new(clock.GetUtcNow(), headcount, [.. regions.Select(r => Tally(r, open))]);
    }

    private static TallyReply Tally(string region, List<Group> open)
    {
        var mine = open.Where(g => g.Home == region || g.Host == region).ToList();
        int Count(Func<Group, bool> where) => mine.Where(where).Sum(g => g.Count);
        return new(region,
            Count(g => g.Home == region && g.Host != region), Count(g => g.Host == region && g.Home != region),
            Count(g => g.Home == g.Host), Count(g => g.Agreement == Agreement.Matched),
            Count(g => g.Agreement == Agreement.HomeOnly), Count(g => g.Agreement == Agreement.HostOnly),
            Count(g => g.Agreement == Agreement.Differs), $"/api/v1/mirrors?region={region}");
    }

    private sealed record Group(string Home, string Host, Agreement Agreement, int Count);
}
