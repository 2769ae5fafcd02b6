using System.Diagnostics;
using Exchange.Service.Streams;
using Npgsql;
using Platform.Hosting;
using V1 = Platform.Contracts.Exchange.V1;

namespace Exchange.Service.Capabilities;

/// <summary>
/// Local services hand messages over. Each batch is one transaction; the order per pair of regions is kept even while
/// a region
/// moves from one node to another: newer messages wait (pending) until the older ones have their receipt.
/// </summary>
public sealed class SendMessages(
    NpgsqlDataSource source, NodeIdentity node, OutgoingLedger ledger, FieldCipher cipher, Signals signals,
    ExchangeOptions options, TimeProvider clock)
{
    private const int PromoteBatch = 500;

    internal async Task<IReadOnlyList<V1.SendResult>> RunAsync(IReadOnlyList<V1.Outgoing> items, CancellationToken ct)
    {
        if (items.Count > options.SendBatchMax) throw new ProblemException(
            ExchangeProblems.BatchTooLarge(options.SendBatchMax));
        using var activity = ExchangeTelemetry.Source.StartActivity("exchange.send");
        activity?.SetTag("messages", items.Count);
        var results = items.Select(Judge).ToList();
        var good = results.Where(r => r.Message is not null).Select(r => r.Message!).ToList();
        if (good.Count > 0)
        {
            var known = await SaveAsync(good, ct);
            signals.Outgoing.Set();
            ExchangeTelemetry.Sent.Add(good.Count - known.Count);
            results = [.. results.Select(r => r.Message is { } m && !known.Add(m.Id) ? r with { Already = true } : r)];
        }
        return [.. results.Select(r => r.ToReply())];
    }

    /// <summary>Moves held messages into their streams as far as their destinations are known and the order
    /// allows.</summary>
    public async Task<int> PromoteAsync(CancellationToken ct)
    {
        await using var connection = await source.OpenConnectionAsync(ct);
        if (!await Sql.ScalarAsync<bool>(connection,
            "select exists (select from outgoing_message where state = 'pending')", ct)) return 0;
        await using var transaction = await connection.BeginTransactionAsync(ct);
        var targets = await Sql.ListAsync(connection, """
            select distinct to_region, addressed_to from outgoing_message where state = 'pending'
            """, r => new Target(r.GetString(0), r.GetString(1)), ct);
        await LockRoutesAsync(connection, targets, ct);
        var promoted = 0;
        foreach (var target in targets.OrderBy(t => t.ToString(), StringComparer.Ordinal))
        {
            if (ledger.Destination(target.ToRegion, target.AddressedTo) is not { } to) continue;
            if (await OutstandingElsewhereAsync(connection, target, to.Path, ct)) continue;
            var held = await HeldAsync(connection, target, ct);
            await ledger.AppendAsync(connection, [.. held.Select(m => ledger.Prepare(m, to))], ct);
            await MarkSentAsync(connection, held, to.Path, ct);
            await RouteAsync(connection, target, to.Path, ct);
            promoted += held.Count;
        }
        await transaction.CommitAsync(ct);
        if (promoted > 0) signals.Outgoing.Set();
        return promoted;
    }

    /// <returns>The ids that were accepted before.</returns>
    private async Task<HashSet<Guid>> SaveAsync(List<Message> messages, CancellationToken ct)
    {
        await using var connection = await source.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        var targets = messages.Select(m => new Target(m.ToRegion, m.AddressedTo)).Distinct().ToList();
        var routes = await LockRoutesAsync(connection, targets, ct);
        var ids = messages.Select(m => m.Id).ToArray();
        var known = (await Sql.ListAsync(connection, """
            select message_id from outgoing_message where message_id = any($1)
            union select message_id from outgoing_ledger where message_id = any($1)
            """, r => r.GetGuid(0), ct, ids)).ToHashSet();
        var fresh = messages.Where(m => !known.Contains(m.Id)).DistinctBy(m => m.Id).ToList();
        var destinations = new Dictionary<Target, NodeRecord?>();
        foreach (var target in targets)
            destinations[target] = await OpenRouteAsync(connection, target, routes, ct);
        NodeRecord? To(Message m) => destinations[new(m.ToRegion, m.AddressedTo)];
        var ready = fresh.Where(m => To(m) is not null).ToList();
        await ledger.AppendAsync(connection, [.. ready.Select(m => ledger.Prepare(m, To(m)!))], ct);
        await ledger.KeepAsync(connection, ready, "sent", ct);
        await ledger.KeepAsync(connection, [.. fresh.Where(m => To(m) is null)], "pending", ct);
        await transaction.CommitAsync(ct);
        return known;
    }

    /// <summary>Where messages to this target may go now; null: they wait.</summary>
    private async Task<NodeRecord?> OpenRouteAsync(NpgsqlConnection connection, Target target,
        Dictionary<Target, string> routes, CancellationToken ct)
    {
        if (ledger.Destination(target.ToRegion, target.AddressedTo) is not { } to) return null;
        if (routes.GetValueOrDefault(target) == to.Path)
            return await WaitingAsync(connection, target, ct) ? null : to;
        if (await UnsettledAsync(connection, target, to.Path, ct)) return null;
        await RouteAsync(connection, target, to.Path, ct);
        return to;
    }

    private static async Task<Dictionary<Target, string>> LockRoutesAsync(
        NpgsqlConnection connection, List<Target> targets, CancellationToken ct)
    {
        var sorted = targets.OrderBy(t => t.ToString(), StringComparer.Ordinal).ToArray();
        var regions = sorted.Select(t => t.ToRegion).ToArray();
        var addressed = sorted.Select(t => t.AddressedTo).ToArray();
        await Sql.RunAsync(connection, """
            insert into region_route (to_region, addressed_to, to_node)
            select r, a, '' from unnest($1, $2) as t(r, a) on conflict do nothing
            """, ct, regions, addressed);
        var rows = await Sql.ListAsync(connection, """
            select to_region, addressed_to, to_node from region_route
            where (to_region, addressed_to) in (select * from unnest($1, $2))
            order by to_region || '/' || addressed_to collate "C" for update
            """, r => (new Target(r.GetString(0), r.GetString(1)), r.GetString(2)), ct, regions, addressed);
        return rows.ToDictionary(r => r.Item1, r => r.Item2);
    }

    private static Task<int> RouteAsync(NpgsqlConnection connection, Target target, string to, CancellationToken ct) =>
        Sql.RunAsync(connection, "update region_route set to_node = $3 where to_region = $1 and addressed_to = $2", ct,
            target.ToRegion, target.AddressedTo, to);

    private static async Task<bool> WaitingAsync(NpgsqlConnection connection, Target target, CancellationToken ct) =>
        await Sql.ScalarAsync<bool>(connection, """
            select exists (select from outgoing_message
                where to_region = $1 and addressed_to = $2 and state = 'pending')
            """, ct, target.ToRegion, target.AddressedTo);

    private static async Task<bool> OutstandingElsewhereAsync(
        NpgsqlConnection connection, Target target, string to, CancellationToken ct) =>
        await Sql.ScalarAsync<bool>(connection, """
            select exists (select from outgoing_message
                where to_region = $1 and addressed_to = $2 and state = 'sent' and to_node <> $3)
            """, ct, target.ToRegion, target.AddressedTo, to);

    /// <summary>Whether an older message waits or has no receipt from where it went. One statement: a receipt makes a
    /// sent message a waiting one, and two statements, one before it and one after, would see neither.</summary>
    private static async Task<bool> UnsettledAsync(
        NpgsqlConnection connection, Target target, string to, CancellationToken ct) =>
        await Sql.ScalarAsync<bool>(connection, """
            select exists (select from outgoing_message where to_region = $1 and addressed_to = $2
                and (state = 'pending' or state = 'sent' and to_node <> $3))
            """, ct, target.ToRegion, target.AddressedTo, to);

    private Task<List<Message>> HeldAsync(NpgsqlConnection connection, Target target, CancellationToken ct) =>
        Sql.ListAsync(connection, $"""
            select message_id, from_region, to_region, addressed_to, type, type_version, payload, occurred_at,
                trace_parent
            from outgoing_message where state = 'pending' and to_region = $1 and addressed_to = $2
            order by ordinal limit {PromoteBatch}
            """,
            r => new Message(r.GetGuid(0), r.GetString(1), r.GetString(2), r.GetString(3), r.GetString(4),
                r.GetInt32(5),
                cipher.Decrypt(r.Bytes(6), OutgoingLedger.PayloadPurpose), r.GetFieldValue<DateTimeOffset>(7),
                    r.GetString(8)),
            ct, target.ToRegion, target.AddressedTo);

    private static Task<int> MarkSentAsync(
        NpgsqlConnection connection, List<Message> held, string to, CancellationToken ct) =>
        Sql.RunAsync(connection, """
            update outgoing_message m set state = 'sent', to_node = l.to_node, sequence = l.sequence,
                refused_code = null
            from outgoing_ledger l
            where m.message_id = any($1) and l.message_id = m.message_id and l.to_node = $2
                and l.sequence = (select max(sequence) from outgoing_ledger x where x.to_node = $2 and x.message_id =
                    m.message_id)
            """, ct, held.Select(m => m.Id).ToArray(), to);

    private Judged Judge(V1.Outgoing item)
    {
        // "parent" may also stand in to_region, where writers have only one field for the address.
        var toParent = item.ToNode == "parent" || item.ToRegion == "parent";
        var addressed = toParent ? node.Parent ?? "" : item.ToNode;
        var region = toParent || addressed.Length > 0 ? "" : item.ToRegion;
        var code = item switch
        {
            _ when !Guid.TryParse(item.MessageId, out _) => ExchangeCodes.MessageIdMalformed,
            _ when !IsRegion(item.FromRegion) => ExchangeCodes.RegionMalformed,
            _ when !node.Covers(item.FromRegion) => ExchangeCodes.FromRegionNotServed,
            _ when toParent && node.IsRoot => ExchangeCodes.NoParent,
            _ when addressed.Length == 0 && !IsRegion(region) => ExchangeCodes.RegionMalformed,
            _ when addressed.Length > 200 => ExchangeCodes.RegionMalformed,
            _ when !Rules.IsType(item.Type) || item.TypeVersion > 10000 || item.TraceParent.Length > 100 =>
                ExchangeCodes.TypeMalformed,
            _ when item.Type.StartsWith(Rules.OwnTypes, StringComparison.Ordinal) => ExchangeCodes.TypeMalformed,
            _ when item.Payload.Length > options.PayloadMax => ExchangeCodes.PayloadTooLarge,
            _ => null,
        };
        if (code is not null) return new(item.MessageId, code, null);
        var occurred = item.OccurredAt is null ? clock.GetUtcNow() : item.OccurredAt.ToCore();
        var trace = item.TraceParent.Length > 0 ? item.TraceParent : Activity.Current?.Id ?? "";
        return new(item.MessageId, null, new(Guid.Parse(item.MessageId), item.FromRegion, region, addressed, item.Type,
            Math.Max(1, (int)item.TypeVersion), item.Payload.ToByteArray(), Canonical.Microseconds(occurred), trace));
    }

    private static bool IsRegion(string code) => code.Length == 6 && code.All(char.IsAsciiDigit);

    private sealed record Target(string ToRegion, string AddressedTo)
    {
        public override string ToString() => $"{ToRegion}/{AddressedTo}";
    }

    private sealed record Judged(string Id, string? Code, Message? Message, bool Already = false)
    {
        public V1.SendResult ToReply() => new()
        {
            MessageId = Id,
            Code = Code ?? "",
            Outcome = Code is not null ? V1.SendOutcome.Refused
                : Already ? V1.SendOutcome.Already : V1.SendOutcome.Accepted,
        };
    }
}
