using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Platform.Testing;

/// <summary>Signs tokens as a node's issuer does (ES256). One key pair per instance.</summary>
public sealed class TestTokens(string nodePath) : IDisposable
{
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    /// <summary>PEM for <c>Token:PublicKey</c>.</summary>
    public string PublicKey => _key.ExportSubjectPublicKeyInfoPem();

    /// <summary>PEM for <c>Token:PrivateKey</c>: what identity signs with.</summary>
    public string PrivateKey => _key.ExportPkcs8PrivateKeyPem();

    /// <summary>A token of an officer; a member's token when <paramref name="member"/> is given.</summary>
    /// <param name="secondFactorAt">When the second factor was shown; null: now.</param>
    public string For(string org, string role, Guid? member = null, Guid? subject = null,
        DateTimeOffset? secondFactorAt = null)
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var claims = new Dictionary<string, object>
        {
            ["iss"] = $"urn:platform:node:{nodePath}",
            ["aud"] = "platform",
            ["sub"] = (subject ?? Subject(org, role)).ToString(),
            ["name"] = role,
            ["org"] = org,
            ["roles"] = new[] { role },
            ["iat"] = now,
            ["mfa_at"] = secondFactorAt?.ToUnixTimeSeconds() ?? now,
            ["exp"] = now + 36_000,
        };
        if (member is { } id) claims["member"] = id.ToString();
        var body = $"{Part(new { alg = "ES256", typ = "JWT" })}.{Part(claims)}";
        var signature = _key.SignData(Encoding.ASCII.GetBytes(body), HashAlgorithmName.SHA256);
        return $"{body}.{Base64Url(signature)}";
    }

    /// <summary>The account that holds a role at an organisation; the same each time.</summary>
    public static Guid Subject(string org, string role) =>
        new(SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{org}|{role}")))
            .AsSpan(0, 16));

    public void Dispose() => _key.Dispose();

    private static string Part(object value) => Base64Url(JsonSerializer.SerializeToUtf8Bytes(value));

    private static string Base64Url(byte[] bytes) => System.Buffers.Text.Base64Url.EncodeToString(bytes);
}
