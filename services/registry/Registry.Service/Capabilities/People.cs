using Microsoft.EntityFrameworkCore;
using Platform.Hosting;
using Registry.Members;
using Registry.Organisations;
using Registry.Service.Persistence;

namespace Registry.Service.Capabilities;

/// <summary>The people in depth: what surrounds an archive. Each capability has its own file.</summary>
internal static class People
{
    public static void MapPeople(this IEndpointRouteBuilder api)
    {
        api.MapMemberHistory();
        api.MapQuality();
        api.MapDuplicates();
        api.MapSharedRounds();
        api.MapMerges();
        api.MapClassifications();
        api.MapCardPrint();
        api.MapScreenings();
        api.MapScreeningLedger();
        api.MapMemberCases();
        api.MapMemberships();
        api.MapMemberRequests();
    }

    /// <summary>The archive, once the caller was found to stand above it.</summary>
    /// <exception cref="ProblemException">MEMBER_NOT_FOUND, ROLE_NOT_ALLOWED, OUT_OF_SCOPE.</exception>
    public static async Task<Member> MemberAsync(this RegistryDb db, Guid id, Caller caller, string[] roles,
        CancellationToken ct, bool orSelf = false)
    {
        var isSelf = orSelf && caller.MemberId == id;
        if (!isSelf) caller.RequireRole(roles);
        var member = await db.Archives.AsNoTracking().SingleOrDefaultAsync(m => m.Id == id, ct)
            ?? throw new ProblemException(MemberDecider.NotFound);
        if (!isSelf) caller.Require(member.BranchPath, roles);
        return member;
    }

    /// <summary>Path of an organisation in the caller's part of the tree, to bound a list.</summary>
    /// <exception cref="ProblemException">ORGANISATION_NOT_FOUND.</exception>
    public static async Task<string> PathUnderAsync(this RegistryDb db, string scope, Guid id, CancellationToken ct) =>
        await db.Organisations.InScope(scope).Where(o => o.Id == id).Select(o => o.Path).SingleOrDefaultAsync(ct)
            ?? throw new ProblemException(OrganisationDecider.NotFound);

    /// <summary>The organisation, once the caller was found to stand above it.</summary>
    /// <exception cref="ProblemException">ORGANISATION_NOT_FOUND, ROLE_NOT_ALLOWED, OUT_OF_SCOPE.</exception>
    public static async Task<Organisation> OrganisationAsync(this RegistryDb db, Guid id, Caller caller,
        string[] roles, CancellationToken ct)
    {
        caller.RequireRole(roles);
        var found = await db.Organisations.AsNoTracking().SingleOrDefaultAsync(o => o.Id == id, ct)
            ?? throw new ProblemException(OrganisationDecider.NotFound);
        caller.Require(found.Path, roles);
        return found;
    }
}
