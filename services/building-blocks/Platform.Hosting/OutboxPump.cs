using System.Diagnostics;
using System.Text.Json;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Platform.Hosting;

/// <summary>
/// Empties one lane of the outbox, oldest first, at least once. One pump per lane and database holds an advisory lock,
/// so that replicas keep the order; what it hands over is deleted in the same transaction that holds the lock.
/// </summary>
public abstract partial class OutboxPump<TDb>(IServiceScopeFactory scopes, string lane, TimeProvider clock,
    ILogger logger) : BackgroundService where TDb : PlatformDb
{
    private const int BatchCount = 500;
    private static readonly TimeSpan Idle = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(1);

    // A broker killed at the wrong moment never confirms; handing over again is harmless, waiting for ever is not.
    private static readonly TimeSpan SendMax = TimeSpan.FromSeconds(30);

    /// <summary>Hands rows over in order; returns only when the other side has them for good.</summary>
    protected abstract Task SendAsync(IReadOnlyList<OutboxRow> rows, FieldCipher cipher, CancellationToken ct);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (await PumpAsync(stoppingToken) < BatchCount) await Task.Delay(Idle, stoppingToken);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailed(logger, lane, e.GetType().Name);
                await Task.Delay(AfterFailure, stoppingToken);
            }
        }
    }

    private async Task<int> PumpAsync(CancellationToken ct)
    {
        await using var scope = scopes.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<CallerContext>().Current = Caller.Service;
        var db = scope.ServiceProvider.GetRequiredService<TDb>();
        var cipher = scope.ServiceProvider.GetRequiredService<FieldCipher>();
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        var key = $"outbox:{lane}";
        var mine = await db.Database
            .SqlQuery<bool>($"select pg_try_advisory_xact_lock(hashtext({key})) as \"Value\"").SingleAsync(ct);
        if (!mine) return 0;
        var rows = await db.Set<OutboxRow>().AsNoTracking()
            .Where(r => r.Lane == lane).OrderBy(r => r.Id).Take(BatchCount).ToListAsync(ct);
        if (rows.Count == 0) return 0;
        using var limit = new CancellationTokenSource(SendMax, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, limit.Token);
        // Cancelled as well as left: what waits for a broker must not be handed over again and again when it is back.
        await SendAsync(rows, cipher, either.Token).WaitAsync(either.Token);
        var ids = rows.Select(r => r.Id).ToArray();
        await db.Database.ExecuteSqlAsync($"delete from outbox where id = any({ids})", ct);
        await transaction.CommitAsync(ct);
        return rows.Count;
    }

    [LoggerMessage(1010, LogLevel.Warning, "Outbox lane {LaneCode} could not be emptied now: {ExceptionCode}")]
    private static partial void LogFailed(ILogger logger, string laneCode, string exceptionCode);
}

/// <summary>Publishes the bus lane through MassTransit; the row's message id is the bus message id.</summary>
public sealed class BusPump<TDb>(IServiceScopeFactory scopes, IBus bus, BusFacts facts, TimeProvider clock,
    ILogger<BusPump<TDb>> logger) : OutboxPump<TDb>(scopes, "bus", clock, logger) where TDb : PlatformDb
{
    protected override Task SendAsync(IReadOnlyList<OutboxRow> rows, FieldCipher cipher, CancellationToken ct) =>
        Task.WhenAll(rows.Select(row =>
        {
            var type = facts.Resolve(row.Type);
            var fact = JsonSerializer.Deserialize(cipher.Decrypt(row.Body, "outbox"), type, JsonSerializerOptions.Web)
                ?? throw new UnreachableException($"{row.Type} was saved as null.");
            return bus.Publish(fact, type, Pipe.Execute<PublishContext>(c => c.MessageId = row.MessageId), ct);
        }));
}

/// <summary>The facts one service may publish: an explicit list, no scanning of loaded assemblies.</summary>
public sealed class BusFacts(params Type[] types)
{
    private readonly Dictionary<string, Type> _byName = types.ToDictionary(t => t.FullName!);

    /// <summary>The type behind a stored name.</summary>
    public Type Resolve(string name) => _byName[name];
}
