using System.Diagnostics;
using Platform.Kernel;

namespace Identity;

/// <summary>One role of one account for one organisation and a time (授权).</summary>
public sealed record Grant
{
    public required Guid Id { get; init; }

    public required Guid AccountId { get; init; }

    /// <summary>Path of the organisation it is for; it bounds what the role sees.</summary>
    public required string Path { get; init; }

    /// <summary>One of <see cref="RoleNames.Grantable"/>.</summary>
    public required string Role { get; init; }

    /// <summary>First day.</summary>
    public required DateOnly FromOn { get; init; }

    /// <summary>Last day; null means until it is withdrawn.</summary>
    public DateOnly? UntilOn { get; init; }

    public DateTimeOffset? WithdrawnAt { get; init; }

    /// <summary>True on a day of its time unless it was withdrawn.</summary>
    public bool InForceOn(DateOnly day) => WithdrawnAt is null && FromOn <= day && (UntilOn is null || day <= UntilOn);
}

/// <summary>A role that an account has or will have, its own or as somebody's deputy.</summary>
public sealed record HeldRole(string Path, string Role, DateOnly FromOn, DateOnly? UntilOn)
{
    /// <summary>True when both have a day in common.</summary>
    public bool Overlaps(DateOnly fromOn, DateOnly? untilOn) =>
        (untilOn is null || FromOn <= untilOn) && (UntilOn is null || fromOn <= UntilOn);
}

/// <summary>What happened to a grant.</summary>
public abstract record GrantEvent;

/// <summary>It was given.</summary>
public sealed record RoleGranted(Grant Grant) : GrantEvent;

/// <summary>It was taken back before its time.</summary>
public sealed record GrantWithdrawn(DateTimeOffset At) : GrantEvent;

/// <summary>Rules of grants. Source: R-172.</summary>
public static class GrantDecider
{
    /// <summary>GRANT_NOT_FOUND.</summary>
    public static Problem NotFound { get; } = new(ProblemKind.NotFound, "GRANT_NOT_FOUND",
        "There is no such grant in your part of the tree.", "您的管理范围内没有这条授权。");

    /// <summary>Gives a role.</summary>
    /// <param name="existing">Null; anything else was given under this id before.</param>
    /// <param name="account">Who gets it; null when there is no such account.</param>
    /// <param name="held">What the account has or will have, its own and as a deputy.</param>
    /// <param name="actor">Account of whoever grants.</param>
    /// <remarks>
    /// Problems, in order: ACCOUNT_NOT_FOUND, ACCOUNT_CLOSED, GRANT_ROLE_UNKNOWN, GRANT_TO_ONESELF,
    /// GRANT_DATES_IMPOSSIBLE, ADMINISTRATORS_APART, ADMINISTRATOR_HOLDS_NO_OFFICE, GRANT_HELD_ALREADY.
    /// </remarks>
    public static Decision<GrantEvent> Give(
        Grant? existing, Grant grant, Account? account, IReadOnlyList<HeldRole> held, Guid actor) =>
        existing is not null ? Array.Empty<GrantEvent>()
        : account is null ? AccountDecider.NotFound
        : account.Status == AccountStatus.Closed ? AccountDecider.Closed
        : !RoleNames.Grantable.Contains(grant.Role) ? new Problem(ProblemKind.Invalid, "GRANT_ROLE_UNKNOWN",
            "There is no such role that can be granted.", "没有这个可授予的角色。")
        : account.Id == actor ? new Problem(ProblemKind.Forbidden, "GRANT_TO_ONESELF",
            "Nobody grants a role to the own account.", "不能给自己的账号授权。")
        : grant.UntilOn < grant.FromOn ? new Problem(ProblemKind.Invalid, "GRANT_DATES_IMPOSSIBLE",
            "A grant ends on the day it begins or later.", "授权的终止日期不能早于起始日期。")
        : Apart(held, grant.Role, grant.FromOn, grant.UntilOn) is { } problem ? problem
        : held.Any(h => h.Role == grant.Role && h.Path == grant.Path && h.Overlaps(grant.FromOn, grant.UntilOn))
            ? new Problem(ProblemKind.Precondition, "GRANT_HELD_ALREADY",
                "The account holds this role here at that time already.", "该账号在此期间已有该组织的这一角色。")
        : new RoleGranted(grant);

    /// <summary>Takes it back.</summary>
    /// <remarks>Problems, in order: GRANT_NOT_FOUND, GRANT_WITHDRAWN.</remarks>
    public static Decision<GrantEvent> Withdraw(Grant? grant, DateTimeOffset now) => grant switch
    {
        null => NotFound,
        { WithdrawnAt: not null } => new Problem(ProblemKind.Precondition, "GRANT_WITHDRAWN",
            "The grant was withdrawn already.", "该授权已被收回。"),
        _ => new GrantWithdrawn(now),
    };

    /// <summary>Folds one event into the state.</summary>
    public static Grant Evolve(Grant? state, GrantEvent happened) => (state, happened) switch
    {
        (null, RoleGranted e) => e.Grant,
        ({ } g, GrantWithdrawn e) => g with { WithdrawnAt = e.At },
        _ => throw new UnreachableException($"{happened.GetType().Name} cannot follow {state}"),
    };

    /// <summary>
    /// The three administrators are three people: nobody has two of the roles on one day, and who keeps accounts or
    /// grants holds no business role. Null when nothing stands against it. Source: R-172.
    /// </summary>
    public static Problem? Apart(IReadOnlyList<HeldRole> held, string role, DateOnly fromOn, DateOnly? untilOn)
    {
        var others = held.Where(h => h.Role != role && h.Overlaps(fromOn, untilOn)).Select(h => h.Role).ToList();
        if (IsAdministrator(role) && others.Any(IsAdministrator)) return NotTwo;
        return (Keeps(role) && others.Count > 0) || others.Any(Keeps) ? NoOffice : null;
    }

    private static bool IsAdministrator(string role) => RoleNames.Administrators.Contains(role);

    private static bool Keeps(string role) =>
        role is RoleNames.SystemAdministrator or RoleNames.SecurityAdministrator;

    private static Problem NotTwo { get; } = new(ProblemKind.Forbidden, "ADMINISTRATORS_APART",
        "System administrator, security administrator and auditor are three people.",
        "系统管理员、安全管理员、审计员须由不同人员担任。");

    private static Problem NoOffice { get; } = new(ProblemKind.Forbidden, "ADMINISTRATOR_HOLDS_NO_OFFICE",
        "Who keeps accounts or grants roles holds no business role.", "系统管理员和安全管理员不得兼任业务角色。");
}
