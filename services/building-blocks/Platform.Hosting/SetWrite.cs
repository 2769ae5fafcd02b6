using System.Collections.Frozen;
using Microsoft.EntityFrameworkCore;
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

    /// <summary>Derives, encrypts and orders the rows, kinds in the order in which they were first added.</summary>
    /// <param name="model">Knows their tables.</param>
    /// <param name="added">New rows. Nothing remembers them: that costs more than deciding on them.</param>
    /// <param name="derive">For many rows at a time.</param>
    internal SetWrite(IModel model, IEnumerable<object> added, Action<object, DerivedColumns> derive) =>
        Tables = [.. added.GroupBy(row => row.GetType())
            .Select(kind => Rows(model.FindEntityType(kind.Key)!, [.. kind], derive))];

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
        // Arrays unnested among the columns are walked abreast; as a table they would be written down first.
        var values = new List<string>();
        var command = new NpgsqlCommand();
        foreach (var (i, column) in rows.Columns.Index())
        {
            // What is the same in every row is sent once; the first column always tells how many there are.
            var isOne = i > 0 && IsOneValue(rows.Values[i]);
            command.Parameters.Add(new()
            {
                Value = isOne ? rows.Values[i].GetValue(0) ?? DBNull.Value : rows.Values[i],
            });
            values.Add((isOne ? $"${i + 1}" : $"unnest(${i + 1})") + $"::{column.Type}");
        }
        var names = rows.Columns.Select(c => $"\"{c.Name}\"");
        command.CommandText =
            $"""insert into "{rows.Table}" ({string.Join(", ", names)}) select {string.Join(", ", values)}""";
        return command;
    }

    private static bool IsOneValue(Array values)
    {
        var first = values.GetValue(0);
        for (var i = 1; i < values.Length; i++)
            if (!Equals(values.GetValue(i), first)) return false;
        return true;
    }

    private static TableRows Rows(IEntityType kind, object[] rows, Action<object, DerivedColumns> derive)
    {
        var table = StoreObjectIdentifier.Table(kind.GetTableName()!, kind.GetSchema());
        var places = kind.GetProperties().Where(p => p.IsShadowProperty()).Index()
            .ToFrozenDictionary(p => p.Item.Name, p => p.Index);
        var derived = new object?[rows.Length][];
        Parallel.For(0, rows.Length, i => derive(rows[i], new(places, derived[i] = new object?[places.Count])));
        var readers = kind.GetProperties().Where(p => p.ValueGenerated != ValueGenerated.OnAddOrUpdate)
            .Select(p => (Column: p, Read: Reader(p, places, rows, derived)))
            // The database makes up what it counts itself (outbox order, row versions).
            .Where(r => r.Column.ValueGenerated != ValueGenerated.OnAdd
                || (r.Read(0) is { } value && !Equals(value, r.Column.Sentinel))).ToArray();
        return new(table.Name, [.. readers.Select(r => (r.Column.GetColumnName(table)!, r.Column.GetColumnType()))],
            Values(readers, rows.Length));
    }

    private static Func<int, object?> Reader(
        IProperty column, FrozenDictionary<string, int> places, object[] rows, object?[][] derived)
    {
        if (places.TryGetValue(column.Name, out var place)) return row => derived[row][place];
        var getter = column.GetGetter();
        return row => getter.GetClrValue(rows[row]);
    }

    private static Array[] Values((IProperty Column, Func<int, object?> Read)[] readers, int count)
    {
        var converters = readers.Select(r => r.Column.GetRelationalTypeMapping().Converter).ToArray();
        var arrays = readers.Select((r, i) => Array.CreateInstance(ElementOf(r.Column, converters[i]), count))
            .ToArray();
        // Converters encrypt: the larger part of the work, and each row's is its own.
        Parallel.For(0, count, row =>
        {
            for (var i = 0; i < readers.Length; i++)
            {
                var value = readers[i].Read(row);
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
