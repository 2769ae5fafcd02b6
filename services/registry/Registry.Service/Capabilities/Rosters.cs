using Microsoft.EntityFrameworkCore;
using Npgsql;
using Platform.Hosting;
using Platform.Kernel;
using Registry.Organisations;
using Registry.Service.Bulk;
using Registry.Service.Persistence;
using Registry.Service.Reference;
using Registry.Service.Roster;

namespace Registry.Service.Capabilities;

/// <summary>
/// Loading a clerk's roster: a dry run says every problem; the load puts right rows in and gives wrong ones back in a
/// workbook with the reasons beside the cells. Small files are answered at once, large ones are worked on while the
/// clerk watches. Source: M-073..M-075, M-077, R-133, R-154.
/// </summary>
internal static class RostersApi
{
    private const string Xlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    private static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(20);

    /// <param name="LoadId">Fetch the error workbook under it; null for a dry run that was answered at once.</param>
    /// <param name="Problems">At most 1,000; the workbook holds all.</param>
    public sealed record LoadReply(Guid? LoadId, int OrganisationsAccepted, int MembersAccepted, int Refused,
        int ProblemCount, IReadOnlyList<ProblemReply> Problems);

    /// <summary>How far a load is.</summary>
    /// <param name="Rows">Member rows read so far.</param>
    /// <param name="CheckedTo">Number of the last row that was checked.</param>
    /// <param name="LoadedTo">Number of the last row that was loaded or left out.</param>
    /// <param name="Problem">Why the file as a whole was refused; null when it was not.</param>
    public sealed record ProgressReply(Guid Id, string FileName, string Region, bool DryRun, LoadStatus Status,
        DateTimeOffset At, DateTimeOffset ChangedAt, long FileBytes, int Rows, int CheckedTo, int LoadedTo,
        int OrganisationsAccepted, int Created, int Amended, int CasesOpened, int Refused, int ProblemCount,
        int Withdrawn, int Restored, int Kept, RefusalReply? Problem, IReadOnlyList<ProblemReply> Problems);

    public sealed record RefusalReply(string Code, string Detail, string DetailZh);

    public sealed record UndoRequest(string Reason);

    /// <param name="Row">Number of the row in the file.</param>
    /// <param name="Fields">Fields of an amended member that somebody changed since; all others are restored.</param>
    public sealed record KeptReply(int Row, Guid MemberId, KeptWhy Why, IReadOnlyList<string> Fields);

    public static void MapRosters(this IEndpointRouteBuilder api)
    {
        var group = api.MapGroup("/rosters").WithTags("rosters");
        group.MapGet("/template", (CallerContext context) =>
        {
            context.Current.RequireRole(Access.LoadRosters);
            return Workbook(s => RosterTemplate.Write(s, ReferenceData.Codes), "roster-template.xlsx");
        });
        group.MapPost("", LoadAsync).WithMetadata(new NoRequestSizeLimit());
        group.MapGet("", ListAsync);
        group.MapGet("/{id:guid}", ProgressAsync);
        group.MapGet("/{id:guid}/errors", ErrorsAsync);
        group.MapPost("/{id:guid}/check", CheckAgainAsync);
        group.MapPost("/{id:guid}/load", LoadCheckedAsync);
        group.MapPost("/{id:guid}/undo", UndoAsync);
        group.MapGet("/{id:guid}/kept", KeptAsync);
    }

    /// <summary>Body: the file itself (.xlsx or .csv); its name in <c>fileName</c>.</summary>
    private static async Task<IResult> LoadAsync(HttpRequest request, string region, string fileName, bool? dryRun,
        CommandId command, RegistryDb db, CallerContext context, TimeProvider clock, RegistryOptions options,
        RosterWorker worker, CancellationToken ct)
    {
        var input = new Input();
        input.Region(region, "region");
        input.Text(fileName, "fileName", 200);
        input.ThrowIfAny();
        context.Current.Require(Regions.PathOf(region), Access.LoadRosters);
        var load = await db.Loads.AsNoTracking().SingleOrDefaultAsync(l => l.Id == command.Value, ct);
        if (load is null)
        {
            load = LoadOf(command, region, fileName, dryRun == true, context.Current, clock);
            db.Add(load);
            await db.SaveChangesAsync(ct);
        }
        else if (load.Region != region) throw new ProblemException(NotFound);
        // What broke off while it was sent is sent again under the same command id.
        if (load.Status == LoadStatus.Receiving)
        {
            await ReceiveAsync(request.Body, load.Id, db, clock, options, ct);
            worker.Wake();
        }
        // RFC 7240: who would rather watch than wait says so.
        var isPatient = !request.Headers["Prefer"].ToString().Contains("respond-async", StringComparison.Ordinal);
        load = await RestedAsync(db, load.Id, isPatient ? AnswerWithin : TimeSpan.Zero, ct);
        if (!isPatient) return TypedResults.Accepted($"/api/v1/rosters/{load.Id}", ReplyOf(db, load));
        return await AnswerAsync(db, load, ct);
    }

    private static RosterLoad LoadOf(CommandId command, string region, string fileName, bool dryRun, Caller caller,
        TimeProvider clock) => new()
        {
            Id = command.Value,
            OrgPath = Regions.PathOf(region),
            Region = region,
            FileName = fileName.Trim(),
            LoadedBy = caller.Subject,
            Actor = caller.Subject,
            ActorName = caller.Name,
            ActorOrg = caller.Org,
            OnBehalfOf = caller.OnBehalfOf,
            At = clock.GetUtcNow(),
            ChangedAt = clock.GetUtcNow(),
            CheckedOn = Today.In(clock),
            DryRun = dryRun,
            Status = LoadStatus.Receiving,
        };

    private static async Task ReceiveAsync(
        Stream body, Guid id, RegistryDb db, TimeProvider clock, RegistryOptions options, CancellationToken ct)
    {
        long bytes;
        try
        {
            bytes = await StagedFile.WriteAsync(db, id, body, options.RosterBytesMax, ct);
        }
        catch (ProblemException)
        {
            await RosterJob.RemoveAsync(db, id, ct);
            throw;
        }
        var load = await RosterJob.FreshAsync(db, id, LoadStatus.Receiving, ct);
        (load.FileBytes, load.Status, load.ChangedAt) = (bytes, LoadStatus.Checking, clock.GetUtcNow());
        await db.SaveChangesAsync(ct);
    }

    /// <summary>The load once it rests, or as it is when the clerk has waited long enough.</summary>
    private static async Task<RosterLoad> RestedAsync(
        RegistryDb db, Guid id, TimeSpan patience, CancellationToken ct)
    {
        for (var began = Environment.TickCount64; ;)
        {
            var load = await db.Loads.AsNoTracking().SingleAsync(l => l.Id == id, ct);
            var isAtRest = load.Status is LoadStatus.Checked or LoadStatus.Done or LoadStatus.Refused
                or LoadStatus.Undone;
            if (isAtRest || Environment.TickCount64 - began >= patience.TotalMilliseconds) return load;
            await Task.Delay(LookEvery, ct);
        }
    }

    private static async Task<IResult> AnswerAsync(RegistryDb db, RosterLoad load, CancellationToken ct)
    {
        if (load.Status == LoadStatus.Refused)
        {
            await RosterJob.RemoveAsync(db, load.Id, ct);
            throw new ProblemException(RefusalOf(load));
        }
        if (load.Status is not (LoadStatus.Checked or LoadStatus.Done))
            return TypedResults.Accepted($"/api/v1/rosters/{load.Id}", ReplyOf(db, load));
        var reply = new LoadReply(load.DryRun ? null : load.Id, load.OrganisationsAccepted, load.Accepted,
            load.Refused, load.ProblemCount, RosterReport.Shown(db, load));
        if (load.DryRun) await RosterJob.RemoveAsync(db, load.Id, ct);
        return TypedResults.Ok(reply);
    }

    /// <summary>Newest first.</summary>
    private static async Task<Page<ProgressReply>> ListAsync(Guid? after, int? size, RegistryDb db,
        CallerContext context, RegistryOptions options, CancellationToken ct)
    {
        context.Current.RequireRole(Access.LoadRosters);
        var (take, org) = (Paging.Size(size, options), context.Current.Scope);
        var list = db.Loads.AsNoTracking();
        if (org != "*") list = list.Where(l => l.OrgPath.StartsWith(org));
        if (after is { } last) list = list.Where(l => l.Id < last);
        var rows = await list.OrderByDescending(l => l.Id).Take(take + 1).ToListAsync(ct);
        return Paging.Of([.. rows.Select(l => ReplyOf(db, l) with { Problems = [] })], take, l => l.Id.ToString());
    }

    private static async Task<ProgressReply> ProgressAsync(
        Guid id, RegistryDb db, CallerContext context, CancellationToken ct) =>
        ReplyOf(db, await FindAsync(id, db, context, ct));

    internal static async Task<RosterLoad> FindAsync(
        Guid id, RegistryDb db, CallerContext context, CancellationToken ct)
    {
        context.Current.RequireRole(Access.LoadRosters);
        var load = await db.Loads.SingleOrDefaultAsync(l => l.Id == id, ct) ?? throw new ProblemException(NotFound);
        context.Current.Require(load.OrgPath, Access.LoadRosters);
        return load;
    }

    private static async Task<IResult> ErrorsAsync(Guid id, RegistryDb db, NpgsqlDataSource source,
        CallerContext context, CancellationToken ct)
    {
        context.Current.RequireRole(Access.LoadRosters);
        var load = await db.Loads.AsNoTracking().SingleOrDefaultAsync(l => l.Id == id, ct);
        if (load is null) throw new ProblemException(NoErrors);
        context.Current.Require(load.OrgPath, Access.LoadRosters);
        // A sealed part is 29 bytes longer than what it holds.
        var bytes = await db.Database.SqlQuery<long>($"""
            select coalesce(sum(length(body) - 29), 0)::bigint as "Value" from roster_part
            where load_id = {id} and kind = {StagedKind.Errors}
            """).SingleAsync(ct);
        if (bytes == 0) throw new ProblemException(NoErrors);
        db.RecordRead("roster-load", load.Id, load.OrgPath, "ErrorWorkbookFetched");
        await db.SaveChangesAsync(ct);
        return TypedResults.Stream(StagedFile.Open(db, source, id, StagedKind.Errors, bytes), Xlsx,
            "roster-errors.xlsx");
    }

    /// <summary>Once the columns of a refused file are mapped, it is checked again without being sent again.</summary>
    private static async Task<IResult> CheckAgainAsync(Guid id, CommandId command, RegistryDb db,
        CallerContext context, TimeProvider clock, RosterWorker worker, CancellationToken ct)
    {
        var load = await FindAsync(id, db, context, ct);
        if (IsUnmapped(load))
        {
            Start(load, context.Current, LoadStatus.Checking, clock);
            (load.CheckedTo, load.Rows) = (0, 0);
            (load.ProblemCode, load.ProblemDetail, load.ProblemDetailZh) = ("", "", "");
            await db.SaveChangesAsync(ct);
            worker.Wake();
        }
        else if (!load.DryRun || load.Status == LoadStatus.Refused) throw new ProblemException(NotNow(load.Status));
        return TypedResults.Accepted($"/api/v1/rosters/{id}", ReplyOf(db, load));
    }

    /// <summary>True for a dry run whose file waits for a mapping of its columns.</summary>
    internal static bool IsUnmapped(RosterLoad load) => load is { DryRun: true, Status: LoadStatus.Refused }
        && WorkbookProblems.IsOfHeader(load.ProblemCode);

    /// <summary>Goes on after a dry run without sending the file again.</summary>
    private static async Task<IResult> LoadCheckedAsync(Guid id, CommandId command, RegistryDb db,
        CallerContext context, TimeProvider clock, RosterWorker worker, CancellationToken ct)
    {
        var load = await FindAsync(id, db, context, ct);
        if (load is { DryRun: true, Status: LoadStatus.Checked })
        {
            Start(load, context.Current, LoadStatus.Loading, clock);
            load.DryRun = false;
            await db.SaveChangesAsync(ct);
            worker.Wake();
        }
        else if (load.DryRun || load.Status == LoadStatus.Refused) throw new ProblemException(NotNow(load.Status));
        return TypedResults.Accepted($"/api/v1/rosters/{id}", ReplyOf(db, load));
    }

    /// <summary>Takes back what the load did and nobody changed since; with a reason.</summary>
    private static async Task<IResult> UndoAsync(Guid id, UndoRequest body, CommandId command, RegistryDb db,
        CallerContext context, TimeProvider clock, RosterWorker worker, CancellationToken ct)
    {
        var input = new Input();
        var reason = input.Text(body.Reason, "reason", 200);
        input.ThrowIfAny();
        var load = await FindAsync(id, db, context, ct);
        if (load.UndoCommand is null)
        {
            if (load.Status != LoadStatus.Done) throw new ProblemException(NotNow(load.Status));
            Start(load, context.Current, LoadStatus.Undoing, clock);
            (load.UndoCommand, load.UndoReason) = (command.Value, reason);
            await db.SaveChangesAsync(ct);
            worker.Wake();
        }
        return TypedResults.Accepted($"/api/v1/rosters/{id}", ReplyOf(db, load));
    }

    private static void Start(RosterLoad load, Caller caller, LoadStatus status, TimeProvider clock)
    {
        (load.Status, load.ChangedAt) = (status, clock.GetUtcNow());
        (load.Actor, load.ActorName, load.ActorOrg, load.OnBehalfOf) =
            (caller.Subject, caller.Name, caller.Org, caller.OnBehalfOf);
    }

    /// <summary>Rows of which something stays after an undo, and why.</summary>
    private static async Task<Page<KeptReply>> KeptAsync(Guid id, int? after, int? size, RegistryDb db,
        CallerContext context, RegistryOptions options, CancellationToken ct)
    {
        var load = await FindAsync(id, db, context, ct);
        var (take, from) = (Paging.Size(size, options), after ?? 0);
        var rows = await db.Lines.AsNoTracking()
            .Where(l => l.LoadId == load.Id && l.State == LineState.Kept && l.Line > from)
            .OrderBy(l => l.Line).Take(take + 1).Select(l => new KeptReply(l.Line, l.MemberId!.Value,
                l.Why ?? KeptWhy.Changed, l.KeptFields.Split(',', StringSplitOptions.RemoveEmptyEntries)))
            .ToListAsync(ct);
        return Paging.Of(rows, take, r => $"{r.Row}");
    }

    private static ProgressReply ReplyOf(RegistryDb db, RosterLoad l) => new(l.Id, l.FileName, l.Region, l.DryRun,
        l.Status, l.At, l.ChangedAt, l.FileBytes, l.Rows, l.CheckedTo, l.LoadedTo, l.OrganisationsAccepted, l.Created,
        l.Amended, l.CasesOpened, l.Refused, l.ProblemCount, l.Withdrawn, l.Restored,
        l.Kept,        l.ProblemCode.Length == 0 ? null : new(l.ProblemCode, l.ProblemDetail, l.ProblemDetailZh),
        RosterReport.Shown(db, l));

    private static Problem RefusalOf(RosterLoad load) => new(
        load.ProblemCode == RosterJob.TopMissing.Code ? ProblemKind.Precondition
            : load.ProblemCode == WorkbookProblems.TooLarge(0).Code ? ProblemKind.TooLarge : ProblemKind.Invalid,
        load.ProblemCode, load.ProblemDetail, load.ProblemDetailZh);

    private static IResult Workbook(Action<Stream> write, string name)
    {
        using var stream = new MemoryStream();
        write(stream);
        return TypedResults.File(stream.ToArray(), Xlsx, name);
    }

    private static Problem NoErrors { get; } = new(ProblemKind.NotFound, "ROSTER_ERRORS_NOT_FOUND",
        "There is no such load, or all of its rows went in.", "没有这次导入，或其全部行均已导入。");

    private static Problem NotFound { get; } = new(ProblemKind.NotFound, "ROSTER_NOT_FOUND",
        "There is no such load in your part of the tree.", "您的管理范围内没有这次导入。");

    internal static Problem NotNow(LoadStatus status) => new(ProblemKind.Precondition, "ROSTER_STEP_NOT_POSSIBLE",
        $"The load is {status}: a dry run is loaded when it is Checked, a load is undone when it is Done.",
        $"导入当前状态为 {status}：试运行须为 Checked 方可正式导入，导入须为 Done 方可撤销。");

    /// <summary>The staging counts for itself and says its own limit.</summary>
    private sealed class NoRequestSizeLimit : Microsoft.AspNetCore.Http.Metadata.IRequestSizeLimitMetadata
    {
        public long? MaxRequestBodySize => null;
    }
}
