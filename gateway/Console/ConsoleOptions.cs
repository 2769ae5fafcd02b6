using System.ComponentModel.DataAnnotations;

namespace Gateway.Console;

/// <summary>Settings under <c>Console</c>. Without <see cref="PublicUrl"/> the gateway serves the API alone.</summary>
public sealed class ConsoleOptions
{
    /// <summary>The address people type, for example <c>https://yicheng.example/</c>; empty: no console.</summary>
    public string PublicUrl { get; set; } = "";

    /// <summary>
    /// OpenID Connect provider; empty: the node's own <c>identity</c> service. Another one must issue tokens with the
    /// claims of docs/integrators.
    /// </summary>
    public string Authority { get; set; } = "";

    /// <summary>Name of the console at the provider.</summary>
    [Required]
    public string ClientId { get; set; } = "console";

    /// <summary>The console's secret at the provider.</summary>
    public string ClientSecret { get; set; } = "";

    /// <summary>Minutes without a click after which a session ends. Source: R-172.</summary>
    [Range(1, 1440)]
    public int IdleMinutes { get; set; } = 30;

    /// <summary>Hours after which a session ends whatever its use.</summary>
    [Range(1, 168)]
    public int SessionHours { get; set; } = 12;

    /// <summary>Minutes for which a second factor counts for unmasking and exports.</summary>
    [Range(1, 60)]
    public int StepUpMinutes { get; set; } = 5;

    /// <summary>Says on every page that people and places are invented.</summary>
    public bool Demo { get; set; }
}
