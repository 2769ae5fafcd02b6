using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using Platform.Contracts.Registry.V1;
using Platform.Hosting;
using Registry.Members;
using Registry.Mobility;
using Registry.Organisations;
using Registry.Roster;
using Registry.Service.Persistence;

namespace Registry.Service.Bulk;

/// <summary>
/// Some rows on their way into the register, with a unit of work of their own: prepared, inserted, committed, while
/// other rows are one step ahead or behind. They are committed in the order of the file.
/// </summary>
internal sealed class RosterChunk(
    AsyncServiceScope scope, JudgedRow[] rows, RegistryDb db, CallerContext context, TimeProvider clock,
    RosterRegister register, Announce announce) : IAsyncDisposable
{
    private SetWrite? added;
    private int created, amended, cases, refused;

    public JudgedRow[] Rows => rows;

    /// <param name="looksAgain">
    /// False where checking asked who is held and nobody can have come in between without the unique index saying so:
    /// then only members who are to be amended are looked up.
    /// </param>
    public async Task PrepareAsync(
        RosterLoad load, Dictionary<string, Organisation> known, bool looksAgain, CancellationToken ct)
    {
        var (first, last) = (rows[0].Row.Number, rows[^1].Row.Number);
        var lines = await db.Lines.AsNoTracking()
            .Where(l => l.LoadId == load.Id && l.Line >= first && l.Line <= last
                && l.TwinLine == null && (l.State == LineState.Right || l.State == LineState.Warned))
            // What a line is compared by is no matter any more, and half of it; see Changed.
            .Select(l => new RosterLine
            {
                LoadId = l.LoadId, Line = l.Line, OrgPath = load.OrgPath, State = l.State, IdIndex = l.IdIndex,
                MemberId = l.MemberId, Amends = l.Amends, CaseOpen = l.CaseOpen,
            })
            .ToDictionaryAsync(l => l.Line, ct);
        var entries = rows.Where(r => r.Outcome.Entry is not null && lines.ContainsKey(r.Row.Number))
            .Select(r => (Entry: r.Outcome.Entry!, Line: lines[r.Row.Number])).ToList();
        var held = await register.HeldAsync(
            [.. entries.Where(e => looksAgain || e.Line.Amends).Select(e => e.Line.IdIndex!)], ct);
        // Branch by branch: what follows each other then lies side by side in four indexes.
        var right = entries.Where(e => IsStillRight(e.Entry, e.Line, known, held))
            .OrderBy(e => e.Entry.Branch, StringComparer.Ordinal).ToList();
        refused = lines.Count - right.Count;
        await LookForCasesAsync(right, ct);
        var present = await PresentAsync(right, ct);
        db.ChangeTracker.AutoDetectChangesEnabled = false;
        db.PutAdded();
        Members(load, right, known, present);
        Cases(load, right, known);
        added = db.TakeAdded();
        db.ChangeTracker.AutoDetectChangesEnabled = true;
    }

    /// <summary>
    /// Begins the chunk's transaction and inserts what is new in it. The chunk before may still be uncommitted: it
    /// waits for nothing of this one.
    /// </summary>
    public async Task InsertAsync(CancellationToken ct)
    {
        await db.Database.BeginTransactionAsync(ct);
        await added!.InsertUnsealedAsync(db, ct);
    }

    /// <summary>The rest of the chunk and how far the load is, and the end of its transaction.</summary>
    public async Task CommitAsync(RosterLoad load, int loadedTo, CancellationToken ct)
    {
        var fresh = await db.Loads.SingleAsync(l => l.Id == load.Id, ct);
        if (fresh.Status != LoadStatus.Loading || fresh.LoadedTo != loadedTo)
            throw new OperationCanceledException("Loaded elsewhere.");
        (fresh.Created, fresh.Amended) = (fresh.Created + created, fresh.Amended + amended);
        (fresh.CasesOpened, fresh.Refused) = (fresh.CasesOpened + cases, fresh.Refused + refused);
        (fresh.LoadedTo, fresh.ChangedAt) = (rows[^1].Row.Number, clock.GetUtcNow());
        await db.SaveChangesAsync(ct);
        await added!.InsertSealedAsync(db, ct);
        await db.Database.CommitTransactionAsync(ct);
    }

    public ValueTask DisposeAsync() => scope.DisposeAsync();

    /// <summary>The register moved on since the row was checked; the line says what is true now.</summary>
    private bool IsStillRight(
        MemberEntry entry, RosterLine line, Dictionary<string, Organisation> known, Held held)
    {
        var branch = known.GetValueOrDefault(entry.Branch);
        var present = held.In(line.IdIndex!, branch?.Id);
        var was = (line.State, line.MemberId, line.Amends);
        if (branch is null) line.State = LineState.BranchGone;
        else if (present is null && held.Has(line.IdIndex!)) line.State = LineState.HeldElsewhere;
        else if (present is not null && !line.Amends) (line.MemberId, line.Amends) = (present, true);
        else if (present is null && line.Amends) (line.MemberId, line.Amends) = (Guid.CreateVersion7(), false);
        if (was != (line.State, line.MemberId, line.Amends)) Changed(line);
        return line.State is LineState.Right or LineState.Warned;
    }

    /// <summary>A case may have been opened, or have ended, since the row was checked: days ago after a dry run.
    /// </summary>
    private async Task LookForCasesAsync(List<(MemberEntry Entry, RosterLine Line)> right, CancellationToken ct)
    {
        var away = right.Where(r => r.Entry.Mobility is not null && r.Line.Amends).Select(r => r.Line).ToList();
        var open = await register.OpenCasesAsync([.. away.Select(l => l.MemberId!.Value)], ct);
        foreach (var line in away.Where(l => l.CaseOpen != open.Contains(l.MemberId!.Value)))
        {
            line.CaseOpen = !line.CaseOpen;
            Changed(line);
        }
    }

    private void Changed(RosterLine line)
    {
        var entry = db.Attach(line);
        entry.Property(l => l.State).IsModified = entry.Property(l => l.MemberId).IsModified = true;
        entry.Property(l => l.Amends).IsModified = entry.Property(l => l.CaseOpen).IsModified = true;
    }

    private async Task<Dictionary<Guid, Member>> PresentAsync(
        List<(MemberEntry Entry, RosterLine Line)> right, CancellationToken ct)
    {
        var ids = right.Where(r => r.Line.Amends).Select(r => r.Line.MemberId!.Value).ToArray();
        return ids.Length == 0 ? [] : await db.Members.Where(m => ids.Contains(m.Id)).ToDictionaryAsync(m => m.Id, ct);
    }

    private void Members(RosterLoad load, List<(MemberEntry Entry, RosterLine Line)> right,
        Dictionary<string, Organisation> known, Dictionary<Guid, Member> present)
    {
        var registered = new List<MemberWasRegistered>();
        foreach (var (entry, line) in right)
        {
            var branch = known[entry.Branch];
            context.Current.Require(branch.Path, Access.LoadRosters);
            var existing = present.GetValueOrDefault(line.MemberId!.Value);
            var member = RosterMember.Of(load.Id, line.MemberId.Value, entry, branch, existing);
            db.Apply(load.Id, member.Id, existing, new Change<Member, MemberEvent>("member",
                current => current is null ? MemberDecider.Register(false, true, member)
                    : MemberDecider.Amend(current, _ => member),
                MemberDecider.Evolve, m => m.BranchPath, (_, _, _) => []));
            if (existing is not null) amended++;
            else
            {
                created++;
                registered.Add(new(member.Id, member.BranchPath));
            }
        }
        if (registered.Count > 0) db.Enqueue(new BusFact(new MembersWereLoaded(load.Id, registered)));
    }

    /// <summary>Who is out applies through the same decider as at the counter; the committee approves. M-102.</summary>
    private void Cases(RosterLoad load, List<(MemberEntry Entry, RosterLine Line)> right,
        Dictionary<string, Organisation> known)
    {
        foreach (var (entry, line) in right.Where(r => r.Entry.Mobility is not null && !r.Line.CaseOpen))
        {
            var now = clock.GetUtcNow();
            var card = RosterMember.CardOf(Guid.CreateVersion7(now), line.MemberId!.Value, entry,
                known[entry.Branch], load.LoadedBy, RandomNumberGenerator.GetBytes(16));
            db.Apply(load.Id, card.Id, null, new Change<OutboundCard, OutboundEvent>("outbound-card",
                _ => OutboundDecider.Apply(false, card, now), OutboundDecider.Evolve, c => c.HomePath, announce.Of));
            cases++;
        }
    }
}
