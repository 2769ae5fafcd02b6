using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Exchange.Service;
using Exchange.Service.Capabilities;
using Exchange.Service.Trust;
using Microsoft.Extensions.DependencyInjection;
using Xunit;
using V1 = Platform.Contracts.Exchange.V1;

namespace Exchange.Tests.Service;

/// <summary>What people at the desk can see and do, and what anyone can check offline.</summary>
[Collection("federation")]
public sealed class OperatorTests(Federation servers)
{
    [Fact]
    public async Task What_a_service_refuses_is_at_both_desks_and_can_be_tried_again()
    {
        var f = await servers.StartedAsync();
        var message = ExchangeNode.Message("141022", "140105", "unwelcome");
        await f.A.SendAsync(message);
        var first = Assert.Single(await f.B.ArrivalsAsync("unwelcome", 1));
        var settle = new V1.SettleRequest
        {
            MessageId = message.MessageId,
            Outcome = V1.SettleOutcome.Refused,
            Code = "REGISTRY_CASE_UNKNOWN",
            Detail = "no such case",
        };
        await f.B.Client.SettleAsync(settle);
        await f.B.Client.SettleAsync(settle);
        await f.B.AtDeskAsync("incoming", Federation.APath, "REGISTRY_CASE_UNKNOWN");
        await f.A.AtDeskAsync("outgoing", Federation.BPath, "REGISTRY_CASE_UNKNOWN");
        f.B.SignIn("operator");
        var desk = await f.B.Http.GetFromJsonAsync<JsonElement>("/api/v1/exchange/desk");
        var item = desk.GetProperty("items").EnumerateArray()
            .Single(i => i.GetProperty("code").GetString() == settle.Code);
        var url = $"/api/v1/exchange/desk/{item.GetProperty("id").GetString()}/retry";
        var command = new { commandId = Guid.CreateVersion7(), reason = "the case is there now" };
        var answer = await f.B.Http.PostAsJsonAsync(url, command);
        Assert.Equal("retried",
            (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("status").GetString());
        Assert.Equal(HttpStatusCode.OK, (await f.B.Http.PostAsJsonAsync(url, command)).StatusCode);
        var again = Assert.Single(await f.B.ArrivalsAsync("unwelcome", 1, after: first.Position));
        Assert.True(again.Position > first.Position);
        var audit = await f.B.SqlAsync<long>(
            "select count(*) from audit where action = 'DeskItemRetried' and reason = $1",
            command.reason);
        Assert.Equal(1, audit);
    }

    [Fact]
    public async Task A_message_refused_over_there_can_be_sent_again_or_dismissed_with_a_reason()
    {
        var f = await servers.StartedAsync();
        await f.A.SendAsync(ExchangeNode.Message("141022", "140105", "strange", "platform.strange.v1.Type"));
        await f.A.AtDeskAsync("outgoing", Federation.BPath, ExchangeCodes.UnknownType);
        f.A.SignIn("operator");
        var item = await FindAsync(f, ExchangeCodes.UnknownType);
        var retried = await f.A.Http.PostAsJsonAsync($"/api/v1/exchange/desk/{item}/retry",
            new { commandId = Guid.CreateVersion7(), reason = "they know it now" });
        Assert.Equal(HttpStatusCode.OK, retried.StatusCode);
        await Eventually.TrueAsync(async () => await f.A.SqlAsync<long>("""
            select count(*) from desk_item where code = 'EXCHANGE_UNKNOWN_TYPE' and status = 'open'
            """) == 1, "refused once more");
        var next = await FindAsync(f, ExchangeCodes.UnknownType);
        var short_ = await f.A.Http.PostAsJsonAsync($"/api/v1/exchange/desk/{next}/dismissal",
            new { commandId = Guid.CreateVersion7(), reason = "" });
        Assert.Equal(HttpStatusCode.BadRequest, short_.StatusCode);
        var dismissed = await f.A.Http.PostAsJsonAsync($"/api/v1/exchange/desk/{next}/dismissal",
            new { commandId = Guid.CreateVersion7(), reason = "not for them" });
        Assert.Equal(HttpStatusCode.OK, dismissed.StatusCode);
        var closed = await f.A.Http.PostAsJsonAsync($"/api/v1/exchange/desk/{next}/retry",
            new { commandId = Guid.CreateVersion7(), reason = "once more" });
        Assert.Equal(HttpStatusCode.Conflict, closed.StatusCode);
    }

    [Fact]
    public async Task Streams_directory_and_the_connection_test_answer_operators_and_nobody_else()
    {
        var f = await servers.StartedAsync();
        f.A.SignIn("committee-clerk");
        Assert.Equal(HttpStatusCode.Forbidden, (await f.A.Http.GetAsync("/api/v1/exchange/streams")).StatusCode);
        f.A.SignIn("operator");
        var streams = await f.A.Http.GetFromJsonAsync<JsonElement>("/api/v1/exchange/streams");
        Assert.Equal(JsonValueKind.Array, streams.GetProperty("outgoing").ValueKind);
        var nodes = await f.A.Http.GetFromJsonAsync<JsonElement>("/api/v1/exchange/nodes");
        Assert.True(nodes.GetProperty("enrolled").GetBoolean());
        var ping = await f.A.Http.PostAsync($"/api/v1/exchange/nodes/{Federation.BPath}/ping", null);
        Assert.True((await ping.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("answered").GetBoolean());
        Assert.Equal(HttpStatusCode.NotFound,
            (await f.A.Http.PostAsync("/api/v1/exchange/nodes/1/ping", null)).StatusCode);
    }

    [Fact]
    public async Task An_exported_ledger_verifies_offline_and_a_flipped_byte_is_found()
    {
        var f = await servers.StartedAsync();
        await f.A.SendAsync([.. Enumerable.Range(1, 20)
            .Select(i => ExchangeNode.Message("141022", "140105", $"export {i}"))]);
        await f.A.AllReceiptedAsync(Federation.BPath);
        var path = Path.Combine(Path.GetTempPath(), $"ledger-{Guid.NewGuid():n}.bin");
        try
        {
            await using (var file = File.Create(path))
            {
                await f.A.Services.GetRequiredService<LedgerExport>()
                    .WriteAsync(LedgerExport.Outgoing, Federation.BPath, file, TestContext.Current.CancellationToken);
            }
            using var words = new StringWriter();
            Assert.Equal(0, await LedgerVerifier.RunAsync(words, path, "--root", f.Fingerprint));
            Assert.Contains("Good", words.ToString(), StringComparison.Ordinal);
            var bytes = await File.ReadAllBytesAsync(path);
            var (at, sequence) = Payload(bytes, 15);
            bytes[at] ^= 1;
            await File.WriteAllBytesAsync(path, bytes);
            words.GetStringBuilder().Clear();
            Assert.Equal(1, await LedgerVerifier.RunAsync(words, path, "--root", f.Fingerprint));
            Assert.Contains($"the entry at {sequence} does not verify", words.ToString(), StringComparison.Ordinal);
            words.GetStringBuilder().Clear();
            Assert.Equal(1, await LedgerVerifier.RunAsync(words, path, "--root", new string('0', 64)));
            Assert.Equal(2, await LedgerVerifier.RunAsync(words, path + "missing"));
        }
        finally { File.Delete(path); }
    }

    [Fact]
    public async Task A_child_that_another_replica_has_certified_anew_is_revoked_and_every_replica_learns_of_it()
    {
        var f = await servers.StartedAsync();
        await using var leaving = await ExchangeNode.CreateAsync(f, Federation.LeavingPath);
        await leaving.StartAsync();
        await Eventually.TrueAsync(() => f.Hub.KnowsAsync(Federation.LeavingPath), "the child is enrolled");
        // A second process of the hub that hears nothing and looks again in an hour: it knows the first record.
        await using var replica = f.Hub.Replica();
        await replica.StartAsync(null, "--Rabbit:Uri=amqp://127.0.0.1:1/none", "--Exchange:EnrolmentInterval=01:00:00");
        await Eventually.TrueAsync(() => replica.KnowsAsync(Federation.LeavingPath), "the replica has read the record");
        await leaving.StopAsync();
        await leaving.StartAsync(null, "--Node:Name=renamed");
        await Eventually.TrueAsync(async () => await f.Hub.SqlAsync<long>(
            "select version from node_record where path = $1", Federation.LeavingPath) == 2, "it is certified anew");
        replica.SignIn("operator");
        var answer = await replica.Http.PostAsJsonAsync($"/api/v1/exchange/nodes/{Federation.LeavingPath}/revocation",
            new { reason = "merged into its neighbour" });
        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        foreach (var node in new[] { replica, f.Hub, f.A })
        {
            await Eventually.TrueAsync(() => Task.FromResult(node.Services.GetRequiredService<NodeDirectory>().Bundle
                .Find(Federation.LeavingPath) is { Revoked: true, Version: 3 }), $"{node.Path} believes it no more");
        }
    }

    /// <summary>Where in the file the sealed payload of the n-th entry lies.</summary>
    private static (int At, long Sequence) Payload(byte[] file, int entry)
    {
        using var input = new MemoryStream(file);
        while (true)
        {
            var line = V1.LedgerFile.Parser.ParseDelimitedFrom(input);
            if (line.Entry is null || --entry > 0) continue;
            var payload = line.Entry.Envelope.SealedPayload.Span;
            return (file.AsSpan().IndexOf(payload) + 80, line.Entry.Envelope.Sequence);
        }
    }

    private static async Task<string?> FindAsync(Federation f, string code)
    {
        var desk = await f.A.Http.GetFromJsonAsync<JsonElement>("/api/v1/exchange/desk");
        return desk.GetProperty("items").EnumerateArray().First(i => i.GetProperty("code").GetString() == code)
            .GetProperty("id").GetString();
    }
}
