using Npgsql;
using NpgsqlTypes;

namespace Platform.Hosting;

/// <summary>
/// Lines of the trail written by the very statement that reads, so that nobody sees a person without one.
/// Source: P5, R-171.
/// </summary>
public static class ReadTrail
{
    /// <summary>
    /// Head of the insert; a select of the line's id, <see cref="Values"/>, kind, subject, path and action follows.
    /// </summary>
    public const string Insert = """
        insert into audit (id, at, actor, actor_name, actor_org, on_behalf_of, trace_id,
                           subject_kind, subject_id, subject_path, action)
        """;

    /// <summary>The places of what <see cref="Add"/> appends after <paramref name="before"/> parameters.</summary>
    public static string Values(int before) => string.Join(", ", Enumerable.Range(before + 1, 6).Select(n => $"${n}"));

    /// <summary>
    /// What all lines of one call share: when, account, name, organisation, on whose behalf, trace id.
    /// </summary>
    public static void Add(NpgsqlParameterCollection parameters, Caller caller, DateTimeOffset now, string traceId)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentNullException.ThrowIfNull(caller);
        parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = now.UtcDateTime });
        parameters.Add(new NpgsqlParameter<Guid> { TypedValue = caller.Subject });
        parameters.Add(new NpgsqlParameter<string> { TypedValue = caller.Name });
        parameters.Add(new NpgsqlParameter<string> { TypedValue = caller.Org });
        parameters.Add(new NpgsqlParameter
        {
            Value = (object?)caller.OnBehalfOf ?? DBNull.Value,
            NpgsqlDbType = NpgsqlDbType.Text,
        });
        parameters.Add(new NpgsqlParameter<string> { TypedValue = traceId });
    }

    /// <summary>
    /// A page that notes whom it shows: every row up to <paramref name="take"/>, not the one that only says that there
    /// is more.
    /// </summary>
    /// <param name="page">One statement in <paramref name="order"/>; its rows have an id.</param>
    /// <param name="take">Rows shown at most.</param>
    /// <param name="columns">What the answer reads of a row.</param>
    /// <param name="order">Columns.</param>
    /// <param name="kind">Expression for the kind of subject.</param>
    /// <param name="path">Column with the subject's path.</param>
    /// <param name="caller">Who looks.</param>
    /// <param name="now">When.</param>
    /// <param name="traceId">Of the call.</param>
    public static NpgsqlBatchCommand Noted(NpgsqlBatchCommand page, int take, string columns, string order, string kind,
        string path, Caller caller, DateTimeOffset now, string traceId)
    {
        ArgumentNullException.ThrowIfNull(page);
        var before = page.Parameters.Count;
        var noted = new NpgsqlBatchCommand($"""
            with page as ({page.CommandText}),
            noted as (
                {Insert}
                select (${before + 1}::uuid[])[n], {Values(before + 1)}, {kind}, id, {path}, 'ListShown'
                from (select *, row_number() over (order by {order}) as n from page) as numbered where n <= {take})
            select {columns} from page order by {order}
            """);
        foreach (NpgsqlParameter parameter in page.Parameters) noted.Parameters.Add(parameter.Clone());
        var ids = Enumerable.Range(0, take).Select(_ => Guid.CreateVersion7(now)).ToArray();
        noted.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = ids });
        Add(noted.Parameters, caller, now, traceId);
        return noted;
    }
}
