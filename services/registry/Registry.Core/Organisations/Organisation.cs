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
    public DateOnly? DissolvedOn { get; init; }
}

/// <summary>Events of an organisation.</summary>
public abstract record OrganisationEvent;

public sealed record OrganisationFounded(Organisation Organisation) : OrganisationEvent;
public sealed record OrganisationAmended(Organisation Before, Organisation After) : OrganisationEvent;
public sealed record OrganisationDissolved(DateOnly On) : OrganisationEvent;

/// <summary>
/// Founding, amending and dissolving. Moves, splits and mergers keep history and have their own decider.
/// </summary>
public static class OrganisationDecider
{
    /// <summary>Founds an organisation under its parent.</summary>
    /// <remarks>Problems: ORGANISATION_PARENT_MISSING, ORGANISATION_PATH_WRONG, ORGANISATION_TYPE_UNKNOWN,
    /// ORGANISATION_EXISTS.</remarks>
    public static Decision<OrganisationEvent> Found(
        Organisation? existing, bool codeTaken, Organisation organisation, Organisation? parent,
        IReadOnlySet<string> types) => parent switch
        {
            _ when existing is not null || codeTaken => Exists,
            null when organisation.ParentId is not null => ParentMissing,
            { DissolvedOn: not null } => ParentMissing,
            { } p when organisation.Path != $"{p.Path}{organisation.Code}/" => PathWrong,
            _ when !types.Contains(organisation.Type) => TypeUnknown,
            _ => new OrganisationFounded(organisation),
        };

    /// <summary>Changes name, contact, unit and places served; code, path and region stay.</summary>
    /// <remarks>Problems: ORGANISATION_NOT_FOUND, ORGANISATION_TYPE_UNKNOWN.</remarks>
    public static Decision<OrganisationEvent> Amend(
        Organisation? existing, Func<Organisation, Organisation> amend, IReadOnlySet<string> types)
    {
        if (existing is null or { DissolvedOn: not null }) return NotFound;
        var after = amend(existing);
        if (!types.Contains(after.Type)) return TypeUnknown;
        return after == existing ? Array.Empty<OrganisationEvent>() : new OrganisationAmended(existing, after);
    }

    /// <summary>Dissolves an organisation that has neither members nor organisations below it.</summary>
    /// <remarks>Problems: ORGANISATION_NOT_FOUND, ORGANISATION_NOT_EMPTY.</remarks>
    public static Decision<OrganisationEvent> Dissolve(Organisation? existing, bool isEmpty, DateOnly on) =>
        existing switch
    {
        null or { DissolvedOn: not null } => NotFound,
        _ when !isEmpty => NotEmpty,
        _ => new OrganisationDissolved(on),
    };

    /// <summary>Folds one event into the state. An illegal history is a bug and throws.</summary>
    public static Organisation Evolve(Organisation? state, OrganisationEvent happened) => (state, happened) switch
    {
        (null, OrganisationFounded e) => e.Organisation,
        ({ }, OrganisationAmended e) => e.After,
        ({ } o, OrganisationDissolved e) => o with { DissolvedOn = e.On },
        _ => throw new UnreachableException($"{happened.GetType().Name} cannot follow"),
    };

    /// <summary>ORGANISATION_NOT_FOUND.</summary>
    public static Problem NotFound { get; } = new(ProblemKind.NotFound, "ORGANISATION_NOT_FOUND",
        "There is no such organisation in your part of the tree.", "您的管理范围内没有这个组织。");

    private static Problem Exists { get; } = new(ProblemKind.Precondition, "ORGANISATION_EXISTS",
        "An organisation with this code exists in this region.", "本地区已有相同代码的组织。");

    private static Problem ParentMissing { get; } = new(ProblemKind.Precondition, "ORGANISATION_PARENT_MISSING",
        "The superior organisation does not exist or was dissolved.", "上级组织不存在或已撤销。");

    private static Problem PathWrong { get; } = new(ProblemKind.Invalid, "ORGANISATION_PATH_WRONG",
        "The path is the superior's path followed by the code.", "组织路径应为上级路径加本级代码。");

    private static Problem TypeUnknown { get; } = new(ProblemKind.Invalid, "ORGANISATION_TYPE_UNKNOWN",
        "The type is a code of the table organisation-type.", "组织类型须取自代码表。");

    private static Problem NotEmpty { get; } = new(ProblemKind.Precondition, "ORGANISATION_NOT_EMPTY",
        "Members or organisations are still below it; move them first.", "该组织下仍有党员或下级组织，请先调整。");
}
