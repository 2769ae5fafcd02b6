using Microsoft.EntityFrameworkCore;
using Platform.Hosting;
using Platform.Kernel;
using Registry.Members;
using Registry.Service.Persistence;
using Registry.Service.Reference;

namespace Registry.Service.Capabilities;

/// <summary>
/// How members are classed and which special groups they belong to, as dated facts with how each is managed; the system
/// suggests, people decide. Source: M-089..M-095, M-116.
/// </summary>
internal static class ClassificationsApi
{
    /// <param name="Tier">Young members only, and needed for them: code of young-tier (M-092).</param>
    public sealed record ClassifyRequest(string Axis, string Code, DateOnly FromOn, string? Management = null,
        string? Note = null, string? Tier = null);

    public sealed record EndRequest(DateOnly On, string Reason);

    public sealed record FactReply(Guid Id, Guid MemberId, string Axis, string Code, string Title, DateOnly FromOn,
        DateOnly? UntilOn, string Management, string Note, Guid DecidedBy, DateTimeOffset DecidedAt,
        string Tier)
    {
        internal static FactReply Of(Classification f) => new(f.Id, f.MemberId, f.Axis, f.Code,
            ReferenceData.Codes[Table(f.Axis)].Find(f.Code)?.Chinese ?? f.Code, f.FromOn, f.UntilOn, f.Management,
            f.Note, f.DecidedBy, f.DecidedAt, f.Tier);
    }

    public sealed record SuggestionReply(string Axis, string Code, string Title, string Management, string Zh,
        string En);

    public sealed record MemberClassesReply(Guid MemberId, IReadOnlyList<FactReply> Facts,
        IReadOnlyList<SuggestionReply> Suggestions);

    public sealed record ListLine(FactReply Fact, MemberReply Member, string BranchName);

    /// <param name="Next">Send as <c>after</c>; null on the last page.</param>
    /// <param name="Total">All of the list, on every page.</param>
    public sealed record ListReply(IReadOnlyList<ListLine> Items, string? Next, int Total);

    public static void MapClassifications(this IEndpointRouteBuilder api)
    {
        var one = api.MapGroup("/members/{id:guid}/classifications").WithTags("classifications");
        one.MapGet("", OfMemberAsync);
        one.MapPost("", ClassifyAsync);
        var all = api.MapGroup("/classifications").WithTags("classifications");
        all.MapGet("", ListAsync);
        all.MapPost("/{id:guid}/end", EndAsync);
    }

    private static async Task<MemberClassesReply> OfMemberAsync(Guid id, RegistryDb db, CallerContext context,
        TimeProvider clock, CancellationToken ct)
    {
        var member = await db.MemberAsync(id, context.Current, Access.SeeMembers, ct, orSelf: true);
        var facts = await db.Set<Classification>().AsNoTracking().Where(f => f.MemberId == id)
            .OrderBy(f => f.FromOn).ThenBy(f => f.Id).ToListAsync(ct);
        var branch = await db.Organisations.AsNoTracking().SingleOrDefaultAsync(o => o.Id == member.BranchId, ct);
        var away = await db.HasOpenCaseAsync(id, except: Guid.Empty, ct);
        var today = Today.In(clock);
        var hasPost = await db.Appointments.AnyAsync(a => a.MemberId == id && a.FromOn <= today
            && (a.UntilOn == null || a.UntilOn > today), ct);
        var suggestions = ClassSuggestions.Of(new(member.BirthOn, member.Standing, member.Employer, member.Occupation,
            member.JoinedOn, away, hasPost, IsRural: branch?.Name.Contains('村') == true), today);
        db.RecordRead("member", id, member.BranchPath, "ClassificationsShown");
        await db.SaveChangesAsync(ct);
        return new(id, [.. facts.Select(FactReply.Of)], [.. suggestions
            .Where(s => !facts.Any(f => f.Axis == s.Axis && f.Code == s.Code && f.UntilOn is null))
            .Select(s => new SuggestionReply(s.Axis, s.Code,
                ReferenceData.Codes[Table(s.Axis)].Find(s.Code)!.Chinese, Management(s.Code), s.Zh, s.En))]);
    }

    private static async Task<FactReply> ClassifyAsync(Guid id, ClassifyRequest body, CommandId command, RegistryDb db,
        CallerContext context, TimeProvider clock, CancellationToken ct)
    {
        var input = new Input();
        input.Must(body.Axis is "class" or "group", "axis", "NOT_AN_AXIS", "One of class, group.",
            "须为 class（分类）或 group（特殊群体）。");
        input.ThrowIfAny();
        var code = input.Code(Table(body.Axis), body.Code, "code");
        var management = input.Optional(body.Management, "management", 200);
        var note = input.Optional(body.Note, "note", 300);
        var isYoung = body is { Axis: "class", Code: "YOU" };
        var tier = isYoung ? input.Code("young-tier", body.Tier, "tier") : "";
        input.Must(isYoung || string.IsNullOrEmpty(body.Tier), "tier", "NOT_FOR_THIS_CLASS",
            "Only young members are tiered.", "仅青年党员分层。");
        input.Date(body.FromOn, "fromOn");
        input.ThrowIfAny();
        var member = await db.MemberAsync(id, context.Current, Access.ClassifyMembers, ct);
        var now = clock.GetUtcNow();
        var fact = new Classification
        {
            Id = command.Value,
            MemberId = id,
            Axis = body.Axis,
            Code = code,
            FromOn = body.FromOn,
            Management = management.Length > 0 ? management : Management(code),
            Note = note,
            Tier = tier,
            DecidedBy = context.Current.Subject,
            DecidedAt = now,
        };
        var holds = await db.Set<Classification>().AnyAsync(f => f.MemberId == id && f.Axis == body.Axis
            && f.Code == code && f.UntilOn == null && f.Id != fact.Id, ct);
        return FactReply.Of(await SaveAsync(db, command, fact.Id, member.BranchPath, existing => existing is null
            ? ClassificationDecider.Classify(fact, holds, Today.Of(now)) : Array.Empty<ClassificationEvent>(), null,
            ct));
    }

    private static async Task<FactReply> EndAsync(Guid id, EndRequest body, CommandId command, RegistryDb db,
        CallerContext context, TimeProvider clock, CancellationToken ct)
    {
        var input = new Input();
        var reason = input.Text(body.Reason, "reason", 200);
        input.ThrowIfAny();
        context.Current.RequireRole(Access.ClassifyMembers);
        var memberId = await db.Set<Classification>().Where(f => f.Id == id).Select(f => (Guid?)f.MemberId)
            .SingleOrDefaultAsync(ct) ?? throw new ProblemException(ClassificationDecider.NotFound);
        var member = await db.MemberAsync(memberId, context.Current, Access.ClassifyMembers, ct);
        return FactReply.Of(await SaveAsync(db, command, id, member.BranchPath,
            existing => ClassificationDecider.End(existing, body.On, Today.In(clock), reason), reason, ct));
    }

    /// <summary>Who is classed so on a day (default today), by class or group.</summary>
    private static async Task<ListReply> ListAsync(string axis, string code, string? tier, DateOnly? on,
        Guid? after, int? size, RegistryDb db, CallerContext context, RegistryOptions options, TimeProvider clock,
        CancellationToken ct)
    {
        context.Current.RequireRole(Access.SeeMembers);
        var input = new Input();
        input.Must(axis is "class" or "group", "axis", "NOT_AN_AXIS", "One of class, group.",
            "须为 class（分类）或 group（特殊群体）。");
        input.ThrowIfAny();
        input.Code(Table(axis), code, "code");
        input.ThrowIfAny();
        var (take, day) = (Paging.Size(size, options), on ?? Today.In(clock));
        var list = from f in db.Set<Classification>().AsNoTracking()
                   join m in db.Archives.AsNoTracking().InScope(context.Current.Scope) on f.MemberId equals m.Id
                   where f.Axis == axis && f.Code == code && f.FromOn <= day
                       && (f.UntilOn == null || f.UntilOn >= day) && (m.EndedOn == null || m.EndedOn > day)
                   select new { Fact = f, Member = m };
        if (!string.IsNullOrEmpty(tier)) list = list.Where(x => x.Fact.Tier == tier);
        var total = await list.CountAsync(ct);
        if (after is { } last) list = list.Where(x => x.Fact.Id > last);
        var rows = await list.OrderBy(x => x.Fact.Id).Take(take + 1).ToListAsync(ct);
        var page = Paging.Of(rows, take, x => x.Fact.Id.ToString());
        var ids = page.Items.Select(x => x.Member.BranchId).Distinct().ToList();
        var branches = await db.Organisations.AsNoTracking().Where(o => ids.Contains(o.Id))
            .ToDictionaryAsync(o => o.Id, o => o.Name, ct);
        foreach (var row in page.Items) db.RecordRead("member", row.Member.Id, row.Member.BranchPath, "ListShown");
        await db.SaveReadsAsync(ct);
        return new([.. page.Items.Select(x => new ListLine(FactReply.Of(x.Fact), MemberReply.Of(x.Member),
            branches.GetValueOrDefault(x.Member.BranchId, "")))], page.Next, total);
    }

    private static Task<Classification> SaveAsync(RegistryDb db, CommandId command, Guid id, string path,
        Func<Classification?, Decision<ClassificationEvent>> decide, string? reason, CancellationToken ct) =>
        db.CommitAsync(command.Value, id, new Change<Classification, ClassificationEvent>("classification", decide,
            ClassificationDecider.Evolve, _ => path, (_, _, _) => []), ct, reason);

    private static string Table(string axis) => axis == "group" ? "special-group" : "member-class";

    private static string Management(string code) =>
        ReferenceData.Codes["class-management"].Entries.FirstOrDefault(e => e.Code == code)?.Chinese ?? "";
}
