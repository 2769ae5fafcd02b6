using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Exchange.Service;

/// <summary>Spans and counters. Names and tags carry ids, codes and node paths, never content.</summary>
public static class ExchangeTelemetry
{
    public static ActivitySource Source { get; } = new("Platform.Exchange");
    public static Meter Meter { get; } = new("Platform.Exchange");

    public static Counter<long> Sent { get; } = Meter.CreateCounter<long>(
        "exchange.sent", "{message}", "accepted from local services");
    public static Counter<long> Published { get; } = Meter.CreateCounter<long>(
        "exchange.published", "{message}", "given to the broker");
    public static Counter<long> Resent { get; } = Meter.CreateCounter<long>(
        "exchange.resent", "{message}", "given to the broker again");
    public static Counter<long> Received { get; } = Meter.CreateCounter<long>(
        "exchange.received", "{message}", "taken in");
    public static Counter<long> Duplicates { get; } = Meter.CreateCounter<long>(
        "exchange.duplicates", "{message}", "dropped repeats");
    public static Counter<long> Refused { get; } = Meter.CreateCounter<long>(
        "exchange.refused", "{message}", "refused, by code");
    public static Counter<long> Receipts { get; } = Meter.CreateCounter<long>(
        "exchange.receipts", "{receipt}", "receipts taken");

    /// <summary>A span continuing the trace a message carries; null when nobody listens.</summary>
    public static Activity? Continue(string name, string traceParent, ActivityKind kind) =>
        ActivityContext.TryParse(traceParent, null, isRemote: true, out var parent)
            ? Source.StartActivity(name, kind, parent) : null;
}
