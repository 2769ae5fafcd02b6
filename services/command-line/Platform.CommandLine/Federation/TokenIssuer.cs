using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Platform.CommandLine.Infrastructure;
using Platform.CommandLine.Topologies;

namespace Platform.CommandLine.Federation;

/// <summary>For whom a token is (主体): subject to the node's issuer, bound to an organisation path and roles.</summary>
/// <param name="Org">Organisation path, ends with a slash.</param>
/// <param name="Member">The principal's own member record when it is a member.</param>
public sealed record Principal(Guid Subject, string Name, string Org, IReadOnlyList<string> Roles, Guid? Member = null);

/// <summary>Signs tokens as the node does: JWT, ES256.</summary>
public static class TokenIssuer
{
    public static readonly string[] Roles =
    [
        "tier-administrator", "committee-clerk", "branch-secretary", "liaison-officer", "fund-handler", "fund-approver",
        "assessor",
        "supervisor", "member", "analyst", "auditor", "operator", "system-administrator", "security-administrator",
    ];

    public static string Issue(Node node, string privateKeyPem, Principal principal, DateTimeOffset now, TimeSpan life)
    {
        if (principal.Roles.FirstOrDefault(r => !Roles.Contains(r)) is { } unknown)
        {
            throw new TroubleException($"There is no role '{unknown}'. Roles: {string.Join(", ", Roles)}.");
        }

        using var key = ECDsa.Create();
        key.ImportFromPem(privateKeyPem);
        var claims = new JsonObject
        {
            ["iss"] = $"urn:platform:node:{node.Path}",
            ["aud"] = "platform",
            ["sub"] = principal.Subject.ToString(),
            ["name"] = principal.Name,
            ["org"] = principal.Org,
            ["roles"] = new JsonArray([.. principal.Roles.Select(r => (JsonNode)r)]),
            ["iat"] = now.ToUnixTimeSeconds(),
            ["mfa_at"] = now.ToUnixTimeSeconds(), // whoever reads the node's key has shown more than a code
            ["nbf"] = now.AddSeconds(-30).ToUnixTimeSeconds(),
            ["exp"] = (now + life).ToUnixTimeSeconds(),
        };
        if (principal.Member is { } member)
        {
            claims["member"] = member.ToString();
        }

        var text = $"{Part("""{"alg":"ES256","typ":"JWT"}""")}.{Part(claims.ToJsonString())}";
        var signature = key.SignData(Encoding.ASCII.GetBytes(text), HashAlgorithmName.SHA256);
        return $"{text}.{Base64Url.EncodeToString(signature)}";
    }

    public static string PublicKeyPem(string privateKeyPem)
    {
        using var key = ECDsa.Create();
        key.ImportFromPem(privateKeyPem);
        return key.ExportSubjectPublicKeyInfoPem();
    }

    /// <summary>The organisation path of a region's committee: 141022 is 140000/141000/141022/.</summary>
    public static string OrganisationOf(string regionCode)
    {
        string[] chain = [regionCode[..2] + "0000", regionCode[..4] + "00", regionCode];
        return string.Join('/', chain.Distinct()) + "/";
    }

    /// <summary>The same person gets the same id each time, so that trails and lists stay readable.</summary>
    public static Guid SubjectOf(Node node, string name) =>
        new(SHA256.HashData(Encoding.UTF8.GetBytes($"{node.Path}\n{name}")).AsSpan(0, 16), bigEndian: true);

    private static string Part(string json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));
}
