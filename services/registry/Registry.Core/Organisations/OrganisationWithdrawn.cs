namespace Registry.Organisations;

/// <summary>
/// The organisation was taken back whole: a load that should never have been made founded it. Holds what it was.
/// </summary>
public sealed record OrganisationWithdrawn(Organisation Organisation) : OrganisationEvent;
