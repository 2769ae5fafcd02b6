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

/// <summary>What both sides compare, numbers masked as the registry masks them.</summary>
public sealed record Facts(string Name, string IdNumberMasked, string PhoneMasked, string Standing, string Employer,
    string CreditCode, string Occupation, string Residence, string CertificateNumber)
{
    /// <summary>Names of the compared fields, in the order of lists.</summary>
    public static readonly string[] Names = ["name", "idNumber", "phone", "standing", "employer", "creditCode",
        "occupation", "residence", "certificateNumber"];

    /// <summary>Value of a field by its name; "" when unknown.</summary>
    public string Of(string name) => name switch
    {
        "name" => Name,
        "idNumber" => IdNumberMasked,
        "phone" => PhoneMasked,
        "standing" => Standing,
        "employer" => Employer,
        "creditCode" => CreditCode,
        "occupation" => Occupation,
        "residence" => Residence,
        _ => CertificateNumber,
    };
}

/// <summary>A finding that contact is lost.</summary>
public sealed record Finding(string Reason, DateOnly LastContactOn, IReadOnlyList<string> Attempts, string FoundBy,
    DateOnly FoundOn);

/// <summary>The home side of a case.</summary>
public sealed record HomeCard(Guid CaseId, Guid? MemberId, string HomeRegion, string HomeBranch, string HostRegion,
    int Leg, string Status, string Agreement, IReadOnlyList<string> Differences, string NextStep, string? NextBy,
    Facts Facts, Facts? HostFacts, DateOnly DepartsOn, DateOnly? PlannedReturnOn, DateOnly MobileOn, string Reason,
    string ContactPerson, string HostBranch, string HostContact, DateOnly? LastFeedbackOn, string? LastFeedback,
    DateOnly? EndedOn, Finding? LostContact, DateTimeOffset Since, DateOnly? TalkOn, DateOnly? EducatedOn,
    long Revision);

/// <summary>The host side of a case.</summary>
public sealed record HostCard(Guid Id, Guid CaseId, int Leg, string HostRegion, string HomeRegion, string HomeBranch,
    string HomeContact, string Status, string Agreement, IReadOnlyList<string> Differences, string NextStep,
    string? NextBy, Facts Facts, Facts? HomeFacts, DateOnly ArrivesOn, string DocumentShown, Guid? BranchId,
    string BranchName, string PlacementReason, string HostContact, DateOnly? AdmittedOn, DateOnly? LastFeedbackOn,
    DateOnly? LeftOn, string? LeftBecause, Finding? LostContact, DateTimeOffset Since, long Revision);

/// <summary>What one side owes.</summary>
public sealed record Duty(string By, string What, DateOnly DueOn);

/// <summary>A case as far as the person is a party to it.</summary>
public sealed record CaseFile(Guid CaseId, HomeCard? Home, IReadOnlyList<HostCard> Host, IReadOnlyList<Duty> Duties)
{
    /// <summary>The host's card of the leg that runs; null when another node keeps it.</summary>
    public HostCard? Here => Home is null ? (Host is [.., var last] ? last : null)
        : Host.LastOrDefault(h => h.Leg == Home.Leg);

    public string HomeRegion => Home?.HomeRegion ?? Here!.HomeRegion;
    public string HostRegion => Home?.HostRegion ?? Here!.HostRegion;
    public string HomeBranch => Home?.HomeBranch ?? Here!.HomeBranch;
    public string HostBranch => Here?.BranchName ?? Home!.HostBranch;
    public string Agreement => Home?.Agreement ?? Here!.Agreement;
    public string NextStep => Home?.NextStep ?? Here!.NextStep;
    public string? NextBy => Home?.NextBy ?? Here?.NextBy;
    public DateTimeOffset Since => Home?.Since ?? Here!.Since;
    public int Leg => Home?.Leg ?? Here!.Leg;

    /// <summary>First day away; expected where only the notice is known.</summary>
    public DateOnly BeganOn => Home?.DepartsOn ?? Here!.ArrivesOn;

    /// <summary>What home says, by its own card or by its last word to the host; null while it is silent.</summary>
    public Facts? HomeFacts => Home is { Status: not "toConfirm" } ? Home.Facts : Here?.HomeFacts;

    /// <summary>What the host says, by its own card or by its last word to home; null while it is silent.</summary>
    public Facts? HostFacts => Here is { Status: not ("noticed" or "notFound") } ? Here.Facts : Home?.HostFacts;

    public IReadOnlyList<string> Differences => HomeFacts is null || HostFacts is null ? []
        : Home is { Status: not "toConfirm" } ? Home.Differences : Here?.Differences ?? [];

    /// <summary>The person, as the side that keeps this card knows the name.</summary>
    public string Name => Home?.Facts.Name ?? Here!.Facts.Name;

    /// <summary>The side the person works for; with both in one part of the tree the one whose turn it is.</summary>
    public string OwnSide => Home is null ? "host" : Here is null ? "home" : NextBy ?? "home";

    public string PeerRegion => OwnSide == "home" ? HostRegion : HomeRegion;

    /// <summary>True when the person's own side owes the next step.</summary>
    public bool IsOurs => NextBy is not null && (NextBy == "home" ? Home is not null : Here is not null);
}

/// <summary>A branch that could take the member in.</summary>
public sealed record Placement(PlacementBranch Branch, int Rung, string Reason, string ReasonZh);

/// <summary>The branch of a suggestion.</summary>
public sealed record PlacementBranch(Guid Id, string Code, string Name);

/// <summary>One event of a case.</summary>
public sealed record CaseEvent(Guid Id, DateTimeOffset At, string Side, string Event, string? By, string? Office,
    string? Text, string? Author, EventMessage? Message)
{
    /// <summary>A word of one side to the other, which both see.</summary>
    public bool IsRemark => Event is "homeRemarked" or "hostRemarkArrived" or "hostRemarked" or "homeRemarkArrived";

    /// <summary>The side that spoke.</summary>
    public string Speaker => Message is { Arrived: true } ? Side == "home" ? "host" : "home" : Side;
}

/// <summary>What became of the message of an event.</summary>
/// <param name="Number">Place among the papers between the two nodes; null: none yet.</param>
public sealed record EventMessage(Guid Id, bool Arrived, string State, long? Number, string? Code);

/// <summary>Events, newest first.</summary>
/// <param name="Complete">False: the exchange did not say what became of the papers that left.</param>
public sealed record Timeline(IReadOnlyList<CaseEvent> Items, bool Complete);
