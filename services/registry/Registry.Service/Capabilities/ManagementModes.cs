using Microsoft.EntityFrameworkCore;
using Platform.Hosting;
using Registry.Organisations;
using Registry.Service.Persistence;
using Registry.Service.Reference;

namespace Registry.Service.Capabilities;

/// <summary>
/// Who leads between an organisation and a region: as their agreement says, else the host leads and both manage.
/// Source: M-063, M-064.
/// </summary>
internal static class ManagementModesApi
{
    public sealed record AgreeRequest(string PeerRegion, string Mode, string Agreement, DateOnly From);

    /// <param name="Title">The mode in words.</param>
    /// <param name="ByDefault">No agreement says otherwise (M-064).</param>
    public sealed record ModeReply(string PeerRegion, string Mode, string Title, bool ByDefault, string Agreement,
        DateOnly? From);

    public static void MapManagementModes(this IEndpointRouteBuilder api)
    {
        var group = api.MapGroup("/organisations/{id:guid}/management-mode").WithTags("management-mode");
        group.MapPost("", AgreeAsync);
        group.MapGet("", InForceAsync);
    }

    private static async Task<ManagementMode> AgreeAsync(Guid id, AgreeRequest body, CommandId command,
        RecordDesk desk, RegistryDb db, CancellationToken ct)
    {
        var organisation = await desk.ForAsync(id, Access.KeepRecords, ct);
        var input = new Input();
        var mode = new ManagementMode
        {
            Id = command.Value,
            Path = organisation.Path,
            OrganisationId = id,
            PeerRegion = input.Region(body.PeerRegion, "peerRegion"),
            Mode = input.Code("management-mode", body.Mode, "mode"),
            Agreement = input.Text(body.Agreement, "agreement", 200),
            FromOn = input.Date(body.From, "from"),
        };
        input.ThrowIfAny();
        if (await db.Set<ManagementMode>().AnyAsync(m => m.OrganisationId == id && m.PeerRegion == mode.PeerRegion
            && m.FromOn == mode.FromOn && m.Id != mode.Id, ct)) throw new ProblemException(OfficeProblems.Exists);
        return await desk.KeepAsync(command, "management-mode", organisation, mode, true, m => m.Path, ct);
    }

    /// <summary>The mode in force on a day (default today): of the organisation's agreement, else of the nearest one
    /// above that has one with the region, else the default.</summary>
    private static async Task<ModeReply> InForceAsync(Guid id, string? peer, DateOnly? on, RegistryDb db,
        RecordDesk desk, TimeProvider clock, CancellationToken ct)
    {
        var organisation = await desk.ForAsync(id, Access.SeeOrganisations, ct);
        var input = new Input();
        var (region, day, path) = (input.Region(peer, "peer"), on ?? Today.In(clock), organisation.Path);
        input.ThrowIfAny();
        var found = await db.Set<ManagementMode>().AsNoTracking().Where(m => m.PeerRegion == region && m.FromOn <= day
            && path.StartsWith(m.Path)).OrderByDescending(m => m.Path.Length).ThenByDescending(m => m.FromOn)
            .FirstOrDefaultAsync(ct);
        var code = found?.Mode ?? ManagementMode.Default;
        return new(region, code, ReferenceData.Codes["management-mode"].Find(code)!.Chinese, found is null,
            found?.Agreement ?? "", found?.FromOn);
    }
}
