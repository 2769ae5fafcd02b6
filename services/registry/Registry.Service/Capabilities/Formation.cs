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

    public sealed record Asked
    {
        public string? Type { get; init; }

        public string? Mode { get; init; }

        public int? FullMembers { get; init; }

        public int? Members { get; init; }

        public int? Units { get; init; }

        public int? Months { get; init; }

        public bool? SameCommittee { get; init; }

        public bool? FixedWorkplace { get; init; }

        public bool? CountyApproval { get; init; }

        public bool? BeingSetUp { get; init; }

        public bool? Support { get; init; }

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

    /// <summary>
    /// The rules of an organisation's own type against its records. What no record tells stays unknown: a person looks.
    /// </summary>
    private static async Task<FormationReply> AdviseExistingAsync(Guid id, RegistryDb db, RecordDesk desk,
        TimeProvider clock, CancellationToken ct)
    {
        var o = await desk.ForAsync(id, Access.SeeOrganisations, ct);
        var members = db.Members.AsNoTracking().InScope(o.Path);
        var outpost = await db.Outposts.AsNoTracking().SingleOrDefaultAsync(p => p.OrganisationId == id, ct);
        var facts = new FormationFacts
        {
            Members = await members.CountAsync(ct),
            FullMembers = await members.CountAsync(m => m.Standing == "full", ct),
            Units = await db.Units.CountAsync(u => u.OrganisationId == id && u.ClosedOn == null, ct),
            Months = Standing(o, Today.In(clock)),
            // Recorded as founded together with what it is for.
            BeingSetUp = o.Formation == "SYN" ? 1 : null,
            Support = o.Formation == "ATT" && o.UnitName.Length > 0 ? 1 : null,
        };
        return Reply([o.Type], o.Formation, outpost is null ? facts
            : await ProposedAsync(facts, outpost, db, Today.In(clock), ct));
    }

    /// <summary>What the proposal of an outpost was made for: its cases are the records behind M-032.</summary>
    private static async Task<FormationFacts> ProposedAsync(FormationFacts facts, Outpost outpost, RegistryDb db,
        DateOnly today, CancellationToken ct)
    {
        var cards = await db.OutboundCards.AsNoTracking().Where(c => outpost.CaseIds.Contains(c.Id))
            .Select(c => new { c.HomePath, c.DepartsOn, c.PlannedReturnOn }).ToListAsync(ct);
        return facts with
        {
            CountyApproval = 1,
            FullMembers = outpost.CaseIds.Length > 0 ? outpost.CaseIds.Length : facts.FullMembers,
            FixedWorkplace = outpost.CaseIds.Length > 0 ? 1 : null,
            SameCommittee = cards.Count == 0 ? null
                : cards.All(c => c.HomePath.StartsWith(outpost.Path, StringComparison.Ordinal)) ? 1 : 0,
            Months = cards.Count == 0 ? null : cards.Min(c => Math.Max(Months(c.DepartsOn, today),
                c.PlannedReturnOn is { } back ? Months(c.DepartsOn, back) : 0)),
            Support = outpost.ReliesOn.Length > 0 ? 1 : null,
        };
    }

    // A temporary branch has lasted as long as it stands. A project lasts at least as long as its organisation: below
    // six months nothing is known of its end.
    private static int? Standing(Organisation o, DateOnly today) => (o.Type, Months(o.FoundedOn, today)) switch
    {
        ("TBR", var months) when o.Name.Contains("临时", StringComparison.Ordinal) => months,
        ("PRJ", >= 6 and var months) => months,
        _ => null,
    };

    private static int Months(DateOnly from, DateOnly to)
    {
        var months = ((to.Year - from.Year) * 12) + to.Month - from.Month;
        return from.AddMonths(months) > to ? months - 1 : months;
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
