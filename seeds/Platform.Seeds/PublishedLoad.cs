using System.Globalization;
using System.Text.Json;
using Registry.Organisations;

namespace Platform.Seeds;

/// <summary>
/// Loads the registers of <c>seeds/demo</c> into a node as its offices would: rosters first, then every step of every
/// case from the worklists, guests, units. Broken off, it goes on where it was: what is done is on no worklist.
/// </summary>
/// <param name="registry">Address of the registry: the gateway lets nobody write so fast.</param>
/// <param name="asRegion">Region whose clerk and administrator act; it contains the counties.</param>
public sealed class PublishedLoad(Clerks clerks, Uri registry, string asRegion, SeedFolder seeds, Action<string> tell)
{
    private const string Clerk = "committee-clerk", Administrator = "tier-administrator";
    private const int PageSize = 200, AtOnce = 8;

    /// <summary>A notice that takes longer is taken for lost.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private static readonly string[] HomeSteps = ["approve", "prepare", "notify"];

    /// <summary>All of one county.</summary>
    /// <exception cref="HttpRequestException">A command was refused.</exception>
    /// <exception cref="TimeoutException">Notices did not arrive.</exception>
    public async Task RunAsync(PublishedCounty county, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(county);
        var file = PublishedRoster.Make(county, seeds);
        var load = await clerks.LoadAsync(registry, county.County, asRegion,
            $"published:{county.County}:{county.Members}", file, cancel);
        if (!load.TryGetProperty("membersAccepted", out var accepted) || accepted.GetInt32() != county.Members)
            throw new HttpRequestException($"The roster of {county.County} was not loaded whole: {load}");
        tell($"{county.County}: {county.Members} members from the roster");
        var branches = await BranchesAsync(county, cancel);
        tell($"{county.County}: {await SendAwayAsync(county, cancel)} sent away, step by step");
        tell($"{county.County}: {await TakeInAsync(county, branches, cancel)} taken in by branches of the county");
        await GuestsAsync(county, cancel);
        await UnitsAsync(county, branches, cancel);
        tell($"{county.County}: {county.Guests} came from elsewhere; "
            + $"{county.UnitsOrganised + county.UnitsFew + county.UnitsNone} two-new organisations");
    }

    /// <summary>Branch by name.</summary>
    private async Task<Dictionary<string, Branch>> BranchesAsync(PublishedCounty county, CancellationToken cancel)
    {
        var path = Regions.PathOf(county.County);
        var branches = new Dictionary<string, Branch>(StringComparer.Ordinal);
        await foreach (var o in PagesAsync($"organisations?search={Uri.EscapeDataString("示例党支部")}", cancel))
        {
            if (!o.GetProperty("path").GetString()!.StartsWith(path, StringComparison.Ordinal)) continue;
            var code = o.GetProperty("code").GetString()!;
            branches.Add(o.GetProperty("name").GetString()!, new(o.GetProperty("id").GetGuid(),
                int.Parse(code.AsSpan(1, 2), CultureInfo.InvariantCulture),
                int.Parse(code.AsSpan(5), CultureInfo.InvariantCulture)));
        }
        return branches;
    }

    /// <summary>What the committee owes: approval, preparation, notice.</summary>
    private async Task<int> SendAwayAsync(PublishedCounty county, CancellationToken cancel)
    {
        var done = 0;
        foreach (var first in HomeSteps)
        {
            var lines = await LinesAsync("home", first, county, cancel);
            await Parallel.ForEachAsync(lines, Options(cancel), async (line, ct) =>
            {
                foreach (var step in HomeSteps.SkipWhile(s => s != first)) await StepAsync(line, step, ct);
                Interlocked.Increment(ref done);
            });
        }
        return done;
    }

    private Task StepAsync(Line line, string step, CancellationToken cancel)
    {
        var before = line.BeganOn.AddDays(-1);
        object body = step == "prepare"
            ? new { talkOn = before, educatedOn = before, contactPerson = "王试一" } : new { };
        // Whoever loaded the roster applied; another officer approves.
        return clerks.PostAsync(registry, asRegion, step == "approve" ? Administrator : Clerk,
            $"{step}:{line.CaseId}", $"outbound-cases/{line.CaseId}/{step}", body, cancel);
    }

    /// <summary>Waits for the notices inside the county and places whom the register says is placed.</summary>
    private async Task<int> TakeInAsync(
        PublishedCounty county, Dictionary<string, Branch> branches, CancellationToken cancel)
    {
        if (county.Within == 0) return 0;
        var towns = branches.Values.Max(b => b.Town);
        var each = branches.Values.Max(b => b.Number);
        var byPlace = branches.Values.ToDictionary(b => (b.Town, b.Number), b => b.Id);
        var (done, since) = (0, TimeProvider.System.GetTimestamp());
        while (true)
        {
            var lines = await LinesAsync("host", "admit", county, cancel);
            var known = lines.Where(l => branches.ContainsKey(l.Branch)).ToList();
            var owed = known.Where(l => PublishedRoster.PlaceOf(branches[l.Branch].Number, each) is not null).ToList();
            await Parallel.ForEachAsync(owed, Options(cancel), async (line, ct) =>
            {
                var home = branches[line.Branch];
                var away = PublishedRoster.PlaceOf(home.Number, each)!.Value;
                var (town, number) = (1 + ((home.Town - 1 + away) % towns), away == 0 ? home.Number : 1);
                await AdmitAsync(line, byPlace[(town, number)], ct);
                Interlocked.Increment(ref done);
            });
            if (owed.Count > 0) since = TimeProvider.System.GetTimestamp();
            else if (known.Count == county.NotPlaced && await NoticesAsync(county, cancel) == county.Within)
                return done;
            else if (TimeProvider.System.GetElapsedTime(since) > Patience)
                throw new TimeoutException($"Notices of {county.County} are missing after {Patience}.");
            else await Task.Delay(200, cancel);
        }
    }

    private Task AdmitAsync(Line line, Guid branch, CancellationToken cancel) => clerks.PostAsync(registry, asRegion,
        Clerk, $"admit:{line.CardId}", $"inbound-cases/{line.CardId}/admit", new
        {
            branchId = branch, placementReason = "居住地示例党支部", documentShown = "CRT", on = line.BeganOn,
            hostContact = "李例二",
        }, cancel);

    /// <summary>Host's cards of cases that stay in the county.</summary>
    private async Task<int> NoticesAsync(PublishedCounty county, CancellationToken cancel) =>
        (await LinesAsync("host", "", county, cancel)).Count;

    private async Task GuestsAsync(PublishedCounty county, CancellationToken cancel)
    {
        var seed = int.Parse(county.County, CultureInfo.InvariantCulture) + 1;
        // Two counties' guests from one district might share an identity number.
        var home = seed % 2 == 0 ? "140105" : "140106";
        var people = new People(seed, home, seeds.Divisions(), []);
        var guests = Enumerable.Range(0, county.Guests).Select(_ =>
            (Person: people.Next(), On: People.Reference.AddDays(-200 - people.Random.Next(1500)))).ToList();
        await Parallel.ForEachAsync(guests, Options(cancel), async (guest, ct) => await clerks.PostAsync(registry,
            asRegion, Clerk, $"guest:{county.County}:{guest.Person.IdNumber}", "inbound-cases", new
            {
                homeRegion = home, hostRegion = county.County, name = guest.Person.Name,
                idNumber = guest.Person.IdNumber, arrivedOn = guest.On, documentShown = "CRT",
                phone = guest.Person.Phone, occupation = "建筑",
            }, ct));
    }

    private async Task UnitsAsync(
        PublishedCounty county, Dictionary<string, Branch> branches, CancellationToken cancel)
    {
        var all = county.UnitsOrganised + county.UnitsFew + county.UnitsNone;
        if (all == 0) return;
        var top = (await clerks.GetAsync(registry, asRegion, Clerk, $"organisations?search={county.County}", cancel))
            .GetProperty("items").EnumerateArray()
            .First(o => o.GetProperty("code").GetString() == county.County).GetProperty("id").GetGuid();
        var places = branches.OrderBy(b => b.Key, StringComparer.Ordinal).Select(b => b.Value.Id).ToList();
        var (organised, few) = (county.UnitsOrganised, county.UnitsOrganised + county.UnitsFew);
        await Parallel.ForEachAsync(Enumerable.Range(0, all), Options(cancel), async (i, ct) => await clerks.PostAsync(
            registry, asRegion, Clerk, $"unit:{county.County}:{i}", "units", new
            {
                keptBy = top, name = $"示例单位{i + 1}", category = i % 3 == 0 ? "8" : "2", division = county.County,
                surveyedOn = People.Reference.AddDays(-100), employees = 5 + (i % 40),
                members = i < organised ? 3 + (i % 12) : i < few ? 1 + (i % 2) : 0,
                organisationId = i < organised ? places[i % places.Count] : (Guid?)null,
            }, ct));
    }

    /// <summary>The worklist of one step; without a step, every line of cases that stay in the county.</summary>
    private async Task<List<Line>> LinesAsync(
        string side, string step, PublishedCounty county, CancellationToken cancel)
    {
        var lines = new List<Line>();
        var path = $"reconciliation?side={side}&region={county.County}"
            + (step.Length > 0 ? $"&nextStep={step}&open=true"
                : "&agreement=matched&agreement=homeOnly&agreement=hostOnly&agreement=differs");
        await foreach (var l in PagesAsync(path, cancel))
        {
            var (home, host) = (l.GetProperty("homeRegion").GetString(), l.GetProperty("hostRegion").GetString());
            if (home != county.County || (side == "host" && host != county.County)) continue;
            lines.Add(new(l.GetProperty("caseId").GetGuid(), l.GetProperty("cardId").GetGuid(),
                l.GetProperty("branch").GetString()!,
                DateOnly.Parse(l.GetProperty("beganOn").GetString()!, CultureInfo.InvariantCulture)));
        }
        return lines;
    }

    private async IAsyncEnumerable<JsonElement> PagesAsync(string path,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        for (string? after = ""; after is not null;)
        {
            var page = await clerks.GetAsync(registry, asRegion, Clerk, $"{path}&size={PageSize}"
                + (after.Length == 0 ? "" : $"&after={Uri.EscapeDataString(after)}"), cancel);
            foreach (var item in page.GetProperty("items").EnumerateArray()) yield return item;
            after = page.GetProperty("next").GetString();
        }
    }

    private static ParallelOptions Options(CancellationToken cancel) =>
        new() { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancel };

    private sealed record Branch(Guid Id, int Town, int Number);

    private sealed record Line(Guid CaseId, Guid CardId, string Branch, DateOnly BeganOn);
}
