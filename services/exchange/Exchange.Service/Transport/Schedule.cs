using Exchange.Service.Capabilities;
using Exchange.Service.Trust;
using Google.Protobuf;
using Npgsql;
using V1 = Platform.Contracts.Exchange.V1;

namespace Exchange.Service.Transport;

/// <summary>
/// What happens because time passes: enrolment is asked again, heads are stated, directories compared, held messages
/// tried, gaps
/// asked for. State is in columns, so that a restart forgets none of it.
/// </summary>
public sealed partial class Schedule(
    NpgsqlDataSource source, NodeIdentity node, NodeDirectory directory, Enrolment enrolment, ControlSender sender,
    SendMessages messages, Backlog backlog, ExchangeOptions options, TimeProvider clock, ILogger<Schedule> logger)
    : BackgroundService
{
    private DateTimeOffset _askAt, _bundleAt, _statementAt;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        directory.Changed += enrolment.Spread;
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                try { await TickAsync(stoppingToken); }
                catch (Exception e) when (
                    !stoppingToken.IsCancellationRequested) { LogFailed(logger, e.GetType().Name); }
                await Task.Delay(options.TickInterval, clock, stoppingToken);
            }
        }
        finally { directory.Changed -= enrolment.Spread; }
    }

    private async Task TickAsync(CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        if (now >= _askAt)
        {
            await directory.LoadAsync(ct); // another replica may have taken an answer, enrolled or revoked
            if (node.IsRoot) await enrolment.CertifyRootAsync(ct);
            enrolment.AskParent();
            _askAt = now + options.EnrolmentInterval;
        }
        if (now >= _bundleAt && directory.Own is not null && node.Parent is not null)
        {
            sender.Send(node.Parent, V1.ControlKind.BundleDigest,
                new V1.BundleDigest { Digest = ByteString.CopyFrom(directory.Bundle.Digest.Span) });
            _bundleAt = now + options.BundleInterval;
        }
        await messages.PromoteAsync(ct);
        if (now >= _statementAt)
        {
            await StateAsync(now, ct);
            await backlog.RefreshAsync(ct);
            _statementAt = now + Min(options.StatementInterval / 4, TimeSpan.FromSeconds(5));
        }
    }

    /// <summary>Each stream's head goes to its destination: often while something lacks a receipt, now and then when
    /// all is quiet.</summary>
    private async Task StateAsync(DateTimeOffset now, CancellationToken ct)
    {
        await using var connection = await source.OpenConnectionAsync(ct);
        var due = await Sql.ListAsync(connection, """
            update outgoing_stream set stated_at = $1
            where published_through > 0 and (stated_at is null
                or stated_at <= case when receipted_through < published_through then $2 else $3 end)
            returning to_node, published_through, receipted_through
            """, r => (To: r.GetString(0), Head: r.GetInt64(1), Receipted: r.GetInt64(2)), ct,
            now, now - options.StatementInterval, now - options.QuietStatementInterval);
        foreach (var stream in due)
        {
            var digest = await Sql.ScalarAsync<byte[]>(connection,
                "select digest from outgoing_ledger where to_node = $1 and sequence = $2", ct, stream.To, stream.Head);
            sender.Send(stream.To, V1.ControlKind.DigestStatement, new V1.DigestStatement
            {
                HeadSequence = stream.Head,
                HeadDigest = ByteString.CopyFrom(digest),
                ReceiptedThrough = stream.Receipted,
            });
        }
    }

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;

    [LoggerMessage(3070, LogLevel.Warning, "Schedule skips a beat: {ExceptionCode}")]
    private static partial void LogFailed(ILogger logger, string exceptionCode);
}
