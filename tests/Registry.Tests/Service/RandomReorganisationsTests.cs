using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Platform.Testing;
using Registry.Service;

namespace Registry.Tests.Service;

/// <summary>
/// Random reorganisations against a naive model: after each, every organisation's superior, headcount and figures of
/// who is out, moves within and came in are what the model says on every day it may have touched, and again on every
/// day of the past after each fifty, so no figure of the past has moved. Seeded; 150 of them, or as many as the
/// environment variable REORGANISATIONS says.
/// </summary>
public sealed class RandomReorganisationsTests(RegistryFixture registry) : IClassFixture<RegistryFixture>,
    IAsyncLifetime
{
    private const int Seed = 20261124, Days = 25, Checkpoint = 50, Size = 50, People = 150;
    private const string City = "140000/141000/";

    private static readonly int Reorganisations = int.Parse(
        Environment.GetEnvironmentVariable("REORGANISATIONS") ?? "150", CultureInfo.InvariantCulture);

    private static readonly DateOnly FirstDay = new(2026, 3, 1);
    private readonly StandingClock _clock = new(At(FirstDay));
    private readonly Random _random = new(Seed);
    private readonly PastModel _model = new(Days + 2);
    private readonly Dictionary<Guid, string> _dated = [];
    private readonly Dictionary<Guid, (Guid Organisation, int On)> _acts = [];
    private readonly Dictionary<string, int> _refused = [];
    private readonly List<Guid> _tops = [];
    private WebApplication _app = null!;
    private Api _api = null!, _clerk = null!;
    private PastCards _cards = null!;
    private int _today, _number, _code, _touched;

    public async ValueTask InitializeAsync()
    {
        _app = RegistryHost.Build([], b =>
        {
            registry.Configure(b);
            b.Services.Replace(ServiceDescriptor.Singleton<TimeProvider>(_clock));
        });
        await _app.StartAsync();
        _api = registry.At(_app, "tier-administrator", City);
        _clerk = registry.At(_app, "committee-clerk", City);
        _cards = new(registry, _model, _random, FirstDay, _api, path => registry.At(_app, "committee-clerk", path));
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task Random_reorganisations_leave_every_figure_of_every_past_day_as_it_was()
    {
        foreach (var region in new[] { "141022", "141023" }) await FoundAsync(null, region, "GCM", 0);
        _tops.AddRange(Now);
        for (var i = 0; i < 20; i++) await FoundAsync(Pick(Now), null, i < 5 ? "GCM" : "BRA", 0);
        for (var i = 0; i < 60; i++) await RegisterAsync();
        foreach (var member in _model.Members(0).Where((_, i) => i % 2 == 0))
            await _cards.SendAwayAsync(member, _clerk);
        var (done, kinds, tried) = (0, new Dictionary<string, int>(), 0);
        while (done < Reorganisations)
        {
            Assert.True(++tried < Reorganisations * 12, $"too many refusals: {string.Join(", ", _refused)}");
            if (done * Days / Reorganisations + 1 > _today)
            {
                _today++;
                _clock.Now = At(FirstDay.AddDays(_today));
            }
            _touched = _today;
            var kind = await StepAsync();
            if (kind is null) continue;
            kinds[kind] = kinds.GetValueOrDefault(kind) + 1;
            var checkpoint = kind is not ("register" or "rename" or "return" or "guest") && ++done % Checkpoint == 0;
            await CompareAsync(checkpoint ? 0 : Math.Max(0, _touched - 1), $"{kind} after {done} (seed {Seed})");
            if (checkpoint) Print($"{done} of {Reorganisations}: {string.Join(", ", kinds)}");
        }
        await CompareAsync(0, $"the end (seed {Seed})");
        Print($"refused: {string.Join(", ", _refused)}");
        Assert.All(new[] { "move", "handOver", "merge", "split", "found", "dissolve", "correct" },
            k => Assert.True(kinds.GetValueOrDefault(k) >= Math.Max(1, Reorganisations / 250),
                $"{k}: {kinds.GetValueOrDefault(k)}"));
        Print($"figures counted: {_cards.Seen}");
        _cards.EveryKindWasCounted();
        await EverySpellFollowsTheLastAsync();
    }

    private async Task<string?> StepAsync() => _random.Next(100) switch
    {
        < 40 => await MoveAsync(),
        < 50 => await MergeAsync(),
        < 62 => await SplitAsync(),
        < 74 when Now.Count < Size =>
            await FoundAsync(Pick(Now), null, _random.Next(4) == 0 ? "GCM" : "BRA", SomeDay()) ? "found" : null,
        < 82 when _number < People => await RegisterAsync() ? "register" : null,
        >= 82 and < 86 => await RenameAsync(),
        >= 86 and < 90 => await DissolveAsync(),
        90 => await _cards.ReturnAsync(SomeDay(), _clerk) ? "return" : null,
        91 or 92 => await _cards.ComeInAsync(Pick(Branches)) ? "guest" : null,
        _ => await CorrectSomeAsync(),
    };

    private List<Guid> Now => _model.Organisations(_today);

    private List<Guid> Branches => [.. Now.Where(o => _dated[o] == "BRA")];

    private async Task<string?> MoveAsync()
    {
        var (moved, to, on) = (Pick(Now), Pick(_random.Next(4) == 0 ? _tops : Now), SomeDay());
        var reply = await PostAsync($"/api/v1/organisations/{moved}/move",
            new { toParentId = to, on = Day(on), reason = "调整" });
        if (reply is null) return null;
        Kept(reply, moved, on, PastModel.Found(moved, to));
        return reply.String("kind");
    }

    private async Task<string?> MergeAsync()
    {
        if (Now.Count < 15) return null;
        var (absorbed, into, on) = (Pick(Branches), Pick(Branches), SomeDay());
        var reply = await PostAsync($"/api/v1/organisations/{into}/merge",
            new { organisationIds = new[] { absorbed }, on = Day(on), reason = "合并" });
        if (reply is null) return null;
        Kept(reply, into, on, PastModel.Merge(absorbed, into));
        return "merge";
    }

    private async Task<string?> SplitAsync()
    {
        if (Now.Count > Size + 10) return null;
        var (split, on, code) = (Pick(Branches), SomeDay(), $"P{++_code}");
        var members = _model.MembersOf(split, _today).Where(_ => _random.Next(2) == 0).ToArray();
        var below = _model.Below(split, _today).Where(_ => _random.Next(2) == 0).ToArray();
        var reply = await PostAsync($"/api/v1/organisations/{split}/split", new
        {
            on = Day(on), reason = "分设",
            parts = new[] { new { code, name = code, type = "BRA", memberIds = members, organisationIds = below } },
        });
        if (reply is null) return null;
        var part = reply.Json.GetProperty("involved")[2].GetGuid();
        _dated[part] = "BRA";
        Kept(reply, split, on, PastModel.Split(split, part, members, below));
        return "split";
    }

    private async Task<bool> FoundAsync(Guid? parent, string? region, string type, int on)
    {
        var code = region ?? $"O{++_code}";
        var reply = await PostAsync("/api/v1/organisations",
            new { code, name = code, type, parentId = parent, region, foundedOn = Day(on) });
        if (reply is null) return false;
        _dated[reply.Id()] = type;
        Kept(reply, reply.Id(), on, PastModel.Found(reply.Id(), parent));
        return true;
    }

    private async Task<bool> RegisterAsync()
    {
        var branch = Pick(Branches);
        var reply = await PostAsync("/api/v1/members", Seeded.Member(branch, ++_number),
            _clerk);
        if (reply is null) return false;
        _model.Add(reply.Id(), _today, PastModel.Register(reply.Id(), branch));
        return true;
    }

    private async Task<string?> RenameAsync()
    {
        var named = Pick(Now);
        var reply = await _api.PatchAsync($"/api/v1/organisations/{named}",
            new { name = $"新名{++_code}", on = Day(SomeDay()) });
        return reply.Status == 200 ? "rename" : null;
    }

    private async Task<string?> DissolveAsync()
    {
        var empty = Now.Where(o => _model.Below(o, _today).Count == 0 && _model.MembersOf(o,
            _today).Count == 0).ToList();
        if (empty.Count == 0) return null;
        var (gone, on) = (Pick(empty), SomeDay());
        var reply = await PostAsync($"/api/v1/organisations/{gone}/dissolve", new { on = Day(on) });
        if (reply is null) return null;
        _touched = on;
        _model.Add(Guid.NewGuid(), on, PastModel.Dissolve(gone));
        return "dissolve";
    }

    // Most dates stand between others that leave them no room: several are tried.
    private async Task<string?> CorrectSomeAsync()
    {
        string? corrected = null;
        for (var i = 0; i < 12 && corrected is null; i++) corrected = await CorrectAsync();
        return corrected;
    }

    /// <summary>What the history says began or ended on a date gets another date, in the model too.</summary>
    private async Task<string?> CorrectAsync()
    {
        var organisation = Pick(Now);
        var spell = Pick((await _api.GetAsync($"/api/v1/organisations/{organisation}/history")).Ok.GetProperty("spells")
            .EnumerateArray().ToList());
        var act = spell.GetProperty("reorganisationId");
        var from = DateOnly.Parse(spell.GetProperty("from").GetString()!, CultureInfo.InvariantCulture);
        var on = from.DayNumber - FirstDay.DayNumber;
        var to = Math.Clamp(on + _random.Next(-3, 4), 0, _today);
        var known = act.ValueKind == System.Text.Json.JsonValueKind.Null ? organisation : act.GetGuid();
        if (to == on || !_acts.TryGetValue(known, out var dated) || dated.On != on) return null;
        var reply = await PostAsync($"/api/v1/organisations/{organisation}/correct-date",
            new { from = Day(on), to = Day(to), reason = "更正" });
        if (reply is null) return null;
        _acts[known] = dated with { On = to };
        _touched = Math.Min(on, to);
        _model.Redate(known, to);
        return "correct";
    }

    // Founding is known by its organisation, everything else by its act: that is how the history names them.
    private void Kept(Reply reply, Guid organisation, int on, Action<PastModel, int> change)
    {
        _touched = on;
        _acts[reply.Id()] = (organisation, on);
        _model.Add(reply.Id(), on, change);
    }

    private async Task<Reply?> PostAsync(string path, object body, Api? api = null)
    {
        var reply = await (api ?? _api).PostAsync(path, body);
        if (reply.Status == 200) return reply;
        Assert.True(reply.Status is 404 or 409 && reply.Code != "CONCURRENT_UPDATE", $"{path}: {reply.Text}");
        _refused[reply.Code!] = _refused.GetValueOrDefault(reply.Code!) + 1;
        return null;
    }

    private async Task CompareAsync(int fromDay, string after)
    {
        var found = new Dictionary<(int, Guid), (Guid? Parent, int Members)>();
        await using var command = registry.Behind.CreateCommand("""
            with b as (
                select d.on_day, s.path, count(m.member_id) as members
                from generate_series($1::date, $2::date, interval '1 day') d (on_day)
                join organisation_spell s on s.from_on <= d.on_day and (s.until_on is null or s.until_on > d.on_day)
                left join membership_spell m on m.branch_id = s.organisation_id
                    and m.from_on <= d.on_day and (m.until_on is null or m.until_on > d.on_day)
                group by 1, 2)
            select (d.on_day::date - $1::date), s.organisation_id, s.parent_id, sum(b.members)::int
            from generate_series($1::date, $2::date, interval '1 day') d (on_day)
            join organisation_spell s on s.from_on <= d.on_day and (s.until_on is null or s.until_on > d.on_day)
            join b on b.on_day = d.on_day and starts_with(b.path, s.path)
            group by 1, 2, 3
            """);
        command.Parameters.AddWithValue(FirstDay.AddDays(fromDay));
        command.Parameters.AddWithValue(FirstDay.AddDays(_today));
        await using (var rows = await command.ExecuteReaderAsync())
        {
            while (await rows.ReadAsync())
                found.Add((fromDay + rows.GetInt32(0), rows.GetGuid(1)), (rows.IsDBNull(2) ? null : rows.GetGuid(2),
                    rows.GetInt32(3)));
        }
        for (var day = fromDay; day <= _today; day++)
        {
            var expected = _model.Counts(day);
            foreach (var (o, what) in expected)
                Assert.True(found.Remove((day, o), out var got) && got == what,
                    $"{after}, day {day}, {o}: {got} {what}");
        }
        Assert.True(found.Count == 0, $"{after}: {found.Count} organisations too many: {found.FirstOrDefault()}");
        await _cards.CompareAsync(fromDay, _today, after);
        if (_random.Next(3) == 0) await AskAsync(after);
    }

    /// <summary>The service itself says the same, and lists as many as it counts.</summary>
    private async Task AskAsync(string after)
    {
        var day = _random.Next(_today + 1);
        var (node, expected) = Pick(_model.Counts(day).ToList());
        var reply = (await _api.GetAsync($"/api/v1/organisations/{node}/headcount?asOf={Day(day)}")).Ok;
        Assert.True(expected.Members == reply.GetProperty("members").GetInt32(), after);
        var listed = (await _clerk.GetAsync($"/api/v1/organisations/{node}/members?asOf={Day(day)}&size=200")).Ok;
        Assert.True(expected.Members == listed.GetProperty("items").GetArrayLength(), after);
        await _cards.AskAsync(node, day, _clerk, after);
    }

    private async Task EverySpellFollowsTheLastAsync()
    {
        Assert.Equal(0, await registry.CountAsync("""
            select count(*) from (select until_on, lead(from_on) over (partition by member_id order by from_on) as next
            from membership_spell) s where next is not null and until_on is distinct from next
            """));
        Assert.Equal(0, await registry.CountAsync("""
            select count(*) from organisation o join organisation_spell s
                on s.organisation_id = o.id and s.until_on is null
            where (s.path, s.parent_id, s.name, s.from_on) is distinct from (o.path, o.parent_id, o.name, o.since)
            """));
        Assert.Equal(0, await registry.CountAsync("""
            select count(*) from member m join organisation o on o.id = m.branch_id
            left join membership_spell s on s.member_id = m.id and s.until_on is null
            where m.branch_path <> o.path or s.branch_id is distinct from m.branch_id or s.from_on <> m.held_since
            """));
        // The spans that figures count say the same, found another way: day by day.
        Assert.Equal(0, await registry.CountAsync($"""
            with held as (
                select d.on_day, m.member_id, s.path
                from generate_series('{FirstDay:yyyy-MM-dd}'::date, '{FirstDay.AddDays(_today):yyyy-MM-dd}'::date,
                    interval '1 day') d (on_day)
                join organisation_spell s on s.from_on <= d.on_day and (s.until_on is null or s.until_on > d.on_day)
                join membership_spell m on m.branch_id = s.organisation_id
                    and m.from_on <= d.on_day and (m.until_on is null or m.until_on > d.on_day)),
            counted as (
                select d.on_day, f.subject_id, f.path
                from generate_series('{FirstDay:yyyy-MM-dd}'::date, '{FirstDay.AddDays(_today):yyyy-MM-dd}'::date,
                    interval '1 day') d (on_day)
                join figure_span f on f.side = 'held' and f.superseded_at is null
                    and f.from_on <= d.on_day and (f.until_on is null or f.until_on > d.on_day))
            select (select count(*) from (select * from held except all select * from counted) a)
                 + (select count(*) from (select * from counted except all select * from held) b)
            """));
    }

    private static void Print(string progress) => TestContext.Current.TestOutputHelper!.WriteLine(progress);

    private int SomeDay() => Math.Max(0, _today - _random.Next(6));

    private T Pick<T>(List<T> from) => from[_random.Next(from.Count)];

    private static string Day(int day) => FirstDay.AddDays(day).ToString("O", CultureInfo.InvariantCulture);

    private static DateTimeOffset At(DateOnly day) => new(day, new(4, 0), TimeSpan.Zero);
}
