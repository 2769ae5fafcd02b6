using System.Diagnostics;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Platform.Hosting;
using Registry.Service.Persistence;
using X1 = Platform.Contracts.Exchange.V1;

namespace Registry.Service.Capabilities;

/// <summary>
/// Hands messages for other regions to the exchange, in order; the exchange has them in its ledger on return.
/// </summary>
internal sealed partial class ExchangeLane(IServiceScopeFactory scopes,
    X1.ExchangeService.ExchangeServiceClient exchange, TimeProvider clock,
    ILogger<ExchangeLane> logger) : OutboxPump<RegistryDb>(scopes, "exchange", clock, logger)
{
    private const string Parent = "parent";

    protected override async Task SendAsync(IReadOnlyList<OutboxRow> rows, FieldCipher cipher, CancellationToken ct)
    {
        var request = new X1.SendRequest();
        foreach (var row in rows)
        {
            var toParent = row.ToRegion == Parent;
            request.Items.Add(new X1.Outgoing
            {
                MessageId = row.MessageId.ToString(),
                FromRegion = row.FromRegion ?? throw new UnreachableException("A region message has a sender."),
                ToRegion = toParent ? "" : row.ToRegion,
                ToNode = toParent ? Parent : "",
                Type = row.Type,
                TypeVersion = 1,
                Payload = ByteString.CopyFrom(cipher.Decrypt(row.Body, "outbox")),
                OccurredAt = Timestamp.FromDateTimeOffset(row.At),
                TraceParent = row.TraceParent ?? "",
            });
        }
        var reply = await exchange.SendAsync(request, cancellationToken: ct);
        foreach (var result in reply.Results.Where(r => r.Outcome == X1.SendOutcome.Refused))
            LogRefused(logger, result.MessageId, result.Code);
    }

    [LoggerMessage(2102, LogLevel.Error, "The exchange refused message {MessageCode}: {Code}; it is on its desk")]
    private static partial void LogRefused(ILogger logger, string messageCode, string code);
}
