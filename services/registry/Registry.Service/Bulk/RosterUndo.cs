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
/// Takes back what a load did: what it created goes, what it amended says again what it said before. What somebody
/// changed since stays, and its row says why. The trail keeps every step.
/// </summary>
internal sealed class RosterUndo(RegistryDb db, TimeProvider clock, RegistryOptions options, RosterRestore restore)
{
    public async Task RunAsync(RosterLoad load, CancellationToken ct)
    {
        for (var undoneTo = load.UndoneTo; ;)
        {
            await using var transaction = await db.Database.BeginTransactionAsync(ct);
            var fresh = await RosterJob.FreshAsync(db, load.Id, LoadStatus.Undoing, ct);
            if (fresh.UndoneTo != undoneTo) throw new OperationCanceledException("Undone elsewhere.");
            var lines = await db.Lines.AsNoTracking().Where(l => l.LoadId == load.Id && l.Line > undoneTo
                && l.Line <= fresh.LoadedTo && l.TwinLine == null
                && (l.State == LineState.Right || l.State == LineState.Warned))
                .OrderBy(l => l.Line).Take(options.RosterChunkRows).ToListAsync(ct);
            if (lines.Count == 0) break;
            var kept = await TakeBackAsync(fresh, lines, ct);
            await KeepAsync(load.Id, kept, ct);
            fresh.UndoneTo = undoneTo = lines[^1].Line;
            fresh.Withdrawn += lines.Count(l => !l.Amends && !kept.ContainsKey(l.Line));
            fresh.Restored += lines.Count(l => l.Amends && !kept.ContainsKey(l.Line));
            fresh.Kept += kept.Count;
            fresh.ChangedAt = clock.GetUtcNow();
            await db.SaveChangesAsync(ct);
            await transaction.CommitAsync(ct);
        }
        await OrganisationsAsync(load, ct);
    }

    /// <summary>Answers with the rows of which something stays.</summary>
    private async Task<Dictionary<int, Kept>> TakeBackAsync(
        RosterLoad load, List<RosterLine> lines, CancellationToken ct)
    {
        var cards = await CardsAsync(load, lines, ct);
        var kept = await ChangedAsync(load, lines, cards, ct);
        var opened = cards.Select(c => c.MemberId!.Value).ToHashSet();
        await WithdrawAsync(load, [.. lines.Where(l => !kept.ContainsKey(l.Line)
            && (!l.Amends || opened.Contains(l.MemberId!.Value)))], cards, kept, ct);
        await restore.RunAsync(load, [.. lines.Where(l => l.Amends)], kept, ct);
        return kept;
    }

    /// <summary>Cards of members whom the load created, and cards that it opened for members who were there.</summary>
    private async Task<List<OutboundCard>> CardsAsync(RosterLoad load, List<RosterLine> lines, CancellationToken ct)
    {
        Guid[] members = [.. lines.Select(l => l.MemberId!.Value)];
        var cards = await db.OutboundCards.AsNoTracking()
            .Where(c => c.MemberId != null && members.Contains(c.MemberId.Value)).ToListAsync(ct);
        Guid[] ids = [.. cards.Select(c => c.Id)];
        var opened = await db.Set<AuditRow>().AsNoTracking()
            .Where(a => ids.Contains(a.SubjectId) && a.CommandId == load.Id).Select(a => a.SubjectId).ToListAsync(ct);
        var created = lines.Where(l => !l.Amends).Select(l => l.MemberId!.Value).ToHashSet();
        return [.. cards.Where(c => created.Contains(c.MemberId!.Value) || opened.Contains(c.Id))];
    }

    /// <summary>
    /// Created members with a later event, and those out of the caller's reach; rows whose case went on.
    /// </summary>
    private async Task<Dictionary<int, Kept>> ChangedAsync(
        RosterLoad load, List<RosterLine> lines, List<OutboundCard> cards, CancellationToken ct)
    {
        var created = lines.Where(l => !l.Amends).ToDictionary(l => l.MemberId!.Value);
        Guid[] ids = [.. created.Keys];
        var here = await db.Archives.AsNoTracking().Where(m => ids.Contains(m.Id)).Select(m => m.Id).ToListAsync(ct);
        var subjects = ids.Concat(cards.Select(c => c.Id)).ToArray();
        var changed = (await db.Set<AuditRow>().AsNoTracking()
            .Where(a => subjects.Contains(a.SubjectId) && a.Body != null && a.CommandId != load.Id)
            .Select(a => a.SubjectId).Distinct().ToListAsync(ct)).ToHashSet();
        var lineOf = lines.ToDictionary(l => l.MemberId!.Value, l => l.Line);
        var kept = cards.Where(c => changed.Contains(c.Id)).Select(c => lineOf[c.MemberId!.Value]).Distinct()
            .ToDictionary(line => line, _ => new Kept(KeptWhy.CaseWentOn));
        foreach (var id in ids.Where(changed.Contains)) kept[lineOf[id]] = new(KeptWhy.Changed);
        foreach (var id in ids.Except(here)) kept[lineOf[id]] = new(KeptWhy.Elsewhere);
        return kept;
    }

    /// <summary>Whoever is referred to by something we do not know of stays: found by halving.</summary>
    private async Task WithdrawAsync(RosterLoad load, RosterLine[] lines, List<OutboundCard> cards,
        Dictionary<int, Kept> kept, CancellationToken ct)
    {
        if (lines.Length == 0) return;
        var members = lines.Select(l => l.MemberId!.Value).ToHashSet();
        Guid[] created = [.. lines.Where(l => !l.Amends).Select(l => l.MemberId!.Value)];
        int[] numbers = [.. lines.Select(l => l.Line)];
        var gone = await db.Archives.AsNoTracking().Where(m => created.Contains(m.Id)).ToListAsync(ct);
        var transaction = db.Database.CurrentTransaction!;
        await transaction.CreateSavepointAsync("withdraw", ct);
        Record(load, created, gone, cards.Where(c => members.Contains(c.MemberId!.Value)));
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
            if (lines.Length == 1) kept[lines[0].Line] = new(KeptWhy.Referred);
            else
            {
                await WithdrawAsync(load, lines[..(lines.Length / 2)], cards, kept, ct);
                await WithdrawAsync(load, lines[(lines.Length / 2)..], cards, kept, ct);
            }
        }
    }

    private void Record(RosterLoad load, Guid[] members, List<Member> gone, IEnumerable<OutboundCard> cards)
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
        if (members.Length > 0) db.Enqueue(new BusFact(new MembersWereWithdrawn(load.Id, members)));
    }

    private Task KeepAsync(Guid load, Dictionary<int, Kept> kept, CancellationToken ct)
    {
        if (kept.Count == 0) return Task.CompletedTask;
        int[] lines = [.. kept.Keys];
        short[] whys = [.. kept.Values.Select(k => (short)k.Why)];
        string[] fields = [.. kept.Values.Select(k => k.Fields)];
        return db.Database.ExecuteSqlAsync($"""
            update roster_line l set state = {(short)LineState.Kept}, why = k.why, kept_fields = k.fields
            from unnest({lines}, {whys}, {fields}) as k (line, why, fields)
            where l.load_id = {load} and l.line = k.line
            """, ct);
    }

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
