using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Registry.Service.Capabilities;

/// <summary>
/// Conditions of a list, built once: the page reads with them in one round trip, an export streams with the same, so
/// that a file always holds what the list shows. Values are parameters, never text of the statement.
/// </summary>
internal sealed class ListFilter
{
    private readonly List<string> _conditions = [];
    private readonly List<object> _values = [];

    /// <summary>Adds a condition; <c>{0}</c>, <c>{1}</c> stand for its values.</summary>
    public ListFilter And(string condition, params object[] values)
    {
        var places = new string[values.Length];
        for (var i = 0; i < values.Length; i++)
        {
            places[i] = $"{{{_values.Count}}}";
            _values.Add(values[i]);
        }
        _conditions.Add(string.Format(CultureInfo.InvariantCulture, condition, places));
        return this;
    }

    /// <summary>
    /// Only paths of the caller's subtree. A range uses the index; a prefix function would not, behind row-level
    /// security.
    /// </summary>
    public ListFilter InScope(string column, string scope) =>
        And($"{column} >= {{0}} and {column} < {{1}}", scope, scope + "~");

    /// <summary>Rows after a position of the page before.</summary>
    public ListFilter After((DateTimeOffset At, Guid Id)? position) =>
        position is var (at, id) ? And("(since, id) > ({0}, {1})", at, id) : this;

    /// <summary>Rows after a position of the page before, branch by branch.</summary>
    public ListFilter After(string column, (string Path, Guid Id)? position) =>
        position is var (path, id) ? And($"({column}, id) > ({{0}}, {{1}})", path, id) : this;

    /// <summary>One row more than the page shows, oldest first where nothing else is said.</summary>
    public NpgsqlBatchCommand Page(string select, int take, string order = "since, id")
    {
        object[] values = [.. _values, take + 1];
        var places = Enumerable.Range(1, values.Length).Select(n => (object)$"${n}").ToArray();
        var sql = $"{Where(select)} order by {order} limit {{{_values.Count}}}";
        var command = new NpgsqlBatchCommand(string.Format(CultureInfo.InvariantCulture, sql, places));
        foreach (var value in values) command.Parameters.Add(new() { Value = value });
        return command;
    }

    /// <summary>The same rows as a query of the model.</summary>
    public IQueryable<T> Rows<T>(DbSet<T> view, string select) where T : class
    {
        var sql = Where(select);
        return view.FromSqlRaw(sql, [.. _values]).AsNoTracking();
    }

    private string Where(string select) => $"{select} where {string.Join(" and ", _conditions)}";
}
