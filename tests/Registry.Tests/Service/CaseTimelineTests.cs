using System.Text.Json;
using Google.Protobuf;
using Microsoft.Extensions.DependencyInjection;
using Platform.Hosting;
using Platform.Testing;
using Registry.Service;
using Registry.Service.Capabilities;
using V1 = Platform.Contracts.Registry.V1;
using X1 = Platform.Contracts.Exchange.V1;

namespace Registry.Tests.Service;

/// <summary>
/// Who did what in a case, what the other side said, and a decision on a card that has changed since.
/// </summary>
public sealed class CaseTimelineTests(RegistryFixture registry) : IClassFixture<RegistryFixture>
{
    [Fact]
    public async Task It_tells_newest_first_who_did_what_and_that_a_message_still_waits()
    {
        var seeded = await Seeded.CreateAsync(registry, "TL1");
        var id = await seeded.AwayAsync(registry, await Seeded.MemberAsync(registry, seeded.Branch, 701));
        var timeline = (await registry.As("committee-clerk").GetAsync($"/api/v1/cases/{id}/timeline")).Ok;
        var items = timeline.GetProperty("items").EnumerateArray().ToList();
        Assert.Equal(["hostNotified", "departurePrepared", "outboundApproved", "outboundApplied"], items.Select(Event));
        Assert.Equal("branch-secretary", items[^1].GetProperty("by").GetString());
        Assert.Equal(seeded.BranchPath, items[^1].GetProperty("office").GetString());
        // The exchange is away: what waits here is known, and that nothing more is.
        Assert.Equal("waiting", items[0].GetProperty("message").GetProperty("state").GetString());
        Assert.Equal(JsonValueKind.Null, items[1].GetProperty("message").ValueKind);
        Assert.False(timeline.GetProperty("complete").GetBoolean());
    }

    [Fact]
    public async Task A_message_carries_the_id_of_its_line_and_only_the_one_to_the_other_side()
    {
        var seeded = await Seeded.CreateAsync(registry, "TL2");
        var id = await seeded.AwayAsync(registry, await Seeded.MemberAsync(registry, seeded.Branch, 711));
        await using var command = registry.Behind.CreateCommand($"""
            select string_agg(o.type || ' to ' || o.to_region, ', ') from outbox o join audit a on a.id = o.message_id
            where a.subject_id = '{id}'
            """);
        Assert.Equal($"{CaseWire.CaseType} to 140105", await command.ExecuteScalarAsync());
    }

    [Fact]
    public async Task What_the_other_side_said_stands_there_with_its_words_and_without_a_name()
    {
        var seeded = await Seeded.CreateAsync(registry, "TL3");
        var id = await seeded.AwayAsync(registry, await Seeded.MemberAsync(registry, seeded.Branch, 721));
        await ArriveAsync(id, m => m.MemberNotFound = new() { Why = "登记的单位已搬走" });
        var first = (await registry.As("committee-clerk").GetAsync($"/api/v1/cases/{id}/timeline")).Ok
            .GetProperty("items")[0];
        Assert.Equal("hostDidNotFind", Event(first));
        Assert.Equal(JsonValueKind.Null, first.GetProperty("by").ValueKind);
        Assert.Equal("登记的单位已搬走", first.GetProperty("text").GetString());
        Assert.True(first.GetProperty("message").GetProperty("arrived").GetBoolean());
        Assert.Equal("applied", first.GetProperty("message").GetProperty("state").GetString());
    }

    [Fact]
    public async Task A_decision_on_a_card_that_changed_since_is_refused_and_changes_nothing()
    {
        var seeded = await Seeded.CreateAsync(registry, "TL4");
        var id = await seeded.AwayAsync(registry, await Seeded.MemberAsync(registry, seeded.Branch, 731));
        var clerk = registry.As("committee-clerk");
        var seen = Revision((await clerk.GetAsync($"/api/v1/cases/{id}")).Ok.GetProperty("home"));
        Assert.Equal(200, (await ChangeAsync(clerk, id, "甲厂", seen, Guid.CreateVersion7())).Status);
        var late = Guid.CreateVersion7();
        Assert.Equal("CASE_CHANGED", (await ChangeAsync(clerk, id, "乙厂", seen, late)).Code);
        var now = (await clerk.GetAsync($"/api/v1/cases/{id}")).Ok.GetProperty("home");
        Assert.Equal("甲厂", now.GetProperty("facts").GetProperty("employer").GetString());
        // Having looked again the same person decides again; a repeat of what was done is answered, not judged.
        Assert.Equal(200, (await ChangeAsync(clerk, id, "乙厂", Revision(now), late)).Status);
        Assert.Equal(200, (await ChangeAsync(clerk, id, "乙厂", Revision(now), late)).Status);
    }

    [Fact]
    public async Task Several_differences_are_settled_together_or_not_at_all()
    {
        var seeded = await Seeded.CreateAsync(registry, "TL5");
        var id = await seeded.AwayAsync(registry, await Seeded.MemberAsync(registry, seeded.Branch, 741));
        var clerk = registry.As("committee-clerk");
        var facts = (await clerk.GetAsync($"/api/v1/cases/{id}")).Ok.GetProperty("home").GetProperty("facts");
        await ArriveAsync(id, m => m.AdmissionReceipt = new()
        {
            Facts = new()
            {
                Name = facts.GetProperty("name").GetString(), IdNumber = Seeded.IdNumber(741), Phone = "13900007410",
                Standing = "full", Employer = "丙厂", Occupation = "焊工", Residence = "他处",
                CertificateNumber = facts.GetProperty("certificateNumber").GetString(),
            },
            HostBranch = "支部", HostContact = "丁", AdmittedOn = "2026-02-01",
        });
        var path = $"/api/v1/outbound-cases/{id}/adopt";
        Assert.Equal("CASE_FIELD_UNKNOWN",
            (await clerk.PostAsync(path, new { fields = new[] { "employer", "shoeSize" } })).Code);
        Assert.Equal("CASE_FIELD_UNKNOWN", (await clerk.PostAsync(path, new { })).Code);
        var after = (await clerk.PostAsync(path, new { fields = new[] { "employer", "phone" } })).Ok;
        Assert.Equal(["occupation", "residence"],
            after.GetProperty("differences").EnumerateArray().Select(d => d.GetString()));
    }

    [Fact]
    public async Task A_case_names_what_each_side_owes_and_by_when()
    {
        var seeded = await Seeded.CreateAsync(registry, "TL6");
        var id = await seeded.AwayAsync(registry, await Seeded.MemberAsync(registry, seeded.Branch, 751),
            new { plannedReturnOn = "2026-12-24" });
        var clerk = registry.As("committee-clerk");
        Assert.Equal(["host admit"], await DutiesAsync(clerk, id));
        await ArriveAsync(id, m => m.AdmissionReceipt = new()
        {
            Facts = new() { Name = "测试甲", IdNumber = Seeded.IdNumber(751), Standing = "full" },
            HostBranch = "支部", HostContact = "丁", AdmittedOn = "2026-02-01",
        });
        Assert.Equal(["home resolveDifference", "home askTransfer", "home awaitReturn", "host feedback"],
            await DutiesAsync(clerk, id));
        var duties = (await clerk.GetAsync($"/api/v1/cases/{id}")).Ok.GetProperty("duties");
        Assert.Equal("2026-07-05", duties[1].GetProperty("dueOn").GetString());
        Assert.Equal("2026-12-24", duties[2].GetProperty("dueOn").GetString());
    }

    private static async Task<List<string>> DutiesAsync(Api clerk, Guid id) =>
        [.. (await clerk.GetAsync($"/api/v1/cases/{id}")).Ok.GetProperty("duties").EnumerateArray()
            .Select(d => $"{d.GetProperty("by").GetString()} {d.GetProperty("what").GetString()}")];

    private static string? Event(JsonElement item) => item.GetProperty("event").GetString();

    private static long Revision(JsonElement card) => card.GetProperty("revision").GetInt64();

    private static Task<Reply> ChangeAsync(Api api, Guid id, string employer, long seen, Guid key) =>
        api.SendAsync(HttpMethod.Post, $"/api/v1/outbound-cases/{id}/change",
            System.Net.Http.Json.JsonContent.Create(new { employer }), key, ("If-Match", $"\"{seen}\""));

    private async Task ArriveAsync(Guid caseId, Action<V1.CaseMessage> say)
    {
        var message = new V1.CaseMessage
        {
            CaseId = caseId.ToString(), Leg = 1, HomeRegion = RegistryFixture.Region, HostRegion = "140105",
        };
        say(message);
        await using var scope = registry.Services.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<CallerContext>().Current = Caller.Service;
        await scope.ServiceProvider.GetRequiredService<ApplyArrival>().RunAsync(new X1.Arrival
        {
            MessageId = Guid.CreateVersion7().ToString(), FromRegion = "140105", Type = CaseWire.CaseType,
            Payload = message.ToByteString(),
        }, TestContext.Current.CancellationToken);
    }
}
