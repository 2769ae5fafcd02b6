using Microsoft.EntityFrameworkCore;
using Npgsql;
using Platform.Contracts.Registry.V1;
using Platform.Hosting;
using Registry.Members;
using Registry.Mobility;
using Registry.Organisations;
using Registry.Service.Persistence;

namespace Registry.Service.Bulk;

/// <summary>
/// Takes back what a load created and nobody changed since; what was changed stays, and its row says so. The trail
/// keeps both the registering and the withdrawing. Members the load only amended stay as they are.
/// </summary>
internal sealed class RosterUndo(RegistryDb db, TimeProvider clock, RegistryOptions options)
{
    public async Task RunAsync(RosterLoad load, CancellationToken ct)
    {
        for (var undoneTo = load.UndoneTo; ;)
        {
            await using var transaction = await db.Database.BeginTransactionAsync(ct);
            var fresh = await RosterJob.FreshAsync(db, load.Id, LoadStatus.Undoing, ct);
            if (fresh.UndoneTo != undoneTo) throw new OperationCanceledException("Undone elsewhere.");
            var lines = await db.Lines.AsNoTracking().Where(l => l.LoadId == load.Id && l.Line > undoneTo
                && l.Line <= fresh.LoadedTo && !l.Amends && l.TwinLine == null
                && (l.State == LineState.Right || l.State == LineState.Warned))
                .OrderBy(l => l.Line).Take(options.RosterChunkRows).ToListAsync(ct);
            if (lines.Count == 0) break;
            var stay = await ChangedAsync(fresh, [.. lines.Select(l => l.MemberId!.Value)], ct);
            var gone = lines.Where(l => !stay.Contains(l.MemberId!.Value)).ToList();
            await WithdrawAsync(fresh, [.. gone], stay, ct);
            var kept = lines.Where(l => stay.Contains(l.MemberId!.Value)).Select(l => l.Line).ToArray();
            await KeepAsync(load.Id, kept, ct);
            fresh.UndoneTo = undoneTo = lines[^1].Line;
            fresh.Withdrawn += lines.Count - kept.Length;
            fresh.Kept += kept.Length;
            fresh.ChangedAt = clock.GetUtcNow();
            await db.SaveChangesAsync(ct);
            await transaction.CommitAsync(ct);
        }
        await OrganisationsAsync(load, ct);
    }

    /// <summary>Members with a later event of their own or of a case, and those out of the caller's reach.</summary>
    private async Task<HashSet<Guid>> ChangedAsync(RosterLoad load, Guid[] members, CancellationToken ct)
    {
        var here = await db.Members.AsNoTracking().Where(m => members.Contains(m.Id)).Select(m => m.Id)
            .ToListAsync(ct);
        var cards = await CardsAsync(members, ct);
        var subjects = members.Concat(cards.Select(c => c.Id)).ToArray();
        var changed = await db.Set<AuditRow>().AsNoTracking()
            .Where(a => subjects.Contains(a.SubjectId) && a.Body != null && a.CommandId != load.Id)
            .Select(a => a.SubjectId).Distinct().ToListAsync(ct);
        var owners = cards.ToDictionary(c => c.Id, c => c.MemberId!.Value);
        return [.. members.Except(here), .. changed.Select(id => owners.GetValueOrDefault(id, id))];
    }

    private Task<List<OutboundCard>> CardsAsync(Guid[] members, CancellationToken ct) =>
        db.OutboundCards.AsNoTracking().Where(c => c.MemberId != null && members.Contains(c.MemberId.Value))
            .ToListAsync(ct);

    /// <summary>Whoever is referred to by something we do not know of stays: found by halving.</summary>
    private async Task WithdrawAsync(RosterLoad load, RosterLine[] lines, HashSet<Guid> stay, CancellationToken ct)
    {
        if (lines.Length == 0) return;
        Guid[] members = [.. lines.Select(l => l.MemberId!.Value)];
        int[] numbers = [.. lines.Select(l => l.Line)];
        var gone = await db.Members.AsNoTracking().Where(m => members.Contains(m.Id)).ToListAsync(ct);
        var cards = await CardsAsync(members, ct);
        var transaction = db.Database.CurrentTransaction!;
        await transaction.CreateSavepointAsync("withdraw", ct);
        Record(load, members, gone, cards);
        // The trail first: the database lets nothing go that does not stand in it.
        await db.TakeAdded().InsertAsync(db, ct);
        try
        {
            await db.Database.ExecuteSqlAsync($"select withdraw_loaded({load.Id}, {numbers})", ct);
            await transaction.ReleaseSavepointAsync("withdraw", ct);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.ForeignKeyViolation)
        {
            await transaction.RollbackToSavepointAsync("withdraw", ct);
            if (lines.Length == 1) stay.Add(members[0]);
            else
            {
                await WithdrawAsync(load, lines[..(lines.Length / 2)], stay, ct);
                await WithdrawAsync(load, lines[(lines.Length / 2)..], stay, ct);
            }
        }
    }

    private void Record(RosterLoad load, Guid[] members, List<Member> gone, List<OutboundCard> cards)
    {
        var (command, now) = (load.UndoCommand!.Value, clock.GetUtcNow());
        foreach (var card in cards)
        {
            db.RecordRemoval("outbound-card", card.Id, card.HomePath, new OutboundWithdrawn(card, now), command,
                load.UndoReason);
            db.Enqueue(new BusFact(new CaseCardChanged(card.Id, card.Leg, true, card.HomePath,
                nameof(OutboundWithdrawn), "Withdrawn", nameof(Agreement.Settled), now)));
        }
        foreach (var member in gone)
            db.RecordRemoval("member", member.Id, member.BranchPath, new MemberWithdrawn(member), command,
                load.UndoReason);
        db.Enqueue(new BusFact(new MembersWereWithdrawn(load.Id, members)));
    }

    private Task KeepAsync(Guid load, int[] lines, CancellationToken ct) => lines.Length == 0 ? Task.CompletedTask
        : db.Database.ExecuteSqlAsync($"""
            update roster_line set state = {(short)LineState.Kept} where load_id = {load} and line = any({lines})
            """, ct);

    /// <summary>Subordinates before superiors; one that was changed or is used by now stays.</summary>
    private async Task OrganisationsAsync(RosterLoad load, CancellationToken ct)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        var fresh = await RosterJob.FreshAsync(db, load.Id, LoadStatus.Undoing, ct);
        var founded = await db.Organisations.AsNoTracking().Where(o => fresh.Founded.Contains(o.Id)).ToListAsync(ct);
        var changed = await db.Set<AuditRow>().AsNoTracking()
            .Where(a => fresh.Founded.Contains(a.SubjectId) && a.Body != null && a.CommandId != load.Id)
            .Select(a => a.SubjectId).ToListAsync(ct);
        var stay = new List<Guid>();
        foreach (var organisation in founded.OrderByDescending(o => o.Path.Length))
        {
            if (changed.Contains(organisation.Id) || !await RemoveAsync(fresh, organisation, ct))
                stay.Add(organisation.Id);
        }
        fresh.Founded = [.. stay];
        (fresh.Status, fresh.ChangedAt) = (LoadStatus.Undone, clock.GetUtcNow());
        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
    }

    private async Task<bool> RemoveAsync(RosterLoad load, Organisation organisation, CancellationToken ct)
    {
        var transaction = db.Database.CurrentTransaction!;
        await transaction.CreateSavepointAsync("remove", ct);
        db.RecordRemoval("organisation", organisation.Id, organisation.Path, new OrganisationWithdrawn(organisation),
            load.UndoCommand!.Value, load.UndoReason);
        db.Enqueue(new BusFact(new OrganisationChanged(organisation.Id, organisation.Path,
            nameof(OrganisationWithdrawn))));
        await db.TakeAdded().InsertAsync(db, ct);
        try
        {
            await db.Database.ExecuteSqlAsync($"select withdraw_founded({load.Id}, {organisation.Id})", ct);
            await transaction.ReleaseSavepointAsync("remove", ct);
            return true;
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.ForeignKeyViolation)
        {
            await transaction.RollbackToSavepointAsync("remove", ct);
            return false;
        }
    }
}
