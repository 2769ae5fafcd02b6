using System.Globalization;
using System.Text.Json;
using Platform.Testing;
using Registry.Figures;

namespace Registry.Tests.Service;

/// <summary>
/// Mobility cards beside the naive model: a member's card is counted wherever the member was held on the day, a guest's
/// wherever the host stood; what kind of figure it is follows from distance, day and tier in a few plain lines.
/// </summary>
internal sealed class PastCards(RegistryFixture registry, PastModel model, Random random, DateOnly firstDay, Api admin,
    Func<string, Api> clerkOf)
{
    private static readonly string[] Hosts = ["", "141024", "140105", "110105"];
    private readonly List<Card> _away = [];
    private readonly List<Card> _guests = [];
    private readonly SortedDictionary<string, int> _seen = new(StringComparer.Ordinal);
    private int _number = 5_000;

    /// <summary>How often each kind of figure was counted.</summary>
    public string Seen => string.Join(", ", _seen.Select(s => $"{s.Key} {s.Value}"));

    public void EveryKindWasCounted() => Assert.Equal(
        ["CIT", "NAT", "PRV", "in", "open", "out", "shortIn", "shortOut", "undetermined", "within"],
        _seen.Where(s => s.Value > 0).Select(s => s.Key));

    /// <summary>By the book up to the notice; some cross the six months while the test goes on.</summary>
    public async Task SendAwayAsync(Guid member, Api clerk)
    {
        var departsOn = firstDay.AddDays(random.Next(2) == 0 ? -random.Next(170, 190) : -random.Next(10, 600));
        var region = (await clerk.GetAsync($"/api/v1/members/{member}")).String("branchPath")!.Split('/')[2];
        var host = Hosts[random.Next(Hosts.Length)];
        var id = (await clerk.PostAsync("/api/v1/outbound-cases", new
        {
            memberId = member, hostRegion = host.Length == 0 ? region : host, reason = "1", departsOn,
        })).Id("caseId");
        (await admin.PostAsync($"/api/v1/outbound-cases/{id}/approve")).Id("caseId");
        (await clerk.PostAsync($"/api/v1/outbound-cases/{id}/prepare",
            new { talkOn = departsOn, educatedOn = departsOn, contactPerson = "乙" })).Id("caseId");
        (await clerk.PostAsync($"/api/v1/outbound-cases/{id}/notify")).Id("caseId");
        _away.Add(new(id, member, departsOn, host switch { "" => 0, "141024" => 3, "140105" => 4, _ => 5 }));
    }

    /// <summary>One of those who are out comes back on a day.</summary>
    public async Task<bool> ReturnAsync(int day, Api clerk)
    {
        var on = firstDay.AddDays(day);
        if (_away.FindIndex(c => c.EndedOn is null) is var at && at < 0) return false;
        (await clerk.PostAsync($"/api/v1/outbound-cases/{_away[at].Id}/return",
            new { on, talkOn = on, certificateInspected = true })).Id("caseId");
        _away[at] = _away[at] with { EndedOn = on };
        return true;
    }

    /// <summary>Somebody turns up at a branch, which opens the card.</summary>
    public async Task<bool> ComeInAsync(Guid branch)
    {
        var path = (await admin.GetAsync($"/api/v1/organisations/{branch}")).String("path")!;
        var arrivedOn = firstDay.AddDays(random.Next(2) == 0 ? -random.Next(150, 184) : -random.Next(184, 400));
        var id = (await clerkOf(path).PostAsync("/api/v1/inbound-cases", new
        {
            homeRegion = "140105", hostRegion = path.Split('/')[2], name = "测试乙", arrivedOn,
            idNumber = Seeded.IdNumber(++_number), documentShown = "NON",
        })).Id();
        _guests.Add(new(id, id, arrivedOn, 4));
        model.Add(Guid.NewGuid(), 0, PastModel.Guest(id, branch));
        return true;
    }

    /// <summary>Every organisation on every day: each kind of figure and each destination.</summary>
    public async Task CompareAsync(int fromDay, int toDay, string after)
    {
        var places = await PlacesAsync(fromDay, toDay);
        var counted = new Dictionary<Key, int>();
        foreach (var (day, tier, subject, path, measure, destination) in await RowsAsync(fromDay, toDay))
        {
            // A host that was founded later is not in the model's tree of that day.
            if (measure is "in" or "shortIn" && model.AboveGuest(subject, day).Count == 0) continue;
            foreach (var (organisation, at) in places[day])
                if (Measures.TierOf(at) == tier && path.StartsWith(at, StringComparison.Ordinal))
                    Add(counted, new(day, organisation, measure, destination));
        }
        var expected = new Dictionary<Key, int>();
        for (var day = fromDay; day <= toDay; day++)
            foreach (var (organisation, at) in places[day])
                foreach (var key in Of(day, Measures.TierOf(at), c => c.Contains(organisation), organisation))
                    Add(expected, key);
        foreach (var key in expected.Keys.Union(counted.Keys))
            Assert.True(expected.GetValueOrDefault(key) == counted.GetValueOrDefault(key),
                $"{after}: {key}: counted {counted.GetValueOrDefault(key)} not {expected.GetValueOrDefault(key)}");
        foreach (var (key, count) in expected)
        {
            var destination = key.Destination.Length == 0 ? "open" : key.Destination;
            _seen[key.Measure] = _seen.GetValueOrDefault(key.Measure) + count;
            _seen[destination] = _seen.GetValueOrDefault(destination) + count;
        }
    }

    /// <summary>The service says the same of an organisation and of the city, and lists as many as it counts.</summary>
    public async Task AskAsync(Guid organisation, int day, Api clerk, string after)
    {
        var on = firstDay.AddDays(day).ToString("O", CultureInfo.InvariantCulture);
        var reply = (await clerk.GetAsync($"/api/v1/figures?organisationId={organisation}&on={on}")).Ok;
        var tier = Measures.TierOf(reply.GetProperty("path").GetString()!);
        // A guest whose host was founded later, or is no more, is counted where the host began or ended.
        var isWhole = _guests.All(g => model.AboveGuest(g.Id, day).Count > 0);
        var figures = Compare(reply, [.. Of(day, tier, c => c.Contains(organisation), organisation)], isWhole, after);
        var figure = figures[random.Next(figures.Count)];
        var rows = (await clerk.GetAsync($"{figure.GetProperty("list").GetString()}&size=200")).Ok.GetProperty("items");
        Assert.True(figure.GetProperty("count").GetInt32() == rows.GetArrayLength(), $"{after}: {figure}");
        var city = (await clerk.GetAsync($"/api/v1/figures?on={on}")).Ok;
        Compare(city, [.. Of(day, 3, _ => true, Guid.Empty)], true, after);
    }

    private static List<JsonElement> Compare(JsonElement reply, List<Key> expected, bool withGuests, string after)
    {
        var figures = reply.GetProperty("figures").EnumerateArray().ToList();
        int Count(string code, string? value = null) => figures.SingleOrDefault(f =>
            f.GetProperty("code").GetString() == code && f.GetProperty("value").GetString() == value) is
            { ValueKind: JsonValueKind.Object } f ? f.GetProperty("count").GetInt32() : 0;
        string[] mobile = ["out", "within", "undetermined"];
        string[] guests = withGuests ? ["in", "shortIn"] : [];
        foreach (var measure in (string[])[.. mobile, "shortOut", .. guests])
            Assert.True(expected.Count(k => k.Measure == measure) == Count(measure), $"{after}: {measure} {reply}");
        Assert.Equal(expected.Count(k => mobile.Contains(k.Measure)), Count("mobile"));
        foreach (var destination in new[] { "", "CIT", "PRV", "NAT" })
            Assert.True(expected.Count(k => mobile.Contains(k.Measure) && k.Destination == destination)
                == Count("mobileByDestination", destination), $"{after}: to {destination} {reply}");
        return figures;
    }

    private IEnumerable<Key> Of(int day, int tier, Func<IReadOnlyList<Guid>, bool> isBelow, Guid organisation)
    {
        var on = firstDay.AddDays(day);
        foreach (var card in _away.Where(c => c.EndedOn is null || c.EndedOn > on))
            if (isBelow(model.Above(card.Member, day)))
                yield return new(day, organisation, card.BeganOn > on.AddMonths(-6) ? "shortOut"
                    : card.Distance == 0 && tier == 1 ? "undetermined"
                    : card.Distance <= tier ? "within" : "out", Destination(card));
        foreach (var card in _guests)
            if (isBelow(model.AboveGuest(card.Id, day)))
                yield return new(day, organisation, card.Distance <= tier ? "inner"
                    : card.BeganOn > on.AddMonths(-6) ? "shortIn" : "in", Destination(card));
    }

    private static string Destination(Card card) =>
        card.Distance switch { 0 => "", 3 => "CIT", 4 => "PRV", _ => "NAT" };

    private static void Add(Dictionary<Key, int> counts, Key key) => counts[key] = counts.GetValueOrDefault(key) + 1;

    private async Task<List<Row>> RowsAsync(int fromDay, int toDay)
    {
        await using var command = registry.Behind.CreateCommand("""
            select d.day::date - $1, t.tier, r.subject_id, r.path, r.measure, r.destination
            from generate_series($1::date + $2, $1::date + $3, interval '1 day') d (day)
            cross join (values (1), (2)) t (tier)
            cross join lateral figure_rows('', t.tier, d.day::date, 'infinity', array['home', 'host']) r
            """);
        command.Parameters.AddWithValue(firstDay);
        command.Parameters.AddWithValue(fromDay);
        command.Parameters.AddWithValue(toDay);
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<Row>();
        while (await reader.ReadAsync())
            rows.Add(new(reader.GetInt32(0), reader.GetInt32(1), reader.GetGuid(2), reader.GetString(3),
                reader.GetString(4), reader.GetString(5)));
        return rows;
    }

    /// <summary>Where each organisation stood on each day.</summary>
    private async Task<ILookup<int, (Guid Organisation, string Path)>> PlacesAsync(int fromDay, int toDay)
    {
        await using var command = registry.Behind.CreateCommand("""
            select d.day::date - $1, s.organisation_id, s.path
            from generate_series($1::date + $2, $1::date + $3, interval '1 day') d (day)
            join organisation_spell s on s.from_on <= d.day and (s.until_on is null or s.until_on > d.day)
            """);
        command.Parameters.AddWithValue(firstDay);
        command.Parameters.AddWithValue(fromDay);
        command.Parameters.AddWithValue(toDay);
        await using var reader = await command.ExecuteReaderAsync();
        var places = new List<(int Day, Guid Organisation, string Path)>();
        while (await reader.ReadAsync())
            places.Add((reader.GetInt32(0), reader.GetGuid(1), reader.GetString(2)));
        return places.ToLookup(p => p.Day, p => (p.Organisation, p.Path));
    }

    private sealed record Card(Guid Id, Guid Member, DateOnly BeganOn, int Distance)
    {
        public DateOnly? EndedOn { get; init; }
    }

    private sealed record Row(int Day, int Tier, Guid Subject, string Path, string Measure, string Destination);

    private sealed record Key(int Day, Guid Organisation, string Measure, string Destination);
}
