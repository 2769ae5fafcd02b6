using Microsoft.EntityFrameworkCore;
using Platform.Hosting;
using Registry.Mobility;
using Registry.Organisations;
using Registry.Service.Persistence;

namespace Registry.Service.Capabilities;

/// <summary>
/// Who votes where: members placed at a host keep vote, election and being elected at the branch that holds their
/// relationship; a host may keep delegates' seats for them. Source: M-193, M-195.
/// </summary>
internal static class RightsApi
{
    /// <param name="AwayIn">Host region when the member is out, to be told of the election; null when not.</param>
    public sealed record ElectorLine(Guid MemberId, string Name, string? AwayIn);

    /// <summary>Placed here with a proof of identity: takes part, without these three rights.</summary>
    /// <param name="VotesIn">Region of the branch where the rights stay.</param>
    public sealed record GuestLine(Guid CardId, string Name, string DocumentShown, string VotesIn);

    public sealed record RollReply(Guid BranchId, IReadOnlyList<ElectorLine> Electors,
        IReadOnlyList<GuestLine> WithoutVote);

    /// <param name="ForMobile">Seats of them kept for mobile members.</param>
    public sealed record QuotaRequest(string Congress, int Delegates, int ForMobile, DateOnly DecidedOn);

    public static void MapRights(this IEndpointRouteBuilder api)
    {
        var group = api.MapGroup("/organisations/{id:guid}").WithTags("rights");
        group.MapGet("/electors", RollAsync);
        group.MapPost("/delegate-quotas", KeepSeatsAsync);
        group.MapGet("/delegate-quotas", SeatsAsync);
    }

    /// <summary>The roll of a branch: full members whose relationship it holds; beside it who is only placed there. At
    /// most 1,000 of each.</summary>
    private static async Task<RollReply> RollAsync(Guid id, RegistryDb db, CallerContext context, CancellationToken ct)
    {
        var branch = await db.OrganisationAsync(id, context.Current, Access.SeeMembers, ct);
        var held = await db.Members.AsNoTracking().Where(m => m.BranchId == id && m.Standing == "full")
            .OrderBy(m => m.Id).Take(1000).Select(m => new
            {
                m.Id, m.Name, m.BranchPath,
                Away = db.OutboundCards.Where(c => c.MemberId == m.Id && (c.Status == OutboundStatus.Notified
                    || c.Status == OutboundStatus.Admitted || c.Status == OutboundStatus.LostContact
                    || c.Status == OutboundStatus.NotFound)).Select(c => c.HostRegion).FirstOrDefault(),
            }).ToListAsync(ct);
        var guests = await db.InboundCards.AsNoTracking().Where(c => c.BranchId == id
            && c.Status == InboundStatus.Admitted).OrderBy(c => c.Id).Take(1000).ToListAsync(ct);
        foreach (var m in held) db.RecordRead("member", m.Id, m.BranchPath, "ListShown");
        foreach (var c in guests) db.RecordRead("inbound-card", c.Id, c.HostPath, "ListShown");
        await db.SaveReadsAsync(ct);
        return new(branch.Id, [.. held.Select(m => new ElectorLine(m.Id, m.Name, m.Away))],
            [.. guests.Select(c => new GuestLine(c.Id, c.Facts.Name, c.DocumentShown, c.HomeRegion))]);
    }

    private static async Task<DelegateQuota> KeepSeatsAsync(Guid id, QuotaRequest body, CommandId command,
        RecordDesk desk, RegistryDb db, CancellationToken ct)
    {
        var organisation = await desk.ForAsync(id, Access.KeepRecords, ct);
        var input = new Input();
        input.Must(body.Delegates is >= 1 and <= 10_000, "delegates", "OUT_OF_RANGE", "Between 1 and 10,000.",
            "须在 1 至 10000 之间。");
        input.Must(body.ForMobile >= 0 && body.ForMobile <= body.Delegates, "forMobile", "OUT_OF_RANGE",
            "Between 0 and the number of delegates.", "须在 0 至代表名额总数之间。");
        var quota = new DelegateQuota
        {
            Id = command.Value,
            Path = organisation.Path,
            OrganisationId = id,
            Congress = input.Text(body.Congress, "congress", 100),
            Delegates = body.Delegates,
            ForMobile = body.ForMobile,
            DecidedOn = input.Date(body.DecidedOn, "decidedOn"),
        };
        input.ThrowIfAny();
        if (await db.Set<DelegateQuota>().AnyAsync(q => q.OrganisationId == id && q.Congress == quota.Congress
            && q.Id != quota.Id, ct)) throw new ProblemException(OfficeProblems.Exists);
        return await desk.KeepAsync(command, "delegate-quota", organisation, quota, true, q => q.Path, ct);
    }

    private static async Task<IReadOnlyList<DelegateQuota>> SeatsAsync(Guid id, RegistryDb db, RecordDesk desk,
        CancellationToken ct)
    {
        await desk.ForAsync(id, Access.SeeOrganisations, ct);
        return await db.Set<DelegateQuota>().AsNoTracking().Where(q => q.OrganisationId == id).OrderBy(q => q.DecidedOn)
            .ThenBy(q => q.Id).Take(200).ToListAsync(ct);
    }
}
