using System.Text.Json;
using Npgsql;
using Platform.CommandLine.Federation;
using Platform.CommandLine.Infrastructure;
using Platform.CommandLine.Topologies;
using Platform.Testing;

namespace EndToEnd.Tests.Force;

/// <summary>
/// The federation to be mistreated: the home county runs one process per service, and cables that can be cut lie
/// between the counties' brokers and the hub's. Home's registry and exchange run a second time throughout, as replicas
/// would.
/// </summary>
public sealed class ForceFederation : DemoFederation
{
    private readonly Dictionary<string, Cable> _cables = [];
    private readonly Dictionary<(string, string), Api> _apis = [];
    private Daemon? _replica;

    public Cable CableOf(string county) => _cables[county];

    protected override string Adjust(string yaml) => string.Join("- path:", yaml.Split("- path:")
        .Select(n => n.Contains(Home, StringComparison.Ordinal) ? n.Replace("all-in-one", "services") : n));

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        foreach (var node in new[] { Home, Host }.Select(Context.Topology.NodeAt))
        {
            _cables[node.Code] = new(Context.Topology.BrokerOf(Context.Topology.ParentOf(node)!).AmqpPort);
            await DefineAsync(Context.Servers.Brokers.Single(b => b.Name == node.Broker));
        }
        var config = Context.State.ConfigFile(Context.Topology.NodeAt(Home));
        _replica = new(new($"{Home}-replica", Context.State.Run, Repository.Dotnet,
        [
            Repository.AllInOne, "run", "registry,exchange", "--config", config,
            $"--registry:Urls=http://127.0.0.1:{FreePorts.Take()}",
            $"--exchange:Urls=http://127.0.0.1:{FreePorts.Take()}",
        ]));
        _replica.Start();
    }

    public override async ValueTask DisposeAsync()
    {
        if (_replica is not null) await _replica.StopAsync();
        await base.DisposeAsync();
        foreach (var cable in _cables.Values) cable.Dispose();
    }

    /// <summary>The broker's definitions with the cables in them.</summary>
    public Task DefineAsync(RabbitServer broker) => broker.Management.ImportAsync(RabbitDefinitions.ToJson(
        RabbitDefinitions.For(Context.Topology, Context.Topology.Brokers.Single(b => b.Name == broker.Name),
            new(user => Context.Secrets.BrokerUsers[user], child => _cables[child.Code].Port))));

    /// <summary>Looks into a service's database, behind its row-level security; empty while there is none.</summary>
    public async Task<List<T>> ReadAsync<T>(
        string region, string service, string sql, Func<NpgsqlDataReader, T> row, params object[] values)
    {
        var database = NodeConfig.DatabaseOf(service, Context.Topology.NodeAt(region));
        await using var connection = new NpgsqlConnection(
            Context.Servers.Postgres.ConnectionString(database) + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        foreach (var value in values) command.Parameters.Add(new() { Value = value });
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<T>();
        while (await reader.ReadAsync()) rows.Add(row(reader));
        return rows;
    }

    public async Task<long> NumberAsync(string region, string service, string sql, params object[] values) =>
        (await ReadAsync(region, service, sql, r => r.GetInt64(0), values))[0];

    /// <summary>Case messages that the counties have put into their ledgers for each other.</summary>
    public async Task<long> SeenAsync() => await HeadAsync(Home, Host) + await HeadAsync(Host, Home);

    /// <summary>The replica must have lived to the end.</summary>
    public bool ReplicaRuns => _replica!.IsRunning;

    /// <summary>Messages that went out once more because no receipt came in time; from the relays' logs.</summary>
    public async Task<long> ResentAsync()
    {
        var count = 0L;
        foreach (var log in Directory.EnumerateFiles(Context.State.Run, "*.log"))
        {
            foreach (var line in (await File.ReadAllLinesAsync(log)).Where(l => l.Contains("\"EventId\":3002,",
                StringComparison.Ordinal)))
            {
                var state = JsonDocument.Parse(line).RootElement.GetProperty("State");
                count += state.GetProperty("Last").GetInt64() - state.GetProperty("First").GetInt64() + 1;
            }
        }
        return count;
    }

    private Task<long> HeadAsync(string from, string to) => NumberAsync(from, "exchange",
        "select coalesce(max(head), 0) from outgoing_stream where to_node = $1", PathOf(to));

    public static string PathOf(string region) => region == Hub ? Hub : $"{Hub}.{region}";

    /// <summary>As a good client does: the same command with the same key until there is an answer.</summary>
    public async Task<JsonElement> AgainAsync(string region, string role, string path, object? body)
    {
        var key = Guid.CreateVersion7();
        Api api;
        lock (_apis)
        {
            if (!_apis.TryGetValue((region, role), out api!)) api = _apis[(region, role)] = At(region, role);
        }
        JsonElement? answer = null;
        await EventuallyAsync($"{path} is answered", async () =>
        {
            try
            {
                var reply = await api.PostAsync(path, body, key);
                if (reply.Status is >= 500 or 429 || reply.Code == "CONCURRENT_UPDATE") return false;
                answer = reply.Ok;
                return true;
            }
            catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
            {
                return false;
            }
        }, seconds: 300);
        return answer!.Value;
    }

    /// <summary>Waits for something a database says; the database may be away meanwhile.</summary>
    public static Task SaysAsync(string fact, Func<Task<bool>> holds, int seconds = 300) =>
        EventuallyAsync(fact, async () =>
        {
            try
            {
                return await holds();
            }
            catch (NpgsqlException)
            {
                return false;
            }
        }, seconds);
}
