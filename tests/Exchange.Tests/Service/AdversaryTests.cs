using System.Security.Cryptography;
using Google.Protobuf;
using Xunit;
using V1 = Platform.Contracts.Exchange.V1;

namespace Exchange.Tests.Service;

/// <summary>A node that says what no honest node would: nothing it says is half-processed, everything is
/// answered.</summary>
[Collection("federation")]
public sealed class AdversaryTests(Federation servers)
{
    private async Task<(Federation, ScriptedNode)> JoinAsync()
    {
        var f = await servers.StartedAsync();
        return (f, await ScriptedNode.JoinAsync(f, Federation.BPath));
    }

    [Fact]
    public async Task Reordered_and_repeated_entries_end_in_one_ledger_in_order()
    {
        var (f, node) = await JoinAsync();
        await using var _ = node;
        var entries = Enumerable.Range(1, 12).Select(i => node.Advance(node.Entry($"shuffled {i:00}"))).ToList();
        foreach (var i in new[] { 11, 3, 3, 0, 7, 1, 0, 2, 10, 5, 4, 6, 8, 11, 9, 0 }) await node.PublishAsync(
            entries[i]);
        var receipt = await node.ReceiptAsync(12);
        Assert.Equal(node.Head.ToArray(), receipt.ThroughDigest.ToByteArray());
        Assert.Empty(receipt.Exceptions);
        var arrived = await f.B.ArrivalsAsync("shuffled", 12);
        Assert.Equal(Enumerable.Range(1, 12).Select(i => $"shuffled {i:00}"),
            arrived.Select(a => a.Payload.ToStringUtf8()));
    }

    [Fact]
    public async Task A_gap_is_asked_for()
    {
        var (_, node) = await JoinAsync();
        await using var __ = node;
        var entries = Enumerable.Range(1, 5).Select(i => node.Advance(node.Entry($"gap {i}"))).ToList();
        foreach (var i in new[] { 0, 4 }) await node.PublishAsync(entries[i]);
        var asked = V1.ResendRequest.Parser.ParseFrom((await node.HearAsync(V1.ControlKind.ResendRequest)).Body);
        Assert.Equal((2, 4), (asked.FirstSequence, asked.LastSequence));
        foreach (var i in new[] { 1, 2, 3 }) await node.PublishAsync(entries[i]);
        await node.ReceiptAsync(5);
    }

    [Fact]
    public async Task A_changed_envelope_a_strange_key_and_a_strange_name_get_no_place_and_an_answer()
    {
        var (f, node) = await JoinAsync();
        await using var _ = node;
        using var other = new TestNode("1", "14");
        await node.PublishAsync(node.Entry("x", after: e => e.Type = "platform.test.v1.Forged"));
        Assert.Equal(1, (await node.RefusalAsync(ExchangeCodes.SignatureInvalid)).Sequence);
        await node.PublishAsync(node.Entry("x", after: e => e.Signature.KeyId = "0123456789abcdef"));
        await node.RefusalAsync(ExchangeCodes.UnknownKey);
        await node.PublishAsync(node.Entry("x", signer: other.Signing));
        await node.PublishAsync(node.Entry("x", e => e.FromNode = "140000.149999"));
        await f.B.AtDeskAsync("incoming", "?", ExchangeCodes.UnknownNode);
        await node.PublishAsync(
            Federation.BPath, new() { Envelope = node.Entry("x", e => e.ToNode = Federation.APath) });
        await node.RefusalAsync(ExchangeCodes.WrongDestination);
        await f.B.AtDeskAsync("incoming", Federation.ScriptedPath, ExchangeCodes.SignatureInvalid);
        Assert.Equal(0, await f.B.SqlAsync<long>(
            "select count(*) from incoming_ledger where from_node = $1", Federation.ScriptedPath));
    }

    [Fact]
    public async Task What_cannot_be_delivered_keeps_its_place_and_the_receipt_says_why()
    {
        var (f, node) = await JoinAsync();
        await using var _ = node;
        var replayed = node.Advance(node.Entry("content good"));
        V1.Envelope[] entries =
        [
            replayed,
            node.Advance(node.Entry("content", e => e.FromRegion = "141022")),
            node.Advance(node.Entry("content", e => e.ToRegion = "990000")),
            node.Advance(node.Entry("content", e => e.ToRegion = "141022")),
            node.Advance(node.Entry("content", e => e.Type = "platform.other.v1.Thing")),
            node.Advance(node.Entry("content", e => e.TypeVersion = 3)),
            node.Advance(node.Entry("content", sealedPayload: RandomNumberGenerator.GetBytes(200))),
            node.Advance(node.Entry("content", sealedPayload: new byte[70000])),
            node.Advance(node.Entry("content", e => e.Id = replayed.Id)),
            node.Advance(node.Entry("content last")),
        ];
        foreach (var entry in entries) await node.PublishAsync(entry);
        var receipt = await node.ReceiptAsync(10);
        Assert.Equal(
            [(2, ExchangeCodes.WrongRegion), (3, ExchangeCodes.NotServed), (4, ExchangeCodes.Moved),
                (5, ExchangeCodes.UnknownType),
                (6, ExchangeCodes.UnknownVersion), (7, ExchangeCodes.Undecryptable), (8, ExchangeCodes.PayloadTooLarge),
                (9, ExchangeCodes.Replayed)],
            receipt.Exceptions.Select(e => ((int)e.Sequence, e.Code)));
        Assert.Equal(Federation.APath, receipt.Exceptions[2].MovedTo.Path);
        var arrived = await f.B.ArrivalsAsync("content", 2);
        Assert.Equal(["content good", "content last"], arrived.Select(a => a.Payload.ToStringUtf8()));
        Assert.Equal(8, await f.B.SqlAsync<long>(
            "select count(*) from desk_item where node = $1 and sequence between 2 and 9", Federation.ScriptedPath));
    }

    [Fact]
    public async Task Two_truths_for_one_place_raise_an_alarm_and_the_first_stands()
    {
        var (f, node) = await JoinAsync();
        await using var _ = node;
        var other = node.Entry("truth two");
        var first = node.Advance(node.Entry("truth one"));
        await node.PublishAsync(first);
        await node.ReceiptAsync(1);
        await node.PublishAsync(other);
        await node.RefusalAsync(ExchangeCodes.DigestConflict);
        await node.PublishAsync(node.Entry("truth broken", previous: Digest.Of([1])));
        await node.RefusalAsync(ExchangeCodes.ChainBroken);
        Assert.Equal(ExchangeCodes.ChainBroken, await f.B.SqlAsync<string>(
            "select alarm_code from incoming_stream where from_node = $1", Federation.ScriptedPath));
        Assert.Equal("truth one", Assert.Single(await f.B.ArrivalsAsync("truth", 1)).Payload.ToStringUtf8());
    }

    [Fact]
    public async Task A_false_receipt_is_an_alarm_not_a_receipt()
    {
        var (f, node) = await JoinAsync();
        await using var _ = node;
        await f.A.SendAsync(ExchangeNode.Message("141022", "140181", "for the scripted node"));
        await Eventually.TrueAsync(async () => await f.A.SqlAsync<bool>(
            "select published_through > receipted_through from outgoing_stream where to_node = $1",
                Federation.ScriptedPath), "sent");
        await node.ControlAsync(Federation.APath, V1.ControlKind.Receipt, new V1.Receipt
        {
            ThroughSequence = 1,
            ThroughDigest = ByteString.CopyFrom(Digest.Of([7]).Span),
        });
        await f.A.AtDeskAsync("outgoing", Federation.ScriptedPath, ExchangeCodes.ReceiptConflict);
        Assert.Equal(0, await f.A.SqlAsync<long>(
            "select receipted_through from outgoing_stream where to_node = $1", Federation.ScriptedPath));
    }

    [Fact]
    public async Task A_message_to_a_node_that_is_not_there_is_answered_by_the_root()
    {
        var (f, node) = await JoinAsync();
        await using var _ = node;
        await node.PublishAsync(
            "140000.149876", new() { Envelope = node.Entry("lost", e => e.ToNode = "140000.149876") });
        var refusal = await node.RefusalAsync(ExchangeCodes.NoRoute);
        Assert.Equal("140000.149876", refusal.StreamTo);
        await f.Hub.AtDeskAsync("incoming", Federation.ScriptedPath, ExchangeCodes.NoRoute);
    }

    [Fact]
    public async Task A_wrong_or_used_code_enrols_nobody()
    {
        var (_, node) = await JoinAsync();
        await using var __ = node;
        using var thief = new TestNode(Federation.ScriptedPath, "140181");
        var now = Canonical.Microseconds(DateTimeOffset.UtcNow);
        var honest = node.Self.Record;
        node.Self.Record = honest with { Name = "another name" };
        var record = ScriptedNode.Exchange(node.Self.Record);
        await node.ControlAsync(Federation.HubPath, V1.ControlKind.EnrolmentRequest,
            new V1.EnrolmentRequest { Record = record, Proof = ByteString.CopyFrom(new byte[32]) });
        var answer = V1.EnrolmentAnswer.Parser.ParseFrom((await node.HearAsync(V1.ControlKind.EnrolmentAnswer)).Body);
        Assert.Equal(ExchangeCodes.EnrolmentCodeWrong, answer.Code);
        node.TakeKeysOf(thief, now);
        await node.ControlAsync(Federation.HubPath, V1.ControlKind.EnrolmentRequest, new V1.EnrolmentRequest
        {
            Record = ScriptedNode.Exchange(node.Self.Record),
            Proof = ByteString.CopyFrom(ScriptedNode.Proof(node.Self.Record)),
        });
        answer = V1.EnrolmentAnswer.Parser.ParseFrom((await node.HearAsync(V1.ControlKind.EnrolmentAnswer)).Body);
        Assert.Equal(ExchangeCodes.EnrolmentCodeUsed, answer.Code);
    }

    [Fact]
    public async Task A_key_whose_time_is_over_is_refused()
    {
        var f = await servers.StartedAsync();
        await f.B.StopAsync();
        try
        {
            await f.B.StartAsync(new ShiftedClock(TimeSpan.FromDays(800)));
            await f.A.SendAsync(ExchangeNode.Message("141022", "140105", "too late"));
            await f.B.AtDeskAsync("incoming", Federation.APath, ExchangeCodes.KeyExpired);
        }
        finally
        {
            await f.B.StopAsync();
            await f.B.StartAsync();
        }
        await f.B.ArrivalsAsync("too late", 1);
    }
}
