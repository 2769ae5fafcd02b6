using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using OpenIddict.EntityFrameworkCore.Models;
using Platform.Hosting;

namespace Identity.Service.Persistence;

/// <summary>
/// The database of identity (身份). Accounts, grants and delegations are behind row-level security like every other
/// organisation's data; credentials, sessions and OpenIddict's rows are seen by the service itself only.
/// </summary>
public sealed class IdentityDb(DbContextOptions<IdentityDb> options, DbContextServices services)
    : PlatformDb(options, services)
{
    public DbSet<Account> Accounts => Set<Account>();
    public DbSet<Grant> Grants => Set<Grant>();
    public DbSet<Delegation> Delegations => Set<Delegation>();
    public DbSet<Credential> Credentials => Set<Credential>();
    public DbSet<Session> Sessions => Set<Session>();

    /// <summary>Keyed hash of a certificate number, spaces aside, upper case.</summary>
    public byte[] CertificateIndex(string number) =>
        Cipher.BlindIndex(string.Concat(number.Where(c => !char.IsWhiteSpace(c))).ToUpperInvariant(), "certificate");

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) =>
        configurationBuilder.Properties<AccountStatus>().HaveConversion<string>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        base.OnModelCreating(modelBuilder);
        Versioned(modelBuilder.Entity<Account>().ToTable("account"));
        Versioned(modelBuilder.Entity<Grant>().ToTable("role_grant"));
        Versioned(modelBuilder.Entity<Delegation>().ToTable("delegation"));
        modelBuilder.Entity<Session>().ToTable("session").Property<byte[]>("TokenHash");
        modelBuilder.Entity<Credential>(e =>
        {
            e.ToTable("credential");
            e.Property(c => c.ConcurrencyStamp).IsConcurrencyToken();
            e.Ignore(c => c.Email).Ignore(c => c.NormalizedEmail).Ignore(c => c.EmailConfirmed);
            e.Ignore(c => c.PhoneNumber).Ignore(c => c.PhoneNumberConfirmed).Ignore(c => c.TwoFactorEnabled);
            e.Ignore(c => c.LockoutEnabled).Ignore(c => c.LockoutEnd).Ignore(c => c.AccessFailedCount);
        });
        modelBuilder.Entity<IdentityUserPasskey<Guid>>(e =>
        {
            e.ToTable("passkey").HasKey(p => p.CredentialId);
            e.OwnsOne(p => p.Data).ToJson("data");
        });
        modelBuilder.UseOpenIddict<Guid>();
        modelBuilder.Entity<OpenIddictEntityFrameworkCoreApplication<Guid>>().ToTable("openiddict_application");
        modelBuilder.Entity<OpenIddictEntityFrameworkCoreAuthorization<Guid>>().ToTable("openiddict_authorization");
        modelBuilder.Entity<OpenIddictEntityFrameworkCoreScope<Guid>>().ToTable("openiddict_scope");
        modelBuilder.Entity<OpenIddictEntityFrameworkCoreToken<Guid>>().ToTable("openiddict_token");
    }

    private static void Versioned<T>(EntityTypeBuilder<T> e) where T : class =>
        e.Property<uint>("xmin").IsRowVersion();
}

/// <summary>
/// What the holder of an account knows and carries; ASP.NET Core Identity's user. The same id as the account.
/// </summary>
public sealed class Credential : IdentityUser<Guid>
{
    /// <summary>Shared secret of the code generator, encrypted; null when none is enrolled.</summary>
    public byte[]? TotpSecret { get; set; }

    /// <summary>Last period whose code was used; a code is good once.</summary>
    public long TotpStep { get; set; }

    /// <summary>The password was given by somebody else.</summary>
    public bool MustChangePassword { get; set; }

    /// <summary>Keyed hashes of recovery codes that were not used.</summary>
    public List<byte[]> RecoveryHashes { get; set; } = [];
}

/// <summary>One sign-in until it ends; the cookie and the tokens name it.</summary>
public sealed class Session
{
    public Guid Id { get; init; }
    public Guid AccountId { get; init; }
    public DateTimeOffset StartedAt { get; init; }

    /// <summary>Last visit to the sign-in pages, within a minute.</summary>
    public DateTimeOffset SeenAt { get; set; }

    /// <summary>When a second factor (or a passkey, which is both) was last shown.</summary>
    public DateTimeOffset SecondFactorAt { get; set; }

    /// <summary>How (RFC 8176), separated by spaces: "pwd otp mfa", "hwk user mfa".</summary>
    public string Methods { get; set; } = "";

    /// <summary>Key of the chosen <see cref="Office"/>.</summary>
    public string Office { get; set; } = "";
    public DateTimeOffset? EndedAt { get; set; }
}
