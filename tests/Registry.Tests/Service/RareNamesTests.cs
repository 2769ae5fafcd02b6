using System.Collections.Concurrent;
using System.IO.Compression;
using System.Net;
using System.Text;
using Microsoft.Extensions.Logging;
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
