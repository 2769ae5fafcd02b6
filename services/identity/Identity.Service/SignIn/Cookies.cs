using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.DataProtection;

namespace Identity.Service.SignIn;

/// <summary>
/// What somebody has shown so far on the way to a session; ten minutes in a sealed cookie.
/// </summary>
/// <param name="Password">The password was right, or the activation code was.</param>
/// <param name="SecondAt">When a second factor was shown; null when none was.</param>
/// <param name="Methods">How, as in <see cref="Persistence.Session.Methods"/>.</param>
/// <param name="Activation">Hash of the one-time code that is to be spent; null outside activation.</param>
/// <param name="Totp">Secret offered for enrolment; not valid until a code made with it was shown.</param>
internal sealed record Pending(Guid Account, bool Password, DateTimeOffset? SecondAt = null, string Methods = "pwd",
    byte[]? Activation = null, byte[]? Totp = null);

/// <summary>
/// The cookies of the sign-in pages: host-only, unreadable to scripts, never sent from other sites' forms.
/// </summary>
internal sealed class Cookies(IDataProtectionProvider protection, IdentityOptions options)
{
    private static readonly TimeSpan ShortLife = TimeSpan.FromMinutes(10);

    private readonly ITimeLimitedDataProtector _pending =
        protection.CreateProtector("identity", "pending").ToTimeLimitedDataProtector();

    private readonly ITimeLimitedDataProtector _passkey =
        protection.CreateProtector("identity", "passkey").ToTimeLimitedDataProtector();

    /// <summary>The prefix binds a cookie to this very host and to https.</summary>
    public string NameOf(string name) => options.Secure ? $"__Host-identity-{name}" : $"identity-{name}";

    public string? Session(HttpContext http) => http.Request.Cookies[NameOf("session")];

    public void SetSession(HttpContext http, string token) => Set(http, "session", token, null);

    public Pending? Pending(HttpContext http) => Read<Pending>(http, NameOf("pending"), _pending);

    public void SetPending(HttpContext http, Pending pending) => Write(http, "pending", pending, _pending);

    /// <summary>What the passkey library remembers between the question and the answer; taken once.</summary>
    public string? TakePasskey(HttpContext http)
    {
        var state = Read<string>(http, NameOf("passkey"), _passkey);
        Delete(http, "passkey");
        return state;
    }

    public void SetPasskey(HttpContext http, string state) => Write(http, "passkey", state, _passkey);

    public string? Language(HttpContext http) => http.Request.Cookies[NameOf("language")];

    public void SetLanguage(HttpContext http, string language) =>
        Set(http, "language", language, TimeSpan.FromDays(365));

    public void Delete(HttpContext http, string name) => http.Response.Cookies.Delete(NameOf(name), Options(null));

    private static T? Read<T>(HttpContext http, string full, ITimeLimitedDataProtector protector) where T : class
    {
        try
        {
            return http.Request.Cookies[full] is { } text
                ? JsonSerializer.Deserialize<T>(protector.Unprotect(text)) : null;
        }
        catch (CryptographicException)
        {
            return null; // Too old, of another installation, or made up: as if there were none.
        }
    }

    private void Write<T>(HttpContext http, string name, T value, ITimeLimitedDataProtector protector) =>
        Set(http, name, protector.Protect(JsonSerializer.Serialize(value), ShortLife), ShortLife);

    private void Set(HttpContext http, string name, string value, TimeSpan? life) =>
        http.Response.Cookies.Append(NameOf(name), value, Options(life));

    private CookieOptions Options(TimeSpan? life) => new()
    {
        HttpOnly = true,
        Secure = options.Secure,
        SameSite = SameSiteMode.Lax,
        Path = "/",
        MaxAge = life,
        IsEssential = true,
    };
}
