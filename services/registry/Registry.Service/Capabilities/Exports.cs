using System.Globalization;
using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Platform.Hosting;
using Registry.Members;
using Registry.Mobility;
using Registry.Service.Persistence;
using Registry.Service.Reference;

namespace Registry.Service.Capabilities;

/// <summary>
/// The register of members and the reconciliation list as files: POST, because the reason is part of the question and
/// nothing of it may stand in an address. Source.
/// </summary>
internal static class ExportsApi
{
    /// <param name="Reason">For what, 1 to 200 characters; kept in the trail and printed on the copy.</param>
    /// <param name="Reveal">Identifiers and residence unmasked; needs the right to reveal.</param>
    /// <param name="Search">A number or the beginning of a name, as in the search box.</param>
    /// <param name="OrganisationId">Only this organisation and what is below it; null: the caller's subtree.</param>
    /// <param name="Standing">"full" or "probationary", as in the list; null: both.</param>
    public sealed record MembersRequest(string Reason, ExportFormat Format = ExportFormat.Xlsx, bool Reveal = false,
        string? Search = null, Guid? OrganisationId = null, string? Standing = null);

    /// <summary>Filters as in the reconciliation list.</summary>
    /// <param name="Reason">For what, 1 to 200 characters; kept in the trail and printed on the copy.</param>
    /// <param name="OrganisationId">Only cards of this organisation and below it; null: the caller's subtree.</param>
    public sealed record CasesRequest(string Reason, ExportFormat Format = ExportFormat.Xlsx,
        Guid? OrganisationId = null, IReadOnlyList<Agreement>? Agreement = null, Side? Side = null,
        Side? NextBy = null, string? NextStep = null, string? Region = null, int? OlderThanDays = null,
        CasesApi.Turn? Turn = null, CasesApi.Due? Due = null);

    public static void MapExports(this IEndpointRouteBuilder api)
    {
        var group = api.MapGroup("/exports").WithTags("exports");
        group.MapPost("/members", MembersAsync);
        group.MapPost("/cases", CasesAsync);
    }

    private static async Task MembersAsync(MembersRequest body, HttpContext http, ExportDesk desk, RegistryDb db,
        CallerContext context, TimeProvider clock, CancellationToken ct)
    {
        var export = await desk.OpenAsync(body.Reason, body.Format, body.OrganisationId, Access.SeeMembers, ct);
        if (body.Reveal) context.Current.Require(export.Scope, Access.Reveal);
        var act = body.Reveal ? "RevealedInExport" : "Exported";
        var list = MembersApi.Named(db, export.Scope, body.Search, Today.In(clock));
        if (body.Standing is not null)
        {
            var input = new Input();
            var standing = MembersApi.Standing(input, body.Standing);
            input.ThrowIfAny();
            list = list.Where(m => m.Standing == standing);
        }
        await desk.RecordAsync(export, act, list, ct);
        await desk.SendAsync(http, export, new()
        {
            Title = $"{export.Unit}党员名册",
            Unit = export.Unit,
            On = Today.In(clock),
            Columns =
            [
                ("姓名", 12), ("性别", 6), ("民族", 10), ("出生日期", 12), ("公民身份号码", 22), ("籍贯", 16), ("学历", 12),
                ("入党时间", 12), ("党员类别", 10), ("所在党组织", 28), ("联系电话", 15), ("职业", 12), ("工作单位", 24),
                .. body.Reveal ? [("现居住地", 28)] : Array.Empty<(string, int)>(),
            ],
            Rows = MemberRowsAsync(list, export, act, body.Reveal, desk, db, ct),
            Note = body.Reveal ? "本表含完整的身份号码与联系电话，请妥善保管，用后销毁。" : "身份号码、联系电话已作掩码处理。",
        }, ct);
    }

    /// <summary>By branch, in the order of registration.</summary>
    private static async IAsyncEnumerable<IReadOnlyList<string>> MemberRowsAsync(IQueryable<Member> list,
        Export export, string act, bool reveal, ExportDesk desk, RegistryDb db,
        [EnumeratorCancellation] CancellationToken ct)
    {
        var (path, last) = ("", Guid.Empty);
        while (true)
        {
            // One comparison of rows: the index continues where the page before ended.
            var (fromPath, fromId) = (path, last);
            var page = await list.Where(m => EF.Functions.GreaterThan(
                    ValueTuple.Create(m.BranchPath, m.Id), ValueTuple.Create(fromPath, fromId)))
                .OrderBy(m => m.BranchPath).ThenBy(m => m.Id).Take(ExportDesk.PageRows)
                .Join(db.Organisations, m => m.BranchId, o => o.Id, (m, o) => new { Member = m, Branch = o.Name })
                .OrderBy(l => l.Member.BranchPath).ThenBy(l => l.Member.Id).ToListAsync(ct);
            await desk.RecordRowsAsync("member", act, export, page.Select(l => (l.Member.Id, l.Member.BranchPath)), ct);
            foreach (var line in page) yield return Cells(line.Member, line.Branch, reveal);
            if (page.Count < ExportDesk.PageRows) yield break;
            (path, last) = (page[^1].Member.BranchPath, page[^1].Member.Id);
        }
    }

    private static string[] Cells(Member m, string branch, bool reveal) =>
    [
        m.Name, Word("sex", m.Sex), Word("ethnic-group", m.EthnicGroup), Day(m.BirthOn),
        reveal ? m.IdNumber : ResidentId.Mask(m.IdNumber), m.NativePlace, Word("education", m.Education),
        m.JoinedOn is { } joined ? Day(joined) : "", CaseWords.Standing(m.Standing), branch,
        reveal ? m.Phone : PhoneNumber.Mask(m.Phone), m.Occupation, m.Employer,
        .. reveal ? [m.Residence] : Array.Empty<string>(),
    ];

    private static async Task CasesAsync(CasesRequest body, HttpContext http, ExportDesk desk, RegistryDb db,
        RegistryOptions options, TimeProvider clock, CancellationToken ct)
    {
        var export = await desk.OpenAsync(body.Reason, body.Format, body.OrganisationId, Access.SeeCases, ct);
        var now = clock.GetUtcNow();
        var list = CasesApi.Listed(db, export.Scope, new(body.Agreement ?? [], body.Side, body.NextBy,
            body.NextStep, body.Region, body.OlderThanDays, body.Turn, body.Due), options, now);
        await desk.RecordAsync(export, "Exported", list, ct);
        await desk.SendAsync(http, export, new()
        {
            Title = $"{export.Unit}流动党员双向核对表",
            Unit = export.Unit,
            On = Today.In(clock),
            Measure = "件",
            Columns =
            [
                ("姓名", 12), ("本地为", 8), ("流出地", 20), ("流入地", 20), ("起始日期", 12), ("状态", 18), ("核对结果", 12),
                ("不一致项目", 20), ("下一步", 18), ("应办方", 10), ("更新日期", 12), ("已过天数", 10),
            ],
            Rows = CaseRowsAsync(list, export, desk, now, ct),
        }, ct);
    }

    /// <summary>Oldest first, as the list.</summary>
    private static async IAsyncEnumerable<IReadOnlyList<string>> CaseRowsAsync(IQueryable<ReconciliationRow> list,
        Export export, ExportDesk desk, DateTimeOffset now, [EnumeratorCancellation] CancellationToken ct)
    {
        var (at, last) = (DateTimeOffset.MinValue, Guid.Empty);
        while (true)
        {
            var (from, fromId) = (at, last);
            var page = await list.Where(r => EF.Functions.GreaterThan(
                    ValueTuple.Create(r.Since, r.Id), ValueTuple.Create(from, fromId)))
                .OrderBy(r => r.Since).ThenBy(r => r.Id).Take(ExportDesk.PageRows).ToListAsync(ct);
            foreach (var side in page.GroupBy(r => r.Side))
            {
                await desk.RecordRowsAsync(side.Key == Side.Home ? "outbound-card" : "inbound-card", "Exported", export,
                    side.Select(r => (r.Id, r.OwnPath)), ct);
            }
            foreach (var row in page) yield return Cells(row, now);
            if (page.Count < ExportDesk.PageRows) yield break;
            (at, last) = (page[^1].Since, page[^1].Id);
        }
    }

    private static string[] Cells(ReconciliationRow r, DateTimeOffset now) =>
    [
        r.Name, CaseWords.Of(r.Side), Place(r.HomeRegion), Place(r.HostRegion), Day(r.BeganOn),
        CaseWords.Status(r.Side, r.Status), CaseWords.Of(r.Agreement),
        string.Join('、', CasesApi.Split(r.Differences).Select(CaseWords.Field)), CaseWords.Step(r.NextStep),
        r.NextBy is { } by ? CaseWords.Of(by) : "", Day(Today.Of(r.Since)),
        CasesApi.Age(now, r.Since).ToString(CultureInfo.InvariantCulture),
    ];

    private static string Word(string table, string code) => ReferenceData.Codes[table].Find(code)?.Chinese ?? code;

    private static string Day(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static string Place(string region) => $"{ReferenceData.Divisions.Find(region)?.Name}{region}";
}
