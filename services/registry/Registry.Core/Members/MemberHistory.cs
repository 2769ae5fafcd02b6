namespace Registry.Members;

/// <summary>One entry of the trail of an archive, as history needs it.</summary>
/// <param name="At">UTC instant of the change.</param>
/// <param name="Kind">What happened: registered, amended, corrected, merged, unmerged, restored.</param>
/// <param name="Changes">From what to what; for the first entry from "" for every field that was filled.</param>
public sealed record HistoryEntry(
    DateTimeOffset At, string Kind, Guid Actor, string ActorName, string ActorOrg, string? OnBehalfOf, string? Reason,
    IReadOnlyList<FieldChange> Changes);

/// <summary>One value a field had.</summary>
/// <param name="From">UTC instant since when it was known here.</param>
/// <param name="Until">When the next value came; null for the present one.</param>
/// <param name="Kind">How it came: registered, amended, corrected, merged, unmerged, restored.</param>
/// <param name="Source">Where the value came from: "clerk", "import:&lt;load&gt;", "exchange".</param>
public sealed record FieldValue(
    string Value, DateTimeOffset From, DateTimeOffset? Until, string Kind, Guid Actor, string ActorName,
    string ActorOrg, string? OnBehalfOf, string? Reason, string Source);

/// <summary>
/// The history of every field (who, when, why, source), folded from the trail; there is no second record that could
/// disagree with it. Source: M-070, M-098, M-100, P5.
/// </summary>
public static class MemberHistory
{
    /// <summary>Values of each field, oldest first. Fields that never held anything are left out.</summary>
    /// <param name="entries">Oldest first.</param>
    public static IReadOnlyDictionary<string, IReadOnlyList<FieldValue>> Fold(IEnumerable<HistoryEntry> entries)
    {
        ArgumentNullException.ThrowIfNull(entries);
        var fields = new Dictionary<string, List<FieldValue>>(StringComparer.Ordinal);
        foreach (var entry in entries)
        {
            // An amendment by hand of an imported archive comes from the clerk: only a change of source says otherwise.
            var source = entry.Changes.FirstOrDefault(c => c.Field == "source")?.To ?? "clerk";
            foreach (var change in entry.Changes)
            {
                if (!fields.TryGetValue(change.Field, out var values)) fields[change.Field] = values = [];
                if (values.Count > 0) values[^1] = values[^1] with { Until = entry.At };
                values.Add(new(change.To, entry.At, null, entry.Kind, entry.Actor, entry.ActorName, entry.ActorOrg,
                    entry.OnBehalfOf, entry.Reason, source));
            }
        }
        return fields.ToDictionary(f => f.Key, f => (IReadOnlyList<FieldValue>)f.Value, StringComparer.Ordinal);
    }

    /// <summary>What was known of each field at an instant: the value in force then.</summary>
    /// <returns>Empty when the archive did not exist yet.</returns>
    public static IReadOnlyDictionary<string, FieldValue> AsKnown(
        IReadOnlyDictionary<string, IReadOnlyList<FieldValue>> history, DateTimeOffset at)
    {
        ArgumentNullException.ThrowIfNull(history);
        return history.Select(f => (f.Key, Value: f.Value.LastOrDefault(v => v.From <= at)))
            .Where(f => f.Value is not null).ToDictionary(f => f.Key, f => f.Value!, StringComparer.Ordinal);
    }
}
