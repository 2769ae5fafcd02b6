using System.Security.Cryptography;
using System.Text.Json;
using Platform.CommandLine.Topologies;

namespace Platform.CommandLine.Federation;

/// <summary>What one node keeps to itself.</summary>
public sealed record NodeSecrets
{
    /// <summary>PEM (PKCS#8) of the P-256 key that signs the node's tokens.</summary>
    public required string TokenKey { get; init; }

    /// <summary>Base64 of 32 bytes.</summary>
    public required string FieldKey { get; init; }

    /// <summary>Base64 of 32 bytes.</summary>
    public required string BlindKey { get; init; }

    /// <summary>Between services of the node.</summary>
    public required string ServiceKey { get; init; }

    /// <summary>With which the node enrols at its parent, once.</summary>
    public required string EnrolmentCode { get; init; }

    public required string OwnerPassword { get; init; }

    public required string AppPassword { get; init; }

    /// <summary>With which the console shows itself to identity; empty in files of older releases.</summary>
    public string ConsoleSecret { get; init; } = "";

    /// <summary>By user name: what the demo's people sign in with.</summary>
    public SortedDictionary<string, AccountSecrets> Accounts { get; init; } = [];
}

/// <summary>What one invented person of the demo signs in with.</summary>
/// <param name="TotpSecret">Base 32, 32 characters: 20 bytes for a code generator.</param>
public sealed record AccountSecrets(string Password, string TotpSecret);

/// <summary>Made once per state folder; what a grown topology lacks is added, nothing is ever changed.</summary>
public sealed record Secrets
{
    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true };

    public required string PostgresPassword { get; init; }

    public required string RedisPassword { get; init; }

    /// <summary>By broker name: the password of its user <c>admin</c>.</summary>
    public required SortedDictionary<string, string> BrokerAdmins { get; init; }

    /// <summary>
    /// By broker user: <see cref="RabbitDefinitions.NodeUser"/> and <see cref="RabbitDefinitions.LinkUser"/>.
    /// </summary>
    public required SortedDictionary<string, string> BrokerUsers { get; init; }

    /// <summary>By node code.</summary>
    public required SortedDictionary<string, NodeSecrets> Nodes { get; init; }

    public static Secrets? Read(string file) =>
        File.Exists(file) ? JsonSerializer.Deserialize<Secrets>(File.ReadAllText(file), Json) : null;

    /// <summary>Reads the file, adds what the topology needs, and writes it back when something was added.</summary>
    public static Secrets Ensure(string file, Topology topology)
    {
        var secrets = Read(file) ?? new Secrets
        {
            PostgresPassword = Word(),
            RedisPassword = Word(),
            BrokerAdmins = [],
            BrokerUsers = [],
            Nodes = [],
        };
        foreach (var broker in topology.Brokers)
        {
            secrets.BrokerAdmins.TryAdd(broker.Name, Word());
        }

        foreach (var node in topology.Nodes)
        {
            secrets.BrokerUsers.TryAdd(RabbitDefinitions.NodeUser(node), Word());
            secrets.BrokerUsers.TryAdd(RabbitDefinitions.LinkUser(node), Word());
            var own = secrets.Nodes.GetValueOrDefault(node.Code) ?? NewNode();
            secrets.Nodes[node.Code] = own.ConsoleSecret.Length > 0 ? own : own with { ConsoleSecret = Word() };
            foreach (var person in Principals.Of(node))
            {
                own.Accounts.TryAdd(person.UserName, new(Word()[..16], TotpSecret()));
            }
        }

        var text = JsonSerializer.Serialize(secrets, Json);
        if (!File.Exists(file) || File.ReadAllText(file) != text)
        {
            StateFolder.WriteSecret(file, text);
        }

        return secrets;
    }

    private static string TotpSecret() => RandomNumberGenerator.GetString("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 32);

    private static NodeSecrets NewNode()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new NodeSecrets
        {
            TokenKey = key.ExportPkcs8PrivateKeyPem(),
            FieldKey = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)),
            BlindKey = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)),
            ServiceKey = Word(),
            EnrolmentCode = Word(),
            OwnerPassword = Word(),
            AppPassword = Word(),
            ConsoleSecret = Word(),
        };
    }

    /// <summary>32 letters and digits: safe in URIs, SQL and configuration files.</summary>
    private static string Word() =>
        RandomNumberGenerator.GetString("abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789", 32);
}
