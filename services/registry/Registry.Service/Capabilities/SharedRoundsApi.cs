using Microsoft.EntityFrameworkCore;
using Platform.Hosting;
using Registry.Duplicates;
using Registry.Service.Persistence;

namespace Registry.Service.Capabilities;

/// <summary>
/// Doubles across regions: a tier opens a round, people of each region join, and each region sees whom another one has
/// registered too; people decide. Source: M-075.
/// </summary>
internal static class SharedRoundsApi
{
    /// <param name="OrganisationId">In whose name; at the tier that compares.</param>
    /// <param name="Regions">2 to 50 six-digit codes below this tier and served by other nodes; the first makes the
    /// key.</param>
    public sealed record OpenRequest(Guid OrganisationId, IReadOnlyList<string> Regions, string Reason);

    /// <param name="Sent">What each region has sent, by region: hashes, never who.</param>
    public sealed record RoundReply(SharedRound Round, IReadOnlyDictionary<string, int> Sent);

    /// <param name="Outcome">What people found out, 1 to 200 characters.</param>
    public sealed record SettleRequest(string Outcome);

    /// <param name="Region">Where else the same id number is registered.</param>
    public sealed record HintReply(Guid Id, MemberReply Member, string Region, DateTimeOffset FoundAt,
        DateTimeOffset? SettledAt, string Outcome);

    public static void MapSharedRounds(this IEndpointRouteBuilder api)
    {
        api.MapPost("/shared-rounds", OpenAsync).WithTags("duplicates");
        api.MapGet("/shared-rounds", RoundsAsync).WithTags("duplicates");
        api.MapPost("/shared-rounds/{id:guid}/close", CloseAsync).WithTags("duplicates");
        api.MapGet("/shared-parts", PartsAsync).WithTags("duplicates");
        api.MapPost("/shared-parts/{id:guid}/join", JoinAsync).WithTags("duplicates");
        api.MapGet("/duplicates/elsewhere", HintsAsync).WithTags("duplicates");
        api.MapPost("/duplicates/elsewhere/{id:guid}/settle", SettleAsync).WithTags("duplicates");
    }

    private static async Task<SharedRound> OpenAsync(OpenRequest body, CommandId command, RecordDesk records,
        SharedDesk desk, CancellationToken ct)
    {
        var top = await records.ForAsync(body.OrganisationId, Access.MergeMembers, ct);
        var input = new Input();
        var reason = input.Text(body.Reason, "reason", 200);
        input.Must(body.Regions is { Count: >= 2 and <= SharedRoundDecider.RegionsMax }, "regions", "OUT_OF_RANGE",
            $"2 to {SharedRoundDecider.RegionsMax} regions.", $"须为 2 至 {SharedRoundDecider.RegionsMax} 个地区。");
        foreach (var region in body.Regions ?? []) input.Region(region, "regions");
        input.ThrowIfAny();
        return await desk.OpenAsync(command, top, string.Join(',', body.Regions!), reason, ct);
    }

    private static async Task<Page<RoundReply>> RoundsAsync(Guid? after, int? size, RegistryDb db,
        CallerContext context, RegistryOptions options, CancellationToken ct)
    {
        context.Current.RequireRole(Access.MergeMembers);
        var (take, scope) = (Paging.Size(size, options), context.Current.Scope);
        var list = db.Set<SharedRound>().AsNoTracking().Where(r => string.Compare(r.Path, scope) >= 0
            && string.Compare(r.Path, scope + "~") < 0);
        if (after is { } last) list = list.Where(r => r.Id > last);
        var page = Paging.Of(await list.OrderBy(r => r.Id).Take(take + 1).ToListAsync(ct), take, r => r.Id.ToString());
        Guid[] ids = [.. page.Items.Select(r => r.Id)];
        var totals = (await db.Database.SqlQuery<Sent>(
            $"select round_id, region, total from shared_total where round_id = any ({ids})").ToListAsync(ct))
            .ToLookup(t => t.RoundId);
        return new([.. page.Items.Select(r => new RoundReply(r, totals[r.Id].ToDictionary(t => t.Region,
            t => t.Total)))], page.Next);
    }

    /// <summary>Compares what has come and answers; regions that have not joined stay out.</summary>
    private static Task<SharedRound> CloseAsync(Guid id, CommandId command, SharedDesk desk, CallerContext context,
        CancellationToken ct)
    {
        context.Current.RequireRole(Access.MergeMembers);
        return desk.CloseAsync(command.Value, id, r => context.Current.Require(r.Path, Access.MergeMembers), ct);
    }

    private static async Task<Page<SharedPart>> PartsAsync(Guid? after, int? size, RegistryDb db,
        CallerContext context, RegistryOptions options, CancellationToken ct)
    {
        context.Current.RequireRole(Access.MergeMembers);
        var (take, scope) = (Paging.Size(size, options), context.Current.Scope);
        var list = db.Set<SharedPart>().AsNoTracking().Where(p => string.Compare(p.Path, scope) >= 0
            && string.Compare(p.Path, scope + "~") < 0);
        if (after is { } last) list = list.Where(p => p.Id > last);
        return Paging.Of(await list.OrderBy(p => p.Id).Take(take + 1).ToListAsync(ct), take, p => p.Id.ToString());
    }

    /// <summary>Agrees that this region's keyed hashes go to the tier that compares.</summary>
    private static async Task<SharedPart> JoinAsync(Guid id, CommandId command, RegistryDb db, SharedDesk desk,
        CallerContext context, CancellationToken ct)
    {
        context.Current.RequireRole(Access.MergeMembers);
        var part = await db.Set<SharedPart>().AsNoTracking().SingleOrDefaultAsync(p => p.Id == id, ct)
            ?? throw new ProblemException(SharedRoundDecider.NotFound);
        context.Current.Require(part.Path, Access.MergeMembers);
        return await desk.JoinAsync(command, part, ct);
    }

    /// <summary>Members another region has registered too; open ones first seen, all with <c>all=true</c>.</summary>
    private static async Task<Page<HintReply>> HintsAsync(bool? all, Guid? after, int? size, RegistryDb db,
        CallerContext context, RegistryOptions options, CancellationToken ct)
    {
        context.Current.RequireRole(Access.MergeMembers);
        var take = Paging.Size(size, options);
        var list = from a in db.Set<AlsoRegistered>().AsNoTracking()
                   join m in db.Members.AsNoTracking().InScope(context.Current.Scope) on a.MemberId equals m.Id
                   where all == true || a.SettledAt == null
                   select new { Hint = a, Member = m };
        if (after is { } last) list = list.Where(x => x.Hint.Id > last);
        var page = Paging.Of(await list.OrderBy(x => x.Hint.Id).Take(take + 1).ToListAsync(ct), take,
            x => x.Hint.Id.ToString());
        foreach (var row in page.Items) db.RecordRead("member", row.Member.Id, row.Member.BranchPath, "ListShown");
        await db.SaveChangesAsync(ct);
        return new([.. page.Items.Select(x => new HintReply(x.Hint.Id, MemberReply.Of(x.Member), x.Hint.Region,
            x.Hint.FoundAt, x.Hint.SettledAt, x.Hint.Outcome))], page.Next);
    }

    private static async Task<AlsoRegistered> SettleAsync(Guid id, SettleRequest body, CommandId command,
        RegistryDb db, CallerContext context, TimeProvider clock, CancellationToken ct)
    {
        var input = new Input();
        var outcome = input.Text(body.Outcome, "outcome", 200);
        input.ThrowIfAny();
        context.Current.RequireRole(Access.MergeMembers);
        var member = await db.Set<AlsoRegistered>().Where(a => a.Id == id).Select(a => (Guid?)a.MemberId)
            .SingleOrDefaultAsync(ct) ?? throw new ProblemException(CandidateDecider.NotFound);
        var path = (await db.MemberAsync(member, context.Current, Access.MergeMembers, ct)).BranchPath;
        return await db.CommitAsync(command.Value, id, new Change<AlsoRegistered, AlsoRegisteredSettled>(
            "also-registered", a => AlsoRegisteredDecider.Settle(a, context.Current.Subject, clock.GetUtcNow(),
                outcome), AlsoRegisteredDecider.Evolve, _ => path, (_, _, _) => []), ct);
    }

    private sealed record Sent(Guid RoundId, string Region, int Total);
}
