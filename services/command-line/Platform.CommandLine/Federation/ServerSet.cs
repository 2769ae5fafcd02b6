using Platform.CommandLine.Infrastructure;
using Platform.CommandLine.Topologies;

namespace Platform.CommandLine.Federation;

/// <summary>The private servers of one federation.</summary>
public sealed class ServerSet
{
    private readonly Topology _topology;
    private readonly Secrets _secrets;

    public ServerSet(Topology topology, StateFolder state, Secrets secrets)
    {
        (_topology, _secrets) = (topology, secrets);
        string Data(string name) => Path.Combine(state.Servers, name);
        Postgres = new(new(Data("postgres"), state.Run, topology.PostgresPort, secrets.PostgresPassword));
        Redis = new(new(Data("redis"), state.Run, topology.RedisPort, secrets.RedisPassword));
        Epmd = new(state.Run, topology.EpmdPort);
        Brokers =
        [
            .. topology.Brokers.Select(b => new RabbitServer(
                new(b.Name, Data("rabbit-" + b.Name), state.Run, secrets.BrokerAdmins[b.Name])
                {
                    AmqpPort = b.AmqpPort,
                    ManagementPort = b.ManagementPort,
                    DistributionPort = b.DistributionPort,
                    PrometheusPort = b.PrometheusPort,
                }, Epmd)),
        ];
    }

    public PostgresServer Postgres { get; }

    public RedisServer Redis { get; }

    public EpmdServer Epmd { get; }

    public IReadOnlyList<RabbitServer> Brokers { get; }

    /// <summary>In the order in which they start; stop in the other.</summary>
    public IReadOnlyList<Daemon> Processes =>
        [Postgres.Process, Redis.Process, Epmd.Process, .. Brokers.Select(b => b.Process)];

    public async Task StartPostgresAsync(NodeConfig config, CancellationToken cancel)
    {
        await Postgres.StartAsync(cancel);
        await Postgres.WaitReadyAsync(cancel: cancel);
        await Databases.CreateGroupsAsync(Postgres, cancel);
        foreach (var node in _topology.Nodes)
        {
            await Databases.CreateLoginsAsync(Postgres, config.Owner(node), config.App(node), cancel);
        }

        await Task.WhenAll(
            from node in _topology.Nodes
            from service in NodeConfig.Databases
            select Databases.CreateAsync(
                Postgres, NodeConfig.DatabaseOf(service, node), config.Owner(node), config.App(node), cancel));
    }

    public async Task StartRedisAsync(CancellationToken cancel)
    {
        await Redis.StartAsync(cancel);
        await Redis.WaitReadyAsync(cancel: cancel);
    }

    /// <summary>Starts the broker and gives it the topology's definitions.</summary>
    public async Task StartBrokerAsync(RabbitServer broker, CancellationToken cancel)
    {
        await broker.StartAsync(cancel);
        await broker.WaitReadyAsync(cancel: cancel);
        var access = new RabbitAccess(user => _secrets.BrokerUsers[user]);
        var definitions = RabbitDefinitions.For(
            _topology, _topology.Brokers.Single(b => b.Name == broker.Name), access);
        await broker.Management.ImportAsync(RabbitDefinitions.ToJson(definitions), cancel);
    }

    /// <summary>Everything at once, each as gently as it allows; epmd when the brokers are gone.</summary>
    public async Task StopAsync(Func<Daemon, Func<Task>, Task> step)
    {
        await Task.WhenAll(
        [
            step(Postgres.Process, Postgres.StopAsync), step(Redis.Process, Redis.StopAsync),
            .. Brokers.Select(b => step(b.Process, b.StopAsync)),
        ]);
        await step(Epmd.Process, Epmd.StopAsync);
    }
}
