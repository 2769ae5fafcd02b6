using Microsoft.EntityFrameworkCore;
using Platform.Hosting;
using Platform.Kernel;
using Registry.Members;
using Registry.Organisations;
using Registry.Roster;
using Registry.Service.Persistence;
using Registry.Service.Reference;
using Registry.Service.Roster;

namespace Registry.Service.Capabilities;

/// <summary>
/// Loading a clerk's roster: a dry run says every problem; the load puts right rows in and gives wrong ones back in a
/// workbook with the reasons beside the cells. One load is one transaction. Source: M-073..M-075, M-077, R-133, R-154.
/// </summary>
internal static class RostersApi
{
    private const string Xlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    private const int ProblemsShownMax = 1000;

    public sealed record ProblemReply(string Sheet, int Row, string Column, string Letter, string Value, string Rule,
        string Source, bool WarningOnly, string Detail, string Allowed);

    /// <param name="LoadId">Fetch the error workbook under it; null for a dry run.</param>
    /// <param name="Problems">At most 1,000; the workbook holds all.</param>
    public sealed record LoadReply(Guid? LoadId, int OrganisationsAccepted, int MembersAccepted, int Refused,
        int ProblemCount, IReadOnlyList<ProblemReply> Problems);

    public static void MapRosters(this IEndpointRouteBuilder api)
    {
        var group = api.MapGroup("/rosters").WithTags("rosters");
        group.MapGet("/template", (CallerContext context) =>
        {
            context.Current.RequireRole(Access.LoadRosters);
            return Workbook(s => RosterTemplate.Write(s, ReferenceData.Codes), "roster-template.xlsx");
        });
        group.MapPost("", LoadAsync).WithMetadata(new CountedWhileReading());
        group.MapGet("/{id:guid}/errors", ErrorsAsync);
    }

    /// <summary>Body: the file itself (.xlsx or .csv); its name in <c>fileName</c>.</summary>
    private static async Task<LoadReply> LoadAsync(HttpRequest request, string region, string fileName, bool? dryRun,
        CommandId command, RegistryDb db, CallerContext context, TimeProvider clock, CancellationToken ct)
    {
        var input = new Input();
        input.Region(region, "region");
        input.Text(fileName, "fileName", 200);
        input.ThrowIfAny();
        context.Current.Require(Regions.PathOf(region), Access.LoadRosters);
        var file = await BufferAsync(request.Body, RosterLimits.Default.FileBytesMax, ct);
        var earlier = await db.Loads.AsNoTracking().SingleOrDefaultAsync(l => l.Id == command.Value, ct);
        if (earlier is not null) return new(earlier.Id, 0, earlier.Accepted, earlier.Refused, 0, []);

        var known = await db.Organisations.Where(o => o.Region == region && o.DissolvedOn == null)
            .ToDictionaryAsync(o => o.Code, ct);
        var types = known.ToDictionary(o => o.Key, o => o.Value.Type);
        var rules = new RosterRules(ReferenceData.Codes, ReferenceData.Divisions, Today.In(clock));
        var report = await CheckAsync(file, fileName, rules, types, null, ct);
        var held = await HeldAsync(db, report, known, ct);
        if (held.Elsewhere.Count > 0) report = await CheckAsync(file, fileName, rules, types, held.Elsewhere, ct);
        if (!known.ContainsKey(region) && report.AcceptedOrganisations.All(o => o.Code != region))
            throw new ProblemException(TopMissing);
        if (dryRun == true) return Reply(null, report);

        var run = new RosterLoading(db, context.Current, clock.GetUtcNow(), command.Value, region, known);
        run.Apply(report, held.Present);
        db.Add(new RosterLoad
        {
            Id = command.Value,
            OrgPath = Regions.PathOf(region),
            FileName = fileName,
            LoadedBy = context.Current.Subject,
            At = clock.GetUtcNow(),
            Accepted = report.AcceptedMembers.Count(),
            Refused = report.RefusedCount,
            ErrorWorkbook = report.RefusedCount == 0 ? null
                : db.Seal(Bytes(s => ErrorWorkbook.Write(s, report, ReferenceData.Codes))),
        });
        await db.SaveChangesAsync(ct);
        return Reply(command.Value, report);
    }

    private static async Task<IResult> ErrorsAsync(Guid id, RegistryDb db, CallerContext context, CancellationToken ct)
    {
        context.Current.RequireRole(Access.LoadRosters);
        var load = await db.Loads.AsNoTracking().SingleOrDefaultAsync(l => l.Id == id, ct);
        if (load?.ErrorWorkbook is null) throw new ProblemException(NoErrors);
        context.Current.Require(load.OrgPath, Access.LoadRosters);
        db.RecordRead("roster-load", load.Id, load.OrgPath, "ErrorWorkbookFetched");
        await db.SaveChangesAsync(ct);
        return TypedResults.File(db.Open(load.ErrorWorkbook), Xlsx, "roster-errors.xlsx");
    }

    private static async Task<RosterReport> CheckAsync(byte[] file, string fileName, RosterRules rules,
        Dictionary<string, string> types, HashSet<string>? elsewhere, CancellationToken ct)
    {
        using var stream = new MemoryStream(file, writable: false);
        var items = RosterReader.ReadAsync(stream, fileName, null, ct);
        var report = await RosterChecker.CheckAsync(items, rules, types, elsewhere, ct);
        return report.Refusal is { } refusal ? throw new ProblemException(refusal) : report;
    }

    /// <summary>
    /// Who of the file is held here already, and whose relationship another branch holds. Source: P1.
    /// </summary>
    private static async Task<(Dictionary<string, Member> Present, HashSet<string> Elsewhere)> HeldAsync(
        RegistryDb db, RosterReport report, Dictionary<string, Organisation> known, CancellationToken ct)
    {
        var entries = report.AcceptedMembers.ToDictionary(m => m.IdNumber.Value);
        var indexes = entries.Keys.Select(db.IdNumberIndex).ToArray();
        var visible = await db.Members.Where(m => indexes.Contains(EF.Property<byte[]>(m, "IdNumberIndex")))
            .ToListAsync(ct);
        var present = visible.Where(m => known.TryGetValue(entries[m.IdNumber].Branch, out var b) && b.Id == m.BranchId)
            .ToDictionary(m => m.IdNumber);
        var taken = (await db.HeldIndexesAsync(indexes, ct)).Select(Convert.ToHexString).ToHashSet();
        var elsewhere = entries.Keys.Where(id => !present.ContainsKey(id)
            && taken.Contains(Convert.ToHexString(db.IdNumberIndex(id)))).ToHashSet();
        return (present, elsewhere);
    }

    private static LoadReply Reply(Guid? id, RosterReport report)
    {
        var problems = report.Problems.ToList();
        return new(id, report.AcceptedOrganisations.Count(), report.AcceptedMembers.Count(), report.RefusedCount,
            problems.Count, [.. problems.Take(ProblemsShownMax).Select(p => new ProblemReply(p.Sheet, p.Row, p.Title,
                p.Letter, p.Value, p.Rule.Id, p.Rule.Source, p.Rule.WarningOnly, p.Zh, p.AllowedZh))]);
    }

    private static async Task<byte[]> BufferAsync(Stream body, long max, CancellationToken ct)
    {
        using var buffer = new MemoryStream();
        var chunk = new byte[64 * 1024];
        for (int read; (read = await body.ReadAsync(chunk, ct)) > 0;)
        {
            if (buffer.Length + read > max) throw new ProblemException(WorkbookProblems.TooLarge(max));
            buffer.Write(chunk, 0, read);
        }
        return buffer.ToArray();
    }

    private static IResult Workbook(Action<Stream> write, string name) => TypedResults.File(Bytes(write), Xlsx, name);

    private static byte[] Bytes(Action<Stream> write)
    {
        using var stream = new MemoryStream();
        write(stream);
        return stream.ToArray();
    }

    private static Problem TopMissing { get; } = new(ProblemKind.Precondition, "ROSTER_TOP_MISSING",
        "Found the region's top organisation first or list it in the roster: its code is the region's code.",
        "请先建立本地区最高党组织，或在花名册中列出（代码为本地区区划代码）。");

    private static Problem NoErrors { get; } = new(ProblemKind.NotFound, "ROSTER_ERRORS_NOT_FOUND",
        "There is no such load, or all of its rows went in.", "没有这次导入，或其全部行均已导入。");

    /// <summary>The server's own limit would refuse without saying how large a file may be.</summary>
    private sealed class CountedWhileReading : Microsoft.AspNetCore.Http.Metadata.IRequestSizeLimitMetadata
    {
        public long? MaxRequestBodySize => null;
    }
}
