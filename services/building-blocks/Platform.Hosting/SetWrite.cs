using System.Globalization;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;
using Npgsql;

namespace Platform.Hosting;

/// <summary>
/// Writes what a load has added with one statement per table instead of one per row; everything else about the write
/// path stays: the same decisions, audit rows, messages and columns, in the transaction the caller has open.
/// </summary>
/// <remarks>
/// COPY would be faster still, but PostgreSQL refuses it on tables with row-level security, and a load must stay
/// behind that wall like everybody else (P4).
/// </remarks>
public sealed class SetWrite
{
    private readonly List<NpgsqlCommand> commands;

    /// <summary>Encrypts and orders the entries, kinds in the order in which they were first added.</summary>
    internal SetWrite(IEnumerable<EntityEntry> added) =>
        commands = [.. added.GroupBy(e => e.Metadata).Select(kind => Command(kind.Key, [.. kind]))];

    /// <summary>Inserts everything in the transaction that is open on the context.</summary>
    public async Task InsertAsync(DbContext db, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(db);
        var transaction = (NpgsqlTransaction?)db.Database.CurrentTransaction?.GetDbTransaction()
            ?? throw new InvalidOperationException("A load is written inside a transaction.");
        foreach (var command in commands)
        {
            (command.Connection, command.Transaction) = (transaction.Connection, transaction);
            await command.ExecuteNonQueryAsync(ct);
        }
    }

    private static NpgsqlCommand Command(IEntityType kind, EntityEntry[] entries)
    {
        var table = StoreObjectIdentifier.Table(kind.GetTableName()!, kind.GetSchema());
        // The database makes up what it counts itself (outbox order, row versions).
        var columns = kind.GetProperties().Where(p => p.ValueGenerated != ValueGenerated.OnAddOrUpdate
            && !entries[0].Property(p.Name).IsTemporary).ToArray();
        var (names, casts, arrays) = (new StringBuilder(), new StringBuilder(), new StringBuilder());
        var command = new NpgsqlCommand();
        for (var i = 0; i < columns.Length; i++)
        {
            var comma = i == 0 ? "" : ", ";
            names.Append(CultureInfo.InvariantCulture, $"{comma}\"{columns[i].GetColumnName(table)}\"");
            casts.Append(CultureInfo.InvariantCulture, $"{comma}c{i}::{columns[i].GetColumnType()}");
            arrays.Append(CultureInfo.InvariantCulture, $"{comma}${i + 1}");
        }
        foreach (var values in Values(columns, entries)) command.Parameters.Add(new NpgsqlParameter { Value = values });
        var aliases = string.Join(", ", columns.Select((_, i) => $"c{i}"));
        command.CommandText = $"""
            insert into "{table.Name}" ({names}) select {casts} from unnest({arrays}) as s({aliases})
            """;
        return command;
    }

    private static Array[] Values(IProperty[] columns, EntityEntry[] entries)
    {
        var converters = columns.Select(c => c.GetRelationalTypeMapping().Converter).ToArray();
        var arrays = columns.Select((c, i) => Array.CreateInstance(ElementOf(c, converters[i]), entries.Length))
            .ToArray();
        // Converters encrypt: the larger part of the work, and each row's is its own.
        Parallel.For(0, entries.Length, row =>
        {
            var values = entries[row].CurrentValues;
            for (var i = 0; i < columns.Length; i++)
            {
                var value = values[columns[i]];
                if (value is not null && converters[i] is { } converter) value = converter.ConvertToProvider(value);
                arrays[i].SetValue(value, row);
            }
        });
        return arrays;
    }

    private static Type ElementOf(IProperty column, ValueConverter? converter)
    {
        var type = converter?.ProviderClrType ?? column.ClrType;
        return column.IsNullable && type.IsValueType && Nullable.GetUnderlyingType(type) is null
            ? typeof(Nullable<>).MakeGenericType(type) : type;
    }
}
