using Microsoft.EntityFrameworkCore;
using Registry.Organisations;

namespace Registry.Service.Persistence;

/// <summary>Tables of what organisations were and of what hangs on them.</summary>
internal static class OrganisationTables
{
    public static void Map(ModelBuilder model)
    {
        model.Entity<Reorganisation>(e =>
        {
            RegistryDb.Versioned(e.ToTable("reorganisation"));
            e.Property(r => r.Kind).HasConversion<string>();
        });
        model.Entity<OrganisationSpell>(e =>
        {
            e.ToTable("organisation_spell");
            e.HasKey(s => new { s.OrganisationId, s.FromOn });
        });
        model.Entity<MembershipSpell>(e =>
        {
            e.ToTable("membership_spell");
            e.HasKey(s => new { s.MemberId, s.FromOn });
        });
        model.Entity<Appointment>(e =>
        {
            RegistryDb.Versioned(e.ToTable("appointment"));
            e.Property(a => a.Kind).HasConversion<string>();
        });
        model.Entity<CommitteeTerm>(e => RegistryDb.Versioned(e.ToTable("committee_term")));
        model.Entity<Facility>(e =>
        {
            RegistryDb.Versioned(e.ToTable("facility"));
            e.Property(f => f.Tier).HasConversion<string>();
        });
        model.Entity<Unit>(e => RegistryDb.Versioned(e.ToTable("unit")));
        model.Entity<JointBuilding>(e => RegistryDb.Versioned(e.ToTable("joint_building")));
        model.Entity<Paper>(e => RegistryDb.Versioned(e.ToTable("paper")));
        model.Entity<PaperReceipt>(e => RegistryDb.Versioned(e.ToTable("paper_receipt")));
        model.Entity<OfficeReport>(e => RegistryDb.Versioned(e.ToTable("office_report")));
        model.Entity<DepartmentReturn>(e => RegistryDb.Versioned(e.ToTable("department_return")));
        model.Entity<CertificateReview>(e => RegistryDb.Versioned(e.ToTable("certificate_review")));
        model.Entity<ManagementMode>(e => RegistryDb.Versioned(e.ToTable("management_mode")));
        model.Entity<ParkExamination>(e => RegistryDb.Versioned(e.ToTable("park_examination")));
        model.Entity<DelegateQuota>(e => RegistryDb.Versioned(e.ToTable("delegate_quota")));
        model.Entity<Outpost>(e =>
        {
            RegistryDb.Versioned(e.ToTable("outpost"));
            e.Property(o => o.Status).HasConversion<string>();
        });
    }
}

/// <summary>What an organisation was from one day until another; written by the database, read here.</summary>
public sealed class OrganisationSpell
{
    public Guid OrganisationId { get; init; }
    public DateOnly FromOn { get; init; }

    /// <summary>First day on which it was something else or no more; null while it lasts.</summary>
    public DateOnly? UntilOn { get; init; }
    public Guid? ParentId { get; init; }
    public string Region { get; init; } = "";

    /// <summary>Path as it was then.</summary>
    public string Path { get; init; } = "";
    public string Code { get; init; } = "";
    public string Name { get; init; } = "";
    public string Type { get; init; } = "";
    public string Division { get; init; } = "";
    public string Sector { get; init; } = "";

    /// <summary>Reorganisation that began it; null for founding and renaming.</summary>
    public Guid? OpenedBy { get; init; }

    /// <summary>Reorganisation that ended it.</summary>
    public Guid? ClosedBy { get; init; }
}

/// <summary>Which branch held a member's relationship from one day until another. Source: P1.</summary>
public sealed class MembershipSpell
{
    public Guid MemberId { get; init; }
    public Guid BranchId { get; init; }
    public DateOnly FromOn { get; init; }
    public DateOnly? UntilOn { get; init; }
    public Guid? OpenedBy { get; init; }
    public Guid? ClosedBy { get; init; }
}
