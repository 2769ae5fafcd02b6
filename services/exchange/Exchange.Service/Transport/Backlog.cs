using System.Diagnostics.Metrics;
using Npgsql;

namespace Exchange.Service.Transport;

/// <summary>How much is under way; refreshed by the schedule, read by the metrics.</summary>
public sealed class Backlog : IDisposable
{
    private readonly NpgsqlDataSource _source;
    private readonly TimeProvider _clock;
    private readonly Meter _meter = new("Platform.Exchange");
    private (long Unreceipted, long Pending, long Open, double OldestSeconds) _now;

    public Backlog(NpgsqlDataSource source, TimeProvider clock)
    {
        (_source, _clock) = (source, clock);
        _meter.CreateObservableGauge("exchange.backlog", () => _now.Unreceipted, "{message}", "sent, no receipt yet");
        _meter.CreateObservableGauge(
            "exchange.pending", () => _now.Pending, "{message}", "held: destination not known yet");
        _meter.CreateObservableGauge(
            "exchange.oldest_unreceipted", () => _now.OldestSeconds, "s", "age of the oldest without receipt");
        _meter.CreateObservableGauge("exchange.desk_open", () => _now.Open, "{item}", "open items at the desk");
    }

    public async Task RefreshAsync(CancellationToken ct)
    {
        await using var command = _source.CreateCommand("""
            select (select coalesce(sum(head - receipted_through), 0)::bigint from outgoing_stream),
                (select count(*) from outgoing_message where state = 'pending'),
                (select count(*) from desk_item where status = 'open'),
                (select min(l.sent_at) from outgoing_stream s join outgoing_ledger l
                    on l.to_node = s.to_node and l.sequence = s.receipted_through + 1)
            """);
        await using var reader = await command.ExecuteReaderAsync(ct);
        await reader.ReadAsync(ct);
        var oldest = reader.Instant(3) is { } at ? (_clock.GetUtcNow() - at).TotalSeconds : 0;
        _now = (reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2), oldest);
    }

    public void Dispose() => _meter.Dispose();
}
