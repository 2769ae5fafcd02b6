using System.Text;
using Registry.Roster;
using Registry.Service;
using Registry.Tests.Roster;

namespace Registry.Tests.Service;

/// <summary>P4 for rosters: every endpoint, roles and relations, against <see cref="Access.LoadRosters"/>.</summary>
public sealed class RosterScopeTests(RegistryFixture registry) : IClassFixture<RegistryFixture>
{
    private static readonly string[] Roles =
    [
        Platform.Hosting.Roles.TierAdministrator, Platform.Hosting.Roles.CommitteeClerk,
        Platform.Hosting.Roles.BranchSecretary, Platform.Hosting.Roles.Analyst, Platform.Hosting.Roles.Auditor,
        Platform.Hosting.Roles.Operator,
    ];

    [Fact]
    public async Task Rosters_and_their_mappings_are_for_clerks_of_the_region()
    {
        await Seeded.CreateAsync(registry, "Q1");
        var row = new Dictionary<string, string>(Workbooks.Member(801)) { ["branch"] = "Q1B" };
        var load = (await registry.As("committee-clerk").UploadAsync("/api/v1/rosters?region=141022&fileName=a.csv",
            Encoding.UTF8.GetBytes(Workbooks.Csv(RosterSheet.Members, row)))).Id("loadId");
        var wrong = new List<string>();
        foreach (var role in Roles)
        {
            foreach (var (org, covers) in new[] { (RegistryFixture.County, true), ("140000/", true),
                ("140000/150000/", false), ("140000/141000/14/", false), (RegistryFixture.County + "Q1/", false) })
            {
                var api = registry.As(role, org);
                var expected = covers && Access.LoadRosters.Contains(role);
                foreach (var path in new[] { "?region=141022&fileName=a.csv",
                    "/mappings/guess?region=141022&fileName=a.csv" })
                {
                    var reply = await api.UploadAsync($"/api/v1/rosters{path}", "x"u8.ToArray());
                    if (expected != reply.Status is not 403) wrong.Add($"{path} {role} {org}: {reply.Status}");
                }
                foreach (var path in new[] { $"{load}", $"{load}/kept", "mappings?region=141022" })
                {
                    var reply = await api.GetAsync($"/api/v1/rosters/{path}");
                    if (expected != reply.Status is 200) wrong.Add($"{path} {role} {org}: {reply.Status}");
                }
                foreach (var path in new[] { "load", "undo" })
                {
                    var reply = await api.PostAsync($"/api/v1/rosters/{load}/{path}", new { reason = "导错" });
                    if (expected != reply.Status is not (403 or 404)) wrong.Add($"{path} {role} {org}: {reply.Status}");
                }
            }
        }
        Assert.Empty(wrong);
    }
}
