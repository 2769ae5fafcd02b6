using System.Globalization;

namespace Gateway.Console.Node;

/// <summary>A sign for (positive) or against (negative) two archives being one person.</summary>
public sealed record PairSign(string Code, int Points, string Zh, string En)
{
    /// <summary>The sign in the language of the page.</summary>
    public string Words => CultureInfo.CurrentUICulture.TwoLetterISOLanguageName == "zh" ? Zh : En;
}

/// <summary>Two archives that may be one person.</summary>
public sealed record DoublePair(Guid Id, string Status, int Points, IReadOnlyList<PairSign> Signs, MemberReply First,
    MemberReply Second, DateTimeOffset FoundAt, DateTimeOffset? DecidedAt, string Reason, string FirstBranch,
    string SecondBranch);

/// <summary>What a search for doubles found.</summary>
public sealed record DoublesRun(Guid OrganisationId, int MembersCompared, int PairsFound, int PairsNew);

/// <summary>Two archives field by field.</summary>
public sealed record BesideReply(Guid FirstId, Guid SecondId, string FirstBranchName, string SecondBranchName,
    IReadOnlyList<BesideField> Fields, IReadOnlyList<LinkCount> FirstLinks, IReadOnlyList<LinkCount> SecondLinks,
    int Points, IReadOnlyList<PairSign> Signs, BesidePair? Pair)
{
    /// <summary>Value of a field, masked when sensitive.</summary>
    public string First(string field) => Fields.FirstOrDefault(f => f.Field == field)?.First ?? "";

    /// <inheritdoc cref="First"/>
    public string Second(string field) => Fields.FirstOrDefault(f => f.Field == field)?.Second ?? "";
}

/// <summary>One field; <see cref="Same"/> compares what stands behind the mask.</summary>
public sealed record BesideField(string Field, string First, string Second, bool Same);

/// <summary>How many rows of a kind name an archive.</summary>
public sealed record LinkCount(string Table, int Count);

/// <summary>What a search and people said of two archives.</summary>
public sealed record BesidePair(Guid Id, string Status, DateTimeOffset FoundAt, DateTimeOffset? DecidedAt,
    string Reason);

/// <summary>One merge.</summary>
public sealed record MergeReply(Guid Id, Guid KeptId, Guid GoneId, string KeptName, string GoneName,
    IReadOnlyList<string> Taken, IReadOnlyList<LinkCount> Moved, DateTimeOffset MergedAt, string Reason,
    DateTimeOffset? UndoneAt);

/// <summary>One merge with what went in and what came out.</summary>
public sealed record MergeFile(MergeReply Merge, IReadOnlyList<MergedField> Fields,
    IReadOnlyList<string> StaysChanged, IReadOnlyList<MergeAct> Acts);

/// <summary>One field of a merge.</summary>
public sealed record MergedField(string Field, string Kept, string Gone, string After, bool Same, bool FromGone);

/// <summary>Who merged or took it back, and why.</summary>
public sealed record MergeAct(DateTimeOffset At, string ActorName, string? OnBehalfOf, string Action, string? Reason);

/// <summary>A comparison of several regions, as the tier that compares sees it.</summary>
/// <param name="Regions">Six-digit codes, comma separated; the first makes the key.</param>
/// <param name="Matches">Numbers that came from more than one region; null while it is open.</param>
public sealed record SharedRound(Guid Id, string Regions, string Reason, DateTimeOffset OpenedAt,
    DateTimeOffset? ClosedAt, int? Matches);

/// <summary>A comparison with how many numbers each region has sent.</summary>
public sealed record RoundLine(SharedRound Round, IReadOnlyDictionary<string, int> Sent);

/// <summary>A region's part in a comparison.</summary>
public sealed record SharedPart(Guid Id, string Region, string MatcherRegion, string Regions, string Reason,
    bool Invited, DateTimeOffset? JoinedAt, DateTimeOffset? SentAt, int Hashes, DateTimeOffset? AnsweredAt,
    int Matches)
{
    /// <summary>coming, invited, joined, sent or over.</summary>
    public string State => AnsweredAt is not null ? "over" : SentAt is not null ? "sent"
        : JoinedAt is not null ? "joined" : Invited ? "invited" : "coming";
}

/// <summary>A member whom another region has registered too.</summary>
public sealed record ElsewhereHint(Guid Id, MemberReply Member, string Region, DateTimeOffset FoundAt,
    DateTimeOffset? SettledAt, string Outcome);
