using System.IO.Compression;
using System.Text;
using Registry.Roster;
using Registry.Tests.Roster;

namespace Registry.Tests.Service;

/// <summary>A clerk's file over HTTP: dry run, load, error workbook, and every broken file refused whole.</summary>
public sealed class RostersTests(RegistryFixture registry) : IClassFixture<RegistryFixture>
{
    private const string Upload = "/api/v1/rosters?region=141022&fileName=roster.xlsx";

    [Fact, Trait("mechanism", "M-074"), Trait("mechanism", "M-077")]
    public async Task Broken_files_are_refused_with_a_reason_and_leave_nothing_behind()
    {
        await Seeded.CreateAsync(registry, "R1");
        var clerk = registry.As("committee-clerk");
        var before = await registry.CountAsync("select count(*) from member")
            + await registry.CountAsync("select count(*) from roster_load");
        var wrong = new List<string>();
        foreach (var broken in BrokenWorkbooks.All)
        {
            var reply = await clerk.UploadAsync(
                $"/api/v1/rosters?region=141022&dryRun=true&fileName={Uri.EscapeDataString(broken.FileName)}",
                    broken.Make());
            var said = broken.IsRefusedWhole
                ? reply.Status is >= 400 and < 500 && reply.Code == broken.Expected
                    && reply.Json.GetProperty("detail").GetString() is { Length: > 0 }
                : reply.Status == 200 && reply.Text.Contains(broken.Expected, StringComparison.Ordinal);
            if (!said) wrong.Add($"{broken.Title}: {reply.Status} {reply.Text[..Math.Min(200, reply.Text.Length)]}");
        }
        Assert.Empty(wrong);
        Assert.Equal(before,
            await registry.CountAsync("select count(*) from member")
                + await registry.CountAsync("select count(*) from roster_load"));
    }

    [Fact, Trait("mechanism", "M-073")]
    public async Task A_roster_brings_organisations_and_their_members_in_one_load()
    {
        var order = new Platform.Seeds.RosterOrder("141022", 60, 5, 11, ["140105"]);
        var made = Platform.Seeds.RosterMaker.Make(order, Platform.Seeds.SeedFolder.Find());
        var reply = await registry.As("committee-clerk").UploadAsync(Upload, made.File);
        Assert.Equal((200, 55, 5), (reply.Status, reply.Json.GetProperty("membersAccepted").GetInt32(),
            reply.Json.GetProperty("refused").GetInt32()));
    }

    [Fact]
    public async Task The_template_is_a_workbook_with_both_sheets()
    {
        var reply = await registry.As("committee-clerk").GetAsync("/api/v1/rosters/template");
        Assert.Equal(200, reply.Status);
        using var zip = new ZipArchive(new MemoryStream(reply.Body));
        using var text = new StreamReader(zip.GetEntry("xl/workbook.xml")!.Open(), Encoding.UTF8);
        var workbook = await text.ReadToEndAsync(TestContext.Current.CancellationToken);
        Assert.Contains("组织", workbook, StringComparison.Ordinal);
        Assert.Contains("党员", workbook, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_member_of_another_branch_comes_back_in_the_error_workbook_and_is_not_taken()
    {
        var seeded = await Seeded.CreateAsync(registry, "R2");
        await Seeded.MemberAsync(registry, seeded.Branch, 77);
        Assert.Equal(400,
            (await registry.As("committee-clerk").UploadAsync(Upload, Encoding.UTF8.GetBytes("x"))).Status);
        Assert.Equal(404,
            (await registry.As("committee-clerk").GetAsync($"/api/v1/rosters/{Guid.CreateVersion7()}/errors")).Status);
    }

    /// <summary>The process may die between two questions, and the next one asks them all.</summary>
    [Fact, Trait("mechanism", "M-075")]
    public async Task Rows_compared_once_more_are_found_alike_as_before()
    {
        await Seeded.CreateAsync(registry, "R3");
        Dictionary<string, string> Row(int sequence) => new(Workbooks.Member(sequence))
        {
            ["branch"] = "R3B", ["phone"] = "15400008888",
        };
        var load = (await registry.As("committee-clerk").UploadAsync(Upload.Replace("xlsx", "csv",
            StringComparison.Ordinal), Encoding.UTF8.GetBytes(Workbooks.Csv(
                RosterSheet.Members, Row(811), Row(811), Row(812))))).Id("loadId");
        var found = "select count(*) filter (where (line, twin_line) = (3, 2)) * 100 "
            + "+ count(*) filter (where (line, alike_line, phone_line) = (4, 2, 2)) * 10 "
            + $"+ count(twin_line) + count(alike_line) + count(phone_line) from roster_line where load_id = '{load}'";
        Assert.Equal(113, await registry.CountAsync(found));
        foreach (var question in new[] { "alike", "phones", "twins", "alike", "phones" })
        {
            await using var ask = registry.Behind.CreateCommand($"select roster_{question}('{load}')");
            await ask.ExecuteNonQueryAsync();
            Assert.Equal(113, await registry.CountAsync(found));
        }
    }
}
