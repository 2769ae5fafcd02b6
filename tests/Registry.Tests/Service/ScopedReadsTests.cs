using System.Collections.Frozen;
using Npgsql;
using Platform.Hosting;

namespace Registry.Tests.Service;

/// <summary>
/// P4 where connections are shared without being reset: nothing one reader was told is left for the next.
/// </summary>
public sealed class ScopedReadsTests(RegistryFixture registry) : IClassFixture<RegistryFixture>, IAsyncDisposable
{
    private const string Paths =
        "select path from organisation where path like '140000/141000/141022/Z%' order by path";

    private readonly ScopedReads _one = new(registry.Database.App + ";Maximum Pool Size=1");

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Readers_of_one_connection_and_one_plan_each_see_their_own(bool onePlan)
    {
        var first = onePlan ? "Z1" : "Z3";
        var second = onePlan ? "Z2" : "Z4";
        await Seeded.CreateAsync(registry, first);
        await Seeded.CreateAsync(registry, second);
        // More rounds than a statement needs to be kept by its connection.
        for (var round = 0; round < 12; round++)
        {
            foreach (var branch in new[] { first, second })
            {
                var path = $"{RegistryFixture.County}{branch}/";
                var seen = await ReadAsync(Office(path), Paths, onePlan);
                Assert.NotEmpty(seen);
                Assert.All(seen, p => Assert.StartsWith(path, p, StringComparison.Ordinal));
            }
            Assert.Empty(await ReadAsync(Caller.Nobody, Paths, onePlan));
        }
    }

    [Fact]
    public async Task A_reader_after_one_that_failed_or_gave_up_sees_nothing_of_theirs()
    {
        await Seeded.CreateAsync(registry, "Z5");
        var all = Office(RegistryFixture.County);
        var failed = await Assert.ThrowsAsync<PostgresException>(
            () => ReadAsync(all, "select path, 1 / 0 from organisation"));
        Assert.Equal(PostgresErrorCodes.DivisionByZero, failed.SqlState);
        Assert.Empty(await ReadAsync(Caller.Nobody, Paths));

        using var patience = new CancellationTokenSource();
        var waiting = ReadAsync(all, "select pg_sleep(60)::text", ct: patience.Token);
        await patience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        Assert.Empty(await ReadAsync(Caller.Nobody, Paths));
        Assert.NotEmpty(await ReadAsync(all, Paths));
    }

    public ValueTask DisposeAsync() => _one.DisposeAsync();

    private static Caller Office(string path) => new(Guid.NewGuid(), "office", path, FrozenSet<string>.Empty);

    private Task<List<string>> ReadAsync(
        Caller caller, string sql, bool onePlan = false, CancellationToken ct = default) =>
        _one.ReadAsync(caller, new(sql), r => r.GetString(0), ct, onePlan);
}
