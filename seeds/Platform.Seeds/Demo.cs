using System.Globalization;
using System.Net;
using System.Text.Json;

namespace Platform.Seeds;

/// <summary>Where the demo federation stands and who may speak to it.</summary>
/// <param name="Tokens">Folder with files <c>REGION-ROLE.jwt</c>.</param>
/// <param name="Home">Gateway of the home county.</param>
/// <param name="Host">Gateway of the host node.</param>
public sealed record DemoPlace(string Tokens, Uri Home, Uri Host);

/// <summary>
/// Fills a running demo federation through its gateways, as clerks would: rosters, applications, notices, admissions.
/// Every command's id follows from what it does, so a second run changes nothing.
/// </summary>
public sealed class Demo(DemoPlace place, SeedFolder seeds, DateOnly today, Action<string> tell) : IDisposable
{
    private const string HomeRegion = "141022";
    private static readonly string[] HostRegions = ["140105", "140106"];
    private readonly Clerks clerks = new((region, role) =>
        File.ReadAllText(Path.Combine(place.Tokens, $"{region}-{role}.jwt")).Trim(), HttpVersion.Version11);

    /// <param name="members">Rows of the home county's roster; each host district gets a tenth.</param>
    /// <param name="cases">Cases that home begins; about two thirds of them reach the hosts.</param>
    public async Task RunAsync(int members, int cases, CancellationToken cancel)
    {
        await LoadAsync(place.Home, HomeRegion, members, wrong: members / 50, cancel);
        foreach (var region in HostRegions) await LoadAsync(place.Host, region, Math.Max(20, members / 10), 0, cancel);
        var noticed = await BeginCasesAsync(cases, cancel);
        tell($"{cases} cases begun at home, {noticed} of them noticed to the hosts");
        var admitted = await AdmitAsync(noticed, cancel);
        tell($"{admitted} admitted by the hosts");
        tell($"{await ComeFirstAsync(members, cancel)} came to the host first; home is asked to confirm");
        await OpenMemberAsync(cancel);
    }

    public void Dispose() => clerks.Dispose();

    private async Task LoadAsync(Uri gateway, string region, int members, int wrong, CancellationToken cancel)
    {
        var made = RosterMaker.Make(Order(region, members, wrong), seeds);
        var reply = await clerks.LoadAsync(gateway, region, region, $"roster:{members}", made.File, cancel);
        tell($"{region}: {reply.GetProperty("membersAccepted").GetInt32()} members loaded, "
            + $"{reply.GetProperty("refused").GetInt32()} rows given back");
    }

    // Nobody is out in the roster: every case of the demo is begun step by step.
    private static RosterOrder Order(string region, int members, int wrong) =>
        new(region, members, wrong, int.Parse(region, CultureInfo.InvariantCulture), []);

    /// <summary>Of every six: one stays applied, one approved, four go on to the notice.</summary>
    private async Task<int> BeginCasesAsync(int cases, CancellationToken cancel)
    {
        var members = await GetAsync(place.Home, HomeRegion, $"members?size={cases}", cancel);
        var noticed = 0;
        var ids = members.GetProperty("items").EnumerateArray().Take(cases).Select(m => m.GetProperty("id").GetGuid());
        foreach (var (member, i) in ids.Select((m, i) => (m, i)))
        {
            var host = HostRegions[i % HostRegions.Length];
            var opened = await PostAsync(place.Home, HomeRegion, "committee-clerk", $"apply:{i}", "outbound-cases", new
            {
                memberId = member,
                hostRegion = host,
                reason = "1",
                departsOn = today.AddDays(7),
                plannedReturnOn = today.AddYears(1),
                occupation = "建筑",
                employer = "示例建筑公司",
                residence = "示例社区1号",
            }, cancel);
            var path = $"outbound-cases/{opened.GetProperty("caseId").GetGuid()}";
            if (i % 6 == 0) continue;
            await Step("tier-administrator", "approve", new { });
            if (i % 6 == 1) continue;
            await Step("committee-clerk", "prepare", new { talkOn = today, educatedOn = today, contactPerson = "王试一" });
            await Step("committee-clerk", "notify", new { });
            noticed++;

            Task Step(string role, string step, object body) =>
                PostAsync(place.Home, HomeRegion, role, $"{step}:{i}", $"{path}/{step}", body, cancel);
        }
        return noticed;
    }

    /// <summary>Waits for the notices, a minute at most, and admits two thirds of them.</summary>
    private async Task<int> AdmitAsync(int noticed, CancellationToken cancel)
    {
        var admitted = 0;
        var deadline = DateTime.UtcNow.AddMinutes(1);
        foreach (var region in HostRegions)
        {
            var branch = (await GetAsync(place.Host, region, "organisations?size=100&search=支部", cancel))
                .GetProperty("items")
                .EnumerateArray().First(o => o.GetProperty("type").GetString() == "BRA").GetProperty("id").GetGuid();
            List<Guid> cards;
            while ((cards = await NoticedAsync(region, cancel)).Count < noticed / HostRegions.Length
                && DateTime.UtcNow < deadline)
                await Task.Delay(500, cancel);
            foreach (var card in cards.Where((_, i) => i % 3 != 2))
            {
                var path = $"inbound-cases/{card}/admit";
                await PostAsync(place.Host, region, "committee-clerk", $"admit:{card}", path, new
                {
                    branchId = branch,
                    placementReason = "居住地社区示例党支部",
                    documentShown = "CRT",
                    on = today,
                    hostContact = "李例二",
                }, cancel);
                admitted++;
            }
        }
        return admitted;
    }

    private async Task<List<Guid>> NoticedAsync(string region, CancellationToken cancel)
    {
        var lines = await GetAsync(place.Host, region, "reconciliation?size=100", cancel);
        return [.. lines.GetProperty("items").EnumerateArray()
            .Where(l => l.GetProperty("hostRegion").GetString() == region)
            .Where(l => "noticed".Equals(l.GetProperty("status").GetString(), StringComparison.OrdinalIgnoreCase))
            .Select(l => l.GetProperty("cardId").GetGuid()).Order()];
    }

    /// <summary>Two members nobody announced turn up and show nothing.</summary>
    private async Task<int> ComeFirstAsync(int members, CancellationToken cancel)
    {
        var people = RosterMaker.Make(Order(HomeRegion, members, members / 50), seeds).People;
        foreach (var (person, i) in people.TakeLast(2).Select((p, i) => (p, i)))
            await PostAsync(place.Host, HostRegions[i], "committee-clerk", $"open:{i}", "inbound-cases", new
            {
                homeRegion = HomeRegion,
                hostRegion = HostRegions[i],
                name = person.Name,
                idNumber = person.IdNumber,
                arrivedOn = today,
                documentShown = "NON",
                phone = "15400000000",
            }, cancel);
        return 2;
    }

    /// <summary>The third who left may look at the own record; the code is told once.</summary>
    private async Task OpenMemberAsync(CancellationToken cancel)
    {
        const string Certificate = "DEMO-0003";
        var member = (await GetAsync(place.Home, HomeRegion, "members?size=3", cancel)).GetProperty("items")[2];
        var branch = await GetAsync(
            place.Home, HomeRegion, $"organisations/{member.GetProperty("branchId").GetGuid()}", cancel);
        var opened = await PostAsync(place.Home, HomeRegion, "committee-clerk", "account", "accounts", new
        {
            name = member.GetProperty("name").GetString(),
            path = branch.GetProperty("path").GetString(),
            memberId = member.GetProperty("id").GetGuid(),
            certificateNumber = Certificate,
        }, cancel);
        if (opened.GetProperty("code").GetString() is { } code)
        {
            var console = new UriBuilder(place.Home) { Host = "localhost", Path = "/identity/activate" };
            tell($"a member activates the own account at {console.Uri} with the certificate number {Certificate} "
                + $"and the one-time code {code}");
        }
    }

    private Task<JsonElement> GetAsync(Uri gateway, string region, string path, CancellationToken cancel) =>
        clerks.GetAsync(gateway, region, "committee-clerk", path, cancel);

    private Task<JsonElement> PostAsync(
        Uri gateway, string region, string role, string what, string path, object body, CancellationToken cancel) =>
        clerks.PostAsync(gateway, region, role, what, path, body, cancel);
}
