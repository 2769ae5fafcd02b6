using System.Text;
using DocumentFormat.OpenXml.Packaging;
using DocumentFormat.OpenXml.Spreadsheet;
using Microsoft.Extensions.Configuration;
using Registry.Service;
using Registry.Service.Roster;

namespace Registry.Tests.Service;

/// <summary>Lists as files: masked unless asked for, with a reason, and every copy leaves a trace.</summary>
public sealed class ExportsTests(RegistryFixture registry) : IClassFixture<RegistryFixture>
{
    private const string Members = "/api/v1/exports/members", Cases = "/api/v1/exports/cases";

    [Fact]
    public async Task A_register_is_masked_and_names_who_took_it_for_what()
    {
        var seeded = await Seeded.CreateAsync(registry, "E1");
        await Seeded.MemberAsync(registry, seeded.Branch, 101, "翟甲");
        await Seeded.MemberAsync(registry, seeded.Branch, 102, "翟乙");
        var reply = await registry.As("liaison-officer").PostAsync(Members,
            new { reason = "季度核对", organisationId = seeded.Committee });
        Assert.Equal(200, reply.Status);
        var (texts, footer) = Read(reply.Body);
        Assert.Equal("测试镇党委E1党员名册", texts[0]);
        Assert.Contains("翟甲", texts);
        Assert.Contains("翟乙", texts);
        Assert.Contains("正式党员", texts);
        Assert.Contains("测试支部E1", texts);
        Assert.Contains("合计：2 人", texts);
        Assert.Contains(ResidentId.Mask(Seeded.IdNumber(101)), texts);
        Assert.DoesNotContain(texts, t => t.Contains(Seeded.IdNumber(101), StringComparison.Ordinal)
            || t.Contains("13900000101", StringComparison.Ordinal) || t.Contains("测试社区", StringComparison.Ordinal));
        Assert.Contains("用途：季度核对", footer, StringComparison.Ordinal);
        Assert.Contains("liaison-officer", footer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Unmasked_copies_need_the_right_and_are_in_the_trails_of_the_copy_and_of_every_member()
    {
        var seeded = await Seeded.CreateAsync(registry, "E2");
        var id = await Seeded.MemberAsync(registry, seeded.Branch, 111, "翟丙");
        var ask = new { reason = "换发证件", reveal = true, organisationId = seeded.Branch };
        Assert.Equal("ROLE_NOT_ALLOWED", (await registry.As("supervisor").PostAsync(Members, ask)).Code);
        var (texts, footer) = Read((await registry.As("committee-clerk").PostAsync(Members, ask)).Body);
        Assert.Contains(Seeded.IdNumber(111), texts);
        Assert.Contains("13900000111", texts);
        Assert.Contains("测试社区1号", texts);

        var auditor = registry.As("auditor");
        var member = (await auditor.GetAsync($"/api/v1/members/{id}/trail")).Ok.GetProperty("items")[1];
        Assert.Equal(("RevealedInExport", "换发证件"),
            (member.GetProperty("action").GetString(), member.GetProperty("reason").GetString()));
        var number = footer.Split("导出编号 ")[1][..36];
        var copy = Assert.Single((await auditor.GetAsync($"/api/v1/exports/{number}/trail")).Ok.GetProperty("items")
            .EnumerateArray());
        Assert.Equal(("RevealedInExport", "committee-clerk"),
            (copy.GetProperty("action").GetString(), copy.GetProperty("actorName").GetString()));
        Assert.Equal(404, (await registry.As("auditor", "140000/141000/141022/E2X/")
            .GetAsync($"/api/v1/exports/{number}/trail")).Status);
    }

    [Theory]
    [InlineData("""{ "reason": " " }""", "INPUT_INVALID")]
    [InlineData("""{ "format": "xlsx" }""", "MALFORMED_REQUEST")]
    [InlineData("""{ "reason": "核对", "format": "ofd" }""", "MALFORMED_REQUEST")]
    [InlineData("""{ "reason": "核对", "organisationId": "01980000-0000-7000-8000-000000000000" }""",
        "ORGANISATION_NOT_FOUND")]
    public async Task What_cannot_be_exported_is_refused_with_its_reason(string body, string code)
    {
        var reply = await registry.As("committee-clerk").SendAsync(HttpMethod.Post, Members,
            new StringContent(body, Encoding.UTF8, "application/json"), null);
        Assert.Equal(code, reply.Code);
        Assert.InRange(reply.Status, 400, 499);
    }

    [Fact]
    public async Task Members_are_exported_with_the_standing_the_list_is_filtered_by()
    {
        var seeded = await Seeded.CreateAsync(registry, "E9");
        await Seeded.MemberAsync(registry, seeded.Branch, 961, "正式某");
        async Task<string> AskAsync(string standing) => (await registry.As("committee-clerk").PostAsync(Members,
            new { reason = "统计", format = "csv", organisationId = seeded.Committee, standing })).Text;
        Assert.Contains("正式某", await AskAsync("full"), StringComparison.Ordinal);
        Assert.DoesNotContain("正式某", await AskAsync("probationary"), StringComparison.Ordinal);
        Assert.Contains("INPUT_INVALID", await AskAsync("honorary"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("csv")]
    [InlineData("csvGb18030")]
    public async Task Csv_comes_in_the_encoding_asked_for_and_every_row_carries_the_number_of_the_copy(string format)
    {
        var code = format == "csv" ? "E3" : "E4";
        var seeded = await Seeded.CreateAsync(registry, code);
        await Seeded.MemberAsync(registry, seeded.Branch, code[1] * 10, "翟𠮷\u9FB4");
        var reply = await registry.As("committee-clerk").PostAsync(Members,
            new { reason = "统计", format, organisationId = seeded.Branch, search = "翟" });
        Assert.Equal(format == "csv", reply.Body.AsSpan().StartsWith(Encoding.UTF8.Preamble));
        var text = format == "csv" ? Encoding.UTF8.GetString(reply.Body.AsSpan(3)) : Gb18030.Decode(reply.Body)!;
        var lines = text.Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.StartsWith("序号,姓名,", lines[0], StringComparison.Ordinal);
        Assert.StartsWith("1,翟𠮷\u9FB4,", Assert.Single(lines[1..]), StringComparison.Ordinal);
        Assert.True(Guid.TryParse(lines[1].Split(',')[^1], out _), lines[1]);
    }

    [Fact]
    public async Task Cases_are_exported_as_the_list_shows_them_and_strangers_get_an_empty_sheet()
    {
        var seeded = await Seeded.CreateAsync(registry, "E5");
        var member = await Seeded.MemberAsync(registry, seeded.Branch, 121, "翟丁");
        var secretary = registry.As("branch-secretary", seeded.BranchPath);
        var id = (await secretary.PostAsync("/api/v1/outbound-cases", new
        {
            memberId = member, hostRegion = "140105", reason = "1", departsOn = "2026-03-01",
        })).Id("caseId");
        var ask = new { reason = "核对", side = "home", agreement = new[] { "settled", "homeOnly" }, region = "140105" };
        var (texts, _) = Read((await secretary.PostAsync(Cases, ask)).Body);
        Assert.Equal("测试支部E5流动党员双向核对表", texts[0]);
        Assert.Contains("翟丁", texts);
        Assert.Contains("已申请", texts);
        Assert.Contains("党委审批", texts);
        Assert.Contains("小店区140105", texts);
        Assert.Contains("合计：1 件", texts);
        Assert.Contains("Exported",
            (await registry.As("auditor").GetAsync($"/api/v1/cases/{id}/trail")).Ok.GetProperty("items")
            .EnumerateArray().Select(t => t.GetProperty("action").GetString()));
        var (stranger, _) = Read((await registry.As("committee-clerk", "140000/150000/").PostAsync(Cases, ask)).Body);
        Assert.Contains("合计：0 件", stranger);
        Assert.DoesNotContain("翟丁", stranger);
    }

    [Fact]
    public async Task More_rows_than_allowed_are_refused_before_anything_is_written()
    {
        var seeded = await Seeded.CreateAsync(registry, "E6");
        foreach (var number in new[] { 131, 132, 133 }) await Seeded.MemberAsync(registry, seeded.Branch, number);
        await using var small = RegistryHost.Build([], b =>
        {
            registry.Configure(b);
            b.Configuration.AddInMemoryCollection([new("Registry:ExportRowsMax", "2")]);
        });
        await small.StartAsync(TestContext.Current.CancellationToken);
        var before = await registry.CountAsync("select count(*) from audit where subject_kind = 'export'");
        var reply = await registry.At(small, "committee-clerk").PostAsync(Members,
            new { reason = "核对", organisationId = seeded.Branch });
        Assert.Equal((400, "EXPORT_TOO_LARGE"), (reply.Status, reply.Code));
        Assert.Contains("2 行", reply.Text, StringComparison.Ordinal);
        Assert.Equal(before, await registry.CountAsync("select count(*) from audit where subject_kind = 'export'"));
    }

    [Fact]
    public async Task A_copy_that_fails_halfway_is_broken_off_and_never_looks_whole()
    {
        var seeded = await Seeded.CreateAsync(registry, "E7");
        var id = await Seeded.MemberAsync(registry, seeded.Branch, 141);
        await using var damage = registry.Behind.CreateCommand("update member set phone = '\\x00' where id = $1");
        damage.Parameters.Add(new() { Value = id });
        Assert.Equal(1, await damage.ExecuteNonQueryAsync(TestContext.Current.CancellationToken));
        await Assert.ThrowsAsync<HttpRequestException>(() => registry.As("committee-clerk").PostAsync(Members,
            new { reason = "核对", organisationId = seeded.Branch }));
    }

    private static (List<string> Texts, string Footer) Read(byte[] file)
    {
        using var document = SpreadsheetDocument.Open(new MemoryStream(file), false);
        var sheet = document.WorkbookPart!.WorksheetParts.Single().Worksheet!;
        return ([.. sheet.Descendants<InlineString>().Select(i => i.InnerText)],
            sheet.Descendants<OddFooter>().Single().Text);
    }
}
