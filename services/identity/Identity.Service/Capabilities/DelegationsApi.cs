using Identity.Service.Persistence;
using Identity.Service.SignIn;
using Microsoft.EntityFrameworkCore;
using Platform.Hosting;

namespace Identity.Service.Capabilities;

/// <summary>"For and on behalf of" (代): the holder of a grant names a deputy for a limited time.</summary>
internal static class DelegationsApi
{
    private const int ShownMax = 500;

    /// <param name="Deputy">User name of the deputy.</param>
    public sealed record DelegateRequest(string Deputy, DateOnly UntilOn, string Reason, DateOnly? FromOn = null);

    public sealed record DelegationReply(Guid Id, Guid GrantId, Guid FromAccount, Guid ToAccount, string Path,
        string Role, DateOnly FromOn, DateOnly UntilOn, DateTimeOffset? WithdrawnAt);

    public static void MapDelegations(this IEndpointRouteBuilder api)
    {
        var group = api.MapGroup("/grants").WithTags("grants");
        group.MapPost("/{id:guid}/delegations", GiveAsync);
        group.MapGet("/delegations", ListAsync);
        group.MapPost("/delegations/{id:guid}/withdraw", WithdrawAsync);
    }

    private static async Task<DelegationReply> GiveAsync(Guid id, DelegateRequest body, CommandId command,
        IdentityDb db, CallerContext context, HeldRoles beyond, TimeProvider clock, CancellationToken ct)
    {
        var caller = context.Current;
        var reason = AccountsApi.ReasonOf(body.Reason);
        // A deputy does not pass on what is not its own, whatever the account holds besides.
        if (caller.OnBehalfOf is not null) throw new ProblemException(ProblemMap.RoleNotAllowed);
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        var grant = await db.Grants.SingleOrDefaultAsync(g => g.Id == id, ct);
        var name = body.Deputy.Trim().ToLowerInvariant();
        var found = await db.Accounts.AsNoTracking().SingleOrDefaultAsync(a => a.UserName == name, ct);
        var deputy = found is null ? null : await GrantsApi.LockAsync(db, found.Id, ct);
        var held = deputy is null ? [] : await beyond.OfAsync(deputy.Id, ct);
        var today = Today.In(clock);
        var delegation = new Delegation
        {
            Id = command.Value,
            GrantId = id,
            FromAccount = caller.Subject,
            ToAccount = deputy?.Id ?? Guid.Empty,
            Path = grant?.Path ?? "",
            Role = grant?.Role ?? "",
            FromOn = body.FromOn ?? today,
            UntilOn = body.UntilOn,
        };
        var given = await db.CommitAsync(command.Value, delegation.Id, AccountChange.OfDelegation(
            d => DelegationDecider.Give(d, delegation, grant, deputy, held, today)), ct, reason);
        await transaction.CommitAsync(ct);
        return ReplyOf(given);
    }

    /// <summary>By the holder of the grant, by the deputy, or by a security administrator.</summary>
    private static async Task<DelegationReply> WithdrawAsync(Guid id, AccountsApi.ReasonRequest body,
        CommandId command, IdentityDb db, CallerContext context, TimeProvider clock, CancellationToken ct)
    {
        var (caller, reason) = (context.Current, AccountsApi.ReasonOf(body.Reason));
        var delegation = await db.Delegations.SingleOrDefaultAsync(d => d.Id == id, ct)
            ?? throw new ProblemException(DelegationDecider.NotFound);
        if (delegation.FromAccount != caller.Subject && delegation.ToAccount != caller.Subject)
            caller.Require(delegation.Path, Access.GrantRoles);
        return ReplyOf(await db.CommitAsync(command.Value, id,
            AccountChange.OfDelegation(d => DelegationDecider.Withdraw(d, clock.GetUtcNow())), ct, reason));
    }

    /// <summary>The caller's own, given and received, newest first; security administrators and auditors see
    /// all of their part of the tree.</summary>
    private static async Task<IReadOnlyList<DelegationReply>> ListAsync(IdentityDb db, CallerContext context,
        CancellationToken ct)
    {
        var caller = context.Current;
        var (me, scope) = (caller.Subject, caller.Scope);
        var all = caller.Roles.Overlaps([Roles.SecurityAdministrator, Roles.Auditor]);
        var rows = db.Delegations.AsNoTracking().Where(d => d.FromAccount == me || d.ToAccount == me
            || (all && string.Compare(d.Path, scope) >= 0 && string.Compare(d.Path, scope + "~") < 0));
        return [.. (await rows.OrderByDescending(d => d.Id).Take(ShownMax).ToListAsync(ct)).Select(ReplyOf)];
    }

    private static DelegationReply ReplyOf(Delegation d) => new(d.Id, d.GrantId, d.FromAccount, d.ToAccount, d.Path,
        d.Role, d.FromOn, d.UntilOn, d.WithdrawnAt);
}
