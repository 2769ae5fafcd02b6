using System.Net;
using System.Text.Json.Nodes;

namespace Gateway.Tests;

public sealed class DocumentTests
{
    private const string Registry = """
        {"openapi":"3.1.1","paths":{"/api/v1/members":{"get":{"tags":["members"],
        "responses":{"200":{"content":{"application/json":{"schema":{"$ref":"#/components/schemas/Page"}}}}}}}},
        "components":{"schemas":{"Page":{"type":"object","properties":{"of":{"$ref":"#/components/schemas/Item"}}},
        "Item":{"type":"string"},"Problem":{"type":"object"}},"securitySchemes":{"token":{"type":"http"}}},
        "tags":[{"name":"members"}]}
        """;

    private const string Exchange = """
        {"openapi":"3.1.1","paths":{"/api/v1/exchange/streams":{"get":{
        "responses":{"200":{"content":{"application/json":{"schema":{"$ref":"#/components/schemas/Page"}}}}}}}},
        "components":{"schemas":{"Page":{"type":"object","properties":{"of":{"$ref":"#/components/schemas/Stream"}}},
        "Stream":{"type":"integer"},"Problem":{"type":"object"}}},"tags":[{"name":"streams"}]}
        """;

    [Fact]
    public async Task The_document_of_the_node_has_every_path_and_every_schema_means_one_thing()
    {
        await using var door = await Door.OpenAsync();
        (door.Registry.Document, door.Exchange.Document) = (Registry, Exchange);
        var merged = JsonNode.Parse(await door.Client.GetStringAsync("/openapi/v1.json"))!;
        Assert.Equal(["/api/v1/exchange/streams", "/api/v1/members"], merged["paths"]!.AsObject().Select(p => p.Key));
        var schemas = merged["components"]!["schemas"]!.AsObject();
        Assert.Equal(["Item", "Page", "Problem", "RegistryPage", "Stream"], schemas.Select(s => s.Key).Order());
        Assert.Equal("#/components/schemas/RegistryPage", (string?)SchemaOf(merged, "/api/v1/members"));
        Assert.Equal("#/components/schemas/Page", (string?)SchemaOf(merged, "/api/v1/exchange/streams"));
        Assert.Equal(["streams", "members"], merged["tags"]!.AsArray().Select(t => (string?)t!["name"]));
        Assert.NotNull(merged["components"]!["securitySchemes"]!["token"]);
    }

    [Fact]
    public async Task A_services_own_document_is_shown_and_kept_for_a_while()
    {
        await using var door = await Door.OpenAsync();
        door.Registry.Document = Registry;
        Assert.Equal(Registry, await door.Client.GetStringAsync("/openapi/registry.json"));
        door.Registry.Document = "changed";
        Assert.Equal(Registry, await door.Client.GetStringAsync("/openapi/registry.json"));
        Assert.Single(door.Registry.Requests);
    }

    [Fact]
    public async Task A_document_is_not_made_up_while_a_service_is_away()
    {
        await using var door = await Door.OpenAsync();
        await door.Exchange.DisposeAsync();
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await door.GetAsync("/openapi/v1.json")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await door.GetAsync("/openapi/registry.json")).StatusCode);
    }

    private static JsonNode? SchemaOf(JsonNode document, string path) =>
        document["paths"]![path]!["get"]!["responses"]![
        "200"]!["content"]!["application/json"]!["schema"]!["$ref"];
}
