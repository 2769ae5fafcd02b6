using Bench.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Platform.Hosting;
using Registry.Service.Persistence;

namespace Registry.Tests.Service;

/// <summary>What measures of speed are taken on is what the service itself would have written.</summary>
public sealed class DataSetTests(RegistryFixture copied) : IClassFixture<RegistryFixture>
{
    private static readonly string[] Tables = ["organisation", "member", "outbound_card", "inbound_card", "case_mirror",
        "organisation_spell", "membership_spell", "organisation_word",
        "name_reading", "card_span", "figure_span where superseded_at is null"];

    /// <summary>A ciphertext is another one each time; the instant of writing and the order of spans as well.</summary>
    private const string Apart = "'{id_number,phone,residence,facts,peer_facts,contact_person,host_contact,"
        + "home_contact,recorded_at,number}'::text[]";

    [Fact]
    public async Task A_register_filled_by_copy_equals_one_that_the_service_filled_row_by_row()
    {
        await using var served = new RegistryFixture();
        await served.InitializeAsync();
        var plan = DataPlan.Of(500, 300, 60, "1410", countiesMax: 3);
        await new DataSet(plan, copied.Services, copied.Database.Superuser).FillAsync(_ => { });
        await new DataSet(plan, served.Services, served.Database.Superuser).FillByServiceAsync();
        foreach (var table in Tables)
        {
            var expected = await RowsAsync(served, table);
            Assert.NotEmpty(expected);
            Assert.Equal(expected, await RowsAsync(copied, table));
        }
        Assert.Equal(await SecretsAsync(served), await SecretsAsync(copied));
        const string Indexes = "(select indexdef as i from pg_indexes where schemaname = 'public' "
            + "union all select pg_get_constraintdef(oid) from pg_constraint) d";
        Assert.Equal(await RowsAsync(served, Indexes), await RowsAsync(copied, Indexes));
    }

    private static async Task<List<string>> RowsAsync(RegistryFixture registry, string table)
    {
        var number = table.Contains("_span", StringComparison.Ordinal) ? " - 'id'" : "";
        await using var command = registry.Behind.CreateCommand(
            $"select (to_jsonb(t) - {Apart}{number})::text from (select * from {table}) t order by 1");
        await using var reader = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        var rows = new List<string>();
        while (await reader.ReadAsync(TestContext.Current.CancellationToken)) rows.Add(reader.GetString(0));
        return rows;
    }

    private static async Task<List<string>> SecretsAsync(RegistryFixture registry)
    {
        await using var scope = registry.Services.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<CallerContext>().Current = Caller.Service;
        var db = scope.ServiceProvider.GetRequiredService<RegistryDb>();
        var ct = TestContext.Current.CancellationToken;
        return [.. (await db.Members.AsNoTracking().OrderBy(m => m.Id).ToListAsync(ct)).Select(m => $"{m}"),
            .. (await db.OutboundCards.AsNoTracking().OrderBy(c => c.Id).ToListAsync(ct)).Select(c => $"{c}"),
            .. (await db.InboundCards.AsNoTracking().OrderBy(c => c.Id).ToListAsync(ct)).Select(c => $"{c}")];
    }
}
