using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Microsoft.EntityFrameworkCore;
using Platform.Hosting;
using Platform.Kernel;

namespace Exchange.Service.Capabilities;

/// <summary>The desk of refused messages, for operators: look, try again, dismiss; every act has a reason on
/// record.</summary>
internal static class DeskEndpoints
{
    private const int PageMax = 200;

    /// <param name="CommandId">UUID made by the caller; the same id is carried out once.</param>
    /// <param name="Reason">Why; 3 to 500 characters; stays in the trail.</param>
    public sealed record DeskCommand(Guid CommandId, [property: StringLength(500, MinimumLength = 3)] string Reason);

    public static void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/v1/exchange/desk").WithTags("exchange");
        group.MapGet("", ListAsync).WithSummary("Refused messages, newest first");
        group.MapPost("{id:guid}/retry", RetryAsync).WithSummary("Try a refused message again");
        group.MapPost("{id:guid}/dismissal", DismissAsync).WithSummary("Close a refused message with a reason");
    }

    private static async Task<IResult> ListAsync(ExchangeDb db, CancellationToken ct,
        [Description("open (default), retried, dismissed")] DeskStatus status = DeskStatus.Open,
        [Description("Items older than this one")] Guid? before = null, int limit = 50)
    {
        db.Caller.RequireRole(Roles.Operator, Roles.Auditor);
        var size = Math.Clamp(limit, 1, PageMax);
        var items = await db.Desk.AsNoTracking().Where(d => d.Status == status && (before == null || d.Id < before))
            .OrderByDescending(d => d.Id).Take(size).ToListAsync(ct);
        return Results.Ok(new { items, next = items.Count == size ? items[^1].Id : (Guid?)null });
    }

    private static Task<IResult> RetryAsync(
        Guid id, DeskCommand command, ExchangeDb db, Signals signals, TimeProvider clock, CancellationToken ct) =>
        ActAsync(id, command, db, async item =>
        {
            var possible = await AgainAsync(db, item, ct);
            signals.Outgoing.Set();
            signals.Delivered.Set();
            return DeskDecider.Retry(item, possible, clock.GetUtcNow());
        }, ct);

    private static Task<IResult> DismissAsync(
        Guid id, DeskCommand command, ExchangeDb db, TimeProvider clock, CancellationToken ct) =>
        ActAsync(id, command, db, item => Task.FromResult(DeskDecider.Dismiss(item, clock.GetUtcNow())), ct);

    private static async Task<IResult> ActAsync(
        Guid id, DeskCommand command, ExchangeDb db, Func<DeskItem, Task<Decision<DeskEvent>>> decide,
            CancellationToken ct)
    {
        db.Caller.RequireRole(Roles.Operator);
        if (command.Reason.Trim().Length is < 3 or > 500) throw new ProblemException(ReasonMissing);
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        var item = await db.Desk.AsNoTracking().SingleOrDefaultAsync(d => d.Id == id, ct)
            ?? throw new ProblemException(
                new(ProblemKind.NotFound, "EXCHANGE_DESK_ITEM_NOT_FOUND", $"No item {id}.", "没有该事项。"));
        var repeated = await db.Set<AppliedCommand>().AnyAsync(c => c.Id == command.CommandId, ct);
        var decision = repeated ? default : await decide(item);
        var change = new Change<DeskItem, DeskEvent>("desk-item", _ => decision, DeskDecider.Evolve, _ => db.Caller.Org,
            (_, _, _) => []);
        var after = await db.CommitAsync(command.CommandId, id, change, ct, command.Reason);
        await transaction.CommitAsync(ct);
        return Results.Ok(after);
    }

    /// <summary>A message refused over there waits again for a place; one refused by a service here gets a new
    /// position.</summary>
    private static async Task<bool> AgainAsync(ExchangeDb db, DeskItem item, CancellationToken ct)
    {
        if (item.MessageId is not { } id || item.Status != DeskStatus.Open) return false;
        if (item.Side == "outgoing")
        {
            return await db.Database.ExecuteSqlAsync($"""
                update outgoing_message set state = 'pending', to_node = null, sequence = null
                where message_id = {id} and state = 'refused'
                """, ct) > 0;
        }
        return await db.Database.ExecuteSqlAsync($"""
            with place as (update delivery_counter set position = position + 1
                where exists (select from incoming_ledger where message_id = {id} and settled = 'refused') returning
                    position)
            update incoming_ledger set settled = null, settled_code = null, settled_at = null, position = place.position
            from place where message_id = {id} and settled = 'refused'
            """, ct) > 0;
    }

    internal static Problem ReasonMissing { get; } = new(ProblemKind.Invalid, "REASON_MISSING",
        "Give a reason of 3 to 500 characters.", "请填写 3 至 500 字的理由。");
}
