namespace Console.Tests;

/// <summary>A township of its own with a branch, and people in it, made through the registry's API.</summary>
internal sealed record PeopleData(ConsoleFixture Fixture, string Code, Guid Committee, Guid Branch)
{
    /// <summary>A name as somebody who tries out the page would type it.</summary>
    public const string Probe = "<img src=x onerror=alert(1)>";

    public string CommitteePath => $"{ConsoleFixture.County}{Code}/";

    public string BranchPath => $"{CommitteePath}{Code}B/";

    public static async Task<PeopleData> CreateAsync(ConsoleFixture fixture, string code)
    {
        var admin = fixture.As("tier-administrator");
        var top = await fixture.TopAsync();
        var committee = (await admin.PostAsync("/api/v1/organisations",
            new { code, name = $"测试镇党委{code}", type = "GCM", parentId = top })).Id();
        var branch = (await admin.PostAsync("/api/v1/organisations", new
        {
            code = $"{code}B", name = $"测试村党支部{code}", type = "BRA", parentId = committee, contact = "示例六",
            phone = "0359-5550217",
        })).Id();
        return new(fixture, code, committee, branch);
    }

    public async Task<Guid> MemberAsync(int number, string name = "测试甲", string employer = "") =>
        (await Fixture.As("committee-clerk").PostAsync("/api/v1/members", new
        {
            branchId = Branch, name, idNumber = IdNumber(number), standing = "full", phone = $"139{number:D8}",
            occupation = "建筑", residence = "测试社区1号", employer, joinedOn = "2015-07-01", ethnicGroup = "01",
        })).Id();

    /// <summary>Sends a member out up to the notice; answers with the case.</summary>
    public async Task<Guid> AwayAsync(Guid member, string employer = "")
    {
        var id = (await Fixture.As("branch-secretary", BranchPath).PostAsync("/api/v1/outbound-cases", new
        {
            memberId = member, hostRegion = "140105", reason = "1", departsOn = "2026-01-05", employer,
        })).Id("caseId");
        var clerk = Fixture.As("committee-clerk");
        (await clerk.PostAsync($"/api/v1/outbound-cases/{id}/approve")).Id("caseId");
        (await clerk.PostAsync($"/api/v1/outbound-cases/{id}/prepare",
            new { talkOn = "2026-01-02", educatedOn = "2026-01-02", contactPerson = "示例六 0359-5550217" })).Id("caseId");
        (await clerk.PostAsync($"/api/v1/outbound-cases/{id}/notify")).Id("caseId");
        return id;
    }

    /// <summary>
    /// A well-formed id number of the county, different for each number below 40,000; above, 40,000 apart is the same.
    /// </summary>
    public static string IdNumber(int number)
    {
        var digits = $"141022{1960 + (number / 1000 % 40)}0101{number % 1000:D3}";
        return digits + Registry.ResidentId.CheckCharacterOf(digits);
    }
}
