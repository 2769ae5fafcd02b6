using Platform.Hosting;

namespace Registry.Service;

/// <summary>
/// Who may do what: one row for each capability. Scope comes on top: the thing must lie in the caller's subtree. The
/// matrix test walks this table for every endpoint, role and relation. Source: P4, architecture 11.
/// </summary>
public static class Access
{
    public static readonly string[] ManageOrganisations = [Roles.TierAdministrator];
    public static readonly string[] SeeOrganisations =
        [Roles.TierAdministrator, Roles.CommitteeClerk, Roles.BranchSecretary, Roles.LiaisonOfficer, Roles.Supervisor,
            Roles.Analyst, Roles.Auditor];
    public static readonly string[] KeepRecords = [Roles.TierAdministrator, Roles.CommitteeClerk];
    public static readonly string[] Appoint = [Roles.TierAdministrator, Roles.CommitteeClerk, Roles.BranchSecretary];
    public static readonly string[] SeeFacilities = [.. SeeOrganisations, Roles.Member];
    public static readonly string[] ProposeOutposts = [Roles.TierAdministrator, Roles.CommitteeClerk];
    public static readonly string[] ApproveOutposts = [Roles.TierAdministrator, Roles.CommitteeClerk];
    public static readonly string[] KeepMembers =
        [Roles.TierAdministrator, Roles.CommitteeClerk, Roles.BranchSecretary];
    public static readonly string[] SeeMembers =
        [Roles.TierAdministrator, Roles.CommitteeClerk, Roles.BranchSecretary, Roles.LiaisonOfficer, Roles.Supervisor];
    public static readonly string[] Reveal = [Roles.TierAdministrator, Roles.CommitteeClerk, Roles.BranchSecretary];
    public static readonly string[] LoadRosters = [Roles.TierAdministrator, Roles.CommitteeClerk];
    public static readonly string[] ApplyForMember = [Roles.CommitteeClerk, Roles.BranchSecretary];
    public static readonly string[] ApproveCases = [Roles.CommitteeClerk, Roles.TierAdministrator];
    public static readonly string[] WorkCases = [Roles.CommitteeClerk, Roles.BranchSecretary, Roles.LiaisonOfficer];
    public static readonly string[] FindLost = [Roles.CommitteeClerk, Roles.TierAdministrator];
    public static readonly string[] SeeCases =
        [Roles.TierAdministrator, Roles.CommitteeClerk, Roles.BranchSecretary, Roles.LiaisonOfficer, Roles.Supervisor];
    public static readonly string[] SeeCounts =
        [Roles.Analyst, Roles.TierAdministrator, Roles.CommitteeClerk, Roles.Supervisor, Roles.Auditor];
    public static readonly string[] CorrectMembers = [Roles.TierAdministrator, Roles.CommitteeClerk];
    public static readonly string[] MoveMembers = [Roles.TierAdministrator, Roles.CommitteeClerk];
    public static readonly string[] EndMemberships = [Roles.TierAdministrator, Roles.CommitteeClerk];
    public static readonly string[] MergeMembers = [Roles.TierAdministrator, Roles.CommitteeClerk];
    public static readonly string[] FindDuplicates =
        [Roles.TierAdministrator, Roles.CommitteeClerk, Roles.BranchSecretary];
    public static readonly string[] SeeQuality =
        [Roles.TierAdministrator, Roles.CommitteeClerk, Roles.BranchSecretary, Roles.Supervisor];
    public static readonly string[] ClassifyMembers =
        [Roles.TierAdministrator, Roles.CommitteeClerk, Roles.BranchSecretary];
    public static readonly string[] PrintCards =
        [Roles.TierAdministrator, Roles.CommitteeClerk, Roles.BranchSecretary];
    public static readonly string[] ManageScreenings = [Roles.TierAdministrator, Roles.CommitteeClerk];
    public static readonly string[] CarryOutScreenings =
        [Roles.TierAdministrator, Roles.CommitteeClerk, Roles.BranchSecretary];
    public static readonly string[] CloseMonths = [Roles.TierAdministrator, Roles.CommitteeClerk];
    public static readonly string[] IssuePapers = [Roles.TierAdministrator, Roles.CommitteeClerk];
    public static readonly string[] SeePapers = [.. SeeOrganisations, Roles.Member];
    public static readonly string[] KeepFilters = SeeOrganisations;
    /// <summary>Code tables and divisions: what every form needs.</summary>
    public static readonly string[] Everybody = [.. SeeOrganisations, Roles.Member, Roles.Operator,
        Roles.SystemAdministrator, Roles.SecurityAdministrator];
    public static readonly string[] SeeTrail = [Roles.Auditor, Roles.TierAdministrator];
}
