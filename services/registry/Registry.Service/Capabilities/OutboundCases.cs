using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using Platform.Hosting;
using Platform.Kernel;
using Registry.Mobility;
using Registry.Service.Persistence;

namespace Registry.Service.Capabilities;

/// <summary>The home side's commands. Every step answers with the card as it is now. Source: M-102..M-118.</summary>
internal static class OutboundCases
{
    public sealed record ApplyRequest(
        Guid MemberId, string HostRegion, string Reason, DateOnly DepartsOn, DateOnly? PlannedReturnOn = null,
        string? Employer = null, string? CreditCode = null, string? Occupation = null, string? Residence = null);

    public sealed record WhyRequest(string Why);

    public sealed record PrepareRequest(DateOnly TalkOn, DateOnly EducatedOn, string ContactPerson);

    public sealed record ConfirmRequest(Guid? MemberId = null);

    public sealed record MoveOnRequest(string ToRegion);

    public sealed record ReturnRequest(DateOnly On, DateOnly TalkOn, bool CertificateInspected);

    public sealed record RegainRequest(DateOnly On);

    public static void MapOutboundCases(this IEndpointRouteBuilder api)
    {
        var cases = api.MapGroup("/outbound-cases").WithTags("outbound");
        cases.MapPost("", ApplyAsync);
        cases.MapPost("/{id:guid}/approve", (Guid id, CommandId command, CaseDesk desk, CancellationToken ct) =>
            desk.HomeAsync(command, id, Access.ApproveCases, (c, caller, now) =>
                OutboundDecider.Approve(c, caller.Subject, now), ct));
        cases.MapPost("/{id:guid}/refuse", (Guid id, WhyRequest body, CommandId command, CaseDesk desk,
            CancellationToken ct) => desk.HomeAsync(command, id, Access.ApproveCases, (c, caller, now) =>
                OutboundDecider.Refuse(c, caller.Subject, Why(body.Why), now), ct));
        cases.MapPost("/{id:guid}/prepare", PrepareAsync);
        cases.MapPost("/{id:guid}/notify", (Guid id, CommandId command, CaseDesk desk, CancellationToken ct) =>
            desk.HomeAsync(command, id, Access.WorkCases, (c, _, now) => OutboundDecider.Notify(c, now), ct));
        cases.MapPost("/{id:guid}/confirm-identity", ConfirmAsync);
        cases.MapPost("/{id:guid}/deny-identity", (Guid id, WhyRequest body, CommandId command, CaseDesk desk,
            CancellationToken ct) => desk.HomeAsync(command, id, Access.ApproveCases, (c, _, now) =>
                OutboundDecider.Deny(c, Why(body.Why), now), ct));
        cases.MapPost("/{id:guid}/change", (Guid id, FactsRequest body, CommandId command, CaseDesk desk,
            CancellationToken ct) => desk.HomeAsync(command, id, Access.WorkCases, (c, _, now) =>
                OutboundDecider.ChangeFacts(c, body.On(c?.Facts), now), ct));
        cases.MapPost("/{id:guid}/adopt", (Guid id, AdoptRequest body, CommandId command, CaseDesk desk,
            CancellationToken ct) => desk.HomeAsync(command, id, Access.WorkCases, (c, _, now) =>
                OutboundDecider.ChangeFacts(c, body.On(c?.Facts, c?.PeerFacts), now), ct));
        cases.MapPost("/{id:guid}/move-on", (Guid id, MoveOnRequest body, CommandId command, CaseDesk desk,
            CancellationToken ct) => desk.HomeAsync(command, id, Access.WorkCases, (c, _, now) =>
                OutboundDecider.MoveOn(c, Region(body.ToRegion), now), ct));
        cases.MapPost("/{id:guid}/return", (Guid id, ReturnRequest body, CommandId command, CaseDesk desk,
            CancellationToken ct) => desk.HomeAsync(command, id, Access.WorkCases, (c, _, now) =>
                OutboundDecider.Return(c, new(body.On, body.TalkOn, body.CertificateInspected, now)), ct));
        cases.MapPost("/{id:guid}/lost-contact", (Guid id, LostContactRequest body, CommandId command, CaseDesk desk,
            CancellationToken ct) => desk.HomeAsync(command, id, Access.FindLost, (c, _, now) =>
                OutboundDecider.FindLost(c, body.Finding(Side.Home, now), now), ct));
        cases.MapPost("/{id:guid}/regain-contact", (Guid id, RegainRequest body, CommandId command, CaseDesk desk,
            CancellationToken ct) => desk.HomeAsync(command, id, Access.WorkCases, (c, _, now) =>
                OutboundDecider.Regain(c, body.On, now), ct));
        cases.MapPost("/{id:guid}/remark", async (Guid id, RemarkRequest body, CommandId command, CaseDesk desk,
            RegistryDb db, CallerContext context, CancellationToken ct) =>
        {
            var (text, office) = await body.ReadAsync(db, context.Current, ct);
            return await desk.HomeAsync(command, id, Access.WorkCases, (c, _, now) =>
                OutboundDecider.Remark(c, new(text, office, now)), ct);
        });
    }

    private static async Task<OutboundReply> ApplyAsync(ApplyRequest body, CommandId command, CaseDesk desk,
        RegistryDb db, CallerContext context, CancellationToken ct)
    {
        var input = new Input();
        var facts = new
        {
            Employer = input.Optional(body.Employer, "employer", 100),
            CreditCode = input.Optional(body.CreditCode, "creditCode", 18),
            Occupation = input.Optional(body.Occupation, "occupation", 50),
            Residence = input.Optional(body.Residence, "residence", 200),
        };
        var (region, reason) =
            (input.Region(body.HostRegion, "hostRegion"), input.Code("mobility-reason", body.Reason, "reason"));
        input.Date(body.DepartsOn, "departsOn");
        input.ThrowIfAny();
        var member = await db.Members.AsNoTracking().SingleOrDefaultAsync(m => m.Id == body.MemberId, ct)
            ?? throw new ProblemException(Members.MemberDecider.NotFound);
        context.Current.Require(member.BranchPath, Access.ApplyForMember);
        var branch = await db.Organisations.AsNoTracking().SingleAsync(o => o.Id == member.BranchId, ct);
        var card = new OutboundCard
        {
            Id = command.Value,
            MemberId = member.Id,
            HomePath = member.BranchPath,
            HomeRegion = branch.Region,
            HomeBranch = branch.Name,
            HostRegion = region,
            Status = OutboundStatus.Applied,
            Facts = new()
            {
                Name = member.Name,
                IdNumber = member.IdNumber,
                Phone = member.Phone,
                Standing = member.Standing,
                Employer = facts.Employer,
                CreditCode = facts.CreditCode,
                Occupation = facts.Occupation.Length > 0 ? facts.Occupation : member.Occupation,
                Residence = facts.Residence,
            },
            Reason = reason,
            DepartsOn = body.DepartsOn,
            PlannedReturnOn = body.PlannedReturnOn,
            AppliedBy = context.Current.Subject,
            CaseKey = RandomNumberGenerator.GetBytes(16),
            Since = default,
        };
        var hasOpen = await db.HasOpenCaseAsync(member.Id, except: card.Id, ct);
        return await desk.HomeAsync(command, card.Id, Access.ApplyForMember,
            (_, _, now) => OutboundDecider.Apply(hasOpen, card, now), ct);
    }

    private static async Task<OutboundReply> PrepareAsync(Guid id, PrepareRequest body, CommandId command,
        CaseDesk desk,
        RegistryDb db, TimeProvider clock, CancellationToken ct)
    {
        var input = new Input();
        var person = input.Text(body.ContactPerson, "contactPerson", 100);
        input.ThrowIfAny();
        var known = await db.OutboundCards.Where(c => c.Id == id)
            .Select(c => new { c.HomeRegion, Certificate = EF.Property<string>(c, "CertificateNumber") })
            .SingleOrDefaultAsync(ct) ?? throw new ProblemException(CaseProblems.NotFound);
        Task<OutboundReply> PrepareWithAsync(string certificate) => desk.HomeAsync(command, id, Access.WorkCases,
            (c, _, now) => OutboundDecider.Prepare(c,
                new(body.TalkOn, body.EducatedOn, person, certificate, now)), ct);
        // A member whom a roster brought with a certificate keeps it.
        if (known.Certificate.Length > 0) return await PrepareWithAsync(known.Certificate);
        return await desk.AfterOthersAsync(async () =>
        {
            await using var transaction = await db.Database.BeginTransactionAsync(ct);
            var year = Today.In(clock).Year;
            var serial = await db.NextCertificateAsync(known.HomeRegion, year, ct);
            var certificate = CertificateNumber.Of(known.HomeRegion, year, serial).Value;
            var reply = await PrepareWithAsync(certificate);
            // A repeated command answers with the certificate it issued the first time and must not use up a number.
            if (reply.Facts.CertificateNumber == certificate) await transaction.CommitAsync(ct);
            return reply;
        });
    }

    private static async Task<OutboundReply> ConfirmAsync(Guid id, ConfirmRequest body, CommandId command,
        CaseDesk desk,
        RegistryDb db, CancellationToken ct)
    {
        var card = await db.OutboundCards.AsNoTracking().SingleOrDefaultAsync(c => c.Id == id, ct)
            ?? throw new ProblemException(CaseProblems.NotFound);
        var memberId = card.MemberId ?? body.MemberId ?? throw new ProblemException(MemberUnknown);
        var member = await db.Members.AsNoTracking().SingleOrDefaultAsync(m => m.Id == memberId, ct)
            ?? throw new ProblemException(Members.MemberDecider.NotFound);
        var branch = await db.Organisations.AsNoTracking().SingleAsync(o => o.Id == member.BranchId, ct);
        var facts = card.Facts with
        {
            Name = member.Name,
            IdNumber = member.IdNumber,
            Standing = member.Standing,
            Phone = card.Facts.Phone.Length > 0 ? card.Facts.Phone : member.Phone,
        };
        var hasOther = await db.HasOpenCaseAsync(member.Id, except: id, ct);
        return await desk.HomeAsync(command, id, Access.ApproveCases, (c, _, now) =>
            OutboundDecider.Confirm(c, hasOther,
            new(member.Id, member.BranchPath, branch.Name, facts, now)), ct);
    }

    private static string Why(string? why)
    {
        var input = new Input();
        var text = input.Text(why, "why", 300);
        input.ThrowIfAny();
        return text;
    }

    private static string Region(string? region)
    {
        var input = new Input();
        var code = input.Region(region, "toRegion");
        input.ThrowIfAny();
        return code;
    }

    private static Problem MemberUnknown { get; } = new(ProblemKind.Precondition, "CASE_MEMBER_UNKNOWN",
        "No archive matches this person's id number; name the member, or deny the identity.",
        "没有与该身份证号相符的档案，请指明党员，或否认其身份。");
}
