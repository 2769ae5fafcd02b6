using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;
using Platform.Hosting;
using Registry.Members;
using Registry.Mobility;
using Registry.Organisations;
using Registry.Service.Reference;

namespace Registry.Service.Persistence;

/// <summary>
/// The registry's database. Identifiers are encrypted in their columns; look-up goes through keyed blind indexes; what
/// lists sort and filter by is derived from the state when it is saved.
/// </summary>
public sealed class RegistryDb(DbContextOptions<RegistryDb> options, DbContextServices services)
    : PlatformDb(options, services)
{
    public DbSet<Organisation> Organisations => Set<Organisation>();

    /// <summary>Everybody whose membership was ever held here. Source: R-073.</summary>
    public DbSet<Member> Archives => Set<Member>();

    /// <summary>Those whose membership is held here: what is counted, listed and looked after.</summary>
    public IQueryable<Member> Members => Archives.Where(m => m.EndedOn == null);
    public DbSet<OutboundCard> OutboundCards => Set<OutboundCard>();
    public DbSet<InboundCard> InboundCards => Set<InboundCard>();
    public DbSet<CaseMirror> Mirrors => Set<CaseMirror>();
    public DbSet<ReconciliationRow> Reconciliation => Set<ReconciliationRow>();
    public DbSet<RosterLoad> Loads => Set<RosterLoad>();
    public DbSet<RosterLine> Lines => Set<RosterLine>();
    public DbSet<Reorganisation> Reorganisations => Set<Reorganisation>();
    public DbSet<OrganisationSpell> OrganisationSpells => Set<OrganisationSpell>();
    public DbSet<MembershipSpell> MembershipSpells => Set<MembershipSpell>();
    public DbSet<Appointment> Appointments => Set<Appointment>();
    public DbSet<CommitteeTerm> Terms => Set<CommitteeTerm>();
    public DbSet<Facility> Facilities => Set<Facility>();
    public DbSet<Unit> Units => Set<Unit>();
    public DbSet<JointBuilding> JointBuildings => Set<JointBuilding>();
    public DbSet<Outpost> Outposts => Set<Outpost>();

    /// <summary>Blind index of an id number, upper case.</summary>
    public byte[] IdNumberIndex(string idNumber) => Cipher.BlindIndex(idNumber.ToUpperInvariant(), "id-number");

    /// <summary>Blind index of a normalised telephone number; null for none.</summary>
    public byte[]? PhoneIndex(string phone) => phone.Length == 0 ? null : Cipher.BlindIndex(phone, "phone");

    /// <summary>
    /// Which of these id numbers are held by any branch of the node, the caller's or not; says no more than that.
    /// </summary>
    public async Task<List<byte[]>> HeldIndexesAsync(byte[][] indexes, CancellationToken ct) =>
        await Database.SqlQuery<byte[]>($"select held as \"Value\" from held_id_numbers({indexes}) as held")
            .ToListAsync(ct);

    /// <summary>Blind index of name and birth date: who might be the same person. Source: M-075.</summary>
    public byte[] PersonIndex(string name, DateOnly bornOn) =>
        Cipher.BlindIndex($"{PersonName.KeyOf(name)}\n{bornOn:yyyyMMdd}", "person");

    /// <summary>Encrypts a stored file.</summary>
    public byte[] Seal(ReadOnlySpan<byte> file) => Cipher.Encrypt(file, "file");

    /// <summary>Decrypts a stored file.</summary>
    public byte[] Open(byte[] file) => Cipher.Decrypt(file, "file");

    protected override void Derive(object state, DerivedColumns columns)
    {
        switch (state)
        {
            case Member m:
                columns["IdNumberIndex"] = IdNumberIndex(m.IdNumber);
                columns["PhoneIndex"] = PhoneIndex(m.Phone);
                DeriveName(columns, m.Name);
                if (!columns.IsChange || (columns.Changes(nameof(Member.BranchId)) && !columns.Changes("HeldSince")))
                    columns["HeldSince"] = Today.In(Clock);
                break;
            case OutboundCard c:
                Derive(columns, c.Facts, c.PeerFacts, c.Agreement, c.Next);
                break;
            case InboundCard c:
                Derive(columns, c.Facts, c.PeerFacts, c.Agreement, c.Next);
                break;
            case CaseMirror m:
                columns["AgreementNow"] = m.Agreement;
                columns["DifferencesNow"] = string.Join(',', m.Differences);
                columns["MissingNow"] = m.MissingSide;
                break;
        }
    }

    private void Derive(DerivedColumns columns, CaseFacts facts, CaseFacts? peer, Agreement agreement,
        (string Step, Side? By) next)
    {
        columns["Name"] = facts.Name;
        DeriveName(columns, facts.Name);
        columns["IdNumberIndex"] = IdNumberIndex(facts.IdNumber);
        columns["CertificateNumber"] = facts.CertificateNumber;
        columns["Occupation"] = facts.Occupation;
        columns["Sector"] = FigureData.SectorOf(facts);
        columns["AgreementNow"] = agreement;
        columns["DifferencesNow"] =
            agreement == Agreement.Differs ? string.Join(',', CaseFacts.Differences(facts, peer)) : "";
        columns["NextStep"] = next.Step;
        columns["NextBy"] = next.By;
    }

    private static void DeriveName(DerivedColumns columns, string name)
    {
        var keys = ReferenceData.Names.KeysOf(name);
        columns["NameKey"] = keys.Folded;
        columns["NamePinyin"] = keys.Pinyin;
        columns["NameInitials"] = keys.Initials;
        columns["NameReadings"] = string.Join(' ', keys.OtherPinyin);
    }

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        configurationBuilder.Properties<OutboundStatus>().HaveConversion<string>();
        configurationBuilder.Properties<InboundStatus>().HaveConversion<string>();
        configurationBuilder.Properties<Agreement>().HaveConversion<string>();
        configurationBuilder.Properties<Side>().HaveConversion<string>();
        configurationBuilder.Properties<LoadStatus>().HaveConversion<string>();
        configurationBuilder.Properties<DepartureReason>().HaveConversion<string>();
    }

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        base.OnModelCreating(modelBuilder);
        // No navigation: the relations only tell the order of inserts when a roster brings both.
        modelBuilder.Entity<Organisation>(e =>
        {
            Versioned(e.ToTable("organisation"));
            e.HasOne<Organisation>().WithMany().HasForeignKey(o => o.ParentId).OnDelete(DeleteBehavior.Restrict);
        });
        modelBuilder.Entity<Member>(e =>
        {
            Versioned(e.ToTable("member"));
            e.HasOne<Organisation>().WithMany().HasForeignKey(m => m.BranchId).OnDelete(DeleteBehavior.Restrict);
            e.Property(m => m.IdNumber).HasConversion(SealedText("id-number"));
            e.Property(m => m.Phone).HasConversion(SealedText("phone"));
            e.Property(m => m.Residence).HasConversion(SealedText("residence"));
            e.Property<byte[]>("IdNumberIndex");
            e.Property<byte[]?>("PhoneIndex");
            Named(e);
            e.Property<DateOnly>("HeldSince"); // The day from which the branch holds the relationship.
        });
        modelBuilder.Entity<OutboundCard>(e =>
        {
            Card(e.ToTable("outbound_card"), c => c.Facts, c => c.PeerFacts, c => c.LostContact);
            e.Property(c => c.ContactPerson).HasConversion(SealedText("contact"));
            e.Property(c => c.HostContact).HasConversion(SealedText("contact"));
            e.Property(c => c.LastFeedback).HasConversion(SealedText("feedback")!);
        });
        modelBuilder.Entity<InboundCard>(e =>
        {
            Card(e.ToTable("inbound_card"), c => c.Facts, c => c.PeerFacts, c => c.LostContact);
            e.Property(c => c.HomeContact).HasConversion(SealedText("contact"));
            e.Property(c => c.HostContact).HasConversion(SealedText("contact"));
        });
        modelBuilder.Entity<CaseMirror>(e =>
        {
            Versioned(e.ToTable("case_mirror"));
            e.Property(m => m.Home).HasColumnType("jsonb").HasConversion(Json<SideReport>());
            e.Property(m => m.Host).HasColumnType("jsonb").HasConversion(Json<SideReport>());
            e.Property<Agreement>("AgreementNow").HasColumnName("agreement");
            e.Property<string>("DifferencesNow").HasColumnName("differences");
            e.Property<Side?>("MissingNow").HasColumnName("missing_side");
        });
        modelBuilder.Entity<ReconciliationRow>().ToView("reconciliation");
        RosterModel.Add(modelBuilder);
        PeopleModel.Add(modelBuilder, this);
        FigureTables.Add(modelBuilder);
        OrganisationTables.Map(modelBuilder);
        SearchTables.Map(modelBuilder);
    }

    private void Card<T>(EntityTypeBuilder<T> e, System.Linq.Expressions.Expression<Func<T, CaseFacts>> facts,
        System.Linq.Expressions.Expression<Func<T, CaseFacts?>> peer,
        System.Linq.Expressions.Expression<Func<T, LostContactFinding?>> lost) where T : class
    {
        Versioned(e);
        e.Property(facts).HasConversion(Sealed<CaseFacts>("case-facts"));
        e.Property(peer).HasConversion(Sealed<CaseFacts>("case-facts"));
        e.Property(lost).HasConversion(Sealed<LostContactFinding>("lost-contact"));
        e.Property<string>("Name");
        Named(e);
        e.Property<byte[]>("IdNumberIndex");
        e.Property<string>("CertificateNumber");
        e.Property<string>("Occupation");
        e.Property<string>("Sector");
        e.Property<Agreement>("AgreementNow").HasColumnName("agreement");
        e.Property<string>("DifferencesNow").HasColumnName("differences");
        e.Property<string>("NextStep");
        e.Property<Side?>("NextBy");
    }

    // What names are found by: characters, sound, first letters, other readings.
    private static void Named<T>(EntityTypeBuilder<T> e) where T : class
    {
        foreach (var key in new[] { "NameKey", "NamePinyin", "NameInitials", "NameReadings" }) e.Property<string>(key);
    }

    internal static void Versioned<T>(EntityTypeBuilder<T> e) where T : class =>
        e.Property<uint>("xmin").IsRowVersion();

    internal ValueConverter<string, byte[]> SealedText(string purpose) => new(
        text => Cipher.EncryptText(text, purpose)!, bytes => Cipher.DecryptText(bytes, purpose)!);

    internal ValueConverter Sealed<T>(string purpose) where T : class => new ValueConverter<T, byte[]>(
        value => Cipher.Encrypt(JsonSerializer.SerializeToUtf8Bytes(value, JsonSerializerOptions.Web), purpose),
        bytes => JsonSerializer.Deserialize<T>(Cipher.Decrypt(bytes, purpose), JsonSerializerOptions.Web)!);

    internal static ValueConverter Json<T>() where T : class => new ValueConverter<T, string>(
        value => JsonSerializer.Serialize(value, JsonSerializerOptions.Web),
        text => JsonSerializer.Deserialize<T>(text, JsonSerializerOptions.Web)!);
}

/// <summary>One line of the reconciliation list: one side's card. The view adds nothing to the cards.</summary>
public sealed class ReconciliationRow
{
    public Guid Id { get; init; }
    public Guid CaseId { get; init; }
    public int Leg { get; init; }
    public Side Side { get; init; }
    public string OwnPath { get; init; } = "";
    public string HomeRegion { get; init; } = "";
    public string HostRegion { get; init; } = "";
    public string Name { get; init; } = "";
    public string Status { get; init; } = "";
    public Agreement Agreement { get; init; }

    /// <summary>Fields that differ, comma separated, in list order.</summary>
    public string Differences { get; init; } = "";
    public string NextStep { get; init; } = "";
    public Side? NextBy { get; init; }
    public DateTimeOffset Since { get; init; }

    /// <summary>Departure (home) or arrival (host).</summary>
    public DateOnly BeganOn { get; init; }
}
