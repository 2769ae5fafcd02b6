using Microsoft.EntityFrameworkCore;
using Platform.Hosting;
using Registry.Organisations;

namespace Registry.Service.Capabilities;

/// <summary>What an organisation, or a part of one, brings along when it is reorganised.</summary>
/// <param name="Organisations">Organisations at and below it; 0 for a part that takes none.</param>
/// <param name="OutboundCases">Cards of members who are out, open and closed.</param>
/// <param name="InboundCases">Cards of members of other regions who are placed here, open and closed.</param>
internal sealed record Weight(int Organisations, int Members, int OutboundCases, int InboundCases)
{
    public long Rows => (long)Organisations + Members + OutboundCases + InboundCases;
}

/// <summary>
/// What a merger or a split would do, told before it is done: it is decided by the same rules and counted by the same
/// question, and nothing is written. Source: M-012, R-095.
/// </summary>
internal sealed partial class ReorganisationDesk
{
    /// <param name="FromPath">Where it stands in the tree.</param>
    /// <param name="ToPath">Where what it brings along stands afterwards.</param>
    public sealed record PreviewPart(string Name, string FromPath, string ToPath, int Organisations, int Members,
        int OutboundCases, int InboundCases)
    {
        /// <summary>The path in names, from the caller's own organisation down.</summary>
        public IReadOnlyList<string> FromPlace { get; init; } = [];

        /// <summary>Of where it will stand; a part that is yet to be founded stands last.</summary>
        public IReadOnlyList<string> ToPlace { get; init; } = [];

        internal static PreviewPart Of(string name, string from, string to, Weight w) =>
            new(name, from, to, w.Organisations, w.Members, w.OutboundCases, w.InboundCases);
    }

    /// <param name="Stays">What stays with an organisation that is split; null for a merger.</param>
    public sealed record PreviewReply(ReorganisationKind Kind, DateOnly On, IReadOnlyList<PreviewPart> Parts,
        PreviewPart? Stays);

    /// <exception cref="ProblemException">As for merging.</exception>
    public async Task<PreviewReply> PreviewMergeAsync(Guid into, IReadOnlyList<Guid> ids, DateOnly on,
        CancellationToken ct)
    {
        context.Current.RequireRole(Access.ManageOrganisations);
        var (target, absorbed) = await MergingAsync(into, ids, on, ct);
        return await NamedAsync(new(ReorganisationKind.Merge, on, [.. absorbed.Select(a =>
            PreviewPart.Of(a.One.Name, a.One.Path, target.Path, a.Size))], null), ct);
    }

    /// <exception cref="ProblemException">As for splitting.</exception>
    public async Task<PreviewReply> PreviewSplitAsync(CommandId command, Guid id,
        IReadOnlyList<ReorganisationsApi.PartRequest> parts, DateOnly on, CancellationToken ct)
    {
        context.Current.RequireRole(Access.ManageOrganisations);
        var (split, made) = await SplittingAsync(command, id, parts, on, "", ct);
        var lines = new List<PreviewPart>();
        foreach (var (part, members, below) in made)
        {
            var weight = new Weight(0, members.Length, await db.OutboundCards.CountAsync(c =>
                c.MemberId != null && members.Contains(c.MemberId.Value), ct), 0);
            foreach (var o in below)
            {
                var more = await SizeAsync(o.Path, ct);
                weight = new(weight.Organisations + more.Organisations, weight.Members + more.Members,
                    weight.OutboundCases + more.OutboundCases, weight.InboundCases + more.InboundCases);
            }
            lines.Add(PreviewPart.Of(part.Name, split.Path, part.Path, weight));
        }
        var all = await SizeAsync(split.Path, ct);
        var stays = PreviewPart.Of(split.Name, split.Path, split.Path, new(
            all.Organisations - lines.Sum(l => l.Organisations), all.Members - lines.Sum(l => l.Members),
            all.OutboundCases - lines.Sum(l => l.OutboundCases), all.InboundCases - lines.Sum(l => l.InboundCases)));
        return await NamedAsync(new(ReorganisationKind.Split, on, lines, stays), ct);
    }

    private async Task<PreviewReply> NamedAsync(PreviewReply told, CancellationToken ct)
    {
        static IEnumerable<string> Above(string path) =>
            path.Select((c, i) => c == '/' ? path[..(i + 1)] : "").Where(p => p.Length > 0);
        var paths = told.Parts.SelectMany(p => Above(p.FromPath).Concat(Above(p.ToPath))).Distinct().ToList();
        var names = await db.Organisations.AsNoTracking().Where(o => paths.Contains(o.Path) && o.DissolvedOn == null)
            .ToDictionaryAsync(o => o.Path, o => o.Name, ct);
        IReadOnlyList<string> Place(string path, string founded) => [.. Above(path)
            .Select(p => names.GetValueOrDefault(p) ?? (p == path ? founded : "")).Where(n => n.Length > 0)];
        PreviewPart Named(PreviewPart part) => part with
        {
            FromPlace = Place(part.FromPath, ""), ToPlace = Place(part.ToPath, part.Name),
        };
        return told with
        {
            Parts = [.. told.Parts.Select(Named)], Stays = told.Stays is { } stays ? Named(stays) : null,
        };
    }

    private async Task<(Organisation Target, List<(Organisation One, OrganisationEvent[] Happened, Weight Size)>)>
        MergingAsync(Guid into, IReadOnlyList<Guid> ids, DateOnly on, CancellationToken ct)
    {
        var target = await FindAsync(into, ct);
        var holds = target is not null && OrganisationTypes.HoldingMembers.Contains(target.Type);
        var absorbed = new List<(Organisation, OrganisationEvent[], Weight)>();
        foreach (var id in ids.Distinct())
        {
            var one = await FindAsync(id, ct);
            var own = await db.MembershipSpells
                .CountAsync(m => m.BranchId == id && (m.UntilOn == null || m.UntilOn > on), ct);
            var happened = Decided(ReorganisationDecider.Merge(one, target, own, holds, on, OnDay));
            absorbed.Add((one!, happened, await SizeAsync(one!.Path, ct)));
        }
        Limit(absorbed.Sum(a => a.Item3.Rows));
        return (target!, absorbed);
    }

    private async Task<(Organisation Split, List<(Organisation Part, Guid[] Members, List<Organisation> Below)>)>
        SplittingAsync(CommandId command, Guid id, IReadOnlyList<ReorganisationsApi.PartRequest> parts, DateOnly on,
            string reason, CancellationToken ct)
    {
        var split = await FindAsync(id, ct);
        var made = new List<(Organisation Part, Guid[] Members, List<Organisation> Below)>();
        var parent = split?.ParentId is { } above ? await FindAsync(above, ct) : null;
        var named = new HashSet<Guid>();
        foreach (var (part, i) in parts.Select((p, i) => (p, i)))
        {
            Guid[] members = [.. part.MemberIds ?? []];
            var holds = OrganisationTypes.HoldingMembers.Contains(part.Type);
            if (ReorganisationDecider.SplitObstacle(split, members.Length > 0, holds, on, OnDay) is { } problem)
                throw new ProblemException(problem);
            var below = await BelowAsync(split!, part.OrganisationIds ?? [], named, on, ct);
            await MembersHeldAsync(id, members, named, ct);
            made.Add((await PartAsync(command, part, i, split!, parent, on, reason, ct), members, below));
        }
        var taken = made.Sum(m => m.Members.Length);
        Limit(taken);
        if (taken > options.SplitMembersMax)
            throw new ProblemException(ReorganisationProblems.TooLarge(taken, options.SplitMembersMax));
        return (split!, made);
    }
}
