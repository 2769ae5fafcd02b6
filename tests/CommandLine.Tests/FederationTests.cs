using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Platform.CommandLine.Federation;
using Platform.CommandLine.Infrastructure;
using Xunit;

namespace CommandLine.Tests;

public sealed class FederationTests : IDisposable
{
    private readonly StateFolder _state = new(Directory.CreateTempSubdirectory("federation").FullName);

    public void Dispose() => Directory.Delete(_state.Path, recursive: true);

    [Fact]
    public void Secrets_are_made_once_and_for_the_owner_only()
    {
        var first = Secrets.Ensure(_state.SecretsFile, Demo.Topology);
        var second = Secrets.Ensure(_state.SecretsFile, Demo.Topology);
        Assert.Equivalent(first.Nodes["141022"], second.Nodes["141022"], strict: true);
        Assert.Equal(first.BrokerUsers, second.BrokerUsers);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_state.SecretsFile));
        Assert.Equal(32, Convert.FromBase64String(first.Nodes["141022"].FieldKey).Length);
        Assert.NotEqual(first.Nodes["141022"].FieldKey, first.Nodes["140105"].FieldKey);
    }

    [Fact]
    public void A_node_is_told_who_it_is_and_where_everything_is()
    {
        var (secrets, json) = Config("140105");
        var common = json["common"]!;
        Assert.Equal("140000.140105", (string?)common["Node"]!["Path"]);
        Assert.Equal("140105,140106", (string?)common["Node"]!["Regions"]);
        Assert.Equal("140000", (string?)common["Node"]!["Parent"]);
        Assert.Equal(
            $"amqp://node-140105:{secrets.BrokerUsers["node-140105"]}@127.0.0.1:18250/140105", (string?)common[
                "Rabbit"]!["Uri"]);
        Assert.Equal("http://127.0.0.1:18201", (string?)common["Services"]!["registry"]);
        Assert.Equal("http://127.0.0.1:18202", (string?)json["exchange"]!["Urls"]);
        Assert.Equal("http://127.0.0.1:18203", (string?)json["identity"]!["Urls"]);
        Assert.Equal("http://localhost:18200", (string?)json["identity"]!["Identity"]!["PublicUrl"]);
        Assert.Equal("http://127.0.0.1:18200", (string?)json["gateway"]!["Urls"]);
        Assert.Equal("http://localhost:18200", (string?)json["gateway"]!["Console"]!["PublicUrl"]);
        Assert.Contains("BEGIN PUBLIC KEY", (string?)common["Token"]!["PublicKey"], StringComparison.Ordinal);
        var connections = json["registry"]!["ConnectionStrings"]!;
        Assert.Contains(
            "Database=registry_140105;Username=app_140105", (string?)connections["registry"], StringComparison.Ordinal);
        Assert.Contains("Username=owner_140105", (string?)connections["registry-migrator"], StringComparison.Ordinal);
    }

    [Fact]
    public void Only_identity_is_given_the_key_that_signs()
    {
        var json = Config("140105").Json;
        Assert.Contains("BEGIN PRIVATE KEY", (string?)json["identity"]!["Token"]!["PrivateKey"],
            StringComparison.Ordinal);
        json["identity"]!["Token"] = null;
        Assert.DoesNotContain("PRIVATE KEY", json.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_principal_has_an_account_that_no_other_has()
    {
        var secrets = Secrets.Ensure(_state.SecretsFile, Demo.Topology);
        var all = Principals.Of(Demo.Topology).ToList();
        Assert.Contains(all, p => p.UserName == "clerk-141022");
        Assert.All(all.GroupBy(p => (p.Node.Code, p.UserName)), g => Assert.Single(g));
        var passwords = all.Select(p => secrets.Nodes[p.Node.Code].Accounts[p.UserName].Password).ToList();
        Assert.Equal(passwords.Count, passwords.Distinct().Count());
        Assert.All(passwords, p => Assert.Equal(16, p.Length));
    }

    [Fact]
    public void The_code_of_this_moment_is_the_one_of_the_standard() => // RFC 6238, appendix B, last six digits
        Assert.Equal("287082", TotpCode.At("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", DateTimeOffset.FromUnixTimeSeconds(59)));

    [Fact]
    public void A_parent_knows_only_the_digest_of_a_childs_enrolment_code()
    {
        var (secrets, child) = Config("141022");
        var code = secrets.Nodes["141022"].EnrolmentCode;
        Assert.Equal(code, (string?)child["exchange"]!["Exchange"]!["EnrolmentCode"]);
        Assert.Equal("f00d", (string?)child["exchange"]!["Exchange"]!["RootFingerprint"]);

        var parent = Config("140000").Json;
        var known = (string?)parent["exchange"]!["Exchange"]!["EnrolmentCodes"]!["140000.141022"];
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(code))) + ";141022", known);
        Assert.DoesNotContain(code, parent.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_token_is_signed_by_its_node_and_says_who_for_how_long()
    {
        var secrets = Secrets.Ensure(_state.SecretsFile, Demo.Topology);
        var node = Demo.Topology.NodeAt("141022");
        var now = new DateTimeOffset(2026, 3, 1, 8, 0, 0, TimeSpan.Zero);
        var clerk = new Principal(
            Guid.Parse("00000000-0000-0000-0000-000000000007"), "演示", "140000/141000/141022/", ["committee-clerk"]);
        var token = TokenIssuer.Issue(node, secrets.Nodes["141022"].TokenKey, clerk, now, TimeSpan.FromHours(12));

        var parts = token.Split('.');
        using var key = ECDsa.Create();
        key.ImportFromPem(TokenIssuer.PublicKeyPem(secrets.Nodes["141022"].TokenKey));
        Assert.True(key.VerifyData(
            Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), Base64Url
                .DecodeFromChars(parts[2]), HashAlgorithmName.SHA256));
        var claims = JsonNode.Parse(Base64Url.DecodeFromChars(parts[1]))!;
        Assert.Equal("urn:platform:node:140000.141022", (string?)claims["iss"]);
        Assert.Equal("platform", (string?)claims["aud"]);
        Assert.Equal("140000/141000/141022/", (string?)claims["org"]);
        Assert.Equal("committee-clerk", (string?)claims["roles"]![0]);
        Assert.Equal(now.AddHours(12).ToUnixTimeSeconds(), (long?)claims["exp"]);
        Assert.Null(claims["member"]);
    }

    [Fact]
    public void An_unknown_role_is_refused_with_the_list() => Assert.Contains(
        "Roles: tier-administrator, committee-clerk",
        Assert.Throws<TroubleException>(() => TokenIssuer.Issue(
            Demo.Topology.Root, "", new Principal(Guid.Empty, "x", "140000/", ["king"]), default, default)).Message,
        StringComparison.Ordinal);

    [Theory]
    [InlineData("141022", "140000/141000/141022/")]
    [InlineData("140100", "140000/140100/")]
    [InlineData("140000", "140000/")]
    public void The_organisation_path_follows_the_region_chain(string region, string path) =>
        Assert.Equal(path, TokenIssuer.OrganisationOf(region));

    [Fact]
    public void Every_region_of_a_shared_node_has_its_own_clerk() => Assert.Equal(
        ["140000/140100/140105/", "140000/140100/140106/"],
        Principals.Of(Demo.Topology).Where(p => p.Node.Code == "140105" && p.Principal.Roles[0] == "committee-clerk")
            .Select(p => p.Principal.Org));

    [Fact]
    public void Only_one_command_works_on_a_state_folder_at_a_time()
    {
        using var first = _state.Lock();
        Assert.Contains("at work", Assert
            .Throws<TroubleException>(() => _state.Lock().Dispose()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Deleting_takes_what_is_ours_and_nothing_else()
    {
        Secrets.Ensure(_state.SecretsFile, Demo.Topology);
        StateFolder.WriteSecret(_state.ConfigFile(Demo.Topology.Root), "{}");
        StateFolder.WriteSecret(_state.TokenFile("x"), "token");
        _state.Remember(new Started("demo", null));
        _state.Lock().Dispose();
        var letter = _state.At("letters", "to-mother.txt");
        Directory.CreateDirectory(_state.At("letters"));
        File.WriteAllText(letter, "Dear mother");

        _state.Delete();
        Assert.Equal([letter], Directory.EnumerateFiles(_state.Path, "*", SearchOption.AllDirectories));
    }

    private (Secrets Secrets, JsonNode Json) Config(string code)
    {
        var secrets = Secrets.Ensure(_state.SecretsFile, Demo.Topology);
        var servers = new ServerSet(Demo.Topology, _state, secrets);
        var config = new NodeConfig(Demo.Topology, secrets, servers.Postgres, servers.Redis);
        return (secrets, JsonNode.Parse(config.For(Demo.Topology.NodeAt(code), "f00d"))!);
    }
}
