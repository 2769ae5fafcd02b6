namespace Registry.Roster;

/// <summary>An organisation (党组织) as the roster states it; every value is checked.</summary>
/// <param name="Type">Code of table <c>organisation-type</c>.</param>
/// <param name="Parent">Code of the superior; null hangs it under the organisation that imports.</param>
public sealed record OrganisationEntry(string Code, string Name, string Type, string? Parent)
{
    /// <summary>Six digits, in force; null when not stated.</summary>
    public string? Division { get; init; }

    public PersonName? Contact { get; init; }

    public PhoneNumber? Phone { get; init; }

    /// <summary>Twelve digits of the national system; never derive meaning from it .</summary>
    public string? ExternalCode { get; init; }

    public string? Remark { get; init; }
}

/// <summary>Formal standing of a member (党员类别).</summary>
public enum Membership { Full, Probationary }

/// <summary>A member (党员) as the roster states it; every value is checked. Texts are null when 无 was written.</summary>
public sealed record MemberEntry
{
    public required PersonName Name { get; init; }

    public required Sex Sex { get; init; }

    /// <summary>GB/T 3304, 01 to 56, 97, 98.</summary>
    public required string EthnicGroup { get; init; }

    public required ResidentId IdNumber { get; init; }

    public required DateOnly BornOn { get; init; }

    public required string? NativePlace { get; init; }

    /// <summary>GB/T 4658, two digits.</summary>
    public required string Education { get; init; }

    public required DateOnly JoinedOn { get; init; }

    public required Membership Membership { get; init; }

    /// <summary>When the probation ended; null for probationary members and where it is not known.</summary>
    public DateOnly? FullOn { get; init; }

    public required string Branch { get; init; }

    public required PhoneNumber Phone { get; init; }

    public required string? Occupation { get; init; }

    /// <summary>Code of table <c>sector</c>.</summary>
    public string? Sector { get; init; }

    public required string? Employer { get; init; }

    public CreditCode? EmployerCode { get; init; }

    public required string? Residence { get; init; }

    /// <summary>Null for a member who is not out.</summary>
    public MobilityEntry? Mobility { get; init; }

    public PhoneNumber? EmergencyPhone { get; init; }

    public string? Remark { get; init; }
}

/// <summary>Where a mobile member went. Source: R-021, M-080.</summary>
/// <param name="Type">Code of table <c>mobility-type</c>.</param>
/// <param name="Reason">Code of table <c>mobility-reason</c>.</param>
/// <param name="Destination">Six digits, in force.</param>
public sealed record MobilityEntry(string Type, string Reason, string Destination, DateOnly DepartedOn)
{
    public string? Address { get; init; }

    public DateOnly? ReturnPlannedOn { get; init; }

    public CertificateNumber? Certificate { get; init; }
}
