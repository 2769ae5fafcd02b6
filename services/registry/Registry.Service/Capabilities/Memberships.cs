using Microsoft.EntityFrameworkCore;
using Platform.Hosting;
using Platform.Kernel;
using Registry.Members;
using Registry.Service.Persistence;

namespace Registry.Service.Capabilities;

/// <summary>
/// A membership moves to another branch of this node, ends here or is resumed: each with a day and a reason, decided by
/// people. Past days keep their figures; a closing shows the decrease. Source, P5.
/// </summary>
internal static class MembershipsApi
{
    /// <param name="On">First day on which the branch holds the relationship.</param>
    public sealed record MoveRequest(Guid BranchId, DateOnly On, string Reason);

    /// <param name="Because">Code of the table membership-end.</param>
    /// <param name="On">First day on which the membership is no longer held here.</param>
    public sealed record EndRequest(string Because, DateOnly On, string Reason);

    /// <param name="On">First day on which the membership is held again.</param>
    public sealed record ResumeRequest(DateOnly On, string Reason);

    public static void MapMemberships(this IEndpointRouteBuilder api)
    {
        var group = api.MapGroup("/members/{id:guid}/membership").WithTags("memberships");
        group.MapPost("/move", MoveAsync);
        group.MapPost("/end", EndAsync);
        group.MapPost("/resume", ResumeAsync);
    }

    /// <summary>Both branches must lie in the caller's part of the tree.</summary>
    private static async Task<MemberReply> MoveAsync(Guid id, MoveRequest body, CommandId command, RegistryDb db,
        CallerContext context, TimeProvider clock, CancellationToken ct)
    {
        var (reason, today) = (Reason(body.Reason), Today.In(clock));
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        await HoldAsync(db, body.BranchId, ct);
        var member = await db.MemberAsync(id, context.Current, Access.MoveMembers, ct);
        var branch = await db.OrganisationAsync(body.BranchId, context.Current, Access.MoveMembers, ct);
        var holds = OrganisationTypes.HoldingMembers.Contains(branch.Type);
        var saved = await SaveAsync(db, command, member, body.On, (m, since) =>
            MembershipDecider.Move(m, since, branch, holds, body.On, today, reason), reason, ct);
        // What names the branch beside the archive follows, as it does when branches are merged.
        await db.Database.ExecuteSqlAsync($"""
            with cards as (
                update outbound_card set home_path = {saved.BranchPath} where member_id = {id} returning id),
            details as (update card_detail d set path = {saved.BranchPath} from cards where d.id = cards.id)
            update member_merge set path = {saved.BranchPath} where kept_id = {id}
            """, ct);
        await transaction.CommitAsync(ct);
        return MemberReply.Of(saved);
    }

    private static async Task<MemberReply> EndAsync(Guid id, EndRequest body, CommandId command, RegistryDb db,
        CallerContext context, TimeProvider clock, CancellationToken ct)
    {
        var input = new Input();
        var because = input.Code("membership-end", body.Because, "because");
        input.ThrowIfAny();
        var (reason, today) = (Reason(body.Reason), Today.In(clock));
        var member = await db.MemberAsync(id, context.Current, Access.EndMemberships, ct);
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        await LockAsync(db, id, ct); // whoever opens a case at this moment is done, or waits
        var caseOpen = await db.HasOpenCaseAsync(id, except: Guid.Empty, ct);
        var saved = await SaveAsync(db, command, member, null, (m, since) =>
            MembershipDecider.End(m, since, caseOpen, because, body.On, today, reason), reason, ct);
        await transaction.CommitAsync(ct);
        return MemberReply.Of(saved);
    }

    private static async Task<MemberReply> ResumeAsync(Guid id, ResumeRequest body, CommandId command, RegistryDb db,
        CallerContext context, TimeProvider clock, CancellationToken ct)
    {
        var (reason, today) = (Reason(body.Reason), Today.In(clock));
        var member = await db.MemberAsync(id, context.Current, Access.EndMemberships, ct);
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        await HoldAsync(db, member.BranchId, ct);
        var branch = await db.Organisations.AsNoTracking().SingleOrDefaultAsync(o => o.Id == member.BranchId, ct);
        var saved = await SaveAsync(db, command, member, body.On, (m, _) =>
            MembershipDecider.Resume(m, branch, body.On, today, reason), reason, ct);
        await transaction.CommitAsync(ct);
        return MemberReply.Of(saved);
    }

    /// <summary>Decides on the archive once nobody else writes it; the spells follow in the database.</summary>
    /// <param name="heldFrom">Since when the branch then holds it; null when none does.</param>
    private static async Task<Member> SaveAsync(RegistryDb db, CommandId command, Member shown, DateOnly? heldFrom,
        Func<Member?, DateOnly, Decision<MemberEvent>> decide, string reason, CancellationToken ct)
    {
        await LockAsync(db, shown.Id, ct);
        var member = await db.Archives.FindAsync([shown.Id], ct) ?? throw new ProblemException(MemberDecider.NotFound);
        var isRepeat = await db.Set<AppliedCommand>().AnyAsync(c => c.Id == command.Value, ct);
        var held = db.Entry(member).Property<DateOnly>("HeldSince");
        var since = held.CurrentValue;
        if (heldFrom is { } day && !isRepeat) (held.CurrentValue, held.IsModified) = (day, true);
        return await MembersApi.SaveAsync(db, command.Value, shown.Id, m => decide(m, since), reason, ct);
    }

    // An organisation before its members, as reorganisations do: it neither moves nor is dissolved until the commit.
    private static Task HoldAsync(RegistryDb db, Guid organisation, CancellationToken ct) =>
        db.Database.ExecuteSqlAsync($"select id from organisation where id = {organisation} for share", ct);

    private static Task LockAsync(RegistryDb db, Guid member, CancellationToken ct) =>
        db.Database.ExecuteSqlAsync($"select id from member where id = {member} for update", ct);

    private static string Reason(string? text)
    {
        var input = new Input();
        var reason = input.Text(text, "reason", 200);
        input.ThrowIfAny();
        return reason;
    }
}
