using System.Net.Http.Json;
using System.Text.Json;
using Google.Protobuf;
using Microsoft.Extensions.DependencyInjection;
using Platform.Hosting;
using Platform.Seeds;
using Platform.Testing;
using Registry.Roster;
using Registry.Service;
using Registry.Service.Capabilities;
using V1 = Platform.Contracts.Registry.V1;
using X1 = Platform.Contracts.Exchange.V1;

namespace Registry.Tests.Service;

/// <summary>One request to one endpoint, and who may make it.</summary>
/// <param name="Endpoint">Method and pattern below <c>/api/v1</c>, parameters written <c>{id}</c>.</param>
/// <param name="Id">What stands for <c>{id}</c>.</param>
/// <param name="Roles">The row of <see cref="Access"/>.</param>
internal sealed record Row(string Endpoint, object? Id, string[] Roles, object? Body = null)
{
    /// <summary>False when the thing belongs to the neighbour county.</summary>
    public bool IsHome { get; init; } = true;

    public string Query { get; init; } = "";
    public byte[]? File { get; init; }

    /// <summary>Only the role counts: nothing of anybody is behind it.</summary>
    public bool Anywhere { get; init; }

    /// <summary>The region in the query decides: without the service's check a stranger is shown nothing.</summary>
    public bool ByRegion { get; init; }

    /// <summary>A function of the database behind it asks for the scope itself: a third wall.</summary>
    public bool HoldsAlone { get; init; }

    /// <summary>A list: what it shows, by name.</summary>
    public Func<JsonElement, IEnumerable<string?>>? Shows { get; init; }

    /// <summary>A list: all names that lie below the path $1.</summary>
    public string Sql { get; init; } = "";

    public string Path => $"/api/v1{Endpoint[Endpoint.IndexOf('/', StringComparison.Ordinal)..]
        .Replace("{id}", $"{Id}", StringComparison.Ordinal)}{Query}";

    public Task<Reply> CallAsync(Api api) => Endpoint.Split(' ')[0] switch
    {
        "GET" => api.GetAsync(Path),
        "PATCH" => api.PatchAsync(Path, Body!),
        "PUT" => api.SendAsync(HttpMethod.Put, Path, JsonContent.Create(Body), Guid.CreateVersion7()),
        "DELETE" => api.SendAsync(HttpMethod.Delete, Path, null, Guid.CreateVersion7()),
        _ when File is not null => api.UploadAsync(Path, File),
        _ => api.PostAsync(Path, Body),
    };
}

/// <summary>
/// Every endpoint of the registry with a request to it: a member, a case out of the county, a card of the neighbour
/// county, mirrors between them. A new endpoint gets its row here.
/// </summary>
internal static partial class ScopeMatrix
{
    public const string HostPath = "140000/141000/141023/";

    public static async Task<(List<Row> Rows, string Branch)> ArrangeAsync(RegistryFixture registry, string code)
    {
        var seeded = await Seeded.CreateAsync(registry, code);
        var number = Convert.ToInt32(code[1]) * 10;
        var member = await Seeded.MemberAsync(registry, seeded.Branch, number);
        var outbound = (await registry.As("branch-secretary", seeded.BranchPath).PostAsync("/api/v1/outbound-cases",
            new { memberId = member, hostRegion = "140105", reason = "1", departsOn = "2026-03-01" })).Id("caseId");
        var inbound = (await registry.As("committee-clerk", HostPath).PostAsync("/api/v1/inbound-cases",
            Arrival(number + 1))).Id();
        var hostBranch = await HostBranchAsync(registry, code);
        await ReportAsync(registry, "140105");
        await ReportAsync(registry, "141023");
        await ReportAsync(registry, RegistryFixture.Region);
        var load = await registry.As("committee-clerk")
            .UploadAsync($"/api/v1/rosters?region={RegistryFixture.Region}&fileName=r.xlsx", Roster(number, wrong: 3));
        return ([
            .. Organisations(seeded, code), .. Members(seeded, member, number), .. Rosters(load.Id("loadId"), number),
            .. Lists(), .. Exports(seeded.Branch, await ExportAsync(registry, seeded.Branch)),
            .. await PeopleAsync(registry, seeded, code, member, outbound, inbound),
            .. Figures(seeded.Branch, await ClosingAsync(registry, seeded.Branch)),
            .. Search(code, member, number, outbound), .. await FiltersAsync(registry, code),
            .. Outbound(outbound, member), .. Inbound(inbound, hostBranch, number),
            .. await ScopeMatrixOrganisations.ArrangeAsync(registry, seeded, member),
            .. await SharedAsync(registry, seeded, member),
            // Last: it goes on after the answer and takes members away.
            new("POST /rosters/{id}/undo", load.Id("loadId"), Access.LoadRosters, new { reason = "导错" }),
        ], seeded.BranchPath);
    }

    private static IEnumerable<Row> Organisations(Seeded seeded, string code) =>
    [
        new("GET /organisations/{id}", seeded.Branch, Access.SeeOrganisations),
        new("PATCH /organisations/{id}", seeded.Branch, Access.ManageOrganisations, new { contact = "甲" }),
        new("POST /organisations/{id}/dissolve", seeded.Branch, Access.ManageOrganisations, new { on = "2026-03-01" }),
        new("POST /organisations", null, Access.ManageOrganisations,
            new { code = $"{code}N", name = "新", type = "BRA", parentId = seeded.Committee }),
    ];

    private static IEnumerable<Row> Members(Seeded seeded, Guid member, int number) =>
    [
        new("GET /members/{id}", member, Access.SeeMembers),
        new("PATCH /members/{id}", member, Access.KeepMembers, new { occupation = "木工" }),
        new("POST /members/{id}/reveal", member, Access.Reveal, new { reason = "核对" }),
        new("GET /members/{id}/trail", member, Access.SeeTrail),
        new("POST /members", null, Access.KeepMembers, Seeded.Member(seeded.Branch, number + 2)),
    ];

    private static IEnumerable<Row> Rosters(Guid load, int number) =>
    [
        new("GET /rosters/template", null, Access.LoadRosters) { Anywhere = true },
        new("GET /rosters/{id}/errors", load, Access.LoadRosters),
        new("GET /rosters/{id}", load, Access.LoadRosters),
        new("GET /rosters/{id}/kept", load, Access.LoadRosters),
        new("POST /rosters/{id}/load", load, Access.LoadRosters),
        new("POST /rosters/{id}/check", load, Access.LoadRosters),
        new("POST /rosters/{id}/guess", load, Access.LoadRosters),
        new("GET /rosters", null, Access.LoadRosters)
        {
            Query = "?size=200", Shows = Items("id"),
            Sql = "select id::text from roster_load where starts_with(org_path, $1)",
        },
        new("GET /rosters/mappings", null, Access.LoadRosters)
        {
            ByRegion = true, Query = $"?region={RegistryFixture.Region}",
        },
        new("PUT /rosters/mappings", null, Access.LoadRosters, Mapping)
        {
            Query = $"?region={RegistryFixture.Region}",
        },
        new("POST /rosters/mappings/guess", null, Access.LoadRosters)
        {
            ByRegion = true, Query = $"?region={RegistryFixture.Region}&fileName=r.xlsx",
            File = Roster(number, wrong: 0),
        },
        new("POST /rosters", null, Access.LoadRosters)
        {
            Query = $"?region={RegistryFixture.Region}&fileName=r.xlsx", File = Roster(number + 1, wrong: 0),
        },
    ];

    private static object Probationary => new { standing = new[] { "probationary" } };

    private static IEnumerable<Row> Lists() =>
    [
        new("GET /organisations", null, Access.SeeOrganisations)
        {
            Query = "?search=测试&size=200",
            Shows = Items("id"),
            Sql = "select id::text from organisation where dissolved_on is null and name like '%测试%'"
                + " and starts_with(path, $1)",
        },
        new("GET /members", null, Access.SeeMembers)
        {
            Query = "?size=200", Shows = Items("id"),
            Sql = "select id::text from member where ended_on is null and starts_with(branch_path, $1)",
        },
        new("GET /reconciliation", null, Access.SeeCases)
        {
            Query = "?size=200&agreement=matched&agreement=homeOnly&agreement=hostOnly&agreement=differs"
                + "&agreement=settled",
            Shows = Items("cardId"),
            Sql = "select id::text from outbound_card where starts_with(home_path, $1) union all"
                + " select id::text from inbound_card where starts_with(host_path, $1)",
        },
        new("GET /workbench", null, Access.SeeCases)
        {
            Shows = json => [$"{json.GetProperty("agreements").EnumerateObject().Sum(a => a.Value.GetInt32())} open"],
            Sql = "select count(*) || ' open' from (select home_path as path from outbound_card"
                + " where agreement <> 'Settled' union all"
                + " select host_path from inbound_card where agreement <> 'Settled') card"
                + " where starts_with(path, $1)",
        },
        new("GET /code-tables/{id}", "mobility-reason", Access.Everybody) { Anywhere = true },
        new("GET /divisions", null, Access.Everybody) { Anywhere = true },
        new("GET /mirrors", null, Access.SeeCounts)
        {
            Query = "?size=200", Shows = Items("caseId"),
            Sql = "select case_id::text from case_mirror where starts_with(common_path, $1)",
        },
        new("GET /problem-cases", null, Access.SeeCases)
        {
            Query = "?size=200", Shows = Items("cardId"),
            Sql = "select id::text from outbound_card where status in ('NotFound', 'LostContact')"
                + " and starts_with(home_path, $1) union all"
                + " select id::text from inbound_card where status in ('NotFound', 'LostContact')"
                + " and starts_with(host_path, $1)",
        },
        new("GET /overview", null, Access.SeeCounts)
        {
            Shows = json => json.GetProperty("tallies").EnumerateArray()
                .Select(t => t.GetProperty("region").GetString())
                .Append($"{json.GetProperty("headcount").GetInt64()} members"),
            Sql = "select distinct region from case_mirror, unnest(array[home_region, host_region]) region"
                + " where starts_with(common_path, $1) union all"
                + " select count(*) || ' members' from member where ended_on is null and starts_with(branch_path, $1)",
        },
    ];

    private static IEnumerable<Row> Exports(Guid branch, Guid export) =>
    [
        new("GET /exports/{id}/trail", export, Access.SeeTrail),
        new("POST /exports/members", null, Access.SeeMembers, new { reason = "核对", organisationId = branch }),
        new("POST /exports/members", null, Access.Reveal,
            new { reason = "核对", organisationId = branch, reveal = true }),
        new("POST /exports/cases", null, Access.SeeCases, new { reason = "核对", organisationId = branch }),
    ];

    private static IEnumerable<Row> Figures(Guid branch, Guid closing) =>
    [
        new("GET /figures", null, Access.SeeCounts) { Query = $"?organisationId={branch}" },
        new("GET /figures/list", null, Access.SeeCounts) { Query = $"?organisationId={branch}&figure=headcount" },
        new("GET /closings", null, Access.SeeCounts) { Query = $"?organisationId={branch}" },
        new("GET /closings/trend", null, Access.SeeCounts) { Query = $"?organisationId={branch}" },
        new("GET /closings/{id}/list", closing, Access.SeeCounts) { Query = "?figure=headcount" },
        new("GET /published-tables", null, Access.SeeCounts)
        {
            Query = "?month=2026-01&tier=1",
            Shows = json => json.GetProperty("rows").EnumerateArray().Select(r => r.GetProperty("path").GetString()),
            Sql = "select distinct path from closing where month = '2026-01-01' and tier = 1 and starts_with(path, $1)",
        },
        new("POST /exports/published-table", null, Access.SeeCounts, new { reason = "核对", month = "2026-01" })
        {
            Anywhere = true,
        },
        new("POST /closings", null, Access.CloseMonths,
            new { organisationId = branch, month = "2026-01-01", reason = "核对" }),
    ];

    private static async Task<Row[]> SharedAsync(RegistryFixture registry, Seeded seeded, Guid member)
    {
        var (round, part, hint) = (Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid());
        // Somebody whose contact is lost, for the list of problems.
        var number = 60_000 + seeded.BranchPath[^3];
        var lost = await seeded.AwayAsync(registry, await Seeded.MemberAsync(registry, seeded.Branch, number));
        await using var insert = registry.Behind.CreateCommand($"""
            insert into shared_round values ('{round}', '{RegistryFixture.County}', '140000', '141022,140105', '核对',
                '{round}', now());
            insert into shared_part values ('{part}', '{round}', '141022', '{RegistryFixture.County}', '140000',
                '140105,141022', '核对', true, '{round}', now(), null, 0, null, 0);
            insert into also_registered values ('{hint}', '{member}', '{round}', '140105', now(), null, null, '');
            update outbound_card set status = 'LostContact' where id = '{lost}'
            """);
        await insert.ExecuteNonQueryAsync();
        return
        [
            new("POST /shared-rounds", null, Access.MergeMembers,
                new { organisationId = seeded.Top, regions = new[] { "140105", "140106" }, reason = "核对" }),
            new("GET /shared-rounds", null, Access.MergeMembers)
            {
                Query = "?size=200", Sql = "select id::text from shared_round where starts_with(path, $1)",
                Shows = json => json.GetProperty("items").EnumerateArray()
                    .Select(i => i.GetProperty("round").GetProperty("id").GetString()),
            },
            new("GET /shared-parts", null, Access.MergeMembers)
            {
                Query = "?size=200", Shows = Items("id"),
                Sql = "select id::text from shared_part where starts_with(path, $1)",
            },
            new("POST /shared-parts/{id}/join", part, Access.MergeMembers),
            new("GET /duplicates/elsewhere", null, Access.MergeMembers)
            {
                Query = "?size=200&all=true", Shows = Items("id"),
                Sql = "select a.id::text from also_registered a join member m on m.id = a.member_id"
                    + " where starts_with(m.branch_path, $1)",
            },
            new("POST /duplicates/elsewhere/{id}/settle", hint, Access.MergeMembers, new { outcome = "已核实" }),
            new("POST /shared-rounds/{id}/close", round, Access.MergeMembers),
        ];
    }

    private static IEnumerable<Row> Outbound(Guid id, Guid member) =>
    [
        new("GET /cases/{id}", id, Access.SeeCases),
        new("GET /cases/{id}/timeline", id, Access.SeeCases),
        new("GET /cases/{id}/trail", id, Access.SeeTrail),
        new("POST /outbound-cases/{id}/certificate-reviews", id, Access.KeepMembers,
            new { year = 2026, result = "PAS", appraisal = "合格" }),
        .. Steps("outbound-cases", id, isHome: true,
            ("notify", null, Access.WorkCases),
            ("prepare", new { talkOn = "2026-02-01", educatedOn = "2026-02-01", contactPerson = "乙" },
                Access.WorkCases),
            ("confirm-identity", new { }, Access.ApproveCases),
            ("deny-identity", Why, Access.ApproveCases),
            ("change", new { employer = "丙厂" }, Access.WorkCases),
            ("adopt", new { field = "employer" }, Access.WorkCases),
            ("move-on", new { toRegion = "140106" }, Access.WorkCases),
            ("return", new { on = "2026-09-01", talkOn = "2026-09-02", certificateInspected = true }, Access.WorkCases),
            ("lost-contact", Lost, Access.FindLost),
            ("regain-contact", new { on = "2026-03-01" }, Access.WorkCases),
            ("remark", Remark, Access.WorkCases),
            ("refuse", Why, Access.ApproveCases),
            ("approve", null, Access.ApproveCases)),
        new("POST /outbound-cases", null, Access.ApplyForMember, new
        {
            memberId = member, hostRegion = "140105", reason = "1", departsOn = "2026-03-01",
        }),
    ];

    private static IEnumerable<Row> Inbound(Guid id, Guid branch, int number) =>
    [
        new("GET /cases/{id}", id, Access.SeeCases) { IsHome = false },
        new("GET /cases/{id}/timeline", id, Access.SeeCases) { IsHome = false },
        new("GET /inbound-cases/{id}/placements", id, Access.SeeCases) { IsHome = false },
        .. Steps("inbound-cases", id, isHome: false,
            ("admit", new
            {
                branchId = branch, placementReason = "流动党员党支部", documentShown = "NON", on = "2026-03-02",
                hostContact = "丁",
            }, Access.WorkCases),
            ("not-found", Why, Access.WorkCases),
            ("feedback", new { text = "在岗", on = "2026-03-01" }, Access.WorkCases),
            ("change", new { employer = "丁厂" }, Access.WorkCases),
            ("adopt", new { field = "employer" }, Access.WorkCases),
            ("remark", Remark, Access.WorkCases),
            ("leave", new { reason = "returned", on = "2026-03-01" }, Access.WorkCases),
            ("lost-contact", Lost, Access.FindLost)),
        new("POST /inbound-cases", null, Access.WorkCases, Arrival(number + 3)) { IsHome = false },
    ];

    private static IEnumerable<Row> Steps(string cases, Guid id, bool isHome,
        params (string Step, object? Body, string[] Roles)[] steps) => steps.Select(s =>
            new Row($"POST /{cases}/{{id}}/{s.Step}", id, s.Roles, s.Body) { IsHome = isHome });

    private static object Mapping => new
    {
        sheet = RosterSheet.Organisations.Name,
        headers = RosterSheet.Organisations.Columns.Select(c => c.Name),
        columns = RosterSheet.Organisations.Columns.Select((c, i) => new
        {
            column = c.Name, place = i, words = new Dictionary<string, string>(),
        }),
    };

    private static object Remark => new { text = "留言" };

    private static object Why => new { why = "理由" };

    private static object Lost => new { reason = "1", lastContactOn = "2026-01-01", attempts = new[] { "电话" } };

    private static object Arrival(int number) => new
    {
        homeRegion = "140105", hostRegion = "141023", name = "测试丙", idNumber = Seeded.IdNumber(number),
        arrivedOn = "2026-03-01", documentShown = "NON",
    };

    private static byte[] Roster(int seed, int wrong) =>
        RosterMaker.Make(new(RegistryFixture.Region, 6, wrong, seed, []), SeedFolder.Find()).File;

    private static Func<JsonElement, IEnumerable<string?>> Items(string name) => json =>
        json.GetProperty("items").EnumerateArray().Select(i => i.GetProperty(name).GetString());

    private static async Task<Guid> HostBranchAsync(RegistryFixture registry, string code)
    {
        var admin = registry.As("tier-administrator", HostPath);
        var top = await admin.PostAsync("/api/v1/organisations",
            new { code = "141023", name = "测试邻县委", type = "GCM", region = "141023" });
        var parent = top.Code is null ? top.Id() : (await admin.GetAsync("/api/v1/organisations?search=141023")).Ok
            .GetProperty("items")[0].GetProperty("id").GetGuid();
        return (await admin.PostAsync("/api/v1/organisations",
            new { code = $"{code}M", name = "测试流动支部", type = "TBR", parentId = parent })).Id();
    }

    private static async Task<Guid> ClosingAsync(RegistryFixture registry, Guid branch) =>
        (await registry.As("committee-clerk").PostAsync("/api/v1/closings",
            new { organisationId = branch, month = "2026-01-01" })).Id();

    /// <summary>An export that was made, as the trail names it.</summary>
    private static async Task<Guid> ExportAsync(RegistryFixture registry, Guid branch)
    {
        var made = await registry.As("committee-clerk").PostAsync("/api/v1/exports/members",
            new { reason = "核对", organisationId = branch });
        Assert.Equal(200, made.Status);
        await using var command = registry.Behind.CreateCommand(
            "select subject_id from audit where subject_kind = 'export' order by id desc limit 1");
        return (Guid)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>A report of the home county about a case to <paramref name="host"/> arrives.</summary>
    private static async Task ReportAsync(RegistryFixture registry, string host)
    {
        await using var scope = registry.Services.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<CallerContext>().Current = Caller.Service;
        await scope.ServiceProvider.GetRequiredService<ApplyArrival>().RunAsync(new X1.Arrival
        {
            MessageId = Guid.CreateVersion7().ToString(),
            FromRegion = RegistryFixture.Region,
            Type = CaseWire.ReportType,
            Payload = new V1.SideReport
            {
                CaseId = Guid.CreateVersion7().ToString(), Leg = 1, HomeRegion = RegistryFixture.Region,
                HostRegion = host, IsHome = true, Status = "Notified", Stands = true, Open = true, Reason = "1",
                Version = 1, At = "2026-03-01T00:00:00Z",
            }.ToByteString(),
        }, TestContext.Current.CancellationToken);
    }
}
