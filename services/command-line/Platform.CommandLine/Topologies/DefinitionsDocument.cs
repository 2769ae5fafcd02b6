using System.Text.Json.Serialization;

namespace Platform.CommandLine.Topologies;

/// <summary>RabbitMQ's own definitions format, as far as we use it.</summary>
public sealed record DefinitionsDocument
{
    public required IReadOnlyList<VhostDefinition> Vhosts { get; init; }

    public required IReadOnlyList<UserDefinition> Users { get; init; }

    public required IReadOnlyList<PermissionDefinition> Permissions { get; init; }

    public required IReadOnlyList<ExchangeDefinition> Exchanges { get; init; }

    public required IReadOnlyList<QueueDefinition> Queues { get; init; }

    public required IReadOnlyList<BindingDefinition> Bindings { get; init; }

    public required IReadOnlyList<ParameterDefinition> Parameters { get; init; }

    /// <summary>
    /// None: what must hold is an argument of its exchange or queue, where no policy can override it.
    /// </summary>
    public IReadOnlyList<object> Policies { get; init; } = [];
}

public sealed record VhostDefinition(string Name);

public sealed record UserDefinition(string Name, string Password, string Tags);

/// <summary>Regular expressions over names of exchanges and queues.</summary>
public sealed record PermissionDefinition(string User, string Vhost, string Configure, string Write, string Read);

public sealed record ExchangeDefinition(string Name, string Vhost, string Type)
{
    public bool Durable { get; init; } = true;

    public bool AutoDelete { get; init; }

    public bool Internal { get; init; }

    public Dictionary<string, string> Arguments { get; init; } = [];
}

/// <summary>Always a quorum queue: it survives kill -9 of the broker once confirmed.</summary>
public sealed record QueueDefinition(string Name, string Vhost)
{
    public bool Durable { get; init; } = true;

    public bool AutoDelete { get; init; }

    public Dictionary<string, string> Arguments { get; init; } = new() { ["x-queue-type"] = "quorum" };
}

public sealed record BindingDefinition(string Source, string Vhost, string Destination, string RoutingKey)
{
    public string DestinationType { get; init; } = "queue";

    public Dictionary<string, string> Arguments { get; init; } = [];
}

public sealed record ParameterDefinition(string Component, string Vhost, string Name, ShovelDefinition Value);

/// <summary>
/// A queue here to an exchange there; the routing key stays, nothing is acknowledged before it is confirmed.
/// </summary>
public sealed record ShovelDefinition(
    [property: JsonPropertyName("src-uri")] string SourceUri,
    [property: JsonPropertyName("src-queue")] string SourceQueue,
    [property: JsonPropertyName("dest-uri")] string DestinationUri,
    [property: JsonPropertyName("dest-exchange")] string DestinationExchange)
{
    [JsonPropertyName("src-protocol")]
    public string SourceProtocol { get; init; } = "amqp091";

    [JsonPropertyName("dest-protocol")]
    public string DestinationProtocol { get; init; } = "amqp091";

    [JsonPropertyName("src-prefetch-count")]
    public int Prefetch { get; init; } = 1000;

    [JsonPropertyName("ack-mode")]
    public string AckMode { get; init; } = "on-confirm";

    [JsonPropertyName("reconnect-delay")]
    public int ReconnectSeconds { get; init; } = 2;
}
