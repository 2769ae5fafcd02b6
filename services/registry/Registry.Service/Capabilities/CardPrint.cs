using Microsoft.EntityFrameworkCore;
using Platform.Hosting;
using Registry.Members;
using Registry.Mobility;
using Registry.Service.Persistence;

namespace Registry.Service.Capabilities;

/// <summary>
/// The registration cards as offices keep them on paper: 外出党员登记卡 and 外来党员登记卡, A4, ready to print. Numbers are
/// masked; whole ones need a reason. Every print is in the trail. Source: M-124, M-125, R-021, R-022, R-023, R-166.
/// </summary>
internal static class CardPrint
{
    public sealed record PrintRequest(string Reason);

    public static void MapCardPrint(this IEndpointRouteBuilder api)
    {
        var outbound = api.MapGroup("/outbound-cases/{id:guid}/card").WithTags("cards");
        outbound.MapGet("", (Guid id, RegistryDb db, CallerContext context, TimeProvider clock, CancellationToken ct) =>
            OutboundAsync(id, null, db, context, clock, ct));
        outbound.MapPost("", (Guid id, PrintRequest body, RegistryDb db, CallerContext context, TimeProvider clock,
            CancellationToken ct) => OutboundAsync(id, Reason(body), db, context, clock, ct));
        outbound.MapGet("/detail", (Guid id, RegistryDb db, CallerContext context, CancellationToken ct) =>
            TypedAsync(id, true, db, context, ct));
        outbound.MapPut("/detail", (Guid id, CardDetailFields body, CommandId command, RegistryDb db,
            CallerContext context, TimeProvider clock, CancellationToken ct) =>
            DetailAsync(id, body, true, command, db, context, clock, ct));
        var inbound = api.MapGroup("/inbound-cases/{id:guid}/card").WithTags("cards");
        inbound.MapGet("", (Guid id, RegistryDb db, CallerContext context, TimeProvider clock, CancellationToken ct) =>
            InboundAsync(id, null, db, context, clock, ct));
        inbound.MapPost("", (Guid id, PrintRequest body, RegistryDb db, CallerContext context, TimeProvider clock,
            CancellationToken ct) => InboundAsync(id, Reason(body), db, context, clock, ct));
        inbound.MapGet("/detail", (Guid id, RegistryDb db, CallerContext context, CancellationToken ct) =>
            TypedAsync(id, false, db, context, ct));
        inbound.MapPut("/detail", (Guid id, CardDetailFields body, CommandId command, RegistryDb db,
            CallerContext context, TimeProvider clock, CancellationToken ct) =>
            DetailAsync(id, body, false, command, db, context, clock, ct));
    }

    private static async Task<IResult> OutboundAsync(Guid id, string? reason, RegistryDb db, CallerContext context,
        TimeProvider clock, CancellationToken ct)
    {
        var roles = reason is null ? Access.PrintCards : Access.Reveal;
        context.Current.RequireRole(roles);
        if (reason is not null) context.Current.RequireSecondFactor(clock.GetUtcNow());
        var card = await db.OutboundCards.AsNoTracking().SingleOrDefaultAsync(c => c.Id == id, ct)
            ?? throw new ProblemException(CaseProblems.NotFound);
        context.Current.Require(card.HomePath, roles);
        var member = card.MemberId is { } of
            ? await db.Archives.AsNoTracking().SingleOrDefaultAsync(m => m.Id == of, ct) : null;
        var detail = await DetailAsync(db, id, ct);
        var committee = await CommitteeAsync(db, card.HomePath, ct);
        db.RecordRead("outbound-card", id, card.HomePath, reason is null ? "CardPrinted" : "CardPrintedWhole", reason);
        await db.SaveChangesAsync(ct);
        var print = new CardPage(Whole: reason is not null, context.Current.Name, Today.In(clock));
        return Page(print.Outbound(card, await DistanceAsync(db, card, ct), member, detail, committee));
    }

    private static async Task<IResult> InboundAsync(Guid id, string? reason, RegistryDb db, CallerContext context,
        TimeProvider clock, CancellationToken ct)
    {
        var roles = reason is null ? Access.PrintCards : Access.Reveal;
        context.Current.RequireRole(roles);
        if (reason is not null) context.Current.RequireSecondFactor(clock.GetUtcNow());
        var card = await db.InboundCards.AsNoTracking().SingleOrDefaultAsync(c => c.Id == id, ct)
            ?? throw new ProblemException(CaseProblems.NotFound);
        context.Current.Require(card.HostPath, roles);
        var detail = await DetailAsync(db, id, ct);
        var committee = await CommitteeAsync(db, card.HostPath, ct);
        db.RecordRead("inbound-card", id, card.HostPath, reason is null ? "CardPrinted" : "CardPrintedWhole", reason);
        await db.SaveChangesAsync(ct);
        var print = new CardPage(Whole: reason is not null, context.Current.Name, Today.In(clock));
        return Page(print.Inbound(card, detail, committee));
    }

    /// <summary>What the paper asks for beyond the case; typed once. Source: .</summary>
    private static async Task<CardDetailFields> DetailAsync(Guid id, CardDetailFields body, bool outbound,
        CommandId command, RegistryDb db, CallerContext context, TimeProvider clock, CancellationToken ct)
    {
        var input = new Input();
        if (body.DepartedOn is { } left) input.Past(left, "departedOn", Today.In(clock));
        var fields = new CardDetailFields(input.Optional(body.FamilyContact, "familyContact", 100),
            input.Optional(body.EducationTeacher, "educationTeacher", 50),
            input.Optional(body.DuesPaidTo, "duesPaidTo", 20),
            input.Optional(body.EmployerHasOrganisation, "employerHasOrganisation", 10),
            input.Optional(body.LetterNumber, "letterNumber", 50),
            input.Optional(body.AgreedContact, "agreedContact", 50),
            input.Optional(body.Verification, "verification", 100), input.Optional(body.Group, "group", 50),
            input.Optional(body.Needs, "needs", 200), input.Optional(body.Participation, "participation", 200),
            input.Optional(body.ReturnNote, "returnNote", 200), body.DepartedOn);
        input.ThrowIfAny();
        var path = await WorkedAsync(id, outbound, db, context.Current, ct);
        var saved = await db.CommitAsync(command.Value, id, new Change<CardDetail, CardDetailEvent>("card-detail",
            existing => CardDetailDecider.Write(existing, new() { Id = id, Path = path, Detail = fields }),
            CardDetailDecider.Evolve, d => d.Path, (_, _, _) => []), ct);
        return saved.Detail;
    }

    /// <summary>What was typed, for the form that changes it; the family's telephone stands in it.</summary>
    private static async Task<CardDetailFields> TypedAsync(Guid id, bool outbound, RegistryDb db, CallerContext context,
        CancellationToken ct)
    {
        var path = await WorkedAsync(id, outbound, db, context.Current, ct);
        var detail = await DetailAsync(db, id, ct);
        db.RecordRead(outbound ? "outbound-card" : "inbound-card", id, path, "CardDetailShown");
        await db.SaveChangesAsync(ct);
        return detail;
    }

    /// <summary>Path of a card that the caller works on.</summary>
    private static async Task<string> WorkedAsync(Guid id, bool outbound, RegistryDb db, Caller caller,
        CancellationToken ct)
    {
        caller.RequireRole(Access.WorkCases);
        var path = outbound
            ? await db.OutboundCards.Where(c => c.Id == id).Select(c => c.HomePath).SingleOrDefaultAsync(ct)
            : await db.InboundCards.Where(c => c.Id == id).Select(c => c.HostPath).SingleOrDefaultAsync(ct);
        if (path is null) throw new ProblemException(CaseProblems.NotFound);
        caller.Require(path, Access.WorkCases);
        return path;
    }

    private static async Task<CardDetailFields> DetailAsync(RegistryDb db, Guid id, CancellationToken ct) =>
        (await db.Set<CardDetail>().AsNoTracking().SingleOrDefaultAsync(d => d.Id == id, ct))?.Detail ?? new();

    // The committee stands above the branch that prints, out of its sight; the form needs its name all the same.
    private static Task<string> CommitteeAsync(RegistryDb db, string path, CancellationToken ct) =>
        db.Database.SqlQuery<string>($"select coalesce(name_above({path}), '') as \"Value\"").SingleAsync(ct);

    /// <summary>
    /// How far the member goes, as figures count it: where the host branch stands decides within a county, and home
    /// need not see it. Source: M-111.
    /// </summary>
    private static Task<short> DistanceAsync(RegistryDb db, OutboundCard card, CancellationToken ct) =>
        db.Database.SqlQuery<short>($"""
            select coalesce((select distance from figure_span where subject_id = {card.Id} and side = 'home'
                    and superseded_at is null order by from_on desc, id desc limit 1),
                figure_distance({card.HomeRegion}, {card.HostRegion}, {card.HomePath}, null)) as "Value"
            """).SingleAsync(ct);

    private static string Reason(PrintRequest body)
    {
        var input = new Input();
        var reason = input.Text(body.Reason, "reason", 200);
        input.ThrowIfAny();
        return reason;
    }

    private static IResult Page(string html) => TypedResults.Text(html, "text/html; charset=utf-8");
}
