using System.Buffers.Text;
using System.Security.Cryptography;
using Identity.Service.Persistence;
using Microsoft.EntityFrameworkCore;

namespace Identity.Service.SignIn;

/// <summary>A session with whom it is of.</summary>
internal sealed record SignedIn(Session Session, Account Account);

/// <summary>
/// Sessions (会话): a random token in a cookie, its hash in the database. A new token with every sign-in, so that a
/// cookie planted before is worth nothing; ended sessions end at once, in every replica.
/// </summary>
internal sealed class Sessions(IdentityDb db, Cookies cookies, IdentityOptions options, TimeProvider clock)
{
    /// <summary>Who is signed in here; null when nobody is. Notes the visit once a minute.</summary>
    public async Task<SignedIn?> CurrentAsync(HttpContext http, CancellationToken ct)
    {
        if (cookies.Session(http) is not { } token) return null;
        var hash = HashOf(token);
        var session = await db.Sessions.SingleOrDefaultAsync(
            s => EF.Property<byte[]>(s, "TokenHash") == hash && s.EndedAt == null, ct);
        if (session is null || !IsAlive(session)) return null;
        var account = await db.Accounts.SingleOrDefaultAsync(a => a.Id == session.AccountId, ct);
        if (account is not { Status: AccountStatus.Active }) return null;
        var now = clock.GetUtcNow();
        if (now - session.SeenAt >= TimeSpan.FromMinutes(1))
        {
            session.SeenAt = now;
            await db.SaveChangesAsync(ct);
        }
        return new(session, account);
    }

    /// <summary>The session a token was made for, while it lasts; visits do not matter here.</summary>
    public async Task<SignedIn?> FindAsync(Guid id, CancellationToken ct)
    {
        var session = await db.Sessions.SingleOrDefaultAsync(s => s.Id == id && s.EndedAt == null, ct);
        if (session is null || !IsYoung(session)) return null;
        var account = await db.Accounts.SingleOrDefaultAsync(a => a.Id == session.AccountId, ct);
        return account is { Status: AccountStatus.Active } ? new(session, account) : null;
    }

    /// <summary>Starts one and sets its cookie; saved with the next <c>SaveChangesAsync</c>.</summary>
    public Session Start(HttpContext http, Guid account, DateTimeOffset secondAt, string methods, string office)
    {
        var (token, now) = (Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32)), clock.GetUtcNow());
        var session = new Session
        {
            Id = Guid.CreateVersion7(now),
            AccountId = account,
            StartedAt = now,
            SeenAt = now,
            SecondFactorAt = secondAt,
            Methods = methods,
            Office = office,
        };
        db.Add(session);
        db.Entry(session).Property("TokenHash").CurrentValue = HashOf(token);
        cookies.SetSession(http, token);
        cookies.Delete(http, "pending");
        return session;
    }

    /// <summary>Ends this one; saved with the next <c>SaveChangesAsync</c>.</summary>
    public void End(HttpContext http, Session session)
    {
        session.EndedAt = clock.GetUtcNow();
        cookies.Delete(http, "session");
    }

    /// <summary>Ends all sessions of an account, at once, but for one that may go on.</summary>
    public async Task EndAllAsync(Guid account, Guid? but, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        await db.Sessions.Where(s => s.AccountId == account && s.EndedAt == null && s.Id != but)
            .ExecuteUpdateAsync(s => s.SetProperty(x => x.EndedAt, now), ct);
    }

    private bool IsAlive(Session s) =>
        IsYoung(s) && clock.GetUtcNow() - s.SeenAt < TimeSpan.FromMinutes(options.IdleMinutes);

    private bool IsYoung(Session s) => clock.GetUtcNow() - s.StartedAt < TimeSpan.FromHours(options.SessionHours);

    private static byte[] HashOf(string token) => SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(token));
}
