using Xunit;
using V1 = Platform.Contracts.Exchange.V1;

namespace Exchange.Tests.Service;

/// <summary>Messages between regions through real brokers and databases.</summary>
[Collection("federation")]
public sealed class DeliveryTests(Federation servers)
{
    [Fact]
    public async Task Messages_arrive_once_in_order_opened_and_with_their_trace_and_the_sender_gets_a_receipt()
    {
        var f = await servers.StartedAsync();
        var sent = Enumerable.Range(1, 300).Select(i => ExchangeNode.Message("141022", "140105", $"first {i}"))
            .ToArray();
        Assert.All(await f.A.SendAsync(sent), r => Assert.Equal(V1.SendOutcome.Accepted, r.Outcome));
        var arrived = await f.B.ArrivalsAsync("first", 300);
        Assert.Equal(sent.Select(s => s.MessageId), arrived.Select(a => a.MessageId));
        Assert.Equal(sent.Select(s => s.Payload), arrived.Select(a => a.Payload));
        Assert.Equal(arrived.Select(a => a.Position).Order().Distinct(), arrived.Select(a => a.Position));
        Assert.All(arrived, a => Assert.Equal("0af7651916cd43dd8448eb211c80319c", a.TraceParent.Split('-')[1]));
        Assert.All(arrived, a =>
            Assert.Equal((Federation.APath, "141022", "140105"), (a.FromNode, a.FromRegion, a.ToRegion)));
        await f.A.AllReceiptedAsync(Federation.BPath);
        Assert.Equal(0, await f.A.SqlAsync<long>(
            "select count(*) from outgoing_message where state = 'sent' and to_node = '140000.140105'"));
    }

    [Fact]
    public async Task Handing_over_again_changes_nothing()
    {
        var f = await servers.StartedAsync();
        var message = ExchangeNode.Message("141022", "140105", "again");
        Assert.Equal([V1.SendOutcome.Accepted, V1.SendOutcome.Already],
            (await f.A.SendAsync(message, message)).Select(r => r.Outcome));
        await f.B.ArrivalsAsync("again", 1);
        await f.A.AllReceiptedAsync(Federation.BPath);
        Assert.Equal(V1.SendOutcome.Already, (await f.A.SendAsync(message))[0].Outcome);
        Assert.Equal(1, await f.B.SqlAsync<long>(
            "select count(*) from incoming_ledger where message_id = $1", Guid.Parse(message.MessageId)));
    }

    [Fact]
    public async Task Two_replicas_of_a_node_share_its_queue_and_its_streams_and_every_order_holds()
    {
        var f = await servers.StartedAsync();
        await using var replica = f.B.Replica();
        await replica.StartAsync();
        var sent = Enumerable.Range(1, 300).Select(i => ExchangeNode.Message("141022", "140105", $"shared {i}"))
            .ToArray();
        foreach (var some in sent.Chunk(20)) await f.A.SendAsync(some);
        Assert.Equal(sent.Select(s => s.MessageId), (await f.B.ArrivalsAsync("shared", 300)).Select(a => a.MessageId));
        Assert.Equal(sent.Select(s => s.MessageId),
            (await replica.ArrivalsAsync("shared", 300)).Select(a => a.MessageId));
        await f.A.AllReceiptedAsync(Federation.BPath);
        var back = new[] { "left", "right" }.Select(side => Enumerable.Range(1, 100)
            .Select(i => ExchangeNode.Message("140105", "141022", $"split {side} {i}")).ToArray()).ToArray();
        await Task.WhenAll(HandOverAsync(f.B, back[0]), HandOverAsync(replica, back[1]));
        foreach (var (side, messages) in new[] { ("left", back[0]), ("right", back[1]) })
        {
            Assert.Equal(messages.Select(m => m.MessageId),
                (await f.A.ArrivalsAsync($"split {side}", 100)).Select(a => a.MessageId));
        }
        await f.B.AllReceiptedAsync(Federation.APath);

        static async Task HandOverAsync(ExchangeNode node, V1.Outgoing[] messages)
        {
            foreach (var some in messages.Chunk(10)) await node.SendAsync(some);
        }
    }

    [Fact]
    public async Task Two_regions_of_one_node_take_the_same_path_without_the_broker()
    {
        var f = await servers.StartedAsync();
        var sent = Enumerable.Range(1, 20).Select(i => ExchangeNode.Message("140105", "140106", $"own {i}")).ToArray();
        await f.B.SendAsync(sent);
        Assert.Equal(sent.Select(s => s.MessageId), (await f.B.ArrivalsAsync("own", 20)).Select(a => a.MessageId));
        await f.B.AllReceiptedAsync(Federation.BPath);
    }

    [Fact]
    public async Task A_report_climbs_to_the_parent()
    {
        var f = await servers.StartedAsync();
        var report = ExchangeNode.Message("141022", "", "report");
        report.ToNode = "parent";
        var other = ExchangeNode.Message("141022", "parent", "report too");
        await f.A.SendAsync(report, other);
        Assert.Equal([report.MessageId, other.MessageId],
            (await f.Hub.ArrivalsAsync("report", 2)).Select(a => a.MessageId));
    }

    [Fact]
    public async Task What_can_never_be_sent_is_refused_at_once_with_its_reason()
    {
        var f = await servers.StartedAsync();
        var foreign = ExchangeNode.Message("140105", "141022", "x");
        var nowhere = ExchangeNode.Message("141022", "1410", "x");
        var large = ExchangeNode.Message("141022", "140105", new string('x', 70000));
        var typeless = ExchangeNode.Message("141022", "140105", "x", "no spaces please");
        var posing = ExchangeNode.Message("141022", "140105", "x", "platform.exchange.v1.Settlement");
        var up = ExchangeNode.Message("140000", "parent", "x");
        Assert.Equal([ExchangeCodes.FromRegionNotServed, ExchangeCodes.RegionMalformed, ExchangeCodes.PayloadTooLarge,
            ExchangeCodes.TypeMalformed, ExchangeCodes.TypeMalformed],
            (await f.A.SendAsync(foreign, nowhere, large, typeless, posing)).Select(r => r.Code));
        Assert.Equal(ExchangeCodes.NoParent, (await f.Hub.SendAsync(up))[0].Code);
    }

    [Fact]
    public async Task The_sender_is_told_what_became_of_each_message()
    {
        var f = await servers.StartedAsync();
        var (taken, refused, held) = (ExchangeNode.Message("141022", "140105", "outcome taken"),
            ExchangeNode.Message("141022", "140105", "outcome refused"),
            ExchangeNode.Message("141022", "310105", "outcome held"));
        await f.A.SendAsync(taken, refused, held);
        await f.B.ArrivalsAsync("outcome", 2);
        await f.B.Client.SettleAsync(new()
        {
            MessageId = refused.MessageId, Outcome = V1.SettleOutcome.Refused, Code = "TEST_UNWELCOME", Detail = "no",
        });
        await f.A.AtDeskAsync("outgoing", Federation.BPath, "TEST_UNWELCOME");
        await f.A.AllReceiptedAsync(Federation.BPath);
        var asked = new V1.OutcomesRequest
        {
            MessageIds = { held.MessageId, taken.MessageId, refused.MessageId, Guid.NewGuid().ToString() },
        };
        var told = (await f.A.Client.OutcomesAsync(asked)).Outcomes.ToDictionary(o => o.MessageId);
        Assert.Equal(3, told.Count);
        Assert.Equal((V1.MessageState.Held, 0), (told[held.MessageId].State, told[held.MessageId].Sequence));
        Assert.Equal((V1.MessageState.Receipted, Federation.BPath, ""),
            (told[taken.MessageId].State, told[taken.MessageId].ToNode, told[taken.MessageId].Code));
        Assert.Equal((V1.MessageState.Refused, "TEST_UNWELCOME"),
            (told[refused.MessageId].State, told[refused.MessageId].Code));
        Assert.Equal(told[taken.MessageId].Sequence + 1, told[refused.MessageId].Sequence);
    }

    [Fact]
    public async Task A_region_nobody_serves_yet_is_held_encrypted()
    {
        var f = await servers.StartedAsync();
        var message = ExchangeNode.Message("141022", "310104", "held in secret");
        Assert.Equal(V1.SendOutcome.Accepted, (await f.A.SendAsync(message))[0].Outcome);
        var row = await f.A.SqlAsync<byte[]>(
            "select payload from outgoing_message where message_id = $1 and state = 'pending'",
                Guid.Parse(message.MessageId));
        Assert.NotNull(row);
        Assert.DoesNotContain("secret", System.Text.Encoding.Latin1.GetString(row), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wiped_queue_is_noticed_and_everything_is_sent_again()
    {
        var f = await servers.StartedAsync();
        await f.B.StopAsync();
        try
        {
            await f.A.SendAsync([.. Enumerable.Range(1, 50)
                .Select(i => ExchangeNode.Message("141022", "140105", $"wiped {i}"))]);
            await Eventually.TrueAsync(async () => await f.A.SqlAsync<bool>(
                "select published_through = head from outgoing_stream where to_node = $1", Federation.BPath),
                    "published");
            await Eventually.TrueAsync(
                async () => await f.Broker.Management.MessagesAsync(f.B.Vhost, "exchange.in") >= 50, "queued");
            await f.Broker.Management.PurgeAsync(f.B.Vhost, "exchange.in");
        }
        finally { await f.B.StartAsync(); }
        var arrived = await f.B.ArrivalsAsync("wiped", 50);
        Assert.Equal(Enumerable.Range(1, 50).Select(i => $"wiped {i}"), arrived.Select(a => a.Payload.ToStringUtf8()));
        await f.A.AllReceiptedAsync(Federation.BPath);
    }

    [Fact]
    public async Task A_crash_between_ledger_and_broker_loses_nothing()
    {
        var f = await servers.StartedAsync();
        await f.A.StopAsync();
        await f.A.StartAsync(null, "--Rabbit:Uri=amqp://127.0.0.1:1/none");
        var first = Enumerable.Range(1, 30).Select(i => ExchangeNode.Message("141022", "140105", $"crash {i:00}"))
            .ToArray();
        await f.A.SendAsync(first);
        await f.A.StopAsync();
        await f.A.StartAsync();
        var second = Enumerable.Range(31, 30).Select(i => ExchangeNode.Message("141022", "140105", $"crash {i:00}"))
            .ToArray();
        await f.A.SendAsync(second);
        await f.A.StopAsync();
        await f.A.StartAsync();
        var arrived = await f.B.ArrivalsAsync("crash", 60);
        Assert.Equal(first.Concat(second).Select(s => s.MessageId), arrived.Select(a => a.MessageId));
        await f.A.AllReceiptedAsync(Federation.BPath);
    }

    [Fact]
    public async Task A_region_that_moves_takes_its_messages_along_in_order_even_those_already_under_way()
    {
        var f = await servers.StartedAsync();
        await f.A.SendAsync(ExchangeNode.Message("141022", "140700", "move 00"));
        await f.Hub.ArrivalsAsync("move 00", 1);
        await f.A.AllReceiptedAsync(Federation.HubPath);
        await f.Hub.StopAsync();
        var early = Enumerable.Range(1, 5).Select(i => ExchangeNode.Message("141022", "140700", $"move {i:00}"))
            .ToArray();
        await f.A.SendAsync(early);
        await Eventually.TrueAsync(
            async () => await f.Broker.Management.MessagesAsync(f.Hub.Vhost, "exchange.in") >= 5, "queued");
        await f.A.StopAsync();
        await f.Broker.Management.PurgeAsync(f.Hub.Vhost, "exchange.in");
        await f.Hub.StartAsync();
        await f.Late.StartAsync();
        await Eventually.TrueAsync(() => f.Hub.KnowsAsync(Federation.LatePath), "the new node has its own record");
        await f.A.StartAsync();
        var late = Enumerable.Range(6, 5).Select(i => ExchangeNode.Message("141022", "140700", $"move {i:00}"))
            .ToArray();
        foreach (var message in late) await f.A.SendAsync(message);
        var arrived = await f.Late.ArrivalsAsync("move", 10);
        Assert.Equal(early.Concat(late).Select(m => m.MessageId), arrived.Select(a => a.MessageId));
        await f.A.AllReceiptedAsync(Federation.LatePath);
        // Whether the later five still come this way depends on when the news of the new node reaches the sender.
        Assert.Equal(5, await f.Hub.SqlAsync<long>(
            "select count(*) from incoming_ledger where refused_code = 'EXCHANGE_MOVED' and moved_to = $1"
                + " and message_id = any($2)", Federation.LatePath,
            early.Select(m => Guid.Parse(m.MessageId)).ToArray()));
    }

    [Fact]
    public async Task A_message_never_overtakes_an_older_one_that_is_answered_as_moved_at_the_same_moment()
    {
        var f = await servers.StartedAsync();
        await f.A.SendAsync(ExchangeNode.Message("141022", "140105", "a stream to state"));
        await f.A.AllReceiptedAsync(Federation.BPath);
        await f.A.StopAsync();
        await f.A.SqlAsync<int>("update outgoing_stream set stated_at = null");
        await f.A.StartAsync(null, "--Exchange:TickInterval=01:00:00");
        await Eventually.TrueAsync(
            async () => await f.A.SqlAsync<bool>("select stated_at is not null from outgoing_stream where to_node = $1",
                Federation.BPath), "the only tick is over: what waits from here on keeps waiting");
        var older = Guid.CreateVersion7();
        await f.A.SqlAsync<int>("""
            insert into outgoing_message (message_id, from_region, to_region, addressed_to, type, type_version, payload,
                occurred_at, trace_parent, accepted_at, state, to_node, sequence)
            values ($1, '141022', '140200', '', 'platform.test.v1.Note', 1, '', now(), '', now(), 'sent', $2, 0)
            """, older, Federation.BPath);
        using var enough = new CancellationTokenSource();
        var answers = AnswerAgainAndAgainAsync(f.A, older, enough.Token);
        // Each region once: where one message waits already, all younger ones wait for that one.
        foreach (var region in Enumerable.Range(140201, 300).Select(r => $"{r}"))
        {
            await f.A.SqlAsync<int>("update outgoing_message set to_region = $2 where message_id = $1", older, region);
            await f.A.SendAsync(ExchangeNode.Message("141022", region, "younger"));
        }
        await enough.CancelAsync();
        Assert.True(await answers > 300, "the older message was sent and waiting in turn all the while");
        Assert.Equal(300, await f.A.SqlAsync<long>("""
            select count(*) from outgoing_message
            where to_region between '140201' and '140500' and state = 'pending' and message_id <> $1
            """, older));
        await f.A.SqlAsync<int>("delete from outgoing_message where message_id = $1", older);
        await f.A.StopAsync();
        await f.A.StartAsync();
        Assert.Equal(300, (await f.Hub.ArrivalsAsync("younger", 300)).DistinctBy(a => a.MessageId).Count());
        await f.A.AllReceiptedAsync(Federation.HubPath);
    }

    /// <returns>How many times the message went from sent to waiting, as a receipt with EXCHANGE_MOVED does.</returns>
    private static async Task<int> AnswerAgainAndAgainAsync(ExchangeNode at, Guid message, CancellationToken ct)
    {
        var times = 0;
        for (; !ct.IsCancellationRequested; times++)
        {
            foreach (var state in new[] { "pending", "sent" })
                await at.SqlAsync<int>("update outgoing_message set state = $2 where message_id = $1", message, state);
        }
        return times;
    }
}
