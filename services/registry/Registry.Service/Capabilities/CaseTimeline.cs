using System.Text.Json;
using Grpc.Core;
using Microsoft.EntityFrameworkCore;
using Platform.Hosting;
using Registry.Mobility;
using Registry.Service.Persistence;
using X1 = Platform.Contracts.Exchange.V1;

namespace Registry.Service.Capabilities;

/// <summary>
/// What happened in a case, newest first: the events of the cards the caller is a party to, who did each, and what
/// became of the message it sent. Source: M-071, P5.
/// </summary>
internal static class CaseTimeline
{
    /// <summary>Events shown; a case has a few dozen.</summary>
    private const int EventsMax = 300;

    /// <summary>How long the exchange may take to say what became of messages.</summary>
    private static readonly TimeSpan AnswerMax = TimeSpan.FromSeconds(2);

    /// <summary>What is known of a message.</summary>
    public enum MessageState
    {
        /// <summary>Still here or held by the exchange: not on its way yet.</summary>
        Waiting,

        /// <summary>On its way, no receipt yet.</summary>
        Sent,

        /// <summary>The other node's signed receipt covers it.</summary>
        Receipted,

        /// <summary>The other side would not take it.</summary>
        Refused,

        /// <summary>Arrived: it changed the card.</summary>
        Applied,
    }

    /// <param name="Arrived">From the other side; false: to it.</param>
    /// <param name="Number">Place in the stream between the two nodes; null while it has none, or arrived.</param>
    /// <param name="Code">Why it was refused; null: it was not.</param>
    public sealed record MessageReply(Guid Id, bool Arrived, MessageState State, long? Number = null,
        string? Code = null);

    /// <param name="Side">Whose card it happened to.</param>
    /// <param name="Event">Name of the event, camelCase.</param>
    /// <param name="By">Display name of who did it; null: the other side said it.</param>
    /// <param name="Office">Path of the organisation acted for; null: the other side said it.</param>
    /// <param name="Text">The reason, report or remark that belongs to it; null: none does.</param>
    /// <param name="Author">Name of the office that wrote a remark; null: it is none.</param>
    public sealed record EventReply(Guid Id, DateTimeOffset At, Side Side, string Event, string? By, string? Office,
        string? Text, string? Author, MessageReply? Message);

    /// <param name="Complete">False: the exchange did not answer, so that nothing is known of what left here.</param>
    public sealed record TimelineReply(IReadOnlyList<EventReply> Items, bool Complete);

    public static async Task<TimelineReply> RunAsync(Guid caseId, RegistryDb db, CallerContext context,
        FieldCipher cipher, X1.ExchangeService.ExchangeServiceClient exchange, TimeProvider clock,
        CancellationToken ct)
    {
        var caller = context.Current;
        caller.RequireRole(Access.SeeCases);
        var home = await db.OutboundCards.AsNoTracking().Where(c => c.Id == caseId)
            .Select(c => new { c.Id, Path = c.HomePath }).ToListAsync(ct);
        var host = await db.InboundCards.AsNoTracking().Where(c => c.CaseId == caseId)
            .Select(c => new { c.Id, Path = c.HostPath }).ToListAsync(ct);
        if (home.Count + host.Count == 0) throw new ProblemException(CaseProblems.NotFound);
        foreach (var card in home.Concat(host)) caller.Require(card.Path, Access.SeeCases);
        foreach (var card in home) db.RecordRead("outbound-card", card.Id, card.Path, "TimelineShown");
        foreach (var card in host) db.RecordRead("inbound-card", card.Id, card.Path, "TimelineShown");
        await db.SaveChangesAsync(ct);
        var ids = home.Concat(host).Select(c => c.Id).ToArray();
        var rows = await db.Set<AuditRow>().AsNoTracking().Where(a => ids.Contains(a.SubjectId) && a.Body != null
                && (a.SubjectKind == "outbound-card" || a.SubjectKind == "inbound-card"))
            .OrderByDescending(a => a.Id).Take(EventsMax).ToListAsync(ct);
        var lines = rows.Select(r => r.Id).ToArray();
        var told = await OutcomesAsync(exchange, rows, clock.GetUtcNow() + AnswerMax, ct);
        var messages = told?.ToDictionary(o => Guid.Parse(o.MessageId), Reply) ?? [];
        var waiting = await db.Set<OutboxRow>().AsNoTracking().Where(o => lines.Contains(o.MessageId))
            .Select(o => o.MessageId).ToListAsync(ct);
        // Read last: what left meanwhile is known to the exchange only from now on, and stays "waiting" until then.
        foreach (var id in waiting) messages.TryAdd(id, new(id, false, MessageState.Waiting));
        return new([.. rows.Select(r => Event(r, messages, cipher))], told is not null);
    }

    private static async Task<IReadOnlyList<X1.MessageOutcome>?> OutcomesAsync(
        X1.ExchangeService.ExchangeServiceClient exchange, List<AuditRow> rows, DateTimeOffset until,
        CancellationToken ct)
    {
        var asked = new X1.OutcomesRequest();
        asked.MessageIds.AddRange(rows.Where(r => r.Actor != Guid.Empty).Select(r => r.Id.ToString()));
        try
        {
            return (await exchange.OutcomesAsync(asked, deadline: until.UtcDateTime, cancellationToken: ct))
                .Outcomes;
        }
        catch (RpcException) when (!ct.IsCancellationRequested)
        {
            return null; // The case is shown without it.
        }
    }

    private static MessageReply Reply(X1.MessageOutcome o) => new(Guid.Parse(o.MessageId), false, o.State switch
    {
        X1.MessageState.Held => MessageState.Waiting,
        X1.MessageState.Receipted => MessageState.Receipted,
        X1.MessageState.Refused => MessageState.Refused,
        _ => MessageState.Sent,
    }, o.Sequence > 0 ? o.Sequence : null, o.Code.Length > 0 ? o.Code : null);

    private static EventReply Event(AuditRow row, Dictionary<Guid, MessageReply> messages,
        FieldCipher cipher)
    {
        // Only messages of the other side and timers change a card without a person.
        var arrived = row.Actor == Guid.Empty;
        var (text, office) = Words(cipher.Decrypt(row.Body!, "audit"));
        return new(row.Id, row.At, row.SubjectKind == "outbound-card" ? Side.Home : Side.Host,
            JsonNamingPolicy.CamelCase.ConvertName(row.Action), arrived ? null : row.ActorName,
            arrived ? null : row.ActorOrg, text, office,
            arrived && row.CommandId is { } message ? new(message, true, MessageState.Applied)
                : messages.GetValueOrDefault(row.Id));
    }

    /// <summary>The words people gave with a step: why, how the member is, a remark and its office.</summary>
    private static (string? Text, string? Office) Words(byte[] body)
    {
        using var json = JsonDocument.Parse(body);
        return (Text(json, "why") ?? Text(json, "text"), Text(json, "office"));
    }

    private static string? Text(JsonDocument json, string name) =>
        json.RootElement.TryGetProperty(name, out var text) && text.ValueKind == JsonValueKind.String
            ? text.GetString() : null;
}
