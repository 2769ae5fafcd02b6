namespace Gateway.Console.Node;

/// <summary>A question somebody keeps under a name.</summary>
public sealed record SavedQuestion(Guid Id, string Name, IReadOnlyDictionary<string, IReadOnlyList<string>> Parameters,
    bool Shared, bool Own, string OwnerName)
{
    /// <summary>The page that answers it.</summary>
    public string Address => $"/reconciliation?{string.Join('&', Parameters
        .OrderBy(p => p.Key, StringComparer.Ordinal)
        .SelectMany(p => p.Value.Select(v => $"{p.Key}={Uri.EscapeDataString(v)}")))}";
}

/// <summary>What a tier above both sides sees of a case: no personal data.</summary>
public sealed record MirrorLine(Guid CaseId, int Leg, string HomeRegion, string HostRegion, string Agreement,
    IReadOnlyList<string> Differences, string? MissingSide, DateTimeOffset Since, int AgeDays, bool PastLimit);

/// <summary>A member at risk, found from the card of one side.</summary>
/// <param name="State">hidden, pocket, homeless, vacuum, neitherManages or onPaperOnly.</param>
public sealed record ProblemLine(Guid CaseId, string Side, string Name, string HomeRegion, string HostRegion,
    string State, string Reason, string ReasonZh);
