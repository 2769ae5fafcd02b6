using Exchange.Service.Streams;
using Google.Protobuf;
using Npgsql;
using Platform.Hosting;
using Platform.Kernel;
using V1 = Platform.Contracts.Exchange.V1;

namespace Exchange.Service.Capabilities;

/// <summary>What a service made of an arrival. A refusal goes to the desk here and, through the stream back, to the
/// origin's desk.</summary>
public sealed class SettleArrival(
    NpgsqlDataSource source, OutgoingLedger ledger, NodeIdentity node, Signals signals, TimeProvider clock)
{
    internal async Task RunAsync(V1.SettleRequest request, CancellationToken ct)
    {
        var id = Wire.Uuid(request.MessageId, "message_id");
        var refused = request.Outcome switch
        {
            V1.SettleOutcome.Applied => false,
            V1.SettleOutcome.Refused => true,
            _ => throw new ProblemException(
                new(ProblemKind.Invalid, "EXCHANGE_OUTCOME_MISSING", "outcome must be applied or refused.",
                    "outcome 须为 applied 或 refused。")),
        };
        var outcome = refused ? "refused" : "applied";
        await using var connection = await source.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        var rows = await Sql.ListAsync(connection, """
            select from_node, sequence, type, settled, envelope from incoming_ledger
            where message_id = $1 and position is not null order by position desc limit 1 for update
            """,
            r => (From: r.GetString(0), Sequence: r.GetInt64(1), Type: r.GetString(2), Settled: r.Text(3),
                Envelope: r.Bytes(4)),
            ct, id);
        if (rows is not [var row]) throw new ProblemException(ExchangeProblems.ArrivalNotFound(id));
        if (row.Settled == outcome) return;
        if (row.Settled is not null) throw new ProblemException(ExchangeProblems.ArrivalSettled(id));
        await Sql.RunAsync(connection, """
            update incoming_ledger set settled = $3, settled_code = $4,
                settled_at = $5 where from_node = $1 and sequence = $2
            """, ct, row.From, row.Sequence, outcome,
            request.Code.Length > 0 ? Cut(request.Code, 100) : null, clock.GetUtcNow());
        if (refused) await TellAsync(connection, id, row.From, row.Sequence, row.Type, row.Envelope, request, ct);
        await transaction.CommitAsync(ct);
        if (refused) signals.Outgoing.Set();
    }

    private async Task TellAsync(
        NpgsqlConnection connection, Guid id, string from, long sequence, string type, byte[] envelope,
        V1.SettleRequest request, CancellationToken ct)
    {
        var now = Canonical.Microseconds(clock.GetUtcNow());
        var (code, detail) = (request.Code.Length > 0 ? Cut(request.Code, 100) : "REFUSED", Cut(request.Detail, 500));
        await Desk.AddAsync(connection, [new("incoming", from, sequence, id, type, code, detail)], now, ct);
        var said = new V1.Settlement { MessageId = id.ToString("D"), Code = code, Detail = detail };
        var original = V1.Envelope.Parser.ParseFrom(envelope);
        var message = new Message(Guid.CreateVersion7(now), original.ToRegion.Length > 0 ? original.ToRegion : Region(),
            "", from, Rules.Settlement, 1, said.ToByteArray(), now, original.TraceParent);
        var to = ledger.Destination("", from);
        if (to is not null) await ledger.AppendAsync(connection, [ledger.Prepare(message, to)], ct);
        await ledger.KeepAsync(connection, [message], to is null ? "pending" : "sent", ct);
    }

    /// <summary>A region this node speaks for when the message named none: its first, filled up to six
    /// digits.</summary>
    private string Region() => node.Regions[0].PadRight(6, '0')[..6];

    private static string Cut(string text, int max) => text.Length <= max ? text : text[..max];
}
