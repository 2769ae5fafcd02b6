using System.Collections.Frozen;

namespace Registry;

/// <summary>One administrative division code (行政区划代码, GB/T 2260) and the revisions that list it.</summary>
/// <param name="Code">Six digits.</param>
/// <param name="Name">The newest name the code had; one code may have meant two places .</param>
/// <param name="FirstRevision">yyyyMM of the first revision known to list the code.</param>
/// <param name="LastRevision">yyyyMM of the last one; equal to the newest revision when still in force.</param>
public sealed record Division(string Code, string Name, string FirstRevision, string LastRevision);

/// <summary>Every division code that was ever in force, with its validity.</summary>
/// <remarks>Source. The data stand in <c>seeds/divisions/history.csv</c>.</remarks>
public sealed class DivisionBook
{
    private readonly FrozenDictionary<string, Division> byCode;
    private readonly FrozenSet<string> cities;
    private readonly FrozenSet<string> provinces;

    public DivisionBook(IEnumerable<Division> divisions)
    {
        byCode = divisions.ToFrozenDictionary(d => d.Code, StringComparer.Ordinal);
        cities = byCode.Keys.Select(code => code[..4]).ToFrozenSet(StringComparer.Ordinal);
        provinces = byCode.Keys.Select(code => code[..2]).ToFrozenSet(StringComparer.Ordinal);
        Newest = byCode.Values.Select(d => d.LastRevision).DefaultIfEmpty("").Max(StringComparer.Ordinal)!;
    }

    /// <summary>yyyyMM of the newest revision in the book.</summary>
    public string Newest { get; }

    public int Count => byCode.Count;

    /// <summary>In no order.</summary>
    public IEnumerable<Division> All => byCode.Values;

    /// <summary>The division, or null when no revision in the book lists the code.</summary>
    public Division? Find(string code) => byCode.GetValueOrDefault(code);

    /// <summary>Whether the newest revision lists the code.</summary>
    public bool IsCurrent(string code) => Find(code) is { } found && found.LastRevision == Newest;

    /// <summary>What is known of the first six digits of an identity number. Source: R-134.</summary>
    /// <remarks>
    /// An old code is valid for life. The codes xxxx01 (市辖区) and xxxx20 were given out by cities although lists
    /// leave them out. A code under a known province that no list has is not refused: lists have gaps.
    /// </remarks>
    public AreaStanding StandingOf(string code) =>
        IsCurrent(code) ? AreaStanding.Current
        : byCode.ContainsKey(code) ? AreaStanding.Former
        : code[4..] is "01" or "20" && cities.Contains(code[..4]) ? AreaStanding.Special
        : provinces.Contains(code[..2]) ? AreaStanding.Unlisted
        : AreaStanding.Unknown;
}

/// <summary>What the division lists say about a code.</summary>
public enum AreaStanding
{
    /// <summary>In force.</summary>
    Current,

    /// <summary>Was in force once.</summary>
    Former,

    /// <summary>A city's own code (xxxx01, xxxx20) that lists leave out.</summary>
    Special,

    /// <summary>The province is known, the code is on no list.</summary>
    Unlisted,

    /// <summary>There is no such province.</summary>
    Unknown,
}
