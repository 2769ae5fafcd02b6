using System.Text.Json.Nodes;

namespace Gateway;

/// <summary>One OpenAPI document of a node out of its services' documents.</summary>
public static class OpenApiMerge
{
    private const string SchemaPrefix = "#/components/schemas/";

    /// <summary>
    /// Paths side by side, schemas shared when they are equal. Two services that mean different things by one schema
    /// name
    /// keep both: the later one's gets the service's name in front, and its references follow.
    /// </summary>
    /// <exception cref="InvalidOperationException">Two services claim the same path.</exception>
    public static JsonObject Of(IReadOnlyList<(string Service, JsonObject Document)> documents)
    {
        var (paths, tags, components) = (new JsonObject(), new JsonArray(), new JsonObject());
        foreach (var (service, original) in documents)
        {
            var document = WithDistinctSchemas(service, original, components);
            foreach (var (path, item) in Members(document, "paths"))
            {
                if (!paths.TryAdd(path, item?.DeepClone()))
                    throw new InvalidOperationException($"Two services claim {path}.");
            }
            foreach (var (kind, entries) in Members(document, "components")) AddMissing(components, kind, entries);
            foreach (var tag in document["tags"] as JsonArray ?? [])
            {
                if (!tags.Any(t => JsonNode.DeepEquals(t, tag))) tags.Add(tag?.DeepClone());
            }
        }
        return new()
        {
            ["openapi"] = documents.Select(d => (string?)d.Document["openapi"]).Max(StringComparer.Ordinal) ?? "3.1.1",
            ["info"] = new JsonObject { ["title"] = "platform", ["version"] = "v1" },
            ["paths"] = paths,
            ["components"] = components,
            ["tags"] = tags,
        };
    }

    private static JsonObject WithDistinctSchemas(string service, JsonObject document, JsonObject components)
    {
        var taken = components["schemas"] as JsonObject;
        var clashes = Members(document["components"] as JsonObject, "schemas")
            .Where(s => taken?[s.Key] is { } other && !JsonNode.DeepEquals(other, s.Value))
            .Select(s => s.Key).ToHashSet();
        if (clashes.Count == 0) return document;
        var renamed = (JsonObject)Rewrite(document, clashes, Prefix(service))!;
        var schemas = (JsonObject)renamed["components"]!["schemas"]!;
        foreach (var name in clashes)
        {
            var schema = schemas[name];
            schemas.Remove(name);
            schemas[Prefix(service) + name] = schema;
        }
        return renamed;
    }

    private static JsonNode? Rewrite(JsonNode? node, HashSet<string> clashes, string prefix) => node switch
    {
        JsonObject o => new JsonObject(o.Select(p => KeyValuePair.Create(p.Key,
            p.Key == "$ref" ? Reference((string?)p.Value, clashes, prefix) : Rewrite(p.Value, clashes, prefix)))),
        JsonArray a => new JsonArray([.. a.Select(i => Rewrite(i, clashes, prefix))]),
        _ => node?.DeepClone(),
    };

    private static JsonNode? Reference(string? target, HashSet<string> clashes, string prefix) =>
        target is not null && target.StartsWith(SchemaPrefix, StringComparison.Ordinal)
            && clashes.Contains(target[SchemaPrefix.Length..])
            ? SchemaPrefix + prefix + target[SchemaPrefix.Length..] : target;

    private static void AddMissing(JsonObject components, string kind, JsonNode? entries)
    {
        if (components[kind] is not JsonObject all) components[kind] = all = [];
        foreach (var (name, entry) in entries as JsonObject ?? []) all.TryAdd(name, entry?.DeepClone());
    }

    private static JsonObject Members(JsonObject? parent, string name) => parent?[name] as JsonObject ?? [];

    private static string Prefix(string service) => char.ToUpperInvariant(service[0]) + service[1..];
}
