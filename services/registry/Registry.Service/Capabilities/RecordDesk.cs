using Microsoft.EntityFrameworkCore;
using Platform.Hosting;
using Registry.Organisations;
using Registry.Service.Persistence;

namespace Registry.Service.Capabilities;

/// <summary>Keeps and changes the small records that hang on an organisation: the one way for all of them.</summary>
internal sealed class RecordDesk(RegistryDb db, CallerContext context)
{
    /// <summary>The organisation a new record is for, once the caller may keep records there.</summary>
    /// <exception cref="ProblemException">ROLE_NOT_ALLOWED, OUT_OF_SCOPE, ORGANISATION_NOT_FOUND.</exception>
    public async Task<Organisation> ForAsync(Guid organisationId, string[] roles, CancellationToken ct)
    {
        context.Current.RequireRole(roles);
        var found = await db.Organisations.AsNoTracking().SingleOrDefaultAsync(o => o.Id == organisationId, ct)
            ?? throw new ProblemException(OrganisationDecider.NotFound);
        context.Current.Require(found.Path, roles);
        return found;
    }

    /// <summary>Keeps a new record; its id is the command's.</summary>
    public Task<T> KeepAsync<T>(CommandId command, string kind, Organisation organisation, T record, bool datesHold,
        Func<T, string> pathOf, CancellationToken ct) where T : class => db.CommitAsync(command.Value, command.Value,
        new Change<T, RecordEvent>(kind, existing => RecordDecider.Keep(existing, organisation, datesHold, record),
            RecordDecider.Evolve, pathOf, (_, _, _) => []), ct);

    /// <summary>Changes a record in the caller's part of the tree.</summary>
    public Task<T> ChangeAsync<T>(CommandId command, string kind, Guid id, string[] roles, Func<T, bool> open,
        Func<T, T> change, Func<T, bool> datesHold, Func<T, string> pathOf, string? reason, CancellationToken ct)
        where T : class => db.CommitAsync(command.Value, id, new Change<T, RecordEvent>(kind, existing =>
        {
            if (existing is null) context.Current.RequireRole(roles);
            else context.Current.Require(pathOf(existing), roles);
            return RecordDecider.Change(existing, open, change, datesHold);
        }, RecordDecider.Evolve, pathOf, (_, _, _) => []), ct, reason);
}
