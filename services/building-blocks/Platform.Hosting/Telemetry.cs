using System.Diagnostics;
using Npgsql;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Platform.Hosting;

/// <summary>
/// Traces and metrics of one process. Two tracer providers in a process would export each other's spans, so Program
/// starts this once, never a service host.
/// </summary>
public static class Telemetry
{
    private static readonly ActivityListener TraceIds = new()
    {
        ShouldListenTo = source => source.Name.StartsWith("Platform.", StringComparison.Ordinal)
            || source.Name == "Microsoft.AspNetCore",
        Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.PropagationData,
    };

    private static int _listening;

    /// <summary>Spans of the platform's own work; names are kept stable for dashboards.</summary>
    public static ActivitySource Source { get; } = new("Platform.Hosting");

    /// <summary>
    /// Makes every request have a trace id even when nothing is exported: audit rows and problems quote it.
    /// </summary>
    internal static void ListenForTraceIds()
    {
        if (Interlocked.Exchange(ref _listening, 1) == 0) ActivitySource.AddActivityListener(TraceIds);
    }

    /// <summary>Exports by OTLP to <paramref name="endpoint"/>; null when there is none. Dispose to flush.</summary>
    public static IDisposable? Start(string processName, string? endpoint)
    {
        if (string.IsNullOrEmpty(endpoint)) return null;
        var resource = ResourceBuilder.CreateDefault().AddService(processName);
        var traces = Sdk.CreateTracerProviderBuilder().SetResourceBuilder(resource)
            .AddSource("Platform.*", "MassTransit").AddAspNetCoreInstrumentation().AddHttpClientInstrumentation()
            .AddNpgsql().AddOtlpExporter(o => o.Endpoint = new(endpoint)).Build();
        var metrics = Sdk.CreateMeterProviderBuilder().SetResourceBuilder(resource)
            .AddMeter("Platform.*", "MassTransit").AddAspNetCoreInstrumentation()
            .AddOtlpExporter(o => o.Endpoint = new(endpoint)).Build();
        return new Both(traces, metrics);
    }

    private sealed class Both(IDisposable first, IDisposable second) : IDisposable
    {
        public void Dispose()
        {
            first.Dispose();
            second.Dispose();
        }
    }
}
