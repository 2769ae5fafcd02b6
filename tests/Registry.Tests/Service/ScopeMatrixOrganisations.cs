using System.Text.Json;
using Registry.Service;

namespace Registry.Tests.Service;

/// <summary>Rows of the matrix for organisations in depth and what hangs on them.</summary>
internal static class ScopeMatrixOrganisations
{
    public static async Task<List<Row>> ArrangeAsync(RegistryFixture registry, Seeded seeded, Guid member)
    {
        var clerk = registry.As("committee-clerk");
        var admin = registry.As("tier-administrator");
        (await admin.PatchAsync($"/api/v1/organisations/{seeded.Branch}", new { division = "141022",
            sector = "CON" })).Id();
        var group = (await admin.PostAsync("/api/v1/organisations",
            new { code = $"G{seeded.Branch:N}"[..20], name = "组", type = "GRP", parentId = seeded.Committee })).Id();
        (await admin.PostAsync($"/api/v1/organisations/{group}/move", new
        {
            toParentId = seeded.Branch, on = DateOnly.FromDateTime(DateTime.UtcNow.AddHours(8)), reason = "试",
        })).Id();
        var unit = (await clerk.PostAsync("/api/v1/units", Unit(seeded.Branch))).Id();
        var facility = (await clerk.PostAsync("/api/v1/facilities", Facility(seeded.Branch))).Id();
        var appointment = (await clerk.PostAsync($"/api/v1/organisations/{seeded.Branch}/appointments", Role)).Id();
        var term = (await clerk.PostAsync($"/api/v1/organisations/{seeded.Branch}/terms",
            new { electedOn = "2025-01-01" })).Id();
        var pair = (await clerk.PostAsync("/api/v1/joint-buildings", Pair(seeded.Branch))).Id();
        var outpost = (await clerk.PostAsync("/api/v1/outposts", Outpost(seeded.Committee))).Id();
        (await clerk.PostAsync($"/api/v1/organisations/{seeded.Branch}/park-examinations", Examination)).Id();
        var paper = (await clerk.PostAsync("/api/v1/papers", Paper(seeded.Branch))).Id();
        return [.. Offices(seeded, member, paper), .. Changes(seeded), .. Reads(seeded, member),
            .. Records(seeded, unit, facility, appointment, term, pair), .. Outposts(seeded, outpost), .. Lists()];
    }

    private static object Role => new { kind = "role", code = "INS", from = "2026-03-01", holder = "乙" };

    private static object Unit(Guid branch) => new
    {
        keptBy = branch, name = "某企业", category = "2", division = "141022", surveyedOn = "2026-03-01",
        site = "高新园区",
    };

    private static object Examination => new
    {
        site = "高新园区", period = "2026-H1", examinedOn = "2026-07-01", economicGoals = "产值", economicResult = "完成",
        partyGoals = "组建", partyResult = "完成", conclusion = "同步推进",
    };

    private static object Facility(Guid branch) => new
    {
        organisationId = branch, type = "POI", tier = "village", name = "服务点", address = "一号",
        division = "141022", phone = "13900001234", opening = "每日", onDuty = "甲", published = false,
    };

    private static object Pair(Guid branch) => new
    {
        organisationId = branch, kind = "HVV", from = "2026-03-01", partner = "邻村",
    };

    private static object Outpost(Guid committee) => new
    {
        committeeId = committee, hostRegion = "140105", code = $"X{committee:N}"[..20], name = "驻外", type = "OBR",
        mode = "IND", workplace = "厂", advantages = (string[])["SRC"],
    };

    private static object Paper(Guid branch) => new
    {
        organisationId = branch, kind = "NOT", title = "须知", text = "全文", issuedOn = "2026-03-01", published = false,
    };

    private static IEnumerable<Row> Offices(Seeded s, Guid member, Guid paper) =>
    [
        new("POST /papers", null, Access.IssuePapers, Paper(s.Branch)),
        new("GET /papers/{id}", paper, Access.SeePapers),
        new("POST /papers/{id}/receipts", paper, Access.KeepRecords, new { organisationId = s.Branch }),
        new("GET /papers/{id}/receipts", paper, Access.SeeOrganisations),
        List("GET /papers", "paper where starts_with(path, $1)", Access.SeePapers),
        List("GET /appointments", "appointment where until_on is null and starts_with(path, $1)",
            Access.SeeOrganisations),
        new("POST /organisations/{id}/reports", s.Branch, Access.Appoint,
            new { kind = "SPE", period = "2026", title = "报告", text = "全文" }),
        new("GET /organisations/{id}/reports", s.Branch, Access.SeeOrganisations)
        {
            Query = "?kind=SPE&period=2026",
        },
        new("GET /organisations/{id}/reports/sent", s.Branch, Access.SeeOrganisations),
        new("POST /organisations/{id}/department-returns", s.Branch, Access.KeepRecords,
            new { department = "PSB", onDay = "2026-03-01", members = 3 }),
        new("GET /organisations/{id}/base-number", s.Branch, Access.SeeCounts),
        new("GET /organisations/{id}/certificate-reviews", s.Branch, Access.SeeMembers),
        new("GET /members/{id}/certificate-reviews", member, Access.SeeMembers),
        new("GET /organisations/{id}/electors", s.Branch, Access.SeeMembers),
        new("POST /organisations/{id}/delegate-quotas", s.Branch, Access.KeepRecords,
            new { congress = "党代会", delegates = 80, forMobile = 6, decidedOn = "2026-03-01" }),
        new("GET /organisations/{id}/delegate-quotas", s.Branch, Access.SeeOrganisations),
        new("POST /organisations/{id}/management-mode", s.Branch, Access.KeepRecords,
            new { peerRegion = "140105", mode = "HOS", agreement = "协议", from = "2026-03-01" }),
        new("GET /organisations/{id}/management-mode", s.Branch, Access.SeeOrganisations) { Query = "?peer=140105" },
        new("GET /organisations/{id}/carriers", s.Branch, Access.SeeOrganisations),
        new("GET /organisations/{id}/responsibility", s.Branch, Access.SeeOrganisations),
        new("GET /organisations/{id}/without-facility", s.Branch, Access.SeeOrganisations) { Query = "?type=STA" },
        new("GET /organisations/{id}/occupations", s.Branch, Access.SeeCounts),
        new("POST /exports/occupations", null, Access.SeeCounts, new { organisationId = s.Branch, reason = "核对" }),
    ];

    private static IEnumerable<Row> Changes(Seeded s) =>
    [
        new("POST /organisations/{id}/move", s.Branch, Access.ManageOrganisations,
            new { toParentId = s.Committee, on = "2026-03-01", reason = "试" }),
        new("POST /organisations/{id}/merge", s.Branch, Access.ManageOrganisations,
            new { organisationIds = new[] { s.Branch }, on = "2026-03-01", reason = "试" }),
        new("POST /organisations/{id}/split", s.Branch, Access.ManageOrganisations, new
        {
            on = "2026-03-01", reason = "试", parts = new[] { new { code = "Z", name = "子", type = "BRA" } },
        }),
        new("POST /organisations/{id}/merge/preview", s.Branch, Access.ManageOrganisations,
            new { organisationIds = new[] { s.Branch }, on = "2026-03-01", reason = "试" }),
        new("POST /organisations/{id}/split/preview", s.Branch, Access.ManageOrganisations, new
        {
            on = "2026-03-01", reason = "试", parts = new[] { new { code = "Z", name = "子", type = "BRA" } },
        }),
        new("POST /organisations/{id}/correct-date", s.Branch, Access.ManageOrganisations,
            new { from = "2026-03-01", to = "2200-03-01", reason = "试" }),
    ];

    private static IEnumerable<Row> Reads(Seeded s, Guid member) =>
    [
        new("GET /organisations/{id}/history", s.Branch, Access.SeeOrganisations),
        new("GET /organisations/{id}/headcount", s.Branch, Access.SeeOrganisations),
        new("GET /organisations/{id}/members", s.Branch, Access.SeeMembers),
        new("GET /organisations/{id}/formation-advice", s.Branch, Access.SeeOrganisations),
        new("GET /organisations/{id}/appointments", s.Branch, Access.SeeOrganisations),
        new("GET /organisations/{id}/terms", s.Branch, Access.SeeOrganisations),
        new("GET /organisations/tree", null, Access.SeeOrganisations) { Query = $"?under={s.Branch}" },
        new("GET /attention", null, Access.SeeOrganisations) { Query = $"?under={s.Branch}" },
        new("GET /formation-advice", null, Access.SeeOrganisations) { Query = "?type=BRA", Anywhere = true },
        new("GET /members/{id}/memberships", member, Access.SeeMembers),
        new("GET /members/{id}/appointments", member, Access.SeeMembers),
    ];

    private static IEnumerable<Row> Records(Seeded s, Guid unit, Guid facility, Guid appointment, Guid term,
        Guid pair) =>
    [
        new("POST /organisations/{id}/appointments", s.Branch, Access.Appoint, Role),
        new("POST /appointments/{id}/end", appointment, Access.Appoint, new { on = "2026-04-01", reason = "期满" }),
        new("POST /organisations/{id}/terms", s.Branch, Access.KeepRecords, new { electedOn = "2200-01-01" }),
        new("POST /terms/{id}/move", term, Access.KeepRecords, new { months = 1, approval = "批" }),
        new("POST /facilities", null, Access.KeepRecords, Facility(s.Branch)),
        new("PATCH /facilities/{id}", facility, Access.KeepRecords, new { onDuty = "丙" }),
        new("POST /units", null, Access.KeepRecords, Unit(s.Branch)),
        new("GET /units/{id}", unit, Access.SeeOrganisations),
        new("PATCH /units/{id}", unit, Access.KeepRecords, new { employees = 3 }),
        new("GET /organisations/{id}/parks", s.Branch, Access.SeeOrganisations),
        new("POST /organisations/{id}/park-examinations", s.Branch, Access.KeepRecords, Examination),
        new("POST /joint-buildings", null, Access.KeepRecords, Pair(s.Branch)),
        new("POST /joint-buildings/{id}/end", pair, Access.KeepRecords, new { on = "2026-04-01", reason = "期满" }),
    ];

    private static IEnumerable<Row> Outposts(Seeded s, Guid outpost) =>
    [
        new("GET /outposts/possible/{id}/{id}", s.Committee, Access.SeeCases),
        new("GET /outposts/{id}", outpost, Access.SeeOrganisations),
        new("POST /outposts", null, Access.ProposeOutposts, Outpost(s.Committee)),
        new("POST /outposts/{id}/refuse", outpost, Access.ApproveOutposts, new { why = "条件不足" }),
        new("POST /outposts/{id}/approve", outpost, Access.ApproveOutposts, new { document = "批复" }),
    ];

    private static IEnumerable<Row> Lists() =>
    [
        List("GET /units", "unit where closed_on is null and starts_with(path, $1)", Access.SeeOrganisations),
        List("GET /joint-buildings", "joint_building where starts_with(path, $1)", Access.SeeOrganisations),
        List("GET /park-examinations", "park_examination where starts_with(path, $1)", Access.SeeOrganisations),
        List("GET /outposts", "outpost where starts_with(path, $1)", Access.SeeOrganisations),
        new("GET /outposts/waiting", null, Access.SeeOrganisations)
        {
            Shows = json => [json.GetProperty("proposed").ToString()],
            Sql = "select count(*)::text from outpost where status = 'Proposed' and starts_with(path, $1)",
        },
        List("GET /reorganisations", "reorganisation where starts_with(to_path, $1)", Access.SeeOrganisations),
        List("GET /facilities", "facility where closed_on is null and starts_with(path, $1)", Access.SeeFacilities),
        new("GET /organisations/list", null, Access.SeeOrganisations)
        {
            Query = "?size=200&type=BRA", Shows = Items("id"),
            Sql = "select id::text from organisation where dissolved_on is null and type = 'BRA'"
                + " and starts_with(path, $1)",
        },
        new("GET /outposts/possible", null, Access.SeeCases)
        {
            // Nobody is away here; the outpost tests show what it lists.
            Anywhere = true,
        },
        new("GET /organisations/by-place", null, Access.SeeOrganisations)
        {
            Shows = json => json.EnumerateArray().Select(g => g.GetProperty("code").GetString()),
            Sql = "select distinct left(division, 2) from organisation where division <> '' and dissolved_on is null"
                + " and starts_with(path, $1)",
        },
        new("GET /organisations/by-sector", null, Access.SeeOrganisations)
        {
            Shows = json => json.EnumerateArray().Where(g => g.GetProperty("organisations").GetInt32() > 0)
                .Select(g => g.GetProperty("code").GetString()),
            Sql = "select distinct sector from organisation where sector <> '' and dissolved_on is null"
                + " and starts_with(path, $1)",
        },
        new("GET /units/coverage", null, Access.SeeOrganisations)
        {
            Shows = json => json.EnumerateArray().Select(g => g.GetProperty("group").GetString()),
            Sql = "select distinct left(division, 6) from unit where closed_on is null and starts_with(path, $1)",
        },
    ];

    private static Row List(string endpoint, string from, string[] roles) => new(endpoint, null, roles)
    {
        Query = "?size=200", Shows = Items("id"), Sql = $"select id::text from {from}",
    };

    private static Func<JsonElement, IEnumerable<string?>> Items(string name) => json => json.GetProperty("items")
        .EnumerateArray().Select(i => i.GetProperty(name).GetString());
}
