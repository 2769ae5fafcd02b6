namespace Gateway.Console.Node;

/// <summary>A screening campaign.</summary>
/// <param name="Kind">members: every archive is looked for; places: sites, buildings, shops, markets.</param>
public sealed record Screening(Guid Id, Guid OrganisationId, string Name, string Kind, DateOnly FromOn,
    DateOnly UntilOn, string Purpose, DateOnly? ClosedOn, string OrganisationName)
{
    /// <summary>planned, running, past (nobody closed it) or closed.</summary>
    public string StateOn(DateOnly today) => ClosedOn is not null ? "closed"
        : today < FromOn ? "planned" : today > UntilOn ? "past" : "running";
}

/// <summary>Who was looked for, branch by branch.</summary>
public sealed record ScreeningProgress(Screening Screening, long Members, long Found, long Moved, long NotFound,
    long Unregistered, long Open, IReadOnlyList<ScreeningLine> Branches);

/// <summary>One branch of a campaign; <see cref="Open"/>: archives nobody has been looked for yet.</summary>
public sealed record ScreeningLine(Guid BranchId, string Name, long Members, long Found, long Moved, long NotFound,
    long Unregistered, long Open);

/// <summary>One line of the ledger.</summary>
public sealed record ScreeningFound(Guid Id, Guid BranchId, Guid? MemberId, string Outcome, string Name,
    string PhoneMasked, string WhereTo, string HomeOrganisation, string PlaceKind, string Place, DateOnly FoundOn,
    string FoundBy, string Note, string BranchName, Guid ScreeningId);

/// <summary>What a sheet that came back held; rows by number, nothing about persons.</summary>
public sealed record SheetReport(int Found, int Moved, int NotFound, int Unregistered,
    IReadOnlyList<SheetProblem> Problems)
{
    /// <summary>Rows that were written.</summary>
    public int Written => Found + Moved + NotFound + Unregistered;
}

/// <summary>What is wrong in one cell.</summary>
public sealed record SheetProblem(int Row, string Column, string Zh, string En)
{
    /// <summary>The sentence in the language of the page.</summary>
    public string Words => System.Globalization.CultureInfo.CurrentUICulture.TwoLetterISOLanguageName == "zh" ? Zh : En;
}
