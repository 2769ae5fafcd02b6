using Platform.CommandLine.Topologies;
using RabbitMQ.Client;

namespace EndToEnd.Tests.Force;

/// <summary>Does the harm while work goes on, and mends it as <c>./platform up</c> would, process by process.</summary>
internal sealed class Faults(ForceFederation demo)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(300);

    /// <summary>Messages that were published once more than their sender did.</summary>
    public int Duplicated { get; private set; }

    /// <summary>Messages that were published behind one they had been before.</summary>
    public int Reordered { get; private set; }

    /// <summary>Starts the round's work, strikes, mends, and returns when the work is done.</summary>
    public Task StrikeAsync(Fault fault, Func<Task> work, Random random) => fault.Kind switch
    {
        FaultKind.Kill => KillAsync(fault, work, wipe: false),
        FaultKind.Wipe => KillAsync(fault, work, wipe: true),
        FaultKind.Cut => MeddleAsync(fault, work, taken => []),
        FaultKind.Duplicate => MeddleAsync(fault, work, taken =>
        {
            Duplicated += taken.Count;
            return [.. taken, .. taken];
        }),
        FaultKind.Reorder => MeddleAsync(fault, work, taken =>
        {
            var shuffled = taken.ToArray();
            random.Shuffle(shuffled);
            if (shuffled.SequenceEqual(taken)) Array.Reverse(shuffled);
            Reordered += shuffled.Where((m, i) => m.DeliveryTag < shuffled[..i].Select(x => x.DeliveryTag)
                .DefaultIfEmpty().Max()).Count();
            return [.. shuffled];
        }),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private async Task KillAsync(Fault fault, Func<Task> work, bool wipe)
    {
        var before = await demo.SeenAsync();
        var working = work();
        await ForceFederation.SaysAsync($"{fault.After} messages of the round",
            async () => await demo.SeenAsync() >= before + fault.After);
        var victims = demo.Context.Processes.Where(p => fault.Victims.Contains(p.Spec.Name)).ToList();
        Assert.Equal(fault.Victims.Length, victims.Count);
        await Task.WhenAll(victims.Select(v => v.KillAsync()));
        await MendAsync(wipe);
        await working;
    }

    private async Task MendAsync(bool wipe)
    {
        var servers = demo.Context.Servers;
        var brokers = servers.Brokers.Where(b => !b.Process.IsRunning).ToList();
        if (wipe) brokers.ForEach(b => Directory.Delete(Path.Combine(b.Settings.Folder, "mnesia"), recursive: true));
        await servers.Postgres.StartAsync();
        await Task.WhenAll(brokers.Select(b => b.StartAsync()));
        foreach (var node in demo.Context.Nodes) node.Start();
        await servers.Postgres.WaitReadyAsync();
        foreach (var broker in brokers)
        {
            await broker.WaitReadyAsync(Limit);
            if (wipe) await demo.DefineAsync(broker);
        }
        foreach (var node in demo.Context.Nodes) await node.WaitReadyAsync(Limit, CancellationToken.None);
    }

    /// <summary>
    /// With the link cut, lets messages pile up in the queue before it; then takes some out, puts back what
    /// <paramref name="change"/> makes of them, and mends the link.
    /// </summary>
    private async Task MeddleAsync(
        Fault fault, Func<Task> work, Func<IReadOnlyList<BasicGetResult>, IReadOnlyList<BasicGetResult>> change)
    {
        var county = demo.Context.Topology.NodeAt(fault.Victims[0]);
        var at = fault.Up ? county : demo.Context.Topology.ParentOf(county)!;
        var queue = fault.Up ? RabbitDefinitions.Uplink : RabbitDefinitions.Downlink(county);
        var cable = demo.CableOf(county.Code);
        cable.Cut();
        var working = work();
        await using (var connection = await ConnectAsync(at))
        await using (var channel = await connection.CreateChannelAsync(new CreateChannelOptions(true, true)))
        {
            await DemoFederation.EventuallyAsync($"{fault.Take} messages wait in {queue}", async () =>
                (await channel.QueueDeclarePassiveAsync(queue)).MessageCount >= fault.Take, seconds: 300);
            var taken = new List<BasicGetResult>();
            while (fault.Kind != FaultKind.Cut && taken.Count < fault.Take
                && await channel.BasicGetAsync(queue, autoAck: false) is { } got) taken.Add(got);
            foreach (var message in change(taken))
            {
                await channel.BasicPublishAsync(RabbitDefinitions.Exchange, message.RoutingKey, mandatory: true,
                    new BasicProperties(message.BasicProperties), message.Body);
            }
            foreach (var message in taken) await channel.BasicAckAsync(message.DeliveryTag, multiple: false);
        }
        cable.Plug();
        await working;
    }

    private Task<IConnection> ConnectAsync(Node node) => new ConnectionFactory
    {
        HostName = "127.0.0.1",
        Port = demo.Context.Topology.BrokerOf(node).AmqpPort,
        VirtualHost = node.Code,
        UserName = RabbitDefinitions.NodeUser(node),
        Password = demo.Context.Secrets.BrokerUsers[RabbitDefinitions.NodeUser(node)],
    }.CreateConnectionAsync();
}
