using System.Collections.Concurrent;
using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Platform.Testing;
using Registry.Names;
using Registry.Roster;
using Registry.Service;
using Registry.Service.Roster;
using Registry.Tests.Federated;
using Registry.Tests.Roster;
using static Registry.Tests.Federated.TierFederation;

namespace Registry.Tests.Service;

/// <summary>
/// Names that old encodings lose: the characters GB 18030-2022 moved, the supplementary planes, the dot of minority
/// names. They come out of every path as they went in, and stand in no log. Source.
/// </summary>
public sealed class RareNamesTests(RegistryFixture registry) : IClassFixture<RegistryFixture>
{
    /// <summary>Eight of the eighteen are ideographs; the others are punctuation and stand in no name.</summary>
    internal static readonly string[] Names =
    [
        .. ChangedCharacters.Pairs.Where(p => p.Since is >= '\u9FB4' and <= '\u9FBB')
            .Select(p => $"翟{p.Since}"),
        "翟𠮷𡈽", "𠮷田𪚥", "买买提·吐尔逊", "阿卜杜热依木·麦麦提明",
    ];

    /// <summary>All eighteen, as a place of work.</summary>
    internal static readonly string Employer = $"厂{string.Concat(ChangedCharacters.Pairs.Select(p => p.Since))}";

    [Theory]
    [InlineData("utf-8", "R1", 100)]
    [InlineData("gb18030", "R2", 200)]
    [InlineData("xlsx", "R3", 300)]
    public async Task Every_character_survives_import_list_file_and_paper_and_none_is_logged(string form, string code,
        int first)
    {
        using var log = new Logs();
        await using var app = RegistryHost.Build([], b =>
        {
            registry.Configure(b);
            b.Logging.AddProvider(log).AddFilter<Logs>(_ => true);
        });
        await app.StartAsync();
        var clerk = registry.At(app, "committee-clerk");
        var seeded = await Seeded.CreateAsync(registry, code);
        var type = form == "xlsx" ? form : "csv";
        var load = await clerk.UploadAsync($"/api/v1/rosters?region=141022&fileName=a.{type}",
            File(form, $"{code}B", first));
        Assert.Equal((Names.Length, 0), (load.Ok.GetProperty("membersAccepted").GetInt32(),
            load.Ok.GetProperty("problems").GetArrayLength()));
        var listed = (await clerk.GetAsync($"/api/v1/members?branchId={seeded.Branch}&size=100")).Ok
            .GetProperty("items").EnumerateArray().ToList();
        Assert.Equal(Names.Order(StringComparer.Ordinal), listed.Select(m => m.GetProperty("name").GetString())
            .Order(StringComparer.Ordinal));
        foreach (var format in new[] { "csv", "csvGb18030", "xlsx" })
        {
            var file = (await clerk.PostAsync("/api/v1/exports/members",
                new { reason = "核对", format, organisationId = seeded.Branch })).Body;
            var text = format switch
            {
                "csv" => Encoding.UTF8.GetString(file),
                "csvGb18030" => Gb18030.Decode(file)!,
                _ => Cells(file),
            };
            foreach (var word in Names.Append(Employer)) Assert.Contains(word, text, StringComparison.Ordinal);
        }
        foreach (var member in listed)
        {
            var away = await seeded.AwayAsync(registry, member.GetProperty("id").GetGuid(),
                new { employer = Employer });
            var page = WebUtility.HtmlDecode((await clerk.GetAsync($"/api/v1/outbound-cases/{away}/card")).Text);
            Assert.Contains(member.GetProperty("name").GetString()!, page, StringComparison.Ordinal);
            Assert.Contains(Employer, page, StringComparison.Ordinal);
        }
        Assert.Contains(log.Lines, l => l.Contains("/api/v1/exports/members", StringComparison.Ordinal));
        Assert.DoesNotContain(log.Lines, l => Names.Append(Employer).Any(n => l.Contains(n, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Each_character_that_changed_its_code_and_each_beyond_the_first_plane_is_found()
    {
        var seeded = await Seeded.CreateAsync(registry, "R4");
        var admin = registry.As("tier-administrator");
        var clerk = registry.As("committee-clerk", seeded.CommitteePath);
        var number = 60_400;
        foreach (var name in RareNamesTests.Names)
        {
            var id = await Seeded.MemberAsync(registry, seeded.Branch, ++number, name);
            var away = await seeded.AwayAsync(registry, id);
            // As it is written today, and as a file of before 2022 had it.
            var before = string.Concat(name.Select(c => ChangedCharacters.Pairs.Where(p => p.Since == c)
                .Select(p => p.Before).DefaultIfEmpty(c).Single()));
            foreach (var words in new[] { name, before })
            {
                var reply = await clerk.PostAsync("/api/v1/search", new { words });
                var hit = Hits(reply, "members").First();
                Assert.Equal((name, "name", true, id), (words == before ? name : words,
                    hit.GetProperty("why").GetString(), hit.GetProperty("isWhole").GetBoolean(),
                    hit.GetProperty("member").GetProperty("id").GetGuid()));
                Assert.Equal(name, hit.GetProperty("member").GetProperty("name").GetString());
                Assert.Equal(away, Hits(reply, "cases").First().GetProperty("caseId").GetGuid());
            }
        }
        // Ten of the eighteen are punctuation and stand in no person's name: organisations may have them.
        Assert.Equal(18, ChangedCharacters.Pairs.Count);
        foreach (var (_, since) in ChangedCharacters.Pairs)
        {
            var made = (await admin.PostAsync("/api/v1/organisations", new
            {
                code = $"R4X{++number}", name = $"望{since}台支部", type = "BRA", parentId = seeded.Committee,
            })).Id();
            var hit = Assert.Single(Hits(await clerk.PostAsync("/api/v1/search", new { words = $"望{since}台" }),
                "organisations"));
            Assert.Equal(made, hit.GetProperty("id").GetGuid());
        }
    }

    private static List<JsonElement> Hits(Reply reply, string kind) =>
        [.. reply.Ok.GetProperty(kind).GetProperty("items").EnumerateArray()];

    private static byte[] File(string form, string branch, int first)
    {
        var rows = Names.Select((name, i) => new Dictionary<string, string>(Workbooks.Member(first + i))
        {
            ["name"] = name, ["branch"] = branch, ["employer"] = Employer,
        }).ToArray();
        return form switch
        {
            "xlsx" => Workbooks.Xlsx((RosterSheet.Members.Title,
                Workbooks.Sheet(Workbooks.Table(RosterSheet.Members, rows)))),
            "gb18030" => Gb18030.Encode(Workbooks.Csv(RosterSheet.Members, rows)),
            _ => Encoding.UTF8.GetBytes(Workbooks.Csv(RosterSheet.Members, rows)),
        };
    }

    private static string Cells(byte[] workbook)
    {
        using var zip = new ZipArchive(new MemoryStream(workbook));
        return string.Concat(zip.Entries.Where(e => e.FullName.EndsWith(".xml", StringComparison.Ordinal)).Select(e =>
        {
            using var reader = new StreamReader(e.Open(), Encoding.UTF8);
            return WebUtility.HtmlDecode(reader.ReadToEnd());
        }));
    }

    /// <summary>Keeps every line with its exception, at every level.</summary>
    private sealed class Logs : ILoggerProvider, ILogger
    {
        public ConcurrentBag<string> Lines { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public bool IsEnabled(LogLevel logLevel) => true;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter) => Lines.Add($"{formatter(state, exception)} {exception}");

        public void Dispose()
        {
        }
    }
}

/// <summary>The same names to another node and back.</summary>
[Collection(TierCollection.Name)]
public sealed class RareNamesExchangeTests(TierFederation tiers)
{
    [Fact]
    public async Task Every_character_reaches_the_other_node_and_both_sides_match()
    {
        foreach (var (name, i) in RareNamesTests.Names.Select((n, i) => (n, i)))
        {
            var number = Seeded.IdNumber(78_000 + i);
            var member = (await tiers.At(Home, "committee-clerk").PostAsync("/api/v1/members", new
            {
                branchId = tiers.PlaceOf(Home).Branch, name, idNumber = number, standing = "full",
            })).Id();
            var journey = await Journey.NoticedAsync(tiers, Home, Host, new { employer = RareNamesTests.Employer },
                (member, number));
            await journey.AdmitAsync();
            var card = (await journey.AtHostAsync("admitted")).GetProperty("facts");
            Assert.Equal((name, RareNamesTests.Employer), (Journey.Text(card, "name"), Journey.Text(card, "employer")));
            Assert.Equal("matched", Journey.Text(await journey.HomeAsync(), "agreement"));
        }
    }
}
