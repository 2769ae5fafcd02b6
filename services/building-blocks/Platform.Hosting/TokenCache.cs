using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Platform.Hosting;

/// <summary>
/// Checks a token's signature once and believes it for a short while: the check is the dearest step of a small read.
/// Only good tokens are kept, under their SHA-256, never past their end.
/// </summary>
/// <param name="kept">Bounded; each token counts one.</param>
/// <param name="keep">How long a checked token is believed, for example a minute.</param>
internal sealed class TokenCache(IMemoryCache kept, TimeSpan keep, TimeProvider clock) : JsonWebTokenHandler
{
    /// <summary>Most tokens kept at once; older ones make room.</summary>
    public const int CountMax = 10_000;

    public override async Task<TokenValidationResult> ValidateTokenAsync(
        string token, TokenValidationParameters validationParameters)
    {
        var key = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(token)));
        if (kept.TryGetValue(key, out TokenValidationResult? known) && known is not null
            && known.SecurityToken.ValidTo > clock.GetUtcNow().UtcDateTime) return Copy(known);
        var result = await base.ValidateTokenAsync(token, validationParameters);
        if (!result.IsValid) return result;
        kept.Set(key, result, new MemoryCacheEntryOptions { Size = 1, AbsoluteExpirationRelativeToNow = keep });
        return Copy(result);
    }

    // Whoever signs in gets an identity of the request's own; the kept one stays as it was checked.
    private static TokenValidationResult Copy(TokenValidationResult known) => new()
    {
        IsValid = true,
        SecurityToken = known.SecurityToken,
        ClaimsIdentity = known.ClaimsIdentity.Clone(),
        Issuer = known.Issuer,
        TokenType = known.TokenType,
    };
}
