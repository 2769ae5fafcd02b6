using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using Platform.Hosting;
using Platform.Kernel;
using Registry.Mobility;
using Registry.Organisations;
using Registry.Service.Persistence;

namespace Registry.Service.Capabilities;

/// <summary>
/// The host side's commands. Every step answers with the card as it is now. Source: M-081..M-087, M-107..M-109.
/// </summary>
internal static class InboundCases
{
    public sealed record OpenRequest(
        string HomeRegion, string HostRegion, string Name, string IdNumber, DateOnly ArrivedOn,
        string DocumentShown, string? Phone = null, string? Standing = null, string? CertificateNumber = null,
        string? Employer = null, string? CreditCode = null, string? Occupation = null, string? Residence = null);

    /// <param name="HostContact">Name and telephone; null: the contact the branch itself gives.</param>
    public sealed record AdmitRequest(
        Guid BranchId, string PlacementReason, string DocumentShown, DateOnly On, string? HostContact = null,
        FactsRequest? Seen = null);

    public sealed record FeedbackRequest(string Text, DateOnly On);

    public sealed record LeaveRequest(DepartureReason Reason, DateOnly On, string? ToRegion = null);

    public static void MapInboundCases(this IEndpointRouteBuilder api)
    {
        var cases = api.MapGroup("/inbound-cases").WithTags("inbound");
        cases.MapPost("", OpenAsync);
        cases.MapGet("/{id:guid}/placements", PlacementsAsync);
        cases.MapPost("/{id:guid}/admit", AdmitAsync);
        cases.MapPost("/{id:guid}/not-found", (Guid id, OutboundCases.WhyRequest body, CommandId command, CaseDesk desk,
            CancellationToken ct) => desk.HostAsync(command, id, Access.WorkCases, (c, _, now) =>
                InboundDecider.NotFoundHere(c, Text(body.Why, "why", 300), now), ct));
        cases.MapPost("/{id:guid}/feedback", (Guid id, FeedbackRequest body, CommandId command, CaseDesk desk,
            CancellationToken ct) => desk.HostAsync(command, id, Access.WorkCases, (c, _, now) =>
                InboundDecider.GiveFeedback(c, new(Text(body.Text, "text", 500), body.On, now)), ct));
        cases.MapPost("/{id:guid}/change", (Guid id, FactsRequest body, CommandId command, CaseDesk desk,
            CancellationToken ct) => desk.HostAsync(command, id, Access.WorkCases, (c, _, now) =>
                InboundDecider.ChangeFacts(c, body.On(c?.Facts), now), ct));
        cases.MapPost("/{id:guid}/adopt", (Guid id, AdoptRequest body, CommandId command, CaseDesk desk,
            CancellationToken ct) => desk.HostAsync(command, id, Access.WorkCases, (c, _, now) =>
                InboundDecider.ChangeFacts(c, body.On(c?.Facts, c?.PeerFacts), now), ct));
        cases.MapPost("/{id:guid}/leave", (Guid id, LeaveRequest body, CommandId command, CaseDesk desk,
            CancellationToken ct) => desk.HostAsync(command, id, Access.WorkCases, (c, _, now) =>
                InboundDecider.Leave(c, new(body.Reason, body.ToRegion, body.On, false, now)), ct));
        cases.MapPost("/{id:guid}/lost-contact", (Guid id, LostContactRequest body, CommandId command, CaseDesk desk,
            CancellationToken ct) => desk.HostAsync(command, id, Access.FindLost, (c, _, now) =>
                InboundDecider.FindLost(c, body.Finding(Side.Host, now), now), ct));
        cases.MapPost("/{id:guid}/remark", async (Guid id, RemarkRequest body, CommandId command, CaseDesk desk,
            RegistryDb db, CallerContext context, CancellationToken ct) =>
        {
            var (text, office) = await body.ReadAsync(db, context.Current, ct);
            return await desk.HostAsync(command, id, Access.WorkCases, (c, _, now) =>
                InboundDecider.Remark(c, new(text, office, now)), ct);
        });
    }

    private static async Task<InboundReply> OpenAsync(OpenRequest body, CommandId command, CaseDesk desk, RegistryDb db,
        CallerContext context, TimeProvider clock, NodeOptions node, CancellationToken ct)
    {
        var input = new Input();
        var facts = new CaseFacts
        {
            Name = input.Text(body.Name, "name", 50),
            IdNumber = input.Identity(body.IdNumber, "idNumber", Today.In(clock)),
            Phone = input.Phone(body.Phone, "phone"),
            Standing = input.Optional(body.Standing ?? "full", "standing", 20),
            Employer = input.Optional(body.Employer, "employer", 100),
            CreditCode = input.Optional(body.CreditCode, "creditCode", 18),
            Occupation = input.Optional(body.Occupation, "occupation", 50),
            Residence = input.Optional(body.Residence, "residence", 200),
            CertificateNumber = input.Optional(body.CertificateNumber, "certificateNumber", 20),
        };
        var home = input.Region(body.HomeRegion, "homeRegion");
        var host = input.Region(body.HostRegion, "hostRegion");
        input.Code("document-shown", body.DocumentShown, "documentShown");
        input.Must(facts.Standing is "full" or "probationary", "standing", "NOT_A_STANDING",
            "One of full, probationary.", "须为 full 或 probationary。");
        input.Must(!Regions.IsCode(host) || node.Serves(host), "hostRegion", "NOT_SERVED_HERE",
            "This node does not serve that region.", "本节点不管辖该地区。");
        input.ThrowIfAny();
        var path = HostPath(context.Current, host);
        context.Current.Require(path, Access.WorkCases);
        var index = db.IdNumberIndex(facts.IdNumber);
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        // Two officers who register one person at the same moment: one after the other.
        await db.Database.ExecuteSqlAsync(
            $"select pg_advisory_xact_lock(7306, hashtext(encode({index}, 'hex')))", ct);
        var waiting = await db.InboundCards.AnyAsync(c => EF.Property<byte[]>(c, "IdNumberIndex") == index
            && (c.Status == InboundStatus.Noticed || c.Status == InboundStatus.NotFound
                || c.Status == InboundStatus.AwaitingHome || c.Status == InboundStatus.Confirmed
                || c.Status == InboundStatus.Admitted) && c.Id != command.Value, ct);
        var card = new InboundCard
        {
            Id = command.Value,
            CaseId = command.Value,
            Leg = 1,
            HostPath = path,
            HostRegion = host,
            HomeRegion = home,
            Status = InboundStatus.AwaitingHome,
            Facts = facts,
            ArrivesOn = input.Date(body.ArrivedOn, "arrivedOn"),
            DocumentShown = body.DocumentShown,
            CaseKey = RandomNumberGenerator.GetBytes(16),
            Since = default,
        };
        var reply = await desk.HostAsync(command, card.Id, Access.WorkCases,
            (_, _, now) => InboundDecider.Open(waiting, card, now), ct);
        await transaction.CommitAsync(ct);
        return reply;
    }

    /// <summary>The officer's own place when it lies inside the region, else the region's top.</summary>
    private static string HostPath(Caller caller, string region)
    {
        var top = Regions.PathOf(region);
        return caller.Org.StartsWith(top, StringComparison.Ordinal) ? caller.Org : top;
    }

    private static async Task<IReadOnlyList<PlacementSuggestion>> PlacementsAsync(Guid id, RegistryDb db,
        CallerContext context, CancellationToken ct)
    {
        var card = await db.InboundCards.AsNoTracking().SingleOrDefaultAsync(c => c.Id == id, ct)
            ?? throw new ProblemException(CaseProblems.NotFound);
        context.Current.Require(card.HostPath, Access.SeeCases);
        var facts = card.Facts;
        var (employer, credit, residence) = (facts.Employer, facts.CreditCode, facts.Residence);
        var (mobile, holding) = (OrganisationTypes.Mobile, OrganisationTypes.HoldingMembers);
        var branches = await db.Organisations.AsNoTracking()
            .Where(o => o.Region == card.HostRegion && o.DissolvedOn == null && holding.Contains(o.Type)
                && (mobile.Contains(o.Type) || (credit != "" && o.CreditCode == credit)
                    || (employer != "" && o.UnitName == employer)
                    || (o.Site != "" && (employer.Contains(o.Site) || residence.Contains(o.Site)))
                    || (o.Community != "" && residence.Contains(o.Community))))
            .OrderBy(o => o.Code).Take(200)
            .Select(o => new PlacementBranch(o.Id, o.Path, o.Code, o.Name, mobile.Contains(o.Type), o.CreditCode,
                o.UnitName, o.Community, o.Site))
            .ToListAsync(ct);
        return PlacementLadder.Suggest(facts, "", branches);
    }

    private static async Task<InboundReply> AdmitAsync(Guid id, AdmitRequest body, CommandId command, CaseDesk desk,
        RegistryDb db, CallerContext context, CancellationToken ct)
    {
        var input = new Input();
        var reason = input.Text(body.PlacementReason, "placementReason", 200);
        var given = input.Optional(body.HostContact, "hostContact", 100);
        input.Date(body.On, "on");
        input.ThrowIfAny();
        var branch = await db.Organisations.AsNoTracking().SingleOrDefaultAsync(o => o.Id == body.BranchId, ct)
            ?? throw new ProblemException(OrganisationDecider.NotFound);
        if (!OrganisationTypes.HoldingMembers.Contains(branch.Type) || branch.DissolvedOn is not null)
            throw new ProblemException(NotABranch);
        context.Current.Require(branch.Path, Access.WorkCases);
        var contact = input.Text(given.Length > 0 ? given : branch.Contact, "hostContact", 100);
        input.ThrowIfAny();
        return await desk.HostAsync(command, id, Access.WorkCases, (c, _, now) => InboundDecider.Admit(c, new(branch.Id,
            branch.Path, branch.Name, reason, body.DocumentShown, (body.Seen ?? new()).On(c?.Facts), contact, body.On),
                now), ct);
    }

    private static string Text(string? value, string field, int max)
    {
        var input = new Input();
        var text = input.Text(value, field, max);
        input.ThrowIfAny();
        return text;
    }

    private static Problem NotABranch { get; } = new(ProblemKind.Precondition, "PLACEMENT_NOT_A_BRANCH",
        "Members are placed in a branch that exists; this organisation is none.", "党员应编入现存的党支部。");
}
