using System.Diagnostics;
using Grpc.Core;
using Microsoft.EntityFrameworkCore;
using Platform.Hosting;
using Platform.Kernel;
using Registry.Service.Persistence;
using X1 = Platform.Contracts.Exchange.V1;

namespace Registry.Service.Capabilities;

/// <summary>
/// Reads what arrived from other regions and applies each message once: the effect and the position read so far are
/// saved in one transaction, also when several replicas read at once. What cannot be applied is refused with a code
/// and never blocks what follows. Source: P2.
/// </summary>
internal sealed partial class Arrivals(IServiceScopeFactory scopes, X1.ExchangeService.ExchangeServiceClient exchange,
    ILogger<Arrivals> logger) : BackgroundService
{
    private const string Consumer = "registry";
    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await ReadAsync(stoppingToken);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                LogInterrupted(logger, e.GetType().Name);
                await Task.Delay(AfterFailure, stoppingToken);
            }
        }
    }

    private async Task ReadAsync(CancellationToken ct)
    {
        await TellAsync(ct); // what a process refused that died before it could say so
        var after = await InScopeAsync(async (db, _) => await db.Database
            .SqlQuery<long>($"select position as \"Value\" from arrival_cursor where consumer = {Consumer}")
            .SingleOrDefaultAsync(ct));
        using var call = exchange.Arrivals(new()
        {
            Consumer = Consumer,
            TypePrefix = "platform.registry.",
            AfterPosition = after,
        }, cancellationToken: ct);
        await foreach (var arrival in call.ResponseStream.ReadAllAsync(ct)) await ApplyAsync(arrival, ct);
    }

    private async Task ApplyAsync(X1.Arrival arrival, CancellationToken ct)
    {
        using var activity = ActivityOf(arrival);
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await InScopeAsync(async (db, apply) =>
                {
                    await using var transaction = await db.Database.BeginTransactionAsync(ct);
                    // First, so that of several replicas one applies the message while the others wait, then pass on.
                    if (!await MoveCursorAsync(db, arrival.Position, ct)) return false;
                    await apply.RunAsync(arrival, ct);
                    await transaction.CommitAsync(ct);
                    return true;
                });
                return;
            }
            catch (Exception e) when (ProblemMap.Of(e) is { Kind: ProblemKind.Conflict } && attempt < 10)
            {
                // A clerk changed the same card at the same moment; the message is applied to what stands now.
            }
            catch (Exception e) when (ProblemMap.Of(e) is { Kind: not ProblemKind.Unavailable } problem)
            {
                await RefuseAsync(arrival, problem, ct);
                return;
            }
        }
    }

    /// <summary>
    /// Kept with the position, told afterwards: a message is never refused to its sender and applied here all the same.
    /// </summary>
    private async Task RefuseAsync(X1.Arrival arrival, Problem problem, CancellationToken ct)
    {
        LogRefused(logger, arrival.MessageId, problem.Code);
        await InScopeAsync(async (db, _) =>
        {
            await using var transaction = await db.Database.BeginTransactionAsync(ct);
            if (!await MoveCursorAsync(db, arrival.Position, ct)) return false;
            await db.Database.ExecuteSqlAsync($"""
                insert into arrival_refusal (message_id, code, detail)
                values ({arrival.MessageId}, {problem.Code}, {problem.Detail}) on conflict do nothing
                """, ct);
            await transaction.CommitAsync(ct);
            return true;
        });
        await TellAsync(ct);
    }

    private Task TellAsync(CancellationToken ct) => InScopeAsync(async (db, _) =>
    {
        var refusals = await db.Database
            .SqlQuery<Refusal>($"select message_id, code, detail from arrival_refusal order by message_id")
            .ToListAsync(ct);
        foreach (var refusal in refusals)
        {
            await exchange.SettleAsync(new()
            {
                MessageId = refusal.MessageId,
                Outcome = X1.SettleOutcome.Refused,
                Code = refusal.Code,
                Detail = refusal.Detail,
            }, cancellationToken: ct);
            await db.Database.ExecuteSqlAsync(
                $"delete from arrival_refusal where message_id = {refusal.MessageId}", ct);
        }
        return refusals.Count;
    });

    /// <summary>False when a replica of this service has read on past the position; it never goes back.</summary>
    private static async Task<bool> MoveCursorAsync(RegistryDb db, long position, CancellationToken ct) =>
        await db.Database.ExecuteSqlAsync($"""
            insert into arrival_cursor (consumer, position) values ({Consumer}, {position})
            on conflict (consumer) do update set position = excluded.position
            where arrival_cursor.position < excluded.position
            """, ct) > 0;

    private async Task<T> InScopeAsync<T>(Func<RegistryDb, ApplyArrival, Task<T>> run)
    {
        await using var scope = scopes.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<CallerContext>().Current = Caller.Service;
        return await run(scope.ServiceProvider.GetRequiredService<RegistryDb>(),
            scope.ServiceProvider.GetRequiredService<ApplyArrival>());
    }

    private static Activity? ActivityOf(X1.Arrival arrival)
    {
        _ = ActivityContext.TryParse(arrival.TraceParent, null, isRemote: true, out var parent);
        return RegistryTelemetry.Source.StartActivity("registry apply", ActivityKind.Consumer, parent);
    }

    private sealed record Refusal(string MessageId, string Code, string Detail);

    [LoggerMessage(2100, LogLevel.Warning, "Reading arrivals was interrupted: {ExceptionCode}")]
    private static partial void LogInterrupted(ILogger logger, string exceptionCode);

    [LoggerMessage(2101, LogLevel.Warning, "Message {MessageCode} refused: {Code}")]
    private static partial void LogRefused(ILogger logger, string messageCode, string code);
}
