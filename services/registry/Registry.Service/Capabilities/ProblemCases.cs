using Microsoft.EntityFrameworkCore;
using Platform.Hosting;
using Registry.Mobility;
using Registry.Service.Persistence;

namespace Registry.Service.Capabilities;

/// <summary>
/// Hidden, pocket and homeless members, those outside both organisations and those managed on paper only: found from
/// the cards on the day somebody asks. Source: M-088.
/// </summary>
internal static class ProblemCases
{
    private const int LookedAtMax = 2_000;

    /// <param name="CardId">Of the side named.</param>
    /// <param name="Case">Opens the case.</param>
    public sealed record ProblemLine(Guid CardId, Guid CaseId, Side Side, string Name, string HomeRegion,
        string HostRegion, ProblemState State, string Reason, string ReasonZh, string Case);

    public static void MapProblemCases(this IEndpointRouteBuilder api) =>
        api.MapGet("/problem-cases", RunAsync).WithTags("cases");

    /// <summary>By card. A page may hold fewer lines than asked for and still have a next one: so many cards are looked
    /// at for one page, and what is in order gives no line.</summary>
    private static async Task<Page<ProblemLine>> RunAsync(string? state, Guid? after, int? size, RegistryDb db,
        CallerContext context, TimeProvider clock, RegistryOptions options, CancellationToken ct)
    {
        context.Current.RequireRole(Access.SeeCases);
        var input = new Input();
        var only = input.Word<ProblemState>(state, "state");
        input.ThrowIfAny();
        var (take, today, scope) = (Paging.Size(size, options), Today.In(clock), context.Current.Scope);
        var terms = new ProblemTerms(options.OneSidedDaysMax, options.SilentDaysMax);
        var (lines, last, end) = (new List<(ProblemLine Line, string Path)>(), after ?? Guid.Empty, scope + "~");
        var home = await db.OutboundCards.AsNoTracking().Where(c => c.Id > last
            && string.Compare(c.HomePath, scope) >= 0 && string.Compare(c.HomePath, end) < 0)
            .OrderBy(c => c.Id).Take(LookedAtMax).ToListAsync(ct);
        var host = await db.InboundCards.AsNoTracking().Where(c => c.Id > last
            && string.Compare(c.HostPath, scope) >= 0 && string.Compare(c.HostPath, end) < 0)
            .OrderBy(c => c.Id).Take(LookedAtMax).ToListAsync(ct);
        // What lies beyond the shorter look is left for the next page.
        Guid[] full = [.. new[] { home.Select(c => c.Id), host.Select(c => c.Id) }
            .Where(ids => ids.Count() == LookedAtMax).Select(ids => ids.Last())];
        Guid? bound = full.Length == 0 ? null : full.Min();
        lines.AddRange(home.Select(c => (c, ProblemStates.Of(c, Today.Of(c.Since), terms, today)))
            .Where(x => x.Item2 is not null).Select(x => (Line(x.c, x.Item2!), x.c.HomePath)));
        lines.AddRange(host.Select(c => (c, ProblemStates.Of(c, Today.Of(c.Since), terms, today)))
            .Where(x => x.Item2 is not null).Select(x => (Line(x.c, x.Item2!), x.c.HostPath)));
        var shown = lines.Where(l => (only is null || l.Line.State == only)
            && (bound is null || l.Line.CardId <= bound)).OrderBy(l => l.Line.CardId).Take(take).ToList();
        foreach (var (line, path) in shown)
            db.RecordRead(line.Side == Side.Home ? "outbound-card" : "inbound-card", line.CardId, path, "ListShown");
        await db.SaveReadsAsync(ct);
        return new([.. shown.Select(l => l.Line)],
            shown.Count == take ? $"{shown[^1].Line.CardId}" : bound?.ToString());
    }

    private static ProblemLine Line(OutboundCard c, ProblemFinding f) => new(c.Id, c.Id, Side.Home, c.Facts.Name,
        c.HomeRegion, c.HostRegion, f.State, f.En, f.Zh, $"/api/v1/cases/{c.Id}");

    private static ProblemLine Line(InboundCard c, ProblemFinding f) => new(c.Id, c.CaseId, Side.Host, c.Facts.Name,
        c.HomeRegion, c.HostRegion, f.State, f.En, f.Zh, $"/api/v1/cases/{c.CaseId}");
}
