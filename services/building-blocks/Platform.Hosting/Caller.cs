using System.Collections.Frozen;
using System.Security.Claims;
using Platform.Kernel;

namespace Platform.Hosting;

/// <summary>
/// Who acts: a person with an organisation path and roles, or the service itself. Source: architecture 11.
/// </summary>
/// <param name="Subject">Account id; <see cref="Guid.Empty"/> for the service itself.</param>
/// <param name="Name">Display name of the account; kept in audit rows, never in logs.</param>
/// <param name="Org">Organisation path that bounds everything the caller sees, for example
/// <c>140000/141000/141022/</c>.</param>
/// <param name="Roles">Role names, see <see cref="Hosting.Roles"/>.</param>
/// <param name="MemberId">The caller's own record when the caller is a member; else null.</param>
/// <param name="OnBehalfOf">"For and on behalf of" whom; null when for oneself.</param>
/// <param name="SecondFactorAt">When the second factor was last shown; null: not at this sign-in.</param>
public sealed record Caller(
    Guid Subject, string Name, string Org, FrozenSet<string> Roles, Guid? MemberId = null, string? OnBehalfOf = null,
    DateTimeOffset? SecondFactorAt = null)
{
    /// <summary>How long a second factor opens what needs one: unmasking, files that leave the house.</summary>
    public static readonly TimeSpan SecondFactorMax = TimeSpan.FromMinutes(10);

    /// <summary>
    /// Mutation for tests: this wall is taken away, so that the wall in the database must hold alone.
    /// </summary>
    internal bool ChecksRemoved { get; init; }

    /// <summary>The service acting on a message or a timer; sees every row.</summary>
    public static Caller Service { get; } = new(Guid.Empty, "service", "*", FrozenSet<string>.Empty);

    /// <summary>Nobody: sees no row at all. What a connection gets before a caller is known.</summary>
    public static Caller Nobody { get; } = new(Guid.Empty, "", "-", FrozenSet<string>.Empty);

    /// <summary>The caller of a checked token.</summary>
    /// <exception cref="ProblemException">TOKEN_INCOMPLETE: a claim is missing or malformed.</exception>
    public static Caller Of(ClaimsPrincipal user)
    {
        var org = user.FindFirstValue("org") ?? "";
        var member = user.FindFirstValue("member");
        if (!Guid.TryParse(user.FindFirstValue("sub"), out var subject) || !IsPath(org)
            || (member is not null && !Guid.TryParse(member, out _)))
        {
            throw new ProblemException(new(ProblemKind.Forbidden, "TOKEN_INCOMPLETE",
                "The token must carry sub (UUID), org (organisation path) and roles.", "令牌缺少账号、组织路径或角色。"));
        }
        var roles = user.FindAll("roles").Select(c => c.Value).ToFrozenSet(StringComparer.Ordinal);
        return new(subject, user.FindFirstValue("name") ?? "", org, roles,
            member is null ? null : Guid.Parse(member), user.FindFirstValue("obo"),
            long.TryParse(user.FindFirstValue("mfa_at"), out var at) ? DateTimeOffset.FromUnixTimeSeconds(at) : null);
    }

    /// <summary>Path that bounds what lists show: the caller's organisation.</summary>
    public string Scope => ChecksRemoved ? "" : Org;

    /// <summary>True when <paramref name="path"/> lies in the caller's subtree.</summary>
    public bool Covers(string path) => Org == "*" || ChecksRemoved || path.StartsWith(Org, StringComparison.Ordinal);

    /// <summary>True when the caller's organisation is the one at <paramref name="path"/> or below it.</summary>
    public bool IsBelow(string path) =>
        Org == "*" || ChecksRemoved || Org.StartsWith(path, StringComparison.Ordinal);

    /// <summary>
    /// A path is digits, letters and hyphens in segments that each end with a slash, at most 200 characters.
    /// </summary>
    public static bool IsPath(string path) => path.Length is > 1 and <= 200 && path[^1] == '/' && path[0] != '/'
        && !path.Contains("//", StringComparison.Ordinal)
        && path.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '-');

    /// <summary>
    /// Refuses whoever has none of <paramref name="roles"/> or stands outside <paramref name="path"/>.
    /// </summary>
    /// <exception cref="ProblemException">ROLE_NOT_ALLOWED, OUT_OF_SCOPE.</exception>
    public void Require(string path, params ReadOnlySpan<string> roles)
    {
        if (Org == "*") return;
        RequireRole(roles);
        if (!Covers(path)) throw new ProblemException(ProblemMap.OutOfScope);
    }

    /// <summary>Refuses whoever did not show a second factor shortly before. Source: R-172.</summary>
    /// <exception cref="ProblemException">SECOND_FACTOR_NEEDED.</exception>
    public void RequireSecondFactor(DateTimeOffset now)
    {
        if (Org == "*" || ChecksRemoved || now - SecondFactorAt <= SecondFactorMax) return;
        throw new ProblemException(ProblemMap.SecondFactorNeeded);
    }

    /// <summary>Refuses whoever has none of <paramref name="roles"/>.</summary>
    /// <exception cref="ProblemException">ROLE_NOT_ALLOWED.</exception>
    public void RequireRole(params ReadOnlySpan<string> roles)
    {
        if (Org == "*" || ChecksRemoved) return;
        foreach (var role in roles)
        {
            if (Roles.Contains(role)) return;
        }
        throw new ProblemException(ProblemMap.RoleNotAllowed);
    }
}

/// <summary>The roles of the platform. Source: architecture 11, R-172.</summary>
public static class Roles
{
    /// <summary>
    /// 层级管理员: an organisation department's account; manages organisations and sees its whole subtree.
    /// </summary>
    public const string TierAdministrator = "tier-administrator";

    /// <summary>党委工作人员: approves, registers, admits.</summary>
    public const string CommitteeClerk = "committee-clerk";

    /// <summary>支部书记: keeps the branch's members and starts their cases.</summary>
    public const string BranchSecretary = "branch-secretary";

    /// <summary>联络员: contacts and feedback.</summary>
    public const string LiaisonOfficer = "liaison-officer";

    /// <summary>统计分析人员: counts and the lists behind them, without personal data.</summary>
    public const string Analyst = "analyst";

    /// <summary>系统管理员: keeps accounts; sees no business data and grants nothing.</summary>
    public const string SystemAdministrator = "system-administrator";

    /// <summary>安全管理员: grants and withdraws roles, sets accounts back.</summary>
    public const string SecurityAdministrator = "security-administrator";

    /// <summary>审计员: reads the trail.</summary>
    public const string Auditor = "auditor";

    /// <summary>运维人员: runs the node, sees no personal data.</summary>
    public const string Operator = "operator";

    /// <summary>党员本人: the own record.</summary>
    public const string Member = "member";

    /// <summary>监督员: reads lists of the subtree.</summary>
    public const string Supervisor = "supervisor";
}

/// <summary>Carries the caller through one request or message; the database reads it when a connection opens.</summary>
public class CallerContext
{
    /// <summary>Set once at the edge; until then nothing is visible.</summary>
    public virtual Caller Current { get; set; } = Caller.Nobody;
}
