using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Platform.Hosting;
using Platform.Kernel;
using Registry.Organisations;
using Registry.Screening;
using Registry.Service.Persistence;
using Registry.Service.Reference;
using Registry.Service.Roster;

namespace Registry.Service.Capabilities;

/// <summary>
/// Screening campaigns: opened for a subtree, sheets out to the doors, results in, progress for each branch, and a
/// ledger of what was found. Source: M-083, M-084, M-085, M-086.
/// </summary>
internal static class ScreeningsApi
{
    private const string Xlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

    public sealed record OpenRequest(Guid OrganisationId, string Name, string Kind, DateOnly FromOn, DateOnly UntilOn,
        string? Purpose = null);

    public sealed record SheetRequest(Guid BranchId, string Reason);

    /// <param name="OrganisationName">Who opened it, also where that stands above the caller.</param>
    public sealed record ScreeningReply(Guid Id, Guid OrganisationId, string Name, string Kind, DateOnly FromOn,
        DateOnly UntilOn, string Purpose, DateOnly? ClosedOn, string OrganisationName);

    public sealed record ResultsReply(bool DryRun, int Found, int Moved, int NotFound, int Unregistered,
        IReadOnlyList<ScreeningProblem> Problems);

    /// <param name="Open">Archives nobody has been looked for yet.</param>
    public sealed record ProgressLine(Guid BranchId, string Name, long Members, long Found, long Moved, long NotFound,
        long Unregistered, long Open);

    public sealed record ProgressReply(ScreeningReply Screening, long Members, long Found, long Moved, long NotFound,
        long Unregistered, long Open, IReadOnlyList<ProgressLine> Branches);

    public static void MapScreenings(this IEndpointRouteBuilder api)
    {
        var group = api.MapGroup("/screenings").WithTags("screenings");
        group.MapPost("", OpenAsync);
        group.MapGet("", ListAsync);
        group.MapGet("/{id:guid}/progress", ProgressAsync);
        group.MapPost("/{id:guid}/sheet", SheetAsync);
        group.MapPost("/{id:guid}/results", ResultsAsync)
            .WithMetadata(new RequestSizeLimitAttribute(PlatformHost.SheetBytesMax));
        group.MapPost("/{id:guid}/close", CloseAsync);
    }

    private static async Task<ScreeningReply> OpenAsync(OpenRequest body, CommandId command, RegistryDb db,
        CallerContext context, TimeProvider clock, CancellationToken ct)
    {
        var input = new Input();
        var (name, purpose) = (input.Text(body.Name, "name", 100), input.Optional(body.Purpose, "purpose", 300));
        input.Must(body.Kind is "members" or "places", "kind", "NOT_A_KIND", "One of members, places.",
            "须为 members（逐人排查）或 places（进工地、楼宇、门店、市场）。");
        input.Date(body.FromOn, "fromOn");
        input.Date(body.UntilOn, "untilOn");
        input.ThrowIfAny();
        var organisation = await db.OrganisationAsync(body.OrganisationId, context.Current, Access.ManageScreenings,
            ct);
        var campaign = new ScreeningCampaign
        {
            Id = command.Value,
            OrganisationId = organisation.Id,
            Name = name,
            Kind = body.Kind,
            FromOn = body.FromOn,
            UntilOn = body.UntilOn,
            Purpose = purpose,
            CreatedBy = context.Current.Subject,
            CreatedAt = clock.GetUtcNow(),
        };
        return await ReplyAsync(db, await SaveAsync(db, command.Value, campaign.Id, organisation.Path,
            existing => existing is null ? ScreeningDecider.Open(campaign) : Array.Empty<ScreeningEvent>(), ct), ct);
    }

    /// <summary>
    /// Campaigns of the caller's subtree, and of those above that the caller carries out; oldest first, or the newest
    /// with <c>newest</c>.
    /// </summary>
    private static async Task<Page<ScreeningReply>> ListAsync(bool? newest, Guid? after, int? size, RegistryDb db,
        CallerContext context, RegistryOptions options, CancellationToken ct)
    {
        context.Current.RequireRole(Access.CarryOutScreenings);
        var take = Paging.Size(size, options);
        var scope = context.Current.Scope;
        var list = db.Set<ScreeningCampaign>().FromSql($"""
            select s.*, s.xmin from screening s
            where starts_with(path_of(organisation_id), {scope}) or starts_with({scope}, path_of(organisation_id))
            """).AsNoTracking();
        if (after is { } last) list = newest == true ? list.Where(s => s.Id < last) : list.Where(s => s.Id > last);
        var rows = await (newest == true ? list.OrderByDescending(s => s.Id) : list.OrderBy(s => s.Id)).Take(take + 1)
            .ToListAsync(ct);
        return Paging.Of([.. await RepliesAsync(db, rows, ct)], take, s => s.Id.ToString());
    }

    /// <summary>
    /// The sheet of one branch, with telephone and address: a recorded act with a reason, after a second factor.
    /// </summary>
    private static async Task<IResult> SheetAsync(Guid id, SheetRequest body, RegistryDb db, CallerContext context,
        TimeProvider clock, CancellationToken ct)
    {
        var input = new Input();
        var reason = input.Text(body.Reason, "reason", 200);
        input.ThrowIfAny();
        context.Current.RequireRole(Access.CarryOutScreenings);
        context.Current.RequireSecondFactor(clock.GetUtcNow());
        var (campaign, branch) = await CarryOutAsync(db, context.Current, id, body.BranchId, ct);
        var members = campaign.Kind == "places" ? [] : await db.Members.AsNoTracking()
            .Where(m => m.BranchId == branch.Id).OrderBy(m => m.Id).Take(PeopleLimits.ScreeningRowsMax).ToListAsync(ct);
        foreach (var member in members)
            db.RecordRead("member", member.Id, member.BranchPath, "ShownOnScreeningSheet", reason);
        db.RecordRead("screening", id, branch.Path, "SheetTaken", reason);
        await db.SaveReadsAsync(ct);
        using var stream = new MemoryStream();
        ScreeningSheet.Write(stream, campaign, branch.Name, members, ReferenceData.Codes);
        return TypedResults.File(stream.ToArray(), Xlsx, "screening.xlsx");
    }

    /// <summary>Body: the filled-in sheet. Right rows go in, wrong ones are named; a repeat changes nothing.</summary>
    private static async Task<ResultsReply> ResultsAsync(Guid id, Guid branchId, bool? dryRun, HttpRequest request,
        CommandId command, RegistryDb db, CallerContext context, TimeProvider clock, CancellationToken ct)
    {
        var (campaign, branch) = await CarryOutAsync(db, context.Current, id, branchId, ct);
        if (ScreeningDecider.Take(campaign, new(0, 0, 0, 0)).Problem is { } closed) throw new ProblemException(closed);
        var file = await BufferAsync(request.Body, PlatformHost.SheetBytesMax, ct);
        var now = clock.GetUtcNow();
        List<ScreeningLine> lines;
        List<ScreeningProblem> problems;
        try
        {
            (lines, problems) = ScreeningSheet.Read(file, ReferenceData.Codes, Today.Of(now));
        }
        catch (WorkbookException refused)
        {
            throw new ProblemException(refused.Problem);
        }
        var known = (await db.Members.AsNoTracking().Where(m => m.BranchId == branch.Id).Select(m => m.Id)
            .ToListAsync(ct)).ToHashSet();
        problems.AddRange(lines.Where(l => l.MemberId is { } m && !known.Contains(m)).Select(l => new ScreeningProblem(
            l.Row, "档案编号", "不是该党支部的党员", "not a member of this branch")));
        lines.RemoveAll(l => l.MemberId is { } m && !known.Contains(m));
        var counts = new ScreeningResultsTaken(Count(ScreeningOutcome.Found), Count(ScreeningOutcome.Moved),
            Count(ScreeningOutcome.NotFound), Count(ScreeningOutcome.Unregistered));
        if (dryRun != true)
        {
            foreach (var line in lines) await PutAsync(db, campaign, branch, line, context.Current.Subject, now, ct);
            await SaveAsync(db, command.Value, id, branch.Path, c => ScreeningDecider.Take(c, counts), ct);
        }
        return new(dryRun == true, counts.Found, counts.Moved, counts.NotFound, counts.Unregistered,
            [.. problems.OrderBy(p => p.Row).Take(1000)]);

        int Count(ScreeningOutcome outcome) => lines.Count(l => l.Outcome == outcome);
    }

    private static async Task PutAsync(RegistryDb db, ScreeningCampaign campaign, Organisation branch,
        ScreeningLine line, Guid by, DateTimeOffset now, CancellationToken ct)
    {
        var finding = new ScreeningFinding
        {
            // The same person of the same campaign has one line, however often the sheet is sent.
            Id = new Guid(SHA256.HashData(Encoding.UTF8.GetBytes(line.MemberId is { } m ? $"{campaign.Id}\n{m}"
                : $"{campaign.Id}\n{branch.Id}\n{ReferenceData.Names.Fold(line.Name)}\n{line.Phone}\n{line.Place}"))
                .AsSpan(0, 16)),
            ScreeningId = campaign.Id,
            BranchId = branch.Id,
            MemberId = line.MemberId,
            Outcome = line.Outcome,
            PlaceKind = line.PlaceKind,
            Place = line.Place,
            Person = new(line.Name, line.Phone, line.WhereTo, line.HomeOrganisation, line.Note),
            FoundOn = line.FoundOn,
            FoundBy = line.FoundBy,
            RecordedBy = by,
            RecordedAt = now,
        };
        var existing = await db.Set<ScreeningFinding>().FindAsync([finding.Id], ct);
        if (existing is null) db.Add(finding);
        // A sheet sent again does not forget whose archive was made meanwhile.
        else db.Entry(existing).CurrentValues.SetValues(finding with { MemberId = line.MemberId ?? existing.MemberId });
    }

    /// <summary>Who was looked for, branch by branch, as far as the caller sees. Source: M-083.</summary>
    private static async Task<ProgressReply> ProgressAsync(Guid id, RegistryDb db, CallerContext context,
        CancellationToken ct)
    {
        context.Current.RequireRole(Access.CarryOutScreenings);
        var campaign = await CampaignAsync(db, id, ct);
        var top = await PathAsync(db, campaign.OrganisationId, ct);
        var scope = context.Current.Scope;
        if (!context.Current.Covers(top) && !scope.StartsWith(top, StringComparison.Ordinal))
            throw new ProblemException(ScreeningDecider.NotFound);
        var from = scope.StartsWith(top, StringComparison.Ordinal) ? scope : top;
        var isMembers = campaign.Kind == "members";
        var lines = await db.Database.SqlQuery<ProgressLine>($"""
            select o.id as branch_id, o.name, coalesce(m.members, 0) as members, coalesce(f.found, 0) as found,
                   coalesce(f.moved, 0) as moved, coalesce(f.not_found, 0) as not_found,
                   coalesce(f.unregistered, 0) as unregistered, coalesce(m.open, 0) as open
            from organisation o
            left join (
                select m.branch_id, count(*) as members, count(*) filter (where not exists (
                    select from screening_finding x where x.screening_id = {id} and x.member_id = m.id)) as open
                from member m where {isMembers} and m.ended_on is null and m.branch_path >= {from}
                    and m.branch_path < {from + "~"}
                group by 1) m on m.branch_id = o.id
            left join (
                select branch_id, count(*) filter (where outcome = 'Found') as found,
                       count(*) filter (where outcome = 'Moved') as moved,
                       count(*) filter (where outcome = 'NotFound') as not_found,
                       count(*) filter (where outcome = 'Unregistered') as unregistered
                from screening_finding where screening_id = {id} group by 1) f on f.branch_id = o.id
            where o.path >= {from} and o.path < {from + "~"} and (m.members > 0 or f.branch_id is not null)
            order by o.path
            """).ToListAsync(ct);
        return new(await ReplyAsync(db, campaign, ct), lines.Sum(l => l.Members), lines.Sum(l => l.Found),
            lines.Sum(l => l.Moved), lines.Sum(l => l.NotFound), lines.Sum(l => l.Unregistered), lines.Sum(l => l.Open),
            lines);
    }

    private static async Task<ScreeningReply> CloseAsync(Guid id, CommandId command, RegistryDb db,
        CallerContext context, TimeProvider clock, CancellationToken ct)
    {
        context.Current.RequireRole(Access.ManageScreenings);
        var campaign = await CampaignAsync(db, id, ct);
        var path = await PathAsync(db, campaign.OrganisationId, ct);
        context.Current.Require(path, Access.ManageScreenings);
        return await ReplyAsync(db, await SaveAsync(db, command.Value, id, path,
            c => ScreeningDecider.Close(c, Today.In(clock)), ct), ct);
    }

    private static async Task<ScreeningReply> ReplyAsync(RegistryDb db, ScreeningCampaign c, CancellationToken ct) =>
        (await RepliesAsync(db, [c], ct))[0];

    private static async Task<IReadOnlyList<ScreeningReply>> RepliesAsync(RegistryDb db,
        IReadOnlyCollection<ScreeningCampaign> campaigns, CancellationToken ct)
    {
        Guid[] ids = [.. campaigns.Select(c => c.OrganisationId).Distinct()];
        var names = await db.Database.SqlQuery<OfficeName>($"""
            select i as id, (select n.name from office_names(array[path_of(i)]) n) as name from unnest({ids}) i
            """).ToDictionaryAsync(o => o.Id, o => o.Name, ct);
        return [.. campaigns.Select(c => new ScreeningReply(c.Id, c.OrganisationId, c.Name, c.Kind, c.FromOn,
            c.UntilOn, c.Purpose, c.ClosedOn, names.GetValueOrDefault(c.OrganisationId, "")))];
    }

    private sealed record OfficeName(Guid Id, string Name);

    // A branch carries out what an organisation above it has opened.
    private static async Task<(ScreeningCampaign Campaign, Organisation Branch)> CarryOutAsync(RegistryDb db,
        Caller caller, Guid id, Guid branchId, CancellationToken ct)
    {
        var branch = await db.OrganisationAsync(branchId, caller, Access.CarryOutScreenings, ct);
        var campaign = await CampaignAsync(db, id, ct);
        return branch.Path.StartsWith(await PathAsync(db, campaign.OrganisationId, ct), StringComparison.Ordinal)
            ? (campaign, branch) : throw new ProblemException(ScreeningDecider.NotFound);
    }

    internal static async Task<ScreeningCampaign> CampaignAsync(RegistryDb db, Guid id, CancellationToken ct) =>
        await db.Set<ScreeningCampaign>().AsNoTracking().SingleOrDefaultAsync(s => s.Id == id, ct)
            ?? throw new ProblemException(ScreeningDecider.NotFound);

    private static Task<string> PathAsync(RegistryDb db, Guid organisation, CancellationToken ct) =>
        db.Database.SqlQuery<string>($"select path_of({organisation}) as \"Value\"").SingleAsync(ct);

    private static async Task<byte[]> BufferAsync(Stream body, long max, CancellationToken ct)
    {
        using var buffer = new MemoryStream();
        var chunk = new byte[64 * 1024];
        for (int read; (read = await body.ReadAsync(chunk, ct)) > 0; buffer.Write(chunk, 0, read))
            if (buffer.Length + read > max) throw new ProblemException(WorkbookProblems.TooLarge(max));
        return buffer.ToArray();
    }

    private static Task<ScreeningCampaign> SaveAsync(RegistryDb db, Guid command, Guid id, string path,
        Func<ScreeningCampaign?, Decision<ScreeningEvent>> decide, CancellationToken ct) => db.CommitAsync(command, id,
        new Change<ScreeningCampaign, ScreeningEvent>("screening", decide, ScreeningDecider.Evolve, _ => path,
            (_, _, _) => []), ct);
}
