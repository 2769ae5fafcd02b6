using System.Collections.Concurrent;
using Npgsql;

namespace Bench.Data;

/// <summary>
/// Indexes of the large tables, away while rows pour in: made once at the end they cost a tenth. Primary keys stay,
/// rows arrive in their order; organisations keep theirs, the history looks them up by path.
/// </summary>
internal sealed class SecondaryIndexes
{
    private const string Find = """
        select i.indrelid::regclass::text, i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid), k.conname
        from pg_index i left join pg_constraint k on k.conindid = i.indexrelid and k.contype = 'u'
        where i.indrelid = any (array['member', 'outbound_card', 'inbound_card', 'case_mirror',
            'organisation_spell', 'membership_spell', 'figure_span', 'card_span', 'name_reading']::regclass[])
          and not i.indisprimary
        order by 1, 2
        """;

    private readonly string _superuser;
    private readonly List<Index> _dropped = [];

    private SecondaryIndexes(string superuser) => _superuser = superuser;

    private sealed record Index(string Table, string Name, string Definition, string? Constraint);

    public static async Task<SecondaryIndexes> DropAsync(string superuser)
    {
        var indexes = new SecondaryIndexes(superuser);
        await using var source = NpgsqlDataSource.Create(superuser);
        await using (var find = source.CreateCommand(Find))
        await using (var reader = await find.ExecuteReaderAsync())
            while (await reader.ReadAsync())
                indexes._dropped.Add(new(reader.GetString(0), reader.GetString(1), reader.GetString(2),
                    reader.IsDBNull(3) ? null : reader.GetString(3)));
        foreach (var i in indexes._dropped)
        {
            await using var drop = source.CreateCommand(i.Constraint is null ? $"drop index {i.Name}"
                : $"alter table {i.Table} drop constraint {i.Constraint}");
            await drop.ExecuteNonQueryAsync();
        }
        return indexes;
    }

    /// <summary>Makes them all again, the larger tables first.</summary>
    public async Task CreateAsync(int hands)
    {
        await using var source = NpgsqlDataSource.Create(_superuser);
        var left = new ConcurrentQueue<Index>(_dropped.OrderByDescending(i => i.Table is "member" or "figure_span"));
        await Task.WhenAll(Enumerable.Range(0, hands).Select(async _ =>
        {
            while (left.TryDequeue(out var i))
                await RunAsync(source, $"set maintenance_work_mem = '1GB'; {i.Definition}");
        }));
        foreach (var i in _dropped.Where(i => i.Constraint is not null))
            await RunAsync(source, $"alter table {i.Table} add constraint {i.Constraint} unique using index {i.Name}");
    }

    private static async Task RunAsync(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        command.CommandTimeout = 3600;
        await command.ExecuteNonQueryAsync();
    }
}
