using Platform.Hosting;
using Registry.Roster;
using Registry.Service.Reference;
using Registry.Service.Roster;

namespace Registry.Service.Bulk;

/// <summary>One row of sheet 党员 and what its own rules say.</summary>
internal readonly record struct JudgedRow(RosterRow Row, RosterOutcome<MemberEntry> Outcome);

/// <summary>
/// One pass over a roster file: organisations at once, members in chunks, always in the same order, so that a pass can
/// be taken up behind any row. Memory holds the organisations and a few chunks.
/// </summary>
internal sealed class RosterScan : IDisposable
{
    private readonly int chunkRows;
    private readonly RosterRun run;
    private readonly IEnumerator<RosterItem> items;
    private RosterRow? first;

    /// <param name="known">Organisations in reach of whoever loads: code → type.</param>
    /// <param name="encoding">Kept between passes over the same file.</param>
    /// <exception cref="ProblemException">The file as a whole is refused; also from <see cref="Chunks"/>.</exception>
    public RosterScan(Stream file, string fileName, RosterLimits limits, IReadOnlyList<RosterMapping> mappings,
        DateOnly today, IReadOnlyDictionary<string, string> known, int chunkRows, RosterEncoding encoding)
    {
        this.chunkRows = chunkRows;
        run = new(new(ReferenceData.Codes, ReferenceData.Divisions, today), known);
        items = RosterReader.Read(file, fileName, limits, mappings, encoding).GetEnumerator();
        while ((first = Next())?.Sheet == RosterSheet.Organisations) run.Add(first);
        Organisations = run.CloseOrganisations();
    }

    /// <summary>Accepted first, superiors before subordinates; then refused ones.</summary>
    public IReadOnlyList<RosterOutcome<OrganisationEntry>> Organisations { get; }

    public IEnumerable<OrganisationEntry> AcceptedOrganisations =>
        Organisations.Select(o => o.Entry).OfType<OrganisationEntry>();

    /// <summary>Member rows behind a row number, in chunks. Once only.</summary>
    public IEnumerable<IReadOnlyList<RosterRow>> Chunks(int after)
    {
        var chunk = new List<RosterRow>(chunkRows);
        for (var row = first; row is not null; row = Next())
        {
            if (row.Number <= after) continue;
            chunk.Add(row);
            if (chunk.Count < chunkRows) continue;
            yield return chunk;
            chunk = new(chunkRows);
        }
        if (chunk.Count > 0) yield return chunk;
    }

    /// <summary>The chunks judged by the rules of single rows and branches, read ahead of whoever takes them.</summary>
    public IAsyncEnumerable<JudgedRow[]> JudgedAsync(int after, CancellationToken ct) =>
        Chunks(after).Select(Judged).ToAsyncEnumerable().AheadAsync(ct);

    /// <summary>One row with what comparing found.</summary>
    public RosterOutcome<MemberEntry> Judge(RosterRow row, RosterFinding found) => run.Member(row, found);

    public void Dispose() => items.Dispose();

    private JudgedRow[] Judged(IReadOnlyList<RosterRow> rows)
    {
        var judged = new JudgedRow[rows.Count];
        Parallel.For(0, rows.Count, i => judged[i] = new(rows[i], run.Member(rows[i], RosterFinding.None)));
        return judged;
    }

    private RosterRow? Next()
    {
        if (!items.MoveNext()) return null;
        return items.Current.Problem is { } problem ? throw new ProblemException(problem) : items.Current.Row;
    }
}
