using Microsoft.Extensions.DependencyInjection;
using Platform.Hosting;
using Platform.Testing;
using Registry.Service;

namespace Registry.Tests.Service;

/// <summary>
/// P4: every endpoint, every role, every relation to the thing asked for, against the one policy table
/// (<see cref="Access"/>). Then the same with the service's own check taken away: the database must hold alone.
/// </summary>
public sealed class ScopeMatrixTests(RegistryFixture registry) : IClassFixture<RegistryFixture>
{
    private static readonly string[] AllRoles =
    [
        Roles.TierAdministrator, Roles.CommitteeClerk, Roles.BranchSecretary, Roles.LiaisonOfficer, Roles.Analyst,
        Roles.Auditor, Roles.Operator, Roles.Supervisor, "fund-handler", "fund-approver", "assessor",
    ];

    private sealed record Endpoint(string Name, string Method, string Path, object? Body, string[] Roles,
        bool IsHome = true);

    [Fact]
    public async Task Every_endpoint_answers_each_role_and_relation_as_the_policy_table_says()
    {
        var (endpoints, homeBranch, hostPath) = await ArrangeAsync("S1");
        var wrong = new List<string>();
        var cases = 0;
        foreach (var e in endpoints)
        {
            foreach (var role in AllRoles)
            {
                foreach (var (relation, org, covers) in Relations(e.IsHome, homeBranch, hostPath))
                {
                    var reply = await CallAsync(registry.As(role, org), e);
                    var expected = covers && e.Roles.Contains(role);
                    cases++;
                    if (reply.Status >= 500 || expected != reply.Status is not (401 or 403 or 404))
                        wrong.Add($"{e.Name} {role} {relation}: {reply.Status} {reply.Code}, expected {expected}");
                }
            }
        }
        Assert.Empty(wrong);
        Assert.True(cases > 1000, $"{cases} cases");
    }

    [Fact]
    public async Task Without_the_services_check_row_level_security_still_denies_strangers()
    {
        var (endpoints, _, hostPath) = await ArrangeAsync("S2");
        await using var open = RegistryHost.Build([], b =>
        {
            registry.Configure(b);
            b.Services.AddScoped<CallerContext>(_ => new NoChecks());
        });
        await open.StartAsync(TestContext.Current.CancellationToken);
        var leaks = new List<string>();
        foreach (var e in endpoints)
        {
            foreach (var role in AllRoles)
            {
                var reply = await CallAsync(registry.At(open, role, "140000/150000/"), e);
                if (reply.Status is not (403 or 404)) leaks.Add($"{e.Name} {role}: {reply.Status} {reply.Text}");
            }
            var inside = e.IsHome ? RegistryFixture.County : hostPath;
            var insider = await CallAsync(registry.At(open, "operator", inside), e);
            if (insider.Status is 403 or 404)
                leaks.Add($"{e.Name}: the check was not removed ({insider.Status} {insider.Code})");
        }
        Assert.Empty(leaks);
    }

    [Fact]
    public async Task Nobody_is_served_without_a_token_of_this_node()
    {
        var (endpoints, _, _) = await ArrangeAsync("S3");
        using var foreign = new Platform.Testing.TestTokens("140000.141022");
        foreach (var e in endpoints)
        {
            foreach (var token in new[] { null, "rubbish", foreign.For(RegistryFixture.County, "tier-administrator") })
            {
                var reply = await CallAsync(new Api(registry.Address, token), e);
                Assert.Equal((e.Name, 401, "NOT_SIGNED_IN"), (e.Name, reply.Status, reply.Code));
            }
        }
    }

    private static IEnumerable<(string Name, string Org, bool Covers)> Relations(bool isHome, string branch,
        string hostPath)
    {
        yield return ("own county", isHome ? RegistryFixture.County : hostPath, true);
        yield return ("superior", "140000/", true);
        yield return ("other side", isHome ? hostPath : RegistryFixture.County, false);
        yield return ("stranger", "140000/150000/", false);
        yield return ("lookalike prefix", "140000/141000/14/", false);
        yield return ("past home", "140000/141000/141024/", false);
        if (isHome) yield return ("other branch", branch.Replace("B/", "C/", StringComparison.Ordinal), false);
    }

    private static Task<Reply> CallAsync(Api api, Endpoint e) => e.Method switch
    {
        "GET" => api.GetAsync(e.Path),
        "PATCH" => api.PatchAsync(e.Path, e.Body!),
        _ => api.PostAsync(e.Path, e.Body),
    };

    /// <summary>
    /// A member, a case out of the county and a card opened by the neighbour county, and every endpoint on them.
    /// </summary>
    private async Task<(List<Endpoint> Endpoints, string Branch, string HostPath)> ArrangeAsync(string code)
    {
        const string hostPath = "140000/141000/141023/";
        var seeded = await Seeded.CreateAsync(registry, code);
        var number = Convert.ToInt32(code[1]) * 10;
        var member = await Seeded.MemberAsync(registry, seeded.Branch, number);
        var secretary = registry.As("branch-secretary", seeded.BranchPath);
        var outbound = (await secretary.PostAsync("/api/v1/outbound-cases", new
        {
            memberId = member, hostRegion = "140105", reason = "1", departsOn = "2026-03-01",
        })).Id("caseId");
        var inbound = (await registry.As("committee-clerk", hostPath).PostAsync("/api/v1/inbound-cases", new
        {
            homeRegion = "140105", hostRegion = "141023", name = "测试丙", idNumber = Seeded.IdNumber(number + 1),
            arrivedOn = "2026-03-01", documentShown = "NON",
        })).Id();
        var o = $"/api/v1/outbound-cases/{outbound}";
        var i = $"/api/v1/inbound-cases/{inbound}";
        var why = new { why = "理由" };
        var lost = new { reason = "1", lastContactOn = "2026-01-01", attempts = new[] { "电话" } };
        List<Endpoint> endpoints =
        [
            new("organisation get", "GET", $"/api/v1/organisations/{seeded.Branch}", null, Access.SeeOrganisations),
            new("organisation amend", "PATCH", $"/api/v1/organisations/{seeded.Branch}", new { contact = "甲" },
                Access.ManageOrganisations),
            new("organisation dissolve", "POST", $"/api/v1/organisations/{seeded.Branch}/dissolve",
                new { on = "2026-03-01" }, Access.ManageOrganisations),
            new("member get", "GET", $"/api/v1/members/{member}", null, Access.SeeMembers),
            new("member amend", "PATCH", $"/api/v1/members/{member}", new { occupation = "木工" }, Access.KeepMembers),
            new("member reveal", "POST", $"/api/v1/members/{member}/reveal", new { reason = "核对" }, Access.Reveal),
            new("member trail", "GET", $"/api/v1/members/{member}/trail", null, Access.SeeTrail),
            new("case get", "GET", $"/api/v1/cases/{outbound}", null, Access.SeeCases),
            new("case trail", "GET", $"/api/v1/cases/{outbound}/trail", null, Access.SeeTrail),
            new("outbound notify", "POST", $"{o}/notify", null, Access.WorkCases),
            new("outbound prepare", "POST", $"{o}/prepare",
                new { talkOn = "2026-02-01", educatedOn = "2026-02-01", contactPerson = "乙" }, Access.WorkCases),
            new("outbound confirm", "POST", $"{o}/confirm-identity", new { }, Access.ApproveCases),
            new("outbound deny", "POST", $"{o}/deny-identity", why, Access.ApproveCases),
            new("outbound change", "POST", $"{o}/change", new { employer = "丙厂" }, Access.WorkCases),
            new("outbound move on", "POST", $"{o}/move-on", new { toRegion = "140106" }, Access.WorkCases),
            new("outbound return", "POST", $"{o}/return",
                new { on = "2026-09-01", talkOn = "2026-09-02", certificateInspected = true }, Access.WorkCases),
            new("outbound lost", "POST", $"{o}/lost-contact", lost, Access.FindLost),
            new("outbound regain", "POST", $"{o}/regain-contact", new { on = "2026-03-01" }, Access.WorkCases),
            .. Exports(seeded.Branch),
            new("inbound placements", "GET", $"{i}/placements", null, Access.SeeCases, IsHome: false),
            new("inbound not found", "POST", $"{i}/not-found", why, Access.WorkCases, IsHome: false),
            new("inbound feedback", "POST", $"{i}/feedback", new { text = "在岗", on = "2026-03-01" }, Access.WorkCases,
                IsHome: false),
            new("inbound change", "POST", $"{i}/change", new { employer = "丁厂" }, Access.WorkCases, IsHome: false),
            new("inbound leave", "POST", $"{i}/leave", new { reason = "returned", on = "2026-03-01" }, Access.WorkCases,
                IsHome: false),
            new("inbound lost", "POST", $"{i}/lost-contact", lost, Access.FindLost, IsHome: false),
            new("inbound case get", "GET", $"/api/v1/cases/{inbound}", null, Access.SeeCases, IsHome: false),
            new("outbound refuse", "POST", $"{o}/refuse", why, Access.ApproveCases),
            new("outbound approve", "POST", $"{o}/approve", null, Access.ApproveCases),
        ];
        return (endpoints, seeded.BranchPath, hostPath);
    }

    private static IEnumerable<Endpoint> Exports(Guid branch)
    {
        const string reason = "核对";
        yield return new("members export", "POST", "/api/v1/exports/members",
            new { reason, organisationId = branch }, Access.SeeMembers);
        yield return new("members export unmasked", "POST", "/api/v1/exports/members",
            new { reason, organisationId = branch, reveal = true }, Access.Reveal);
        yield return new("cases export", "POST", "/api/v1/exports/cases",
            new { reason, organisationId = branch }, Access.SeeCases);
    }

    private sealed class NoChecks : CallerContext
    {
        public override Caller Current
        {
            get => base.Current with { ChecksRemoved = true };
            set => base.Current = value;
        }
    }
}
