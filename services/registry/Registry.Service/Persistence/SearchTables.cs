using System.Collections.Immutable;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Registry.Search;

namespace Registry.Service.Persistence;

/// <summary>One unusual reading of the name of a member or card; kept by triggers, only read here.</summary>
public sealed class NameReading
{
    public required string Pinyin { get; init; }
    public required string Path { get; init; }

    /// <summary>Table of the row whose name it is.</summary>
    public required string Kind { get; init; }
    public required Guid Id { get; init; }
}

/// <summary>One ending of the name of a standing organisation; kept by triggers, only read here.</summary>
public sealed class OrganisationWord
{
    /// <summary>Longest ending that is kept, characters.</summary>
    public const int LengthMax = 12;

    public required string Word { get; init; }
    public required string Path { get; init; }
    public required Guid Id { get; init; }
}

/// <summary>Tables of search.</summary>
internal static class SearchTables
{
    public static void Map(ModelBuilder model)
    {
        model.Entity<NameReading>(e => e.ToTable("name_reading").HasKey(r => new { r.Pinyin, r.Path, r.Id }));
        model.Entity<OrganisationWord>(e => e.ToTable("organisation_word").HasKey(w => new { w.Word, w.Path, w.Id }));
        model.Entity<SavedFilter>(e =>
        {
            RegistryDb.Versioned(e.ToTable("saved_filter"));
            e.Ignore(f => f.Address);
            e.Property(f => f.Parameters).HasColumnType("jsonb").HasConversion(
                RegistryDb.Json<IReadOnlyDictionary<string, ImmutableArray<string>>>(),
                new ValueComparer<IReadOnlyDictionary<string, ImmutableArray<string>>>(
                    (a, b) => ReferenceEquals(a, b), p => p.Count));
        });
    }
}
