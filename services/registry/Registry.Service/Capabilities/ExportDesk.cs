using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Net.Http.Headers;
using Platform.Hosting;
using Platform.Kernel;
using Registry.Organisations;
using Registry.Service.Persistence;
using Registry.Service.Reference;
using Registry.Service.Roster;

namespace Registry.Service.Capabilities;

/// <summary>What kind of file an export is.</summary>
public enum ExportFormat
{
    /// <summary>A workbook.</summary>
    Xlsx,

    /// <summary>CSV, UTF-8 with mark.</summary>
    Csv,

    /// <summary>CSV, GB 18030 of 2022.</summary>
    CsvGb18030,
}

/// <summary>One export that was allowed and is in the trail.</summary>
/// <param name="Id">Printed on every page and in every CSV row; names the trail of this export.</param>
/// <param name="Scope">Organisation path that bounds it.</param>
/// <param name="Unit">Name of that organisation.</param>
internal sealed record Export(Guid Id, string Reason, ExportFormat Format, string Scope, string Unit);

/// <summary>
/// Handing out lists as files: who, when and for what is in the trail before the first byte leaves, and on the copy.
/// Source: R-154, R-155, R-166, P5.
/// </summary>
internal sealed class ExportDesk(RegistryDb db, CallerContext context, TimeProvider clock, RegistryOptions options)
{
    /// <summary>Rows read, recorded and written at a time.</summary>
    public const int PageRows = 500;

    private const string Xlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

    /// <summary>Checks the reason, role, second factor and scope.</summary>
    /// <param name="organisationId">Whose list, with all below it; null for the caller's own subtree.</param>
    /// <exception cref="ProblemException">INPUT_INVALID, ROLE_NOT_ALLOWED, SECOND_FACTOR_NEEDED,
    /// ORGANISATION_NOT_FOUND, OUT_OF_SCOPE.</exception>
    public async Task<Export> OpenAsync(string? reason, ExportFormat format, Guid? organisationId, string[] roles,
        CancellationToken ct)
    {
        var input = new Input();
        var text = input.Text(reason, "reason", 200);
        input.ThrowIfAny();
        var caller = context.Current;
        caller.RequireRole(roles);
        caller.RequireSecondFactor(clock.GetUtcNow());
        var organisation = await db.Organisations.AsNoTracking().SingleOrDefaultAsync(
            o => organisationId == null ? o.Path == caller.Org : o.Id == organisationId, ct);
        if (organisation is null && organisationId is not null)
            throw new ProblemException(OrganisationDecider.NotFound);
        var scope = organisation?.Path ?? caller.Org;
        caller.Require(scope, roles);
        return new(Guid.CreateVersion7(clock.GetUtcNow()), text, format, scope,
            organisation?.Name ?? NameOf(caller.Org));
    }

    /// <summary>Counts the rows and puts the act into the trail.</summary>
    /// <exception cref="ProblemException">EXPORT_TOO_LARGE.</exception>
    public async Task RecordAsync<T>(Export export, string act, IQueryable<T> list, CancellationToken ct)
    {
        if (await list.Take(options.ExportRowsMax + 1).CountAsync(ct) > options.ExportRowsMax)
        {
            throw new ProblemException(new(ProblemKind.Invalid, "EXPORT_TOO_LARGE",
                $"More than {options.ExportRowsMax} rows; ask for one organisation or narrow the filter.",
                $"超过 {options.ExportRowsMax} 行，请按组织或条件分次导出。"));
        }
        db.RecordRead("export", export.Id, export.Scope, act, export.Reason);
        await db.SaveChangesAsync(ct);
    }

    /// <summary>Records the rows of one page, before any of them is written.</summary>
    public async Task RecordRowsAsync(string kind, string act, Export export, IEnumerable<(Guid Id, string Path)> rows,
        CancellationToken ct)
    {
        foreach (var (id, path) in rows) db.RecordRead(kind, id, path, act, export.Reason);
        await db.SaveReadsAsync(ct);
    }

    /// <summary>
    /// Streams the table. From the first byte on a failure breaks the answer off; it never ends as a whole file.
    /// </summary>
    public async Task SendAsync(HttpContext http, Export export, RegisterTable table, CancellationToken ct)
    {
        var disposition = new ContentDispositionHeaderValue("attachment");
        disposition.SetHttpFileName(string.Create(CultureInfo.InvariantCulture,
            $"{table.Title}-{table.On:yyyyMMdd}.{(export.Format == ExportFormat.Xlsx ? "xlsx" : "csv")}"));
        http.Response.Headers.ContentDisposition = disposition.ToString();
        http.Response.ContentType = export.Format switch
        {
            ExportFormat.Xlsx => Xlsx,
            ExportFormat.Csv => "text/csv; charset=utf-8",
            ExportFormat.CsvGb18030 => "text/csv; charset=gb18030",
        };
        await http.Response.StartAsync(ct);
        var output = http.Response.BodyWriter;
        if (export.Format == ExportFormat.Xlsx)
        {
            await RegisterWorkbook.WriteAsync(output, table with { Watermark = Watermark(export) }, ct);
            return;
        }
        // A line below the rows would break programs that read CSV: each row carries the number instead.
        await RegisterCsv.WriteAsync(output, table with
        {
            Columns = [.. table.Columns, ("导出编号", 36)],
            Rows = table.Rows.Select(IReadOnlyList<string> (row) => [.. row, export.Id.ToString()]),
        }, export.Format == ExportFormat.Csv ? CsvEncoding.Utf8 : CsvEncoding.Gb18030, ct);
    }

    private string Watermark(Export export)
    {
        var caller = context.Current;
        var at = clock.GetUtcNow().ToOffset(TimeSpan.FromHours(8));
        var who = caller.OnBehalfOf is { } whom ? $"{caller.Name}（代 {whom}）" : caller.Name;
        return string.Create(CultureInfo.InvariantCulture,
            $"导出编号 {export.Id}，{who}（{caller.Org}）{at:yyyy-MM-dd HH:mm} 导出，用途：{export.Reason}");
    }

    // A tier above has no organisation of its own here; its region has a name.
    private static string NameOf(string path) =>
        ReferenceData.Divisions.Find(path.TrimEnd('/').Split('/')[^1])?.Name ?? path;
}
