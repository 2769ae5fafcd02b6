using Npgsql;
using Platform.CommandLine.Infrastructure;
using Platform.Testing;
using RabbitMQ.Client;
using Xunit;

namespace CommandLine.Tests;

public sealed class ServersTests
{
    private static readonly CreateChannelOptions Confirmed = new(
        publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true,
        outstandingPublisherConfirmationsRateLimiter: null);

    [Fact]
    public async Task PostgreSQL_keeps_what_was_committed_through_a_kill()
    {
        await using var database = await TestDatabase.CreateAsync("kill", durable: true);
        await ExecuteAsync(database.Owner, "create table t (n int); grant select, insert on t to platform_app");
        await ExecuteAsync(database.App, "insert into t select generate_series(1, 1000)");
        var server = database.Server;
        var before = server.Pid;
        await server.KillAsync();
        Assert.Null(server.Pid);
        Assert.False(await server.AnswersAsync(TestContext.Current.CancellationToken));

        await server.StartAsync(TestContext.Current.CancellationToken);
        await server.WaitReadyAsync(cancel: TestContext.Current.CancellationToken);
        Assert.NotEqual(before, server.Pid);
        NpgsqlConnection.ClearAllPools();
        Assert.Equal(1000L, await ExecuteAsync(database.App, "select count(*) from t"));
    }

    [Fact]
    public async Task PostgreSQL_starts_again_though_only_its_postmaster_was_killed_and_a_session_was_at_work()
    {
        await using var database = await TestDatabase.CreateAsync("orphan", durable: true);
        var server = database.Server;
        var working = ExecuteAsync(database.App, "select count(*) from generate_series(1, 20000000)");
        Assert.True(await Wait.UntilAsync(async _ => (long)(await ExecuteAsync(database.Superuser,
            "select count(*) from pg_stat_activity where query like '%generate_series(1, 2%' and pid <> "
            + "pg_backend_pid()"))! == 1, TimeSpan.FromSeconds(30)));
        ProcFs.Signal(server.Pid!.Value, 9);
        Assert.True(await Wait.UntilAsync(_ => Task.FromResult(server.Pid is null), TimeSpan.FromSeconds(30)));

        await server.StartAsync(TestContext.Current.CancellationToken);
        await server.WaitReadyAsync(cancel: TestContext.Current.CancellationToken);
        await working.ContinueWith(_ => { }, TestContext.Current.CancellationToken, TaskContinuationOptions.None,
            TaskScheduler.Default);
        NpgsqlConnection.ClearAllPools();
        Assert.Equal(1L, await ExecuteAsync(database.App, "select 1::bigint"));
    }

    [Fact]
    public async Task The_app_login_works_but_does_not_own_and_strangers_stay_out()
    {
        await using var mine = await TestDatabase.CreateAsync("mine");
        var refused = await Assert.ThrowsAsync<PostgresException>(
            () => ExecuteAsync(mine.App, "create table t (n int)"));
        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);

        var stranger = new Login("stranger", "stranger");
        await Databases.CreateLoginsAsync(mine.Server, new Login("stranger_owner", "x"), stranger);
        refused = await Assert.ThrowsAsync<PostgresException>(() => ExecuteAsync(
            mine.Server.ConnectionString(mine.Name, stranger.User, stranger.Password), "select 1"));
        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);

        refused = await Assert.ThrowsAsync<PostgresException>(() => ExecuteAsync(
            mine.Server.ConnectionString(mine.Name, "test_app", "wrong"), "select 1"));
        Assert.Equal(PostgresErrorCodes.InvalidPassword, refused.SqlState);
    }

    [Fact]
    public async Task Redis_answers_again_after_a_kill()
    {
        var redis = await Servers.RedisAsync();
        await redis.KillAsync();
        Assert.False(await redis.AnswersAsync(TestContext.Current.CancellationToken));
        await redis.StartAsync();
        await redis.WaitReadyAsync(cancel: TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task RabbitMQ_keeps_confirmed_messages_through_a_kill_and_a_stop()
    {
        var broker = await Servers.BrokerAsync();
        await using (
            var connection = await new ConnectionFactory { Uri = new Uri(broker.Uri()) }.CreateConnectionAsync())
        await using (var channel = await connection.CreateChannelAsync(Confirmed))
        {
            await channel.QueueDeclareAsync(
                "kept", durable: true, exclusive: false, autoDelete: false,
                new Dictionary<string, object?> { ["x-queue-type"] = "quorum" });
            for (byte n = 1; n <= 3; n++)
            {
                await channel.BasicPublishAsync(
                    "", "kept", mandatory: true, new BasicProperties { Persistent = true }, new[] { n });
            }
        }

        // The broker writes a new quorum queue's name to disk after half a second; its statistics come later than that.
        Assert.True(await Wait.UntilAsync(
            async c => await broker.Management.MessagesAsync("/", "kept", c) == 3, TimeSpan.FromSeconds(30)));
        await broker.KillAsync();
        Assert.Null(broker.Pid);
        await broker.StartAsync();
        await broker.WaitReadyAsync();
        Assert.Equal(1, await ReadAsync(broker, "kept"));

        await broker.StopAsync();
        Assert.False(await FreePorts.AnswersAsync(broker.Port));
        await broker.StartAsync();
        await broker.WaitReadyAsync();
        Assert.Equal(2, await ReadAsync(broker, "kept"));
        Assert.Equal(3, await ReadAsync(broker, "kept"));
    }

    private static async Task<int?> ReadAsync(RabbitServer broker, string queue)
    {
        await using var connection = await new ConnectionFactory { Uri = new Uri(broker.Uri()) }
            .CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        return (await channel.BasicGetAsync(queue, autoAck: true))?.Body.Span[0];
    }

    [Fact]
    public async Task Every_server_listens_on_loopback_only()
    {
        var broker = await Servers.BrokerAsync();
        int[] ours = [broker.Port, broker.Settings.ManagementPort, broker.Settings.DistributionPort, broker.Epmd.Port,
            (await Servers.PostgresAsync()).Port, (await Servers.RedisAsync()).Port];
        var open = Listening().ToList();
        Assert.All(ours, port => Assert.Contains(open, x => x.Port == port));
        Assert.All(open.Where(x => ours.Contains(x.Port)), x => Assert.Contains(
            x.Address, (string[])["0100007F", "00000000000000000000000001000000", "0000000000000000FFFF00000100007F"]));
    }

    private static IEnumerable<(string Address, int Port)> Listening() =>
        ((string[])["/proc/net/tcp", "/proc/net/tcp6"])
        .Where(File.Exists).SelectMany(f => File.ReadLines(f).Skip(1))
        .Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Where(f => f[3] == "0A")
        .Select(f => (f[1].Split(':')[0], Convert.ToInt32(f[1].Split(':')[1], 16)));

    private static async Task<object?> ExecuteAsync(string connectionString, string sql)
    {
        await using var source = NpgsqlDataSource.Create(connectionString + ";Pooling=false");
        await using var command = source.CreateCommand(sql);
        return await command.ExecuteScalarAsync();
    }
}
