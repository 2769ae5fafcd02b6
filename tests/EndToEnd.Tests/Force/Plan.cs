namespace EndToEnd.Tests.Force;

public enum FaultKind
{
    /// <summary>kill -9 of each victim, then all are started again.</summary>
    Kill,

    /// <summary>kill -9 of a broker, and its data is gone when it comes back.</summary>
    Wipe,

    /// <summary>A county's connections to the hub's broker are cut until messages pile up.</summary>
    Cut,

    /// <summary>While the link is cut, waiting messages are taken from the queue and published twice.</summary>
    Duplicate,

    /// <summary>While the link is cut, waiting messages are taken and published in another order.</summary>
    Reorder,
}

/// <summary>One thing that goes wrong.</summary>
/// <param name="Victims">Processes as <c>./platform status</c> names them; for links the county's code.</param>
/// <param name="Up">Links: whether the county's uplink is meddled with, or the hub's downlink to it.</param>
/// <param name="After">
/// Case messages between the counties in this round before it strikes; links are cut at once.
/// </param>
/// <param name="Take">Links: messages that must wait before the link is mended; this many are meddled with.</param>
public sealed record Fault(FaultKind Kind, string[] Victims, bool Up = false, int After = 0, int Take = 0)
{
    public override string ToString() => Kind switch
    {
        FaultKind.Kill or FaultKind.Wipe => $"{Kind} {string.Join(" + ", Victims)} after {After} messages",
        _ => $"{Kind} {Take} at {(Up ? "the uplink" : "the hub's downlink")} of {Victims[0]}",
    };
}

/// <summary>Which fault comes when: a function of the seed and of how long the run is.</summary>
public static class Plan
{
    private const string Home = DemoFederation.Home, Host = DemoFederation.Host, Hub = DemoFederation.Hub;

    private static readonly string[] Nodes = [Hub, Host, $"{Home}-registry", $"{Home}-exchange", $"{Home}-gateway"];
    private static readonly string[] Brokers = ["rabbit-n140000", "rabbit-n141022", "rabbit-n140105"];

    /// <summary>
    /// The short run has each kind of fault once and a kill of each kind of process; a longer one goes through every
    /// victim, shuffled anew as often as it takes.
    /// </summary>
    /// <param name="rounds">How many faults; null for the short run.</param>
    public static IReadOnlyList<Fault> Of(int seed, int? rounds)
    {
        var random = new Random(seed);
        if (rounds is null)
        {
            Fault Pick(FaultKind kind, params string[][] victims) =>
                With(random, new(kind, victims[random.Next(victims.Length)], Up: random.Next(2) == 0));
            var links = new string[][] { [Home], [Host] };
            return Shuffled(random,
            [
                Pick(FaultKind.Kill, [.. Nodes.Select(n => new[] { n })]),
                Pick(FaultKind.Kill, [.. Brokers.Select(b => new[] { b })]), Pick(FaultKind.Kill, ["postgres"]),
                Pick(FaultKind.Wipe, [.. Brokers.Select(b => new[] { b })]), Pick(FaultKind.Cut, links),
                Pick(FaultKind.Duplicate, links), Pick(FaultKind.Reorder, links),
            ]);
        }
        var plan = new List<Fault>();
        while (plan.Count < rounds) plan.AddRange(Shuffled(random, Everything(random)).Select(f => With(random, f)));
        return plan[..rounds.Value];
    }

    private static List<Fault> Everything(Random random)
    {
        string[] all = [.. Nodes, .. Brokers, "postgres"];
        var faults = all.Select(v => new Fault(FaultKind.Kill, [v]))
            .Concat(Brokers.Select(b => new Fault(FaultKind.Wipe, [b]))).ToList();
        foreach (var (county, up) in from c in new[] { Home, Host } from u in new[] { true, false } select (c, u))
        {
            faults.AddRange(new[] { FaultKind.Cut, FaultKind.Duplicate, FaultKind.Reorder }
                .Select(kind => new Fault(kind, [county], up)));
        }
        // Misfortunes never come singly.
        for (var i = 0; i < 4; i++) faults.Add(new(FaultKind.Kill, [.. Shuffled(random, all).Take(2 + (i / 2))]));
        return faults;
    }

    private static Fault With(Random random, Fault fault) => fault with
    {
        After = fault.Kind is FaultKind.Kill or FaultKind.Wipe ? random.Next(1, 10) : 0,
        Take = fault.Kind is FaultKind.Kill or FaultKind.Wipe ? 0 : random.Next(5, 15),
    };

    private static IReadOnlyList<T> Shuffled<T>(Random random, IReadOnlyList<T> items)
    {
        var shuffled = items.ToArray();
        random.Shuffle(shuffled);
        return shuffled;
    }
}
