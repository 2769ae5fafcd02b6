using System.Diagnostics;
using Platform.Kernel;

namespace Registry.Organisations;

/// <summary>任职与设岗: a role for an organisation or a post of a member, dated. Source: M-022, M-041, M-061, M-184,
/// M-185, M-220.</summary>
public sealed record Appointment
{
    public required Guid Id { get; init; }
    public required string Path { get; init; }
    public required Guid OrganisationId { get; init; }
    public required AppointmentKind Kind { get; init; }

    /// <summary>Code of the table <c>role-type</c> or <c>post-type</c>.</summary>
    public required string Code { get; init; }

    /// <summary>The member who holds it; null for a person of another region's books.</summary>
    public Guid? MemberId { get; init; }

    /// <summary>Name when there is no record here; "" with a member.</summary>
    public string Holder { get; init; } = "";

    /// <summary>派出单位: who sent a first secretary or organiser (M-061); "" when nobody did.</summary>
    public string SentBy { get; init; } = "";

    /// <summary>Employer that pays an instructor or full-time party worker (M-220); "" when none does.</summary>
    public string PaidBy { get; init; } = "";
    public string Note { get; init; } = "";

    /// <summary>领导干部: whether the holder is a leading cadre; null when not said. Heads of mobile organisations are
    /// not (M-048).</summary>
    public bool? LeadingCadre { get; init; }
    public required DateOnly FromOn { get; init; }

    /// <summary>First day out of office; null while in office.</summary>
    public DateOnly? UntilOn { get; init; }
    public string EndedBecause { get; init; } = "";
}

/// <summary>What a person is appointed to.</summary>
public enum AppointmentKind
{
    /// <summary>组织任职: table role-type.</summary>
    Role,

    /// <summary>党员设岗: table post-type; members only.</summary>
    Post,
}

/// <summary>班子任期: one committee's term from its election. Source: R-094.</summary>
public sealed record CommitteeTerm
{
    public required Guid Id { get; init; }
    public required string Path { get; init; }
    public required Guid OrganisationId { get; init; }
    public required DateOnly ElectedOn { get; init; }
    public required int Years { get; init; }

    /// <summary>Day on which the term is over, with what was approved to move it.</summary>
    public required DateOnly EndsOn { get; init; }

    /// <summary>Months it was put off (positive) or brought forward; -12 to 12.</summary>
    public int MovedMonths { get; init; }
    public string MovedBecause { get; init; } = "";
}

/// <summary>服务中心、站、点: a place with a telephone. Source: M-016, M-040, M-059, M-060, M-157.</summary>
public sealed record Facility
{
    public required Guid Id { get; init; }
    public required string Path { get; init; }
    public required Guid OrganisationId { get; init; }

    /// <summary>Code of the table <c>facility-type</c>.</summary>
    public required string Type { get; init; }
    public required FacilityTier Tier { get; init; }
    public required string Name { get; init; }
    public required string Address { get; init; }

    /// <summary>Division code of the place, 6, 9 or 12 digits.</summary>
    public required string Division { get; init; }
    public required string Phone { get; init; }

    /// <summary>Opening hours in words.</summary>
    public required string Opening { get; init; }

    /// <summary>Person at the window (M-059).</summary>
    public required string OnDuty { get; init; }

    /// <summary>Enterprise that provides the place (M-238); "" when the organisation does.</summary>
    public string Provider { get; init; } = "";

    /// <summary>Shown to everybody of the node, members included (M-157).</summary>
    public required bool Published { get; init; }
    public DateOnly? ClosedOn { get; init; }
}

/// <summary>Level of the three-level network (M-040); prefecture on top for telephones (M-157).</summary>
public enum FacilityTier
{
    /// <summary>地市级.</summary>
    Prefecture,

    /// <summary>县（市、区）级.</summary>
    County,

    /// <summary>乡镇、街道、厂矿.</summary>
    Township,

    /// <summary>社区、村、工程项目、集贸市场.</summary>
    Village,
}

/// <summary>两新组织与个体工商户: a unit, with or without an organisation. Source: M-024, M-069, M-099.</summary>
public sealed record Unit
{
    public required Guid Id { get; init; }
    public required string Path { get; init; }

    /// <summary>Organisation that keeps the register of the place.</summary>
    public required Guid KeptBy { get; init; }
    public required string Name { get; init; }

    /// <summary>Code of the table <c>organisation-category</c>.</summary>
    public required string Category { get; init; }
    public string CreditCode { get; init; } = "";
    public required string Division { get; init; }

    /// <summary>Park, market or building; "" when none.</summary>
    public string Site { get; init; } = "";
    public string Sector { get; init; } = "";
    public int Employees { get; init; }

    /// <summary>规模以下: below the designated scale (M-024).</summary>
    public bool BelowScale { get; init; }

    /// <summary>Members found working there, whoever holds their relationship.</summary>
    public int Members { get; init; }

    /// <summary>Its own organisation, or the joint one that covers it; null when it has none.</summary>
    public Guid? OrganisationId { get; init; }

    /// <summary>党建工作指导员 sent to it (M-053, M-220); "" when none.</summary>
    public string Instructor { get; init; } = "";
    public required DateOnly SurveyedOn { get; init; }
    public DateOnly? ClosedOn { get; init; }

    /// <summary>Where the unit stands in the count "total = with organisation + with members + without".</summary>
    public UnitCoverage Coverage => OrganisationId is not null ? UnitCoverage.Organised
        : Members > 0 ? UnitCoverage.MembersOnly : UnitCoverage.NoMembers;
}

/// <summary>Parts of the two-new register; they add up to the total (M-099).</summary>
public enum UnitCoverage
{
    /// <summary>有党组织.</summary>
    Organised,

    /// <summary>有党员无组织.</summary>
    MembersOnly,

    /// <summary>无党员.</summary>
    NoMembers,
}

/// <summary>联建、共建: two organisations, or an organisation and a unit, build together. Source: M-043..M-047.</summary>
public sealed record JointBuilding
{
    public required Guid Id { get; init; }
    public required string Path { get; init; }

    /// <summary>Code of the table <c>joint-building</c>.</summary>
    public required string Kind { get; init; }
    public required Guid OrganisationId { get; init; }
    public Guid? PartnerId { get; init; }

    /// <summary>Name of a partner that is no organisation here; "" otherwise.</summary>
    public string Partner { get; init; } = "";
    public string Purpose { get; init; } = "";
    public required DateOnly FromOn { get; init; }
    public DateOnly? UntilOn { get; init; }
}

/// <summary>Events of what hangs on an organisation: one shape for records that are kept and corrected.</summary>
public abstract record RecordEvent;

public sealed record RecordKept(object Record) : RecordEvent;
public sealed record RecordChanged(object Before, object After) : RecordEvent;

/// <summary>Keeping and changing the small records of an organisation.</summary>
public static class RecordDecider
{
    /// <summary>Keeps a new record with an organisation that exists; a repeat changes nothing.</summary>
    /// <remarks>Problems: ORGANISATION_NOT_FOUND, RECORD_DATES_IMPOSSIBLE.</remarks>
    public static Decision<RecordEvent> Keep<T>(T? existing, Organisation? organisation, bool datesHold, T record)
        where T : class => organisation switch
        {
            _ when existing is not null => Array.Empty<RecordEvent>(),
            null or { DissolvedOn: not null } => OrganisationDecider.NotFound,
            _ when !datesHold => DatesImpossible,
            _ => new RecordKept(record),
        };

    /// <summary>Changes a record.</summary>
    /// <param name="open">False once it is over.</param>
    /// <remarks>Problems: RECORD_NOT_FOUND, RECORD_CLOSED, RECORD_DATES_IMPOSSIBLE.</remarks>
    public static Decision<RecordEvent> Change<T>(T? existing, Func<T, bool> open, Func<T, T> change,
        Func<T, bool> datesHold) where T : class
    {
        if (existing is null) return NotFound;
        if (!open(existing)) return Closed;
        var after = change(existing);
        if (!datesHold(after)) return DatesImpossible;
        return after.Equals(existing) ? Array.Empty<RecordEvent>() : new RecordChanged(existing, after);
    }

    /// <summary>Folds one event into the state. An illegal history is a bug and throws.</summary>
    public static T Evolve<T>(T? state, RecordEvent happened) where T : class => (state, happened) switch
    {
        (null, RecordKept e) => (T)e.Record,
        ({ }, RecordChanged e) => (T)e.After,
        _ => throw new UnreachableException($"{happened.GetType().Name} cannot follow"),
    };

    /// <summary>RECORD_NOT_FOUND.</summary>
    public static Problem NotFound { get; } = new(ProblemKind.NotFound, "RECORD_NOT_FOUND",
        "There is no such record in your part of the tree.", "您的管理范围内没有这条记录。");

    private static Problem Closed { get; } = new(ProblemKind.Precondition, "RECORD_CLOSED",
        "The record is over and stays as it is.", "该记录已结束，不能再更改。");

    private static Problem DatesImpossible { get; } = new(ProblemKind.Invalid, "RECORD_DATES_IMPOSSIBLE",
        "The dates contradict each other: an end lies after its beginning, a term's move within twelve months.",
        "日期前后矛盾：结束应晚于开始，任期提前或延期不超过十二个月。");
}
