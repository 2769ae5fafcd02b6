using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Platform.Hosting;
using Registry.Members;
using Registry.Service.Capabilities;
using Registry.Service.Persistence;

namespace Registry.Service.Bulk;

/// <summary>What stays of a row when its load is undone.</summary>
/// <param name="Fields">Fields of an amended member that stay, comma separated.</param>
internal sealed record Kept(KeptWhy Why, string Fields = "");

/// <summary>
/// Lets members whom a load amended say again what they said before it. The trail knows what that was, and which fields
/// somebody changed since: those stay.
/// </summary>
internal sealed class RosterRestore(RegistryDb db, FieldCipher cipher)
{
    private const string Source = "source";

    /// <summary>Restores within the caller's transaction; adds to <paramref name="kept"/> what stays.</summary>
    public async Task RunAsync(
        RosterLoad load, RosterLine[] lines, Dictionary<int, Kept> kept, CancellationToken ct)
    {
        if (lines.Length == 0) return;
        Guid[] ids = [.. lines.Select(l => l.MemberId!.Value)];
        var members = await db.Archives.Where(m => ids.Contains(m.Id)).ToDictionaryAsync(m => m.Id, ct);
        var trail = (await db.Set<AuditRow>().AsNoTracking().Where(a => ids.Contains(a.SubjectId)
            && a.SubjectKind == "member" && MemberHistoryApi.Kinds.Contains(a.Action))
            .OrderBy(a => a.Id).ToListAsync(ct)).ToLookup(a => a.SubjectId);
        foreach (var line in lines)
        {
            if (!members.TryGetValue(line.MemberId!.Value, out var member)) kept[line.Line] = new(KeptWhy.Elsewhere);
            else if (Restore(load, member, [.. trail[member.Id]]) is { Length: > 0 } stays)
                kept[line.Line] = new(kept.GetValueOrDefault(line.Line)?.Why ?? KeptWhy.Changed, stays);
        }
    }

    private string Restore(RosterLoad load, Member member, AuditRow[] trail)
    {
        var at = Array.FindIndex(trail, a => a.CommandId == load.Id);
        var amended = MemberHistoryApi.Changes(cipher, trail[at]);
        var since = ChangedSince(trail[(at + 1)..]);
        // A later roster said everything anew, also what it left as it was.
        if (since.Contains(Source)) since.UnionWith(amended.Select(c => c.Field));
        db.Apply(load.UndoCommand!.Value, member.Id, member, new Change<Member, MemberEvent>("member",
            m => MemberDecider.Restore(m, load.Id, amended, since), MemberDecider.Evolve, m => m.BranchPath,
            (_, _, _) => []), load.UndoReason);
        return string.Join(',', amended.Select(c => c.Field).Where(since.Contains));
    }

    /// <summary>Fields these entries changed; what another load changed and its undo took back is no change.</summary>
    private HashSet<string> ChangedSince(AuditRow[] later)
    {
        var undone = later.Where(a => a.Action == nameof(MemberRestored)).SelectMany(a => MemberHistoryApi
            .Changes(cipher, a).Select(c => (LoadOf(a), c.Field))).ToHashSet();
        return [.. later.Where(a => a.Action != nameof(MemberRestored)).SelectMany(a => MemberHistoryApi
            .Changes(cipher, a).Where(c => !undone.Contains((a.CommandId!.Value, c.Field))).Select(c => c.Field))];
    }

    private Guid LoadOf(AuditRow restored) =>
        JsonSerializer.Deserialize<Undone>(cipher.Decrypt(restored.Body, "audit"), JsonSerializerOptions.Web)!.LoadId;

    private sealed record Undone(Guid LoadId);
}
