using Npgsql;
using Platform.Hosting;

namespace Identity.Service.SignIn;

/// <summary>
/// Remembers wrong answers (<see cref="SignInLimit"/>), for names that exist and for names that do not alike. One row
/// per question, locked while an answer is booked: answers of all replicas queue there.
/// </summary>
internal sealed class AttemptBook(NpgsqlDataSource source, FieldCipher cipher, TimeProvider clock)
{
    /// <summary>Books an answer before it is looked at; false when the door is closed.</summary>
    /// <param name="question">What is answered and of whom, for example a password; only its keyed hash is
    /// kept.</param>
    public async Task<bool> BookAsync(string question, CancellationToken ct)
    {
        var (key, now) = (KeyOf(question), clock.GetUtcNow());
        await using var connection = await source.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        await using var make = new NpgsqlCommand(
            "insert into attempt (key, count, last_at) values ($1, 0, $2) on conflict do nothing", connection)
        { Parameters = { new() { Value = key }, new() { Value = now.UtcDateTime } } };
        await make.ExecuteNonQueryAsync(ct);
        Attempts? before;
        await using (var look = new NpgsqlCommand(
            "select count, last_at from attempt where key = $1 for update", connection)
        { Parameters = { new() { Value = key } } })
        await using (var row = await look.ExecuteReaderAsync(ct))
        {
            await row.ReadAsync(ct);
            before = row.GetInt32(0) == 0 ? null : new(row.GetInt32(0), row.GetFieldValue<DateTimeOffset>(1));
        }
        var after = SignInLimit.Book(before, now);
        var kept = after ?? before!;
        await using var write = new NpgsqlCommand(
            "update attempt set count = $2, last_at = $3 where key = $1", connection)
        {
            Parameters = { new() { Value = key }, new() { Value = kept.Count },
                new() { Value = kept.LastAt.UtcDateTime } },
        };
        await write.ExecuteNonQueryAsync(ct);
        await transaction.CommitAsync(ct);
        return after is not null;
    }

    /// <summary>The answer was right: the count begins anew.</summary>
    public async Task ClearAsync(string question, CancellationToken ct)
    {
        await using var command = source.CreateCommand("update attempt set count = 0 where key = $1");
        command.Parameters.Add(new() { Value = KeyOf(question) });
        await command.ExecuteNonQueryAsync(ct);
    }

    /// <summary>Forgets what has no effect any more.</summary>
    public async Task<int> ForgetAsync(CancellationToken ct)
    {
        await using var command = source.CreateCommand("delete from attempt where last_at < $1");
        command.Parameters.Add(new()
        {
            Value = clock.GetUtcNow().UtcDateTime.AddMinutes(-SignInLimit.ClosedMinutesMax),
        });
        return await command.ExecuteNonQueryAsync(ct);
    }

    private byte[] KeyOf(string question) => cipher.BlindIndex(question, "attempt");
}
