using System.Collections.Immutable;
using Microsoft.EntityFrameworkCore;
using Platform.Hosting;
using Registry.Mobility;
using Registry.Organisations;
using Registry.Search;
using Registry.Service.Persistence;
using Registry.Service.Reference;

namespace Registry.Service.Capabilities;

/// <summary>
/// One box for everything: POST, because names and numbers of people must not stand in an address, and no line of the
/// trail repeats them. Source.
/// </summary>
internal static class SearchApi
{
    /// <summary>Most hits of one kind; who needs more types more.</summary>
    public const int HitsMax = 20;

    public enum SearchKind { Members, Organisations, Cases }

    /// <param name="Words">What was typed, 1 to 100 characters.</param>
    /// <param name="Kinds">What to look for; null: everything the caller's roles show.</param>
    public sealed record SearchRequest(string Words, IReadOnlyList<SearchKind>? Kinds = null);

    /// <param name="Fault">Why a number cannot be one of its kind; null when it can.</param>
    public sealed record GuessReply(GuessKind Kind, ResidentIdFault? Fault);

    /// <param name="Why">What the hit answers.</param>
    /// <param name="IsWhole">False where more was left to type.</param>
    public sealed record MemberHit(GuessKind Why, bool IsWhole, string BranchName, MemberReply Member);

    public sealed record OrganisationHit(GuessKind Why, bool IsWhole, Guid Id, string Code, string Name, string Type,
        string Path);

    public sealed record CaseHit(GuessKind Why, bool IsWhole, Guid CaseId, Guid CardId, int Leg, Side Side,
        string Name, string HomeRegion, string HostRegion, string Status, Agreement Agreement, string NextStep);

    /// <param name="More">There are more hits than these.</param>
    public sealed record Hits<T>(IReadOnlyList<T> Items, bool More);

    /// <param name="ReadAs">What the words were taken for, the surest first; empty: nothing to look for.</param>
    public sealed record SearchReply(IReadOnlyList<GuessReply> ReadAs, Hits<MemberHit> Members,
        Hits<OrganisationHit> Organisations, Hits<CaseHit> Cases);

    public static void MapSearch(this IEndpointRouteBuilder api) =>
        api.MapPost("/search", RunAsync).WithTags("search");

    private static async Task<SearchReply> RunAsync(SearchRequest body, RegistryDb db, CallerContext context,
        TimeProvider clock, CancellationToken ct)
    {
        var caller = context.Current;
        caller.RequireRole(Access.SeeOrganisations);
        foreach (var kind in body.Kinds ?? []) caller.RequireRole(RolesFor(kind));
        var input = new Input();
        var words = input.Text(body.Words, "words", TypedWords.LengthMax);
        input.ThrowIfAny();
        // One connection for all questions, told once who asks.
        await db.Database.OpenConnectionAsync(ct);
        var guesses = TypedWords.Read(words, ReferenceData.Names, ReferenceData.Divisions, Today.In(clock));
        bool Wanted(SearchKind kind) => guesses.Length > 0
            && (body.Kinds?.Contains(kind) ?? caller.Roles.Overlaps(RolesFor(kind)));
        var reply = new SearchReply(
            [.. guesses.Select(g => new GuessReply(g.Kind, g.Fault == ResidentIdFault.None ? null : g.Fault))],
            Wanted(SearchKind.Members) ? await MembersAsync(db, guesses, caller.Scope, ct) : new([], false),
            Wanted(SearchKind.Organisations) ? await OrganisationsAsync(db, guesses, caller.Scope, ct) : new([], false),
            Wanted(SearchKind.Cases) ? await CasesAsync(db, guesses, caller.Scope, ct) : new([], false));
        await db.SaveReadsAsync(ct);
        return reply;
    }

    private static string[] RolesFor(SearchKind kind) => kind switch
    {
        SearchKind.Members => Access.SeeMembers,
        SearchKind.Organisations => Access.SeeOrganisations,
        SearchKind.Cases => Access.SeeCases,
    };

    private static async Task<Hits<MemberHit>> MembersAsync(RegistryDb db, ImmutableArray<Guess> guesses,
        string scope, CancellationToken ct)
    {
        var list = db.Archives.AsNoTracking().InScope(scope);
        var strong = MembersApi.ByStrongId(list, db, guesses[0]);
        if (strong is null)
        {
            var ids = await NameSearch.IdsAsync(guesses, HitsMax,
                [NameSearch.Shelf.Of(db.Archives, "member", "BranchPath")], db, scope, ct);
            strong = list.Where(m => ids.Contains(m.Id));
        }
        var found = await strong.OrderBy(m => m.Id).Take((2 * HitsMax) + 2)
            .Join(db.Organisations, m => m.BranchId, o => o.Id, (m, o) => new { Member = m, Branch = o.Name })
            .ToListAsync(ct);
        var hits = Best(found, f => f.Member.Name, f => f.Member.Id, guesses);
        foreach (var (f, _) in hits.Items) db.RecordRead("member", f.Member.Id, f.Member.BranchPath, "Found");
        return new([.. hits.Items.Select(h =>
            new MemberHit(h.Match.Why, h.Match.IsWhole, h.Found.Branch, MemberReply.Of(h.Found.Member)))], hits.More);
    }

    private static async Task<Hits<CaseHit>> CasesAsync(RegistryDb db, ImmutableArray<Guess> guesses, string scope,
        CancellationToken ct)
    {
        var end = scope + "~";
        var list = db.Reconciliation.AsNoTracking()
            .Where(r => string.Compare(r.OwnPath, scope) >= 0 && string.Compare(r.OwnPath, end) < 0);
        var ids = guesses[0] is { Fault: ResidentIdFault.None, Kind: GuessKind.Id or GuessKind.IdNumber
            or GuessKind.CertificateNumber } strong ? await CardsAsync(db, strong, ct)
            : await NameSearch.IdsAsync(guesses, HitsMax,
                [NameSearch.Shelf.Of(db.OutboundCards, "outbound_card", "HomePath"),
                    NameSearch.Shelf.Of(db.InboundCards, "inbound_card", "HostPath")], db, scope, ct);
        if (ids.Count == 0) return new([], false);
        var found = await list.Where(r => ids.Contains(r.Id)).ToListAsync(ct);
        var hits = Best(found, f => f.Name, f => f.Id, guesses);
        foreach (var (f, _) in hits.Items)
            db.RecordRead(f.Side == Side.Home ? "outbound-card" : "inbound-card", f.Id, f.OwnPath, "Found");
        return new([.. hits.Items.Select(h => new CaseHit(h.Match.Why, h.Match.IsWhole, h.Found.CaseId, h.Found.Id,
            h.Found.Leg, h.Found.Side, h.Found.Name, h.Found.HomeRegion, h.Found.HostRegion, h.Found.Status,
            h.Found.Agreement, h.Found.NextStep))], hits.More);
    }

    private static Task<List<Guid>> CardsAsync(RegistryDb db, Guess guess, CancellationToken ct)
    {
        var (home, host) = (db.OutboundCards.AsNoTracking(), db.InboundCards.AsNoTracking());
        switch (guess.Kind)
        {
            case GuessKind.Id:
                var id = Guid.Parse(guess.Value);
                (home, host) = (home.Where(c => c.Id == id), host.Where(c => c.CaseId == id || c.Id == id));
                break;
            case GuessKind.IdNumber:
                var index = db.IdNumberIndex(guess.Value);
                (home, host) = (home.Where(c => EF.Property<byte[]>(c, "IdNumberIndex") == index),
                    host.Where(c => EF.Property<byte[]>(c, "IdNumberIndex") == index));
                break;
            default:
                (home, host) = (home.Where(c => EF.Property<string>(c, "CertificateNumber") == guess.Value),
                    host.Where(c => EF.Property<string>(c, "CertificateNumber") == guess.Value));
                break;
        }
        return home.Select(c => c.Id).Concat(host.Select(c => c.Id)).Take(HitsMax + 1).ToListAsync(ct);
    }

    private static async Task<Hits<OrganisationHit>> OrganisationsAsync(RegistryDb db, ImmutableArray<Guess> guesses,
        string scope, CancellationToken ct)
    {
        var list = db.Organisations.AsNoTracking().InScope(scope).Where(o => o.DissolvedOn == null);
        var hits = new List<OrganisationHit>();
        foreach (var guess in guesses)
        {
            var (id, code) = (guess.Kind == GuessKind.Id ? Guid.Parse(guess.Value) : default,
                guess.Value.ToUpperInvariant());
            List<Organisation> found = guess.Kind switch
            {
                GuessKind.Id => await list.Where(o => o.Id == id).ToListAsync(ct),
                GuessKind.CreditCode => await list.Where(o => o.CreditCode == guess.Value).OrderBy(o => o.Path)
                    .Take(HitsMax + 1).ToListAsync(ct),
                GuessKind.OrganisationCode => await list.Where(o => o.Code == guess.Value || o.Code == code)
                    .OrderBy(o => o.Path).Take(HitsMax + 1).ToListAsync(ct),
                GuessKind.OrganisationName => await CalledAsync(list, guess.Value, db, scope, ct),
                _ => [],
            };
            hits.AddRange(found.Where(o => hits.All(h => h.Id != o.Id)).Select(o => new OrganisationHit(guess.Kind,
                guess.Kind != GuessKind.OrganisationName || o.Name == guess.Value, o.Id, o.Code, o.Name, o.Type,
                o.Path)));
        }
        return new([.. hits.Take(HitsMax)], hits.Count > HitsMax);
    }

    /// <summary>Those of that name, those whose name begins so, those that have it in their name.</summary>
    private static async Task<List<Organisation>> CalledAsync(IQueryable<Organisation> list, string name,
        RegistryDb db, string scope, CancellationToken ct)
    {
        var word = string.Concat(name.EnumerateRunes().Take(OrganisationWord.LengthMax).Select(r => r.ToString()));
        var (names, words) = (NameSearch.Shelf.Of(db.Organisations.Where(o => o.DissolvedOn == null), "", "Path"),
            NameSearch.Shelf.Of(db.Set<OrganisationWord>(), "", "Path"));
        const int take = HitsMax + 1;
        var ids = await names.Part("Name", name, true, scope, take)
            .Concat(names.Part("Name", name, false, scope, take))
            .Concat(words.Part("Word", word, true, scope, take))
            .Concat(words.Part("Word", word, false, scope, take)).Take(2 * take).ToListAsync(ct);
        return [.. (await list.Where(o => ids.Contains(o.Id)).ToListAsync(ct))
            .Where(o => o.Name.Contains(name, StringComparison.Ordinal))
            .OrderBy(o => o.Name.IndexOf(name, StringComparison.Ordinal)).ThenBy(o => o.Name.Length)
            .ThenBy(o => o.Path, StringComparer.Ordinal)];
    }

    private static Hits<(T Found, NameMatch Match)> Best<T>(List<T> found, Func<T, string> name, Func<T, Guid> id,
        ImmutableArray<Guess> guesses)
    {
        var named = found.Select(f => (Found: f, Keys: ReferenceData.Names.KeysOf(name(f))))
            .Select(f => (f.Found, f.Keys, Match: NameMatch.Of(guesses, f.Keys) ?? new(guesses[0].Kind, true, 0)))
            .OrderBy(f => f.Match.Rank).ThenBy(f => f.Keys.Pinyin, StringComparer.Ordinal).ThenBy(f => id(f.Found))
            .Select(f => (f.Found, f.Match)).ToList();
        return new([.. named.Take(HitsMax)], named.Count > HitsMax);
    }
}
