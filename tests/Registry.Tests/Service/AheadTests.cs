using System.Runtime.CompilerServices;
using Npgsql;
using Platform.Testing;
using Registry.Service.Bulk;

namespace Registry.Tests.Service;

/// <summary>Making one item while the one before is used: nothing made is forgotten, no failure either.</summary>
public sealed class AheadTests
{
    private readonly List<Made> _made = [];
    private bool _sourceEnded;

    [Fact]
    public async Task Items_come_in_order_and_those_taken_are_the_takers_to_dispose_of()
    {
        var taken = new List<int>();
        await foreach (var item in SourceAsync(20).AheadAsync(default)) taken.Add(item.Number);
        Assert.Equal(Enumerable.Range(0, 20), taken);
        Assert.All(_made, m => Assert.False(m.Disposed));
        Assert.True(_sourceEnded);
    }

    [Theory, InlineData(1), InlineData(2), InlineData(5)]
    public async Task What_is_made_and_not_taken_is_disposed_of(int take)
    {
        var taken = new List<Made>();
        await foreach (var item in SourceAsync(int.MaxValue).AheadAsync(default))
        {
            taken.Add(item);
            // One waits in between and one is being offered: go only once they have been made.
            if (taken.Count == take) await UntilMadeAsync(take + 2);
            if (taken.Count == take) break;
        }
        Assert.All(taken, m => Assert.False(m.Disposed));
        Assert.All(_made.Except(taken), m => Assert.True(m.Disposed));
        Assert.Equal(take + 2, _made.Count);
        Assert.True(_sourceEnded);
    }

    [Fact]
    public async Task A_failure_in_the_source_reaches_the_taker_after_what_was_made_before_it()
    {
        var taken = new List<int>();
        var failure = await Assert.ThrowsAsync<InvalidDataException>(async () =>
        {
            await foreach (var item in SourceAsync(3, failing: true).AheadAsync(default)) taken.Add(item.Number);
        });
        Assert.Equal("broken after 3", failure.Message);
        Assert.Equal([0, 1, 2], taken);
        Assert.All(_made, m => Assert.False(m.Disposed));
        Assert.True(_sourceEnded);
    }

    [Fact]
    public async Task A_failure_of_the_taker_ends_the_source_and_disposes_of_what_waits()
    {
        await Assert.ThrowsAsync<InvalidDataException>(async () =>
        {
            await foreach (var _ in SourceAsync(int.MaxValue).AheadAsync(default))
            {
                await UntilMadeAsync(3);
                throw new InvalidDataException("taker");
            }
        });
        Assert.Equal([false, true, true], _made.Select(m => m.Disposed));
        Assert.True(_sourceEnded);
    }

    [Fact]
    public async Task Cancellation_leaves_no_open_transaction()
    {
        await using var database = await TestDatabase.CreateAsync("ahead");
        await using var source = NpgsqlDataSource.Create(database.Superuser);
        await using (var table = source.CreateCommand("create table step (number int)"))
            await table.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        using var stop = new CancellationTokenSource();
        var taken = 0;
        // As a load does it: one end opens transactions and inserts, the next step works on them, the last commits.
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var work in OpenedAsync(source, stop.Token).AheadAsync(stop.Token)
                .AbreastAsync(2, (w, ct) => w.InsertAsync(ct), stop.Token))
            {
                await using (work) await work.CommitAsync();
                if (++taken == 3) await stop.CancelAsync();
            }
        });
        Assert.Equal(3, taken);
        await using var count = source.CreateCommand("""
            select (select count(*) from step) * 100 + (select count(*) from pg_stat_activity
                where datname = current_database() and state like 'idle in transaction%')
            """);
        Assert.Equal(300L, await count.ExecuteScalarAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task What_is_made_of_several_at_a_time_comes_in_order_however_long_each_takes()
    {
        var (gates, made) = (Enumerable.Range(0, 6).Select(_ => new TaskCompletionSource()).ToArray(), new List<int>());
        var taken = new List<int>();
        // The second of each two is finished first.
        foreach (var gate in gates.Where((_, i) => i % 2 == 1)) gate.SetResult();
        await foreach (var item in SourceAsync(6).AbreastAsync(2, async (item, ct) =>
        {
            if (item.Number % 2 == 1) gates[item.Number - 1].SetResult();
            await gates[item.Number].Task.WaitAsync(ct);
            made.Add(item.Number);
            return item;
        }, default)) taken.Add(item.Number);
        Assert.Equal(Enumerable.Range(0, 6), taken);
        Assert.Equal(Enumerable.Range(0, 6), made.Order());
        Assert.All(_made, m => Assert.False(m.Disposed));
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task What_was_made_beside_a_failure_is_disposed_of(bool takerFails)
    {
        await Assert.ThrowsAsync<InvalidDataException>(async () =>
        {
            await foreach (var item in SourceAsync(int.MaxValue).AbreastAsync(3, (item, _) =>
                item.Number == 2 && !takerFails ? Task.FromException<Made>(new InvalidDataException("two"))
                    : Task.FromResult(item), default))
            {
                await item.DisposeAsync();
                if (takerFails) throw new InvalidDataException("taker");
            }
        });
        Assert.All(_made.Where(m => takerFails || m.Number != 2), m => Assert.True(m.Disposed, $"{m.Number}"));
        Assert.True(_sourceEnded);
    }

    private async IAsyncEnumerable<Made> SourceAsync(
        int count, bool failing = false, [EnumeratorCancellation] CancellationToken ct = default)
    {
        try
        {
            for (var i = 0; i < count; i++)
            {
                await Task.Yield();
                ct.ThrowIfCancellationRequested();
                lock (_made) _made.Add(new(i));
                yield return _made[i];
            }
            if (failing) throw new InvalidDataException($"broken after {count}");
        }
        finally
        {
            _sourceEnded = true;
        }
    }

    private async Task UntilMadeAsync(int count)
    {
        for (var done = false; !done; await Task.Yield())
            lock (_made) done = _made.Count >= count;
    }

    private static async IAsyncEnumerable<Work> OpenedAsync(
        NpgsqlDataSource source, [EnumeratorCancellation] CancellationToken ct)
    {
        for (var number = 0; ; number++)
        {
            var connection = await source.OpenConnectionAsync(ct);
            yield return new(connection, await connection.BeginTransactionAsync(CancellationToken.None), number);
        }
    }

    private sealed class Made(int number) : IAsyncDisposable
    {
        public int Number => number;

        public bool Disposed { get; private set; }

        public ValueTask DisposeAsync()
        {
            Disposed = true;
            return default;
        }
    }

    private sealed class Work(NpgsqlConnection connection, NpgsqlTransaction transaction, int number) : IAsyncDisposable
    {
        /// <summary>Like a chunk: disposes of itself when it cannot go on.</summary>
        public async Task<Work> InsertAsync(CancellationToken ct)
        {
            try
            {
                await using var insert = new NpgsqlCommand($"insert into step values ({number})", connection);
                await insert.ExecuteNonQueryAsync(ct);
                return this;
            }
            catch
            {
                await DisposeAsync();
                throw;
            }
        }

        public Task CommitAsync() => transaction.CommitAsync();

        public async ValueTask DisposeAsync()
        {
            await transaction.DisposeAsync();
            await connection.DisposeAsync();
        }
    }
}
