using System.Security.Cryptography;
using Identity.Service.Persistence;
using Identity.Service.SignIn;
using Microsoft.EntityFrameworkCore;
using Platform.Hosting;
using Platform.Kernel;

namespace Identity.Service.Capabilities;

/// <summary>
/// Accounts: opened by an administrator of the organisation or a tier above, a member's also by the branch. What the
/// holder knows and carries is never seen here. Source: R-171, R-172.
/// </summary>
internal static class AccountsApi
{
    private const int ReasonMax = 200;

    /// <param name="UserName">Required for officers; made up for members when left out.</param>
    /// <param name="CertificateNumber">Of the member; only a keyed hash is kept.</param>
    public sealed record OpenRequest(string Name, string Path, string? UserName = null, Guid? MemberId = null,
        string? CertificateNumber = null);

    public sealed record ReasonRequest(string Reason);

    public sealed record MoveRequest(string Path);

    public sealed record AccountReply(Guid Id, string UserName, string Name, string Path, Guid? MemberId,
        AccountStatus Status, DateTimeOffset CreatedAt, DateTimeOffset? CodeUntil);

    /// <param name="Code">The one-time code, shown this once; null when a repeated command shows the account
    /// again.</param>
    public sealed record CodeReply(AccountReply Account, string? Code);

    public sealed record Page<T>(IReadOnlyList<T> Items, string? Next);

    public sealed record TrailReply(DateTimeOffset At, string ActorName, string ActorOrg, string? OnBehalfOf,
        string Action, string? Reason, string? TraceId, long? Position);

    public static void MapAccounts(this IEndpointRouteBuilder api)
    {
        var group = api.MapGroup("/accounts").WithTags("accounts");
        group.MapPost("", OpenAsync);
        group.MapGet("", ListAsync);
        group.MapGet("/{id:guid}", GetAsync);
        group.MapPost("/{id:guid}/code", IssueAsync);
        group.MapPost("/{id:guid}/reset", ResetAsync);
        group.MapPost("/{id:guid}/move", MoveAsync);
        group.MapPost("/{id:guid}/close", CloseAsync);
        group.MapGet("/{id:guid}/trail", TrailAsync);
    }

    private static async Task<CodeReply> OpenAsync(OpenRequest body, CommandId command, IdentityDb db,
        CallerContext context, HeldRoles beyond, FieldCipher cipher, TimeProvider clock, CancellationToken ct)
    {
        var input = new Input();
        var (name, path) = (input.Text(body.Name, "name", AccountDecider.NameMax), input.Path(body.Path, "path"));
        var userName = body.UserName ?? (body.MemberId is null ? ""
            : $"m-{RandomNumberGenerator.GetString("abcdefghjkmnpqrstuvwxyz23456789", 10)}");
        input.Must(AccountDecider.IsUserName(userName), "userName", "NOT_A_USER_NAME",
            "3 to 40 small letters, digits, dots or hyphens, beginning with a letter.",
            "3 至 40 个小写字母、数字、点或连字符，以字母开头。");
        var certificate = body.MemberId is null && body.CertificateNumber is null ? null
            : input.Text(body.CertificateNumber, "certificateNumber", 30);
        input.Must(body.MemberId is not null || certificate is null, "memberId", "REQUIRED",
            "A certificate belongs to a member.", "活动证号须与党员编号一并填写。");
        input.ThrowIfAny();
        context.Current.Require(path, body.MemberId is null ? Access.KeepAccounts : Access.OpenMembers);
        var code = NewCode(cipher, clock);
        var account = new Account
        {
            Id = command.Value,
            UserName = userName,
            Name = name,
            Path = path,
            MemberId = body.MemberId,
            CertificateIndex = certificate is null ? null : db.CertificateIndex(certificate),
            CodeHash = code.Kept.Hash,
            CodeUntil = code.Kept.Until,
            CreatedAt = clock.GetUtcNow(),
        };
        var (nameTaken, memberTaken) = await beyond.TakenAsync(account, ct);
        return await CommitAsync(db, command, command.Value, code,
            existing => AccountDecider.Create(existing, account, nameTaken, memberTaken), null, ct);
    }

    private static async Task<CodeReply> IssueAsync(Guid id, CommandId command, IdentityDb db, CallerContext context,
        HeldRoles beyond, FieldCipher cipher, TimeProvider clock, CancellationToken ct)
    {
        var account = await FindAsync(db, id, ct);
        // A member's account may hold offices; whoever has its code has them.
        var isOffice = account.MemberId is null || (await beyond.OfAsync(id, ct)).Count > 0;
        context.Current.Require(account.Path, isOffice ? Access.KeepAccounts : Access.OpenMembers);
        var code = NewCode(cipher, clock);
        return await CommitAsync(db, command, id, code, a => AccountDecider.IssueCode(a, code.Kept), null, ct);
    }

    /// <summary>For a lost second factor or a forgotten password: the holder starts again with a new code.</summary>
    private static async Task<CodeReply> ResetAsync(Guid id, ReasonRequest body, CommandId command, IdentityDb db,
        CallerContext context, Credentials credentials, Sessions sessions, FieldCipher cipher, TimeProvider clock,
        CancellationToken ct)
    {
        var (caller, reason) = (context.Current, ReasonOf(body.Reason));
        caller.Require((await FindAsync(db, id, ct)).Path, Access.GrantRoles);
        var code = NewCode(cipher, clock);
        var reply = await CommitAsync(db, command, id, code,
            a => AccountDecider.Reset(a, code.Kept, caller.Subject), reason, ct);
        context.Current = Caller.Service; // Credentials and sessions are the service's own rows.
        await credentials.VoidAsync(id, ct);
        await sessions.EndAllAsync(id, null, ct);
        return reply;
    }

    private static async Task<AccountReply> MoveAsync(Guid id, MoveRequest body, CommandId command, IdentityDb db,
        CallerContext context, CancellationToken ct)
    {
        var input = new Input();
        var path = input.Path(body.Path, "path");
        input.ThrowIfAny();
        context.Current.Require((await FindAsync(db, id, ct)).Path, Access.KeepAccounts);
        context.Current.Require(path, Access.KeepAccounts);
        return ReplyOf(await db.CommitAsync(command.Value, id,
            AccountChange.Of(a => AccountDecider.Move(a, path)), ct));
    }

    private static async Task<AccountReply> CloseAsync(Guid id, ReasonRequest body, CommandId command, IdentityDb db,
        CallerContext context, Sessions sessions, TimeProvider clock, CancellationToken ct)
    {
        var (caller, reason) = (context.Current, ReasonOf(body.Reason));
        caller.Require((await FindAsync(db, id, ct)).Path, Access.KeepAccounts);
        var closed = await db.CommitAsync(command.Value, id,
            AccountChange.Of(a => AccountDecider.Close(a, caller.Subject, clock.GetUtcNow())), ct, reason);
        context.Current = Caller.Service;
        await sessions.EndAllAsync(id, null, ct);
        return ReplyOf(closed);
    }

    private static async Task<AccountReply> GetAsync(Guid id, IdentityDb db, CallerContext context,
        CancellationToken ct)
    {
        context.Current.RequireRole(Access.SeeAccounts);
        var account = await FindAsync(db, id, ct);
        context.Current.Require(account.Path, Access.SeeAccounts);
        return ReplyOf(account);
    }

    /// <summary>By user name; <paramref name="after"/> is the last one seen.</summary>
    private static async Task<Page<AccountReply>> ListAsync(string? path, Guid? memberId, string? after, int? size,
        IdentityDb db, CallerContext context, IdentityOptions options, CancellationToken ct)
    {
        var caller = context.Current;
        caller.RequireRole(memberId is null ? Access.SeeAccounts : [.. Access.SeeAccounts, .. Access.OpenMembers]);
        var take = size is null ? Math.Min(50, options.PageSizeMax)
            : size > 0 && size <= options.PageSizeMax ? size.Value
            : throw new ProblemException(ProblemMap.PageSizeOutOfRange(options.PageSizeMax));
        var scope = caller.Scope;
        var rows = db.Accounts.AsNoTracking()
            .Where(a => string.Compare(a.Path, scope) >= 0 && string.Compare(a.Path, scope + "~") < 0);
        if (!string.IsNullOrEmpty(path))
            rows = rows.Where(a => string.Compare(a.Path, path) >= 0 && string.Compare(a.Path, path + "~") < 0);
        if (memberId is not null) rows = rows.Where(a => a.MemberId == memberId);
        if (!string.IsNullOrEmpty(after)) rows = rows.Where(a => string.Compare(a.UserName, after) > 0);
        var found = await rows.OrderBy(a => a.UserName).Take(take + 1).ToListAsync(ct);
        return new([.. found.Take(take).Select(ReplyOf)], found.Count > take ? found[take - 1].UserName : null);
    }

    /// <summary>What happened to the account and with it, oldest first, without contents.</summary>
    private static async Task<Page<TrailReply>> TrailAsync(Guid id, Guid? after, int? size, IdentityDb db,
        CallerContext context, IdentityOptions options, CancellationToken ct)
    {
        context.Current.RequireRole(Access.SeeTrail);
        context.Current.Require((await FindAsync(db, id, ct)).Path, Access.SeeTrail);
        var take = size is null ? Math.Min(50, options.PageSizeMax)
            : size > 0 && size <= options.PageSizeMax ? size.Value
            : throw new ProblemException(ProblemMap.PageSizeOutOfRange(options.PageSizeMax));
        var rows = db.Set<AuditRow>().AsNoTracking().Where(a => a.SubjectId == id || a.Actor == id);
        if (after is { } last) rows = rows.Where(a => a.Id > last);
        var found = await rows.OrderBy(a => a.Id).Take(take + 1).ToListAsync(ct);
        return new([.. found.Take(take).Select(a => new TrailReply(a.At, a.ActorName, a.ActorOrg, a.OnBehalfOf,
            a.Action, a.Reason, a.TraceId, a.Position))], found.Count > take ? found[take - 1].Id.ToString() : null);
    }

    /// <exception cref="ProblemException">ACCOUNT_NOT_FOUND, also for one outside the caller's scope.</exception>
    internal static async Task<Account> FindAsync(IdentityDb db, Guid id, CancellationToken ct) =>
        await db.Accounts.SingleOrDefaultAsync(a => a.Id == id, ct)
        ?? throw new ProblemException(AccountDecider.NotFound);

    internal static string ReasonOf(string? text)
    {
        var input = new Input();
        var reason = input.Text(text, "reason", ReasonMax);
        input.ThrowIfAny();
        return reason;
    }

    private static async Task<CodeReply> CommitAsync(IdentityDb db, CommandId command, Guid id,
        (string Shown, OneTimeCode Kept) code, Func<Account?, Decision<AccountEvent>> decide, string? reason,
        CancellationToken ct)
    {
        var account = await db.CommitAsync(command.Value, id, AccountChange.Of(decide), ct, reason);
        var fresh = account.CodeHash is { } hash && hash.AsSpan().SequenceEqual(code.Kept.Hash);
        return new(ReplyOf(account), fresh ? code.Shown : null);
    }

    internal static (string Shown, OneTimeCode Kept) NewCode(FieldCipher cipher, TimeProvider clock)
    {
        var code = OneTimeCodes.NewActivation();
        var until = clock.GetUtcNow().AddDays(AccountDecider.CodeDaysMax);
        return (code, new(OneTimeCodes.ActivationHash(cipher, code), until));
    }

    private static AccountReply ReplyOf(Account a) =>
        new(a.Id, a.UserName, a.Name, a.Path, a.MemberId, a.Status, a.CreatedAt, a.CodeUntil);
}
