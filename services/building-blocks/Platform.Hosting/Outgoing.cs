namespace Platform.Hosting;

/// <summary>Something a change tells others; saved with the change, sent afterwards.</summary>
public abstract record Outgoing;

/// <summary>A fact for the other services of this node, published on the bus.</summary>
/// <param name="Fact">A record of <c>Platform.Contracts</c>, past tense.</param>
public sealed record BusFact(object Fact) : Outgoing;

/// <summary>A message for another region, carried by the exchange.</summary>
/// <param name="FromRegion">Six-digit code of the region that speaks.</param>
/// <param name="ToRegion">Six-digit code of the region addressed, or "parent" for the node above.</param>
/// <param name="Type">Name of the payload, for example <c>registry.case.v1</c>.</param>
/// <param name="Payload">Protobuf bytes; kept encrypted until handed over.</param>
/// <param name="TakesLineId">
/// The message carries the id of the line its event has in the trail, so that the trail tells what became of it. At
/// most one message of an event.
/// </param>
public sealed record RegionMessage(string FromRegion, string ToRegion, string Type, byte[] Payload,
    bool TakesLineId = false) : Outgoing;

/// <summary>A row of the outbox. The row id is the order, the message id is what makes resending harmless.</summary>
public sealed class OutboxRow
{
    public long Id { get; init; }
    public required Guid MessageId { get; init; }

    /// <summary>"bus" or "exchange".</summary>
    public required string Lane { get; init; }
    public required string Type { get; init; }
    public string? FromRegion { get; init; }
    public string? ToRegion { get; init; }

    /// <summary>Encrypted with <see cref="FieldCipher"/>, purpose <c>outbox</c>.</summary>
    public required byte[] Body { get; init; }
    public required DateTimeOffset At { get; init; }

    /// <summary>W3C trace parent of the request that caused it; null when there was none.</summary>
    public string? TraceParent { get; init; }
}

/// <summary>A command, message or timer that was carried out; its id is never carried out again.</summary>
/// <param name="Actor">Who carried it out: nobody else is answered when it is repeated.</param>
public sealed record AppliedCommand(Guid Id, string Subject, Guid Actor, DateTimeOffset At);

/// <summary>One line of the trail: a change or a read of personal data. Source: P5.</summary>
public sealed class AuditRow
{
    public required Guid Id { get; init; }
    public required DateTimeOffset At { get; init; }
    public required Guid Actor { get; init; }
    public required string ActorName { get; init; }
    public required string ActorOrg { get; init; }
    public string? OnBehalfOf { get; init; }

    /// <summary>Kind of thing, for example "member".</summary>
    public required string SubjectKind { get; init; }
    public required Guid SubjectId { get; init; }

    /// <summary>Organisation path of the thing when it happened; bounds who may read the line.</summary>
    public required string SubjectPath { get; init; }

    /// <summary>Name of the event, or "Read" with what was shown.</summary>
    public required string Action { get; init; }
    public string? Reason { get; init; }
    public Guid? CommandId { get; init; }

    /// <summary>The event as JSON (from what to what), encrypted with purpose <c>audit</c>; null for reads.</summary>
    public byte[]? Body { get; init; }
    public string? TraceId { get; init; }

    /// <summary>Place in the hash chain; null until sealed, about a second after the change.</summary>
    public long? Position { get; init; }

    /// <summary>SHA-256 over the previous hash and this line; null until sealed.</summary>
    public byte[]? Hash { get; init; }
}
