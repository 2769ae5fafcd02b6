using Exchange.Service.Trust;
using Google.Protobuf;
using Npgsql;
using V1 = Platform.Contracts.Exchange.V1;

namespace Exchange.Service.Capabilities;

/// <summary>Writes one stream as a file that anyone with the root's fingerprint can check offline: header, directory,
/// entries,
/// receipts, each length-delimited.</summary>
public sealed class LedgerExport(
    NpgsqlDataSource source, NodeIdentity node, NodeDirectory directory, TimeProvider clock)
{
    public const string Outgoing = "outgoing", Incoming = "incoming";

    /// <param name="side"><see cref="Outgoing"/> or <see cref="Incoming"/>.</param>
    public async Task WriteAsync(string side, string peer, Stream output, CancellationToken ct)
    {
        var (from, to) = side == Outgoing ? (node.Path, peer) : (peer, node.Path);
        await PutAsync(output, new() { Header = Header(from, to) }, ct);
        foreach (var record in directory.Bundle.Nodes) await PutAsync(output, new() { Record = record.ToWire() }, ct);
        await using var connection = await source.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(
            System.Data.IsolationLevel.RepeatableRead, ct);
        await EntriesAsync(connection, side, peer, output, ct);
        if (side == Outgoing) await ReceiptsAsync(connection, peer, output, ct);
    }

    private V1.LedgerHeader Header(string from, string to) => new()
    {
        StreamFrom = from,
        StreamTo = to,
        ExportedBy = node.Path,
        ExportedAt = clock.GetUtcNow().ToWire(),
        FirstSequence = 1,
        PreviousDigest = ByteString.CopyFrom(Digest.Zero.Span),
    };

    private static async Task EntriesAsync(
        NpgsqlConnection connection, string side, string peer, Stream output, CancellationToken ct)
    {
        var sql = side == Outgoing
            ? "select envelope, null::bytea, sent_at, 0 from outgoing_ledger where to_node = $1 order by sequence"
            : "select envelope, payload_digest, received_at, payload_size from incoming_ledger"
                + " where from_node = $1 order by sequence";
        await using var command = Sql.Command(connection, sql, peer);
        command.CommandTimeout = 0;
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            var envelope = V1.Envelope.Parser.ParseFrom(reader.Bytes(0));
            var payload = reader.IsDBNull(1) ? Digest.Of(envelope.SealedPayload.Span) : reader.Digest(1);
            await PutAsync(output, new()
            {
                Entry = new()
                {
                    Envelope = envelope,
                    PayloadDigest = ByteString.CopyFrom(payload.Span),
                    PayloadSize = reader.IsDBNull(1) ? envelope.SealedPayload.Length : reader.GetInt32(3),
                    At = reader.GetFieldValue<DateTimeOffset>(2).ToWire(),
                },
            }, ct);
        }
    }

    private static async Task ReceiptsAsync(
        NpgsqlConnection connection, string peer, Stream output, CancellationToken ct)
    {
        var receipts = await Sql.ListAsync(connection,
            "select control from receipt where from_node = $1 order by through_sequence", r => r.Bytes(0), ct, peer);
        foreach (var receipt in receipts)
            await PutAsync(output, new() { Receipt = V1.Control.Parser.ParseFrom(receipt) }, ct);
    }

    private static async Task PutAsync(Stream output, V1.LedgerFile line, CancellationToken ct)
    {
        using var buffer = new MemoryStream();
        line.WriteDelimitedTo(buffer);
        await output.WriteAsync(buffer.GetBuffer().AsMemory(0, (int)buffer.Length), ct);
    }
}
