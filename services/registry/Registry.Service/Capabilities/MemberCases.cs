using Microsoft.EntityFrameworkCore;
using Platform.Hosting;
using Registry.Service.Persistence;

namespace Registry.Service.Capabilities;

/// <summary>One member's moves and whom to call: for the archive, and for the member. Source: M-070, M-071.</summary>
internal static class MemberCases
{
    /// <param name="Branch">The branch that holds the organisational relationship.</param>
    /// <param name="Contact">Its contact person and telephone, as the branch keeps them.</param>
    /// <param name="Cases">Newest departure first.</param>
    public sealed record CasesReply(Guid MemberId, string Branch, string Contact, string ContactPhone,
        IReadOnlyList<OutboundReply> Cases);

    public static void MapMemberCases(this IEndpointRouteBuilder api) =>
        api.MapGet("/members/{id:guid}/cases", RunAsync).WithTags("cases");

    private static async Task<CasesReply> RunAsync(Guid id, RegistryDb db, CallerContext context, CancellationToken ct)
    {
        var member = await db.MemberAsync(id, context.Current, Access.SeeCases, ct, orSelf: true);
        var cards = await db.OutboundCards.AsNoTracking().Where(c => c.MemberId == id)
            .OrderByDescending(c => c.DepartsOn).ThenBy(c => c.Id).Take(100).ToListAsync(ct);
        var branch = await BranchAsync(db, id, ct);
        db.RecordRead("member", id, member.BranchPath, "CasesShown");
        await db.SaveChangesAsync(ct);
        return new(id, branch.Name, branch.Contact, branch.Phone, [.. cards.Select(OutboundReply.Of)]);
    }

    /// <summary>The branch of an archive that the caller sees, for members as well, who see no organisation.</summary>
    internal static Task<MemberBranch> BranchAsync(RegistryDb db, Guid memberId, CancellationToken ct) =>
        db.Database.SqlQuery<MemberBranch>($"select name, contact, phone from branch_of({memberId})").SingleAsync(ct);
}

/// <summary>Name of a branch and whom to call there.</summary>
internal sealed record MemberBranch(string Name, string Contact, string Phone);
