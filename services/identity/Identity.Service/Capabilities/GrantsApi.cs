using Identity.Service.Persistence;
using Identity.Service.SignIn;
using Microsoft.EntityFrameworkCore;
using Platform.Hosting;

namespace Identity.Service.Capabilities;

/// <summary>Who holds which role for which organisation and until when. Source: R-172.</summary>
internal static class GrantsApi
{
    /// <summary>Most grants and delegations shown of one account or organisation.</summary>
    private const int ShownMax = 500;

    public sealed record GiveRequest(Guid AccountId, string Path, string Role, DateOnly? FromOn = null,
        DateOnly? UntilOn = null);

    public sealed record GrantReply(Guid Id, Guid AccountId, string Path, string Role, DateOnly FromOn,
        DateOnly? UntilOn, DateTimeOffset? WithdrawnAt);

    public static void MapGrants(this IEndpointRouteBuilder api)
    {
        var group = api.MapGroup("/grants").WithTags("grants");
        group.MapPost("", GiveAsync);
        group.MapGet("", ListAsync);
        group.MapGet("/mine", MineAsync);
        group.MapPost("/{id:guid}/withdraw", WithdrawAsync);
    }

    private static async Task<GrantReply> GiveAsync(GiveRequest body, CommandId command, IdentityDb db,
        CallerContext context, HeldRoles beyond, TimeProvider clock, CancellationToken ct)
    {
        var caller = context.Current;
        var input = new Input();
        var path = input.Path(body.Path, "path");
        input.ThrowIfAny();
        caller.Require(path, Access.GrantRoles);
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        var account = await LockAsync(db, body.AccountId, ct);
        caller.Require(account.Path, Access.GrantRoles);
        var held = await beyond.OfAsync(account.Id, ct);
        var grant = new Grant
        {
            Id = command.Value,
            AccountId = account.Id,
            Path = path,
            Role = body.Role,
            FromOn = body.FromOn ?? Today.In(clock),
            UntilOn = body.UntilOn,
        };
        var given = await db.CommitAsync(command.Value, grant.Id,
            AccountChange.OfGrant(g => GrantDecider.Give(g, grant, account, held, caller.Subject)), ct);
        await transaction.CommitAsync(ct);
        return ReplyOf(given);
    }

    private static async Task<GrantReply> WithdrawAsync(Guid id, AccountsApi.ReasonRequest body, CommandId command,
        IdentityDb db, CallerContext context, TimeProvider clock, CancellationToken ct)
    {
        var (caller, reason) = (context.Current, AccountsApi.ReasonOf(body.Reason));
        caller.RequireRole(Access.GrantRoles);
        var grant = await db.Grants.SingleOrDefaultAsync(g => g.Id == id, ct)
            ?? throw new ProblemException(GrantDecider.NotFound);
        caller.Require(grant.Path, Access.GrantRoles);
        return ReplyOf(await db.CommitAsync(command.Value, id,
            AccountChange.OfGrant(g => GrantDecider.Withdraw(g, clock.GetUtcNow())), ct, reason));
    }

    /// <summary>Of one account or of one organisation, newest first.</summary>
    private static async Task<IReadOnlyList<GrantReply>> ListAsync(Guid? accountId, string? path, IdentityDb db,
        CallerContext context, CancellationToken ct)
    {
        var caller = context.Current;
        caller.RequireRole(Access.SeeAccounts);
        var scope = caller.Scope;
        var rows = db.Grants.AsNoTracking()
            .Where(g => string.Compare(g.Path, scope) >= 0 && string.Compare(g.Path, scope + "~") < 0);
        if (accountId is not null) rows = rows.Where(g => g.AccountId == accountId);
        if (!string.IsNullOrEmpty(path)) rows = rows.Where(g => g.Path == path);
        return [.. (await rows.OrderByDescending(g => g.Id).Take(ShownMax).ToListAsync(ct)).Select(ReplyOf)];
    }

    /// <summary>The caller's own, ended ones included.</summary>
    private static async Task<IReadOnlyList<GrantReply>> MineAsync(IdentityDb db, CallerContext context,
        CancellationToken ct)
    {
        var subject = context.Current.Subject;
        return [.. (await db.Grants.AsNoTracking().Where(g => g.AccountId == subject).OrderByDescending(g => g.Id)
            .Take(ShownMax).ToListAsync(ct)).Select(ReplyOf)];
    }

    /// <summary>The account, held until the transaction ends: what it may hold is decided by one at a time.</summary>
    internal static async Task<Account> LockAsync(IdentityDb db, Guid id, CancellationToken ct) =>
        await db.Accounts.FromSql($"select *, xmin from account where id = {id} for update").SingleOrDefaultAsync(ct)
        ?? throw new ProblemException(AccountDecider.NotFound);

    private static GrantReply ReplyOf(Grant g) =>
        new(g.Id, g.AccountId, g.Path, g.Role, g.FromOn, g.UntilOn, g.WithdrawnAt);
}
