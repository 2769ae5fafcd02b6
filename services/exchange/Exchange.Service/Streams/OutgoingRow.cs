using Npgsql;

namespace Exchange.Service.Streams;

/// <summary>An outgoing stream's row, locked for the transaction.</summary>
internal sealed record OutgoingRow(OutgoingStream Stream, (long First, long Last)? Asked)
{
    public static async Task<OutgoingRow> LockAsync(
        NpgsqlConnection connection, string from, string to, CancellationToken ct)
    {
        var rows = await Sql.ListAsync(connection, """
            select head, head_digest, receipted_through, published_through, attempt, resend_at, asked_first, asked_last
            from outgoing_stream where to_node = $1 for update
            """, r => new OutgoingRow(new()
            {
                Id = new(from, to),
                Head = r.GetInt64(0),
                HeadDigest = r.Digest(1),
                ReceiptedThrough = r.GetInt64(2),
                PublishedThrough = r.GetInt64(3),
                Attempt = r.GetInt32(4),
                ResendAt = r.Instant(5),
            }, r.IsDBNull(6) ? null : (r.GetInt64(6), r.GetInt64(7))), ct, to);
        return rows.Count > 0 ? rows[0] : new(OutgoingStream.New(new(from, to)), null);
    }

    public static Task SaveAsync(NpgsqlConnection connection, OutgoingStream stream, CancellationToken ct) =>
        Sql.RunAsync(connection, """
            update outgoing_stream set receipted_through = $2, published_through = $3, attempt = $4, resend_at = $5
            where to_node = $1
            """, ct, stream.Id.To, stream.ReceiptedThrough, stream.PublishedThrough, stream.Attempt, stream.ResendAt);
}
