using System.IO.Compression;
using System.Text;
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
}
