using System.Diagnostics;
using Platform.Kernel;

namespace Identity;

/// <summary>Where an account (账号) stands.</summary>
public enum AccountStatus
{
    /// <summary>Made, or set back; waits for its holder with a one-time code.</summary>
    Invited,

    /// <summary>The holder has chosen credentials.</summary>
    Active,

    /// <summary>Closed for good; the trail stays.</summary>
    Closed,
}

/// <summary>
/// Who can sign in. What the holder knows and carries (password, second factor) is not here. Source: R-171.
/// </summary>
public sealed record Account
{
    public required Guid Id { get; init; }

    /// <summary>Lower case, unique in the node; see <see cref="AccountDecider.IsUserName"/>.</summary>
    public required string UserName { get; init; }

    /// <summary>Name of the person, shown to colleagues and kept in trails.</summary>
    public required string Name { get; init; }

    /// <summary>Path of the organisation that keeps the account.</summary>
    public required string Path { get; init; }

    /// <summary>The holder's own record when the account is a member's; else null.</summary>
    public Guid? MemberId { get; init; }

    /// <summary>Keyed hash of the member's certificate number; null for officers.</summary>
    public byte[]? CertificateIndex { get; init; }

    public AccountStatus Status { get; init; }

    /// <summary>Keyed hash of the one-time code; null when none waits.</summary>
    public byte[]? CodeHash { get; init; }

    /// <summary>Until when the code can be used; null when none waits.</summary>
    public DateTimeOffset? CodeUntil { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }
}

/// <summary>What happened to an account.</summary>
public abstract record AccountEvent;

/// <summary>It was made; its code waits.</summary>
public sealed record AccountCreated(Account Account) : AccountEvent;

/// <summary>A new one-time code replaced the old one.</summary>
public sealed record CodeIssued(byte[] Hash, DateTimeOffset Until) : AccountEvent;

/// <summary>Credentials are void; the holder starts again with a new code.</summary>
public sealed record AccountReset(byte[] Hash, DateTimeOffset Until) : AccountEvent;

/// <summary>The holder used the code; it is spent.</summary>
public sealed record AccountActivated(DateTimeOffset At) : AccountEvent;

/// <summary>Another organisation keeps it.</summary>
public sealed record AccountMoved(string Path) : AccountEvent;

/// <summary>Nobody signs in with it any more.</summary>
public sealed record AccountClosed(DateTimeOffset At) : AccountEvent;

/// <summary>A one-time code as the service keeps it.</summary>
/// <param name="Hash">Keyed hash.</param>
/// <param name="Until">First instant at which it is too late.</param>
public sealed record OneTimeCode(byte[] Hash, DateTimeOffset Until);

/// <summary>Rules of accounts.</summary>
public static class AccountDecider
{
    /// <summary>Longest user name, characters.</summary>
    public const int UserNameMax = 40;

    /// <summary>Longest name of a person, characters.</summary>
    public const int NameMax = 50;

    /// <summary>How long a one-time code waits, days.</summary>
    public const int CodeDaysMax = 7;

    /// <summary>ACCOUNT_NOT_FOUND: none, or none that the caller may know of.</summary>
    public static Problem NotFound { get; } = new(ProblemKind.NotFound, "ACCOUNT_NOT_FOUND",
        "There is no such account in your part of the tree.", "您的管理范围内没有这个账号。");

    /// <summary>3 to 40 small letters, digits, dots or hyphens; it begins with a letter.</summary>
    public static bool IsUserName(string? text) => text is { Length: >= 3 and <= UserNameMax }
        && char.IsAsciiLetterLower(text[0])
        && text.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '.' or '-');

    /// <summary>Makes an account.</summary>
    /// <param name="existing">Null; anything else was made under this id before.</param>
    /// <param name="userNameTaken">Another account has this user name.</param>
    /// <param name="memberHasOne">Another account that is not closed belongs to this member or certificate.</param>
    /// <remarks>Problems, in order: ACCOUNT_USER_NAME_TAKEN, ACCOUNT_MEMBER_HAS_ONE.</remarks>
    public static Decision<AccountEvent> Create(
        Account? existing, Account account, bool userNameTaken, bool memberHasOne) =>
        existing is not null ? Array.Empty<AccountEvent>()
        : userNameTaken ? new Problem(ProblemKind.Precondition, "ACCOUNT_USER_NAME_TAKEN",
            "Another account has this user name.", "该用户名已被使用。")
        : memberHasOne ? new Problem(ProblemKind.Precondition, "ACCOUNT_MEMBER_HAS_ONE",
            "This member, or this certificate number, has an account already.", "该党员或该证号已开通账号。")
        : new AccountCreated(account with { Status = AccountStatus.Invited });

    /// <summary>Issues another code while the first was not used.</summary>
    /// <remarks>Problems, in order: ACCOUNT_NOT_FOUND, ACCOUNT_CLOSED, ACCOUNT_ACTIVE.</remarks>
    public static Decision<AccountEvent> IssueCode(Account? account, OneTimeCode code) => account switch
    {
        null => NotFound,
        { Status: AccountStatus.Closed } => Closed,
        { Status: AccountStatus.Active } => new Problem(ProblemKind.Precondition, "ACCOUNT_ACTIVE",
            "The account is in use; a security administrator can set it back.", "该账号已启用，如需重设请由安全管理员办理。"),
        _ => new CodeIssued(code.Hash, code.Until),
    };

    /// <summary>Voids what the holder knows and carries, and issues a code.</summary>
    /// <param name="actor">Account of whoever asks.</param>
    /// <remarks>Problems, in order: ACCOUNT_NOT_FOUND, ACCOUNT_CLOSED, ACCOUNT_OWN.</remarks>
    public static Decision<AccountEvent> Reset(Account? account, OneTimeCode code, Guid actor) => account switch
    {
        null => NotFound,
        { Status: AccountStatus.Closed } => Closed,
        { Id: var id } when id == actor => Own,
        _ => new AccountReset(code.Hash, code.Until),
    };

    /// <summary>Spends the code.</summary>
    /// <remarks>
    /// Problems: ACTIVATION_REFUSED; one answer for everything, so that nobody learns which accounts wait.
    /// </remarks>
    public static Decision<AccountEvent> Activate(Account? account, byte[] codeHash, DateTimeOffset now) =>
        account is { Status: AccountStatus.Invited, CodeHash: { } hash, CodeUntil: { } until }
            && now < until && hash.AsSpan().SequenceEqual(codeHash)
            ? new AccountActivated(now)
            : new Problem(ProblemKind.Forbidden, "ACTIVATION_REFUSED",
                "The code does not fit, was used, or is too old.", "激活码不符、已使用或已过期。");

    /// <summary>Gives the account to another organisation.</summary>
    /// <remarks>Problems, in order: ACCOUNT_NOT_FOUND, ACCOUNT_CLOSED.</remarks>
    public static Decision<AccountEvent> Move(Account? account, string path) => account switch
    {
        null => NotFound,
        { Status: AccountStatus.Closed } => Closed,
        { Path: var now } when now == path => Array.Empty<AccountEvent>(),
        _ => new AccountMoved(path),
    };

    /// <summary>Closes it.</summary>
    /// <remarks>Problems, in order: ACCOUNT_NOT_FOUND, ACCOUNT_CLOSED, ACCOUNT_OWN.</remarks>
    public static Decision<AccountEvent> Close(Account? account, Guid actor, DateTimeOffset now) => account switch
    {
        null => NotFound,
        { Status: AccountStatus.Closed } => Closed,
        { Id: var id } when id == actor => Own,
        _ => new AccountClosed(now),
    };

    /// <summary>Folds one event into the state.</summary>
    public static Account Evolve(Account? state, AccountEvent happened) => (state, happened) switch
    {
        (null, AccountCreated e) => e.Account,
        ({ } a, CodeIssued e) => a with { CodeHash = e.Hash, CodeUntil = e.Until },
        ({ } a, AccountReset e) =>
            a with { Status = AccountStatus.Invited, CodeHash = e.Hash, CodeUntil = e.Until },
        ({ } a, AccountActivated) => a with { Status = AccountStatus.Active, CodeHash = null, CodeUntil = null },
        ({ } a, AccountMoved e) => a with { Path = e.Path },
        ({ } a, AccountClosed) => a with { Status = AccountStatus.Closed, CodeHash = null, CodeUntil = null },
        _ => throw new UnreachableException($"{happened.GetType().Name} cannot follow {state?.Status}"),
    };

    /// <summary>ACCOUNT_CLOSED.</summary>
    public static Problem Closed { get; } = new(ProblemKind.Precondition, "ACCOUNT_CLOSED",
        "The account is closed.", "该账号已注销。");

    private static Problem Own { get; } = new(ProblemKind.Forbidden, "ACCOUNT_OWN",
        "Nobody closes or sets back the own account.", "不能注销或重设自己的账号。");
}
