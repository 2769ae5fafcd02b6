using System.Diagnostics;
using Platform.Kernel;

namespace Registry.Organisations;

/// <summary>
/// 党组织: one node of the tree. Rules: <see cref="OrganisationDecider"/>. Source: M-012, M-015..M-055, Appendix D.
/// </summary>
public sealed record Organisation
{
    public required Guid Id { get; init; }

    /// <summary>Code, unique in its region: 1 to 20 letters, digits or hyphens.</summary>
    public required string Code { get; init; }

    /// <summary>Path from the province down, each segment ending in a slash; begins with the parent's path.</summary>
    public required string Path { get; init; }

    /// <summary>Null for the top organisation of a region.</summary>
    public Guid? ParentId { get; init; }

    /// <summary>Region it belongs to, six digits.</summary>
    public required string Region { get; init; }
    public required string Name { get; init; }

    /// <summary>Code of the table <c>organisation-type</c> (Appendix D).</summary>
    public required string Type { get; init; }

    /// <summary>Secretary or contact person; "" when unknown.</summary>
    public string Contact { get; init; } = "";

    /// <summary>Office telephone; published to members (M-157).</summary>
    public string Phone { get; init; } = "";
    public string UnitName { get; init; } = "";
    public string CreditCode { get; init; } = "";

    /// <summary>Community served: division code or name; "" when none.</summary>
    public string Community { get; init; } = "";

    /// <summary>Market, building site, park or building served; "" when none.</summary>
    public string Site { get; init; } = "";

    /// <summary>Division code of the place served, 6, 9 or 12 digits: the tree by place; "" when not said.</summary>
    public string Division { get; init; } = "";

    /// <summary>Code of the table <c>sector</c>: the tree by industry (M-023, M-043); "" when not said.</summary>
    public string Sector { get; init; } = "";

    /// <summary>Department (部门) in the grid of industry, region and department (M-023); "" when none.</summary>
    public string Department { get; init; } = "";

    /// <summary>How it was formed: code of the table <c>formation-mode</c> (M-025, M-032, M-033); "" unknown.</summary>
    public string Formation { get; init; } = "";

    /// <summary>缺管理人员: nobody to manage it. A finding of people (M-228).</summary>
    public bool LacksManagers { get; init; }

    /// <summary>缺活动场所 (M-228).</summary>
    public bool LacksVenue { get; init; }

    /// <summary>缺活动经费 (M-228).</summary>
    public bool LacksFunds { get; init; }

    /// <summary>First day on which it existed.</summary>
    public required DateOnly FoundedOn { get; init; }

    /// <summary>
    /// Since when name, type, place, sector and superior are what they are; a change cannot be dated before it.
    /// </summary>
    public DateOnly Since { get; init; }

    /// <summary>First day on which it no longer exists; null while it does.</summary>
    public DateOnly? DissolvedOn { get; init; }
}

/// <summary>Events of an organisation.</summary>
public abstract record OrganisationEvent;

public sealed record OrganisationFounded(Organisation Organisation) : OrganisationEvent;
public sealed record OrganisationAmended(Organisation Before, Organisation After) : OrganisationEvent;
public sealed record OrganisationDissolved(DateOnly On) : OrganisationEvent;

/// <summary>It hangs under another superior from that day on; what is below it comes along.</summary>
public sealed record OrganisationMoved(
    DateOnly On, Guid? FromParent, string FromPath, Guid ToParent, string ToPath, string Region) : OrganisationEvent;

/// <summary>A date of its history was wrong and is another one now. The reason stands in the trail.</summary>
public sealed record OrganisationDateCorrected(DateOnly From, DateOnly To, Organisation After) : OrganisationEvent;

/// <summary>
/// Founding, amending and dissolving. Moves, splits and mergers have their own decider:
/// <see cref="ReorganisationDecider"/>.
/// </summary>
public static class OrganisationDecider
{
    /// <summary>Founds an organisation under its parent.</summary>
    /// <remarks>Problems: ORGANISATION_EXISTS, ORGANISATION_PARENT_MISSING, ORGANISATION_DATE_TOO_EARLY (before the
    /// superior came to be what it is), ORGANISATION_PATH_WRONG, ORGANISATION_TYPE_UNKNOWN.</remarks>
    public static Decision<OrganisationEvent> Found(
        Organisation? existing, bool codeTaken, Organisation organisation, Organisation? parent,
        IReadOnlySet<string> types) => parent switch
        {
            _ when existing is not null || codeTaken => Exists,
            null when organisation.ParentId is not null => ParentMissing,
            { DissolvedOn: not null } => ParentMissing,
            { } p when organisation.FoundedOn < p.Since => ReorganisationProblems.TooEarly(p.Name, p.Since),
            { } p when organisation.Path != $"{p.Path}{organisation.Code}/" => PathWrong,
            _ when !types.Contains(organisation.Type) => TypeUnknown,
            _ => new OrganisationFounded(organisation with { Since = organisation.FoundedOn }),
        };

    /// <summary>
    /// Changes name, contact, unit and places served; code, path and region stay. What history keeps (name, type,
    /// division, sector) changes from <paramref name="on"/>.
    /// </summary>
    /// <remarks>Problems: ORGANISATION_NOT_FOUND, ORGANISATION_TYPE_UNKNOWN, ORGANISATION_DATE_TOO_EARLY.</remarks>
    public static Decision<OrganisationEvent> Amend(
        Organisation? existing, Func<Organisation, Organisation> amend, IReadOnlySet<string> types, DateOnly on)
    {
        if (existing is null or { DissolvedOn: not null }) return NotFound;
        var after = amend(existing);
        if (!types.Contains(after.Type)) return TypeUnknown;
        if (!SameInHistory(existing, after))
        {
            if (on < existing.Since) return ReorganisationProblems.TooEarly(existing.Name, existing.Since);
            after = after with { Since = on };
        }
        return after == existing ? Array.Empty<OrganisationEvent>() : new OrganisationAmended(existing, after);
    }

    /// <summary>Dissolves an organisation that nobody and nothing stands in any more.</summary>
    /// <param name="isEmpty">Neither members nor organisations from <paramref name="on"/> on, no guests, no units that
    /// it covers or registered, no open places of service (M-065, M-069, M-157).</param>
    /// <remarks>Problems: ORGANISATION_NOT_FOUND, ORGANISATION_DATE_TOO_EARLY, ORGANISATION_NOT_EMPTY.</remarks>
    public static Decision<OrganisationEvent> Dissolve(Organisation? existing, bool isEmpty, DateOnly on) =>
        existing switch
    {
        null or { DissolvedOn: not null } => NotFound,
        { } o when on < o.Since => ReorganisationProblems.TooEarly(o.Name, o.Since),
        _ when !isEmpty => NotEmpty,
        _ => new OrganisationDissolved(on),
    };

    /// <summary>Folds one event into the state. An illegal history is a bug and throws.</summary>
    public static Organisation Evolve(Organisation? state, OrganisationEvent happened) => (state, happened) switch
    {
        (null, OrganisationFounded e) => e.Organisation,
        ({ }, OrganisationAmended e) => e.After,
        ({ } o, OrganisationDissolved e) => o with { DissolvedOn = e.On },
        ({ } o, OrganisationMoved e) =>
            o with { ParentId = e.ToParent, Path = e.ToPath, Region = e.Region, Since = e.On },
        ({ }, OrganisationDateCorrected e) => e.After,
        _ => throw new UnreachableException($"{happened.GetType().Name} cannot follow"),
    };

    private static bool SameInHistory(Organisation a, Organisation b) =>
        (a.Name, a.Type, a.Division, a.Sector) == (b.Name, b.Type, b.Division, b.Sector);

    /// <summary>ORGANISATION_NOT_FOUND.</summary>
    public static Problem NotFound { get; } = new(ProblemKind.NotFound, "ORGANISATION_NOT_FOUND",
        "There is no such organisation in your part of the tree.", "您的管理范围内没有这个组织。");

    private static Problem Exists { get; } = new(ProblemKind.Precondition, "ORGANISATION_EXISTS",
        "An organisation with this code exists in this region.", "本地区已有相同代码的组织。");

    internal static Problem ParentMissing { get; } = new(ProblemKind.Precondition, "ORGANISATION_PARENT_MISSING",
        "The superior organisation does not exist or was dissolved.", "上级组织不存在或已撤销。");

    private static Problem PathWrong { get; } = new(ProblemKind.Invalid, "ORGANISATION_PATH_WRONG",
        "The path is the superior's path followed by the code.", "组织路径应为上级路径加本级代码。");

    private static Problem TypeUnknown { get; } = new(ProblemKind.Invalid, "ORGANISATION_TYPE_UNKNOWN",
        "The type is a code of the table organisation-type.", "组织类型须取自代码表。");

    private static Problem NotEmpty { get; } = new(ProblemKind.Precondition, "ORGANISATION_NOT_EMPTY",
        "Members, guests, organisations, units it covers or registered, or open places of service are still with it; "
            + "move or close them first.", "该组织仍有党员、编入的流入党员、下级组织、覆盖或登记的单位、开放的服务场所，请先调整。");
}
