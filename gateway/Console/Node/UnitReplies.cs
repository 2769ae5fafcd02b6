namespace Gateway.Console.Node;

/// <summary>A unit of the two-new register.</summary>
public sealed record UnitLine(Guid Id, Guid KeptBy, string Name, string Category, string CreditCode, string Division,
    string Site, string Sector, int Employees, int Members, Guid? OrganisationId, string Instructor,
    DateOnly SurveyedOn, DateOnly? ClosedOn, string Coverage, bool BelowScale);

/// <summary>One area, park or sector: the three parts add up to the total.</summary>
/// <param name="Rate">Organised per hundred of all; null when there are none.</param>
public sealed record CoverageLine(string Group, int Total, int Organised, int MembersOnly, int NoMembers,
    decimal? Rate);

/// <summary>Two that build together.</summary>
public sealed record JointLine(Guid Id, string Kind, Guid OrganisationId, Guid? PartnerId, string Partner,
    string Purpose, DateOnly FromOn, DateOnly? UntilOn);

/// <summary>One park with the count of its units by what covers them.</summary>
public sealed record ParkCoverage(string Site, int Total, int Organised, int MembersOnly, int NoMembers);

/// <summary>An examination of a park: economy and party building together (M-028).</summary>
/// <param name="Units">Units of the park on that day.</param>
public sealed record ParkExaminationLine(Guid Id, string Site, string Period, DateOnly ExaminedOn,
    string EconomicGoals, string EconomicResult, string PartyGoals, string PartyResult, string Conclusion, int Units,
    int Organised, int MembersOnly);
