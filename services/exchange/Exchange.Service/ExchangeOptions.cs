using System.ComponentModel.DataAnnotations;
using System.Globalization;

namespace Exchange.Service;

/// <summary>Section <c>Exchange</c>. Every limit has a default that suits a county; a province raises windows, not
/// limits.</summary>
public sealed class ExchangeOptions
{
    /// <summary>Largest payload of a message, bytes.</summary>
    [Range(1, 64 * 1024 * 1024)] public int PayloadMax { get; init; } = 1024 * 1024;

    /// <summary>Most messages in one Send.</summary>
    [Range(1, 5000)] public int SendBatchMax { get; init; } = 500;

    /// <summary>Most messages taken in with one transaction.</summary>
    [Range(1, 5000)] public int ReceiveBatchMax { get; init; } = 200;

    /// <summary>Messages the broker may push ahead.</summary>
    [Range(1, 60000)] public int Prefetch { get; init; } = 1000;

    /// <summary>Published messages the broker has not confirmed yet.</summary>
    [Range(1, 20000)] public int ConfirmWindow { get; init; } = 1000;

    /// <summary>Messages of one stream that may be under way without a receipt.</summary>
    [Range(1, 1000000)] public int FlightMax { get; init; } = 5000;

    /// <summary>How far beyond the next expected entry an early one is kept.</summary>
    [Range(0, 1000000)] public int BufferAhead { get; init; } = 5000;

    /// <summary>First wait for a receipt before sending again; doubles.</summary>
    public TimeSpan ResendAfter { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Longest wait between two tries.</summary>
    public TimeSpan ResendAfterMax { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>A gap is asked for again only after this.</summary>
    public TimeSpan GapAskAfter { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How often each stream's head is stated to its destination while something lacks a receipt.</summary>
    public TimeSpan StatementInterval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How often a quiet stream's head is stated.</summary>
    public TimeSpan QuietStatementInterval { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>How often the directory is compared with the parent's.</summary>
    public TimeSpan BundleInterval { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How often an unanswered enrolment is asked again.</summary>
    public TimeSpan EnrolmentInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How often the schedules above are looked at.</summary>
    public TimeSpan TickInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Life of this node's keys.</summary>
    public TimeSpan KeyValidity { get; init; } = TimeSpan.FromDays(730);

    /// <summary>Wait for the answer of a connection test.</summary>
    public TimeSpan PingTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>SHA-256 of the root's signing key (hex), several by comma while it is renewed. Required except at the
    /// root.</summary>
    public string RootFingerprint { get; init; } = "";

    /// <summary>One-time code this node enrols with at its parent; at least 16 characters.</summary>
    public string EnrolmentCode { get; init; } = "";

    /// <summary>Path of a child to SHA-256 (hex) of its one-time code; after a semicolon, the regions it may
    /// claim.</summary>
    public Dictionary<string, string> EnrolmentCodes { get; init; } = [];

    /// <summary>Type prefix to highest known version. Empty: every type, every version.</summary>
    public Dictionary<string, int> AcceptedTypes { get; init; } = [];

    public ResendTerms Resend => new(FlightMax, ResendAfter, ResendAfterMax);
}

/// <summary>Section <c>Node</c>: who this node is.</summary>
public sealed record NodeIdentity(string Path, string Name, IReadOnlyList<string> Regions, string? Parent)
{
    public bool IsRoot => Parent is null;

    public static NodeIdentity From(IConfiguration configuration)
    {
        var path = configuration["Node:Path"] ?? throw new InvalidOperationException("Node:Path is not set.");
        var regions = (configuration["Node:Regions"] ?? "").Split(',',
            StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (regions.Length == 0) throw new InvalidOperationException("Node:Regions is not set.");
        var parent = configuration["Node:Parent"];
        parent = string.IsNullOrEmpty(parent) ? null : parent;
        if (NodeRecord.ParentOf(path) != parent)
        {
            throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture,
                $"Node:Parent must be {NodeRecord.ParentOf(path) ?? "empty"} for Node:Path {path}."));
        }
        return new(path, configuration["Node:Name"] ?? path, regions, parent);
    }

    public bool Covers(string region) => Regions.Any(r => region.StartsWith(r, StringComparison.Ordinal));
}
