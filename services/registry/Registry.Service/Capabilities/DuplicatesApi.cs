using Microsoft.EntityFrameworkCore;
using Platform.Hosting;
using Platform.Kernel;
using Registry.Duplicates;
using Registry.Members;
using Registry.Service.Persistence;
using Registry.Service.Reference;

namespace Registry.Service.Capabilities;

/// <summary>
/// Doubles: warned of while a form is being filled in, found in bulk below an organisation, decided by people, the
/// decisions remembered. Source: M-075, M-101, P7.
/// </summary>
internal static class DuplicatesApi
{
    private const int LookedAtMax = 400;
    private const int ShownMax = 10;

    /// <param name="IdNumber">15 digits, 18 characters, or what was typed so far.</param>
    public sealed record CheckRequest(string Name, string? IdNumber = null, DateOnly? BirthOn = null,
        string? Sex = null, string? NativePlace = null, string? Phone = null, DateOnly? JoinedOn = null,
        string? Employer = null, Guid? BranchId = null, Guid? ExceptId = null);

    public sealed record SignReply(string Code, int Points, string Zh, string En)
    {
        internal static IReadOnlyList<SignReply> Of(DuplicateScore score) => [.. score.Signs.Select(s =>
            DuplicateRules.All.First(r => r.Code == s.Code)).Select(r => new SignReply(r.Code, r.Points, r.Zh, r.En))];
    }

    public sealed record Likely(MemberReply Member, int Points, IReadOnlyList<SignReply> Signs);

    /// <param name="HeldElsewhere">A branch outside the caller's part of the tree holds this identity number.</param>
    public sealed record CheckReply(int Threshold, bool HeldElsewhere, IReadOnlyList<Likely> Likely);

    public sealed record RunRequest(Guid OrganisationId);

    public sealed record RunReply(Guid OrganisationId, int MembersCompared, int PairsFound, int PairsNew);

    /// <param name="FirstBranch">Name of the branch that holds the first.</param>
    public sealed record CandidateReply(Guid Id, CandidateStatus Status, int Points, IReadOnlyList<SignReply> Signs,
        MemberReply First, MemberReply Second, DateTimeOffset FoundAt, DateTimeOffset? DecidedAt, string Reason,
        string FirstBranch, string SecondBranch);

    public sealed record DecideRequest(string Reason);

    public static void MapDuplicates(this IEndpointRouteBuilder api)
    {
        var group = api.MapGroup("/duplicates").WithTags("duplicates");
        group.MapPost("/check", CheckAsync);
        group.MapPost("/runs", RunAsync);
        group.MapGet("", ListAsync);
        group.MapPost("/{id:guid}/two-people", (Guid id, DecideRequest body, CommandId command, RegistryDb db,
            CallerContext context, TimeProvider clock, CancellationToken ct) => DecideAsync(id, body, command, db,
                context, (c, reason) => CandidateDecider.TwoPeople(c, context.Current.Subject, clock.GetUtcNow(),
                    reason), ct));
        group.MapPost("/{id:guid}/reopen", (Guid id, DecideRequest body, CommandId command, RegistryDb db,
            CallerContext context, TimeProvider clock, CancellationToken ct) => DecideAsync(id, body, command, db,
                context, (c, reason) => CandidateDecider.Reopen(c, context.Current.Subject, clock.GetUtcNow(),
                    reason), ct));
    }

    /// <summary>Who is registered already and might be the person being typed; a POST, as numbers go in.</summary>
    private static async Task<CheckReply> CheckAsync(CheckRequest body, RegistryDb db, CallerContext context,
        CancellationToken ct)
    {
        context.Current.RequireRole(Access.FindDuplicates);
        var input = new Input();
        var typed = new PersonTraits(Guid.Empty, body.BranchId ?? Guid.Empty, input.Text(body.Name, "name", 100),
            Upper(input.Optional(body.IdNumber, "idNumber", 18)), body.BirthOn ?? BirthOf(body.IdNumber),
            input.Optional(body.Sex, "sex", 1), input.Optional(body.NativePlace, "nativePlace", 50),
            PhoneNumber.Read(input.Optional(body.Phone, "phone", 30))?.Value ?? "", body.JoinedOn,
            input.Optional(body.Employer, "employer", 100));
        input.ThrowIfAny();
        var number = typed.Body.Length == 0 ? "" : typed.Body + ResidentId.CheckCharacterOf(typed.Body);
        var near = await NearAsync(db, context.Current.Scope, typed, number, ct);
        var book = ReferenceData.Names;
        var folded = book.Fold(typed.Name);
        Likely[] likely = [.. near.Where(m => m.Id != body.ExceptId)
            .Select(m => (Member: m, Score: DuplicateRules.Score(book, typed, folded, Traits(m), book.Fold(m.Name))))
            .Where(x => x.Score.IsCandidate).OrderByDescending(x => x.Score.Points).ThenBy(x => x.Member.Id)
            .Take(ShownMax).Select(x => new Likely(MemberReply.Of(x.Member), x.Score.Points, SignReply.Of(x.Score)))];
        var held = number.Length > 0 && near.All(m => m.IdNumber != number)
            && (await db.HeldIndexesAsync([db.IdNumberIndex(number)], ct)).Count > 0;
        foreach (var found in likely)
            db.RecordRead("member", found.Member.Id, found.Member.BranchPath, "ShownAsLikelyDouble");
        // That somebody is a member somewhere else is told to whoever registers him, and who was told is on record.
        if (held) db.RecordRead("member", Guid.Empty, context.Current.Org, "ToldHeldElsewhere");
        await db.SaveReadsAsync(ct);
        return new(DuplicateRules.Threshold, held, likely);
    }

    // By the strong keys, then by birth date and by name: a few hundred rows at most, scored in memory.
    private static async Task<List<Member>> NearAsync(RegistryDb db, string scope, PersonTraits typed, string number,
        CancellationToken ct)
    {
        var found = new Dictionary<Guid, Member>();
        async Task AddAsync(IQueryable<Member> list)
        {
            foreach (var member in await list.OrderBy(m => m.Id).Take(LookedAtMax).ToListAsync(ct))
                found.TryAdd(member.Id, member);
        }
        var all = db.Members.AsNoTracking().InScope(scope);
        if (number.Length > 0)
        {
            var index = db.IdNumberIndex(number);
            await AddAsync(all.Where(m => EF.Property<byte[]>(m, "IdNumberIndex") == index));
        }
        if (db.PhoneIndex(typed.Phone) is { } phone)
            await AddAsync(all.Where(m => EF.Property<byte[]?>(m, "PhoneIndex") == phone));
        if (typed.BirthOn is { } birth)
        {
            DateOnly[] days = birth.Day <= 12 ? [birth, new(birth.Year, birth.Day, birth.Month)] : [birth];
            await AddAsync(all.Where(m => days.Contains(m.BirthOn)));
        }
        var name = ReferenceData.Names.Fold(typed.Name);
        await AddAsync(all.Where(m => EF.Property<string>(m, "NameKey") == name));
        return [.. found.Values];
    }

    /// <summary>Compares everybody below an organisation; what was decided before is not shown again.</summary>
    private static async Task<RunReply> RunAsync(RunRequest body, CommandId command, RegistryDb db,
        CallerContext context, TimeProvider clock, CancellationToken ct)
    {
        _ = command; // A repeat finds the same pairs and adds none.
        var organisation = await db.OrganisationAsync(body.OrganisationId, context.Current, Access.MergeMembers, ct);
        var list = db.Members.AsNoTracking().InScope(organisation.Path);
        if (await list.CountAsync(ct) > PeopleLimits.DuplicateMembersMax) throw new ProblemException(TooMany);
        var people = new List<PersonTraits>();
        await foreach (var member in list.OrderBy(m => m.Id).AsAsyncEnumerable().WithCancellation(ct))
            people.Add(Traits(member));
        var pairs = DuplicateFinder.Find(ReferenceData.Names, people);
        var at = clock.GetUtcNow();
        Guid[] ids = [.. pairs.Select(_ => Guid.CreateVersion7(at))];
        Guid[] first = [.. pairs.Select(p => p.First)], second = [.. pairs.Select(p => p.Second)];
        int[] points = [.. pairs.Select(p => p.Score.Points)];
        string[] signs = [.. pairs.Select(p => string.Join(',', p.Score.Signs.Select(s => s.Code)))];
        // Not composed upon: a statement that writes must stand alone.
        var added = (await db.Database.SqlQuery<int>($"""
            with put as (
                insert into duplicate_candidate (id, first_id, second_id, points, signs, status, found_at, reason)
                select i, least(f, s), greatest(f, s), p, g, 'Open', {at}, ''
                from unnest({ids}, {first}, {second}, {points}, {signs}) as x (i, f, s, p, g)
                on conflict (first_id, second_id) do update set points = excluded.points, signs = excluded.signs
                returning xmax = 0 as added)
            select count(*) filter (where added)::int as "Value" from put
            """).ToListAsync(ct)).Single();
        db.RecordRead("organisation", organisation.Id, organisation.Path, "DuplicatesSearched");
        await db.SaveChangesAsync(ct);
        return new(organisation.Id, people.Count, pairs.Count, added);
    }

    /// <summary>Likely first; those of one archive, or both of whose archives stand below one organisation.</summary>
    private static async Task<Page<CandidateReply>> ListAsync(string? status, Guid? memberId, Guid? organisationId,
        string? after, int? size, RegistryDb db, CallerContext context, RegistryOptions options, CancellationToken ct)
    {
        context.Current.RequireRole(Access.MergeMembers);
        var input = new Input();
        var wanted = input.Word<CandidateStatus>(status, "status") ?? CandidateStatus.Open;
        input.ThrowIfAny();
        var take = Paging.Size(size, options);
        var scope = organisationId is { } below
            ? (await db.OrganisationAsync(below, context.Current, Access.MergeMembers, ct)).Path
            : context.Current.Scope;
        var list = from c in db.Set<DuplicateCandidate>().AsNoTracking()
                   join a in db.Members.AsNoTracking().InScope(scope) on c.FirstId equals a.Id
                   join b in db.Members.AsNoTracking().InScope(scope) on c.SecondId equals b.Id
                   where c.Status == wanted
                   select new { Candidate = c, First = a, Second = b };
        if (memberId is { } about)
            list = list.Where(x => x.Candidate.FirstId == about || x.Candidate.SecondId == about);
        if (Position(after) is var (points, id))
            list = list.Where(x => x.Candidate.Points < points
                || (x.Candidate.Points == points && x.Candidate.Id > id));
        var rows = await list.OrderByDescending(x => x.Candidate.Points).ThenBy(x => x.Candidate.Id).Take(take + 1)
            .ToListAsync(ct);
        var page = Paging.Of(rows, take, x => $"{x.Candidate.Points}_{x.Candidate.Id}");
        foreach (var member in page.Items.SelectMany(x => new[] { x.First, x.Second }).DistinctBy(m => m.Id))
            db.RecordRead("member", member.Id, member.BranchPath, "ListShown");
        await db.SaveReadsAsync(ct);
        Guid[] branches = [.. page.Items.SelectMany(x => new[] { x.First.BranchId, x.Second.BranchId }).Distinct()];
        var names = await db.Organisations.AsNoTracking().Where(o => branches.Contains(o.Id))
            .ToDictionaryAsync(o => o.Id, o => o.Name, ct);
        return new([.. page.Items.Select(x => new CandidateReply(x.Candidate.Id, x.Candidate.Status,
            x.Candidate.Points, SignReply.Of(ScoreOf(x.First, x.Second)), MemberReply.Of(x.First),
            MemberReply.Of(x.Second), x.Candidate.FoundAt, x.Candidate.DecidedAt, x.Candidate.Reason,
            names.GetValueOrDefault(x.First.BranchId, ""), names.GetValueOrDefault(x.Second.BranchId, "")))],
            page.Next);
    }

    private static async Task<CandidateStatusReply> DecideAsync(Guid id, DecideRequest body, CommandId command,
        RegistryDb db, CallerContext context, Func<DuplicateCandidate?, string, Decision<CandidateEvent>> decide,
        CancellationToken ct)
    {
        var input = new Input();
        var reason = input.Text(body.Reason, "reason", 200);
        input.ThrowIfAny();
        context.Current.RequireRole(Access.MergeMembers);
        var candidate = await db.Set<DuplicateCandidate>().AsNoTracking().SingleOrDefaultAsync(c => c.Id == id, ct)
            ?? throw new ProblemException(CandidateDecider.NotFound);
        var first = await db.MemberAsync(candidate.FirstId, context.Current, Access.MergeMembers, ct);
        var second = await db.MemberAsync(candidate.SecondId, context.Current, Access.MergeMembers, ct);
        var path = MergeDecider.CommonPath(first.BranchPath, second.BranchPath);
        var saved = await db.CommitAsync(command.Value, id, new Change<DuplicateCandidate, CandidateEvent>(
            "duplicate-candidate", c => decide(c, reason), CandidateDecider.Evolve, _ => path, (_, _, _) => []), ct,
            reason);
        return new(saved.Id, saved.Status, saved.Reason);
    }

    public sealed record CandidateStatusReply(Guid Id, CandidateStatus Status, string Reason);

    internal static DuplicateScore ScoreOf(Member one, Member other)
    {
        var book = ReferenceData.Names;
        return DuplicateRules.Score(book, Traits(one), book.Fold(one.Name), Traits(other), book.Fold(other.Name));
    }

    private static PersonTraits Traits(Member m) => new(m.Id, m.BranchId, m.Name, m.IdNumber, m.BirthOn, m.Sex,
        m.NativePlace, m.Phone, m.JoinedOn, m.Employer);

    private static DateOnly? BirthOf(string? idNumber)
    {
        var body = PersonTraits.BodyOf(idNumber ?? "");
        return body.Length > 0 && DateOnly.TryParseExact(body.AsSpan(6, 8), "yyyyMMdd", out var on) ? on : null;
    }

    private static string Upper(string id) => id.Replace('x', 'X');

    private static (int Points, Guid Id)? Position(string? after)
    {
        if (string.IsNullOrEmpty(after)) return null;
        var split = after.Split('_');
        return split.Length == 2 && int.TryParse(split[0], out var points) && Guid.TryParse(split[1], out var id)
            ? (points, id) : throw new ProblemException(Paging.Malformed);
    }

    private static Problem TooMany { get; } = new(ProblemKind.TooLarge, "DUPLICATE_RUN_TOO_LARGE",
        $"At most {PeopleLimits.DuplicateMembersMax} members are compared at once; run it for each county.",
        $"一次最多比对 {PeopleLimits.DuplicateMembersMax} 名党员，请按县（区）分别进行。");
}

/// <summary>Limits of the people in depth.</summary>
public static class PeopleLimits
{
    /// <summary>Most members that one search for doubles compares; their traits stand in memory meanwhile.</summary>
    public const int DuplicateMembersMax = 300_000;

    /// <summary>
    /// Most branches whose archives are scored at once, for one request or by the worker; the reply says what is left.
    /// </summary>
    public const int QualityBranchesMax = 100;

    /// <summary>Most members on one screening sheet.</summary>
    public const int ScreeningRowsMax = 5_000;
}
