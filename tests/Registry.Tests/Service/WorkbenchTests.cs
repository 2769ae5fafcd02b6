namespace Registry.Tests.Service;

/// <summary>Counts of the workbench: each is the length of the list that its filter opens.</summary>
public sealed class WorkbenchTests(RegistryFixture registry) : IClassFixture<RegistryFixture>
{
    // Next step, owed by whom, agreement, days since.
    private static readonly (string Step, string By, string Agreement, int Days)[] Cards =
    [
        ("approve", "Home", "HomeOnly", 0), ("approve", "Home", "HomeOnly", 25), ("approve", "Home", "HomeOnly", 40),
        ("notify", "Home", "HomeOnly", 24), ("resolveDifference", "Home", "Differs", 31),
        ("confirmIdentity", "Home", "HostOnly", 2), ("confirmIdentity", "Home", "HostOnly", 29),
        ("admit", "Host", "HomeOnly", 12), ("admit", "Host", "HomeOnly", 3), ("", "", "Matched", 90),
        ("", "", "Settled", 90), ("approve", "Home", "Settled", 1),
    ];

    [Fact]
    public async Task Every_count_is_its_list()
    {
        var (office, counts) = await OfficeAsync("WB1");
        Assert.Equal((8, 2, 3, 2), (Count("todo"), Count("waiting"), Count("soon"), Count("overdue")));
        foreach (var (count, filter) in ((string, string)[])[("todo", "turn=ours"), ("waiting", "turn=theirs"),
            ("soon", "turn=ours&due=soon"), ("overdue", "turn=ours&due=overdue")])
            Assert.Equal(Count(count), (await ListAsync(office, filter)).Length);
        foreach (var step in counts.GetProperty("steps").EnumerateArray())
            Assert.Equal(step.GetProperty("count").GetInt32(),
                (await ListAsync(office, $"turn=ours&nextStep={step.GetProperty("step").GetString()}")).Length);
        foreach (var agreement in counts.GetProperty("agreements").EnumerateObject())
            Assert.Equal(agreement.Value.GetInt32(),
                (await ListAsync(office, $"agreement={agreement.Name}")).Length);
        var waiting = counts.GetProperty("waitingFor").EnumerateArray().Single();
        Assert.Equal(("140105", 2, 12), (waiting.GetProperty("region").GetString(),
            waiting.GetProperty("count").GetInt32(), waiting.GetProperty("oldestDays").GetInt32()));

        int Count(string name) => counts.GetProperty(name).GetInt32();
    }

    [Fact]
    public async Task A_step_is_due_when_the_limit_of_one_sided_cases_ends()
    {
        var (office, _) = await OfficeAsync("WB2");
        foreach (var line in await ListAsync(office, "turn=ours"))
        {
            var since = line.GetProperty("since").GetDateTimeOffset().ToOffset(TimeSpan.FromHours(8));
            Assert.Equal(DateOnly.FromDateTime(since.Date).AddDays(30), DateOnly.Parse(
                line.GetProperty("dueOn").GetString()!, System.Globalization.CultureInfo.InvariantCulture));
        }
        Assert.All(await ListAsync(office, "agreement=matched"), line =>
            Assert.Equal(System.Text.Json.JsonValueKind.Null, line.GetProperty("dueOn").ValueKind));
    }

    private async Task<(Platform.Testing.Api Office, System.Text.Json.JsonElement Counts)> OfficeAsync(string code)
    {
        var seeded = await Seeded.CreateAsync(registry, code);
        await using var command = registry.Behind.CreateCommand("""
            insert into outbound_card (id, home_path, home_region, home_branch, host_region, leg, status, facts, name,
                id_number_index, certificate_number, reason, departs_on, contact_person, host_branch, host_contact,
                case_key, since, revision, agreement, differences, next_step, next_by)
            select gen_random_uuid(), $1, '141022', 'branch', '140105', 1, 'Notified', '', 'somebody', '', '', '1',
                   '2026-03-01', '', '', '', '', now() - make_interval(days => days), 1, agreement, '', step,
                   nullif(owed, '')
            from unnest($2, $3, $4, $5) as r(step, owed, agreement, days)
            """);
        command.Parameters.Add(new() { Value = seeded.BranchPath });
        command.Parameters.Add(new() { Value = Cards.Select(c => c.Step).ToArray() });
        command.Parameters.Add(new() { Value = Cards.Select(c => c.By).ToArray() });
        command.Parameters.Add(new() { Value = Cards.Select(c => c.Agreement).ToArray() });
        command.Parameters.Add(new() { Value = Cards.Select(c => c.Days).ToArray() });
        await command.ExecuteNonQueryAsync();
        var office = registry.As("branch-secretary", seeded.BranchPath);
        return (office, (await office.GetAsync("/api/v1/workbench")).Ok);
    }

    private static async Task<System.Text.Json.JsonElement[]> ListAsync(Platform.Testing.Api office, string filter) =>
        [.. (await office.GetAsync($"/api/v1/reconciliation?{filter}&size=200")).Ok.GetProperty("items")
            .EnumerateArray()];
}
