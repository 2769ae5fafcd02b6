using Microsoft.EntityFrameworkCore;
using Platform.Hosting;
using Registry.Organisations;
using Registry.Service.Persistence;
using Registry.Service.Reference;

namespace Registry.Service.Capabilities;

/// <summary>What the formation rules advise, with reason and source; people decide. Source: M-012,
/// M-015..M-069.</summary>
internal static class FormationApi
{
    /// <param name="Holds">Null when the fact is not known or the row only explains.</param>
    public sealed record AdviceReply(string Rule, string Type, string Mode, string Fact, int? Least, int? Most,
        int? Value,
        bool? Holds, string Reason, string ReasonZh, string Source);

    /// <param name="Possible">Types all of whose rules with a number hold for these facts.</param>
    public sealed record FormationReply(IReadOnlyList<AdviceReply> Advice, IReadOnlyList<string> Possible);

    public sealed record Asked(string? Type, string? Mode, int? FullMembers, int? Members, int? Units, int? Months,
        bool? SameCommittee, bool? FixedWorkplace, bool? CountyApproval, bool? BeingSetUp, bool? Support)
    {
        internal FormationFacts Facts => new()
        {
            FullMembers = FullMembers,
            Members = Members ?? FullMembers,
            Units = Units,
            Months = Months,
            SameCommittee = One(SameCommittee),
            FixedWorkplace = One(FixedWorkplace),
            CountyApproval = One(CountyApproval),
            BeingSetUp = One(BeingSetUp),
            Support = One(Support),
        };

        private static int? One(bool? said) => said is null ? null : said.Value ? 1 : 0;
    }

    public static void MapFormation(this IEndpointRouteBuilder api)
    {
        api.MapGet("/formation-advice", Advise).WithTags("formation");
        api.MapGet("/organisations/{id:guid}/formation-advice", AdviseExistingAsync).WithTags("formation");
    }

    /// <summary>Advice for facts somebody knows; every type when none is asked for.</summary>
    private static FormationReply Advise([AsParameters] Asked asked, CallerContext context)
    {
        context.Current.RequireRole(Access.SeeOrganisations);
        var input = new Input();
        if (asked.Type is not null) input.Code("organisation-type", asked.Type, "type");
        if (asked.Mode is not null) input.Code("formation-mode", asked.Mode, "mode");
        input.ThrowIfAny();
        return Reply(asked.Type is { } type ? [type] : OrganisationTypes.All, asked.Mode ?? "", asked.Facts);
    }

    /// <summary>The rules of an organisation's own type against its records.</summary>
    private static async Task<FormationReply> AdviseExistingAsync(Guid id, RegistryDb db, RecordDesk desk,
        CancellationToken ct)
    {
        var o = await desk.ForAsync(id, Access.SeeOrganisations, ct);
        var members = db.Members.AsNoTracking().InScope(o.Path);
        return Reply([o.Type], o.Formation, new()
        {
            Members = await members.CountAsync(ct),
            FullMembers = await members.CountAsync(m => m.Standing == "full", ct),
            Units = await db.Units.CountAsync(u => u.OrganisationId == id && u.ClosedOn == null, ct),
            CountyApproval = await db.Outposts.AnyAsync(p => p.OrganisationId == id, ct) ? 1 : null,
        });
    }

    private static FormationReply Reply(IEnumerable<string> types, string mode, FormationFacts facts)
    {
        var rules = ReferenceData.FormationRules;
        return new([.. types.Order(StringComparer.Ordinal).SelectMany(t => FormationBook.Advise(rules, t, mode, facts))
            .Select(a => new AdviceReply(a.Rule.Id, a.Rule.Type, a.Rule.Mode, a.Rule.Fact, a.Rule.Least, a.Rule.Most,
                a.Value, a.Holds, a.Rule.English, a.Rule.Chinese, a.Rule.Source))],
            FormationBook.Possible(rules, facts));
    }
}
