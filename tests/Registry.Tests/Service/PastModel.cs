namespace Registry.Tests.Service;

/// <summary>
/// The naive model: for each day, who hangs where, who belongs where and who is whose guest, in plain tables. A change
/// writes every day from its own on; a corrected date replays everything. Nothing clever, so that it can be believed.
/// </summary>
internal sealed class PastModel(int days)
{
    private readonly List<(Guid Id, int On, Action<PastModel, int> Do)> _log = [];
    private Dictionary<Guid, Guid?>[] _parents = Empty<Guid?>(days);
    private Dictionary<Guid, Guid>[] _branches = Empty<Guid>(days);
    private Dictionary<Guid, Guid>[] _guests = Empty<Guid>(days);

    public void Add(Guid id, int on, Action<PastModel, int> change)
    {
        _log.Add((id, on, change));
        change(this, on);
    }

    public void Redate(Guid id, int on)
    {
        var at = _log.FindIndex(l => l.Id == id);
        _log[at] = _log[at] with { On = on };
        (_parents, _branches, _guests) = (Empty<Guid?>(days), Empty<Guid>(days), Empty<Guid>(days));
        foreach (var (_, day, change) in _log) change(this, day);
    }

    public static Action<PastModel, int> Found(Guid organisation, Guid? parent) =>
        (m, on) => m.From(on, d => m._parents[d][organisation] = parent);

    public static Action<PastModel, int> Dissolve(Guid organisation) =>
        (m, on) => m.From(on, d => m._parents[d].Remove(organisation));

    public static Action<PastModel, int> Register(Guid member, Guid branch) =>
        (m, on) => m.From(on, d => m._branches[d][member] = branch);

    /// <summary>Who came from elsewhere is a guest of whatever the organisation was before.</summary>
    public static Action<PastModel, int> Guest(Guid card, Guid host) =>
        (m, _) => m.From(0, d => m._guests[d][card] = host);

    public static Action<PastModel, int> Merge(Guid absorbed, Guid into) => (m, on) => m.From(on, d =>
    {
        foreach (var child in m._parents[d].Where(p => p.Value == absorbed).Select(p => p.Key).ToList())
            m._parents[d][child] = into;
        Rebranch(m._branches[d], absorbed, into, _ => true);
        Rebranch(m._guests[d], absorbed, into, _ => true);
        m._parents[d].Remove(absorbed);
    });

    public static Action<PastModel, int> Split(Guid split, Guid part, Guid[] members, Guid[] below) =>
        (m, on) => m.From(on, d =>
        {
            m._parents[d][part] = m._parents[d][split];
            Rebranch(m._branches[d], split, part, members.Contains);
            foreach (var o in below) m._parents[d][o] = part;
        });

    /// <summary>Organisations of a day with their superior and how many members are at or below them.</summary>
    public Dictionary<Guid, (Guid? Parent, int Members)> Counts(int day)
    {
        var counts = _parents[day].ToDictionary(p => p.Key, p => (p.Value, 0));
        foreach (var branch in _branches[day].Values)
        {
            for (Guid? at = branch; at is { } here; at = _parents[day][here])
                counts[here] = (counts[here].Value, counts[here].Item2 + 1);
        }
        return counts;
    }

    public List<Guid> Organisations(int day) => [.. _parents[day].Keys];

    public Guid? ParentOf(Guid organisation, int day) => _parents[day].GetValueOrDefault(organisation);

    public List<Guid> Members(int day) => [.. _branches[day].Keys];

    public List<Guid> MembersOf(Guid branch, int day) =>
        [.. _branches[day].Where(b => b.Value == branch).Select(b => b.Key)];

    public List<Guid> Below(Guid organisation, int day) =>
        [.. _parents[day].Where(p => p.Value == organisation).Select(p => p.Key)];

    /// <summary>The branch of a member and everything above it.</summary>
    public IReadOnlyList<Guid> Above(Guid member, int day) => Up(_branches[day].GetValueOrDefault(member), day);

    /// <summary>The host of a guest and everything above it; empty while the host was not there.</summary>
    public IReadOnlyList<Guid> AboveGuest(Guid card, int day) => Up(_guests[day].GetValueOrDefault(card), day);

    private List<Guid> Up(Guid from, int day)
    {
        var up = new List<Guid>();
        for (Guid? at = from; at is { } here && _parents[day].TryGetValue(here, out var next); at = next) up.Add(here);
        return up;
    }

    private static void Rebranch(Dictionary<Guid, Guid> held, Guid from, Guid to, Func<Guid, bool> which)
    {
        foreach (var m in held.Where(b => b.Value == from && which(b.Key)).Select(b => b.Key).ToList())
            held[m] = to;
    }

    private void From(int on, Action<int> change)
    {
        for (var d = on; d < days; d++) change(d);
    }

    private static Dictionary<Guid, T>[] Empty<T>(int days) =>
        [.. Enumerable.Range(0, days).Select(_ => new Dictionary<Guid, T>())];
}

/// <summary>A clock that stands still until it is moved.</summary>
internal sealed class StandingClock(DateTimeOffset now) : TimeProvider
{
    public DateTimeOffset Now { get; set; } = now;

    public override DateTimeOffset GetUtcNow() => Now;
}
