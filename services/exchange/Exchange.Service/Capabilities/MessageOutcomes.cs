using Google.Protobuf.WellKnownTypes;
using Npgsql;
using Platform.Hosting;
using Platform.Kernel;
using V1 = Platform.Contracts.Exchange.V1;

namespace Exchange.Service.Capabilities;

/// <summary>
/// What became of messages of this node, from its own ledgers: the place in the stream, the receipt, the refusal.
/// </summary>
public sealed class MessageOutcomes(NpgsqlDataSource source, ExchangeOptions options)
{
    // A message addressed anew stands in the ledger more than once; the last place counts.
    private const string Query = """
        select a.id, l.to_node, l.sequence, l.sent_at, s.receipted_through >= l.sequence,
               coalesce(m.refused_code, d.code)
        from unnest($1) as a(id)
        left join lateral (select to_node, sequence, sent_at from outgoing_ledger
            where message_id = a.id order by sent_at desc limit 1) l on true
        left join outgoing_message m on m.message_id = a.id
        left join outgoing_stream s on s.to_node = l.to_node
        left join lateral (select code from desk_item
            where side = 'outgoing' and node = l.to_node and message_id = a.id limit 1) d on true
        where l.to_node is not null or m.message_id is not null
        """;

    internal async Task<List<V1.MessageOutcome>> RunAsync(IReadOnlyList<string> asked, CancellationToken ct)
    {
        if (asked.Count > options.SendBatchMax)
        {
            throw new ProblemException(new(ProblemKind.TooLarge, "EXCHANGE_TOO_MANY_IDS",
                $"At most {options.SendBatchMax} messages at a time.", $"每次最多查询 {options.SendBatchMax} 条消息。"));
        }
        var ids = asked.Select(id => Wire.Uuid(id, "message_ids")).ToArray();
        await using var connection = await source.OpenConnectionAsync(ct);
        return await Sql.ListAsync(connection, Query, Outcome, ct, ids);
    }

    private static V1.MessageOutcome Outcome(NpgsqlDataReader r)
    {
        var (isSent, code) = (!r.IsDBNull(1), r.Text(5));
        return new()
        {
            MessageId = r.GetGuid(0).ToString("D"),
            ToNode = r.Text(1) ?? "",
            Sequence = isSent ? r.GetInt64(2) : 0,
            SentAt = isSent ? Timestamp.FromDateTimeOffset(r.GetFieldValue<DateTimeOffset>(3)) : null,
            Code = code ?? "",
            State = code is not null ? V1.MessageState.Refused : !isSent ? V1.MessageState.Held
                : r.GetBoolean(4) ? V1.MessageState.Receipted : V1.MessageState.Sent,
        };
    }
}
