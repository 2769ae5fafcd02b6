using Platform.Testing;
using Microsoft.Extensions.DependencyInjection;
using Registry.Service;

namespace Registry.Tests.Service;

/// <summary>The problem types the sources name, found from the cards as days pass.</summary>
public sealed class ProblemCasesTests(RegistryFixture registry) : IClassFixture<RegistryFixture>
{
    private const string Host = "140000/141000/141023/";

    [Fact, Trait("mechanism", "M-088")]
    public async Task Hidden_pocket_homeless_and_lost_members_and_those_managed_on_paper_only_are_found()
    {
        var seeded = await Seeded.CreateAsync(registry, "Z1");
        var away = new List<Guid>();
        for (var i = 0; i < 3; i++)
            away.Add(await seeded.AwayAsync(registry, await Seeded.MemberAsync(registry, seeded.Branch, 8901 + i)));
        await StatusAsync("outbound_card", away[1], "LostContact");
        await StatusAsync("outbound_card", away[2], "Admitted");
        var clerk = registry.As("committee-clerk", Host);
        var met = new List<Guid>();
        foreach (var document in new[] { "TRL", "NON", "NON", "NON" })
        {
            met.Add((await clerk.PostAsync("/api/v1/inbound-cases", new
            {
                homeRegion = "140105", hostRegion = "141023", name = "测试丙", arrivedOn = "2026-03-01",
                idNumber = Seeded.IdNumber(8911 + met.Count), documentShown = document,
            })).Id());
        }
        await StatusAsync("inbound_card", met[2], "Confirmed");
        await StatusAsync("inbound_card", met[3], "Admitted");

        // On the day itself only what is certain at once is said.
        Assert.Equal([(away[1], "vacuum")], await FoundAsync(0, seeded.CommitteePath));
        Assert.Empty(await FoundAsync(30, Host));
        Assert.Equal([(away[0], "hidden"), (away[1], "vacuum")], await FoundAsync(31, seeded.CommitteePath));
        Assert.Equal([(met[0], "pocket"), (met[1], "neitherManages"), (met[2], "homeless")],
            await FoundAsync(31, Host));
        Assert.Equal([(away[0], "hidden"), (away[1], "vacuum"), (away[2], "onPaperOnly")],
            await FoundAsync(181, seeded.CommitteePath));
        Assert.Equal([(met[3], "onPaperOnly")], await FoundAsync(181, Host, "&state=onPaperOnly"));
        var refused = await clerk.GetAsync("/api/v1/problem-cases?state=nonsense");
        Assert.Equal((400, "INPUT_INVALID"), (refused.Status, refused.Code));
        // Nothing changed by itself.
        Assert.Equal(1, await registry.CountAsync($"select count(*) from outbound_card where id = '{away[0]}'"
            + " and status = 'Notified'"));
    }

    private async Task StatusAsync(string table, Guid card, string status)
    {
        await using var command = registry.Behind.CreateCommand(
            $"update {table} set status = '{status}' where id = '{card}'");
        Assert.Equal(1, await command.ExecuteNonQueryAsync());
    }

    private async Task<List<(Guid, string)>> FoundAsync(int days, string path, string more = "")
    {
        await using var later = RegistryHost.Build([], b =>
        {
            registry.Configure(b);
            b.Services.AddSingleton<TimeProvider>(new AheadClock(TimeSpan.FromDays(days)));
        });
        await later.StartAsync();
        return [.. (await registry.At(later, "committee-clerk", path).GetAsync($"/api/v1/problem-cases?size=100{more}"))
            .Ok.GetProperty("items").EnumerateArray().Select(l => (l.GetProperty("cardId").GetGuid(),
                l.GetProperty("state").GetString()!))];
    }
}
