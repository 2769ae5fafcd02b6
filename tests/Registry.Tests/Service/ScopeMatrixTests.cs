using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Platform.Hosting;
using Platform.Testing;
using Registry.Service;

namespace Registry.Tests.Service;

/// <summary>
/// P4: every endpoint, every role, every relation to the thing asked for, against the one policy table
/// (<see cref="Access"/>). Lists answer everybody whose role allows it, with exactly the rows of the own subtree. Then
/// the same with the service's own check taken away: the database must hold alone.
/// </summary>
public sealed partial class ScopeMatrixTests(RegistryFixture registry) : IClassFixture<RegistryFixture>
{
    private const string Stranger = "140000/150000/";

    private static readonly string[] AllRoles =
    [
        Roles.TierAdministrator, Roles.CommitteeClerk, Roles.BranchSecretary, Roles.LiaisonOfficer, Roles.Analyst,
        Roles.Auditor, Roles.Operator, Roles.Supervisor, Roles.Member, "fund-handler", "fund-approver", "assessor",
        Roles.SystemAdministrator, Roles.SecurityAdministrator,
    ];

    [Fact]
    public async Task Every_endpoint_has_its_row_in_the_matrix()
    {
        var (rows, _) = await ScopeMatrix.ArrangeAsync(registry, "S0");
        var mapped = registry.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .SelectMany(e => (e.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? ["*"])
                .Select(m => $"{m} /{Parameter().Replace(e.RoutePattern.RawText!, "{id}").Trim('/')}")).ToList();
        Assert.Equal(["* /live", "* /ready", "GET /openapi/v1.json"],
            mapped.Where(e => !e.Contains(" /api/v1/", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        Assert.Equal(rows.Select(r => r.Endpoint).Distinct().Order(StringComparer.Ordinal),
            mapped.Where(e => e.Contains(" /api/v1/", StringComparison.Ordinal))
                .Select(e => e.Replace(" /api/v1/", " /", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Every_endpoint_answers_each_role_and_relation_as_the_policy_table_says()
    {
        var (rows, homeBranch) = await ScopeMatrix.ArrangeAsync(registry, "S1");
        var (wrong, cases, callers) = (new List<string>(), 0, new Dictionary<(string, string), Api>());
        foreach (var row in rows)
        {
            foreach (var role in AllRoles)
            {
                foreach (var (relation, org, covers) in Relations(row.IsHome, homeBranch))
                {
                    var allowed = row.Roles.Contains(role) && (covers || row.Anywhere || row.Shows is not null);
                    if (!callers.TryGetValue((role, org), out var caller))
                        callers.Add((role, org), caller = registry.As(role, org));
                    var reply = await row.CallAsync(caller);
                    cases++;
                    if (await WrongAsync(row, reply, allowed, org) is { } what)
                        wrong.Add($"{row.Endpoint} {role} {relation}: {what}");
                }
            }
        }
        Assert.Empty(wrong);
        Assert.True(cases > 3000, $"{cases} cases");
    }

    [Fact]
    public async Task Without_the_services_check_row_level_security_still_denies_strangers()
    {
        var (rows, _) = await ScopeMatrix.ArrangeAsync(registry, "S2");
        await using var open = await WithoutChecksAsync();
        var leaks = new List<string>();
        foreach (var row in rows.Where(r => !r.Anywhere && !r.ByRegion))
        {
            foreach (var role in AllRoles)
            {
                var reply = await row.CallAsync(registry.At(open, role, Stranger));
                if (await WrongAsync(row, reply, row.Shows is not null, Stranger) is { } what)
                    leaks.Add($"{row.Endpoint} {role}: {what}");
            }
            var inside = row.IsHome ? RegistryFixture.County : ScopeMatrix.HostPath;
            if (await WrongAsync(row, await row.CallAsync(registry.At(open, "operator", inside)), true, inside)
                is { } kept) leaks.Add($"{row.Endpoint}: the check was not removed: {kept}");
        }
        Assert.Empty(leaks);
    }

    [Fact]
    public async Task With_both_walls_down_every_endpoint_would_leak_so_the_matrix_has_teeth()
    {
        var (rows, _) = await ScopeMatrix.ArrangeAsync(registry, "S3");
        await using var open = await WithoutChecksAsync();
        await SecurityAsync("disable");
        try
        {
            var held = new List<string>();
            foreach (var row in rows.Where(r => !r.Anywhere && !r.ByRegion))
            {
                var reply = await row.CallAsync(registry.At(open, "operator", Stranger));
                if (await WrongAsync(row, reply, row.Shows is not null, Stranger) is null) held.Add(row.Endpoint);
            }
            Assert.Equal(rows.Where(r => r.HoldsAlone).Select(r => r.Endpoint), held);
        }
        finally
        {
            await SecurityAsync("enable");
        }
    }

    [Fact]
    public async Task Nobody_is_served_without_a_token_of_this_node()
    {
        var (rows, _) = await ScopeMatrix.ArrangeAsync(registry, "S4");
        using var foreign = new TestTokens("140000.141024");
        foreach (var row in rows)
        {
            foreach (var token in new[] { null, "rubbish", foreign.For(RegistryFixture.County, "tier-administrator") })
            {
                var reply = await row.CallAsync(new Api(registry.Address, token));
                Assert.Equal((row.Endpoint, 401, "NOT_SIGNED_IN"), (row.Endpoint, reply.Status, reply.Code));
            }
        }
    }

    /// <summary>What is wrong with an answer; null when nothing is. A list is right when it shows exactly what lies
    /// below the caller's path.</summary>
    private async Task<string?> WrongAsync(Row row, Reply reply, bool allowed, string org)
    {
        if (reply.Status >= 500 || allowed != reply.Status is not (401 or 403 or 404))
            return $"{reply.Status} {(reply.Status >= 400 ? reply.Code : "")}, expected {allowed}";
        if (!allowed || row.Shows is null) return null;
        if (reply.Status != 200) return reply.Text;
        await using var command = registry.Behind.CreateCommand(row.Sql);
        command.Parameters.Add(new() { Value = org });
        await using var reader = await command.ExecuteReaderAsync();
        var expected = new List<string>();
        while (await reader.ReadAsync()) expected.Add(reader.GetString(0));
        var shown = row.Shows(reply.Json).ToList();
        var foreign = shown.Except(expected).Count();
        return foreign == 0 && shown.Count == expected.Count ? null
            : $"{shown.Count} rows shown, {foreign} of them foreign, {expected.Count} expected";
    }

    private static IEnumerable<(string Name, string Org, bool Covers)> Relations(bool isHome, string branch)
    {
        yield return ("own county", isHome ? RegistryFixture.County : ScopeMatrix.HostPath, true);
        yield return ("superior", "140000/", true);
        yield return ("other side", isHome ? ScopeMatrix.HostPath : RegistryFixture.County, false);
        yield return ("stranger", Stranger, false);
        yield return ("lookalike prefix", "140000/141000/14/", false);
        yield return ("past home", "140000/141000/141024/", false);
        if (isHome) yield return ("other branch", branch.Replace("B/", "C/", StringComparison.Ordinal), false);
    }

    private async Task<WebApplication> WithoutChecksAsync()
    {
        var open = RegistryHost.Build([], b =>
        {
            registry.Configure(b);
            b.Services.AddScoped<CallerContext>(_ => new NoChecks());
        });
        await open.StartAsync(TestContext.Current.CancellationToken);
        return open;
    }

    private async Task SecurityAsync(string verb)
    {
        var tables = new List<string>();
        await using (var names = registry.Behind.CreateCommand(
            "select oid::regclass::text from pg_class where relkind = 'r' and relforcerowsecurity"))
        await using (var reader = await names.ExecuteReaderAsync())
            while (await reader.ReadAsync()) tables.Add(reader.GetString(0));
        // One table at a time: whoever works beside holds some tables and waits for others.
        foreach (var table in tables)
        {
            await using var command = registry.Behind.CreateCommand($"alter table {table} {verb} row level security");
            await command.ExecuteNonQueryAsync();
        }
    }

    [GeneratedRegex(@"\{\w+(:\w+)?\}")]
    private static partial Regex Parameter();

    private sealed class NoChecks : CallerContext
    {
        public override Caller Current
        {
            get => base.Current with { ChecksRemoved = true };
            set => base.Current = value;
        }
    }
}
