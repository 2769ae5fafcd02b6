using Microsoft.EntityFrameworkCore;
using Npgsql;
using Platform.Hosting;
using Platform.Kernel;
using Registry.Organisations;
using Registry.Service.Persistence;
using Registry.Service.Roster;

namespace Registry.Service.Bulk;

/// <summary>
/// Brings one load from where it stands to where it rests. Every step commits its work together with how far it came,
/// so a process may die at any moment and the next one goes on. Source: M-073..M-077, R-133.
/// </summary>
internal sealed class RosterJob(
    RegistryDb db, NpgsqlDataSource source, CallerContext context, TimeProvider clock, RegistryOptions options,
    RosterRegister register, RosterWrite write, RosterReport report, RosterUndo undo, IServiceScopeFactory scopes)
{
    private static readonly TimeSpan CompareMax = TimeSpan.FromMinutes(10);

    // A job takes one load forward.
    private readonly RosterEncoding encoding = new();

    /// <summary>A load that another process takes forward as well must stop in one of them.</summary>
    public static async Task<RosterLoad> FreshAsync(RegistryDb db, Guid id, LoadStatus status, CancellationToken ct)
    {
        db.ChangeTracker.Clear();
        var load = await db.Loads.SingleAsync(l => l.Id == id, ct);
        return load.Status == status ? load : throw new OperationCanceledException($"Load {id} went on elsewhere.");
    }

    public async Task RunAsync(Guid id, CancellationToken ct)
    {
        context.Current = Caller.Service;
        for (var before = (LoadStatus?)null; ;)
        {
            db.ChangeTracker.Clear();
            var load = await db.Loads.AsNoTracking().SingleOrDefaultAsync(l => l.Id == id, ct);
            if (load is null || load.Status == before) return;
            before = load.Status;
            await db.Database.CloseConnectionAsync();
            context.Current = ActorOf(load);
            try
            {
                await StepAsync(load, ct);
            }
            catch (ProblemException refusal) when (load.Status is LoadStatus.Checking)
            {
                await RefuseAsync(load, refusal.Problem, ct);
            }
        }
    }

    private Task StepAsync(RosterLoad load, CancellationToken ct) => load.Status switch
    {
        LoadStatus.Checking => CheckAsync(load, ct),
        LoadStatus.Comparing => CompareAsync(load, ct),
        LoadStatus.Loading => write.RunAsync(load, k => Open(load, k), ct),
        LoadStatus.Reporting => report.RunAsync(load, k => Open(load, k), ct),
        LoadStatus.Undoing => undo.RunAsync(load, ct),
        LoadStatus.Receiving or LoadStatus.Checked or LoadStatus.Done or LoadStatus.Refused or LoadStatus.Undone =>
            Task.CompletedTask,
    };

    /// <summary>Whoever started the work, in the same part of the tree; the roles were checked at the door.</summary>
    private static Caller ActorOf(RosterLoad load) => new(load.Actor, load.ActorName, load.ActorOrg,
        System.Collections.Frozen.FrozenSet.ToFrozenSet(Access.LoadRosters), null, load.OnBehalfOf);

    private RosterScan Open(RosterLoad load, Dictionary<string, Organisation> known)
    {
        var mappings = db.Set<SavedMapping>().AsNoTracking().Where(m => m.OrgPath == load.OrgPath)
            .AsEnumerable().Select(m => m.Mapping).ToList();
        var file = StagedFile.Open(db, source, load.Id, StagedKind.File, load.FileBytes);
        try
        {
            return new(file, load.FileName, options.RosterLimits, mappings, load.CheckedOn,
                known.ToDictionary(o => o.Key, o => o.Value.Type), options.RosterChunkRows, encoding);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private async Task CheckAsync(RosterLoad load, CancellationToken ct)
    {
        var known = await register.KnownAsync(load.Region, ct);
        using var scan = Open(load, known);
        if (!known.ContainsKey(load.Region) && scan.AcceptedOrganisations.All(o => o.Code != load.Region))
            throw new ProblemException(TopMissing);
        var checkedTo = load.CheckedTo;
        // The register is asked for one chunk, over a connection of its own, while the one before is written.
        await using var asking = scopes.CreateAsyncScope();
        asking.ServiceProvider.GetRequiredService<CallerContext>().Current = context.Current;
        var other = asking.ServiceProvider.GetRequiredService<RosterRegister>();
        await foreach (var lines in scan.JudgedAsync(checkedTo, ct)
            .Select(async (rows, stop) => await LinesAsync(load, rows, known, other, stop)).AheadAsync(ct))
        {
            await using var transaction = await db.Database.BeginTransactionAsync(ct);
            var fresh = await FreshAsync(db, load.Id, LoadStatus.Checking, ct);
            if (fresh.CheckedTo != checkedTo) throw new OperationCanceledException("Checked elsewhere.");
            await db.Rows(lines).InsertAsync(db, ct);
            fresh.Rows += lines.Length;
            fresh.CheckedTo = checkedTo = lines[^1].Line;
            fresh.ChangedAt = clock.GetUtcNow();
            await db.SaveChangesAsync(ct);
            await transaction.CommitAsync(ct);
        }
        var ended = await FreshAsync(db, load.Id, LoadStatus.Checking, ct);
        (ended.Status, ended.ChangedAt) = (LoadStatus.Comparing, clock.GetUtcNow());
        ended.OrganisationsAccepted = scan.AcceptedOrganisations.Count();
        ended.Refused = scan.Organisations.Count - ended.OrganisationsAccepted;
        await db.SaveChangesAsync(ct);
    }

    private async Task<RosterLine[]> LinesAsync(RosterLoad load, JudgedRow[] rows,
        Dictionary<string, Organisation> known, RosterRegister asked, CancellationToken ct)
    {
        var indexes = new byte[]?[rows.Length];
        Parallel.For(0, rows.Length, i =>
            indexes[i] = rows[i].Outcome.Entry is { } entry ? db.IdNumberIndex(entry.IdNumber.Value) : null);
        var held = await asked.HeldAsync([.. indexes.OfType<byte[]>()], ct);
        var open = await asked.OpenCasesAsync(held.Visible, ct);
        var now = clock.GetUtcNow();
        var lines = new RosterLine[rows.Length];
        Parallel.For(0, rows.Length, i => lines[i] = LineOf(load, rows[i], indexes[i], known, held, open, now));
        return lines;
    }

    private RosterLine LineOf(RosterLoad load, JudgedRow judged, byte[]? index,
        Dictionary<string, Organisation> known, Held held, HashSet<Guid> open, DateTimeOffset now)
    {
        var (row, outcome) = judged;
        if (outcome.Entry is not { } entry)
            return new() { LoadId = load.Id, Line = row.Number, OrgPath = load.OrgPath, State = LineState.Wrong };
        var present = held.In(index!, known.GetValueOrDefault(entry.Branch)?.Id);
        return new()
        {
            LoadId = load.Id,
            Line = row.Number,
            OrgPath = load.OrgPath,
            State = present is null && held.Has(index!) ? LineState.HeldElsewhere
                : outcome.Problems.IsEmpty ? LineState.Right : LineState.Warned,
            IdIndex = index,
            PersonIndex = db.PersonIndex(entry.Name.Value, entry.BornOn),
            PhoneIndex = db.PhoneIndex(entry.Phone.Value),
            MemberId = present ?? Guid.CreateVersion7(now),
            Amends = present is not null,
            CaseOpen = present is { } id && entry.Mobility is not null && open.Contains(id),
        };
    }

    /// <summary>Rows against rows, each question one statement over the whole load.</summary>
    private async Task CompareAsync(RosterLoad load, CancellationToken ct)
    {
        await using var asking = scopes.CreateAsyncScope();
        asking.ServiceProvider.GetRequiredService<CallerContext>().Current = context.Current;
        var other = asking.ServiceProvider.GetRequiredService<RegistryDb>();
        db.Database.SetCommandTimeout(CompareMax);
        other.Database.SetCommandTimeout(CompareMax);
        await db.Database.ExecuteSqlAsync($"select roster_twins({load.Id})", ct);
        await Task.WhenAll(db.Database.ExecuteSqlAsync($"select roster_alike({load.Id})", ct),
            other.Database.ExecuteSqlAsync($"select roster_phones({load.Id})", ct));
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        var refused = await db.Lines.CountAsync(l => l.LoadId == load.Id && (l.TwinLine != null
            || (l.State != LineState.Right && l.State != LineState.Warned)), ct);
        var fresh = await FreshAsync(db, load.Id, LoadStatus.Comparing, ct);
        fresh.Refused += refused;
        fresh.Status = fresh.DryRun ? LoadStatus.Reporting : LoadStatus.Loading;
        fresh.ChangedAt = clock.GetUtcNow();
        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
    }

    private async Task RefuseAsync(RosterLoad load, Problem problem, CancellationToken ct)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        // A header nobody has mapped yet: the file stays, so that it need not be sent again.
        if (load.DryRun && WorkbookProblems.IsOfHeader(problem.Code))
            await db.Database.ExecuteSqlAsync($"delete from roster_line where load_id = {load.Id}", ct);
        else await ForgetAsync(db, load.Id, ct);
        var fresh = await FreshAsync(db, load.Id, LoadStatus.Checking, ct);
        (fresh.Status, fresh.ChangedAt, fresh.Rows) = (LoadStatus.Refused, clock.GetUtcNow(), 0);
        (fresh.ProblemCode, fresh.ProblemDetail, fresh.ProblemDetailZh) =
            (problem.Code, problem.Detail, problem.DetailZh ?? "");
        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
    }

    /// <summary>Removes what was staged for the load.</summary>
    public static async Task ForgetAsync(RegistryDb db, Guid load, CancellationToken ct)
    {
        await db.Database.ExecuteSqlAsync($"delete from roster_part where load_id = {load}", ct);
        await db.Database.ExecuteSqlAsync($"delete from roster_line where load_id = {load}", ct);
    }

    /// <summary>Removes a dry run with what was staged for it; one that somebody has begun to load stays.</summary>
    public static async Task RemoveAsync(RegistryDb db, Guid load, CancellationToken ct)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        if (await db.Database.ExecuteSqlAsync($"delete from roster_load where id = {load} and dry_run", ct) == 0)
            return;
        await ForgetAsync(db, load, ct);
        await transaction.CommitAsync(ct);
    }

    public static Problem TopMissing { get; } = new(ProblemKind.Precondition, "ROSTER_TOP_MISSING",
        "Found the region's top organisation first or list it in the roster: its code is the region's code.",
        "请先建立本地区最高党组织，或在花名册中列出（代码为本地区区划代码）。");
}
