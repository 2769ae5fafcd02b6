using Exchange.Service.Trust;
using Google.Protobuf;
using Npgsql;
using Platform.Hosting;

namespace Exchange.Service.Streams;

/// <summary>A message with its destination settled, sealed and ready to take its place in a stream.</summary>
internal sealed record Prepared(Message Message, string ToNode, string SealKeyId, byte[] SealedPayload);

/// <summary>What a local service handed over.</summary>
internal sealed record Message(
    Guid Id, string FromRegion, string ToRegion, string AddressedTo, string Type, int TypeVersion, byte[] Payload,
    DateTimeOffset OccurredAt, string TraceParent);

/// <summary>Gives messages their places in outgoing streams: sequence, chain, signature, all in the caller's
/// transaction.</summary>
public sealed class OutgoingLedger(
    NodeIdentity node, NodeDirectory directory, Keyring keyring, Sealer sealer, FieldCipher cipher, TimeProvider clock)
{
    internal const string PayloadPurpose = "exchange-outgoing";

    /// <summary>The node a message goes to by the present directory; null: not known (yet).</summary>
    internal NodeRecord? Destination(string toRegion, string addressedTo)
    {
        if (directory.Own is null) return null;
        var record = addressedTo.Length > 0 ? directory.Bundle.Find(addressedTo) : directory.Bundle.Resolve(toRegion);
        return record is { Revoked: false } && record.SealingKeys.Any(k => k.ValidAt(clock.GetUtcNow())) ? record
            : null;
    }

    internal Prepared Prepare(Message m, NodeRecord to)
    {
        var key = to.SealingKeys.First(k => k.ValidAt(clock.GetUtcNow()));
        var context = Canonical.SealContext(m.Id, node.Path, to.Path, m.FromRegion, m.ToRegion, m.Type, m.TypeVersion);
        return new(m, to.Path, key.KeyId, sealer.Seal(key, context, m.Payload));
    }

    /// <summary>Appends in the given order; streams are locked in the order of their names, so that callers never
    /// deadlock.</summary>
    internal async Task AppendAsync(NpgsqlConnection connection, IReadOnlyList<Prepared> items, CancellationToken ct)
    {
        if (items.Count == 0) return;
        var now = Canonical.Microseconds(clock.GetUtcNow());
        var nodes = items.Select(i => i.ToNode).Distinct().Order(StringComparer.Ordinal).ToArray();
        var heads = await LockAsync(connection, nodes, ct);
        var rows = new LedgerRows(items.Count);
        foreach (var item in items)
        {
            var stream = heads[item.ToNode];
            var envelope = Entry(item, stream, now);
            var digest = Canonical.EntryDigest(envelope);
            var decision = OutgoingStreamDecider.Append(stream, envelope.Sequence, envelope.PreviousDigest, digest);
            foreach (var happened in decision.Events) stream = OutgoingStreamDecider.Evolve(stream, happened);
            heads[item.ToNode] = stream;
            rows.Add(envelope, digest,
                envelope.ToWire(item.SealedPayload, keyring.Sign(Canonical.EntryPurpose, digest)));
        }
        await rows.InsertAsync(connection, now, ct);
        await Sql.RunAsync(connection, """
            update outgoing_stream o set head = s.head, head_digest = s.digest
            from unnest($1, $2, $3) as s(node, head, digest) where o.to_node = s.node
            """, ct, nodes, nodes.Select(n => heads[n].Head).ToArray(),
            nodes.Select(n => heads[n].HeadDigest.ToArray()).ToArray());
        await Sql.RunAsync(connection, "select pg_notify('exchange_outgoing', '')", ct);
    }

    /// <summary>Keeps what is needed to address a message anew until its receipt.</summary>
    internal async Task KeepAsync(
        NpgsqlConnection connection, IReadOnlyList<Message> messages, string state, CancellationToken ct)
    {
        if (messages.Count == 0) return;
        await Sql.RunAsync(connection, """
            insert into outgoing_message (message_id, from_region, to_region, addressed_to, type, type_version, payload,
                occurred_at, trace_parent, accepted_at, state, to_node, sequence)
            select m.id, m.from_region, m.to_region, m.addressed_to, m.type, m.version, m.payload, m.at, m.trace,
                $10, $11,
                l.to_node, l.sequence
            from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9) with ordinality
                as m(id, from_region, to_region, addressed_to, type, version, payload, at, trace, n)
            left join lateral (select to_node, sequence from outgoing_ledger where message_id = m.id and $11 = 'sent'
                order by sent_at desc limit 1) l on true
            order by m.n
            """, ct,
            messages.Select(m => m.Id).ToArray(), messages.Select(m => m.FromRegion).ToArray(),
            messages.Select(m => m.ToRegion).ToArray(), messages.Select(m => m.AddressedTo).ToArray(),
            messages.Select(m => m.Type).ToArray(), messages.Select(m => m.TypeVersion).ToArray(),
            messages.Select(m => cipher.Encrypt(m.Payload, PayloadPurpose)).ToArray(),
            messages.Select(m => m.OccurredAt).ToArray(), messages.Select(m => m.TraceParent).ToArray(),
            clock.GetUtcNow(), state);
    }

    private Envelope Entry(Prepared item, OutgoingStream stream, DateTimeOffset now) => new()
    {
        Id = item.Message.Id,
        FromNode = node.Path,
        ToNode = item.ToNode,
        FromRegion = item.Message.FromRegion,
        ToRegion = item.Message.ToRegion,
        Sequence = stream.Head + 1,
        PreviousDigest = stream.HeadDigest,
        Type = item.Message.Type,
        TypeVersion = item.Message.TypeVersion,
        SentAt = now,
        OccurredAt = item.Message.OccurredAt,
        TraceParent = item.Message.TraceParent,
        SealAlgorithm = Hpke.Aes256.Name,
        SealKeyId = item.SealKeyId,
        PayloadDigest = Digest.Of(item.SealedPayload),
        PayloadSize = item.SealedPayload.Length,
    };

    private async Task<Dictionary<string, OutgoingStream>> LockAsync(
        NpgsqlConnection connection, string[] nodes, CancellationToken ct)
    {
        await Sql.RunAsync(connection,
            "insert into outgoing_stream (to_node) select unnest($1) on conflict do nothing", ct, (object)nodes);
        var streams = await Sql.ListAsync(connection, """
            select to_node, head, head_digest from outgoing_stream where to_node = any($1) order by to_node for update
            """,
            r => OutgoingStream.New(new(node.Path, r.GetString(0))) with
            {
                Head = r.GetInt64(1),
                HeadDigest = r.Digest(2),
            },
            ct, (object)nodes);
        return streams.ToDictionary(s => s.Id.To, StringComparer.Ordinal);
    }

    private sealed class LedgerRows(int count)
    {
        private readonly List<string> _nodes = new(count);
        private readonly List<long> _sequences = new(count);
        private readonly List<Guid> _ids = new(count);
        private readonly List<byte[]> _digests = new(count);
        private readonly List<byte[]> _envelopes = new(count);

        public void Add(Envelope e, Digest digest, IMessage wire)
        {
            _nodes.Add(e.ToNode);
            _sequences.Add(e.Sequence);
            _ids.Add(e.Id);
            _digests.Add(digest.ToArray());
            _envelopes.Add(wire.ToByteArray());
        }

        public Task<int> InsertAsync(NpgsqlConnection connection, DateTimeOffset now, CancellationToken ct) =>
            Sql.RunAsync(connection, """
                insert into outgoing_ledger (to_node, sequence, message_id, digest, envelope, sent_at)
                select *, $6 from unnest($1, $2, $3, $4, $5)
                """, ct, _nodes.ToArray(), _sequences.ToArray(), _ids.ToArray(), _digests.ToArray(),
                _envelopes.ToArray(),
                now);
    }
}
