using System.Text.Json;
using Npgsql;
using static Registry.Tests.Federated.Journey;
using static Registry.Tests.Federated.TierFederation;

namespace Registry.Tests.Federated;

/// <summary>An officer's step at the very moment when a message of the other side changes the same card.</summary>
[Collection(TierCollection.Name)]
public sealed class StepsAtOnceTests(TierFederation tiers)
{
    [Fact]
    public async Task A_step_of_the_host_that_meets_a_message_is_taken_after_it()
    {
        var journey = await AdmittedAsync(tiers, Home, Host);
        var reply = await MeetAsync(Host, "inbound_card", journey.Card, () =>
            journey.HostStepAsync("change", new { employer = "庚厂" }));
        Assert.Equal("庚厂", Text(reply.GetProperty("facts"), "employer"));
        await journey.AtHomeAsync(c => Text(c.GetProperty("facts"), "employer") == "庚厂");
    }

    [Fact]
    public async Task A_certificate_prepared_while_a_message_comes_is_issued_once_and_skips_no_number()
    {
        var numbers = new List<int>();
        foreach (var meets in new[] { false, true, false })
        {
            var journey = new Journey(tiers, Neighbour, (await tiers.MemberAsync(Neighbour)).Id);
            await journey.ApplyAsync(Host);
            await journey.StepAsync("approve");
            Task<JsonElement> PrepareAsync() => journey.StepAsync("prepare",
                new { talkOn = "2026-02-20", educatedOn = "2026-02-21", contactPerson = "家乡联系人" });
            var reply = meets ? await MeetAsync(Neighbour, "outbound_card", journey.Case, PrepareAsync)
                : await PrepareAsync();
            numbers.Add(int.Parse(Text(reply.GetProperty("facts"), "certificateNumber")![10..16],
                System.Globalization.CultureInfo.InvariantCulture));
        }
        Assert.Equal([numbers[0], numbers[0] + 1, numbers[0] + 2], numbers);
    }

    /// <summary>Takes the step when the card was read by it, and changed by another before it could write.</summary>
    private async Task<JsonElement> MeetAsync(string region, string table, Guid card, Func<Task<JsonElement>> step)
    {
        var node = tiers.NodeOf(region);
        await using var other = await node.OpenAsync();
        await using var transaction = await other.BeginTransactionAsync();
        await using (var command = new NpgsqlCommand($"update {table} set since = since where id = @id", other))
        {
            command.Parameters.AddWithValue("id", card);
            Assert.Equal(1, await command.ExecuteNonQueryAsync());
        }
        var taken = step();
        await EventuallyAsync("the step waits for the other", () => node.WaitsAsync($"%update {table}%"));
        await transaction.CommitAsync();
        return await taken;
    }
}
