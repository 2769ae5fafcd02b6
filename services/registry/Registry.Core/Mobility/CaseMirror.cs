namespace Registry.Mobility;

/// <summary>
/// What a tier above both sides knows of a case: each side's last report, without personal data. Facts are compared by
/// keyed digests that only the two sides can explain. Source: architecture 7, M-001, M-002, M-110, M-260.
/// </summary>
public sealed record CaseMirror
{
    public required Guid Id { get; init; }
    public required Guid CaseId { get; init; }
    public required int Leg { get; init; }
    public required string HomeRegion { get; init; }
    public required string HostRegion { get; init; }

    /// <summary>Path of the lowest tier that contains both regions, for example <c>140000/</c>.</summary>
    public required string CommonPath { get; init; }

    /// <summary>Last report of each side; null while that side is silent.</summary>
    public SideReport? Home { get; init; }
    public SideReport? Host { get; init; }

    /// <summary>When the first side stood; what the age of a one-sided case counts from.</summary>
    public required DateTimeOffset Since { get; init; }

    public Agreement Agreement => (Home, Host) switch
    {
        ({ Open: false }, _) => Agreement.Settled,
        (null or { Stands: false }, { Open: false }) => Agreement.Settled,
        ({ Stands: true }, { Stands: true }) => Differences.Count == 0 ? Agreement.Matched : Agreement.Differs,
        ({ Stands: true }, _) => Agreement.HomeOnly,
        (_, { Stands: true }) => Agreement.HostOnly,
        _ => Agreement.Settled,
    };

    /// <summary>Fields whose digests differ, in list order.</summary>
    public IReadOnlyList<string> Differences => Home is null || Host is null ? []
        : [.. CaseFacts.Fields.Select(f => f.Name)
            .Where(n => Home.Digests.GetValueOrDefault(n) != Host.Digests.GetValueOrDefault(n))];

    /// <summary>The side whose part is missing; null when none is. This is who a superior asks.</summary>
    public Side? MissingSide => Agreement switch
    {
        Agreement.HomeOnly => Side.Host,
        Agreement.HostOnly => Side.Home,
        _ => null,
    };

    /// <summary>Takes in one report; an older one than the last of the same side changes nothing.</summary>
    public CaseMirror With(Side side, SideReport report)
    {
        var last = side == Side.Home ? Home : Host;
        if (last is not null && last.Version >= report.Version) return this;
        var next = side == Side.Home ? this with { Home = report } : this with { Host = report };
        return next.Agreement == Agreement ? next : next with { Since = report.At };
    }
}

/// <summary>One side's report of its card to the tier above. No personal data.</summary>
/// <param name="Status">Status of the card.</param>
/// <param name="Stands">Whether this side has done its part of registering.</param>
/// <param name="Open">False once this side's card is over.</param>
/// <param name="Digests">Field name to keyed digest (16 hex digits) of this side's facts.</param>
/// <param name="Reason">Reason code of the movement, for statistics.</param>
/// <param name="Version">Grows with every change of the card, so that a late report cannot win.</param>
public sealed record SideReport(
    string Status, bool Stands, bool Open, IReadOnlyDictionary<string, string> Digests, string Reason, long Version,
    DateTimeOffset At);
