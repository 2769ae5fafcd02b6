using Gateway.Console.Sessions;
using Platform.Hosting;

namespace Gateway.Console.Node;

/// <summary>Where an outpost is possible.</summary>
/// <param name="FullMembers">Who counts: workplace known, out for the months.</param>
/// <param name="Proposed">A proposal stands or was approved.</param>
public sealed record PossibleOutpost(Guid CommitteeId, string Committee, string HostRegion, int FullMembers,
    IReadOnlyList<string> Workplaces, bool Proposed);

/// <summary>A proposed outpost, waiting or decided.</summary>
public sealed record OutpostLine(Guid Id, string Path, Guid CommitteeId, string Committee, string Region,
    string HostRegion, string Code, string Name, string Type, string Mode, string ReliesOn, string Workplace,
    IReadOnlyList<string> Advantages, string Grounds, IReadOnlyList<Guid> CaseIds, bool MeetsRule, string Status,
    Guid ProposedBy, DateOnly ProposedOn, DateOnly? DecidedOn, string Decision, Guid? OrganisationId)
{
    /// <summary>Who stands at the region or above it decides; the registry decides again.</summary>
    public bool IsFor(Caller me) => Status == "proposed" && Decides(me) && me.Covers(Path);

    /// <summary>Clerks and administrators of a county or above.</summary>
    public static bool Decides(Caller me) => me.Has(Roles.TierAdministrator, Roles.CommitteeClerk)
        && me.Org.TrimEnd('/').Split('/')[^1] is { Length: 6 } code && code.All(char.IsAsciiDigit);
}

/// <summary>Proposals that wait.</summary>
public sealed record OutpostsWaiting(int Proposed);
