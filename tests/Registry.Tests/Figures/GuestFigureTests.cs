using Platform.Testing;
using Registry.Tests.Service;

namespace Registry.Tests.Figures;

/// <summary>Guests are counted where those who took them in are held.</summary>
public sealed class GuestFigureTests(RegistryFixture registry) : IClassFixture<RegistryFixture>
{
    private readonly Api _admin = registry.As("tier-administrator");

    [Fact]
    public async Task A_guest_of_a_branch_that_is_founded_and_absorbed_on_one_day_is_counted_where_it_went_up()
    {
        var today = DateOnly.FromDateTime(DateTime.UtcNow.AddHours(8));
        var (before, then) = (today.AddDays(-90), today.AddDays(-30));
        var county = await FoundAsync(RegistryFixture.Region, "GCM", before, region: RegistryFixture.Region);
        var right = await FoundAsync("GFR", "BRA", before, county);
        var mistaken = await FoundAsync("GFM", "BRA", then, county);
        var path = (await _admin.GetAsync($"/api/v1/organisations/{mistaken}")).String("path")!;
        _ = (await registry.As("committee-clerk", path).PostAsync("/api/v1/inbound-cases", new
        {
            homeRegion = "140105", hostRegion = "141022", name = "测试乙", arrivedOn = today.AddDays(-300),
            idNumber = Seeded.IdNumber(7955), documentShown = "NON",
        })).Ok;
        Assert.Equal((1, 0), (await GuestsAsync(mistaken, then), await GuestsAsync(right, then)));
        _ = (await _admin.PostAsync($"/api/v1/organisations/{right}/merge",
            new { organisationIds = new[] { mistaken }, on = then, reason = "误设" })).Ok;
        Assert.Equal((1, 1), (await GuestsAsync(right, then), await GuestsAsync(right, today)));
    }

    private async Task<Guid> FoundAsync(string code, string type, DateOnly on, Guid? parent = null,
        string? region = null) => (await _admin.PostAsync("/api/v1/organisations",
            new { code, name = $"测试{code}", type, parentId = parent, region, foundedOn = on })).Id();

    private async Task<int> GuestsAsync(Guid organisation, DateOnly on) =>
        (await registry.As("committee-clerk").GetAsync($"/api/v1/figures?organisationId={organisation}&on={on:O}")).Ok
        .GetProperty("figures").EnumerateArray().Single(f => f.GetProperty("code").GetString() == "in")
        .GetProperty("count").GetInt32();
}
