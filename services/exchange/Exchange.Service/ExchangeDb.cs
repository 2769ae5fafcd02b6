using Microsoft.EntityFrameworkCore;
using Platform.Hosting;

namespace Exchange.Service;

/// <summary>The desk and the trail. Ledgers and streams are written in batches, without it.</summary>
public sealed class ExchangeDb(DbContextOptions<ExchangeDb> options, DbContextServices services)
    : PlatformDb(options, services)
{
    public DbSet<DeskItem> Desk => Set<DeskItem>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        base.OnModelCreating(modelBuilder);
        modelBuilder.Entity<DeskItem>(d =>
        {
            d.ToTable("desk_item");
            d.Property(x => x.Status).HasConversion(
                s => s == DeskStatus.Open ? "open" : s == DeskStatus.Retried ? "retried" : "dismissed",
                t => t == "open" ? DeskStatus.Open : t == "retried" ? DeskStatus.Retried : DeskStatus.Dismissed);
            d.Property<uint>("xmin").IsRowVersion();
        });
    }
}
