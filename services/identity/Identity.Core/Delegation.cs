using System.Diagnostics;
using Platform.Kernel;

namespace Identity;

/// <summary>"For and on behalf of" (代): one grant in the hands of a deputy for a limited time.</summary>
public sealed record Delegation
{
    public required Guid Id { get; init; }

    public required Guid GrantId { get; init; }

    /// <summary>Holder of the grant.</summary>
    public required Guid FromAccount { get; init; }

    /// <summary>The deputy.</summary>
    public required Guid ToAccount { get; init; }

    /// <summary>Path of the grant.</summary>
    public required string Path { get; init; }

    /// <summary>Role of the grant.</summary>
    public required string Role { get; init; }

    public required DateOnly FromOn { get; init; }

    /// <summary>Last day; it ends by itself.</summary>
    public required DateOnly UntilOn { get; init; }

    public DateTimeOffset? WithdrawnAt { get; init; }

    /// <summary>True on a day of its time unless it was withdrawn; the grant must be in force too.</summary>
    public bool InForceOn(DateOnly day) => WithdrawnAt is null && FromOn <= day && day <= UntilOn;
}

/// <summary>What happened to a delegation.</summary>
public abstract record DelegationEvent;

/// <summary>The deputy was named.</summary>
public sealed record RoleDelegated(Delegation Delegation) : DelegationEvent;

/// <summary>It was taken back before its time.</summary>
public sealed record DelegationWithdrawn(DateTimeOffset At) : DelegationEvent;

/// <summary>Rules of delegations.</summary>
public static class DelegationDecider
{
    /// <summary>Longest time of a delegation, days.</summary>
    public const int DaysMax = 90;

    /// <summary>DELEGATION_NOT_FOUND.</summary>
    public static Problem NotFound { get; } = new(ProblemKind.NotFound, "DELEGATION_NOT_FOUND",
        "There is no such delegation of yours.", "没有您可办理的这条代理。");

    /// <summary>Names a deputy.</summary>
    /// <param name="existing">Null; anything else was made under this id before.</param>
    /// <param name="grant">What is delegated; null when there is none.</param>
    /// <param name="deputy">Who gets it; null when there is no such account.</param>
    /// <param name="held">What the deputy has or will have.</param>
    /// <remarks>
    /// Problems, in order: GRANT_NOT_FOUND, DELEGATION_NOT_YOURS, DELEGATION_TO_ONESELF, ACCOUNT_NOT_FOUND,
    /// ACCOUNT_CLOSED, DELEGATION_DEPUTY_OUTSIDE, DELEGATION_DATES_IMPOSSIBLE, ADMINISTRATORS_APART,
    /// ADMINISTRATOR_HOLDS_NO_OFFICE.
    /// </remarks>
    public static Decision<DelegationEvent> Give(Delegation? existing, Delegation delegation, Grant? grant,
        Account? deputy, IReadOnlyList<HeldRole> held, DateOnly today) =>
        existing is not null ? Array.Empty<DelegationEvent>()
        : grant is null ? GrantDecider.NotFound
        : grant.AccountId != delegation.FromAccount ? new Problem(ProblemKind.Forbidden, "DELEGATION_NOT_YOURS",
            "Only the holder of a grant delegates it.", "只有被授权人本人可以委托代理。")
        : delegation.ToAccount == delegation.FromAccount ? new Problem(ProblemKind.Invalid, "DELEGATION_TO_ONESELF",
            "The deputy is somebody else.", "代理人不能是本人。")
        : deputy is null ? AccountDecider.NotFound
        : deputy.Status == AccountStatus.Closed ? AccountDecider.Closed
        : !deputy.Path.StartsWith(grant.Path, StringComparison.Ordinal) ? new Problem(ProblemKind.Precondition,
            "DELEGATION_DEPUTY_OUTSIDE", "The deputy belongs to the organisation of the grant or one below it.",
            "代理人须属于该授权所在组织或其下级组织。")
        : !Fits(delegation, grant, today) ? new Problem(ProblemKind.Invalid, "DELEGATION_DATES_IMPOSSIBLE",
            "A delegation begins today or later, ends within 90 days, and lies inside the grant's time.",
            "代理应从今天或以后开始，不超过 90 天，且在授权有效期内。")
        : GrantDecider.Apart(held, delegation.Role, delegation.FromOn, delegation.UntilOn) is { } problem ? problem
        : new RoleDelegated(delegation);

    /// <summary>Takes it back.</summary>
    /// <remarks>Problems, in order: DELEGATION_NOT_FOUND, DELEGATION_WITHDRAWN.</remarks>
    public static Decision<DelegationEvent> Withdraw(Delegation? delegation, DateTimeOffset now) => delegation switch
    {
        null => NotFound,
        { WithdrawnAt: not null } => new Problem(ProblemKind.Precondition, "DELEGATION_WITHDRAWN",
            "The delegation was withdrawn already.", "该代理已被收回。"),
        _ => new DelegationWithdrawn(now),
    };

    /// <summary>Folds one event into the state.</summary>
    public static Delegation Evolve(Delegation? state, DelegationEvent happened) => (state, happened) switch
    {
        (null, RoleDelegated e) => e.Delegation,
        ({ } d, DelegationWithdrawn e) => d with { WithdrawnAt = e.At },
        _ => throw new UnreachableException($"{happened.GetType().Name} cannot follow {state}"),
    };

    private static bool Fits(Delegation d, Grant grant, DateOnly today) =>
        grant.WithdrawnAt is null && d.FromOn >= today && d.UntilOn >= d.FromOn
        && d.UntilOn.DayNumber - d.FromOn.DayNumber < DaysMax
        && d.FromOn >= grant.FromOn && (grant.UntilOn is null || d.UntilOn <= grant.UntilOn);
}
