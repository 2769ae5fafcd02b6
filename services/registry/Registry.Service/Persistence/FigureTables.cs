using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;
using Registry.Figures;

namespace Registry.Service.Persistence;

/// <summary>Tables of the figures; the spans themselves are read by the function figure_rows only.</summary>
internal static class FigureTables
{
    public static void Add(ModelBuilder modelBuilder) => modelBuilder.Entity<Closing>(e =>
    {
        e.ToTable("closing");
        e.Property(c => c.Tier).HasColumnType("smallint");
        // Written once and never changed.
        e.Property(c => c.Figures).HasColumnType("jsonb").HasConversion(
            new ValueConverter<IReadOnlyDictionary<string, long>, string>(
                v => JsonSerializer.Serialize(v, JsonSerializerOptions.Web),
                v => JsonSerializer.Deserialize<Dictionary<string, long>>(v, JsonSerializerOptions.Web)!),
            new ValueComparer<IReadOnlyDictionary<string, long>>((a, b) => ReferenceEquals(a, b), d => d.Count));
    });
}

/// <summary>One row behind a number: what <c>figure_rows</c> gives.</summary>
internal sealed record FigureRow(long Id, string Side, Guid SubjectId, Guid? PersonId, string Path, string Region,
    string OtherRegion, string Measure, string Destination, string Occupation, string Sector, string Education,
    string Reason, string Duration, DateOnly BeganOn);
