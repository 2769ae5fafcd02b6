using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Registry.Duplicates;
using Registry.Members;
using Registry.Screening;

namespace Registry.Service.Persistence;

/// <summary>Tables of the people in depth.</summary>
internal static class PeopleModel
{
    public static void Add(ModelBuilder modelBuilder, RegistryDb db)
    {
        modelBuilder.Entity<DuplicateCandidate>(e =>
        {
            e.ToTable("duplicate_candidate").Property<uint>("xmin").IsRowVersion();
            e.Property(c => c.Status).HasConversion<string>();
        });
        modelBuilder.Entity<SharedRound>().ToTable("shared_round").Property<uint>("xmin").IsRowVersion();
        modelBuilder.Entity<SharedPart>().ToTable("shared_part").Property<uint>("xmin").IsRowVersion();
        modelBuilder.Entity<AlsoRegistered>().ToTable("also_registered").Property<uint>("xmin").IsRowVersion();
        modelBuilder.Entity<MemberMerge>(e =>
        {
            e.ToTable("member_merge").Property<uint>("xmin").IsRowVersion();
            e.Property(m => m.KeptBefore).HasConversion(db.Sealed<Member>("member"));
            e.Property(m => m.KeptAfter).HasConversion(db.Sealed<Member>("member"));
            e.Property(m => m.Gone).HasConversion(db.Sealed<Member>("member"));
            // Written once and never changed.
            e.Property(m => m.Moved).HasColumnType("jsonb").HasConversion(RegistryDb.Json<IReadOnlyList<MemberLink>>(),
                new ValueComparer<IReadOnlyList<MemberLink>>((a, b) => ReferenceEquals(a, b), l => l.Count));
        });
        modelBuilder.Entity<Classification>(e =>
        {
            e.ToTable("member_class").Property<uint>("xmin").IsRowVersion();
            e.Property(c => c.Note).HasConversion(db.SealedText("class"));
        });
        modelBuilder.Entity<CardDetail>(e =>
        {
            e.ToTable("card_detail").Property<uint>("xmin").IsRowVersion();
            e.Property(d => d.Detail).HasConversion(db.Sealed<CardDetailFields>("card-detail"));
        });
        modelBuilder.Entity<MemberRequest>(e =>
        {
            e.ToTable("member_request").Property<uint>("xmin").IsRowVersion();
            e.Property(r => r.Kind).HasConversion<string>();
            e.Property(r => r.Status).HasConversion<string>();
            e.Property(r => r.Words).HasConversion(db.Sealed<RequestWords>("member-request"));
            e.Property(r => r.Answer).HasConversion(db.SealedText("member-request"));
        });
        modelBuilder.Entity<ScreeningCampaign>().ToTable("screening").Property<uint>("xmin").IsRowVersion();
        modelBuilder.Entity<ScreeningFinding>(e =>
        {
            e.ToTable("screening_finding").Property<uint>("xmin").IsRowVersion();
            e.Property(f => f.Outcome).HasConversion<string>();
            e.Property(f => f.Place).HasConversion(db.SealedText("screening"));
            e.Property(f => f.Person).HasConversion(db.Sealed<FoundPerson>("screening"));
        });
    }
}
