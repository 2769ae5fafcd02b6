namespace Console.Tests;

/// <summary>Organisations of a test's own, below the county, made through the API.</summary>
internal sealed record Place(Guid Top, Guid Town, string Path)
{
    /// <param name="code">Code of the township, of this test alone.</param>
    public static async Task<Place> CreateAsync(ConsoleFixture fixture, string code, string name = "")
    {
        var admin = fixture.As("tier-administrator");
        var top = await fixture.TopAsync();
        var town = (await admin.PostAsync("/api/v1/organisations", new
        {
            code, name = name.Length > 0 ? name : $"测试镇党委{code}", type = "GCM", parentId = top,
            foundedOn = "2020-01-01", contact = "书记甲", division = "141022",
        })).Id();
        return new(top, town, $"{ConsoleFixture.County}{code}/");
    }

    public async Task<Guid> BranchAsync(ConsoleFixture fixture, string code, string name, string type = "BRA") =>
        (await fixture.As("tier-administrator").PostAsync("/api/v1/organisations", new
        {
            code, name, type, parentId = Town, foundedOn = "2020-01-01",
        })).Id();

    /// <summary>Registers a member; the number makes the id number.</summary>
    public static async Task<Guid> MemberAsync(ConsoleFixture fixture, Guid branch, int number, string name) =>
        (await fixture.As("committee-clerk").PostAsync("/api/v1/members", new
        {
            branchId = branch, name, idNumber = PeopleData.IdNumber(number), standing = "full",
            phone = $"139{number:D8}",
            occupation = "建筑", residence = "测试社区1号",
        })).Id();

    /// <summary>Many branches below the township at once, past the API: a level of a thousand.</summary>
    public async Task FillAsync(ConsoleFixture fixture, int count)
    {
        await using var command = fixture.Behind.CreateCommand($"""
            insert into organisation (id, code, path, parent_id, region, name, type, contact, phone, unit_name,
                credit_code, community, site)
            select gen_random_uuid(), 'V' || lpad(n::text, 5, '0'), '{Path}V' || lpad(n::text, 5, '0') || '/', '{Town}',
                '141022', '第' || n || '村党支部', 'BRA', '', '', '', '', '', ''
            from generate_series(1, {count}) n
            """);
        await command.ExecuteNonQueryAsync();
    }
}
