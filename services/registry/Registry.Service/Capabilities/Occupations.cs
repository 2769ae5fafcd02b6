using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Registry.Service.Persistence;

namespace Registry.Service.Capabilities;

/// <summary>
/// The survey of occupations and headcounts: one line for each township and occupation, the county's sum below, and the
/// table as a file for the labour bureau. Source: M-096, M-282.
/// </summary>
internal static class OccupationsApi
{
    public sealed record OccupationLine(Guid OrganisationId, string Organisation, string Occupation, long Members);

    /// <param name="Lines">Organisations right below, by path, then by occupation; "" is not registered.</param>
    /// <param name="Total">Consolidated: occupation to members.</param>
    public sealed record SurveyReply(DateOnly On, IReadOnlyList<OccupationLine> Lines,
        IReadOnlyDictionary<string, long> Total, string List);

    /// <param name="Reason">For what, 1 to 200 characters; kept in the trail and printed on the copy.</param>
    public sealed record TableRequest(Guid OrganisationId, string Reason, DateOnly? On = null,
        ExportFormat Format = ExportFormat.Xlsx);

    private sealed record Counted(Guid Id, string Name, string Occupation, long Members);

    public static void MapOccupations(this IEndpointRouteBuilder api)
    {
        api.MapGet("/organisations/{id:guid}/occupations", SurveyAsync).WithTags("figures");
        api.MapPost("/exports/occupations", ExportAsync).WithTags("exports");
    }

    private static async Task<SurveyReply> SurveyAsync(Guid id, DateOnly? on, FigureDesk figures, RegistryDb db,
        CancellationToken ct)
    {
        var asked = await figures.AskAsync(id, null, on, null, ct);
        var rows = await CountAsync(id, asked, db, ct);
        var total = rows.GroupBy(r => r.Occupation, StringComparer.Ordinal)
            .OrderBy(g => g.Key, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Sum(r => r.Members));
        return new(asked.Day, [.. rows.Select(r => new OccupationLine(r.Id, r.Name, r.Occupation, r.Members))], total,
            $"/api/v1/figures/list?organisationId={id}&figure=mobileByOccupation&on={asked.Day:yyyy-MM-dd}");
    }

    private static async Task ExportAsync(TableRequest body, HttpContext http, ExportDesk desk, FigureDesk figures,
        RegistryDb db, CancellationToken ct)
    {
        var export = await desk.OpenAsync(body.Reason, body.Format, body.OrganisationId, Access.SeeCounts, ct);
        var asked = await figures.AskAsync(body.OrganisationId, null, body.On, null, ct);
        var rows = await CountAsync(body.OrganisationId, asked, db, ct);
        await desk.RecordAsync(export, "Exported", db.Organisations.Where(o => o.Id == body.OrganisationId), ct);
        var sums = rows.GroupBy(r => r.Occupation, StringComparer.Ordinal).OrderBy(g => g.Key, StringComparer.Ordinal)
            .Select(g => new Counted(Guid.Empty, "合计", g.Key, g.Sum(r => r.Members)));
        await desk.SendAsync(http, export, new()
        {
            Title = $"{export.Unit}流动党员从业情况汇总表",
            Unit = export.Unit,
            On = asked.Day,
            Columns = [("单位", 28), ("从业类型", 20), ("人数", 10)],
            Rows = rows.Concat(sums).Select(IReadOnlyList<string> (r) =>
                [r.Name, r.Occupation.Length == 0 ? "未登记" : r.Occupation,
                    r.Members.ToString(CultureInfo.InvariantCulture)]).ToAsyncEnumerable(),
            Note = "按乡镇（街道）统计，县级汇总，供劳动部门组织培训使用。",
        }, ct);
    }

    // Mobile members held below, by the organisation right below the one asked for.
    private static Task<List<Counted>> CountAsync(Guid id, FigureQuestion asked, RegistryDb db, CancellationToken ct) =>
        db.Database.SqlQuery<Counted>($"""
            select o.id, o.name, f.occupation, count(*) as members
            from figure_rows({asked.Path}, {asked.Tier}, {asked.Day}, {asked.Known}, array['home']) f
            join organisation o on o.parent_id = {id} and starts_with(f.path, o.path)
            where f.measure in ('out', 'within', 'undetermined')
            group by o.path, o.id, o.name, f.occupation order by o.path, f.occupation
            """).ToListAsync(ct);
}
