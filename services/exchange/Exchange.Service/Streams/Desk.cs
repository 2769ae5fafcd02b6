using Npgsql;

namespace Exchange.Service.Streams;

/// <summary>Something for a person at the desk. Side "incoming": refused here; "outgoing": refused over
/// there.</summary>
internal sealed record DeskEntry(
    string Side, string Node, long? Sequence, Guid? MessageId, string? Type, string Code, string Detail);

internal static class Desk
{
    /// <summary>The same thing again raises its count; nobody can fill the desk with repeats.</summary>
    public static async Task AddAsync(
        NpgsqlConnection connection, IReadOnlyList<DeskEntry> entries, DateTimeOffset now, CancellationToken ct)
    {
        var distinct = entries.GroupBy(e => (e.Side, e.Node, e.Code, e.MessageId))
            .Select(g => (First: g.First(), Count: g.LongCount()))
            .OrderBy(x => x.First.Node, StringComparer.Ordinal).ThenBy(x => x.First.Code, StringComparer.Ordinal)
            .ThenBy(x => x.First.MessageId).ToArray();
        if (distinct.Length == 0) return;
        await Sql.RunAsync(connection, """
            insert into desk_item (id, side, node, sequence, message_id, type, code, detail, count, first_at,
                last_at, status)
            select *, $10, $10, 'open' from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9)
            on conflict (side, node, code, coalesce(message_id,
                '00000000-0000-0000-0000-000000000000')) where status = 'open'
            do update set count = desk_item.count + excluded.count, last_at = excluded.last_at,
                sequence = excluded.sequence
            """, ct, distinct.Select(_ => Guid.CreateVersion7(now)).ToArray(),
            distinct.Select(x => x.First.Side).ToArray(),
            distinct.Select(x => x.First.Node).ToArray(), distinct.Select(x => x.First.Sequence).ToArray(),
            distinct.Select(x => x.First.MessageId).ToArray(), distinct.Select(x => x.First.Type).ToArray(),
            distinct.Select(x => x.First.Code).ToArray(), distinct.Select(x => x.First.Detail).ToArray(),
            distinct.Select(x => x.Count).ToArray(), now);
        foreach (var group in entries.GroupBy(e => e.Code))
            ExchangeTelemetry.Refused.Add(group.Count(), new KeyValuePair<string, object?>("code", group.Key));
    }

    public static Task AlarmAsync(
        NpgsqlConnection connection, string table, string key, string node, string code, DateTimeOffset now,
            CancellationToken ct) =>
        Sql.RunAsync(connection, $"update {table} set alarm_code = $2, alarm_at = $3 where {key} = $1", ct, node,
            code, now);
}
