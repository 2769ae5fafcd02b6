using Microsoft.EntityFrameworkCore;
using Platform.Hosting;
using Registry.Organisations;
using Registry.Screening;
using Registry.Service.Persistence;

namespace Registry.Service.Capabilities;

/// <summary>
/// The ledger of a screening (管理台账): what was found at each door, and the archive of those nobody had registered.
/// Source: M-074, M-083, M-085, M-086.
/// </summary>
internal static class ScreeningLedger
{
    /// <param name="MemberId">The archive that was looked for, or that was made for somebody unregistered.</param>
    /// <param name="BranchName">Branch that was screened.</param>
    public sealed record FindingReply(Guid Id, Guid BranchId, Guid? MemberId, ScreeningOutcome Outcome, string Name,
        string PhoneMasked, string WhereTo, string HomeOrganisation, string PlaceKind, string Place, DateOnly FoundOn,
        string FoundBy, string Note, string BranchName, Guid ScreeningId)
    {
        internal static FindingReply Of(ScreeningFinding f, string branch) => new(f.Id, f.BranchId, f.MemberId,
            f.Outcome, f.Person.Name, PhoneNumber.Mask(f.Person.Phone), f.Person.WhereTo, f.Person.HomeOrganisation,
            f.PlaceKind, f.Place, f.FoundOn, f.FoundBy, f.Person.Note, branch,
            f.ScreeningId);
    }

    public sealed record LinkRequest(Guid MemberId);

    public static void MapScreeningLedger(this IEndpointRouteBuilder api)
    {
        api.MapGet("/screenings/{id:guid}/findings", OfOneAsync).WithTags("screenings");
        api.MapGet("/screening-findings", BelowAsync).WithTags("screenings");
        var group = api.MapGroup("/screening-findings/{id:guid}").WithTags("screenings");
        group.MapGet("", ShowAsync);
        group.MapPost("/link", LinkAsync);
    }

    /// <summary>What one screening found, masked; <c>linked</c>: only those with an archive, or without.</summary>
    private static async Task<Page<FindingReply>> OfOneAsync(Guid id, string? outcome, Guid? branchId, bool? linked,
        Guid? after, int? size, RegistryDb db, CallerContext context, RegistryOptions options, CancellationToken ct)
    {
        context.Current.RequireRole(Access.CarryOutScreenings);
        await ScreeningsApi.CampaignAsync(db, id, ct);
        var rows = db.Set<ScreeningFinding>().AsNoTracking().Where(f => f.ScreeningId == id);
        if (branchId is { } branch) rows = rows.Where(f => f.BranchId == branch);
        return await ListAsync(rows, context.Current.Scope, outcome, linked, after, Paging.Size(size, options), db, ct);
    }

    /// <summary>
    /// The same of all screenings below an organisation: with <c>outcome=unregistered&amp;linked=false</c> the people
    /// that its quality counts as missing.
    /// </summary>
    private static async Task<Page<FindingReply>> BelowAsync(Guid? organisationId, string? outcome, bool? linked,
        Guid? after, int? size, RegistryDb db, CallerContext context, RegistryOptions options, CancellationToken ct)
    {
        context.Current.RequireRole(Access.CarryOutScreenings);
        var scope = organisationId is { } below
            ? (await db.OrganisationAsync(below, context.Current, Access.CarryOutScreenings, ct)).Path
            : context.Current.Scope;
        return await ListAsync(db.Set<ScreeningFinding>().AsNoTracking(), scope, outcome, linked, after,
            Paging.Size(size, options), db, ct);
    }

    private static async Task<Page<FindingReply>> ListAsync(IQueryable<ScreeningFinding> findings, string scope,
        string? outcome, bool? linked, Guid? after, int take, RegistryDb db, CancellationToken ct)
    {
        var input = new Input();
        var wanted = input.Word<ScreeningOutcome>(outcome, "outcome");
        input.ThrowIfAny();
        var end = scope + "~";
        var list = from f in findings
                   join o in db.Organisations.AsNoTracking() on f.BranchId equals o.Id
                   where string.Compare(o.Path, scope) >= 0 && string.Compare(o.Path, end) < 0
                   select new { Finding = f, o.Path, o.Name };
        if (wanted is { } w) list = list.Where(x => x.Finding.Outcome == w);
        if (linked is { } has) list = list.Where(x => x.Finding.MemberId != null == has);
        if (after is { } last) list = list.Where(x => x.Finding.Id > last);
        var rows = await list.OrderBy(x => x.Finding.Id).Take(take + 1).ToListAsync(ct);
        var page = Paging.Of(rows, take, x => x.Finding.Id.ToString());
        foreach (var row in page.Items) db.RecordRead("screening-finding", row.Finding.Id, row.Path, "ListShown");
        await db.SaveReadsAsync(ct);
        return new([.. page.Items.Select(x => FindingReply.Of(x.Finding, x.Name))], page.Next);
    }

    private static async Task<FindingReply> ShowAsync(Guid id, RegistryDb db, CallerContext context,
        CancellationToken ct)
    {
        var (found, branch) = await FindAsync(db, id, context.Current, ct);
        db.RecordRead("screening-finding", found.Id, branch.Path, "Shown");
        await db.SaveChangesAsync(ct);
        return FindingReply.Of(found, branch.Name);
    }

    /// <summary>
    /// Names the archive of somebody who was found unregistered; from then on nobody counts as missing for this line,
    /// also after the screening was closed. Source: M-074 (不准漏人).
    /// </summary>
    private static async Task<FindingReply> LinkAsync(Guid id, LinkRequest body, CommandId command,
        RegistryDb db, CallerContext context, CancellationToken ct)
    {
        var (_, branch) = await FindAsync(db, id, context.Current, ct);
        await db.MemberAsync(body.MemberId, context.Current, Access.CarryOutScreenings, ct);
        return FindingReply.Of(await db.CommitAsync(command.Value, id,
            new Change<ScreeningFinding, FindingEvent>("screening-finding",
                f => FindingDecider.Link(f, body.MemberId), FindingDecider.Evolve, _ => branch.Path, (_, _, _) => []),
            ct), branch.Name);
    }

    private static async Task<(ScreeningFinding Finding, Organisation Branch)> FindAsync(RegistryDb db, Guid id,
        Caller caller, CancellationToken ct)
    {
        caller.RequireRole(Access.CarryOutScreenings);
        var found = await db.Set<ScreeningFinding>().AsNoTracking()
            .SingleOrDefaultAsync(f => f.Id == id, ct)
            ?? throw new ProblemException(FindingDecider.NotFound);
        return (found, await db.OrganisationAsync(found.BranchId, caller, Access.CarryOutScreenings, ct));
    }
}
