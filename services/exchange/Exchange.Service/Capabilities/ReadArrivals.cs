using System.Diagnostics;
using Exchange.Service.Trust;
using Google.Protobuf;
using Grpc.Core;
using Npgsql;
using V1 = Platform.Contracts.Exchange.V1;

namespace Exchange.Service.Capabilities;

/// <summary>Streams what was delivered, by position, out of the ledger: decrypted on the way, kept as
/// ciphertext.</summary>
public sealed class ReadArrivals(
    NpgsqlDataSource source, Keyring keyring, Signals signals, TimeProvider clock, IHostApplicationLifetime life)
{
    private const int Batch = 500;
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(1);

    internal async Task RunAsync(
        V1.ArrivalsRequest request, IServerStreamWriter<V1.Arrival> output, CancellationToken caller)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(caller, life.ApplicationStopping);
        var position = request.AfterPosition;
        try
        {
            while (true)
            {
                var next = signals.Delivered.Next;
                var rows = await ReadAsync(position, stop.Token);
                foreach (var row in rows)
                {
                    position = row.Position;
                    if (!row.Type.StartsWith(request.TypePrefix, StringComparison.Ordinal)) continue;
                    if (Open(row) is { } arrival) await output.WriteAsync(arrival, stop.Token);
                }
                if (rows.Count < Batch) await Wake.WaitAsync(next, LookAgain, clock, stop.Token);
            }
        }
        catch (OperationCanceledException) when (
            life.ApplicationStopping.IsCancellationRequested && !caller.IsCancellationRequested)
        {
            throw new RpcException(
                new(StatusCode.Unavailable, "The exchange is stopping; read on from your position."));
        }
    }

    private async Task<List<Row>> ReadAsync(long after, CancellationToken ct)
    {
        await using var connection = await source.OpenConnectionAsync(ct);
        return await Sql.ListAsync(connection, $"""
            select position, type, envelope,
                received_at from incoming_ledger where position > $1 order by position limit {Batch}
            """,
            r => new Row(r.GetInt64(0), r.GetString(1), r.Bytes(2), r.GetFieldValue<DateTimeOffset>(3)), ct, after);
    }

    private V1.Arrival? Open(Row row)
    {
        var wire = V1.Envelope.Parser.ParseFrom(row.Envelope);
        var envelope = wire.ToCore(Digest.Zero, 0)!;
        using var activity = ExchangeTelemetry.Continue(
            "exchange.deliver", envelope.TraceParent, ActivityKind.Internal);
        var payload = keyring.Open(envelope, wire.SealedPayload.Span);
        return payload is null ? null : new()
        {
            Position = row.Position,
            MessageId = wire.Id,
            FromNode = wire.FromNode,
            FromRegion = wire.FromRegion,
            ToRegion = wire.ToRegion,
            Type = wire.Type,
            TypeVersion = wire.TypeVersion,
            Payload = UnsafeByteOperations.UnsafeWrap(payload),
            OccurredAt = wire.OccurredAt,
            ReceivedAt = row.ReceivedAt.ToWire(),
            TraceParent = activity?.Id ?? wire.TraceParent,
        };
    }

    private sealed record Row(long Position, string Type, byte[] Envelope, DateTimeOffset ReceivedAt);
}
