namespace Gateway.Console.Node;

/// <summary>A page of a list; <see cref="Next"/> is null on the last.</summary>
public sealed record ListPage<T>(IReadOnlyList<T> Items, string? Next);

/// <summary>One card of the reconciliation list, as the registry tells it.</summary>
public sealed record CaseLine(Guid CaseId, Guid CardId, int Leg, string Side, string Name, string Branch,
    string HomeRegion, string HostRegion, string Status, string Agreement, IReadOnlyList<string> Differences,
    string NextStep, string? NextBy, DateOnly BeganOn, DateTimeOffset Since, int AgeDays, DateOnly? DueOn)
{
    /// <summary>Code of the region on the other side.</summary>
    public string Peer => Side == "home" ? HostRegion : HomeRegion;

    /// <summary>State to show: a departure being prepared has nothing to compare yet, but it is not settled.</summary>
    public string State => Agreement == "settled" && NextStep.Length > 0 ? "todo" : Agreement;

    /// <summary>True when the own side owes the next step.</summary>
    public bool IsOurs => NextBy == Side;
}
