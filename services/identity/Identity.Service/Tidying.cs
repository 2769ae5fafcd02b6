using Identity.Service.Persistence;
using Identity.Service.SignIn;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using OpenIddict.Abstractions;
using Platform.Hosting;

namespace Identity.Service;

/// <summary>Every hour forgets what has no effect any more: wrong answers, spent tokens, ended sessions.</summary>
internal sealed partial class Tidying(IServiceScopeFactory scopes, AttemptBook attempts, TimeProvider clock,
    ILogger<Tidying> logger) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromHours(1), Kept = TimeSpan.FromDays(7);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(Pause, clock, stoppingToken);
            try
            {
                await RunAsync(stoppingToken);
            }
            catch (Exception e) when (e is NpgsqlException or DbUpdateException or InvalidOperationException)
            {
                LogFailed(logger, e.GetType().Name);
            }
        }
    }

    public async Task RunAsync(CancellationToken ct)
    {
        var before = clock.GetUtcNow() - Kept;
        await attempts.ForgetAsync(ct);
        await using var scope = scopes.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<CallerContext>().Current = Caller.Service;
        var db = scope.ServiceProvider.GetRequiredService<IdentityDb>();
        await db.Sessions.Where(s => s.StartedAt < before).ExecuteDeleteAsync(ct);
        await scope.ServiceProvider.GetRequiredService<IOpenIddictTokenManager>().PruneAsync(before, ct);
        await scope.ServiceProvider.GetRequiredService<IOpenIddictAuthorizationManager>().PruneAsync(before, ct);
    }

    [LoggerMessage(2701, LogLevel.Warning, "Tidying failed now: {ExceptionCode}")]
    private static partial void LogFailed(ILogger logger, string exceptionCode);
}
