using System.ComponentModel.DataAnnotations;

namespace Registry.Service;

/// <summary>What the registry must know of the node it serves (section <c>Node</c>).</summary>
public sealed class NodeOptions
{
    /// <summary>Dotted path in the node tree, for example <c>140000.141022</c>.</summary>
    [Required]
    public string Path { get; set; } = "";

    /// <summary>Path of the parent node; empty at the root.</summary>
    public string Parent { get; set; } = "";

    /// <summary>Prefixes of the regions served, comma separated, for example <c>140105,140106</c>.</summary>
    [Required]
    public string Regions { get; set; } = "";

    /// <summary>True when <paramref name="region"/> is served here.</summary>
    public bool Serves(string region) =>
        Regions.Split(',', StringSplitOptions.TrimEntries).Any(p => region.StartsWith(p, StringComparison.Ordinal));

    /// <summary>True when this node is a tier that both regions belong to, and at the root.</summary>
    public bool IsAbove(string home, string host) => Parent.Length == 0 || (Contains(home) && Contains(host));

    /// <summary>The region in whose name the node itself speaks: the code of its tier.</summary>
    public string OwnRegion => Path[(Path.LastIndexOf('.') + 1)..];

    /// <summary>Tier prefix of the node's own code: <c>14</c> for a province, <c>141022</c> for a county.</summary>
    private bool Contains(string region)
    {
        var prefix = OwnRegion.EndsWith("0000", StringComparison.Ordinal) ? OwnRegion[..2]
            : OwnRegion.EndsWith("00", StringComparison.Ordinal) ? OwnRegion[..4] : OwnRegion;
        return prefix == "00" || region.StartsWith(prefix, StringComparison.Ordinal);
    }
}

/// <summary>Limits of the registry (section <c>Registry</c>); see docs/limits.md.</summary>
public sealed class RegistryOptions
{
    /// <summary>
    /// Days after which a one-sided case counts as past the policy's limit and is shown to the tier above both.
    /// </summary>
    [Range(1, 3650)]
    public int OneSidedDaysMax { get; set; } = 30;

    /// <summary>Days before that limit from which a step counts as coming up.</summary>
    [Range(1, 365)]
    public int SoonDays { get; set; } = 7;

    /// <summary>Days without feedback after which a placement counts as on paper only (M-088).</summary>
    [Range(1, 3650)]
    public int SilentDaysMax { get; set; } = 180;

    /// <summary>Largest page of any list.</summary>
    [Range(1, 1000)]
    public int PageSizeMax { get; set; } = 200;

    /// <summary>
    /// Rows of one export; a workbook goes on in another sheet after 1,048,576. Each is a line in the trail.
    /// </summary>
    [Range(1, 10_000_000)]
    public int ExportRowsMax { get; set; } = 2_000_000;

    /// <summary>Largest roster upload, bytes.</summary>
    [Range(1024, 1024L * 1024 * 1024)]
    public long RosterBytesMax { get; set; } = Platform.Hosting.PlatformHost.UploadBytesMax;

    /// <summary>Rows of a roster, both sheets together; a workbook's sheet ends at 1,048,576.</summary>
    [Range(1, 2_000_000)]
    public int RosterRowsMax { get; set; } = 1_048_576;

    /// <summary>Member rows written in one transaction; a killed process repeats at most three of them.</summary>
    [Range(1, 10_000)]
    public int RosterChunkRows { get; set; } = 2000;

    /// <summary>Rosters this process works on at the same time.</summary>
    [Range(1, 64)]
    public int RosterLoadsMax { get; set; } = 4;

    /// <summary>How long scoring in the background rests when no branch is due or a roster is being loaded.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "30.00:00:00")]
    public TimeSpan QualityPause { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Days after which a dry run that nobody loaded is forgotten with its staged file.</summary>
    [Range(1, 365)]
    public int DryRunDaysMax { get; set; } = 7;

    internal Roster.RosterLimits RosterLimits =>
        Roster.RosterLimits.Default with { FileBytesMax = RosterBytesMax, RowsMax = RosterRowsMax };

    /// <summary>Organisations, members and cards that one reorganisation may touch; all in one transaction.</summary>
    [Range(1, 10_000_000)]
    public int ReorganisedRowsMax { get; set; } = 500_000;

    /// <summary>Members that may be named in one split.</summary>
    [Range(1, 100_000)]
    public int SplitMembersMax { get; set; } = 5_000;

    /// <summary>Organisations looked at for one page of what needs attention.</summary>
    [Range(100, 1_000_000)]
    public int AttentionLookedAtMax { get; set; } = 5_000;

    /// <summary>Numbers of the rules for organisations; the defaults are national (R-090 to R-095, M-032).</summary>
    public Registry.Organisations.OrganisationTerms Organisations { get; set; } = new();

    /// <summary>Messages of other regions applied in one transaction.</summary>
    [Range(1, 1000)]
    public int ArrivalBatch { get; set; } = 50;
}
