namespace Platform.Contracts.Registry.V1;

/// <summary>
/// A member was registered with a branch of this node. No personal data: who needs more asks the registry.
/// </summary>
/// <param name="MemberId">Record id.</param>
/// <param name="BranchPath">Organisation path of the branch that holds the relationship.</param>
public sealed record MemberWasRegistered(Guid MemberId, string BranchPath);

/// <summary>One side's card of a mobility case changed: the evidence for duties. Published once per change.</summary>
/// <param name="CaseId">Shared by both sides.</param>
/// <param name="Leg">1 for the first destination.</param>
/// <param name="IsHome">Whose card: home's (true) or the host's.</param>
/// <param name="OwnPath">Organisation path that owns the card.</param>
/// <param name="What">Name of the event, for example "MemberAdmitted".</param>
/// <param name="Status">Status after the event.</param>
/// <param name="Agreement">matched, homeOnly, hostOnly, differs or settled, as this side knows it.</param>
public sealed record CaseCardChanged(
    Guid CaseId, int Leg, bool IsHome, string OwnPath, string What, string Status, string Agreement, DateTimeOffset At);

/// <summary>An organisation was founded, amended or dissolved.</summary>
public sealed record OrganisationChanged(Guid OrganisationId, string Path, string What);

/// <summary>Members were registered by a load: one fact for many, each as <see cref="MemberWasRegistered"/>.</summary>
/// <param name="LoadId">The load.</param>
/// <param name="Members">In the order of the file, at most 2,000.</param>
public sealed record MembersWereLoaded(Guid LoadId, IReadOnlyList<MemberWasRegistered> Members);

/// <summary>A load was undone: these members should never have been registered and are gone.</summary>
/// <param name="LoadId">The load.</param>
/// <param name="MemberIds">At most 2,000.</param>
public sealed record MembersWereWithdrawn(Guid LoadId, IReadOnlyList<Guid> MemberIds);

/// <summary>
/// Everything whose organisation path began with <paramref name="FromPath"/> now begins with <paramref name="ToPath"/>:
/// an organisation moved, was handed over, or went up in another one. Who keeps paths of their own follows.
/// </summary>
/// <param name="OrganisationId">The organisation moved; after a merger the one that is no more.</param>
/// <param name="On">First day of the new order.</param>
public sealed record OrganisationMoved(
    Guid OrganisationId, string FromPath, string ToPath, DateOnly On, Guid ReorganisationId);

/// <summary>These members belong to another branch because their old one was split.</summary>
/// <param name="MemberIds">At most 1,000; a larger split sends several.</param>
public sealed record MembersRehomed(
    Guid ReorganisationId, string FromPath, string ToPath, DateOnly On, IReadOnlyList<Guid> MemberIds);
