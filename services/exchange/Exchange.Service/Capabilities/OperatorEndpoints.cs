using Exchange.Service.Transport;
using Exchange.Service.Trust;
using Npgsql;
using Platform.Hosting;
using Platform.Kernel;

namespace Exchange.Service.Capabilities;

/// <summary>What operators and auditors see of the border post: streams, directory, ledgers, whether a node
/// answers.</summary>
internal static class OperatorEndpoints
{
    public sealed record RevocationCommand(string Reason);

    public static void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/v1/exchange").WithTags("exchange");
        group.MapGet("streams", StreamsAsync).WithSummary("Streams to and from other nodes, with lag and head digests");
        group.MapGet("nodes", Nodes).WithSummary("The node directory as this node believes it");
        group.MapPost("nodes/{path}/ping", PingAsync)
            .WithSummary("Connection test: a signed question and answer through the brokers");
        group.MapPost("nodes/{path}/revocation", RevokeAsync).WithSummary("Withdraw a child's certificate");
        group.MapGet("ledgers/{side}/{peer}", ExportAsync)
            .WithSummary("A stream's ledger as a file for the offline check");
    }

    private static async Task<IResult> StreamsAsync(NpgsqlDataSource source, CallerContext caller, CancellationToken ct)
    {
        caller.Current.RequireRole(Roles.Operator, Roles.Auditor);
        await using var connection = await source.OpenConnectionAsync(ct);
        var outgoing = await Sql.ListAsync(connection, """
            select s.to_node, head, encode(head_digest, 'hex'), published_through, receipted_through, receipt_at,
                attempt, resend_at,
                refusal_code, alarm_code, alarm_at, l.sent_at
            from outgoing_stream s left join outgoing_ledger l on l.to_node = s.to_node and l.sequence =
                s.receipted_through + 1
            order by s.to_node
            """, r => new
        {
            Node = r.GetString(0),
            Head = r.GetInt64(1),
            HeadDigest = r.GetString(2),
            PublishedThrough = r.GetInt64(3),
            ReceiptedThrough = r.GetInt64(4),
            Lag = r.GetInt64(1) - r.GetInt64(4),
            ReceiptAt = r.Instant(5),
            Attempt = r.GetInt32(6),
            ResendAt = r.Instant(7),
            RefusalCode = r.Text(8),
            AlarmCode = r.Text(9),
            AlarmAt = r.Instant(10),
            OldestUnreceiptedAt = r.Instant(11),
        }, ct);
        var incoming = await Sql.ListAsync(connection, """
            select from_node, through, encode(digest, 'hex'), heard, received_at, alarm_code, alarm_at,
                (select count(*) from incoming_gap g where g.from_node = s.from_node)
            from incoming_stream s order by from_node
            """, r => new
        {
            Node = r.GetString(0),
            Through = r.GetInt64(1),
            Digest = r.GetString(2),
            Heard = r.GetInt64(3),
            Lag = r.GetInt64(3) - r.GetInt64(1),
            ReceivedAt = r.Instant(4),
            AlarmCode = r.Text(5),
            AlarmAt = r.Instant(6),
            BufferedCount = r.GetInt64(7),
        }, ct);
        var pending = await Sql.ScalarAsync<long>(
            connection, "select count(*) from outgoing_message where state = 'pending'", ct);
        return Results.Ok(new { outgoing, incoming, pendingCount = pending });
    }

    private static IResult Nodes(NodeDirectory directory, NodeIdentity node, Keyring keyring, CallerContext caller)
    {
        caller.Current.RequireRole(Roles.Operator, Roles.Auditor);
        return Results.Ok(new
        {
            own = node.Path,
            enrolled = directory.Own is not null,
            fingerprint = keyring.Fingerprint,
            digest = directory.Bundle.Digest.ToString(),
            nodes = directory.Bundle.Nodes.Select(n => new
            {
                n.Path,
                n.Name,
                n.Regions,
                n.Version,
                n.Revoked,
                keys = n.SigningKeys.Concat(n.SealingKeys)
                    .Select(k => new { k.KeyId, k.Algorithm, k.NotBefore, k.NotAfter }),
            }),
            rejected = directory.Bundle.Rejected,
        });
    }

    private static async Task<IResult> PingAsync(
        string path, NodeDirectory directory, Controls controls, ExchangeOptions options,
        CallerContext caller, CancellationToken ct)
    {
        caller.Current.RequireRole(Roles.Operator);
        if (directory.Bundle.Find(path) is null) throw new ProblemException(NodeNotFound(path));
        var took = await controls.PingAsync(path, options.PingTimeout, ct);
        return Results.Ok(new { node = path, answered = took is not null, milliseconds = took?.TotalMilliseconds });
    }

    private static async Task<IResult> RevokeAsync(
        string path, RevocationCommand command, Enrolment enrolment, ExchangeDb db,
        CancellationToken ct)
    {
        db.Caller.RequireRole(Roles.Operator);
        if (command.Reason.Trim().Length is < 3 or > 500)
            throw new ProblemException(DeskEndpoints.ReasonMissing);
        if (!await enrolment.RevokeAsync(path, ct)) throw new ProblemException(NodeNotFound(path));
        db.RecordRead("exchange-node", Guid.Empty, db.Caller.Org, $"Revoked {path}", command.Reason);
        await db.SaveChangesAsync(ct);
        return Results.NoContent();
    }

    private static async Task ExportAsync(
        string side, string peer, LedgerExport export, ExchangeDb db, HttpContext http,
        CancellationToken ct)
    {
        db.Caller.RequireRole(Roles.Operator, Roles.Auditor);
        if (side is not (LedgerExport.Outgoing or LedgerExport.Incoming) || peer.Length > 200)
            throw new ProblemException(NodeNotFound(peer));
        db.RecordRead("exchange-ledger", Guid.Empty, db.Caller.Org, $"Exported {side} {peer}");
        await db.SaveChangesAsync(ct);
        http.Response.ContentType = "application/octet-stream";
        http.Response.Headers.ContentDisposition = $"attachment; filename=\"ledger-{side}-{peer}.bin\"";
        await export.WriteAsync(side, peer, http.Response.Body, ct);
    }

    private static Problem NodeNotFound(string path) => new(ProblemKind.NotFound, "EXCHANGE_NODE_NOT_FOUND",
        $"No node {(path.Length <= 60 ? path : "")} here to do this with.", "目录中没有该节点。");
}
