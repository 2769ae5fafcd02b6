using Microsoft.EntityFrameworkCore;
using Platform.Hosting;
using Registry.Members;
using Registry.Organisations;
using Registry.Service.Persistence;

namespace Registry.Service.Capabilities;

/// <summary>
/// Officers of organisations, posts of members and terms of committees, all dated. Source: M-022, M-041, M-061, M-184,
/// M-185, M-220, R-092, R-094.
/// </summary>
internal static class AppointmentsApi
{
    /// <param name="Code">Code of role-type (kind role) or post-type (kind post).</param>
    /// <param name="MemberId">The member; required for a post.</param>
    /// <param name="Holder">Name of a person without a record here.</param>
    /// <param name="LeadingCadre">Whether the holder is a leading cadre; must be said, and be false, for the head of a
    /// mobile organisation (M-048).</param>
    public sealed record AppointRequest(AppointmentKind Kind, string Code, DateOnly From, Guid? MemberId = null,
        string? Holder = null, string? SentBy = null, string? PaidBy = null, string? Note = null,
        bool? LeadingCadre = null);

    public sealed record EndRequest(DateOnly On, string Reason);

    /// <param name="Years">Left out: what the rules say for the type .</param>
    public sealed record TermRequest(DateOnly ElectedOn, int? Years = null);

    /// <param name="Months">Months put off (positive) or brought forward (negative).</param>
    /// <param name="Approval">Who approved it and under which number.</param>
    public sealed record MoveTermRequest(int Months, string Approval);

    public static void MapAppointments(this IEndpointRouteBuilder api)
    {
        var group = api.MapGroup("/organisations/{id:guid}").WithTags("appointments");
        group.MapPost("/appointments", AppointAsync);
        group.MapGet("/appointments", ListAsync);
        group.MapPost("/terms", ElectAsync);
        group.MapGet("/terms", TermsAsync);
        api.MapGet("/appointments", AllAsync).WithTags("appointments");
        api.MapPost("/appointments/{id:guid}/end", EndAsync).WithTags("appointments");
        api.MapPost("/terms/{id:guid}/move", MoveTermAsync).WithTags("appointments");
        api.MapGet("/members/{id:guid}/appointments", OfMemberAsync).WithTags("appointments");
    }

    private static async Task<Appointment> AppointAsync(Guid id, AppointRequest body, CommandId command,
        RecordDesk desk,
        RegistryDb db, CancellationToken ct)
    {
        var organisation = await desk.ForAsync(id, Access.Appoint, ct);
        var input = new Input();
        var role = body.Kind == AppointmentKind.Role;
        input.Must(Enum.IsDefined(body.Kind), "kind", "NOT_A_WORD", "One of: role, post.", "须为 role 或 post。");
        var known = body.MemberId is { } m && await db.Members.AnyAsync(x => x.Id == m, ct);
        input.Must(body.MemberId is null || known, "memberId", "NOT_FOUND", "A member of your part of the tree.",
            "须为您管理范围内的党员。");
        input.Must(role || body.MemberId is not null, "memberId", "REQUIRED", "Posts are for members.", "设岗须指定党员。");
        input.Must(!role || body.MemberId is not null || !string.IsNullOrWhiteSpace(body.Holder), "holder", "REQUIRED",
            "Name the member or the person.", "须指定党员或填写姓名。");
        input.Must(body is not { Kind: AppointmentKind.Role, Code: "SEC" }
            || !OrganisationTypes.Mobile.Contains(organisation.Type) || body.LeadingCadre == false, "leadingCadre",
            "MUST_BE_FALSE", "The head of a mobile organisation is selected from non-leading cadres.",
            "流动党组织负责人须从非领导干部中选派，请填写 false。");
        var appointment = new Appointment
        {
            Id = command.Value,
            Path = organisation.Path,
            OrganisationId = id,
            Kind = body.Kind,
            Code = input.Code(role ? "role-type" : "post-type", body.Code, "code"),
            MemberId = body.MemberId,
            Holder = body.MemberId is null ? input.Optional(body.Holder, "holder", 50) : "",
            SentBy = input.Optional(body.SentBy, "sentBy", 100),
            PaidBy = input.Optional(body.PaidBy, "paidBy", 100),
            Note = input.Optional(body.Note, "note", 200),
            LeadingCadre = body.LeadingCadre,
            FromOn = input.Date(body.From, "from"),
        };
        input.ThrowIfAny();
        return await desk.KeepAsync(command, "appointment", organisation, appointment, true, a => a.Path, ct);
    }

    private static Task<Appointment> EndAsync(Guid id, EndRequest body, CommandId command, RecordDesk desk,
        CancellationToken ct)
    {
        var input = new Input();
        var why = input.Text(body.Reason, "reason", 200);
        input.Date(body.On, "on");
        input.ThrowIfAny();
        return desk.ChangeAsync<Appointment>(command, "appointment", id, Access.Appoint, a => a.UntilOn is null,
            a => a with { UntilOn = body.On, EndedBecause = why }, a => a.UntilOn > a.FromOn, a => a.Path, why, ct);
    }

    /// <summary>Who is, or on a day was, in office; all that ever were with <c>all=true</c>.</summary>
    private static async Task<Page<Appointment>> ListAsync(Guid id, DateOnly? asOf, bool? all, Guid? after, int? size,
        RegistryDb db, RecordDesk desk, TimeProvider clock, RegistryOptions options, CancellationToken ct)
    {
        await desk.ForAsync(id, Access.SeeOrganisations, ct);
        var (day, take) = (asOf ?? Today.In(clock), Paging.Size(size, options));
        var list = db.Appointments.AsNoTracking().Where(a => a.OrganisationId == id);
        if (all != true) list = list.Where(a => a.FromOn <= day && (a.UntilOn == null || a.UntilOn > day));
        if (after is { } last) list = list.Where(a => a.Id > last);
        return Paging.Of(await list.OrderBy(a => a.Id).Take(take + 1).ToListAsync(ct), take, a => a.Id.ToString());
    }

    /// <summary>Who is in office today in the caller's part of the tree, by role or post and below an
    /// organisation.</summary>
    private static async Task<Page<Appointment>> AllAsync(string? code, Guid? under, Guid? after, int? size,
        RegistryDb db, CallerContext context, TimeProvider clock, RegistryOptions options, CancellationToken ct)
    {
        context.Current.RequireRole(Access.SeeOrganisations);
        var (day, take, scope) = (Today.In(clock), Paging.Size(size, options), context.Current.Scope);
        if (under is { } top) scope = await db.PathUnderAsync(scope, top, ct);
        var list = db.Appointments.AsNoTracking().Where(a => string.Compare(a.Path, scope) >= 0
            && string.Compare(a.Path, scope + "~") < 0 && a.FromOn <= day && (a.UntilOn == null || a.UntilOn > day));
        if (!string.IsNullOrEmpty(code)) list = list.Where(a => a.Code == code);
        if (after is { } last) list = list.Where(a => a.Id > last);
        return Paging.Of(await list.OrderBy(a => a.Id).Take(take + 1).ToListAsync(ct), take, a => a.Id.ToString());
    }

    private static async Task<IReadOnlyList<Appointment>> OfMemberAsync(Guid id, RegistryDb db, CallerContext context,
        CancellationToken ct)
    {
        context.Current.RequireRole(Access.SeeMembers);
        var path = await db.Archives.Where(m => m.Id == id).Select(m => m.BranchPath).SingleOrDefaultAsync(ct)
            ?? throw new ProblemException(MemberDecider.NotFound);
        context.Current.Require(path, Access.SeeMembers);
        return await db.Appointments.AsNoTracking().Where(a => a.MemberId == id).OrderBy(a => a.Id).Take(200)
            .ToListAsync(ct);
    }

    private static async Task<CommitteeTerm> ElectAsync(Guid id, TermRequest body, CommandId command, RecordDesk desk,
        RegistryOptions options, TimeProvider clock, CancellationToken ct)
    {
        var organisation = await desk.ForAsync(id, Access.KeepRecords, ct);
        var input = new Input();
        input.Past(body.ElectedOn, "electedOn", Today.In(clock));
        var years = body.Years ?? TermYears(organisation, options.Organisations);
        input.Must(years is >= 1 and <= 5, "years", "OUT_OF_RANGE", "Between 1 and 5.", "须为 1 至 5 年。");
        input.ThrowIfAny();
        return await desk.KeepAsync(command, "committee-term", organisation, new CommitteeTerm
        {
            Id = command.Value,
            Path = organisation.Path,
            OrganisationId = id,
            ElectedOn = body.ElectedOn,
            Years = years,
            EndsOn = body.ElectedOn.AddYears(years),
        }, true, t => t.Path, ct);
    }

    private static int TermYears(Organisation o, OrganisationTerms terms) =>
        o.Type == "COM" || o.Division.Length == 12 ? terms.VillageTermYears
        : OrganisationTypes.HoldingMembers.Contains(o.Type) || OrganisationTypes.General.Contains(o.Type)
            ? terms.BranchTermYears : terms.CommitteeTermYears;

    private static Task<CommitteeTerm> MoveTermAsync(Guid id, MoveTermRequest body, CommandId command, RecordDesk desk,
        RegistryOptions options, CancellationToken ct)
    {
        var input = new Input();
        var approval = input.Text(body.Approval, "approval", 200);
        var max = options.Organisations.TermMoveMonthsMax;
        input.Must(body.Months >= -max && body.Months <= max && body.Months != 0, "months", "OUT_OF_RANGE",
            $"Between -{max} and {max}, not 0.", $"须在 -{max} 至 {max} 之间且不为 0。");
        input.ThrowIfAny();
        return desk.ChangeAsync<CommitteeTerm>(command, "committee-term", id, Access.KeepRecords, _ => true, t => t with
        {
            MovedMonths = t.MovedMonths + body.Months,
            EndsOn = t.ElectedOn.AddYears(t.Years).AddMonths(t.MovedMonths + body.Months),
            MovedBecause = approval,
        }, t => Math.Abs(t.MovedMonths) <= max, t => t.Path, approval, ct);
    }

    private static async Task<IReadOnlyList<CommitteeTerm>> TermsAsync(Guid id, RegistryDb db, RecordDesk desk,
        CancellationToken ct)
    {
        await desk.ForAsync(id, Access.SeeOrganisations, ct);
        return await db.Terms.AsNoTracking().Where(t => t.OrganisationId == id).OrderByDescending(t => t.ElectedOn)
            .Take(200).ToListAsync(ct);
    }
}
