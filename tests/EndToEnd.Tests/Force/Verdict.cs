using System.Globalization;
using static EndToEnd.Tests.DemoFederation;

namespace EndToEnd.Tests.Force;

/// <summary>What must hold when everything has drained: looked up in the books of all three nodes.</summary>
internal sealed class Verdict(ForceFederation demo, Workload work)
{
    private static readonly (string From, string To)[] Streams = [(Home, Host), (Host, Home), (Home, Hub), (Host, Hub)];

    private sealed record Entry(long Sequence, Guid Id, string Digest, long? Position, string? Refused, string Type);

    /// <summary>Nothing waits any more: every outbox, stream and worklist is empty, every arrival was read.</summary>
    public async Task DrainedAsync()
    {
        foreach (var region in new[] { Home, Host, Hub })
        {
            await ForceFederation.SaysAsync($"the outbox of {region} is empty", async () =>
                await demo.NumberAsync(region, "registry", "select count(*) from outbox") == 0);
        }
        // Applying an arrival sends echoes and reports, so both ends are looked at until neither moves.
        await ForceFederation.SaysAsync("every stream has its receipts and every arrival is applied", async () =>
        {
            foreach (var region in new[] { Home, Host, Hub })
            {
                if (await demo.NumberAsync(region, "registry", "select count(*) from outbox") > 0
                    || await demo.NumberAsync(region, "exchange", """
                        select (select count(*) from outgoing_stream where head > receipted_through)
                            + (select count(*) from incoming_gap) + (select count(*) from outgoing_message)
                        """) > 0
                    || await ReadThroughAsync(region) < await LastArrivalAsync(region)) return false;
            }
            return true;
        });
    }

    /// <summary>P2: what one side's ledger has sent, the other's has, in that order, applied once.</summary>
    /// <returns>How many messages crossed in all streams.</returns>
    public async Task<int> StreamsAsync()
    {
        var count = 0;
        foreach (var (from, to) in Streams)
        {
            var sent = await SentAsync(from, to);
            var arrived = await ArrivedAsync(from, to);
            Assert.NotEmpty(sent);
            Assert.Equal(sent.Select(e => (e.Sequence, e.Id, e.Digest)),
                arrived.Select(e => (e.Sequence, e.Id, e.Digest)));
            Assert.Equal(Enumerable.Range(1, sent.Count).Select(i => (long)i), sent.Select(e => e.Sequence));
            Assert.All(arrived, e => Assert.True(e.Refused is null && e.Position is not null,
                $"{from} to {to}, {e.Sequence}: {e.Refused}"));
            Ascending(arrived.Select(e => e.Position!.Value));
            if (to != Hub) await AppliedAsync(to, arrived);
            count += sent.Count;
        }
        foreach (var region in new[] { Home, Host, Hub })
        {
            Assert.Empty(await demo.ReadAsync(region, "exchange", """
                select alarm_code from outgoing_stream where alarm_code is not null
                union all select alarm_code from incoming_stream where alarm_code is not null
                """, r => r.GetString(0)));
            // A wiped broker may find no way for a moment; the sender hears of it and sends again. Nothing else.
            Assert.Empty(await demo.ReadAsync(region, "exchange",
                "select code from desk_item where code <> 'EXCHANGE_NO_ROUTE'", r => r.GetString(0)));
        }
        return count;
    }

    /// <summary>Each message is one command of the receiving registry, carried out in the stream's order.</summary>
    private async Task AppliedAsync(string region, List<Entry> arrived)
    {
        var applied = await demo.ReadAsync(region, "registry", """
            select a.at from unnest($1) with ordinality as m(id, n) join applied_command a on a.id = m.id order by m.n
            """, r => r.GetFieldValue<DateTimeOffset>(0).Ticks, arrived.Select(e => e.Id).ToArray());
        Assert.Equal(arrived.Count, applied.Count);
        Ascending(applied);
        Assert.Empty(await demo.ReadAsync(region, "registry", """
            select command_id::text || ' ' || action from audit where command_id is not null
            group by command_id, subject_id, action having count(*) > 1
            """, r => r.GetString(0)));
    }

    /// <summary>Every act of one side is one event of the other's books: none is missing, none is twice.</summary>
    public async Task BooksAsync()
    {
        var (home, host) = (await EventsAsync(Home), await EventsAsync(Host));
        var n = work.Cases.Count;
        Assert.Equal((n, n), (home["HostNotified"], host["NoticeArrived"]));
        Assert.Equal((n, n), (host["MemberAdmitted"], home["HostAdmitted"]));
        Assert.Equal((n * Workload.Feedbacks, n * Workload.Feedbacks),
            (host["FeedbackGiven"], home["FeedbackReceived"]));
        Assert.Equal(n * Workload.HostChanges, host["HostFactsChanged"]);
        Assert.Equal(n * (1 + Workload.HomeChanges), home["HomeFactsChanged"]);
        // News and the other side's echoes of one's own news.
        Assert.InRange(home["HostFactsArrived"], n * Workload.HostChanges, n * (Workload.HostChanges
            + Workload.HomeChanges + 1));
        Assert.InRange(host["HomeFactsArrived"], n * (1 + Workload.HomeChanges), n * (1 + Workload.HomeChanges
            + Workload.HostChanges));
    }

    /// <summary>P6: both sides show the same facts, the last ones; the lists and the province say so.</summary>
    public async Task AgreementAsync()
    {
        foreach (var (region, table, key) in new[] { (Home, "outbound_card", "id"), (Host, "inbound_card", "case_id") })
        {
            var cards = await demo.ReadAsync(region, "registry",
                $"select {key}, agreement, differences, status, last_feedback_on from {table}",
                r => (Case: r.GetGuid(0), State: (r.GetString(1), r.GetString(2), r.GetString(3),
                    r.GetFieldValue<DateOnly>(4).ToString("O", CultureInfo.InvariantCulture))));
            Assert.Equal(work.Cases.Order(), cards.Select(c => c.Case).Order());
            Assert.All(cards,
                c => Assert.Equal(("Matched", "", "Admitted", $"2026-04-0{Workload.Feedbacks}"), c.State));
        }
        foreach (var id in work.Cases.Take(20))
        {
            var (home, host) = (await FactsAsync(Home, id), await FactsAsync(Host, id));
            Assert.Equal(($"住址{Workload.HomeChanges}", $"单位{Workload.HostChanges}"), home);
            Assert.Equal(home, host);
        }
        foreach (var region in new[] { Home, Host })
        {
            Assert.Empty((await demo.At(region, "committee-clerk").GetAsync(
                "/api/v1/reconciliation?agreement=homeOnly&agreement=hostOnly&agreement=differs")).Ok
                .GetProperty("items").EnumerateArray());
        }
        await MirrorsAsync();
    }

    /// <summary>The province holds each side's last report, and they match.</summary>
    private async Task MirrorsAsync()
    {
        var mirrors = await demo.ReadAsync(Hub, "registry", """
            select case_id, agreement, (home ->> 'version')::bigint, (host ->> 'version')::bigint from case_mirror
            order by case_id
            """, r => (r.GetGuid(0), r.GetString(1), r.GetInt64(2), r.GetInt64(3)));
        var home = await RevisionsAsync(Home, "select id, revision from outbound_card");
        var host = await RevisionsAsync(Host, "select case_id, revision from inbound_card");
        Assert.Equal(work.Cases.Order().Select(c => (c, "Matched", home[c], host[c])), mirrors.OrderBy(m => m.Item1));
    }

    /// <summary>Every ledger of every stream, from both ends, verifies offline.</summary>
    public async Task LedgersAsync()
    {
        foreach (var (from, to) in Streams)
        {
            foreach (var (at, side, peer) in new[] { (from, "outgoing", to), (to, "incoming", from) })
            {
                var ledger = await demo.At(at, "operator")
                    .GetAsync($"/api/v1/exchange/ledgers/{side}/{ForceFederation.PathOf(peer)}");
                Assert.Equal(200, ledger.Status);
                var (code, said) = await demo.VerifyAsync(ledger.Body);
                Assert.True(code == 0, $"{at} {side} {peer}: {said}");
            }
        }
    }

    private Task<List<Entry>> SentAsync(string from, string to) => demo.ReadAsync(from, "exchange", """
        select sequence, message_id, encode(digest, 'hex') from outgoing_ledger where to_node = $1 order by sequence
        """, r => new Entry(r.GetInt64(0), r.GetGuid(1), r.GetString(2), null, null, ""), ForceFederation.PathOf(to));

    private Task<List<Entry>> ArrivedAsync(string from, string to) => demo.ReadAsync(to, "exchange", """
        select sequence, message_id, encode(digest, 'hex'), position, refused_code, type from incoming_ledger
        where from_node = $1 order by sequence
        """, r => new Entry(r.GetInt64(0), r.GetGuid(1), r.GetString(2), r.IsDBNull(3) ? null : r.GetInt64(3),
            r.IsDBNull(4) ? null : r.GetString(4), r.GetString(5)), ForceFederation.PathOf(from));

    private Task<long> LastArrivalAsync(string region) => demo.NumberAsync(region, "exchange",
        "select coalesce(max(position), 0) from incoming_ledger where type like 'platform.registry.%'");

    private Task<long> ReadThroughAsync(string region) =>
        demo.NumberAsync(region, "registry", "select coalesce(max(position), 0) from arrival_cursor");

    private async Task<Dictionary<string, int>> EventsAsync(string region) => (await demo.ReadAsync(region, "registry",
        "select action, count(*) from audit where command_id is not null group by action",
        r => (r.GetString(0), (int)r.GetInt64(1)))).ToDictionary(r => r.Item1, r => r.Item2);

    private async Task<Dictionary<Guid, long>> RevisionsAsync(string region, string sql) =>
        (await demo.ReadAsync(region, "registry", sql, r => (r.GetGuid(0), r.GetInt64(1))))
            .ToDictionary(r => r.Item1, r => r.Item2);

    private async Task<(string?, string?)> FactsAsync(string region, Guid id)
    {
        var found = (await demo.At(region, "committee-clerk").GetAsync($"/api/v1/cases/{id}")).Ok;
        var facts = (region == Home ? found.GetProperty("home") : found.GetProperty("host")[0]).GetProperty("facts");
        return (facts.GetProperty("residence").GetString(), facts.GetProperty("employer").GetString());
    }

    private static void Ascending(IEnumerable<long> numbers)
    {
        var last = long.MinValue;
        foreach (var number in numbers)
        {
            Assert.True(number >= last, $"{number} follows {last}");
            last = number;
        }
    }
}
