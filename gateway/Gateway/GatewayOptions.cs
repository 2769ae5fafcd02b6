using System.ComponentModel.DataAnnotations;
using Platform.Hosting;

namespace Gateway;

/// <summary>Settings under <c>Gateway</c>; every default is meant to be right for a county.</summary>
public sealed class GatewayOptions
{
    /// <summary>Requests of one token in a window, 0 for no limit; each replica counts for itself.</summary>
    [Range(0, int.MaxValue)]
    public int TokenRequestsMax { get; set; } = 600;

    /// <summary>Requests of one client address in a window, 0 for no limit. An office is often one address.</summary>
    [Range(0, int.MaxValue)]
    public int AddressRequestsMax { get; set; } = 6000;

    /// <summary>Length of the window both limits count in.</summary>
    [Range(1, 3600)]
    public int WindowSeconds { get; set; } = 10;

    /// <summary>A service that sends nothing for so long has timed out (504).</summary>
    [Range(1, 3600)]
    public int SilenceSecondsMax { get; set; } = 100;

    /// <summary>Body of an upload (<c>/api/v1/rosters/</c>), bytes.</summary>
    [Range(1024, 1 << 30)]
    public int UploadBytesMax { get; set; } = PlatformHost.UploadBytesMax;

    /// <summary>Open client connections, beyond which new ones are closed at once.</summary>
    [Range(1, 1_000_000)]
    public int ConnectionsMax { get; set; } = 10_000;

    /// <summary>How long a merged or fetched OpenAPI document is kept.</summary>
    [Range(0, 86_400)]
    public int DocumentSeconds { get; set; } = 300;

    /// <summary>
    /// Addresses (comma separated) of load balancers whose <c>X-Forwarded-For</c> names the client; empty: believe
    /// nobody.
    /// </summary>
    public string TrustedProxies { get; set; } = "";
}
