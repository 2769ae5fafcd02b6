using Microsoft.EntityFrameworkCore;
using Platform.Hosting;
using Registry.Service.Persistence;
using Registry.Service.Reference;

namespace Registry.Service.Capabilities;

/// <summary>
/// Scores in the background what nobody has looked at yet; rests while a roster is loaded, whose archives change all
/// the time. Source: M-073.
/// </summary>
internal sealed partial class QualityWorker(
    IServiceScopeFactory scopes, RegistryOptions options, TimeProvider clock, ILogger<QualityWorker> logger)
    : BackgroundService
{
    private bool _versionSeen;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var scored = 0;
            try
            {
                scored = await RunAsync(stoppingToken);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailed(logger, e.GetType().Name);
            }
            if (scored == 0) await Task.Delay(options.QualityPause, clock, stoppingToken);
        }
    }

    private async Task<int> RunAsync(CancellationToken ct)
    {
        await using var scope = scopes.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<CallerContext>().Current = Caller.Service;
        var db = scope.ServiceProvider.GetRequiredService<RegistryDb>();
        if (await db.Loads.AnyAsync(l => l.Status == LoadStatus.Checking || l.Status == LoadStatus.Comparing
            || l.Status == LoadStatus.Loading || l.Status == LoadStatus.Undoing, ct)) return 0;
        if (!_versionSeen) await OtherRulesAsync(db, ct);
        _versionSeen = true;
        return await BranchScores.TakeAsync(db, null, PeopleLimits.QualityBranchesMax, Today.In(clock), ct);
    }

    // Branches never scored, or by other rules than today's.
    private static Task<int> OtherRulesAsync(RegistryDb db, CancellationToken ct) => db.Database.ExecuteSqlAsync($"""
        insert into quality_due (branch_id)
        select o.id from organisation o left join branch_quality q on q.branch_id = o.id
        where (q.branch_id is null or q.rules <> {ReferenceData.Quality.Version})
            and exists (select from member m where m.branch_id = o.id)
            and not exists (select from quality_due d where d.branch_id = o.id)
        """, ct);

    [LoggerMessage(2042, LogLevel.Warning, "Archives were not scored and will be tried again: {ExceptionCode}")]
    private static partial void LogFailed(ILogger logger, string exceptionCode);
}
