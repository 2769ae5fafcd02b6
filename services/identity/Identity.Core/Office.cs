using System.Collections.Immutable;

namespace Identity;

/// <summary>In which capacity somebody works (身份): one organisation and its roles. A token is for one.</summary>
/// <param name="Key">Names it among the offices of one account: <c>member</c>, <c>own:PATH</c>,
/// <c>deputy:ID</c>.</param>
/// <param name="Path">Organisation path.</param>
/// <param name="Roles">In alphabetical order, at least one.</param>
/// <param name="MemberId">Set for a member's own record.</param>
/// <param name="OnBehalfOf">Account of whom the deputy stands for; null when for oneself.</param>
public sealed record Office(
    string Key, string Path, ImmutableArray<string> Roles, Guid? MemberId = null, Guid? OnBehalfOf = null)
{
    /// <summary>What an account may sign in for on a day: its own organisations by path, then whom it stands
    /// for.</summary>
    /// <param name="grants">Grants of the account and grants delegated to it.</param>
    /// <param name="delegations">Delegations to the account.</param>
    public static ImmutableArray<Office> Of(
        Account account, IReadOnlyList<Grant> grants, IReadOnlyList<Delegation> delegations, DateOnly day)
    {
        ArgumentNullException.ThrowIfNull(account);
        if (account.Status != AccountStatus.Active) return [];
        var inForce = grants.Where(g => g.InForceOn(day)).ToDictionary(g => g.Id);
        var own = inForce.Values.Where(g => g.AccountId == account.Id).GroupBy(g => g.Path)
            .OrderBy(g => g.Key, StringComparer.Ordinal)
            .Select(g => new Office($"own:{g.Key}", g.Key,
                [.. g.Select(x => x.Role).Distinct().Order(StringComparer.Ordinal)]));
        var deputy = delegations
            .Where(d => d.ToAccount == account.Id && d.InForceOn(day) && inForce.ContainsKey(d.GrantId))
            .OrderBy(d => d.Path, StringComparer.Ordinal).ThenBy(d => d.Id)
            .Select(d => new Office($"deputy:{d.Id}", d.Path, [d.Role], null, d.FromAccount));
        var member = account.MemberId is { } id
            ? new[] { new Office("member", account.Path, [RoleNames.Member], id) } : [];
        return [.. own, .. deputy, .. member];
    }
}
