using Microsoft.EntityFrameworkCore;

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

/// <summary>Tables of search.</summary>
internal static class SearchTables
{
    public static void Map(ModelBuilder model) =>
        model.Entity<NameReading>(e => e.ToTable("name_reading").HasKey(r => new { r.Pinyin, r.Path, r.Id }));
}
