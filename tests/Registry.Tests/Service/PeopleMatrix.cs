using Platform.Testing;
using Registry.Service;

namespace Registry.Tests.Service;

/// <summary>The endpoints around an archive: two alike, a merge, a class, cards, a screening of the branch.</summary>
internal static partial class ScopeMatrix
{
    private static async Task<List<Row>> PeopleAsync(RegistryFixture registry, Seeded seeded, string code, Guid member,
        Guid outbound, Guid inbound)
    {
        var clerk = registry.As("committee-clerk");
        var (number, name) = ((Convert.ToInt32(code[1]) * 10) + 4, $"测试{"子丑寅卯辰"[code[1] - '0']}");
        var one = await Seeded.MemberAsync(registry, seeded.Branch, number, name);
        var other = await Seeded.MemberAsync(registry, seeded.Branch, number + 1, name);
        await clerk.PostAsync("/api/v1/duplicates/runs", new { organisationId = seeded.Branch });
        var merge = (await clerk.PostAsync("/api/v1/member-merges", new
        {
            keptId = await Seeded.MemberAsync(registry, seeded.Branch, number + 2, "测试午"),
            goneId = await Seeded.MemberAsync(registry, seeded.Branch, number + 3, "测试未"),
            reason = "同一人",
        })).Id();
        var ended = await Seeded.MemberAsync(registry, seeded.Branch, number + 5, "测试酉");
        await clerk.PostAsync($"/api/v1/members/{ended}/membership/end", Ending);
        var fact = (await clerk.PostAsync($"/api/v1/members/{member}/classifications", Class("ELD"))).Id();
        var screening = (await clerk.PostAsync("/api/v1/screenings", Screening(seeded.Branch))).Id();
        var sheet = (await clerk.PostAsync($"/api/v1/screenings/{screening}/sheet", Sheet(seeded.Branch))).Body;
        var finding = await FindingAsync(registry, seeded.Branch);
        var asked = (await clerk.PostAsync($"/api/v1/members/{member}/requests", Asked)).Id();
        return
        [
            .. Requests(member, asked), .. Archive(member), .. Memberships(member, ended, seeded.Branch),
            .. Quality(member, seeded.Committee),
            .. Duplicates(one, other, name, await PairAsync(registry, one, other), seeded.Committee),
            .. Merges(member, merge), .. Classes(member, fact), .. Cards("outbound-cases", outbound, isHome: true),
            .. Cards("inbound-cases", inbound, isHome: false), .. Screenings(seeded, screening, sheet),
            new("GET /screening-findings", null, Access.CarryOutScreenings)
            {
                Query = "?size=200", Shows = Items("id"),
                Sql = "select f.id::text from screening_finding f join organisation o on o.id = branch_id"
                    + " where starts_with(o.path, $1)",
            },
            new("GET /screening-findings/{id}", finding, Access.CarryOutScreenings),
            new("POST /screening-findings/{id}/link", finding, Access.CarryOutScreenings, new { memberId = member }),
        ];
    }

    private static IEnumerable<Row> Archive(Guid member) =>
    [
        new("GET /members/{id}/history", member, Access.SeeMembers),
        new("GET /members/{id}/as-known", member, Access.SeeMembers) { Query = "?on=2026-03-01" },
        new("POST /members/{id}/history/reveal", member, Access.Reveal, new { reason = "核对" }),
        new("POST /members/{id}/corrections", member, Access.CorrectMembers,
            new { reason = "核对", nativePlace = "山西" }),
    ];

    // Refused by the rules once a caller has been let through: the member is out, the branch is the same one.
    private static IEnumerable<Row> Memberships(Guid member, Guid ended, Guid branch) =>
    [
        new("POST /members/{id}/membership/move", member, Access.MoveMembers,
            new { branchId = branch, on = "2026-01-01", reason = "就近编入" }),
        new("POST /members/{id}/membership/end", member, Access.EndMemberships, Ending),
        new("POST /members/{id}/membership/resume", ended, Access.EndMemberships,
            new { on = "2999-01-01", reason = "误办" }),
    ];

    private static object Ending => new { because = "DEC", on = Today, reason = "病故" };

    private static string Today => DateTime.UtcNow.AddHours(8).ToString("yyyy-MM-dd",
        System.Globalization.CultureInfo.InvariantCulture);

    // A member asks for oneself without any role: PeopleTests.
    private static IEnumerable<Row> Requests(Guid member, Guid asked) =>
    [
        new("GET /members/{id}/cases", member, Access.SeeCases),
        new("POST /members/{id}/requests", member, Access.KeepMembers, Asked),
        new("GET /members/{id}/requests", member, Access.SeeMembers),
        new("GET /member-requests", null, Access.KeepMembers)
        {
            Query = "?size=200", Shows = Items("id"),
            Sql = "select r.id::text from member_request r join member m on m.id = member_id where status = 'Open'"
                + " and starts_with(m.branch_path, $1)",
        },
        new("POST /member-requests/{id}/answer", asked, Access.KeepMembers, new { outcome = "done", answer = "已改" }),
    ];

    private static object Asked => new { kind = "change", about = "employer", text = "换了单位" };

    private static IEnumerable<Row> Quality(Guid member, Guid committee) =>
    [
        new("GET /members/{id}/quality", member, Access.SeeQuality),
        new("GET /quality/organisations/{id}", committee, Access.SeeQuality),
        new("GET /quality/organisations/{id}/members", committee, Access.SeeQuality),
    ];

    private static IEnumerable<Row> Duplicates(Guid one, Guid other, string name, Guid pair, Guid committee) =>
    [
        new("POST /duplicates/check", null, Access.FindDuplicates, new { name, birthOn = "1960-01-01" })
        {
            Shows = json => json.GetProperty("likely").EnumerateArray()
                .Select(l => l.GetProperty("member").GetProperty("id").GetString()),
            Sql = $"select id::text from member where id in ('{one}', '{other}') and starts_with(branch_path, $1)",
        },
        new("POST /duplicates/runs", null, Access.MergeMembers, new { organisationId = committee }),
        new("GET /duplicates", null, Access.MergeMembers)
        {
            Query = "?size=200", Shows = Items("id"),
            Sql = "select d.id::text from duplicate_candidate d join member a on a.id = first_id"
                + " join member b on b.id = second_id where d.status = 'Open' and starts_with(a.branch_path, $1)"
                + " and starts_with(b.branch_path, $1)",
        },
        new("POST /duplicates/{id}/two-people", pair, Access.MergeMembers, new { reason = "兄弟" }),
        new("POST /duplicates/{id}/reopen", pair, Access.MergeMembers, new { reason = "说错了" }),
    ];

    // What follows a member's links looks past the scope, so these functions of the database ask by themselves.
    private static IEnumerable<Row> Merges(Guid member, Guid merge) =>
    [
        new("GET /members/{id}/beside/{id}", member, Access.MergeMembers) { HoldsAlone = true },
        new("GET /member-merges", null, Access.MergeMembers)
        {
            Query = "?size=200", Shows = Items("id"),
            Sql = "select id::text from member_merge where starts_with(path, $1)",
        },
        new("GET /member-merges/{id}", merge, Access.MergeMembers),
        new("POST /member-merges", null, Access.MergeMembers, new { keptId = member, goneId = member, reason = "同一人" })
        {
            HoldsAlone = true,
        },
        new("POST /member-merges/{id}/undo", merge, Access.MergeMembers, new { reason = "弄错了" })
        {
            HoldsAlone = true,
        },
    ];

    private static IEnumerable<Row> Classes(Guid member, Guid fact) =>
    [
        new("GET /members/{id}/classifications", member, Access.SeeMembers),
        new("POST /members/{id}/classifications", member, Access.ClassifyMembers, Class("MOB")),
        new("GET /classifications", null, Access.SeeMembers)
        {
            Query = "?axis=class&code=ELD&on=2026-01-15&size=200",
            Shows = json => json.GetProperty("items").EnumerateArray()
                .Select(i => i.GetProperty("fact").GetProperty("id").GetString()),
            Sql = "select c.id::text from member_class c join member m on m.id = member_id"
                + " where axis = 'class' and code = 'ELD' and starts_with(branch_path, $1)",
        },
        new("POST /classifications/{id}/end", fact, Access.ClassifyMembers, new { on = "2026-01-31", reason = "误报" }),
    ];

    private static IEnumerable<Row> Cards(string cases, Guid id, bool isHome) =>
    [
        new($"GET /{cases}/{{id}}/card", id, Access.PrintCards) { IsHome = isHome },
        new($"POST /{cases}/{{id}}/card", id, Access.Reveal, new { reason = "归档" }) { IsHome = isHome },
        new($"GET /{cases}/{{id}}/card/detail", id, Access.WorkCases) { IsHome = isHome },
        new($"PUT /{cases}/{{id}}/card/detail", id, Access.WorkCases, new { needs = "住房" }) { IsHome = isHome },
    ];

    private static IEnumerable<Row> Screenings(Seeded seeded, Guid id, byte[] sheet) =>
    [
        new("POST /screenings", null, Access.ManageScreenings, Screening(seeded.Committee)),
        new("GET /screenings", null, Access.CarryOutScreenings)
        {
            Query = "?size=200", Shows = Items("id"),
            Sql = "select s.id::text from screening s join organisation o on o.id = organisation_id"
                + " where starts_with(o.path, $1) or starts_with($1, o.path)",
        },
        new("GET /screenings/{id}/progress", id, Access.CarryOutScreenings),
        new("POST /screenings/{id}/sheet", id, Access.CarryOutScreenings, Sheet(seeded.Branch)),
        new("POST /screenings/{id}/results", id, Access.CarryOutScreenings)
        {
            Query = $"?branchId={seeded.Branch}", File = sheet,
        },
        new("GET /screenings/{id}/findings", id, Access.CarryOutScreenings),
        new("POST /screenings/{id}/close", id, Access.ManageScreenings),
    ];

    private static object Class(string code) => new { axis = "class", code, fromOn = "2026-01-01" };

    private static object Screening(Guid organisation) => new
    {
        organisationId = organisation, name = "排查", kind = "members", fromOn = "2026-02-01", untilOn = "2026-02-28",
    };

    private static object Sheet(Guid branch) => new { branchId = branch, reason = "入户排查" };

    // Of a places campaign the sheet is empty: the first row below the head is for somebody nobody had registered.
    private static async Task<Guid> FindingAsync(RegistryFixture registry, Guid branch)
    {
        var clerk = registry.As("committee-clerk");
        var places = (await clerk.PostAsync("/api/v1/screenings", new
        {
            organisationId = branch, name = "进工地", kind = "places", fromOn = "2026-02-01", untilOn = "2026-02-28",
        })).Id();
        var sheet = (await clerk.PostAsync($"/api/v1/screenings/{places}/sheet", Sheet(branch))).Body;
        (await clerk.UploadAsync($"/api/v1/screenings/{places}/results?branchId={branch}",
            FilledSheet.Fill(sheet, (4, "C", "测试未登记")))).Ok.ToString();
        return (await clerk.GetAsync($"/api/v1/screenings/{places}/findings")).Ok.GetProperty("items")[0]
            .GetProperty("id").GetGuid();
    }

    private static async Task<Guid> PairAsync(RegistryFixture registry, Guid one, Guid other)
    {
        await using var command = registry.Behind.CreateCommand(
            "select id from duplicate_candidate where first_id in ($1, $2) and second_id in ($1, $2)");
        command.Parameters.Add(new() { Value = one });
        command.Parameters.Add(new() { Value = other });
        return (Guid)(await command.ExecuteScalarAsync())!;
    }
}
