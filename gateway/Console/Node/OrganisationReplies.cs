namespace Gateway.Console.Node;

/// <summary>An organisation in the tree on a day; <see cref="Alarms"/> and <see cref="Members"/> are today's.</summary>
public sealed record TreeNode(Guid Id, string Code, string Name, string Type, string Path, Guid? ParentId,
    string Region, int Children, int? Members, IReadOnlyList<string> Alarms);

/// <summary>An organisation as it is kept now.</summary>
public sealed record OrganisationFacts(Guid Id, string Code, string Path, Guid? ParentId, string Region, string Name,
    string Type, string Contact, string Phone, string UnitName, string CreditCode, string Community, string Site,
    string Division, string Sector, string Department, string Formation, bool LacksManagers, bool LacksVenue,
    bool LacksFunds, DateOnly FoundedOn, DateOnly Since, DateOnly? DissolvedOn);

/// <summary>What an organisation was from a day to a day, newest first.</summary>
public sealed record OrganisationHistory(Guid Id, DateOnly FoundedOn, DateOnly? DissolvedOn,
    IReadOnlyList<HistorySpell> Spells)
{
    /// <summary>What it was on a day; null when it was not.</summary>
    public HistorySpell? On(DateOnly day) =>
        Spells.FirstOrDefault(s => s.From <= day && (s.Until is null || s.Until > day));
}

/// <param name="Until">First day on which it was something else; null: to this day.</param>
/// <param name="Kind">Reorganisation that began it; null for founding and renaming.</param>
public sealed record HistorySpell(DateOnly From, DateOnly? Until, string Name, string Type, string Path, Guid? ParentId,
    string Region, string? Kind, string? Reason);

/// <summary>Members held on a day, the organisation's own first, then each child's.</summary>
public sealed record Headcount(DateOnly AsOf, long Members, IReadOnlyList<HeadcountPart> Parts);

/// <summary>A part of a headcount.</summary>
public sealed record HeadcountPart(Guid OrganisationId, string Name, string Path, long Members);

/// <summary>What needs attention.</summary>
public sealed record AlarmLine(Guid OrganisationId, string Name, string Path, string Type, string Kind, string Reason,
    string ReasonZh, string Source);

/// <summary>One rule of formation against the records.</summary>
/// <param name="Fact">What is compared; "" when the rule only explains.</param>
/// <param name="Holds">Null when the fact is not known or the rule only explains.</param>
public sealed record AdviceLine(string Rule, string Fact, int? Least, int? Most, int? Value, bool? Holds, string Reason,
    string ReasonZh, string Source);

/// <summary>Rules that speak about a type.</summary>
public sealed record AdviceReply(IReadOnlyList<AdviceLine> Advice);

/// <summary>Somebody in office; <see cref="Name"/> is added from the archive where the person has one.</summary>
public sealed record PostLine(Guid Id, string Kind, string Code, Guid? MemberId, string Holder, string Note,
    DateOnly FromOn, string? Name = null);

/// <summary>A committee's term of office.</summary>
public sealed record TermLine(Guid Id, DateOnly ElectedOn, int Years, DateOnly EndsOn);

/// <summary>A place of service.</summary>
public sealed record FacilityLine(Guid Id, string Type, string Name, string Address, string Phone, string Opening,
    string OnDuty, string Tier = "", string Division = "", string Provider = "", bool Published = true);

/// <summary>Somebody held on a day; the name is "" when the archive is kept elsewhere today.</summary>
public sealed record HeldLine(Guid MemberId, string Name, Guid BranchId, string Branch, DateOnly From,
    DateOnly? Until);

/// <summary>Organisations of a place or an industry.</summary>
public sealed record GroupLine(string Code, string Name, int Organisations);

/// <summary>An organisation that was found.</summary>
public sealed record OrganisationHit(Guid Id, string Code, string Name, string Type, string Path);

/// <summary>Organisations that were found.</summary>
/// <param name="More">There are more than these.</param>
public sealed record OrganisationFound(IReadOnlyList<OrganisationHit> Items, bool More);

/// <summary>The part of a search's answer that organisations are in.</summary>
public sealed record OrganisationSearch(OrganisationFound Organisations);

/// <summary>What is asked for a new organisation.</summary>
public sealed record OrganisationRow(Guid Id, string Code, string Name, string Type, string Path, string Division,
    string Sector);

/// <summary>An organisation that has no place of service.</summary>
public sealed record OrganisationLacking(Guid Id, string Name, string Path);

/// <summary>What a reorganisation would do.</summary>
/// <param name="Stays">What stays with an organisation that is split.</param>
public sealed record ReorganisationPreview(string Kind, DateOnly On, IReadOnlyList<PreviewPart> Parts,
    PreviewPart? Stays);

/// <summary>What one organisation, or one part of it, brings along.</summary>
/// <param name="FromPlace">Names from the caller's own organisation down to it.</param>
/// <param name="ToPlace">The same of where it will stand.</param>
public sealed record PreviewPart(string Name, IReadOnlyList<string> FromPlace, IReadOnlyList<string> ToPlace,
    int Organisations, int Members, int OutboundCases, int InboundCases);

/// <summary>A reorganisation that was carried out.</summary>
public sealed record ReorganisationLine(Guid Id, string Kind, DateOnly EffectiveOn, int OrganisationCount,
    int MemberCount);
