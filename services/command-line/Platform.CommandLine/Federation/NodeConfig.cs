using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Platform.CommandLine.Infrastructure;
using Platform.CommandLine.Topologies;

namespace Platform.CommandLine.Federation;

/// <summary>The configuration file of one node: section <c>common</c> and one per service. Pure.</summary>
public sealed class NodeConfig(Topology topology, Secrets secrets, PostgresServer postgres, RedisServer redis)
{
    private static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Services that keep a database.</summary>
    public static readonly string[] Databases = ["registry", "exchange", "identity"];

    public static string DatabaseOf(string service, Node node) => $"{service}_{node.Code}";

    public Login Owner(Node node) => new($"owner_{node.Code}", secrets.Nodes[node.Code].OwnerPassword);

    public Login App(Node node) => new($"app_{node.Code}", secrets.Nodes[node.Code].AppPassword);

    public static string GatewayUrl(Node node) => $"http://127.0.0.1:{node.BasePort}";

    /// <summary>What people type: a name, because browsers keep passkeys for names only.</summary>
    public static string ConsoleUrl(Node node) => $"http://localhost:{node.BasePort}";

    /// <param name="rootFingerprint">Empty while the root has no key yet.</param>
    public string For(Node node, string rootFingerprint)
    {
        var config =
            new JsonObject { ["common"] = Common(node), ["gateway"] = new JsonObject { ["Urls"] = GatewayUrl(node) } };
        foreach (var service in Node.Services)
        {
            config[service] = new JsonObject
            {
                ["Urls"] = ServiceUrl(node, service),
                ["ConnectionStrings"] = new JsonObject
                {
                    [service] = ConnectionString(node, service, App(node)),
                    [service + "-migrator"] = ConnectionString(node, service, Owner(node)),
                },
            };
        }

        config["exchange"]!["Exchange"] = Exchange(node, rootFingerprint);
        config["identity"]!["Identity"] = Identity(node);
        config["gateway"]!["Console"] = new JsonObject
        {
            ["PublicUrl"] = ConsoleUrl(node),
            ["ClientSecret"] = secrets.Nodes[node.Code].ConsoleSecret,
            ["Demo"] = true,
        };
        // Only identity signs; the other services check with the public half.
        config["identity"]!["Token"] = new JsonObject { ["PrivateKey"] = secrets.Nodes[node.Code].TokenKey };
        return config.ToJsonString(Json) + "\n";
    }

    private static string ServiceUrl(Node node, string service) => $"http://127.0.0.1:{node.PortOf(service)}";

    private string ConnectionString(Node node, string service, Login login) =>
        postgres.ConnectionString(DatabaseOf(service, node), login.User, login.Password);

    private JsonObject Common(Node node)
    {
        var own = secrets.Nodes[node.Code];
        var user = RabbitDefinitions.NodeUser(node);
        var broker = $"127.0.0.1:{topology.BrokerOf(node).AmqpPort}";
        var services = new JsonObject { ["Key"] = own.ServiceKey };
        foreach (var service in Node.Services)
        {
            services[service] = ServiceUrl(node, service);
        }

        return new JsonObject
        {
            ["Node"] = new JsonObject
            {
                ["Path"] = node.Path,
                ["Name"] = node.NameZh,
                ["Regions"] = string.Join(',', node.Regions),
                ["Parent"] = node.Parent ?? "",
            },
            ["Rabbit"] = new JsonObject { ["Uri"] = $"amqp://{user}:{secrets.BrokerUsers[user]}@{broker}/{node.Code}" },
            ["Redis"] =
                new JsonObject { ["Configuration"] = redis.Configuration(topology.Nodes.ToList().IndexOf(node)) },
            ["Token"] = new JsonObject { ["PublicKey"] = TokenIssuer.PublicKeyPem(own.TokenKey) },
            ["Keys"] = new JsonObject { ["Field"] = own.FieldKey, ["Blind"] = own.BlindKey },
            ["Services"] = services,
        };
    }

    private JsonObject Identity(Node node) => new()
    {
        ["PublicUrl"] = ConsoleUrl(node),
        ["ConsoleSecret"] = secrets.Nodes[node.Code].ConsoleSecret,
    };

    private JsonObject Exchange(Node node, string rootFingerprint)
    {
        var codes = new JsonObject();
        foreach (var child in topology.ChildrenOf(node))
        {
            var hash = SHA256.HashData(Encoding.UTF8.GetBytes(secrets.Nodes[child.Code].EnrolmentCode));
            codes[child.Path] = $"{Convert.ToHexStringLower(hash)};{string.Join(',', child.Regions)}";
        }

        var exchange = new JsonObject { ["EnrolmentCodes"] = codes };
        if (node.Parent is not null)
        {
            exchange["EnrolmentCode"] = secrets.Nodes[node.Code].EnrolmentCode;
            exchange["RootFingerprint"] = rootFingerprint;
        }

        return exchange;
    }
}
