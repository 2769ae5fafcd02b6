using System.Diagnostics;
using Platform.Kernel;

namespace Registry.Screening;

/// <summary>
/// 排查: a campaign that goes from door to door for an organisation's subtree, to see who is there, who has gone and who
/// was never registered. Rules: <see cref="ScreeningDecider"/>. Source: M-083, M-084, M-085, M-086.
/// </summary>
public sealed record ScreeningCampaign
{
    public required Guid Id { get; init; }
    public required Guid OrganisationId { get; init; }
    public required string Name { get; init; }

    /// <summary>"members" (every archive is looked for) or "places" (sites, shops, markets; M-086).</summary>
    public required string Kind { get; init; }
    public required DateOnly FromOn { get; init; }
    public required DateOnly UntilOn { get; init; }
    public string Purpose { get; init; } = "";
    public required Guid CreatedBy { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public DateOnly? ClosedOn { get; init; }
}

/// <summary>What a visit found.</summary>
public enum ScreeningOutcome
{
    /// <summary>找到: lives here, as the archive says.</summary>
    Found,

    /// <summary>已外出: has gone elsewhere without a mobility case; home now acts (M-084).</summary>
    Moved,

    /// <summary>未找到: nobody knows.</summary>
    NotFound,

    /// <summary>未登记: a member nobody had registered here (M-085, M-074 "no person omitted").</summary>
    Unregistered,
}

/// <summary>Who was met and what the visitor wrote; encrypted at rest.</summary>
public sealed record FoundPerson(string Name, string Phone, string WhereTo, string HomeOrganisation, string Note);

/// <summary>One line of a sheet that came back.</summary>
public sealed record ScreeningFinding
{
    public required Guid Id { get; init; }
    public required Guid ScreeningId { get; init; }
    public required Guid BranchId { get; init; }

    /// <summary>The archive; null for people nobody had registered.</summary>
    public Guid? MemberId { get; init; }
    public required ScreeningOutcome Outcome { get; init; }

    /// <summary>Code of the table place-kind; "" when unknown.</summary>
    public string PlaceKind { get; init; } = "";
    public string Place { get; init; } = "";
    public required FoundPerson Person { get; init; }
    public required DateOnly FoundOn { get; init; }
    public required string FoundBy { get; init; }
    public required Guid RecordedBy { get; init; }
    public required DateTimeOffset RecordedAt { get; init; }
}

/// <summary>Events of a campaign.</summary>
public abstract record ScreeningEvent;

public sealed record ScreeningOpened(ScreeningCampaign Campaign) : ScreeningEvent;

public sealed record ScreeningClosed(DateOnly On) : ScreeningEvent;

/// <summary>Results of one sheet: counts only, the lines are rows of their own.</summary>
public sealed record ScreeningResultsTaken(int Found, int Moved, int NotFound, int Unregistered) : ScreeningEvent;

/// <summary>Opening, filling and closing campaigns. Source: M-083, M-086.</summary>
public static class ScreeningDecider
{
    /// <summary>Longest campaign, days.</summary>
    public const int DaysMax = 366;

    /// <summary>Opens a campaign.</summary>
    /// <remarks>Problems: SCREENING_DATES.</remarks>
    public static Decision<ScreeningEvent> Open(ScreeningCampaign campaign)
    {
        ArgumentNullException.ThrowIfNull(campaign);
        return campaign.UntilOn < campaign.FromOn || campaign.UntilOn > campaign.FromOn.AddDays(DaysMax)
            ? Dates : new ScreeningOpened(campaign);
    }

    /// <summary>Takes in the results of one sheet.</summary>
    /// <remarks>Problems: SCREENING_NOT_FOUND, SCREENING_CLOSED.</remarks>
    public static Decision<ScreeningEvent> Take(ScreeningCampaign? campaign, ScreeningResultsTaken results) =>
        campaign switch
        {
            null => NotFound,
            { ClosedOn: not null } => Closed,
            _ => results,
        };

    /// <summary>Closes it; what was not found by then stays on record as not visited.</summary>
    /// <remarks>Problems: SCREENING_NOT_FOUND.</remarks>
    public static Decision<ScreeningEvent> Close(ScreeningCampaign? campaign, DateOnly on) => campaign switch
    {
        null => NotFound,
        { ClosedOn: not null } => Array.Empty<ScreeningEvent>(),
        _ => new ScreeningClosed(on),
    };

    /// <summary>Folds one event into the state. An illegal history is a bug and throws.</summary>
    public static ScreeningCampaign Evolve(ScreeningCampaign? state, ScreeningEvent happened) =>
        (state, happened) switch
        {
            (null, ScreeningOpened e) => e.Campaign,
            ({ } c, ScreeningResultsTaken) => c,
            ({ } c, ScreeningClosed e) => c with { ClosedOn = e.On },
            _ => throw new UnreachableException($"{happened.GetType().Name} cannot follow"),
        };

    /// <summary>SCREENING_NOT_FOUND.</summary>
    public static Problem NotFound { get; } = new(ProblemKind.NotFound, "SCREENING_NOT_FOUND",
        "There is no such screening in your part of the tree.", "您的管理范围内没有这次排查。");

    private static Problem Closed { get; } = new(ProblemKind.Precondition, "SCREENING_CLOSED",
        "This screening is closed.", "这次排查已结束。");

    private static Problem Dates { get; } = new(ProblemKind.Invalid, "SCREENING_DATES",
        $"A screening ends on or after its first day and within {DaysMax} days.", $"排查应在开始后 {DaysMax} 天内结束。");
}

/// <summary>Events of a line that came back.</summary>
public abstract record FindingEvent;

/// <summary>The archive that was made, or found, for somebody nobody had registered.</summary>
public sealed record FindingLinked(Guid MemberId) : FindingEvent;

/// <summary>What becomes of a person nobody had registered. Source: M-074, M-085.</summary>
public static class FindingDecider
{
    /// <summary>Names the archive of somebody who was found unregistered; another one corrects a wrong link.</summary>
    /// <remarks>Problems: FINDING_NOT_FOUND, FINDING_REGISTERED.</remarks>
    public static Decision<FindingEvent> Link(ScreeningFinding? finding, Guid member) => finding switch
    {
        null => NotFound,
        { Outcome: not ScreeningOutcome.Unregistered } => Registered,
        _ when finding.MemberId == member => Array.Empty<FindingEvent>(),
        _ => new FindingLinked(member),
    };

    /// <summary>Folds one event into the state. An illegal history is a bug and throws.</summary>
    public static ScreeningFinding Evolve(ScreeningFinding? state, FindingEvent happened) => (state, happened) switch
    {
        ({ } f, FindingLinked e) => f with { MemberId = e.MemberId },
        _ => throw new UnreachableException($"{happened.GetType().Name} cannot follow"),
    };

    /// <summary>FINDING_NOT_FOUND.</summary>
    public static Problem NotFound { get; } = new(ProblemKind.NotFound, "FINDING_NOT_FOUND",
        "There is no such finding in your part of the tree.", "您的管理范围内没有这条排查记录。");

    private static Problem Registered { get; } = new(ProblemKind.Precondition, "FINDING_REGISTERED",
        "This person was looked for by an archive; only people nobody had registered are linked.",
        "这条记录本来就是按档案排查的，只有未登记的人才需要关联档案。");
}
