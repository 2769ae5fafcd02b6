using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Registry.Roster;
using Registry.Service.Persistence;
using Registry.Service.Reference;
using Registry.Service.Roster;

namespace Registry.Service.Bulk;

/// <summary>One problem as a clerk is shown it; identifiers masked.</summary>
public sealed record ProblemReply(string Sheet, int Row, string Column, string Letter, string Value, string Rule,
    string Source, bool WarningOnly, string Detail, string Allowed, string DetailEn = "", string AllowedEn = "");

/// <summary>
/// Writes the error workbook and counts the problems. The file is read again and only rows that have something to tell
/// are judged again: nothing of their contents was kept in between.
/// </summary>
internal sealed class RosterReport(RegistryDb db, TimeProvider clock, RosterRegister register)
{
    /// <summary>Problems shown with the load; the workbook holds all.</summary>
    public const int ProblemsShownMax = 1000;

    public async Task RunAsync(RosterLoad load, RosterWrite.Opened open, CancellationToken ct)
    {
        var known = await register.KnownAsync(load.Region, ct);
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        await db.Database.ExecuteSqlAsync(
            $"delete from roster_part where load_id = {load.Id} and kind = {StagedKind.Errors}", ct);
        var (count, shown) = (0, new List<ProblemReply>());
        using (var scan = open(known))
        {
            foreach (var problem in scan.Organisations.OrderBy(o => o.Row.Number).SelectMany(o => o.Problems)
                .Concat(Told(load, open, known).SelectMany(o => o.Problems)))
            {
                if (count++ < ProblemsShownMax) shown.Add(Of(problem));
            }
            // Reads with this thread: the writer of workbooks is synchronous.
            if (load.Refused > 0)
            {
                using var parts = StagedFile.Create(db, load.Id, StagedKind.Errors);
                ErrorWorkbook.Write(parts, scan.Organisations, Told(load, open, known), ReferenceData.Codes);
            }
        }
        var fresh = await RosterJob.FreshAsync(db, load.Id, LoadStatus.Reporting, ct);
        fresh.ProblemCount = count;
        fresh.Problems = db.Seal(JsonSerializer.SerializeToUtf8Bytes(shown));
        (fresh.Status, fresh.ChangedAt) = (fresh.DryRun ? LoadStatus.Checked : LoadStatus.Done, clock.GetUtcNow());
        await db.SaveChangesAsync(ct);
        if (!fresh.DryRun)
            await db.Database.ExecuteSqlAsync(
                $"delete from roster_part where load_id = {load.Id} and kind = {StagedKind.File}", ct);
        await transaction.CommitAsync(ct);
    }

    /// <summary>The first problems of a load that was reported; empty before.</summary>
    public static IReadOnlyList<ProblemReply> Shown(RegistryDb db, RosterLoad load) => load.Problems is null ? []
        : JsonSerializer.Deserialize<List<ProblemReply>>(db.Open(load.Problems))!;

    private IEnumerable<RosterOutcome<MemberEntry>> Told(
        RosterLoad load, RosterWrite.Opened open, Dictionary<string, Organisations.Organisation> known)
    {
        var telling = db.Lines.AsNoTracking().Where(l => l.LoadId == load.Id
            && (l.State != LineState.Right || l.TwinLine != null || l.AlikeLine != null || l.PhoneLine != null
                || l.CaseOpen));
        if (!telling.Any()) yield break;
        using var scan = open(known);
        foreach (var rows in scan.Chunks(after: 0))
        {
            var (first, last) = (rows[0].Number, rows[^1].Number);
            var lines = telling.Where(l => l.Line >= first && l.Line <= last).ToDictionary(l => l.Line);
            foreach (var row in rows)
                if (lines.TryGetValue(row.Number, out var line)) yield return scan.Judge(row, line.Finding);
        }
    }

    private static ProblemReply Of(RosterProblem p) => new(p.Sheet, p.Row, p.Title, p.Letter, p.Value, p.Rule.Id,
        p.Rule.Source, p.Rule.WarningOnly, p.Zh, p.AllowedZh, p.En, p.AllowedEn);
}
