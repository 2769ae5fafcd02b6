using Platform.Hosting;

namespace Registry.Tests.Service;

/// <summary>What shows or hands out more than a page needs a second factor, shown shortly before .</summary>
public sealed class SecondFactorTests(RegistryFixture registry) : IClassFixture<RegistryFixture>
{
    [Fact]
    public async Task Unmasking_and_files_need_a_second_factor_of_the_last_minutes_and_reading_does_not()
    {
        var seeded = await Seeded.CreateAsync(registry, "SF1");
        var member = await Seeded.MemberAsync(registry, seeded.Branch, 931);
        var screening = (await registry.As("committee-clerk").PostAsync("/api/v1/screenings", new
        {
            organisationId = seeded.Branch, name = "排查", kind = "members", fromOn = "2026-02-01",
            untilOn = "2026-02-28",
        })).Id();
        var stale = registry.As("committee-clerk", secondFactorAt: DateTimeOffset.UtcNow - Caller.SecondFactorMax
            - TimeSpan.FromMinutes(1));
        var fresh = registry.As("committee-clerk", secondFactorAt: DateTimeOffset.UtcNow.AddMinutes(-1));
        foreach (var (path, body) in ((string, object)[])[
            ($"/api/v1/members/{member}/reveal", new { reason = "核对" }),
            ($"/api/v1/members/{member}/history/reveal", new { reason = "核对" }),
            ($"/api/v1/screenings/{screening}/sheet", new { branchId = seeded.Branch, reason = "核对" }),
            ("/api/v1/exports/members", new { reason = "核对", organisationId = seeded.Branch }),
            ("/api/v1/exports/cases", new { reason = "核对", organisationId = seeded.Branch })])
        {
            var refused = await stale.PostAsync(path, body);
            Assert.Equal((path, 403, "SECOND_FACTOR_NEEDED"), (path, refused.Status, refused.Code));
            Assert.Equal((path, 200), (path, (await fresh.PostAsync(path, body)).Status));
        }
        Assert.Equal(200, (await stale.GetAsync($"/api/v1/members/{member}")).Status);
    }
}
