using Platform.Hosting;

namespace Identity.Service.Capabilities;

/// <summary>Who may do what; the account or the grant must lie in the caller's subtree too. Source: R-172.</summary>
public static class Access
{
    public static readonly string[] KeepAccounts = [Roles.SystemAdministrator];
    public static readonly string[] OpenMembers =
        [Roles.SystemAdministrator, Roles.TierAdministrator, Roles.CommitteeClerk, Roles.BranchSecretary];
    public static readonly string[] SeeAccounts =
        [Roles.SystemAdministrator, Roles.SecurityAdministrator, Roles.Auditor];
    public static readonly string[] GrantRoles = [Roles.SecurityAdministrator];
    public static readonly string[] SeeTrail = [Roles.Auditor];
}
