using Npgsql;

namespace Exchange.Service.Streams;

/// <summary>Rows of incoming streams: read and written in batches.</summary>
internal static class IncomingTables
{
    /// <summary>Locks the streams, in the order of their names; new ones are made.</summary>
    public static async Task<Dictionary<string, IncomingStream>> LockAsync(
        NpgsqlConnection connection, string self, string[] from, CancellationToken ct)
    {
        var names = from.Order(StringComparer.Ordinal).ToArray();
        await Sql.RunAsync(connection,
            "insert into incoming_stream (from_node) select unnest($1) on conflict do nothing", ct, (object)names);
        var rows = await Sql.ListAsync(connection, """
            select from_node, through, digest, acknowledged_through, heard from incoming_stream
            where from_node = any($1) order by from_node for update
            """, r => new IncomingStream
            {
                Id = new(r.GetString(0), self),
                Through = r.GetInt64(1),
                Digest = r.Digest(2),
                AcknowledgedThrough = r.GetInt64(3),
                Heard = r.GetInt64(4),
            }, ct, (object)names);
        return rows.ToDictionary(s => s.Id.From, StringComparer.Ordinal);
    }

    /// <summary>Digests of our ledger at the given places, where we have them.</summary>
    public static async Task<Dictionary<(string, long), Digest>> DigestsAsync(
        NpgsqlConnection connection, IReadOnlyList<(string From, long Sequence)> places, CancellationToken ct)
    {
        if (places.Count == 0) return [];
        var rows = await Sql.ListAsync(connection, """
            select l.from_node, l.sequence, l.digest from unnest($1, $2) as p(f, s)
            join incoming_ledger l on l.from_node = p.f and l.sequence = p.s
            """, r => (r.GetString(0), r.GetInt64(1), r.Digest(2)), ct,
            places.Select(p => p.From).ToArray(), places.Select(p => p.Sequence).ToArray());
        var found = new Dictionary<(string, long), Digest>();
        foreach (var (from, sequence, digest) in rows) found[(from, sequence)] = digest;
        return found;
    }

    /// <summary>Early entries of each stream, without their bytes.</summary>
    public static async Task<Dictionary<string, Dictionary<long, IncomingEntry>>> BuffersAsync(
        NpgsqlConnection connection, string[] from, CancellationToken ct)
    {
        var buffers = from.ToDictionary(f => f, _ => new Dictionary<long, IncomingEntry>(), StringComparer.Ordinal);
        var rows = await Sql.ListAsync(connection, """
            select from_node, sequence, previous_digest, digest from incoming_gap where from_node = any($1)
            """, r => (r.GetString(0), new IncomingEntry(r.GetInt64(1), r.Digest(2), r.Digest(3))), ct, (object)from);
        foreach (var (node, entry) in rows) buffers[node][entry.Sequence] = entry;
        return buffers;
    }

    public static async Task<Dictionary<long, byte[]>> BufferedBytesAsync(
        NpgsqlConnection connection, string from, long[] sequences, CancellationToken ct) =>
        (await Sql.ListAsync(connection,
            "select sequence, envelope from incoming_gap where from_node = $1 and sequence = any($2)",
            r => (r.GetInt64(0), r.Bytes(1)), ct, from, sequences)).ToDictionary(r => r.Item1, r => r.Item2);

    public static Task BufferAsync(
        NpgsqlConnection connection, IReadOnlyList<Arrived> early, DateTimeOffset now, CancellationToken ct) =>
        early.Count == 0 ? Task.CompletedTask : Sql.RunAsync(connection, """
            insert into incoming_gap (from_node, sequence, digest, previous_digest, envelope, received_at)
            select *, $6 from unnest($1, $2, $3, $4, $5) on conflict do nothing
            """, ct, early.Select(a => a.Core.FromNode).ToArray(), early.Select(a => a.Core.Sequence).ToArray(),
            early.Select(a => a.Digest.ToArray()).ToArray(),
                early.Select(a => a.Core.PreviousDigest.ToArray()).ToArray(),
            early.Select(a => a.Bytes).ToArray(), now);

    /// <summary>Enters the accepted into the ledger; delivered ones get the next positions, in this order.</summary>
    public static async Task EnterAsync(
        NpgsqlConnection connection, IReadOnlyList<Placed> placed, int payloadMax, DateTimeOffset now,
            CancellationToken ct)
    {
        if (placed.Count == 0) return;
        var delivered = placed.Count(p => p.Delivered);
        // One row for the whole node: positions become visible in their own order.
        var last = delivered == 0 ? 0 : await Sql.ScalarAsync<long>(connection,
            "update delivery_counter set position = position + $1 returning position", ct, (long)delivered);
        var next = last - delivered;
        var positions = placed.Select(p => p.Delivered ? ++next : (long?)null).ToArray();
        await Sql.RunAsync(connection, """
            insert into incoming_ledger (from_node, sequence, message_id, digest, envelope, payload_digest,
                payload_size, type,
                position, refused_code, moved_to, received_at)
            select *, $12 from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
            """, ct, placed.Select(p => p.Arrived.Core.FromNode).ToArray(),
            placed.Select(p => p.Arrived.Core.Sequence).ToArray(),
            placed.Select(p => p.Arrived.Core.Id).ToArray(), placed.Select(p => p.Arrived.Digest.ToArray()).ToArray(),
            placed.Select(p => Kept(p.Arrived, payloadMax)).ToArray(),
            placed.Select(p => p.Arrived.Core.PayloadDigest.ToArray()).ToArray(),
            placed.Select(p => p.Arrived.Core.PayloadSize).ToArray(), placed.Select(p => p.Arrived.Core.Type).ToArray(),
            positions, placed.Select(p => p.RefusedCode).ToArray(), placed.Select(p => p.MovedTo).ToArray(), now);
    }

    public static async Task SaveAsync(
        NpgsqlConnection connection, IReadOnlyCollection<IncomingStream> streams, DateTimeOffset now,
            CancellationToken ct)
    {
        if (streams.Count == 0) return;
        await Sql.RunAsync(connection, """
            update incoming_stream i set through = s.through, digest = s.digest, acknowledged_through = s.acknowledged,
                heard = s.heard, received_at = $6
            from unnest($1, $2, $3, $4, $5) as s(node, through, digest, acknowledged, heard) where i.from_node = s.node
            """, ct, streams.Select(s => s.Id.From).ToArray(), streams.Select(s => s.Through).ToArray(),
            streams.Select(s => s.Digest.ToArray()).ToArray(), streams.Select(s => s.AcknowledgedThrough).ToArray(),
            streams.Select(s => s.Heard).ToArray(), now);
        await Sql.RunAsync(connection, """
            delete from incoming_gap g using unnest($1, $2) as s(node, through)
            where g.from_node = s.node and g.sequence <= s.through
            """, ct, streams.Select(s => s.Id.From).ToArray(), streams.Select(s => s.Through).ToArray());
    }

    /// <summary>An oversize payload is not kept; its digest still holds the chain.</summary>
    private static byte[] Kept(Arrived arrived, int payloadMax)
    {
        if (arrived.Core.PayloadSize <= Limit(payloadMax)) return arrived.Bytes;
        var empty = arrived.Wire.Clone();
        empty.SealedPayload = Google.Protobuf.ByteString.Empty;
        return Google.Protobuf.MessageExtensions.ToByteArray(empty);
    }

    public static int Limit(int payloadMax) => payloadMax + Hpke.EncapsulatedSize + Hpke.TagSize;
}
