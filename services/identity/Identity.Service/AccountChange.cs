using Platform.Hosting;
using Platform.Kernel;

namespace Identity.Service;

/// <summary>How the three aggregates are loaded and changed; nobody else is told.</summary>
internal static class AccountChange
{
    public static Change<Account, AccountEvent> Of(Func<Account?, Decision<AccountEvent>> decide) =>
        new("account", decide, AccountDecider.Evolve, a => a.Path, (_, _, _) => []);

    public static Change<Grant, GrantEvent> OfGrant(Func<Grant?, Decision<GrantEvent>> decide) =>
        new("grant", decide, GrantDecider.Evolve, g => g.Path, (_, _, _) => []);

    public static Change<Delegation, DelegationEvent> OfDelegation(
        Func<Delegation?, Decision<DelegationEvent>> decide) =>
        new("delegation", decide, DelegationDecider.Evolve, d => d.Path, (_, _, _) => []);
}
