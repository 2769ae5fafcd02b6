namespace Gateway.Console.Node;

/// <summary>An account as identity tells it.</summary>
/// <param name="CodeUntil">End of the one-time code; null: none is out.</param>
public sealed record AccountLine(Guid Id, string UserName, string Name, string Path, Guid? MemberId, string Status,
    DateTimeOffset CreatedAt, DateTimeOffset? CodeUntil);

/// <summary>An account and the code that is shown this once.</summary>
public sealed record AccountCode(AccountLine Account, string? Code);

/// <summary>A role for an organisation, dated.</summary>
public sealed record GrantLine(Guid Id, Guid AccountId, string Path, string Role, DateOnly FromOn, DateOnly? UntilOn,
    DateTimeOffset? WithdrawnAt)
{
    /// <summary>Whether it counts on a day.</summary>
    public bool Holds(DateOnly day) => WithdrawnAt is null && FromOn <= day && (UntilOn is null || day <= UntilOn);
}

/// <summary>A role lent to a deputy for a limited time.</summary>
public sealed record DelegationLine(Guid Id, Guid GrantId, Guid FromAccount, Guid ToAccount, string Path, string Role,
    DateOnly FromOn, DateOnly UntilOn, DateTimeOffset? WithdrawnAt);
