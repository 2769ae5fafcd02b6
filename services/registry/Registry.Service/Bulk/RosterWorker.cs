using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Platform.Hosting;
using Registry.Service.Persistence;

namespace Registry.Service.Bulk;

/// <summary>
/// Takes every load forward that does not rest, whoever began it: also those a process left behind when it died. A lock
/// in the database keeps a second replica away from the same load.
/// </summary>
internal sealed partial class RosterWorker(
    IServiceScopeFactory scopes, NpgsqlDataSource source, RegistryOptions options, TimeProvider clock,
    ILogger<RosterWorker> logger)
    : BackgroundService
{
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan SweepInterval = TimeSpan.FromHours(1);
    private readonly ConcurrentDictionary<Guid, Task> running = new();
    private readonly SemaphoreSlim awake = new(0);

    /// <summary>When expired dry runs were last looked for.</summary>
    internal DateTimeOffset SweptAt { get; private set; } = DateTimeOffset.MinValue;

    /// <summary>There is something to do; do not wait for the next look.</summary>
    public void Wake() => awake.Release();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await StartAsync(await OpenLoadsAsync(stoppingToken), stoppingToken);
                await SweepAsync(stoppingToken);
                await awake.WaitAsync(Idle, stoppingToken);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailed(logger, Guid.Empty, e.GetType().Name);
                await Task.Delay(Idle, stoppingToken);
            }
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await Task.WhenAll(running.Values);
    }

    private Task StartAsync(List<Guid> loads, CancellationToken ct)
    {
        foreach (var id in loads.Where(id => !running.ContainsKey(id)))
        {
            if (running.Count >= options.RosterLoadsMax) break;
            running[id] = Task.Run(() => RunAsync(id, ct), CancellationToken.None);
        }
        return Task.CompletedTask;
    }

    private async Task RunAsync(Guid id, CancellationToken ct)
    {
        try
        {
            await using var connection = await source.OpenConnectionAsync(ct);
            if (!await LockAsync(connection, "select pg_try_advisory_lock(hashtextextended($1, 5))", id, ct)) return;
            await using var scope = scopes.CreateAsyncScope();
            await scope.ServiceProvider.GetRequiredService<RosterJob>().RunAsync(id, ct);
            await LockAsync(connection, "select pg_advisory_unlock(hashtextextended($1, 5))", id, default);
        }
        catch (Exception e)
        {
            if (!ct.IsCancellationRequested)
            {
                LogFailed(logger, id, e.GetType().Name);
                await Task.Delay(Idle, ct).ContinueWith(_ => { }, TaskScheduler.Default);
            }
        }
        finally
        {
            running.TryRemove(id, out _);
        }
    }

    private static async Task<bool> LockAsync(NpgsqlConnection connection, string sql, Guid id, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(sql, connection) { Parameters = { new() { Value = $"{id}" } } };
        return await command.ExecuteScalarAsync(ct) is true;
    }

    private async Task<List<Guid>> OpenLoadsAsync(CancellationToken ct)
    {
        await using var scope = scopes.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<CallerContext>().Current = Caller.Service;
        var db = scope.ServiceProvider.GetRequiredService<RegistryDb>();
        return await db.Loads.AsNoTracking().Where(l => l.Status == LoadStatus.Checking
            || l.Status == LoadStatus.Comparing || l.Status == LoadStatus.Loading || l.Status == LoadStatus.Reporting
            || l.Status == LoadStatus.Undoing).OrderBy(l => l.Id).Select(l => l.Id).Take(100).ToListAsync(ct);
    }

    /// <summary>Once an hour: dry runs that rest and that nobody loaded go, with the file they staged.</summary>
    private async Task SweepAsync(CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        if (now - SweptAt < SweepInterval) return;
        await using var scope = scopes.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<CallerContext>().Current = Caller.Service;
        var db = scope.ServiceProvider.GetRequiredService<RegistryDb>();
        var before = now.AddDays(-options.DryRunDaysMax);
        var expired = await db.Loads.AsNoTracking().Where(l => l.DryRun && l.ChangedAt < before
            && (l.Status == LoadStatus.Checked || l.Status == LoadStatus.Refused)).Select(l => l.Id).ToListAsync(ct);
        foreach (var id in expired) await RosterJob.RemoveAsync(db, id, ct);
        SweptAt = now;
        if (expired.Count > 0) LogSwept(logger, expired.Count);
    }

    [LoggerMessage(2041, LogLevel.Information, "{Count} dry runs that nobody loaded were forgotten")]
    private static partial void LogSwept(ILogger logger, int count);

    [LoggerMessage(2040, LogLevel.Warning, "Load {LoadId} stopped and will be tried again: {ExceptionCode}")]
    private static partial void LogFailed(ILogger logger, Guid loadId, string exceptionCode);
}

/// <summary>What the work on rosters is made of.</summary>
internal static class RosterServices
{
    public static void AddRosterJobs(this IServiceCollection services)
    {
        services.AddScoped<RosterRegister>();
        services.AddScoped<RosterWrite>();
        services.AddScoped<RosterReport>();
        services.AddScoped<RosterRestore>();
        services.AddScoped<RosterUndo>();
        services.AddScoped<RosterJob>();
        services.AddSingleton<RosterWorker>();
        services.AddHostedService(s => s.GetRequiredService<RosterWorker>());
    }
}
