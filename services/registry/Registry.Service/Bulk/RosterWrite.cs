using Microsoft.EntityFrameworkCore;
using Npgsql;
using Platform.Contracts.Registry.V1;
using Platform.Hosting;
using Registry.Organisations;
using Registry.Roster;
using Registry.Service.Capabilities;
using Registry.Service.Persistence;

namespace Registry.Service.Bulk;

/// <summary>Right rows become organisations, members and applications to leave, a chunk in a transaction.</summary>
internal sealed class RosterWrite(
    RegistryDb db, CallerContext context, TimeProvider clock, RosterRegister register, IServiceScopeFactory scopes)
{
    private const int TriesMax = 3;

    // One connection inserts more slowly than the steps before and after it go; two keep up with them.
    private const int InsertsMax = 2;

    public delegate RosterScan Opened(Dictionary<string, Organisation> known);

    public async Task RunAsync(RosterLoad load, Opened open, CancellationToken ct)
    {
        var known = await register.KnownAsync(load.Region, ct);
        using var scan = open(known);
        await OrganisationsAsync(load, scan, known, ct);
        var loadedTo = load.LoadedTo;
        // One chunk is read and judged, one is encrypted, others are inserted, one is sealed and committed.
        await foreach (var ready in scan.JudgedAsync(loadedTo, ct)
            .Select(async (rows, stop) => await PrepareAsync(load, rows, known, false, stop)).AheadAsync(ct)
            .AbreastAsync(InsertsMax, (chunk, stop) => InsertAsync(load, chunk, known, stop), ct))
        {
            await CommitAsync(load, ready, loadedTo, known, ct);
            loadedTo = ready.Rows[^1].Row.Number;
        }
        var ended = await RosterJob.FreshAsync(db, load.Id, LoadStatus.Loading, ct);
        (ended.Status, ended.ChangedAt) = (LoadStatus.Reporting, clock.GetUtcNow());
        await db.SaveChangesAsync(ct);
    }

    /// <summary>All in one transaction; doing it twice changes nothing the second time.</summary>
    private async Task OrganisationsAsync(
        RosterLoad load, RosterScan scan, Dictionary<string, Organisation> known, CancellationToken ct)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        var fresh = await RosterJob.FreshAsync(db, load.Id, LoadStatus.Loading, ct);
        // Read again: what was read before has lost the version that an amendment must name.
        foreach (var (key, organisation) in await register.KnownAsync(load.Region, ct)) known[key] = organisation;
        var founded = new List<Guid>(fresh.Founded);
        // The region's own top comes first: whatever names no superior hangs below it.
        foreach (var entry in scan.AcceptedOrganisations.OrderBy(o => o.Code != load.Region))
        {
            if (!known.ContainsKey(entry.Code)) founded.Add(Found(load, entry, known));
            else Amend(load, entry, known);
        }
        fresh.Founded = [.. founded];
        fresh.ChangedAt = clock.GetUtcNow();
        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
    }

    private Guid Found(RosterLoad load, OrganisationEntry entry, Dictionary<string, Organisation> known)
    {
        var parent = known.GetValueOrDefault(entry.Parent ?? load.Region);
        var organisation = new Organisation
        {
            Id = Guid.CreateVersion7(clock.GetUtcNow()),
            Code = entry.Code,
            Path = parent is null ? Regions.PathOf(load.Region) : $"{parent.Path}{entry.Code}/",
            ParentId = parent?.Id,
            Region = load.Region,
            Name = entry.Name,
            Type = entry.Type,
            Contact = entry.Contact?.Value ?? "",
            Phone = entry.Phone?.Value ?? "",
            FoundedOn = Today.In(clock),
        };
        context.Current.Require(organisation.Path, Access.LoadRosters);
        known[entry.Code] = db.Apply(load.Id, organisation.Id, null, Of(_ =>
            OrganisationDecider.Found(null, false, organisation, parent, OrganisationTypes.All)));
        return organisation.Id;
    }

    private void Amend(RosterLoad load, OrganisationEntry entry, Dictionary<string, Organisation> known)
    {
        var existing = known[entry.Code];
        context.Current.Require(existing.Path, Access.LoadRosters);
        known[entry.Code] = db.Apply(load.Id, existing.Id, existing, Of(o => OrganisationDecider.Amend(o, x => x with
        {
            Name = entry.Name,
            Type = entry.Type,
            Contact = entry.Contact?.Value ?? x.Contact,
            Phone = entry.Phone?.Value ?? x.Phone,
        }, OrganisationTypes.All, Today.In(clock))));
    }

    private static Change<Organisation, OrganisationEvent> Of(
        Func<Organisation?, Platform.Kernel.Decision<OrganisationEvent>> decide) => new("organisation", decide,
        OrganisationDecider.Evolve, o => o.Path,
        (_, after, e) => [new BusFact(new OrganisationChanged(after.Id, after.Path, e.GetType().Name))]);

    private async Task<RosterChunk> PrepareAsync(
        RosterLoad load, JudgedRow[] rows, Dictionary<string, Organisation> known, bool looksAgain,
        CancellationToken ct)
    {
        var scope = scopes.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<CallerContext>().Current = context.Current;
        var chunk = ActivatorUtilities.CreateInstance<RosterChunk>(scope.ServiceProvider, scope, rows);
        try
        {
            await chunk.PrepareAsync(load, known, looksAgain, ct);
            return chunk;
        }
        catch
        {
            await chunk.DisposeAsync();
            throw;
        }
    }

    /// <summary>Tries again when somebody registered one of these members between looking and writing.</summary>
    private async Task<RosterChunk> InsertAsync(
        RosterLoad load, RosterChunk chunk, Dictionary<string, Organisation> known, CancellationToken ct)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                await chunk.InsertAsync(ct);
                return chunk;
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.UniqueViolation && tries < TriesMax)
            {
                await chunk.DisposeAsync();
                chunk = await PrepareAsync(load, chunk.Rows, known, true, ct);
            }
            catch
            {
                await chunk.DisposeAsync();
                throw;
            }
        }
    }

    /// <summary>The same for members who are amended.</summary>
    private async Task CommitAsync(RosterLoad load, RosterChunk ready, int loadedTo,
        Dictionary<string, Organisation> known, CancellationToken ct)
    {
        for (var (tries, chunk) = (1, ready); ; tries++)
        {
            await using (chunk)
            {
                try
                {
                    await chunk.CommitAsync(load, loadedTo, ct);
                    return;
                }
                catch (DbUpdateException e) when (tries < TriesMax && e.InnerException is PostgresException
                { SqlState: PostgresErrorCodes.UniqueViolation })
                {
                }
            }
            chunk = await InsertAsync(load, await PrepareAsync(load, ready.Rows, known, true, ct), known, ct);
        }
    }
}
