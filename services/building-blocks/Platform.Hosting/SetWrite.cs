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
    private const string Trail = "audit";

    /// <summary>Encrypts and orders the entries, kinds in the order in which they were first added.</summary>
    internal SetWrite(IEnumerable<EntityEntry> added) =>
        Tables = [.. added.GroupBy(e => e.Metadata).Select(kind => Rows(kind.Key, [.. kind]))];

    /// <summary>What goes into one table.</summary>
    /// <param name="Columns">Names and PostgreSQL types.</param>
    /// <param name="Values">An array per column, as long as there are rows; encrypted where the column is.</param>
    public sealed record TableRows(string Table, IReadOnlyList<(string Name, string Type)> Columns,
        IReadOnlyList<Array> Values)
    {
        /// <summary>One column's values.</summary>
        internal Array ValuesOf(string column) => Values[Columns.Index().Single(c => c.Item.Name == column).Index];
    }

    /// <summary>Everything that is to be written, in order.</summary>
    public IReadOnlyList<TableRows> Tables { get; }

    /// <summary>
    /// Inserts everything in the transaction that is open on the context; rows of a single table need none.
    /// </summary>
    public Task InsertAsync(DbContext db, CancellationToken ct) => InsertAsync(db, Tables, ct);

    /// <summary>Inserts everything but the trail in the transaction that is open on the context.</summary>
    public Task InsertUnsealedAsync(DbContext db, CancellationToken ct) =>
        InsertAsync(db, [.. Tables.Where(t => t.Table != Trail)], ct);

    /// <summary>
    /// Inserts the trail, sealed at once. The transaction must be committed next: nobody else's trail is sealed before.
    /// </summary>
    public async Task InsertSealedAsync(DbContext db, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(db);
        var trail = Tables.Where(t => t.Table == Trail).ToList();
        foreach (var rows in trail)
            await AuditChain.SealAsync((NpgsqlConnection)db.Database.GetDbConnection(), rows, ct);
        await InsertAsync(db, trail, ct);
    }

    private static async Task InsertAsync(DbContext db, IReadOnlyList<TableRows> tables, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(db);
        var transaction = (NpgsqlTransaction?)db.Database.CurrentTransaction?.GetDbTransaction();
        if (transaction is null && tables.Count > 1)
            throw new InvalidOperationException("A load is written inside a transaction.");
        await db.Database.OpenConnectionAsync(ct);
        try
        {
            foreach (var rows in tables)
            {
                await using var command = Command(rows);
                (command.Connection, command.Transaction) =
                    ((NpgsqlConnection)db.Database.GetDbConnection(), transaction);
                await command.ExecuteNonQueryAsync(ct);
            }
        }
        finally
        {
            await db.Database.CloseConnectionAsync();
        }
    }

    private static NpgsqlCommand Command(TableRows rows)
    {
        var (names, casts, arrays) = (new StringBuilder(), new StringBuilder(), new StringBuilder());
        var command = new NpgsqlCommand();
        for (var i = 0; i < rows.Columns.Count; i++)
        {
            var comma = i == 0 ? "" : ", ";
            names.Append(CultureInfo.InvariantCulture, $"{comma}\"{rows.Columns[i].Name}\"");
            casts.Append(CultureInfo.InvariantCulture, $"{comma}c{i}::{rows.Columns[i].Type}");
            arrays.Append(CultureInfo.InvariantCulture, $"{comma}${i + 1}");
            command.Parameters.Add(new NpgsqlParameter { Value = rows.Values[i] });
        }
        var aliases = string.Join(", ", rows.Columns.Select((_, i) => $"c{i}"));
        command.CommandText = $"""
            insert into "{rows.Table}" ({names}) select {casts} from unnest({arrays}) as s({aliases})
            """;
        return command;
    }

    private static TableRows Rows(IEntityType kind, EntityEntry[] entries)
    {
        var table = StoreObjectIdentifier.Table(kind.GetTableName()!, kind.GetSchema());
        // The database makes up what it counts itself (outbox order, row versions).
        var columns = kind.GetProperties().Where(p => p.ValueGenerated != ValueGenerated.OnAddOrUpdate
            && !(p.ValueGenerated == ValueGenerated.OnAdd && IsOpen(entries[0].Property(p.Name)))).ToArray();
        return new(table.Name, [.. columns.Select(c => (c.GetColumnName(table)!, c.GetColumnType()))],
            Values(columns, entries));
    }

    private static bool IsOpen(PropertyEntry value) =>
        value.IsTemporary || Equals(value.CurrentValue, value.Metadata.Sentinel);

    private static Array[] Values(IProperty[] columns, EntityEntry[] entries)
    {
        var converters = columns.Select(c => c.GetRelationalTypeMapping().Converter).ToArray();
        var arrays = columns.Select((c, i) => Array.CreateInstance(ElementOf(c, converters[i]), entries.Length))
            .ToArray();
        var getters = columns.Select(c => c.IsShadowProperty() ? null : c.GetGetter()).ToArray();
        // Converters encrypt: the larger part of the work, and each row's is its own.
        Parallel.For(0, entries.Length, row =>
        {
            var entry = entries[row];
            for (var i = 0; i < columns.Length; i++)
            {
                var value = getters[i] is { } getter ? getter.GetClrValue(entry.Entity)
                    : entry.CurrentValues[columns[i]];
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
