using Microsoft.EntityFrameworkCore;
using Platform.Hosting;
using Registry.Mobility;
using Registry.Organisations;
using Registry.Service.Persistence;

namespace Registry.Service.Capabilities;

/// <summary>
/// Where an outpost is possible, the proposal, and the approval at county level or above. Source: M-020, M-031..M-035,
/// R-007.
/// </summary>
internal static class OutpostsApi
{
    /// <param name="FullMembers">Full members who count under M-032: workplace known, out for the months.</param>
    /// <param name="Workplaces">Where they work, most first, at most 10.</param>
    /// <param name="List">Opens the cases counted.</param>
    public sealed record PossibleReply(Guid CommitteeId, string Committee, string CommitteePath, string HostRegion,
        int FullMembers, IReadOnlyList<string> Workplaces, bool Proposed, string Rule, string List);

    public sealed record ProposeRequest(Guid CommitteeId, string HostRegion, string Code, string Name, string Type,
        string Mode, string Workplace, IReadOnlyList<string> Advantages, string? ReliesOn = null,
        string? Grounds = null);

    public sealed record ApproveRequest(string Document);

    public sealed record RefuseRequest(string Why);

    /// <summary>A proposal, with the name of the committee that makes it.</summary>
    public sealed record OutpostReply(Guid Id, string Path, Guid CommitteeId, string Committee, string Region,
        string HostRegion, string Code, string Name, string Type, string Mode, string ReliesOn, string Workplace,
        IReadOnlyList<string> Advantages, string Grounds, IReadOnlyList<Guid> CaseIds, bool MeetsRule,
        OutpostStatus Status, Guid ProposedBy, DateOnly ProposedOn, DateOnly? DecidedOn,
        string Decision, Guid? OrganisationId)
    {
        internal static OutpostReply Of(Outpost o, string committee) => new(o.Id, o.Path, o.CommitteeId, committee,
            o.Region, o.HostRegion, o.Code, o.Name, o.Type, o.Mode, o.ReliesOn, o.Workplace, o.Advantages,
            o.Grounds, o.CaseIds, o.MeetsRule, o.Status, o.ProposedBy, o.ProposedOn, o.DecidedOn,
            o.Decision, o.OrganisationId);
    }

    /// <param name="Proposed">Proposals that wait for a decision.</param>
    /// <param name="List">Opens them.</param>
    public sealed record WaitingReply(int Proposed, string List);

    // As many as the table has.
    private const int AdvantagesMax = 3;

    // Of one committee in one host county; those out longest are looked at.
    private const int CardsMax = 1000;

    private sealed record Candidate(Guid Id, string Name, string Path, string HostRegion, Guid[] Cards);

    public static void MapOutposts(this IEndpointRouteBuilder api)
    {
        var group = api.MapGroup("/outposts").WithTags("outposts");
        group.MapGet("/possible", PossibleAsync);
        group.MapGet("/possible/{committeeId:guid}/{hostRegion}", CasesAsync);
        group.MapPost("", ProposeAsync);
        group.MapGet("", ListAsync);
        group.MapGet("/waiting", WaitingAsync);
        group.MapGet("/{id:guid}", GetAsync);
        group.MapPost("/{id:guid}/approve", ApproveAsync);
        group.MapPost("/{id:guid}/refuse", RefuseAsync);
    }

    /// <summary>Committees and host counties where M-032 holds; by committee path and region.</summary>
    private static async Task<Page<PossibleReply>> PossibleAsync(string? after, int? size, RegistryDb db,
        CallerContext context, TimeProvider clock, RegistryOptions options, CancellationToken ct)
    {
        context.Current.RequireRole(Access.SeeCases);
        var (take, terms, today) = (Paging.Size(size, options), options.Organisations, Today.In(clock));
        var candidates = await CandidatesAsync(db, context.Current.Scope, after ?? "", take + 1, terms, today, ct);
        var page = Paging.Of(candidates, take, c => $"{c.Path}{c.HostRegion}");
        Guid[] ids = [.. page.Items.SelectMany(c => c.Cards)];
        var cards = await db.OutboundCards.AsNoTracking().Where(c => ids.Contains(c.Id))
            .ToDictionaryAsync(c => c.Id, ct);
        Guid[] committees = [.. page.Items.Select(c => c.Id)];
        var proposed = (await db.Outposts.Where(o => committees.Contains(o.CommitteeId)
            && o.Status != OutpostStatus.Refused).Select(o => new { o.CommitteeId, o.HostRegion }).ToListAsync(ct))
            .Select(o => (o.CommitteeId, o.HostRegion)).ToHashSet();
        var lines = new List<PossibleReply>();
        foreach (var c in page.Items)
        {
            var counting = OutpostRule.Counting(c.Cards.Where(cards.ContainsKey).Select(card => Of(cards[card])),
                terms, today);
            if (!OutpostRule.Holds(counting, terms)) continue; // Somebody's place of work is not known.
            lines.Add(new(c.Id, c.Name, c.Path, c.HostRegion, counting.Count, [.. counting.GroupBy(a => a.Workplace)
                .OrderByDescending(g => g.Count()).ThenBy(g => g.Key, StringComparer.Ordinal).Select(g => g.Key)
                .Take(10)], proposed.Contains((c.Id, c.HostRegion)), "M-032",
                $"/api/v1/outposts/possible/{c.Id}/{c.HostRegion}"));
        }
        return new(lines, page.Next);
    }

    /// <summary>The cases behind one line.</summary>
    private static async Task<IReadOnlyList<OutboundReply>> CasesAsync(Guid committeeId, string hostRegion,
        RegistryDb db,
        RecordDesk desk, TimeProvider clock, RegistryOptions options, CancellationToken ct)
    {
        var committee = await desk.ForAsync(committeeId, Access.SeeCases, ct);
        var cards = await CardsAsync(db, committee.Id, hostRegion, ct);
        var counting = OutpostRule.Counting(cards.Select(Of), options.Organisations, Today.In(clock))
            .Select(a => a.CaseId).ToHashSet();
        var shown = cards.Where(c => counting.Contains(c.Id)).ToList();
        foreach (var card in shown) db.RecordRead("outbound-card", card.Id, card.HomePath, "ListShown");
        await db.SaveReadsAsync(ct);
        return [.. shown.Select(OutboundReply.Of)];
    }

    private static async Task<Outpost> ProposeAsync(ProposeRequest body, CommandId command, RegistryDb db,
        RecordDesk desk, CallerContext context, TimeProvider clock, RegistryOptions options, CancellationToken ct)
    {
        var committee = await desk.ForAsync(body.CommitteeId, Access.ProposeOutposts, ct);
        var input = new Input();
        var host = input.Region(body.HostRegion, "hostRegion");
        input.Must(OrganisationTypes.Outpost.Contains(body.Type), "type", "NOT_AN_OUTPOST",
            $"One of: {string.Join(", ", OrganisationTypes.Outpost)}.",
            $"须为以下之一：{string.Join("、", OrganisationTypes.Outpost)}。");
        input.Must(body.Mode is "IND" or "ATT", "mode", "NOT_A_CODE", "IND or ATT.", "须为 IND 或 ATT。");
        var (code, name) = (input.OrganisationCode(body.Code, "code"), input.Text(body.Name, "name", 100));
        var workplace = input.Text(body.Workplace, "workplace", 100);
        var relies = input.Optional(body.ReliesOn, "reliesOn", 100);
        var grounds = input.Optional(body.Grounds, "grounds", 200);
        input.Must(body.Advantages.Count is > 0 and <= AdvantagesMax, "advantages", "ADVANTAGES_COUNT",
            $"One to {AdvantagesMax}: why an outpost and not the host's branches.",
            $"须选 1 至 {AdvantagesMax} 项：为什么设立驻外党组织，而不编入流入地支部。");
        string[] advantages = [.. body.Advantages.Take(AdvantagesMax)
            .Select(a => input.Code("outpost-advantage", a, "advantages")).Distinct()];
        input.ThrowIfAny();
        var (terms, today) = (options.Organisations, Today.In(clock));
        var counting = OutpostRule.Counting((await CardsAsync(db, committee.Id, host, ct)).Select(Of), terms, today);
        var outpost = new Outpost
        {
            Id = command.Value,
            Path = committee.Path,
            CommitteeId = committee.Id,
            Region = committee.Region,
            HostRegion = host,
            Code = code,
            Name = name,
            Type = body.Type,
            Mode = body.Mode,
            ReliesOn = relies,
            Workplace = workplace,
            Advantages = advantages,
            Grounds = grounds,
            CaseIds = [.. counting.Select(a => a.CaseId)],
            MeetsRule = OutpostRule.Holds(counting, terms),
            Status = OutpostStatus.Proposed,
            ProposedBy = context.Current.Subject,
            ProposedOn = today,
        };
        var taken = await db.Organisations.AnyAsync(o => o.Region == committee.Region && o.Code == code, ct);
        return await SaveAsync(db, command, command.Value, existing => OutpostDecider.Propose(existing, committee,
            OrganisationTypes.Grassroots.Contains(committee.Type), taken, outpost), ct);
    }

    private static async Task<Outpost> ApproveAsync(Guid id, ApproveRequest body, CommandId command, RegistryDb db,
        CallerContext context, TimeProvider clock, CancellationToken ct)
    {
        var (caller, now) = (context.Current, clock.GetUtcNow());
        var document = Text(body.Document, "document");
        var organisationId = Guid.CreateVersion7(now);
        var approved = new OutpostApproved(caller.Subject, document, organisationId, Today.Of(now));
        var known = await db.Outposts.AsNoTracking().SingleOrDefaultAsync(o => o.Id == id, ct);
        Require(caller, known);
        if (known is not null && OutpostDecider.Approve(known, caller.Scope, approved).Problem is null)
        {
            var committee = await db.Organisations.AsNoTracking().SingleAsync(o => o.Id == known.CommitteeId, ct);
            var taken = await db.Organisations.AnyAsync(o => o.Region == committee.Region && o.Code == known.Code, ct);
            var founded = new Organisation
            {
                Id = organisationId,
                Code = known.Code,
                Path = $"{committee.Path}{known.Code}/",
                ParentId = committee.Id,
                Region = committee.Region,
                Name = known.Name,
                Type = known.Type,
                Division = known.HostRegion,
                UnitName = known.ReliesOn,
                Site = known.Workplace,
                Formation = known.Mode,
                FoundedOn = Today.Of(now),
            };
            db.Apply(command.Value, organisationId, null, OrganisationsApi.Change(_ =>
                OrganisationDecider.Found(null, taken, founded, committee, OrganisationTypes.All)), document);
        }
        return await SaveAsync(db, command, id, o => OutpostDecider.Approve(o, caller.Scope, approved), ct);
    }

    private static async Task<Outpost> RefuseAsync(Guid id, RefuseRequest body, CommandId command, RegistryDb db,
        CallerContext context, TimeProvider clock, CancellationToken ct)
    {
        var caller = context.Current;
        var why = Text(body.Why, "why");
        Require(caller, await db.Outposts.AsNoTracking().SingleOrDefaultAsync(o => o.Id == id, ct));
        return await SaveAsync(db, command, id, o => OutpostDecider.Refuse(o, caller.Scope,
            new(caller.Subject, why, Today.In(clock))), ct);
    }

    /// <summary>Proposals of the caller's part of the tree, oldest first.</summary>
    private static async Task<Page<OutpostReply>> ListAsync(string? status, Guid? after, int? size, RegistryDb db,
        CallerContext context, RegistryOptions options, CancellationToken ct)
    {
        context.Current.RequireRole(Access.SeeOrganisations);
        var input = new Input();
        var only = input.Word<OutpostStatus>(status, "status");
        input.ThrowIfAny();
        var take = Paging.Size(size, options);
        var list = Within(db, context.Current.Scope);
        if (only is { } s) list = list.Where(o => o.Status == s);
        if (after is { } last) list = list.Where(o => o.Id > last);
        var rows = await list.OrderBy(o => o.Id).Take(take + 1)
            .Join(db.Organisations, o => o.CommitteeId, c => c.Id, (o, c) => new { Outpost = o, c.Name })
            .OrderBy(r => r.Outpost.Id).ToListAsync(ct);
        return Paging.Of([.. rows.Select(r => OutpostReply.Of(r.Outpost, r.Name))], take, o => o.Id.ToString());
    }

    private static async Task<WaitingReply> WaitingAsync(RegistryDb db, CallerContext context, CancellationToken ct)
    {
        context.Current.RequireRole(Access.SeeOrganisations);
        return new(await Within(db, context.Current.Scope).CountAsync(o => o.Status == OutpostStatus.Proposed, ct),
            "/api/v1/outposts?status=proposed");
    }

    private static async Task<OutpostReply> GetAsync(Guid id, RegistryDb db, CallerContext context,
        CancellationToken ct)
    {
        context.Current.RequireRole(Access.SeeOrganisations);
        var found = await db.Outposts.AsNoTracking().SingleOrDefaultAsync(o => o.Id == id, ct)
            ?? throw new ProblemException(OutpostDecider.NotFound);
        context.Current.Require(found.Path, Access.SeeOrganisations);
        return OutpostReply.Of(found, await db.Organisations.Where(o => o.Id == found.CommitteeId)
            .Select(o => o.Name).SingleAsync(ct));
    }

    private static IQueryable<Outpost> Within(RegistryDb db, string scope) => db.Outposts.AsNoTracking()
        .Where(o => string.Compare(o.Path, scope) >= 0 && string.Compare(o.Path, scope + "~") < 0);

    private static void Require(Caller caller, Outpost? outpost)
    {
        if (outpost is null) caller.RequireRole(Access.ApproveOutposts);
        else caller.Require(outpost.Path, Access.ApproveOutposts);
    }

    // Enough full members, out long enough; whether each one's place of work is known stands encrypted in the card.
    // A card belongs to the lowest grassroots committee above its branch.
    private static Task<List<Candidate>> CandidatesAsync(RegistryDb db, string scope, string after, int take,
        OrganisationTerms terms, DateOnly today, CancellationToken ct)
    {
        var (since, months) = (today.AddMonths(-terms.OutpostMonthsMin), terms.OutpostMonthsMin);
        var grassroots = OrganisationTypes.Grassroots.ToArray();
        return db.Database.SqlQuery<Candidate>($"""
            select c.id, c.name, c.path, k.host_region, k.cards
            from organisation c
            join lateral (
                select o.host_region, (array_agg(o.id order by o.departs_on, o.id))[1:{CardsMax}] as cards
                from led_paths(c.id, {grassroots}) l join outbound_card o on o.home_path = l.path
                join member m on m.id = o.member_id
                where o.status in ('Notified', 'Admitted')
                group by o.host_region
                having count(*) filter (where m.standing = 'full' and (o.departs_on <= {since}
                    or o.planned_return_on >= o.departs_on + make_interval(months => {months})))
                        >= {terms.OutpostFullMembersMin}) k on true
            where c.type = any ({grassroots}) and c.dissolved_on is null
              and c.path >= {scope} and c.path < {scope + "~"} and c.path || k.host_region > {after}
            order by c.path, k.host_region limit {take}
            """).ToListAsync(ct);
    }

    private static async Task<List<OutboundCard>> CardsAsync(RegistryDb db, Guid committee, string hostRegion,
        CancellationToken ct)
    {
        var grassroots = OrganisationTypes.Grassroots.ToArray();
        var branches = await db.Database.SqlQuery<string>(
            $"""select path as "Value" from led_paths({committee}, {grassroots})""").ToArrayAsync(ct);
        return await db.OutboundCards.AsNoTracking()
            .Where(c => branches.Contains(c.HomePath) && c.HostRegion == hostRegion && c.MemberId != null
                && (c.Status == OutboundStatus.Notified || c.Status == OutboundStatus.Admitted))
            .OrderBy(c => c.DepartsOn).ThenBy(c => c.Id).Take(CardsMax).ToListAsync(ct);
    }

    private static Away Of(OutboundCard c) => new(c.Id, c.Facts.Standing == "full", c.HostRegion,
        c.Facts.Employer.Length > 0 ? c.Facts.Employer : c.Facts.CreditCode, c.DepartsOn, c.PlannedReturnOn);

    private static string Text(string? value, string field)
    {
        var input = new Input();
        var text = input.Text(value, field, 200);
        input.ThrowIfAny();
        return text;
    }

    private static Task<Outpost> SaveAsync(RegistryDb db, CommandId command, Guid id,
        Func<Outpost?, Platform.Kernel.Decision<OutpostEvent>> decide, CancellationToken ct) => db.CommitAsync(
        command.Value, id, new Change<Outpost, OutpostEvent>("outpost", decide, OutpostDecider.Evolve, o => o.Path,
            (_, _, _) => []), ct);
}
