using Microsoft.EntityFrameworkCore;
using Platform.Hosting;
using Registry.Organisations;
using Registry.Service.Persistence;
using Registry.Service.Reference;

namespace Registry.Service.Capabilities;

/// <summary>
/// What organisations report to the one right above, quarter by quarter, half-year by half-year, and who has not:
/// branch to mobile committee, mobile committee to the committee at home. Source: M-172..M-174, M-283..M-285.
/// </summary>
internal static class OfficeReportsApi
{
    /// <param name="Kind">Code of report-kind that organisations send: BQR, CQR, BHR or SPE.</param>
    /// <param name="Period">2026-Q1, 2026-H1 or 2026, as the kind asks.</param>
    public sealed record SendRequest(string Kind, string Period, string Title, string Text);

    /// <param name="Missing">Organisations right below that owe this kind and have not sent it.</param>
    public sealed record ReceivedReply(string Kind, string Period, IReadOnlyList<OfficeReport> Reports,
        IReadOnlyList<MissingOrganisation> Missing);

    private static readonly string[] Committees = [.. ReferenceData.Codes["organisation-type"].Entries
        .Where(e => e.Is("committee")).Select(e => e.Code)];

    public static void MapOfficeReports(this IEndpointRouteBuilder api)
    {
        var group = api.MapGroup("/organisations/{id:guid}/reports").WithTags("reports");
        group.MapPost("", SendAsync);
        group.MapGet("", ReceivedAsync);
        group.MapGet("/sent", SentAsync);
    }

    private static async Task<OfficeReport> SendAsync(Guid id, SendRequest body, CommandId command, RecordDesk desk,
        RegistryDb db, TimeProvider clock, CancellationToken ct)
    {
        var sender = await desk.ForAsync(id, Access.Appoint, ct);
        var (input, today) = (new Input(), Today.In(clock));
        Check(input, body.Kind, body.Period);
        input.Must(!ReportPeriods.Fits(body.Kind ?? "", body.Period ?? "") || string.CompareOrdinal(body.Period,
            ReportPeriods.Of(body.Kind!, today)) <= 0, "period", "IN_THE_FUTURE", "Not after today.", "不能晚于今天。");
        var (title, text) = (input.Text(body.Title, "title", 100), input.Text(body.Text, "text", 20_000, lines: true));
        input.ThrowIfAny();
        if (sender.ParentId is not { } above) throw new ProblemException(OfficeProblems.NobodyAbove);
        if (body.Kind != "SPE" && await db.Set<OfficeReport>().AnyAsync(r => r.OrganisationId == id
            && r.Kind == body.Kind && r.Period == body.Period && r.Id != command.Value, ct))
            throw new ProblemException(OfficeProblems.Exists);
        return await desk.KeepAsync(command, "office-report", sender, new OfficeReport
        {
            Id = command.Value,
            Path = sender.Path,
            OrganisationId = id,
            ToId = above,
            Kind = body.Kind!,
            Period = body.Period!,
            Title = title,
            Text = text,
            SentOn = today,
        }, true, r => r.Path, ct);
    }

    /// <summary>What came from right below for a kind and period, and who owes it: branches BQR and BHR, committees
    /// CQR; nobody owes a special report.</summary>
    private static async Task<ReceivedReply> ReceivedAsync(Guid id, string? kind, string? period, RegistryDb db,
        RecordDesk desk, CancellationToken ct)
    {
        await desk.ForAsync(id, Access.SeeOrganisations, ct);
        var input = new Input();
        Check(input, kind, period);
        input.ThrowIfAny();
        var reports = await db.Set<OfficeReport>().AsNoTracking().Where(r => r.ToId == id && r.Kind == kind
            && r.Period == period).OrderBy(r => r.Id).Take(1000).ToListAsync(ct);
        string[] owing = kind switch
        {
            "CQR" => Committees,
            "BQR" or "BHR" => [.. OrganisationTypes.HoldingMembers],
            _ => [],
        };
        var missing = await db.Organisations.AsNoTracking().Where(o => o.ParentId == id && o.DissolvedOn == null
            && owing.Contains(o.Type) && !db.Set<OfficeReport>().Any(r => r.OrganisationId == o.Id && r.Kind == kind
                && r.Period == period)).OrderBy(o => o.Path)
            .Select(o => new MissingOrganisation(o.Id, o.Name, o.Path)).Take(1000).ToListAsync(ct);
        return new(kind!, period!, reports, missing);
    }

    /// <summary>What the organisation itself has sent, newest last.</summary>
    private static async Task<Page<OfficeReport>> SentAsync(Guid id, Guid? after, int? size, RegistryDb db,
        RecordDesk desk, RegistryOptions options, CancellationToken ct)
    {
        await desk.ForAsync(id, Access.SeeOrganisations, ct);
        var take = Paging.Size(size, options);
        var list = db.Set<OfficeReport>().AsNoTracking().Where(r => r.OrganisationId == id);
        if (after is { } last) list = list.Where(r => r.Id > last);
        return Paging.Of(await list.OrderBy(r => r.Id).Take(take + 1).ToListAsync(ct), take, r => r.Id.ToString());
    }

    private static void Check(Input input, string? kind, string? period)
    {
        input.Must(kind is "BQR" or "CQR" or "BHR" or "SPE", "kind", "NOT_A_CODE", "One of BQR, CQR, BHR, SPE.",
            "须为 BQR 支部季度报告、CQR 党委季度报告、BHR 支部半年报告、SPE 专题报告之一。");
        input.Must(ReportPeriods.Fits(kind ?? "", period ?? ""), "period", "NOT_A_PERIOD",
            "BQR and CQR: 2026-Q1; BHR: 2026-H1; SPE: 2026.", "季度报告如 2026-Q1，半年报告如 2026-H1，专题报告如 2026。");
    }
}
