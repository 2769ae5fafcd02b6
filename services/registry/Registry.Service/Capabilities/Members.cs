using Microsoft.EntityFrameworkCore;
using Platform.Hosting;
using Registry.Members;
using Registry.Organisations;
using Registry.Search;
using Registry.Service.Persistence;
using Registry.Service.Reference;
using V1 = Platform.Contracts.Registry.V1;

namespace Registry.Service.Capabilities;

/// <summary>
/// The members' archives: registering, amending, listing, revealing. Source: M-070..M-076, M-079, M-101.
/// </summary>
internal static class MembersApi
{
    public sealed record RegisterRequest(
        Guid BranchId, string Name, string IdNumber, string Standing, string? Sex = null,
        string? EthnicGroup = null, string? NativePlace = null, string? Education = null,
        DateOnly? JoinedOn = null, string? Phone = null, string? Occupation = null, string? Employer = null,
        string? CreditCode = null, string? Residence = null, string? RolePlayed = null);

    public sealed record AmendRequest(
        string? Name = null, string? EthnicGroup = null, string? NativePlace = null, string? Education = null,
        DateOnly? JoinedOn = null, string? Standing = null, string? Phone = null, string? Occupation = null,
        string? Employer = null, string? CreditCode = null, string? Residence = null,
        string? RolePlayed = null, string? Reason = null);

    public sealed record RevealRequest(string Reason);

    public sealed record RevealReply(Guid Id, string IdNumber, string Phone, string Residence);

    public static void MapMembers(this IEndpointRouteBuilder api)
    {
        var group = api.MapGroup("/members").WithTags("members");
        group.MapPost("", RegisterAsync);
        group.MapPatch("/{id:guid}", AmendAsync);
        group.MapGet("", ListAsync);
        group.MapPost("/{id:guid}/reveal", RevealAsync);
    }

    private static async Task<MemberReply> RegisterAsync(RegisterRequest body, CommandId command, RegistryDb db,
        CallerContext context, TimeProvider clock, CancellationToken ct)
    {
        var input = new Input();
        var today = Today.In(clock);
        var id = input.Identity(body.IdNumber, "idNumber", today);
        var birth = id.Length == 18 ? new ResidentId(id).BornOn : default;
        var member = new Member
        {
            Id = command.Value,
            BranchId = body.BranchId,
            BranchPath = "",
            Name = Name(input, body.Name),
            IdNumber = id,
            Sex = id.Length == 18
                ? ((int)new ResidentId(id).Sex).ToString(System.Globalization.CultureInfo.InvariantCulture) : "0",
            EthnicGroup = input.Optional(body.EthnicGroup, "ethnicGroup", 10),
            BirthOn = birth,
            NativePlace = input.Optional(body.NativePlace, "nativePlace", 50),
            Education = input.Optional(body.Education, "education", 10),
            JoinedOn = body.JoinedOn,
            Standing = Standing(input, body.Standing),
            Phone = input.Phone(body.Phone, "phone"),
            Occupation = input.Optional(body.Occupation, "occupation", 50),
            Employer = input.Optional(body.Employer, "employer", 100),
            CreditCode = input.Optional(body.CreditCode, "creditCode", 18),
            Residence = input.Optional(body.Residence, "residence", 200),
            RolePlayed = input.Optional(body.RolePlayed, "rolePlayed", 500),
        };
        input.Must(body.JoinedOn is null
            || body.JoinedOn <= today, "joinedOn", "IN_THE_FUTURE", "Not after today.", "不能晚于今天。");
        input.ThrowIfAny();
        var branch = await db.Organisations.AsNoTracking().SingleOrDefaultAsync(o => o.Id == body.BranchId, ct)
            ?? throw new ProblemException(OrganisationDecider.NotFound);
        context.Current.Require(branch.Path, Access.KeepMembers);
        member = member with { BranchPath = branch.Path };
        var index = db.IdNumberIndex(id);
        var known = await db.Archives
            .AnyAsync(m => EF.Property<byte[]>(m, "IdNumberIndex") == index && m.Id != command.Value, ct);
        var holds = branch.DissolvedOn is null && OrganisationTypes.HoldingMembers.Contains(branch.Type);
        return MemberReply.Of(await SaveAsync(db, command.Value, member.Id,
            existing => existing is null ? MemberDecider.Register(known, holds, member)
                : Array.Empty<MemberEvent>(), null, ct));
    }

    private static async Task<MemberReply> AmendAsync(Guid id, AmendRequest body, CommandId command, RegistryDb db,
        CallerContext context, CancellationToken ct)
    {
        var input = new Input();
        Member Amend(Member m) => m with
        {
            Name = body.Name is null ? m.Name : Name(input, body.Name),
            EthnicGroup = body.EthnicGroup is null ? m.EthnicGroup
                : input.Optional(body.EthnicGroup, "ethnicGroup", 10),
            NativePlace = body.NativePlace is null ? m.NativePlace
                : input.Optional(body.NativePlace, "nativePlace", 50),
            Education = body.Education is null ? m.Education : input.Optional(body.Education, "education", 10),
            JoinedOn = body.JoinedOn ?? m.JoinedOn,
            Standing = body.Standing is null ? m.Standing : Standing(input, body.Standing),
            Phone = body.Phone is null ? m.Phone : input.Phone(body.Phone, "phone"),
            Occupation = body.Occupation is null ? m.Occupation : input.Optional(body.Occupation, "occupation", 50),
            Employer = body.Employer is null ? m.Employer : input.Optional(body.Employer, "employer", 100),
            CreditCode = body.CreditCode is null ? m.CreditCode : input.Optional(body.CreditCode, "creditCode", 18),
            Residence = body.Residence is null ? m.Residence : input.Optional(body.Residence, "residence", 200),
            RolePlayed = body.RolePlayed is null ? m.RolePlayed : input.Optional(body.RolePlayed, "rolePlayed", 500),
        };
        return MemberReply.Of(await SaveAsync(db, command.Value, id, existing =>
        {
            if (existing is null) context.Current.RequireRole(Access.KeepMembers);
            else context.Current.Require(existing.BranchPath, Access.KeepMembers);
            var decision = MemberDecider.Amend(existing, Amend);
            input.ThrowIfAny();
            return decision;
        }, input.Optional(body.Reason, "reason", 200), ct));
    }

    /// <summary>Branch by branch; people are found by name or number with <c>POST /search</c>.</summary>
    private static async Task<Page<MemberReply>> ListAsync(Guid? branchId, string? standing, string? after, int? size,
        HttpContext http, ScopedReads reads, CallerContext context, FieldCipher cipher, RegistryOptions options,
        TimeProvider clock, CancellationToken ct)
    {
        var caller = context.Current;
        caller.RequireRole(Access.SeeMembers);
        var (take, now) = (Paging.Size(size, options), clock.GetUtcNow());
        var list = new ListFilter().InScope("branch_path", caller.Scope)
            .After("branch_path", Paging.Position<Guid>(after));
        list.And("ended_on is null");
        if (branchId is { } branch) list.And("branch_id = {0}", branch);
        if (!string.IsNullOrEmpty(standing))
        {
            var input = new Input();
            list.And("standing = {0}", Standing(input, standing));
            input.ThrowIfAny();
        }
        const string Order = "branch_path, id";
        var query = ReadTrail.Noted(list.Page($"select {GetMember.Columns} from member", take, Order), take,
            GetMember.Columns, Order, "'member'", "branch_path", caller, now, ProblemMap.TraceId(http));
        var rows = await reads.ReadAsync(caller, query, r => GetMember.Reply(r, cipher), ct);
        return Paging.Of(rows, take, m => $"{m.BranchPath}_{m.Id}");
    }

    /// <summary>What an export holds: all members whose number it is, or whose name begins so.</summary>
    internal static IQueryable<Member> Named(RegistryDb db, string scope, string? words, DateOnly today)
    {
        var list = db.Members.AsNoTracking().InScope(scope);
        if (string.IsNullOrWhiteSpace(words)) return list;
        var guesses = TypedWords.Read(words, ReferenceData.Names, ReferenceData.Divisions, today);
        if (guesses.Length > 0 && ByStrongId(list, db, guesses[0]) is { } strong) return strong;
        string? Key(GuessKind kind) => guesses.FirstOrDefault(g => g.Kind == kind)?.Value;
        var (name, sound, first) = (Key(GuessKind.Name), Key(GuessKind.Pinyin), Key(GuessKind.Initials));
        var (nameEnd, soundEnd, firstEnd) = (NameSearch.End(name), NameSearch.End(sound), NameSearch.End(first));
        return list.Where(m =>
            (name != null && string.Compare(EF.Property<string>(m, "NameKey"), name) >= 0
                && string.Compare(EF.Property<string>(m, "NameKey"), nameEnd) < 0)
            || (sound != null && string.Compare(EF.Property<string>(m, "NamePinyin"), sound) >= 0
                && string.Compare(EF.Property<string>(m, "NamePinyin"), soundEnd) < 0)
            || (first != null && string.Compare(EF.Property<string>(m, "NameInitials"), first) >= 0
                && string.Compare(EF.Property<string>(m, "NameInitials"), firstEnd) < 0));
    }

    /// <summary>Those who carry a number or an id; null when the guess is neither.</summary>
    internal static IQueryable<Member>? ByStrongId(IQueryable<Member> list, RegistryDb db, Guess guess)
    {
        if (guess.Fault != ResidentIdFault.None) return null;
        switch (guess.Kind)
        {
            case GuessKind.Id:
                var id = Guid.Parse(guess.Value);
                return list.Where(m => m.Id == id);
            case GuessKind.IdNumber:
                var number = db.IdNumberIndex(guess.Value);
                return list.Where(m => EF.Property<byte[]>(m, "IdNumberIndex") == number);
            case GuessKind.Phone:
                var phone = db.PhoneIndex(guess.Value);
                return list.Where(m => EF.Property<byte[]?>(m, "PhoneIndex") == phone);
            case GuessKind.CertificateNumber:
                return list.Where(m => db.OutboundCards.Any(c => c.MemberId == m.Id
                    && EF.Property<string>(c, "CertificateNumber") == guess.Value));
            default:
                return null;
        }
    }

    /// <summary>Shows the identifiers unmasked; a recorded act with a reason. Source: R-166.</summary>
    private static async Task<RevealReply> RevealAsync(Guid id, RevealRequest body, RegistryDb db,
        CallerContext context, TimeProvider clock, CancellationToken ct)
    {
        var input = new Input();
        var reason = input.Text(body.Reason, "reason", 200);
        input.ThrowIfAny();
        context.Current.RequireRole(Access.Reveal);
        context.Current.RequireSecondFactor(clock.GetUtcNow());
        var member = await db.Archives.AsNoTracking().SingleOrDefaultAsync(m => m.Id == id, ct)
            ?? throw new ProblemException(MemberDecider.NotFound);
        context.Current.Require(member.BranchPath, Access.Reveal);
        db.RecordRead("member", member.Id, member.BranchPath, "Revealed", reason);
        await db.SaveChangesAsync(ct);
        return new(member.Id, member.IdNumber, member.Phone, member.Residence);
    }

    internal static Task<Member> SaveAsync(RegistryDb db, Guid commandId, Guid id,
        Func<Member?, Platform.Kernel.Decision<MemberEvent>> decide, string? reason, CancellationToken ct) =>
        db.CommitAsync(commandId, id, new Change<Member, MemberEvent>("member", decide, MemberDecider.Evolve,
            m => m.BranchPath, (_, after, e) => e is MemberRegistered
                ? [new BusFact(new V1.MemberWasRegistered(after.Id, after.BranchPath))] : []), ct, reason);

    internal static string Name(Input input, string? value)
    {
        var reading = PersonName.Read(value);
        input.Must(reading.Name is not null, "name", $"NAME_{reading.Fault.ToString().ToUpperInvariant()}",
            $"Not a usable name ({reading.Fault}).", "姓名不符合要求，请核对用字、间隔号与长度。");
        return reading.Name?.Value ?? "";
    }

    internal static string Standing(Input input, string? value)
    {
        input.Must(value is "full" or "probationary", "standing", "NOT_A_STANDING", "One of full, probationary.",
            "须为 full 或 probationary。");
        return value ?? "";
    }
}
