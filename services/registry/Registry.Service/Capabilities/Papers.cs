using Microsoft.EntityFrameworkCore;
using Platform.Hosting;
using Registry.Organisations;
using Registry.Service.Persistence;

namespace Registry.Service.Capabilities;

/// <summary>
/// Papers that offices write, publish and supervise: duties of both sides, notes for members, preferential policies.
/// Source: M-038, M-248.
/// </summary>
internal static class PapersApi
{
    /// <param name="ReplacesId">The version it replaces; of the same organisation and kind.</param>
    public sealed record IssueRequest(Guid OrganisationId, string Kind, string Title, string Text, DateOnly IssuedOn,
        string? Number = null, Guid? ReplacesId = null, bool Published = true);

    public sealed record ReceiptRequest(Guid OrganisationId, string? Note = null);

    /// <summary>Without the text, for lists.</summary>
    public sealed record PaperLine(Guid Id, Guid OrganisationId, string Kind, string Number, string Title, int Version,
        bool Published, DateOnly IssuedOn);

    /// <param name="Missing">Organisations right below the issuer that have not confirmed.</param>
    public sealed record SupervisionReply(Guid PaperId, IReadOnlyList<PaperReceipt> Receipts,
        IReadOnlyList<MissingOrganisation> Missing);

    public static void MapPapers(this IEndpointRouteBuilder api)
    {
        var group = api.MapGroup("/papers").WithTags("papers");
        group.MapPost("", IssueAsync);
        group.MapGet("", ListAsync);
        group.MapGet("/{id:guid}", GetAsync);
        group.MapPost("/{id:guid}/receipts", ConfirmAsync);
        group.MapGet("/{id:guid}/receipts", SuperviseAsync);
    }

    private static async Task<Paper> IssueAsync(IssueRequest body, CommandId command, RecordDesk desk, RegistryDb db,
        CancellationToken ct)
    {
        var issuer = await desk.ForAsync(body.OrganisationId, Access.IssuePapers, ct);
        var before = body.ReplacesId is { } old ? await db.Set<Paper>().AsNoTracking().SingleOrDefaultAsync(p =>
            p.Id == old && p.OrganisationId == issuer.Id && p.Kind == body.Kind, ct)
            ?? throw new ProblemException(OfficeProblems.PaperNotFound) : null;
        if (before is not null && await db.Set<Paper>().AnyAsync(p => p.ReplacesId == before.Id
            && p.Id != command.Value, ct)) throw new ProblemException(OfficeProblems.PaperReplaced);
        var input = new Input();
        var paper = new Paper
        {
            Id = command.Value,
            Path = issuer.Path,
            OrganisationId = issuer.Id,
            Kind = input.Code("paper-kind", body.Kind, "kind"),
            Number = input.Optional(body.Number, "number", 50),
            Title = input.Text(body.Title, "title", 100),
            Text = input.Text(body.Text, "text", 20_000, lines: true),
            Version = (before?.Version ?? 0) + 1,
            ReplacesId = before?.Id,
            Published = body.Published,
            IssuedOn = input.Date(body.IssuedOn, "issuedOn"),
        };
        input.ThrowIfAny();
        return await desk.KeepAsync(command, "paper", issuer, paper, true, p => p.Path, ct);
    }

    /// <summary>Newest versions: published ones of the whole node, members included, and those of the caller's part of
    /// the tree; all versions with <c>all=true</c>.</summary>
    private static async Task<Page<PaperLine>> ListAsync(string? kind, bool? all, Guid? after, int? size,
        RegistryDb db, CallerContext context, RegistryOptions options, CancellationToken ct)
    {
        var caller = context.Current;
        if (caller.MemberId is null) caller.RequireRole(Access.SeePapers);
        var (take, scope) = (Paging.Size(size, options), caller.MemberId is null ? caller.Scope : "-");
        var papers = db.Set<Paper>().AsNoTracking();
        var list = papers.Where(p => p.Published || p.Path.StartsWith(scope));
        if (all != true) list = list.Where(p => !papers.Any(n => n.ReplacesId == p.Id));
        if (!string.IsNullOrEmpty(kind)) list = list.Where(p => p.Kind == kind);
        if (after is { } last) list = list.Where(p => p.Id > last);
        return Paging.Of(await list.OrderBy(p => p.Id).Take(take + 1).Select(p => new PaperLine(p.Id, p.OrganisationId,
            p.Kind, p.Number, p.Title, p.Version, p.Published, p.IssuedOn)).ToListAsync(ct), take,
            p => p.Id.ToString());
    }

    private static async Task<Paper> GetAsync(Guid id, RegistryDb db, CallerContext context, CancellationToken ct)
    {
        if (context.Current.MemberId is null) context.Current.RequireRole(Access.SeePapers);
        var paper = await FindAsync(db, id, ct);
        return paper.Published || context.Current.Covers(paper.Path) ? paper
            : throw new ProblemException(OfficeProblems.PaperNotFound);
    }

    /// <summary>An organisation below the issuer confirms that it has the newest version.</summary>
    private static async Task<PaperReceipt> ConfirmAsync(Guid id, ReceiptRequest body, CommandId command,
        RecordDesk desk, RegistryDb db, TimeProvider clock, CancellationToken ct)
    {
        var organisation = await desk.ForAsync(body.OrganisationId, Access.KeepRecords, ct);
        var paper = await FindAsync(db, id, ct);
        if (!organisation.Path.StartsWith(paper.Path, StringComparison.Ordinal))
            throw new ProblemException(OfficeProblems.PaperNotFound);
        if (await db.Set<Paper>().AnyAsync(p => p.ReplacesId == id, ct))
            throw new ProblemException(OfficeProblems.PaperReplaced);
        if (await db.Set<PaperReceipt>().AnyAsync(r => r.PaperId == id && r.OrganisationId == organisation.Id
            && r.Id != command.Value, ct)) throw new ProblemException(OfficeProblems.Exists);
        var input = new Input();
        var receipt = new PaperReceipt
        {
            Id = command.Value,
            Path = organisation.Path,
            PaperId = id,
            OrganisationId = organisation.Id,
            Note = input.Optional(body.Note, "note", 500),
            ReceivedOn = Today.In(clock),
        };
        input.ThrowIfAny();
        return await desk.KeepAsync(command, "paper-receipt", organisation, receipt, true, r => r.Path, ct);
    }

    /// <summary>Who has confirmed, and who right below has not.</summary>
    private static async Task<SupervisionReply> SuperviseAsync(Guid id, RegistryDb db, CallerContext context,
        CancellationToken ct)
    {
        context.Current.RequireRole(Access.SeeOrganisations);
        var paper = await FindAsync(db, id, ct);
        context.Current.Require(paper.Path, Access.SeeOrganisations);
        var receipts = await db.Set<PaperReceipt>().AsNoTracking().Where(r => r.PaperId == id).OrderBy(r => r.Id)
            .ToListAsync(ct);
        var missing = await db.Organisations.AsNoTracking().Where(o => o.ParentId == paper.OrganisationId
            && o.DissolvedOn == null && !db.Set<PaperReceipt>().Any(r => r.PaperId == id && r.OrganisationId == o.Id))
            .OrderBy(o => o.Path).Select(o => new MissingOrganisation(o.Id, o.Name, o.Path)).ToListAsync(ct);
        return new(id, receipts, missing);
    }

    private static async Task<Paper> FindAsync(RegistryDb db, Guid id, CancellationToken ct) =>
        await db.Set<Paper>().AsNoTracking().SingleOrDefaultAsync(p => p.Id == id, ct)
            ?? throw new ProblemException(OfficeProblems.PaperNotFound);
}

/// <summary>An organisation that still owes something.</summary>
public sealed record MissingOrganisation(Guid Id, string Name, string Path);
