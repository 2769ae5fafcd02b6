using System.Collections.Frozen;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;

namespace Platform.Hosting;

/// <summary>
/// Where the columns of one row go that follow from the rest of it and that its state does not have: look-up keys, what
/// lists sort by.
/// </summary>
public readonly struct DerivedColumns
{
    private readonly EntityEntry? _entry;
    private readonly FrozenDictionary<string, int>? _places;
    private readonly object?[]? _values;

    /// <summary>Of a row that a unit of work remembers.</summary>
    internal DerivedColumns(EntityEntry entry) => _entry = entry;

    /// <summary>Of a new row that nothing remembers.</summary>
    internal DerivedColumns(FrozenDictionary<string, int> places, object?[] values) =>
        (_places, _values) = (places, values);

    /// <summary>Sets one, by the name it has in the model.</summary>
    public object? this[string name]
    {
        set
        {
            if (_entry is not null) _entry.Property(name).CurrentValue = value;
            else _values![_places![name]] = value;
        }
    }

    /// <summary>The row is there already and changes.</summary>
    public bool IsChange => _entry?.State == EntityState.Modified;

    /// <summary>The column changes with it.</summary>
    public bool Changes(string name) => _entry is not null && _entry.Property(name).IsModified;
}
