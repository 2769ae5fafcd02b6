using System.Globalization;

namespace Gateway.Console.Node;

/// <summary>An archive, identifiers masked.</summary>
public sealed record MemberReply(Guid Id, Guid BranchId, string Name, string IdNumberMasked, string Sex,
    string EthnicGroup, DateOnly BirthOn, string NativePlace, string Education, DateOnly? JoinedOn, string Standing,
    string PhoneMasked, string Occupation, string Employer, string CreditCode, string RolePlayed, DateOnly? EndedOn,
    string EndedBecause);

/// <summary>Identifiers in full, after a reason was given.</summary>
public sealed record Unmasked(string IdNumber, string Phone, string Residence);

/// <summary>Score of one archive and what lacks.</summary>
public sealed record QualityReply(int Completeness, int Validity, IReadOnlyList<Fault> Faults);

/// <summary>One item that is missing or wrong.</summary>
public sealed record Fault(string Rule, string Item, string Kind, string Zh, string En)
{
    /// <summary>The sentence in the language of the page.</summary>
    public string Words => CultureInfo.CurrentUICulture.TwoLetterISOLanguageName == "zh" ? Zh : En;
}

/// <summary>An archive in the list of those with faults.</summary>
public sealed record QualityLine(MemberReply Member, int Completeness, int Validity, IReadOnlyList<Fault> Faults);

/// <summary>Scores of an organisation and everything below it.</summary>
/// <param name="Whole">Archives without any fault.</param>
/// <param name="NotYetScored">Changed since and not computed yet.</param>
/// <param name="PeopleMissing">Found by screenings and registered nowhere here.</param>
/// <param name="PeopleDouble">Pairs that nobody has decided yet.</param>
public sealed record OrganisationQuality(Guid OrganisationId, long Members, decimal Completeness, decimal Validity,
    long Whole, long NotYetScored, long PeopleMissing, long PeopleDouble, IReadOnlyList<QualityItem> Items,
    IReadOnlyList<QualityPart> Children);

/// <summary>How many archives break one rule.</summary>
public sealed record QualityItem(string Rule, string Item, string Kind, string Zh, string En, long Count)
{
    /// <summary>The fault in the language of the page.</summary>
    public string Words => CultureInfo.CurrentUICulture.TwoLetterISOLanguageName == "zh" ? Zh : En;
}

/// <summary>Scores of one organisation right below, or of the members held by the organisation itself.</summary>
public sealed record QualityPart(Guid OrganisationId, string Name, long Members, decimal Completeness,
    decimal Validity, long Whole);

/// <summary>A member's moves, and whom to call at home.</summary>
public sealed record MemberCases(string Branch, string Contact, string ContactPhone, IReadOnlyList<MemberCase> Cases)
{
    /// <summary>The case that is under way; null when the member is not away.</summary>
    public MemberCase? Open => Cases.FirstOrDefault(c => c.IsOpen);
}

/// <summary>The home side of one case.</summary>
public sealed record MemberCase(Guid CaseId, string HomeRegion, string HomeBranch, string HostRegion, string Status,
    string Agreement, IReadOnlyList<string> Differences, string NextStep, string? NextBy, DateOnly DepartsOn,
    DateOnly? PlannedReturnOn, DateOnly MobileOn, string Reason, string ContactPerson, string HostBranch,
    string HostContact, DateOnly? EndedOn)
{
    /// <summary>As in the list of cases.</summary>
    public string State => Agreement == "settled" && NextStep.Length > 0 ? "todo" : Agreement;

    public bool IsOpen => Status is not ("returned" or "refused" or "denied");
}

/// <summary>Every field with the values it had.</summary>
public sealed record HistoryReply(IReadOnlyList<FieldHistory> Fields);

/// <summary>One field, oldest value first.</summary>
public sealed record FieldHistory(string Field, IReadOnlyList<PastValue> Values);

/// <summary>One value, masked when sensitive.</summary>
public sealed record PastValue(string Value, DateTimeOffset From, DateTimeOffset? Until, string Kind, string ActorName,
    string? OnBehalfOf, string? Reason, string Source);

/// <summary>What was known at the end of a day.</summary>
public sealed record KnownReply(DateOnly On, IReadOnlyList<KnownField> Fields);

/// <summary>One field as it was known.</summary>
public sealed record KnownField(string Field, string Value, DateTimeOffset Since);

/// <summary>How a member is classed, and what the registry suggests.</summary>
public sealed record ClassesReply(IReadOnlyList<ClassFact> Facts, IReadOnlyList<ClassSuggestion> Suggestions);

/// <summary>One dated class or special group.</summary>
public sealed record ClassFact(Guid Id, string Axis, string Code, DateOnly FromOn, DateOnly? UntilOn,
    string Management, string Note, string Tier);

/// <summary>Who is classed so today; the total is that of the whole list.</summary>
public sealed record ClassifiedReply(IReadOnlyList<ClassLine> Items, string? Next, int Total);

/// <summary>One of them, with the branch by name.</summary>
public sealed record ClassLine(ClassFact Fact, MemberReply Member, string BranchName);

/// <summary>A class that may fit, and why.</summary>
public sealed record ClassSuggestion(string Axis, string Code, string Management, string Zh, string En);

/// <summary>One line of the trail.</summary>
public sealed record TrailLine(DateTimeOffset At, string ActorName, string ActorOrg, string ActorOffice,
    string? OnBehalfOf, string Action, string? Reason)
{
    /// <summary>The office by name, or the code of its path.</summary>
    public string Office => ActorOffice.Length > 0 ? ActorOffice : ActorOrg.TrimEnd('/').Split('/')[^1];
}

/// <summary>What a member asked for and what was answered.</summary>
public sealed record RequestReply(Guid Id, Guid MemberId, string MemberName, string BranchName, string Kind,
    string About, string Text, string Status, string AskedByName, bool ByMember, DateTimeOffset AskedAt, string Answer,
    DateTimeOffset? AnsweredAt);

/// <summary>Who is registered already and may be the person being typed.</summary>
public sealed record DoublesReply(bool HeldElsewhere, IReadOnlyList<LikelyDouble> Likely);

/// <summary>One of them, with the signs.</summary>
public sealed record LikelyDouble(MemberReply Member, int Points, IReadOnlyList<DoubleSign> Signs);

/// <summary>What both have alike.</summary>
public sealed record DoubleSign(string Code, string Zh, string En);

/// <summary>An organisation as lists show it.</summary>
public sealed record OrganisationLine(Guid Id, string Name, string Path, string Type);

/// <summary>What the one box found, people and organisations.</summary>
public sealed record SearchReply(Hits<MemberHit> Members, Hits<OrganisationLine> Organisations);

/// <summary>Some hits; <see cref="More"/>: there are others.</summary>
public sealed record Hits<T>(IReadOnlyList<T> Items, bool More);

/// <summary>A person found.</summary>
public sealed record MemberHit(string BranchName, MemberReply Member);
