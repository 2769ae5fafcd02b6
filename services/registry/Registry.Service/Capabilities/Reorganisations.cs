using Microsoft.EntityFrameworkCore;
using Platform.Hosting;
using Registry.Organisations;
using Registry.Service.Persistence;

namespace Registry.Service.Capabilities;

/// <summary>
/// Moving, handing over, splitting and merging organisations, and correcting a wrong date. Every past day stays what it
/// was. Source: M-012, M-034, R-095, R-122.
/// </summary>
internal static class ReorganisationsApi
{
    /// <param name="ToParentId">The new superior; in another region of this node it is a hand-over (M-034).</param>
    /// <param name="On">First day of the new order.</param>
    public sealed record MoveRequest(Guid ToParentId, DateOnly On, string Reason);

    /// <param name="OrganisationIds">Organisations that go up in this one, at most 20.</param>
    public sealed record MergeRequest(IReadOnlyList<Guid> OrganisationIds, DateOnly On, string Reason);

    /// <param name="MemberIds">Members the part takes along.</param>
    /// <param name="OrganisationIds">Organisations directly below that the part takes along.</param>
    public sealed record PartRequest(string Code, string Name, string Type, IReadOnlyList<Guid>? MemberIds = null,
        IReadOnlyList<Guid>? OrganisationIds = null);

    public sealed record SplitRequest(DateOnly On, string Reason, IReadOnlyList<PartRequest> Parts);

    /// <param name="From">The wrong date, as the history shows it.</param>
    public sealed record CorrectRequest(DateOnly From, DateOnly To, string Reason);

    public sealed record ReorganisationReply(Guid Id, ReorganisationKind Kind, DateOnly EffectiveOn, DateTimeOffset At,
        Guid OrganisationId, IReadOnlyList<Guid> Involved, string FromPath, string ToPath, string Reason,
        int OrganisationCount, int MemberCount, DateOnly FirstEffectiveOn)
    {
        internal static ReorganisationReply Of(Reorganisation r) => new(r.Id, r.Kind, r.EffectiveOn, r.At,
            r.OrganisationId, r.Involved, r.FromPath, r.ToPath, r.Reason, r.OrganisationCount, r.MemberCount,
            r.FirstEffectiveOn);
    }

    public static void MapReorganisations(this IEndpointRouteBuilder api)
    {
        var group = api.MapGroup("/organisations/{id:guid}").WithTags("reorganisations");
        group.MapPost("/move", async (Guid id, MoveRequest body, CommandId command, ReorganisationDesk desk,
            CancellationToken ct) => ReorganisationReply.Of(await desk.MoveAsync(command, id, body.ToParentId, body.On,
                Reason(body.Reason), ct)));
        group.MapPost("/merge", async (Guid id, MergeRequest body, CommandId command, ReorganisationDesk desk,
            CancellationToken ct) => ReorganisationReply.Of(await desk.MergeAsync(command, id,
                Bounded(body.OrganisationIds, "organisationIds", 1, 20), body.On, Reason(body.Reason), ct)));
        group.MapPost("/split", async (Guid id, SplitRequest body, CommandId command, ReorganisationDesk desk,
            CancellationToken ct) => ReorganisationReply.Of(await desk.SplitAsync(command, id,
                Bounded(body.Parts, "parts", 1, 20), body.On, Reason(body.Reason), ct)));
        // Told before it is done; nothing is written.
        group.MapPost("/merge/preview", async (Guid id, MergeRequest body, ReorganisationDesk desk,
            CancellationToken ct) => await desk.PreviewMergeAsync(id,
                Bounded(body.OrganisationIds, "organisationIds", 1, 20), body.On, ct));
        group.MapPost("/split/preview", async (Guid id, SplitRequest body, CommandId command, ReorganisationDesk desk,
            CancellationToken ct) => await desk.PreviewSplitAsync(command, id, Bounded(body.Parts, "parts", 1, 20),
                body.On, ct));
        group.MapPost("/correct-date", async (Guid id, CorrectRequest body, CommandId command, ReorganisationDesk desk,
            CancellationToken ct) => await desk.CorrectAsync(command, id, body.From, body.To, Reason(body.Reason), ct));
        api.MapGet("/reorganisations", ListAsync).WithTags("reorganisations");
    }

    /// <summary>Acts that touched the caller's part of the tree, oldest first.</summary>
    private static async Task<Page<ReorganisationReply>> ListAsync(Guid? organisationId, Guid? after, int? size,
        RegistryDb db, CallerContext context, RegistryOptions options, CancellationToken ct)
    {
        context.Current.RequireRole(Access.SeeOrganisations);
        var (take, scope) = (Paging.Size(size, options), context.Current.Scope);
        var list = db.Reorganisations.AsNoTracking()
            .Where(r => r.FromPath.StartsWith(scope) || r.ToPath.StartsWith(scope));
        if (organisationId is { } of) list = list.Where(r => r.Involved.Contains(of));
        if (after is { } last) list = list.Where(r => r.Id > last);
        var rows = await list.OrderBy(r => r.Id).Take(take + 1).ToListAsync(ct);
        return Paging.Of([.. rows.Select(ReorganisationReply.Of)], take, r => r.Id.ToString());
    }

    private static string Reason(string? text)
    {
        var input = new Input();
        var reason = input.Text(text, "reason", 200);
        input.ThrowIfAny();
        return reason;
    }

    private static IReadOnlyList<T> Bounded<T>(IReadOnlyList<T>? list, string field, int min, int max)
    {
        var input = new Input();
        input.Must(list is not null && list.Count >= min && list.Count <= max && list.All(x => x is not null), field,
            "OUT_OF_RANGE", $"Between {min} and {max}.", $"须为 {min} 至 {max} 项。");
        input.ThrowIfAny();
        return list!;
    }
}
