using System.Diagnostics;

namespace Registry.Service;

/// <summary>Spans of the registry.</summary>
internal static class RegistryTelemetry
{
    public static ActivitySource Source { get; } = new("Platform.Registry");
}
