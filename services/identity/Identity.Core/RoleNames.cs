using System.Collections.Immutable;

namespace Identity;

/// <summary>
/// The roles an account can be given (角色), and the three administrators who are kept apart (三员分立). Source: R-172,
/// architecture 11.
/// </summary>
public static class RoleNames
{
    /// <summary>系统管理员: keeps accounts; sees no business data and grants nothing.</summary>
    public const string SystemAdministrator = "system-administrator";

    /// <summary>安全管理员: grants and withdraws roles, resets credentials.</summary>
    public const string SecurityAdministrator = "security-administrator";

    /// <summary>审计员: reads the trail.</summary>
    public const string Auditor = "auditor";

    /// <summary>党员本人: comes with an account of a member and is never granted.</summary>
    public const string Member = "member";

    /// <summary>Nobody may hold two of these at the same time.</summary>
    public static ImmutableArray<string> Administrators { get; } =
        [SystemAdministrator, SecurityAdministrator, Auditor];

    /// <summary>Every role that can be granted.</summary>
    public static ImmutableArray<string> Grantable { get; } =
    [
        .. Administrators, "tier-administrator", "committee-clerk", "branch-secretary", "liaison-officer",
        "fund-handler", "fund-approver", "assessor", "supervisor", "analyst", "operator",
    ];
}
