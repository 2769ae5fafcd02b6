using Microsoft.EntityFrameworkCore;
using Platform.Hosting;
using Registry.Members;
using Registry.Service.Persistence;

namespace Registry.Service.Capabilities;

/// <summary>
/// What members ask for themselves: reporting a change, asking for a correction; and the officers' answers. An officer
/// may write down what a member said by telephone. Source: M-100, R-166.
/// </summary>
internal static class MemberRequestsApi
{
    /// <param name="About">Name of a field of the archive, or return, other.</param>
    /// <param name="Text">1 to 500 characters, in lines.</param>
    public sealed record AskRequest(RequestKind Kind, string About, string Text);

    /// <param name="Outcome">done or declined.</param>
    public sealed record AnswerRequest(RequestStatus Outcome, string Answer);

    /// <param name="ByMember">The member asked; false when an officer wrote it down.</param>
    public sealed record RequestReply(Guid Id, Guid MemberId, string MemberName, string BranchName, RequestKind Kind,
        string About, string Text, RequestStatus Status, string AskedByName, bool ByMember, DateTimeOffset AskedAt,
        string Answer, DateTimeOffset? AnsweredAt)
    {
        internal static RequestReply Of(MemberRequest r, string member, string branch) => new(r.Id, r.MemberId, member,
            branch, r.Kind, r.Words.About, r.Words.Text, r.Status, r.AskedByName, r.ByMember, r.AskedAt,
            r.Answer, r.AnsweredAt);
    }

    public static void MapMemberRequests(this IEndpointRouteBuilder api)
    {
        api.MapPost("/members/{id:guid}/requests", AskAsync).WithTags("requests");
        api.MapGet("/members/{id:guid}/requests", OfMemberAsync).WithTags("requests");
        api.MapGet("/member-requests", ListAsync).WithTags("requests");
        api.MapPost("/member-requests/{id:guid}/answer", AnswerAsync).WithTags("requests");
    }

    private static async Task<RequestReply> AskAsync(Guid id, AskRequest body, CommandId command, RegistryDb db,
        CallerContext context, TimeProvider clock, CancellationToken ct)
    {
        var input = new Input();
        input.Must(Enum.IsDefined(body.Kind), "kind", "NOT_A_WORD", "One of: change, correction.",
            "须为 change 或 correction。");
        input.Must(MemberFields.Find(body.About ?? "") is not null
            || MemberRequest.OtherSubjects.Contains(body.About), "about", "NOT_A_WORD",
            "A field of the archive, or return, other.", "须为档案项目，或 return、other。");
        var text = input.Text(body.Text, "text", 500, lines: true);
        input.ThrowIfAny();
        var member = await db.MemberAsync(id, context.Current, Access.KeepMembers, ct, orSelf: true);
        var request = new MemberRequest
        {
            Id = command.Value,
            MemberId = id,
            Kind = body.Kind,
            Words = new(body.About!, text),
            Status = RequestStatus.Open,
            AskedBy = context.Current.Subject,
            AskedByName = context.Current.Name,
            ByMember = context.Current.MemberId == id,
            AskedAt = clock.GetUtcNow(),
        };
        var open = await db.Set<MemberRequest>().CountAsync(r => r.MemberId == id && r.Status == RequestStatus.Open,
            ct);
        var saved = await SaveAsync(db, command.Value, request.Id, member.BranchPath,
            existing => MemberRequestDecider.Ask(existing, open, request), ct);
        return RequestReply.Of(saved, member.Name, await BranchNameAsync(db, member.Id, ct));
    }

    /// <summary>The requests of one member, newest first; the member's own as well.</summary>
    private static async Task<IReadOnlyList<RequestReply>> OfMemberAsync(Guid id, RegistryDb db, CallerContext context,
        CancellationToken ct)
    {
        var member = await db.MemberAsync(id, context.Current, Access.SeeMembers, ct, orSelf: true);
        var rows = await db.Set<MemberRequest>().AsNoTracking().Where(r => r.MemberId == id)
            .OrderByDescending(r => r.AskedAt).ThenBy(r => r.Id).Take(100).ToListAsync(ct);
        var branch = await BranchNameAsync(db, member.Id, ct);
        db.RecordRead("member", id, member.BranchPath, "RequestsShown");
        await db.SaveChangesAsync(ct);
        return [.. rows.Select(r => RequestReply.Of(r, member.Name, branch))];
    }

    /// <summary>Requests of the caller's part of the tree, open ones (default) or those answered so.</summary>
    private static async Task<Page<RequestReply>> ListAsync(string? status, Guid? after, int? size, RegistryDb db,
        CallerContext context, RegistryOptions options, CancellationToken ct)
    {
        context.Current.RequireRole(Access.KeepMembers);
        var input = new Input();
        var wanted = input.Word<RequestStatus>(status, "status") ?? RequestStatus.Open;
        input.ThrowIfAny();
        var take = Paging.Size(size, options);
        var list = from r in db.Set<MemberRequest>().AsNoTracking()
                   join m in db.Members.AsNoTracking().InScope(context.Current.Scope) on r.MemberId equals m.Id
                   join o in db.Organisations.AsNoTracking() on m.BranchId equals o.Id
                   where r.Status == wanted
                   select new { Request = r, m.Name, m.BranchPath, Branch = o.Name };
        if (after is { } last) list = list.Where(x => x.Request.Id > last);
        var page = Paging.Of(await list.OrderBy(x => x.Request.Id).Take(take + 1).ToListAsync(ct), take,
            x => x.Request.Id.ToString());
        foreach (var x in page.Items) db.RecordRead("member", x.Request.MemberId, x.BranchPath, "RequestsShown");
        await db.SaveReadsAsync(ct);
        return new([.. page.Items.Select(x => RequestReply.Of(x.Request, x.Name, x.Branch))], page.Next);
    }

    private static async Task<RequestReply> AnswerAsync(Guid id, AnswerRequest body, CommandId command, RegistryDb db,
        CallerContext context, TimeProvider clock, CancellationToken ct)
    {
        var input = new Input();
        input.Must(body.Outcome is RequestStatus.Done or RequestStatus.Declined, "outcome", "NOT_A_WORD",
            "One of: done, declined.", "须为 done 或 declined。");
        var answer = input.Text(body.Answer, "answer", 500, lines: true);
        input.ThrowIfAny();
        context.Current.RequireRole(Access.KeepMembers);
        var of = await db.Set<MemberRequest>().Where(r => r.Id == id).Select(r => (Guid?)r.MemberId)
            .SingleOrDefaultAsync(ct) ?? throw new ProblemException(MemberRequestDecider.NotFound);
        var member = await db.MemberAsync(of, context.Current, Access.KeepMembers, ct);
        var saved = await SaveAsync(db, command.Value, id, member.BranchPath, existing => MemberRequestDecider.Answer(
            existing, new(body.Outcome, answer, context.Current.Subject, clock.GetUtcNow())), ct);
        return RequestReply.Of(saved, member.Name, await BranchNameAsync(db, member.Id, ct));
    }

    private static async Task<string> BranchNameAsync(RegistryDb db, Guid memberId, CancellationToken ct) =>
        (await MemberCases.BranchAsync(db, memberId, ct)).Name;

    private static Task<MemberRequest> SaveAsync(RegistryDb db, Guid command, Guid id, string path,
        Func<MemberRequest?, Platform.Kernel.Decision<MemberRequestEvent>> decide, CancellationToken ct) =>
        db.CommitAsync(command, id, new Change<MemberRequest, MemberRequestEvent>("member-request", decide,
            MemberRequestDecider.Evolve, _ => path, (_, _, _) => []), ct);
}
