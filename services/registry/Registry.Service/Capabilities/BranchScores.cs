using Microsoft.EntityFrameworkCore;
using Registry.Quality;
using Registry.Service.Persistence;
using Registry.Service.Reference;

namespace Registry.Service.Capabilities;

/// <summary>
/// What the archives of each branch lack, all told: triggers say which branches are due, whoever looks first scores
/// them. Figures of every tier are sums over branches, so that no page reads the archives of a province.
/// Source: M-073, M-074.
/// </summary>
internal static class BranchScores
{
    private sealed record Sums(int Members, long Completeness, long Validity, int Whole, string Faults, string Counts);

    /// <summary>Scores branches that are due.</summary>
    /// <param name="path">Those below; null: all that the caller may see.</param>
    /// <param name="branchesMax">No more than so many.</param>
    /// <returns>How many were scored.</returns>
    public static async Task<int> TakeAsync(RegistryDb db, string? path, int branchesMax, DateOnly today,
        CancellationToken ct)
    {
        var (from, to) = (path ?? "", path + "~");
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        var due = await db.Database.SqlQuery<Guid>($"""
            select distinct d.branch_id as "Value" from quality_due d join organisation o on o.id = d.branch_id
            where o.path >= {from} and o.path < {to} order by 1 limit {branchesMax}
            """).ToArrayAsync(ct);
        if (due.Length == 0) return 0;
        // One at a time for a branch: who read the archives earlier must not write later. In one order: nobody waits
        // for somebody who waits for them.
        await db.Database.ExecuteSqlAsync($"""
            select pg_advisory_xact_lock(7304, key)
            from (select distinct hashtext(id::text) as key from unnest({due}) id order by 1) keys
            """, ct);
        var taken = (await db.Database.SqlQuery<Guid>(
            $"""delete from quality_due where branch_id = any ({due}) returning branch_id as "Value" """)
            .ToListAsync(ct)).Distinct().ToArray();
        var members = await db.Members.AsNoTracking().Where(m => taken.Contains(m.BranchId)).ToListAsync(ct);
        var scores = members.ToLookup(m => m.BranchId, m => ReferenceData.Quality.Of(m, today));
        await WriteAsync(db, taken, [.. taken.Select(id => Sum([.. scores[id]]))], ct);
        await transaction.CommitAsync(ct);
        return taken.Length;
    }

    private static Sums Sum(QualityScore[] scores)
    {
        var faults = scores.SelectMany(s => s.Missing.Concat(s.Wrong)).CountBy(rule => rule).ToList();
        return new(scores.Length, scores.Sum(s => (long)s.Completeness), scores.Sum(s => (long)s.Validity),
            scores.Count(s => s.Missing.IsEmpty && s.Wrong.IsEmpty), string.Join(',', faults.Select(f => f.Key)),
            string.Join(',', faults.Select(f => f.Value)));
    }

    private static Task<int> WriteAsync(RegistryDb db, Guid[] branches, Sums[] sums, CancellationToken ct)
    {
        int[] members = [.. sums.Select(s => s.Members)], whole = [.. sums.Select(s => s.Whole)];
        long[] complete = [.. sums.Select(s => s.Completeness)], valid = [.. sums.Select(s => s.Validity)];
        string[] faults = [.. sums.Select(s => s.Faults)], counts = [.. sums.Select(s => s.Counts)];
        return db.Database.ExecuteSqlAsync($"""
            insert into branch_quality (branch_id, rules, members, completeness, validity, whole, faults, counts)
            select b, {ReferenceData.Quality.Version}, m, c, v, w, string_to_array(f, ','),
                string_to_array(n, ',')::int[]
            from unnest({branches}, {members}, {complete}, {valid}, {whole}, {faults}, {counts})
                as x (b, m, c, v, w, f, n)
            on conflict (branch_id) do update set rules = excluded.rules, members = excluded.members,
                completeness = excluded.completeness, validity = excluded.validity, whole = excluded.whole,
                faults = excluded.faults, counts = excluded.counts
            """, ct);
    }
}
