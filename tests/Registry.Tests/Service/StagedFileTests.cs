using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Platform.Hosting;
using Registry.Service.Bulk;
using Registry.Service.Persistence;

namespace Registry.Tests.Service;

/// <summary>The file of a load lies in the database in sealed parts; whoever reads it sees one stream.</summary>
public sealed class StagedFileTests(RegistryFixture registry) : IClassFixture<RegistryFixture>
{
    private const int Seed = 20261128;

    [Fact]
    public async Task A_staged_file_is_read_on_and_from_any_place_as_it_was_sent()
    {
        var sent = new byte[3_000_017];
        new Random(Seed).NextBytes(sent);
        await using var scope = registry.Services.CreateAsyncScope();
        var db = OfService(scope);
        var load = await LoadAsync(db, sent.Length);
        Assert.Equal(sent.Length, await StagedFile.WriteAsync(db, load, new MemoryStream(sent), sent.Length,
            TestContext.Current.CancellationToken));
        using var read = StagedFile.Open(db, registry.Services.GetRequiredService<NpgsqlDataSource>(), load,
            StagedKind.File, sent.Length);
        var whole = new MemoryStream();
        await read.CopyToAsync(whole, TestContext.Current.CancellationToken);
        Assert.Equal(sent, whole.ToArray());
        var random = new Random(Seed + 1);
        for (var i = 0; i < 200; i++)
        {
            // As an archive is looked about in: to a place anywhere, then on from there for up to four parts.
            var from = random.Next(sent.Length);
            var count = Math.Min(random.Next(1, 330_000), sent.Length - from);
            var piece = new byte[count];
            read.Seek(from, SeekOrigin.Begin);
            await read.ReadExactlyAsync(piece, TestContext.Current.CancellationToken);
            Assert.True(sent.AsSpan(from, count).SequenceEqual(piece), $"bytes from {from}");
        }
    }

    [Fact]
    public async Task A_part_that_is_gone_is_missed_and_the_next_one_is_not_taken_for_it()
    {
        await using var scope = registry.Services.CreateAsyncScope();
        var db = OfService(scope);
        var load = await LoadAsync(db, 400_000);
        await StagedFile.WriteAsync(db, load, new MemoryStream(new byte[400_000]), 400_000,
            TestContext.Current.CancellationToken);
        Assert.Equal(5, await registry.CountAsync($"select count(*) from roster_part where load_id = '{load}'"));
        await using (var lose = registry.Behind.CreateCommand(
            $"delete from roster_part where load_id = '{load}' and number = 2"))
            await lose.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        using var read = StagedFile.Open(db, registry.Services.GetRequiredService<NpgsqlDataSource>(), load,
            StagedKind.File, 400_000);
        var missed = await Assert.ThrowsAsync<InvalidDataException>(
            () => read.CopyToAsync(Stream.Null, TestContext.Current.CancellationToken));
        Assert.Contains("Part 2 ", missed.Message, StringComparison.Ordinal);
    }

    private static RegistryDb OfService(AsyncServiceScope scope)
    {
        scope.ServiceProvider.GetRequiredService<CallerContext>().Current = Caller.Service;
        return scope.ServiceProvider.GetRequiredService<RegistryDb>();
    }

    // One that rests, so that nobody works on it.
    private static async Task<Guid> LoadAsync(RegistryDb db, long bytes)
    {
        var load = new RosterLoad
        {
            Id = Guid.CreateVersion7(), OrgPath = RegistryFixture.County, Region = RegistryFixture.Region,
            FileName = "a.csv", FileBytes = bytes, Status = LoadStatus.Receiving, DryRun = false,
            LoadedBy = Guid.NewGuid(), Actor = Guid.NewGuid(), ActorName = "office", ActorOrg = RegistryFixture.County,
            At = DateTimeOffset.UtcNow, ChangedAt = DateTimeOffset.UtcNow, CheckedOn = new(2026, 11, 28),
        };
        db.Add(load);
        await db.SaveChangesAsync(TestContext.Current.CancellationToken);
        return load.Id;
    }
}
