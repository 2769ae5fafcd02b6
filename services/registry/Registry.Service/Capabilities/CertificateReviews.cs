using Microsoft.EntityFrameworkCore;
using Platform.Hosting;
using Registry.Mobility;
using Registry.Organisations;
using Registry.Service.Persistence;

namespace Registry.Service.Capabilities;

/// <summary>
/// The yearly review and appraisal of activity certificates; its result stands in the member's file. Source: M-120,
/// M-135.
/// </summary>
internal static class CertificateReviewsApi
{
    /// <param name="Result">Code of review-result.</param>
    /// <param name="Appraisal">What the branch says of the member's year, 1 to 500 characters.</param>
    public sealed record ReviewRequest(int Year, string Result, string Appraisal);

    public sealed record DueLine(Guid CaseId, Guid MemberId, string Name, string CertificateNumber);

    /// <param name="Due">Certificates issued before the year's end whose review of that year is missing.</param>
    public sealed record YearReply(int Year, int Reviewed, IReadOnlyList<DueLine> Due);

    public static void MapCertificateReviews(this IEndpointRouteBuilder api)
    {
        api.MapPost("/outbound-cases/{id:guid}/certificate-reviews", ReviewAsync).WithTags("certificates");
        api.MapGet("/organisations/{id:guid}/certificate-reviews", YearAsync).WithTags("certificates");
        api.MapGet("/members/{id:guid}/certificate-reviews", OfMemberAsync).WithTags("certificates");
    }

    private static async Task<CertificateReview> ReviewAsync(Guid id, ReviewRequest body, CommandId command,
        RegistryDb db, CallerContext context, TimeProvider clock, CancellationToken ct)
    {
        context.Current.RequireRole(Access.KeepMembers);
        var card = await db.OutboundCards.AsNoTracking().SingleOrDefaultAsync(c => c.Id == id, ct)
            ?? throw new ProblemException(CaseProblems.NotFound);
        context.Current.Require(card.HomePath, Access.KeepMembers);
        var (input, today) = (new Input(), Today.In(clock));
        input.Must(body.Year >= card.DepartsOn.Year && body.Year <= today.Year, "year", "OUT_OF_RANGE",
            "From the year of departure to this year.", "须在外出当年至今年之间。");
        var review = new CertificateReview
        {
            Id = command.Value,
            MemberId = card.MemberId ?? Guid.Empty,
            CaseId = id,
            CertificateNumber = card.Facts.CertificateNumber,
            Year = body.Year,
            Result = input.Code("review-result", body.Result, "result"),
            Appraisal = input.Text(body.Appraisal, "appraisal", 500),
            ReviewedOn = today,
        };
        input.ThrowIfAny();
        if (!card.IsOpen || card.MemberId is null || review.CertificateNumber.Length == 0)
            throw new ProblemException(NothingToReview);
        if (await db.Set<CertificateReview>().AnyAsync(r => r.CaseId == id && r.Year == body.Year
            && r.Id != command.Value, ct)) throw new ProblemException(OfficeProblems.Exists);
        return await db.CommitAsync(command.Value, command.Value, new Change<CertificateReview, RecordEvent>(
            "certificate-review", existing => existing is null ? new RecordKept(review) : Array.Empty<RecordEvent>(),
            RecordDecider.Evolve, _ => card.HomePath, (_, _, _) => []), ct);
    }

    /// <summary>How far the review of a year is: how many are done, and each certificate that is still due.</summary>
    private static async Task<YearReply> YearAsync(Guid id, int? year, RegistryDb db, CallerContext context,
        TimeProvider clock, CancellationToken ct)
    {
        var organisation = await db.OrganisationAsync(id, context.Current, Access.SeeMembers, ct);
        var (input, asked) = (new Input(), year ?? Today.In(clock).Year);
        input.Must(asked is >= 1900 and <= 2100, "year", "OUT_OF_RANGE", "Between 1900 and 2100.",
            "须在 1900 至 2100 之间。");
        input.ThrowIfAny();
        var (from, to, last) = (organisation.Path, organisation.Path + "~", new DateOnly(asked, 12, 31));
        var cards = db.OutboundCards.AsNoTracking().Where(c => c.MemberId != null
            && string.Compare(c.HomePath, from) >= 0 && string.Compare(c.HomePath, to) < 0 && c.DepartsOn <= last
            && EF.Property<string>(c, "CertificateNumber") != "");
        var reviews = db.Set<CertificateReview>();
        var due = await cards.Where(c => c.Status != OutboundStatus.Returned && c.Status != OutboundStatus.Refused
            && c.Status != OutboundStatus.Denied && !reviews.Any(r => r.CaseId == c.Id && r.Year == asked))
            .OrderBy(c => c.Id).Take(1000).Select(c => new { c.Id, c.MemberId, c.HomePath,
                Name = EF.Property<string>(c, "Name"), Number = EF.Property<string>(c, "CertificateNumber") })
            .ToListAsync(ct);
        var done = await cards.CountAsync(c => reviews.Any(r => r.CaseId == c.Id && r.Year == asked), ct);
        foreach (var line in due) db.RecordRead("outbound-card", line.Id, line.HomePath, "ListShown");
        await db.SaveReadsAsync(ct);
        return new(asked, done, [.. due.Select(c => new DueLine(c.Id, c.MemberId!.Value, c.Name, c.Number))]);
    }

    /// <summary>The reviews in a member's file, oldest first; the member's own as well.</summary>
    private static async Task<IReadOnlyList<CertificateReview>> OfMemberAsync(Guid id, RegistryDb db,
        CallerContext context, CancellationToken ct)
    {
        var member = await db.MemberAsync(id, context.Current, Access.SeeMembers, ct, orSelf: true);
        var reviews = await db.Set<CertificateReview>().AsNoTracking().Where(r => r.MemberId == id)
            .OrderBy(r => r.Year).ToListAsync(ct);
        db.RecordRead("member", id, member.BranchPath, "CertificateReviewsShown");
        await db.SaveChangesAsync(ct);
        return reviews;
    }

    private static Platform.Kernel.Problem NothingToReview { get; } = new(Platform.Kernel.ProblemKind.Precondition,
        "CERTIFICATE_NOT_IN_USE", "No certificate is in use under this case.", "该流动事项下没有在用的活动证。");
}
