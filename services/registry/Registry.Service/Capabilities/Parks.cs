using Microsoft.EntityFrameworkCore;
using Platform.Hosting;
using Registry.Organisations;
using Registry.Service.Persistence;

namespace Registry.Service.Capabilities;

/// <summary>
/// Parks along an organisation's line of command, how far their units are covered, and the examinations that look at
/// economic targets and party building together. Source: M-028, M-052, M-069.
/// </summary>
internal static class ParksApi
{
    private const int TextMax = 2000;

    /// <summary>One park: <c>Total = Organised + MembersOnly + NoMembers</c>.</summary>
    /// <param name="Site">The park's name in the register of units.</param>
    /// <param name="Rate">组建率: organised per hundred of all, one decimal (M-024).</param>
    public sealed record ParkLine(string Site, int Total, int Organised, int MembersOnly, int NoMembers, decimal? Rate);

    /// <param name="Site">A park of the register of units.</param>
    /// <param name="Period">2026, 2026-H1 or 2026-Q1.</param>
    /// <param name="EconomicGoals">What was aimed at, with the economic result: one half of the examination.</param>
    /// <param name="PartyGoals">What was aimed at in party building, with its result: the other half.</param>
    /// <param name="Conclusion">What the examiners conclude, in their words.</param>
    public sealed record ExamineRequest(string Site, string Period, DateOnly ExaminedOn, string EconomicGoals,
        string EconomicResult, string PartyGoals, string PartyResult, string Conclusion);

    public static void MapParks(this IEndpointRouteBuilder api)
    {
        var group = api.MapGroup("/organisations/{id:guid}").WithTags("parks");
        group.MapGet("/parks", ParksAsync);
        group.MapPost("/park-examinations", ExamineAsync);
        api.MapGet("/park-examinations", ListAsync).WithTags("parks");
    }

    private static async Task<IReadOnlyList<ParkLine>> ParksAsync(Guid id, RegistryDb db, RecordDesk desk,
        CancellationToken ct)
    {
        var organisation = await desk.ForAsync(id, Access.SeeOrganisations, ct);
        return await LinesAsync(UnitsOn(db, organisation).Where(u => u.Site != ""), ct);
    }

    private static async Task<ParkExamination> ExamineAsync(Guid id, ExamineRequest body, CommandId command,
        RecordDesk desk, RegistryDb db, TimeProvider clock, CancellationToken ct)
    {
        var organisation = await desk.ForAsync(id, Access.KeepRecords, ct);
        var (input, today) = (new Input(), Today.In(clock));
        var site = input.Text(body.Site, "site", 100);
        var lines = site.Length == 0 ? []
            : await LinesAsync(UnitsOn(db, organisation).Where(u => u.Site == site), ct);
        input.Must(site.Length == 0 || lines.Count > 0, "site", "SITE_UNKNOWN",
            "No unit of such a park is registered along this organisation's line of command.",
            "两新组织登记中没有该园区的单位，请先登记园区企业，名称须一致。");
        input.Must(ReportPeriods.Fits("SPE", body.Period ?? "") || ReportPeriods.Fits("BHR", body.Period ?? "")
            || ReportPeriods.Fits("BQR", body.Period ?? ""), "period", "NOT_A_PERIOD",
            "A year, half-year or quarter: 2026, 2026-H1, 2026-Q1.", "须为年度、半年或季度，如 2026、2026-H1、2026-Q1。");
        var examination = new ParkExamination
        {
            Id = command.Value,
            Path = organisation.Path,
            OrganisationId = organisation.Id,
            Site = site,
            Period = body.Period ?? "",
            ExaminedOn = input.Past(body.ExaminedOn, "examinedOn", today),
            EconomicGoals = input.Text(body.EconomicGoals, "economicGoals", TextMax, lines: true),
            EconomicResult = input.Text(body.EconomicResult, "economicResult", TextMax, lines: true),
            PartyGoals = input.Text(body.PartyGoals, "partyGoals", TextMax, lines: true),
            PartyResult = input.Text(body.PartyResult, "partyResult", TextMax, lines: true),
            Conclusion = input.Text(body.Conclusion, "conclusion", TextMax, lines: true),
            Units = lines.Sum(l => l.Total),
            Organised = lines.Sum(l => l.Organised),
            MembersOnly = lines.Sum(l => l.MembersOnly),
        };
        input.ThrowIfAny();
        return await desk.KeepAsync(command, "park-examination", organisation, examination, true, e => e.Path, ct);
    }

    /// <summary>Examinations of the caller's part of the tree, newest first.</summary>
    private static async Task<Page<ParkExamination>> ListAsync(Guid? under, Guid? after, int? size, RegistryDb db,
        CallerContext context, RegistryOptions options, CancellationToken ct)
    {
        context.Current.RequireRole(Access.SeeOrganisations);
        var (take, scope) = (Paging.Size(size, options), context.Current.Scope);
        if (under is { } top) scope = await db.PathUnderAsync(scope, top, ct);
        var list = db.Set<ParkExamination>().AsNoTracking().Where(e => string.Compare(e.Path, scope) >= 0
            && string.Compare(e.Path, scope + "~") < 0);
        if (after is { } last) list = list.Where(e => e.Id < last);
        return Paging.Of(await list.OrderByDescending(e => e.Id).Take(take + 1).ToListAsync(ct), take,
            e => e.Id.ToString());
    }

    /// <summary>Open units kept by the organisation, by those below it, and by those above it: a park's organisation
    /// is often below the committee that keeps the register.</summary>
    private static IQueryable<Unit> UnitsOn(RegistryDb db, Organisation organisation)
    {
        var (from, to) = (organisation.Path, organisation.Path + "~");
        string[] above = [.. from.Index().Where(c => c.Item == '/').Select(c => from[..(c.Index + 1)])];
        return db.Units.AsNoTracking().Where(u => u.ClosedOn == null && (above.Contains(u.Path)
            || (string.Compare(u.Path, from) >= 0 && string.Compare(u.Path, to) < 0)));
    }

    private static async Task<IReadOnlyList<ParkLine>> LinesAsync(IQueryable<Unit> units, CancellationToken ct)
    {
        var rows = await units.GroupBy(u => u.Site).Select(g => new
        {
            g.Key,
            Total = g.Count(),
            Organised = g.Count(u => u.OrganisationId != null),
            MembersOnly = g.Count(u => u.OrganisationId == null && u.Members > 0),
        }).OrderBy(g => g.Key).Take(200).ToListAsync(ct);
        return [.. rows.Select(r => new ParkLine(r.Key, r.Total, r.Organised, r.MembersOnly,
            r.Total - r.Organised - r.MembersOnly, Figures.FigureBook.Share(r.Organised, r.Total)))];
    }
}
