using Microsoft.Extensions.Caching.Memory;
using Platform.Hosting;

namespace Gateway.Console.Node;

/// <summary>Counts of the workbench, all of one moment.</summary>
public sealed record QueueCounts(DateTimeOffset At, int Todo, int Waiting, int Soon, int Overdue,
    IReadOnlyList<StepCount> Steps, IReadOnlyDictionary<string, int> Agreements,
    IReadOnlyList<WaitingCount> WaitingFor)
{
    /// <summary>Proposed outposts that the person may decide on.</summary>
    public int Outposts { get; init; }
}

/// <summary>Cards of the own side by their next step.</summary>
public sealed record StepCount(string Step, int Count);

/// <summary>Cards that wait for another region.</summary>
public sealed record WaitingCount(string Region, int Count, int OldestDays);

/// <summary>
/// The counts in the rail. People of one office and role share them for some seconds: every page has them, and they
/// must cost nearly nothing.
/// </summary>
public sealed class Queues(NodeApi api, IMemoryCache kept)
{
    private static readonly TimeSpan Keep = TimeSpan.FromSeconds(4);

    /// <summary>The counts; null when the person's roles have no queues or the service does not answer.</summary>
    public async Task<QueueCounts?> OfAsync(Caller caller)
    {
        var key = $"queues {caller.Org} {string.Join(',', caller.Roles.Order(StringComparer.Ordinal))}";
        if (kept.TryGetValue(key, out QueueCounts? counts)) return counts;
        try
        {
            counts = await api.GetAsync<QueueCounts>("workbench");
            if (OutpostLine.Decides(caller))
                counts = counts with { Outposts = (await api.GetAsync<OutpostsWaiting>("outposts/waiting")).Proposed };
            return kept.Set(key, counts, Keep);
        }
        catch (NodeProblemException)
        {
            return null;
        }
    }

    /// <summary>After an own action the next page counts anew.</summary>
    public void Forget(Caller caller) =>
        kept.Remove($"queues {caller.Org} {string.Join(',', caller.Roles.Order(StringComparer.Ordinal))}");
}
