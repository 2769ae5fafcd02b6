using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Platform.Hosting;
using Registry.Duplicates;
using Registry.Members;
using Registry.Service.Persistence;

namespace Registry.Service.Capabilities;

/// <summary>
/// Two archives side by side, made one field by field, and taken back exactly: both archives and everything that names
/// them. One transaction each way. Source: M-075, M-101, P1.
/// </summary>
internal static class MergesApi
{
    /// <param name="FirstBranch">Path of the branch.</param>
    /// <param name="Pair">What a search for doubles and people said of the two; null when no search found them.</param>
    public sealed record SideBySideReply(Guid FirstId, Guid SecondId, string FirstBranch, string SecondBranch,
        IReadOnlyList<FieldPair> Fields, IReadOnlyList<LinkCount> FirstLinks, IReadOnlyList<LinkCount> SecondLinks,
        int Points, IReadOnlyList<DuplicatesApi.SignReply> Signs, string FirstBranchName, string SecondBranchName,
        PairReply? Pair);

    public sealed record PairReply(Guid Id, CandidateStatus Status, DateTimeOffset FoundAt, DateTimeOffset? DecidedAt,
        string Reason);

    /// <param name="First">Masked when sensitive; <paramref name="Same"/> compares the values themselves.</param>
    public sealed record FieldPair(string Field, string Title, string First, string Second, bool Same);

    public sealed record LinkCount(string Table, int Count);

    /// <param name="FromGone">Fields that take the value of the archive that goes.</param>
    public sealed record MergeRequest(Guid KeptId, Guid GoneId, string Reason, string[]? FromGone = null);

    public sealed record UndoRequest(string Reason);

    public sealed record MergeReply(Guid Id, Guid KeptId, Guid GoneId, string KeptName, string GoneName,
        IReadOnlyList<string> Taken, IReadOnlyList<LinkCount> Moved, DateTimeOffset MergedAt, string Reason,
        DateTimeOffset? UndoneAt)
    {
        internal static MergeReply Of(MemberMerge m) => new(m.Id, m.KeptId, m.GoneId, m.KeptAfter.Name, m.Gone.Name,
            [.. MemberFields.Changes(m.KeptBefore, m.KeptAfter).Select(c => c.Field)], Counts(m.Moved), m.MergedAt,
            m.Reason, m.UndoneAt);
    }

    /// <summary>One merge with both archives as they went in and the one that came out, masked.</summary>
    /// <param name="StaysChanged">Fields changed since: taking the merge back leaves their later value.</param>
    /// <param name="Acts">Who merged and who took it back.</param>
    public sealed record MergeDetailReply(MergeReply Merge, IReadOnlyList<MergedField> Fields,
        IReadOnlyList<string> StaysChanged, IReadOnlyList<MergeAct> Acts);

    public sealed record MergedField(string Field, string Title, string Kept, string Gone, string After, bool Same,
        bool FromGone);

    public sealed record MergeAct(DateTimeOffset At, string ActorName, string? OnBehalfOf, string Action,
        string? Reason);

    public static void MapMerges(this IEndpointRouteBuilder api)
    {
        api.MapGet("/members/{id:guid}/beside/{other:guid}", BesideAsync).WithTags("merges");
        var group = api.MapGroup("/member-merges").WithTags("merges");
        group.MapPost("", MergeAsync);
        group.MapGet("", ListAsync);
        group.MapGet("/{id:guid}", ShowAsync);
        group.MapPost("/{id:guid}/undo", UndoAsync);
    }

    private static async Task<SideBySideReply> BesideAsync(Guid id, Guid other, RegistryDb db, CallerContext context,
        CancellationToken ct)
    {
        var first = await db.MemberAsync(id, context.Current, Access.MergeMembers, ct);
        var second = await db.MemberAsync(other, context.Current, Access.MergeMembers, ct);
        var score = DuplicatesApi.ScoreOf(first, second);
        // PostgreSQL and .NET order ids differently.
        var pair = await db.Set<DuplicateCandidate>().AsNoTracking().SingleOrDefaultAsync(c =>
            (c.FirstId == id && c.SecondId == other) || (c.FirstId == other && c.SecondId == id), ct);
        var names = await db.Organisations.AsNoTracking().Where(o => o.Id == first.BranchId || o.Id == second.BranchId)
            .ToDictionaryAsync(o => o.Id, o => o.Name, ct);
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        var reply = new SideBySideReply(id, other, first.BranchPath, second.BranchPath,
            [.. MemberFields.All.Select(f => new FieldPair(f.Name, f.Title, f.Masked(f.Get(first)),
                f.Masked(f.Get(second)), f.Get(first) == f.Get(second)))],
            Counts(await LinksAsync(db, id, ct)), Counts(await LinksAsync(db, other, ct)), score.Points,
            DuplicatesApi.SignReply.Of(score), names.GetValueOrDefault(first.BranchId, ""),
            names.GetValueOrDefault(second.BranchId, ""),
            pair is null ? null : new(pair.Id, pair.Status, pair.FoundAt, pair.DecidedAt, pair.Reason));
        foreach (var member in new[] { first, second })
            db.RecordRead("member", member.Id, member.BranchPath, "ShownBeside");
        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
        return reply;
    }

    private static async Task<MergeReply> MergeAsync(MergeRequest body, CommandId command, RegistryDb db,
        CallerContext context, TimeProvider clock, CancellationToken ct)
    {
        var input = new Input();
        var reason = input.Text(body.Reason, "reason", 200);
        input.Must((body.FromGone?.Length ?? 0) <= MemberFields.All.Count, "fromGone", "TOO_MANY",
            "At most one entry for each field.", "每个字段至多一项。");
        input.ThrowIfAny();
        context.Current.RequireRole(Access.MergeMembers);
        if (await db.Set<MemberMerge>().AsNoTracking().SingleOrDefaultAsync(m => m.Id == command.Value, ct) is { } done)
            return MergeReply.Of(done);
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        await db.Database.ExecuteSqlAsync($"""
            select id from member where id in ({body.KeptId}, {body.GoneId}) order by id for update
            """, ct);
        await db.MemberAsync(body.KeptId, context.Current, Access.MergeMembers, ct);
        var gone = await db.MemberAsync(body.GoneId, context.Current, Access.MergeMembers, ct);
        var kept = (await db.Archives.FindAsync([body.KeptId], ct))!;
        var links = await LinksAsync(db, gone.Id, ct);
        var bothAway = await db.HasOpenCaseAsync(kept.Id, except: Guid.Empty, ct)
            && await db.HasOpenCaseAsync(gone.Id, except: Guid.Empty, ct);
        var (at, by) = (clock.GetUtcNow(), context.Current.Subject);
        // A copy: the tracked archive takes its new values before the merge is written.
        var decision = MergeDecider.Merge(command.Value, kept with { }, gone, body.FromGone ?? [], bothAway, links,
            by, at, reason);
        if (decision.Problem is { } problem) throw new ProblemException(problem);
        var merge = ((MembersMerged)decision.Events[0]).Merge;
        await LinkAsync(db, merge.Moved, kept.Id, ct);
        var taken = (await db.Database.SqlQuery<string>(
            $"select take_member({gone.Id}, {Today.Of(at)})::text as \"Value\"").ToListAsync(ct)).Single();
        var changes = MemberFields.Changes(kept, merge.KeptAfter);
        Apply(db, command.Value, kept, new MemberMerged(merge.Id, gone.Id, changes, merge.KeptAfter), reason);
        Apply(db, command.Value, gone, new MemberMergedAway(merge.Id, kept.Id), reason);
        var saved = await db.CommitAsync(command.Value, merge.Id, Change(_ => decision), ct, reason);
        await db.Database.ExecuteSqlAsync($"""
            update member_merge set gone_row = {taken}::jsonb where id = {merge.Id}
            """, ct);
        await MarkAsync(db, merge, CandidateStatus.Merged, by, at, ct);
        await transaction.CommitAsync(ct);
        return MergeReply.Of(saved);
    }

    private static async Task<MergeReply> UndoAsync(Guid id, UndoRequest body, CommandId command, RegistryDb db,
        CallerContext context, TimeProvider clock, CancellationToken ct)
    {
        var input = new Input();
        var reason = input.Text(body.Reason, "reason", 200);
        input.ThrowIfAny();
        context.Current.RequireRole(Access.MergeMembers);
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        await db.Database.ExecuteSqlAsync($"select id from member_merge where id = {id} for update", ct);
        var merge = await db.Set<MemberMerge>().FindAsync([id], ct)
            ?? throw new ProblemException(MergeDecider.NotFound);
        context.Current.Require(merge.Path, Access.MergeMembers);
        var kept = await db.Archives.FindAsync([merge.KeptId], ct);
        var later = await db.Set<MemberMerge>().AnyAsync(m => m.KeptId == merge.KeptId && m.UndoneAt == null
            && m.Id != merge.Id && m.MergedAt >= merge.MergedAt, ct);
        var isRepeat = await db.Set<AppliedCommand>().AnyAsync(c => c.Id == command.Value, ct);
        var (at, by) = (clock.GetUtcNow(), context.Current.Subject);
        var decision = MergeDecider.Undo(merge, kept is not null, later, by, at);
        if (decision.Problem is null && !isRepeat)
        {
            var back = MergeDecider.Restore(merge, kept!);
            Apply(db, command.Value, kept!, new MemberUnmerged(merge.Id, MemberFields.Changes(kept!, back.Kept),
                back.Kept), reason);
            await db.SaveChangesAsync(ct); // The kept archive gives the identity number free before the other returns.
            await db.Database.ExecuteSqlAsync(
                $"select return_member(gone_row) from member_merge where id = {id}", ct);
            await LinkAsync(db, merge.Moved, merge.GoneId, ct);
            Apply(db, command.Value, back.Gone, new MemberUnmerged(merge.Id, [], back.Gone), reason);
            await MarkAsync(db, merge, CandidateStatus.Open, by, at, ct);
        }
        var saved = await db.CommitAsync(command.Value, id, Change(_ => decision), ct, reason);
        await transaction.CommitAsync(ct);
        return MergeReply.Of(saved);
    }

    private static async Task<MergeDetailReply> ShowAsync(Guid id, RegistryDb db, CallerContext context,
        CancellationToken ct)
    {
        context.Current.RequireRole(Access.MergeMembers);
        var merge = await db.Set<MemberMerge>().AsNoTracking().SingleOrDefaultAsync(m => m.Id == id, ct)
            ?? throw new ProblemException(MergeDecider.NotFound);
        context.Current.Require(merge.Path, Access.MergeMembers);
        var now = merge.UndoneAt is null
            ? await db.Members.AsNoTracking().SingleOrDefaultAsync(m => m.Id == merge.KeptId, ct) : null;
        var acts = await db.Set<AuditRow>().AsNoTracking().Where(a => a.SubjectId == id).OrderBy(a => a.Id)
            .Select(a => new MergeAct(a.At, a.ActorName, a.OnBehalfOf, a.Action, a.Reason)).ToListAsync(ct);
        db.RecordRead("member", merge.KeptId, merge.KeptAfter.BranchPath, "ShownBeside");
        db.RecordRead("member", merge.GoneId, merge.Gone.BranchPath, "ShownBeside");
        await db.SaveChangesAsync(ct);
        return new(MergeReply.Of(merge), [.. MemberFields.All.Select(f => Field(f, merge))],
            now is null ? [] : MergeDecider.Restore(merge, now).StayedChanged, acts);
    }

    private static MergedField Field(MemberField f, MemberMerge m)
    {
        var (kept, gone, after) = (f.Get(m.KeptBefore), f.Get(m.Gone), f.Get(m.KeptAfter));
        return new(f.Name, f.Title, f.Masked(kept), f.Masked(gone), f.Masked(after), kept == gone,
            kept != gone && after == gone);
    }

    /// <summary>Oldest first, or the newest with <c>newest</c>; those of one archive, kept or gone.</summary>
    private static async Task<Page<MergeReply>> ListAsync(Guid? memberId, bool? newest, Guid? after, int? size,
        RegistryDb db, CallerContext context, RegistryOptions options, CancellationToken ct)
    {
        context.Current.RequireRole(Access.MergeMembers);
        var take = Paging.Size(size, options);
        var (scope, end) = (context.Current.Scope, context.Current.Scope + "~");
        var list = db.Set<MemberMerge>().AsNoTracking()
            .Where(m => string.Compare(m.Path, scope) >= 0 && string.Compare(m.Path, end) < 0);
        if (memberId is { } member) list = list.Where(m => m.KeptId == member || m.GoneId == member);
        if (after is { } last) list = newest == true ? list.Where(m => m.Id < last) : list.Where(m => m.Id > last);
        var rows = await (newest == true ? list.OrderByDescending(m => m.Id) : list.OrderBy(m => m.Id)).Take(take + 1)
            .ToListAsync(ct);
        return Paging.Of([.. rows.Select(MergeReply.Of)], take, m => m.Id.ToString());
    }

    private static Change<MemberMerge, MergeEvent> Change(
        Func<MemberMerge?, Platform.Kernel.Decision<MergeEvent>> decide) =>
        new("member-merge", decide, MergeDecider.Evolve, m => m.Path, (_, _, _) => []);

    private static void Apply(RegistryDb db, Guid command, Member state, MemberEvent happened, string reason) =>
        db.Apply(command, state.Id, state, new Change<Member, MemberEvent>("member", _ => happened,
            (m, e) => e is MemberMergedAway ? m! : MemberDecider.Evolve(m, e), m => m.BranchPath, (_, _, _) => []),
            reason);

    private static async Task<IReadOnlyList<MemberLink>> LinksAsync(RegistryDb db, Guid member, CancellationToken ct) =>
        [.. (await db.Database.SqlQuery<LinkRow>($"select relation, key from links_of({member})").ToListAsync(ct))
            .Select(l => new MemberLink(l.Relation, l.Key, member))];

    private static Task<int> LinkAsync(RegistryDb db, IReadOnlyList<MemberLink> links, Guid member,
        CancellationToken ct)
    {
        var json = JsonSerializer.Serialize(links, JsonSerializerOptions.Web);
        return db.Database.ExecuteSqlAsync($"select links_to({json}::jsonb, {member})", ct);
    }

    private static async Task MarkAsync(RegistryDb db, MemberMerge merge, CandidateStatus status, Guid by,
        DateTimeOffset at, CancellationToken ct)
    {
        var word = status.ToString();
        await db.Database.ExecuteSqlAsync($"select mark_duplicate({merge.KeptId}, {merge.GoneId}, {word}, {by}, {at})",
            ct);
    }

    private static IReadOnlyList<LinkCount> Counts(IEnumerable<MemberLink> links) =>
        [.. links.GroupBy(l => l.Table).OrderBy(g => g.Key, StringComparer.Ordinal)
            .Select(g => new LinkCount(g.Key, g.Count()))];

    private sealed record LinkRow(string Relation, string Key);
}
