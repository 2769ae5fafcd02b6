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
}
