using System.Collections.Immutable;
using Identity.Service.Persistence;
using Microsoft.EntityFrameworkCore;

namespace Identity.Service.SignIn;

/// <summary>For which offices an account may sign in today.</summary>
internal sealed class Offices(IdentityDb db, TimeProvider clock)
{
    public async Task<ImmutableArray<Office>> OfAsync(Account account, CancellationToken ct)
    {
        var delegations = await db.Delegations.AsNoTracking()
            .Where(d => d.ToAccount == account.Id && d.WithdrawnAt == null).ToListAsync(ct);
        var lent = delegations.Select(d => d.GrantId).ToList();
        var grants = await db.Grants.AsNoTracking()
            .Where(g => (g.AccountId == account.Id || lent.Contains(g.Id)) && g.WithdrawnAt == null)
            .ToListAsync(ct);
        var offices = Office.Of(account, grants, delegations, Today.In(clock));
        // Nobody acts for somebody whose own account is closed or set back.
        var principals = offices.Select(o => o.OnBehalfOf).OfType<Guid>().ToList();
        var active = await db.Accounts.Where(a => principals.Contains(a.Id) && a.Status == AccountStatus.Active)
            .Select(a => a.Id).ToListAsync(ct);
        return [.. offices.Where(o => o.OnBehalfOf is not { } id || active.Contains(id))];
    }

    /// <summary>The chosen office while it lasts; null when it ended.</summary>
    public async Task<Office?> FindAsync(Account account, string key, CancellationToken ct) =>
        (await OfAsync(account, ct)).FirstOrDefault(o => o.Key == key);

    /// <summary>Name of whom a deputy stands for, with the office; null for oneself.</summary>
    public async Task<string?> OnBehalfOfAsync(Office office, CancellationToken ct) => office.OnBehalfOf is not { } id
        ? null : $"{(await db.Accounts.SingleAsync(a => a.Id == id, ct)).Name} {office.Path}";
}
