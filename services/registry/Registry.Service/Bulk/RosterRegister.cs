using Microsoft.EntityFrameworkCore;
using Registry.Mobility;
using Registry.Organisations;
using Registry.Service.Persistence;

namespace Registry.Service.Bulk;

/// <summary>What the register holds already, asked for a whole chunk at a time.</summary>
internal sealed class RosterRegister(RegistryDb db)
{
    /// <summary>Organisations of the region that stand, by code; tracked.</summary>
    public Task<Dictionary<string, Organisation>> KnownAsync(string region, CancellationToken ct) =>
        db.Organisations.Where(o => o.Region == region && o.DissolvedOn == null).ToDictionaryAsync(o => o.Code, ct);

    /// <summary>
    /// Who of these is held: by whom within the caller's reach, and whether by anybody at all. Source: P1.
    /// </summary>
    public async Task<Held> HeldAsync(byte[][] indexes, CancellationToken ct)
    {
        var all = (await db.HeldIndexesAsync(indexes, ct)).Select(Convert.ToHexString).ToHashSet();
        if (all.Count == 0) return new(all, []);
        var visible = await db.Members.AsNoTracking()
            .Where(m => indexes.Contains(EF.Property<byte[]>(m, "IdNumberIndex")))
            .Select(m => new { Index = EF.Property<byte[]>(m, "IdNumberIndex"), m.Id, m.BranchId }).ToListAsync(ct);
        return new(all, visible.ToDictionary(m => Convert.ToHexString(m.Index), m => (m.Id, m.BranchId)));
    }

    /// <summary>Members among these who are out under an open case.</summary>
    public async Task<HashSet<Guid>> OpenCasesAsync(IReadOnlyCollection<Guid> members, CancellationToken ct)
    {
        if (members.Count == 0) return [];
        return [.. await db.OutboundCards.AsNoTracking()
            .Where(c => c.MemberId != null && members.Contains(c.MemberId.Value) && c.Status != OutboundStatus.Returned
                && c.Status != OutboundStatus.Refused && c.Status != OutboundStatus.Denied)
            .Select(c => c.MemberId!.Value).ToListAsync(ct)];
    }
}

/// <summary>Answers of <see cref="RosterRegister.HeldAsync"/>.</summary>
internal sealed class Held(HashSet<string> all, Dictionary<string, (Guid Id, Guid Branch)> visible)
{
    public IReadOnlyCollection<Guid> Visible => [.. visible.Values.Select(v => v.Id)];

    /// <summary>Held by any branch of the node.</summary>
    public bool Has(byte[] index) => all.Count > 0 && all.Contains(Convert.ToHexString(index));

    /// <summary>The record, when that branch holds it.</summary>
    public Guid? In(byte[] index, Guid? branch) => all.Count > 0
        && visible.TryGetValue(Convert.ToHexString(index), out var found) && found.Branch == branch ? found.Id : null;
}
