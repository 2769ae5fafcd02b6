using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Platform.Testing;

namespace Identity.Tests.Service;

/// <summary>Tokens signed by a test with the node's key, and what a token says.</summary>
internal static class Tokens
{
    public static string Sign(ECDsa key, string node, string org, string role, Guid? subject, string? obo)
    {
        var claims = new Dictionary<string, object>
        {
            ["iss"] = $"urn:platform:node:{node}",
            ["aud"] = "platform",
            ["sub"] = (subject ?? TestTokens.Subject(org, role)).ToString(),
            ["name"] = role,
            ["org"] = org,
            ["roles"] = new[] { role },
            ["exp"] = DateTimeOffset.UtcNow.AddHours(9).ToUnixTimeSeconds(),
        };
        if (obo is not null) claims["obo"] = obo;
        var body = $"{Part(new { alg = "ES256", typ = "JWT" })}.{Part(claims)}";
        var signature = key.SignData(Encoding.ASCII.GetBytes(body), HashAlgorithmName.SHA256);
        return $"{body}.{Base64Url.EncodeToString(signature)}";
    }

    public static JsonElement Claims(string token) =>
        JsonSerializer.Deserialize<JsonElement>(Base64Url.DecodeFromChars(token.Split('.')[1]));

    private static string Part(object value) =>
        Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(value));
}
