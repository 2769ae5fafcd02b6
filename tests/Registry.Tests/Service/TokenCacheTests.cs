using System.Security.Cryptography;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.IdentityModel.Tokens;
using Platform.Hosting;
using Platform.Testing;

namespace Registry.Tests.Service;

/// <summary>A token that was checked a moment ago is believed, though never longer than it says itself.</summary>
public sealed class TokenCacheTests : IDisposable
{
    private readonly TestTokens _tokens = new("140000.141022");
    private readonly MemoryCache _kept = new(new MemoryCacheOptions { SizeLimit = TokenCache.CountMax });
    private readonly LaterClock _clock = new();

    [Fact]
    public async Task A_checked_token_is_not_checked_again_within_the_minute()
    {
        var token = _tokens.For("140000/", "auditor");
        var cache = Cache();
        Assert.True((await cache.ValidateTokenAsync(token, With(_tokens.PublicKey))).IsValid);
        using var other = new TestTokens("140000.141022");
        var again = await cache.ValidateTokenAsync(token, With(other.PublicKey)); // would fail if it were checked
        Assert.True(again.IsValid);
        Assert.Equal("auditor", again.ClaimsIdentity.FindFirst("roles")!.Value);
    }

    [Fact]
    public async Task A_token_is_not_believed_past_its_end()
    {
        var token = _tokens.For("140000/", "auditor");
        var cache = Cache();
        Assert.True((await cache.ValidateTokenAsync(token, With(_tokens.PublicKey))).IsValid);
        _clock.By = TimeSpan.FromDays(2);
        using var other = new TestTokens("140000.141022");
        Assert.False((await cache.ValidateTokenAsync(token, With(other.PublicKey))).IsValid);
    }

    [Fact]
    public async Task What_was_refused_is_not_kept_and_a_changed_token_is_another_one()
    {
        var token = _tokens.For("140000/", "auditor");
        var cache = Cache();
        using var other = new TestTokens("140000.141022");
        Assert.False((await cache.ValidateTokenAsync(token, With(other.PublicKey))).IsValid);
        Assert.Equal(0, _kept.Count);
        Assert.True((await cache.ValidateTokenAsync(token, With(_tokens.PublicKey))).IsValid);
        var changed = $"{token[..^4]}{(token[^4] == 'A' ? 'B' : 'A')}{token[^3..]}";
        Assert.False((await cache.ValidateTokenAsync(changed, With(_tokens.PublicKey))).IsValid);
    }

    public void Dispose()
    {
        _tokens.Dispose();
        _kept.Dispose();
    }

    private TokenCache Cache() => new(_kept, TimeSpan.FromMinutes(1), _clock);

    private static TokenValidationParameters With(string pem)
    {
        var key = ECDsa.Create();
        key.ImportFromPem(pem);
        return new()
        {
            ValidIssuer = Tokens.Issuer("140000.141022"),
            ValidAudience = Tokens.Audience,
            IssuerSigningKey = new ECDsaSecurityKey(key),
        };
    }

    private sealed class LaterClock : TimeProvider
    {
        public TimeSpan By { get; set; }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + By;
    }
}
