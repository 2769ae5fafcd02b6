using System.Diagnostics;
using Exchange.Service.Trust;
using Npgsql;
using V1 = Platform.Contracts.Exchange.V1;

namespace Exchange.Service.Streams;

/// <summary>
/// Whether an accepted entry is delivered: size, regions, type, seal, replay. A refused one keeps its place in the
/// stream, so that
/// the chain goes on, and the receipt names it.
/// </summary>
public sealed class ContentCheck(NodeIdentity node, NodeDirectory directory, Keyring keyring, ExchangeOptions options)
{
    internal async Task<List<Placed>> JudgeAsync(
        NpgsqlConnection connection, List<Arrived> entries, CancellationToken ct)
    {
        if (entries.Count == 0) return [];
        // A message id is delivered once; a message that a service refused may be sent again.
        var delivered = (await Sql.ListAsync(connection, """
            select from_node, message_id from incoming_ledger
            where message_id = any($1) and position is not null and settled is distinct from 'refused'
            """, r => (r.GetString(0), r.GetGuid(1)), ct, entries.Select(e => e.Core.Id).ToArray())).ToHashSet();
        var placed = new List<Placed>(entries.Count);
        foreach (var entry in entries) placed.Add(Judge(entry, delivered));
        return placed;
    }

    /// <summary>What the other side's services could not apply, for our desk.</summary>
    internal IEnumerable<DeskEntry> Settlements(IEnumerable<Placed> placed) =>
        from p in placed
        where p is { RefusedCode: null, Arrived.Core.Type: Rules.Settlement }
        let s = V1.Settlement.Parser.ParseFrom(keyring.Open(p.Arrived.Core, p.Arrived.Wire.SealedPayload.Span))
        select new DeskEntry(
            "outgoing", p.Arrived.Core.FromNode, null, Guid.Parse(s.MessageId), null, s.Code, s.Detail);

    private Placed Judge(Arrived entry, HashSet<(string, Guid)> delivered)
    {
        var e = entry.Core;
        using var activity = ExchangeTelemetry.Continue("exchange.receive", e.TraceParent, ActivityKind.Consumer);
        activity?.SetTag("node", e.FromNode).SetTag("sequence", e.Sequence).SetTag("type", e.Type);
        var serving = e.ToRegion.Length == 0 ? null : directory.Bundle.Resolve(e.ToRegion);
        var code = e switch
        {
            _ when e.PayloadSize > IncomingTables.Limit(options.PayloadMax) => ExchangeCodes.PayloadTooLarge,
            _ when directory.Bundle.Find(e.FromNode) is not { } sender || !sender.Covers(e.FromRegion) =>
                ExchangeCodes.WrongRegion,
            _ when !Rules.IsType(e.Type) => ExchangeCodes.UnknownType,
            _ when e.ToRegion.Length > 0 && serving is null => ExchangeCodes.NotServed,
            _ when serving is not null && serving.Path != node.Path => ExchangeCodes.Moved,
            _ => Version(e) ?? (Opens(entry) ? null : ExchangeCodes.Undecryptable),
        };
        var own = e.Type.StartsWith(Rules.OwnTypes, StringComparison.Ordinal);
        if (code is null && own && !IsSettlement(entry)) code = ExchangeCodes.UnknownType;
        if (code is null && !own && !delivered.Add((e.FromNode, e.Id))) code = ExchangeCodes.Replayed;
        return new(entry, code, code == ExchangeCodes.Moved ? serving!.Path : null, code is null && !own);
    }

    private string? Version(Envelope e)
    {
        if (options.AcceptedTypes.Count == 0
            || e.Type.StartsWith(Rules.OwnTypes, StringComparison.Ordinal)) return null;
        var best = options.AcceptedTypes.Where(t => e.Type.StartsWith(t.Key, StringComparison.Ordinal))
            .OrderByDescending(t => t.Key.Length).Select(t => (int?)t.Value).FirstOrDefault();
        return best is null ? ExchangeCodes.UnknownType : e.TypeVersion > best ? ExchangeCodes.UnknownVersion : null;
    }

    private bool Opens(Arrived entry) => keyring.Open(entry.Core, entry.Wire.SealedPayload.Span) is not null;

    private bool IsSettlement(Arrived entry)
    {
        if (entry.Core.Type != Rules.Settlement) return false;
        try
        {
            var body = V1.Settlement.Parser.ParseFrom(keyring.Open(entry.Core, entry.Wire.SealedPayload.Span));
            return Guid.TryParse(body.MessageId, out _) && body.Code.Length is > 0 and <= 100
                && body.Detail.Length <= 500;
        }
        catch (Google.Protobuf.InvalidProtocolBufferException) { return false; }
    }
}
