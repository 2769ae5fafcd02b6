using System.Globalization;
using Platform.Testing;

namespace Registry.Tests.Service;

/// <summary>A county with a committee, a branch and members, made through the API.</summary>
public sealed record Seeded(Guid Top, Guid Committee, Guid Branch, string CommitteePath, string BranchPath)
{
    public static async Task<Seeded> CreateAsync(RegistryFixture registry, string code = "A1")
    {
        var admin = registry.As("tier-administrator");
        var top = await TopAsync(registry, admin);
        var committee = (await admin.PostAsync("/api/v1/organisations",
            new { code, name = $"测试镇党委{code}", type = "GCM", parentId = top })).Id();
        var branch = (await admin.PostAsync("/api/v1/organisations",
            new { code = $"{code}B", name = $"测试支部{code}", type = "BRA", parentId = committee })).Id();
        return new(top, committee, branch, $"{RegistryFixture.County}{code}/",
            $"{RegistryFixture.County}{code}/{code}B/");
    }

    /// <summary>Registers a member; the number makes the id number.</summary>
    public static async Task<Guid> MemberAsync(RegistryFixture registry, Guid branch, int number,
        string name = "测试甲") =>
        (await registry.As("committee-clerk").PostAsync("/api/v1/members", Member(branch, number, name))).Id();

    /// <summary>An outpost by the book: the committee proposes it, the county approves.</summary>
    public async Task<Guid> OutpostAsync(RegistryFixture registry, string code, string type = "OBR")
    {
        var proposed = await registry.As("committee-clerk", CommitteePath).PostAsync("/api/v1/outposts", new
        {
            committeeId = Committee, hostRegion = "140105", code, name = $"驻外{code}", type, mode = "IND",
            workplace = "大唐电厂", advantages = (string[])["SRC"],
        });
        return (await registry.As("tier-administrator").PostAsync($"/api/v1/outposts/{proposed.Id()}/approve",
            new { document = "县委批复〔2026〕1号" })).Id("organisationId");
    }

    /// <summary>Sends a member out by the book up to the notice; answers with the case.</summary>
    public async Task<Guid> AwayAsync(RegistryFixture registry, Guid member, object? more = null)
    {
        var body = new Dictionary<string, object?>
        {
            ["memberId"] = member, ["hostRegion"] = "140105", ["reason"] = "1", ["departsOn"] = "2026-01-05",
        };
        foreach (var property in more?.GetType().GetProperties() ?? []) body[property.Name] = property.GetValue(more);
        var id = (await registry.As("branch-secretary", BranchPath).PostAsync("/api/v1/outbound-cases", body))
            .Id("caseId");
        var clerk = registry.As("committee-clerk");
        (await clerk.PostAsync($"/api/v1/outbound-cases/{id}/approve")).Id("caseId");
        (await clerk.PostAsync($"/api/v1/outbound-cases/{id}/prepare",
            new { talkOn = "2026-01-02", educatedOn = "2026-01-02", contactPerson = "乙" })).Id("caseId");
        (await clerk.PostAsync($"/api/v1/outbound-cases/{id}/notify")).Id("caseId");
        return id;
    }

    public static object Member(Guid branch, int number, string name = "测试甲") => new
    {
        branchId = branch,
        name,
        idNumber = IdNumber(number),
        standing = "full",
        phone = $"139{number:D8}",
        occupation = "建筑",
        residence = "测试社区1号",
    };

    /// <summary>A well-formed id number of the county, different for each number below 100,000.</summary>
    public static string IdNumber(int number)
    {
        var digits = $"141022{1960 + (number / 1000 % 40)}0101{number % 1000:D3}";
        int[] weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
        var sum = digits.Zip(weights, (d, w) => (d - '0') * w).Sum();
        return string.Create(CultureInfo.InvariantCulture, $"{digits}{"10X98765432"[sum % 11]}");
    }

    private static async Task<Guid> TopAsync(RegistryFixture registry, Api admin)
    {
        var made = await admin.PostAsync("/api/v1/organisations",
            new { code = RegistryFixture.Region, name = "测试县委", type = "GCM", region = RegistryFixture.Region });
        if (made.Code != "ORGANISATION_EXISTS") return made.Id();
        var list = (await admin.GetAsync("/api/v1/organisations")).Ok.GetProperty("items");
        return list.EnumerateArray().First(o => o.GetProperty("code").GetString() == RegistryFixture.Region)
            .GetProperty("id").GetGuid();
    }
}
